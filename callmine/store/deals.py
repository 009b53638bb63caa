"""Write deals: the current state in ``deals``, every change in ``deal_history``.

Every function runs inside the caller's transaction.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlite_utils import Database

from callmine.domain import Deal, EndWords, Outcome
from callmine.store.database import upsert

_TRACKED = ("stage", "outcome", "amount", "close_date", "is_gone")
_OWN = (*Deal.__dataclass_fields__, "is_gone")
"""Columns of a deal itself; the others are about how it was taken in."""


@dataclass(frozen=True, slots=True)
class DealChanges:
    """How many deals an import brought, changed, left alone, or no longer held.

    Attributes:
        older: Deals of which newer imports were known, so that only their history was added to.
    """

    new: int
    changed: int
    unchanged: int
    gone: int
    older: int = 0


@dataclass(frozen=True, slots=True)
class DealsSource:
    """Where deals come from: the file's name, the mapping as JSON, and the rivals known then."""

    file: str | None = None
    mapping: str = "{}"
    rivals: tuple[str, ...] = ()


NO_SOURCE = DealsSource()
"""Deals that come from no file."""


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """What the CRM recorded of a deal at a UTC instant; ``None`` is "not said", never "emptied"."""

    deal_id: str
    since: str
    stage: str | None
    outcome: Outcome | None
    amount: float | None
    close_date: str | None


def import_deals(
    db: Database,
    deals: Sequence[Deal],
    *,
    delta: bool,
    now: str,
    at: str | None = None,
    words: Mapping[str, EndWords] | None = None,
    source: DealsSource = NO_SOURCE,
) -> DealChanges:
    """Store deals and write history.

    Args:
        db: The database.
        deals: Deals with distinct ids.
        delta: Whether deals that are absent stay as they are; otherwise they are marked gone.
        now: The instant of the import.
        at: The instant that the deals are known for; ``None`` for ``now``. A deal of which a later
            import told keeps its current state, and only its history is completed.
        words: What else the CRM said of the deals, by id.
        source: What they were read from.
    """
    at = at or now
    import_id = _note_import(db, "delta" if delta else "full", now=now, at=at, source=source)
    # told_at: of a deal that is gone, when an import held it last.
    sql = "SELECT d.*, i.since AS told_at FROM deals d LEFT JOIN deal_imports i ON i.id = d.import_id"
    known = {row["deal_id"]: row for row in db.query(sql)}
    new = changed = unchanged = gone = older = 0
    for deal in deals:
        told = (words or {}).get(deal.deal_id, EndWords())
        row = {**_row(deal), **_extras(told), "known_at": at, "import_id": import_id}
        old = known.pop(deal.deal_id, None)
        if old is not None and (old["known_at"] or "") > at:
            older += 1
            if old["is_gone"] and old["told_at"] and old["told_at"] <= at:
                upsert(db, "deals", {**row, "is_gone": 1, "known_at": old["known_at"]}, "deal_id")
            _complete(db, row, at=at, now=now, until=old["known_at"])
            continue
        # New, but for an older day: what was imported in full for later ones did not hold it any more.
        later = None if old else _next_full(db, at)
        if later:
            upsert(db, "deals", {**row, "is_gone": 1, "known_at": _last_full(db)}, "deal_id")
        else:
            upsert(db, "deals", row, "deal_id")
        if old is None:
            new += 1
            _remember(db, row, since=at, now=now)
            if later:
                _remember(db, {**row, "is_gone": 1}, since=later, now=now)
        elif any(old[name] != row[name] for name in _OWN):
            changed += 1
            if any(old[name] != row[name] for name in _TRACKED):
                _remember(db, row, since=at, now=now)
        else:
            unchanged += 1
    for old in () if delta else known.values():
        row = {**old, "is_gone": 1}
        if (old["known_at"] or "") > at:
            _complete(db, row, at=at, now=now, until=old["known_at"])
        elif not old["is_gone"]:
            gone += 1
            db.execute("UPDATE deals SET is_gone = 1 WHERE deal_id = ?", [old["deal_id"]])
            _remember(db, row, since=at, now=now)
    if not delta:
        db.execute("UPDATE deals SET known_at = :at WHERE known_at IS NULL OR known_at < :at", {"at": at})
    return DealChanges(new=new, changed=changed, unchanged=unchanged, gone=gone, older=older)


def _note_import(db: Database, kind: str, *, now: str, at: str, source: DealsSource) -> int:
    rivals = json.dumps(source.rivals, ensure_ascii=False)
    values = [now, at, kind, source.file, source.mapping, rivals]
    sql = (
        "INSERT INTO deal_imports (imported_at, since, kind, file, mapping, rivals)"
        " VALUES (?, ?, ?, ?, ?, ?)"
    )
    return int(db.execute(sql, values).lastrowid or 0)


