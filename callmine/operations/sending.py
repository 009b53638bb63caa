"""Send reports: to whom, once each, and what became of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from filelock import FileLock, Timeout

from callmine.delivery_settings import Recipient
from callmine.errors import StoreError, UsageError
from callmine.operations.couriers import Couriers
from callmine.operations.drafts import page_url
from callmine.operations.recipients import recipients_of
from callmine.operations.redacting import redact_report
from callmine.operations.sendable import Ask, Sendable, sendable
from callmine.reports.deliver.base import Courier, NobodyKnows, NotDelivered
from callmine.reports.letter_values import Surroundings
from callmine.store import Store
from callmine.store.deliveries import Delivery, Parcel
from callmine.workspace import Workspace

WAITS_S = (2.0, 10.0)
"""Pauses between the tries of one run; after the last one it is left to the next run."""

Progress = Callable[[str], None]
State = Literal["sent", "waiting", "before", "unknown", "failed"]


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of one report for one recipient.

    Attributes:
        to: The recipient's name, or else address.
        state: ``sent`` now, ``before`` this, ``failed``, ``unknown`` whether it arrived, or, in a dry run,
            ``waiting`` to be sent.
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


def send_report(
    workspace: Workspace,
    kind: str,
    *,
    to: Sequence[str] = (),
    subject: str = "",
    again: bool = False,
    dry_run: bool = False,
    progress: Progress = lambda text: None,
    sleep: Callable[[float], None] = time.sleep,
) -> tuple[Sent, ...]:
    """Send a report to each recipient who did not get it yet.

    Args:
        workspace: Where.
        kind: Which report, one of :data:`callmine.operations.sendable.REPORTS`.
        to: Names or addresses; by default everybody in ``[delivery]`` whose ``reports`` names it.
        subject: Week, competitor, deal, ...; empty for the report's default.
        again: Also to who got it, or may have.
        dry_run: Only tell what would be done.
        progress: Is told what is missing from the report.
        sleep: Waits between tries.

    Raises:
        UsageError: There is no such report, subject or recipient, or nobody to send it to; or the default
            subject is not over (:class:`~callmine.operations.sendable.NotYet`).
        SettingsError: ``[delivery]`` lacks what these recipients need.
        ModelError: Quotes are to be redacted, and the language model for that cannot be had.
        StoreError: Another command is sending in this workspace.
    """
    chosen = recipients_of(workspace.settings.delivery, kind, to)
    if not chosen:
        raise UsageError(
            f"there is nobody to send the {kind} to",
            hint="Name somebody with --to, or add [[delivery.recipients]] to callmine.toml.",
        )
    office = _Office(workspace, kind, subject=subject, again=again, dry_run=dry_run, progress=progress)
    if dry_run:
        with Store(workspace.database, create=False) as store:
            return tuple(office.plan(store, one) for one in chosen)
    with _only_sender(workspace.root), Store(workspace.database, create=False) as store:
        return office.send(store, chosen, sleep)


def parcel_for(kind: str, subject: str, recipient: Recipient) -> Parcel:
    """Return what must not be sent twice."""
    return Parcel(
        kind=kind,
        subject=subject,
        segment=recipient.segment.strip().casefold(),
        channel="email" if recipient.email else "slack",
        address=recipient.email.casefold() or recipient.slack,
    )


@dataclass(slots=True)
class _Office:
    """Makes one report for many: each segment is built once, and each of these redacted once."""

    workspace: Workspace
    kind: str
    subject: str
    again: bool
    dry_run: bool
    progress: Progress
    _how: Sendable = field(init=False)
    _built: dict[str, Any] = field(init=False, default_factory=dict)
    _redacted: dict[str, Any] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._how = sendable(self.kind)

    def send(
        self, store: Store, chosen: Sequence[Recipient], sleep: Callable[[float], None]
    ) -> tuple[Sent, ...]:
        """Send to each who waits; whatever could stop that is looked for before the first one."""
        plans = [(recipient, self.plan(store, recipient)) for recipient in chosen]
        couriers = Couriers(self.workspace.settings.delivery)
        ready = []
        for recipient, planned in plans:
            if planned.state == "waiting":
                self._value(recipient)  # redacted, where that is wanted
                couriers.check(recipient)
        if any(self._page(recipient) for recipient, planned in plans if planned.state == "waiting"):
            self._write()
        for recipient, planned in plans:
            if planned.state != "waiting":
                ready.append(planned)
                continue
            parcel = parcel_for(self.kind, planned.subject, recipient)
            ready.append(self._hand_over(store, parcel, recipient, planned, couriers, sleep))
        return tuple(ready)

    def plan(self, store: Store, recipient: Recipient) -> Sent:
        """Say whether a recipient waits for the report."""
        report = self._report(recipient.segment)
        parcel = parcel_for(self.kind, self._how.subject(report), recipient)
        before = None if self.again else store.last_delivery(parcel)
        state, note, hint = _standing(before)
        size = 0
        if self.dry_run and state == "waiting":
            letter = self._how.letter(self._value(recipient), self._around(recipient))
            size = letter.size if recipient.email else 0
        return Sent(
            report=self.kind,
            subject=parcel.subject,
            to=recipient.called,
            channel=parcel.channel,
            address=recipient.address,
            segment=recipient.segment,
            redacted=recipient.redact and self._how.redactable,
            state=state,
            note=note,
            hint=hint,
            size=size,
        )

    def _report(self, segment: str) -> Any:
        if segment not in self._built:
            ask = Ask(subject=self.subject, segment=segment, progress=self.progress)
            self._built[segment] = self._how.build(self.workspace, ask)
        return self._built[segment]

    def _value(self, recipient: Recipient) -> Any:
        report = self._report(recipient.segment)
        if not (recipient.redact and self._how.redactable):
            return report
        if recipient.segment not in self._redacted:
            self._redacted[recipient.segment] = redact_report(
                report, self.workspace, progress=self.progress
            )
        return self._redacted[recipient.segment]

    def _around(self, recipient: Recipient) -> Surroundings:
        return Surroundings(
            page=self._page(recipient),
            unsubscribe=self.workspace.settings.delivery.unsubscribe,
            redacted=recipient.redact and self._how.redactable,
        )

    def _page(self, recipient: Recipient) -> str:
        """Return where the page is; it shows the whole company, so nobody of a segment is led there."""
        if recipient.segment or not self.workspace.settings.delivery.base_url:
            return ""
        return page_url(self.workspace, self._how.page(self._report("")))

    def _write(self) -> None:
        """Write the page that messages link to, so that it is there, and shows the same."""
        if self._how.write is not None:
            self._how.write(self.workspace, self._report(""))

    def _hand_over(
        self,
        store: Store,
        parcel: Parcel,
        recipient: Recipient,
        planned: Sent,
        couriers: Couriers,
        sleep: Callable[[float], None],
    ) -> Sent:
        value, around = self._value(recipient), self._around(recipient)
        number = store.times_sent(parcel)
        courier: Courier
        if recipient.email:
            courier, message_id = couriers.mail(recipient, self._how.letter(value, around), parcel, number)
        else:
            courier, message_id = couriers.slack(recipient, self._how.post(value, around)), ""
        return _handed_over(store, parcel, courier, message_id, planned, sleep)


def _standing(before: Delivery | None) -> tuple[State, str, str]:
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


def _handed_over(
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


@contextmanager
def _only_sender(folder: Path) -> Iterator[None]:
    """Let one command send at a time: what it finds begun then is not on its way, but was cut short."""
    lock = FileLock(folder / ".callmine-send.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise StoreError(
            f"another command is sending reports of {folder}", hint="Wait for it to end."
        ) from error
    except OSError as error:
        raise StoreError(f"{folder} cannot be written: {error}", hint="Check its permissions.") from error
    try:
        yield
    finally:
        lock.release()
