"""Import deals: the current state in ``deals``, every change in ``deal_history``."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlite_utils import Database

from callmine.domain import Deal
from callmine.store.database import upsert

_TRACKED = ("stage", "outcome", "amount", "close_date", "is_gone")


@dataclass(frozen=True, slots=True)
class DealChanges:
    """How many deals an import brought, changed, left alone, or no longer held."""

    new: int
    changed: int
    unchanged: int
    gone: int


def import_deals(db: Database, deals: Sequence[Deal], *, delta: bool, now: str) -> DealChanges:
    """Store deals and write history, inside the caller's transaction.

    Args:
        db: The database.
        deals: Deals with distinct ids.
        delta: Whether deals that are absent stay as they are; otherwise they are marked gone.
        now: The instant written into history.
    """
    known = {row["deal_id"]: row for row in db.query("SELECT * FROM deals")}
    new = changed = unchanged = 0
    for deal in deals:
        row = _row(deal)
        old = known.pop(deal.deal_id, None)
        if old == row:
            unchanged += 1
            continue
        if old is None:
            new += 1
        else:
            changed += 1
        upsert(db, "deals", row, "deal_id")
        if old is None or any(old[k] != row[k] for k in _TRACKED):
            _remember(db, row, now)
    gone = 0
    for row in known.values():
        if not delta and not row["is_gone"]:
            gone += 1
            row = {**row, "is_gone": 1}
            upsert(db, "deals", row, "deal_id")
            _remember(db, row, now)
    return DealChanges(new=new, changed=changed, unchanged=unchanged, gone=gone)


def _remember(db: Database, row: dict[str, Any], now: str) -> None:
    kept = {k: row[k] for k in _TRACKED}
    db.table("deal_history").insert({"deal_id": row["deal_id"], "imported_at": now, **kept})


def _row(deal: Deal) -> dict[str, Any]:
    emails = json.dumps(list(deal.contact_emails), ensure_ascii=False)
    outcome = deal.outcome.value
    return {**asdict(deal), "outcome": outcome, "contact_emails": emails, "is_gone": 0}
