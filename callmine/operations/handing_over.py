"""Hand over a report, once, and write down what became of it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Literal

from callmine.reports.deliver.base import Courier, NobodyKnows, NotDelivered
from callmine.store import Store
from callmine.store.deliveries import Delivery, Parcel

WAITS_S = (2.0, 10.0)
"""Pauses between the tries of one run; after the last one it is left to the next run."""

State = Literal["sent", "waiting", "before", "unknown", "failed", "nothing"]


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of one report for one recipient.

    Attributes:
        to: The recipient's name, or else address.
        subject: What it is about; where it could not be made, as it was asked for.
        state: ``sent`` now, ``before`` this, ``failed``, ``unknown`` whether it arrived, ``nothing`` to
            tell, or, in a dry run, ``waiting`` to be sent.
        note: Why, for a person.
        hint: What to do next.
        size: Bytes of the e-mail; 0 where none was made.
    """

    report: str
    subject: str
    to: str
    channel: str
    address: str
    segment: str
    redacted: bool
    state: State
    note: str = ""
    hint: str = ""
    size: int = 0


def exit_code(sent: Collection[Sent]) -> int:
    """Return 7 where something did not arrive, or nobody knows whether it did, else 0."""
    return 7 if any(one.state in ("failed", "unknown") for one in sent) else 0


def standing_of(before: Delivery | None) -> tuple[State, str, str]:
    """Return how a parcel stands by the try that says so, with why and what to do next."""
    if before is None or before.state == "failed":
        return "waiting", f"failed before: {before.reason}" if before else "", ""
    if before.state == "sent":
        return "before", f"sent {before.ended_at}", "--again sends it again."
    why = before.reason or "callmine was stopped in the middle of it"
    return (
        "unknown",
        f"may have arrived ({before.begun_at}): {why}",
        "Look whether it did; --again sends it again.",
    )


def handed_over(
    store: Store,
    parcel: Parcel,
    courier: Courier,
    message_id: str,
    planned: Sent,
    sleep: Callable[[float], None],
) -> Sent:
    """Hand a parcel over, with pauses and tries where that may help, and write down what became of it."""
    for wait in (*WAITS_S, None):
        row: list[int] = []

        def begin(rows: list[int] = row) -> None:
            rows.append(store.begin_delivery(parcel, message_id=message_id, redacted=planned.redacted))

        try:
            courier.deliver(begin=begin)
        except NotDelivered as error:
            if not row:
                begin()
            store.end_delivery(row[0], state="failed", reason=error.message)
            if error.passing and wait is not None:
                sleep(max(error.wait_s, wait))
                continue
            return replace(planned, state="failed", note=error.message, hint=error.hint)
        except NobodyKnows as error:
            store.end_delivery(row[0], state="begun", reason=error.message)
            return replace(planned, state="unknown", note=error.message, hint=error.hint)
        break
    store.end_delivery(row[0], state="sent")
    return replace(planned, state="sent", note="", hint="")