def _next_full(db: Database, at: str) -> str | None:
    """Return the first instant after ``at`` that a full import told of."""
    sql = "SELECT min(since) AS since FROM deal_imports WHERE kind = 'full' AND since > ?"
    since: str | None = next(db.query(sql, [at]))["since"]
    return since


def _last_full(db: Database) -> str:
    return str(next(db.query("SELECT max(since) AS since FROM deal_imports WHERE kind = 'full'"))["since"])


def _complete(db: Database, row: dict[str, Any], *, at: str, now: str, until: str) -> None:
    """Write what held at an instant between others; what later imports found unchanged holds again.

    Args:
        db: The database.
        row: The state at ``at``.
        at: Its instant.
        now: The instant of this import.
        until: When the newest import told of the deal.
    """
    before = _state_at(db, row["deal_id"], at)
    if before is None and row["is_gone"]:
        return  # not there yet
    state = {name: row[name] for name in _TRACKED}
    if row["is_gone"] and before:
        state = {**before, "is_gone": 1}
    if before == state:
        return
    again = min(_next_full(db, at) or until, until)
    changed = db.execute(
        "SELECT 1 FROM deal_history WHERE deal_id = ? AND since > ? AND since <= ? AND origin <> 'crm'",
        [row["deal_id"], at, again],
    ).fetchone()
    _remember(db, {**state, "deal_id": row["deal_id"]}, since=at, now=now)
    if changed is None:
        held = before or {**state, "is_gone": 1}
        _remember(db, {**held, "deal_id": row["deal_id"]}, since=again, now=now)


def _state_at(db: Database, deal_id: str, at: str) -> dict[str, Any] | None:
    """Return what imports told of a deal until an instant, ``None`` where it was not there yet."""
    sql = (
        f"SELECT {', '.join(_TRACKED)} FROM deal_history WHERE deal_id = ? AND since <= ?"
        " AND origin <> 'crm' ORDER BY since DESC, id DESC LIMIT 1"
    )
    return next(iter(db.query(sql, [deal_id, at])), None)


def _remember(
    db: Database, row: Mapping[str, Any], *, since: str, now: str, origin: str = "import"
) -> None:
    kept = {name: row[name] for name in _TRACKED}
    values = {"deal_id": row["deal_id"], "since": since, "imported_at": now, "origin": origin}
    db.table("deal_history").insert({**values, **kept})


def _row(deal: Deal) -> dict[str, Any]:
    emails = json.dumps(list(deal.contact_emails), ensure_ascii=False)
    outcome = deal.outcome.value
    return {**asdict(deal), "outcome": outcome, "contact_emails": emails, "is_gone": 0}


def _extras(told: EndWords) -> dict[str, Any]:
    return {
        "outcome_word": told.outcome,
        "is_won": told.is_won,
        "is_closed": told.is_closed,
        "reason_labels": json.dumps(told.reason_labels),
    }


def import_history(
    db: Database, entries: Iterable[HistoryEntry], *, now: str, source: DealsSource = NO_SOURCE
) -> int:
    """Store what the CRM recorded over time; return how many entries were new or different.

    The same deal and instant again replaces what was stored for it.
    """
    _note_import(db, "history", now=now, at=now, source=source)
    before = db.conn.total_changes
    for entry in entries:
        values = {**asdict(entry), "outcome": entry.outcome.value if entry.outcome else None, "now": now}
        db.execute(
            "INSERT INTO deal_history"
            " (deal_id, since, imported_at, origin, stage, outcome, amount, close_date)"
            " VALUES (:deal_id, :since, :now, 'crm', :stage, :outcome, :amount, :close_date)"
            " ON CONFLICT (deal_id, since) WHERE origin = 'crm' DO UPDATE SET stage = excluded.stage,"
            " outcome = excluded.outcome, amount = excluded.amount, close_date = excluded.close_date,"
            " imported_at = excluded.imported_at"
            " WHERE stage IS NOT excluded.stage OR amount IS NOT excluded.amount"
            " OR close_date IS NOT excluded.close_date OR outcome IS NOT excluded.outcome",
            values,
        )
    return db.conn.total_changes - before


def set_outcomes(db: Database, outcomes: Mapping[str, Outcome], *, rivals: Sequence[str], now: str) -> None:
    """Replace outcomes that were judged again, and remember with which names all of them were.

    Args:
        db: The database.
        outcomes: Those that changed, by deal.
        rivals: Names and aliases of competitors.
        now: The instant at which this was learnt, written into history.
    """
    for deal_id, outcome in outcomes.items():
        db.execute("UPDATE deals SET outcome = ? WHERE deal_id = ?", [outcome.value, deal_id])
        row = next(db.query("SELECT * FROM deals WHERE deal_id = ?", [deal_id]))
        _remember(db, row, since=now, now=now, origin="playbook")
    db.execute("UPDATE deal_imports SET rivals = ?", [json.dumps(list(rivals), ensure_ascii=False)])
