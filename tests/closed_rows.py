"""Rows for tests of the report on won and lost deals: valid by default, name what the test is about."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from callmine.domain import Deal, Kind, Outcome, Role, digest_of
from callmine.reports.closed import Closed, Heard, closed_deals, heard_in
from callmine.reports.digest_values import DigestSettings
from callmine.store.rows import HeardRow, TalkRow
from tests.builders import a_deal

SINCE, UNTIL = date(2026, 1, 1), date(2026, 12, 31)


def a_talk(call_id: str = "c-1", deal_id: str | None = "D-1", **changes: Any) -> TalkRow:
    """A sales call in English in September, with two hundred words of a known prospect."""
    values = {
        "call_id": call_id,
        "deal_id": deal_id,
        "started_at": "2026-09-29T08:00:00Z",
        "type": "sales",
        "role_doubt": None,
        "language": "en",
        "rep": "Maya Linden",
        "rep_email": "maya@larkmoor.example",
        "stage": "Discovery",
        "words": 500,
        "prospect_words": 200,
        "unknown_words": 0,
        "skipped": False,
    }
    return TalkRow(**{**values, **changes})


def a_heard(call_id: str = "c-1", label: str = "price", **changes: Any) -> HeardRow:
    """A sure objection by a known prospect."""
    values = {
        "call_id": call_id,
        "utterance_index": 1,
        "kind": Kind.OBJECTION,
        "label": label,
        "text": "the price is too high",
        "score": 0.9,
        "role": Role.PROSPECT,
        "role_confidence": 0.97,
        "verdict": None,
        "second_verdict": None,
        "detail": {},
        **changes,
    }
    told = (values[name] for name in ("call_id", "utterance_index", "kind", "label", "text"))
    return HeardRow(**{"finding_id": digest_of(*told), **values})


def an_answer(to: HeardRow, kind: str = "evidence", **changes: Any) -> HeardRow:
    """A rep's answer to an objection, in the same call."""
    detail = {"type": kind, "answers": [to.finding_id]}
    values = {"label": kind, "kind": Kind.ANSWER, "role": Role.REP, "detail": detail}
    return a_heard(to.call_id, **{**values, "utterance_index": 2, "text": "here is how", **changes})


def lost(deal_id: str, **changes: Any) -> Deal:
    """A lost deal."""
    return a_deal(deal_id, **{"outcome": Outcome.LOST_COMPETITOR, "stage": "Closed Lost", **changes})


def gathered(deals: Sequence[Deal], talks: Iterable[TalkRow], **changes: Any) -> Closed:
    """The closed deals of 2026, as Berlin counts days; calls in the store's order."""
    ordered = sorted(talks, key=lambda t: (t.deal_id or "", t.started_at is None, t.started_at or ""))
    return closed_deals(
        deals, ordered, **{"since": SINCE, "until": UNTIL, "timezone": "Europe/Berlin", **changes}
    )


def one_call_each(wins: int, losses: int) -> Closed:
    """Deals ``D-001``, … with a call ``c-001``, … each; those that were won come first."""
    ids = [f"{n:03d}" for n in range(wins + losses)]
    deals = [a_deal(f"D-{n}") if at < wins else lost(f"D-{n}") for at, n in enumerate(ids)]
    return gathered(deals, [a_talk(f"c-{n}", f"D-{n}") for n in ids])


def said_in(closed: Closed, *rows: HeardRow, own_names: Sequence[str] = (), **settings: Any) -> Heard:
    """What of the rows counts."""
    return heard_in(closed, rows, DigestSettings(**settings), own_names=own_names)
