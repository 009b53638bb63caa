"""Named read-only queries for deals: the list, one deal's history, and what their outcomes go by."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from sqlite_utils import Database

from callmine.domain import Deal, EndWords, Outcome
from callmine.store.reading import deal_from_row


@dataclass(frozen=True, slots=True)
class DealRow:
    """One deal, and what is known about it beside itself.

    Attributes:
        deal: The deal.
        words: What else the CRM said of how it ended.
        is_gone: Whether the last full import no longer held it.
        known_at: Instant of the newest import that told of it, UTC; ``None`` from before that was kept.
        calls: How many calls are linked to it.
        is_reason_read: Whether an import read what its loss reason speaks of; else ``words`` do not say it,
            see :func:`callmine.operations.loss_reasons.with_reasons`.
    """

    deal: Deal
    words: EndWords
    is_gone: bool
    known_at: str | None
    calls: int
    is_reason_read: bool = True


@dataclass(frozen=True, slots=True)
class StageRow:
    """The state of a deal from an instant on, UTC, until the next one of the same deal.

    ``None`` for ``stage``, ``amount`` or ``close_date`` is empty in the CRM or not known, for
    ``outcome`` not known: the CRM's own history said nothing of it, nor did anything before.
    """

    deal_id: str
    since: str
    stage: str | None
    outcome: Outcome | None
    amount: float | None
    close_date: str | None
    is_gone: bool


@dataclass(frozen=True, slots=True)
class ToJudge:
    """A deal whose outcome can be judged again: by its mapping (JSON), with the rivals known last."""

    deal: Deal
    words: EndWords
    mapping: str
    rivals: tuple[str, ...]


def deal_rows(db: Database, deal_id: str | None = None) -> list[DealRow]:
    """Return every deal, those that are gone included, or one; by id."""
    sql = """
        SELECT d.*, (SELECT count(*) FROM links l WHERE l.deal_id = d.deal_id) AS calls FROM deals d
        WHERE :id IS NULL OR d.deal_id = :id ORDER BY d.deal_id
    """
    return [
        DealRow(
            deal=deal_from_row(row),
            words=words_from_row(row),
            is_gone=bool(row["is_gone"]),
            known_at=row["known_at"],
            calls=row["calls"],
            is_reason_read=json.loads(row["reason_labels"]) is not None,
        )
        for row in db.query(sql, {"id": deal_id})
    ]


def words_from_row(row: Mapping[str, Any]) -> EndWords:
    """Build what the CRM said of how a deal ended from the deal's row."""
    won, closed = (None if row[name] is None else bool(row[name]) for name in ("is_won", "is_closed"))
    return EndWords(row["outcome_word"], won, closed, tuple(json.loads(row["reason_labels"]) or ()))


def linked_calls(db: Database, deal_id: str) -> list[dict[str, Any]]:
    """Return the calls of a deal by time: id, file, start, length, rule, confidence and why."""
    sql = """
        SELECT c.call_id, c.source, c.title, c.started_at, c.duration_ms, c.rep, l.rule, l.confidence, l.why
        FROM links l JOIN calls c ON c.call_id = l.call_id WHERE l.deal_id = ?
        ORDER BY c.started_at IS NULL, c.started_at, c.call_id
    """
    return list(db.query(sql, [deal_id]))


def history_of(db: Database, deal_id: str) -> list[dict[str, Any]]:
    """Return the rows of a deal's history as stored, oldest first."""
    sql = "SELECT * FROM deal_history WHERE deal_id = ? ORDER BY since, id"
    return list(db.query(sql, [deal_id]))


def stage_history(db: Database, deal_id: str | None = None) -> list[StageRow]:
    """Return the states of all deals, or one, by deal and instant; see :func:`timeline`."""
    sql = "SELECT * FROM deal_history WHERE :id IS NULL OR deal_id = :id ORDER BY deal_id, since, id"
    return list(timeline(db.query(sql, {"id": deal_id})))


def timeline(rows: Iterable[Mapping[str, Any]]) -> Iterator[StageRow]:
    """Yield the states that rows of ``deal_history`` tell, equal ones that follow each other as one.

    Args:
        rows: Ordered by deal, ``since`` and ``id``. A row from the CRM's own history tells only what
            it says, and one of a deal that disappeared nothing else; the rest stays as it was. Of
            rows with one instant the last holds.
    """
    for _, of_deal in groupby(rows, key=lambda row: row["deal_id"]):
        last: StageRow | None = None
        states: list[StageRow] = []
        for row in of_deal:
            last = _state(row, last)
            if states and states[-1].since == last.since:
                states.pop()
            if not states or replace(states[-1], since=last.since) != last:
                states.append(last)
        yield from states


def _state(row: Mapping[str, Any], before: StageRow | None) -> StageRow:
    told = {name: row[name] for name in ("stage", "outcome", "amount", "close_date", "is_gone")}
    if row["is_gone"] and before is not None:
        return replace(before, since=row["since"], is_gone=True)
    if row["origin"] == "crm" and before is not None:
        told = {name: getattr(before, name) if told[name] is None else told[name] for name in told}
        told["is_gone"] = before.is_gone
    outcome = Outcome(told["outcome"]) if told["outcome"] else None
    told |= {"outcome": outcome, "is_gone": bool(told["is_gone"])}
    return StageRow(deal_id=row["deal_id"], since=row["since"], **told)


def stage_times(history: Iterable[StageRow]) -> dict[str, tuple[tuple[str | None, str], ...]]:
    """Return ``(stage, since)`` of each deal in order, from states in order; one stage that goes on is one.

    A deal that disappears leaves its stage where it was.
    """
    found: dict[str, list[tuple[str | None, str]]] = {}
    for row in history:
        stages = found.setdefault(row.deal_id, [])
        if not stages or stages[-1][0] != row.stage:
            stages.append((row.stage, row.since))
    return {deal_id: tuple(stages) for deal_id, stages in found.items()}


def to_judge(db: Database) -> Iterator[ToJudge]:
    """Yield the deals whose outcome can be judged again, by id."""
    sql = (
        "SELECT d.*, i.mapping, i.rivals FROM deals d JOIN deal_imports i ON i.id = d.import_id"
        " ORDER BY d.deal_id"
    )
    for row in db.query(sql):
        rivals = tuple(json.loads(row["rivals"]))
        yield ToJudge(deal_from_row(row), words_from_row(row), row["mapping"], rivals)
