"""Named read-only query: which calls are tied to which deal, by what, and why the others are not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlite_utils import Database

from callmine.domain import Unlinked


@dataclass(frozen=True, slots=True)
class LinkRow:
    """One call and its deal, or why it has none.

    Attributes:
        account: As the call's facts say it.
        deal_id: The deal in use; ``None`` where there is none.
        rule: Rule that made the link, ``person`` also where a person said that there is no deal.
        confidence: Probability of the link, 0..1; ``None`` without one.
        why: The link in words; ``None`` without one.
        is_gone: The deal is no longer among the deals of the last full import.
        reason: Why there is none; ``None`` where there is one, or where it was not looked for yet.
        about: The account, or else the domain, that the call gave to go by.
        unknown_id: The deal that the call names, if it is not among the deals.
        nearest: The likeliest deal of a call without one.
        probability: Of that deal, 0..1.
    """

    call_id: str
    source: str
    type: str
    started_at: str | None
    account: str | None
    deal_id: str | None
    rule: str | None
    confidence: float | None
    why: str | None
    is_gone: bool
    reason: Unlinked | None
    about: str | None
    unknown_id: str | None
    nearest: str | None
    probability: float | None


def gone_deals(db: Database) -> frozenset[str]:
    """Return the ids of the deals that the last full import did not hold."""
    return frozenset(row["deal_id"] for row in db.query("SELECT deal_id FROM deals WHERE is_gone = 1"))


def links(db: Database, call_id: str | None = None) -> Iterator[LinkRow]:
    """Yield calls with their links, by start time; ``call_id``: only this one."""
    sql = """
        SELECT c.call_id, c.source, c.type, c.started_at, c.account, l.deal_id, l.rule,
               CASE WHEN l.deal_id IS NOT NULL THEN l.confidence END AS confidence, l.why,
               coalesce(d.is_gone, 0) AS is_gone, t.reason, t.about, t.unknown_id, t.nearest, t.probability
        FROM calls c
        LEFT JOIN links l ON l.call_id = c.call_id
        LEFT JOIN deals d ON d.deal_id = l.deal_id
        LEFT JOIN link_tries t ON t.call_id = c.call_id
        WHERE :id IS NULL OR c.call_id = :id
        ORDER BY c.started_at IS NULL, c.started_at, c.source, c.call_id
    """
    for row in db.query(sql, {"id": call_id}):
        reason = Unlinked(row["reason"]) if row["reason"] and not row["rule"] else None
        if row["rule"] == "person" and row["deal_id"] is None:
            reason = Unlinked.PERSON
        yield LinkRow(**{**row, "is_gone": bool(row["is_gone"]), "reason": reason})
