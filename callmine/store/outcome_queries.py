"""Named read-only queries for win/loss statistics: lean rows, read at once for thousands of deals.

:func:`callmine.store.queries.evidence` joins all that a quote needs; for statistics over hundreds of
thousands of findings that is too much.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Collection
from typing import Any

from sqlite_utils import Database

from callmine.domain import Json, Kind, Outcome, Role
from callmine.store.database import fetched
from callmine.store.queries import LABEL, LAST_WORD, STAGE_AT_CALL, VERDICT
from callmine.store.rows import HeardRow, RaisedRow, TalkRow, WeekDeal


def talks(
    db: Database, *, min_role_confidence: float, deals: Collection[str] | None = None
) -> list[TalkRow]:
    """Return every call with words or a link, by deal, then by start time (undated calls last).

    Args:
        db: The database.
        min_role_confidence: Roles less sure count as unknown, 0..1.
        deals: Only the calls of these deals, be they gone from the CRM.
    """
    only = own = ""
    if deals is not None:
        among = (
            "call_id IN (SELECT call_id FROM links WHERE deal_id IN (SELECT value FROM json_each(:deals)))"
        )
        only, own = f"WHERE {among}", f"WHERE c.{among}"
    sql = f"""
        SELECT c.call_id, d.deal_id, c.started_at, c.type, c.role_doubt,
               coalesce(t.language, c.language), c.rep, c.rep_email, {STAGE_AT_CALL},
               coalesce(w.words, 0), coalesce(w.prospect, 0), coalesce(w.unknown, 0),
               coalesce(r.skipped, 0), coalesce(r.failed, 0)
        FROM calls c
        LEFT JOIN links l ON l.call_id = c.call_id
        LEFT JOIN deals d ON d.deal_id = l.deal_id AND d.is_gone = 0
        LEFT JOIN transcripts t ON t.call_id = c.call_id
        LEFT JOIN (
            SELECT call_id, sum(word_count) AS words,
                   sum(CASE WHEN role_confidence >= :sure AND role = '{Role.PROSPECT}'
                       THEN word_count ELSE 0 END) AS prospect,
                   sum(CASE WHEN role_confidence < :sure OR role = '{Role.UNKNOWN}'
                       THEN word_count ELSE 0 END) AS unknown
            FROM utterances {only} GROUP BY call_id
        ) w ON w.call_id = c.call_id
        LEFT JOIN (
            SELECT key, max(status = 'skipped') AS skipped, max(status = 'failed') AS failed
            FROM stage_runs WHERE status IN ('skipped', 'failed') GROUP BY key
        ) r ON r.key = c.call_id
        {own}
        ORDER BY d.deal_id, c.started_at IS NULL, c.started_at, c.call_id
    """
    asked = {} if deals is None else {"deals": json.dumps(sorted(deals))}

    def row_of(row: tuple[Any, ...]) -> TalkRow:
        values: tuple[Any, ...] = (*row[:-2], bool(row[-2]), bool(row[-1]))
        return TalkRow(*values)

    # The columns are the fields in their order.
    return fetched(db, sql, {"sure": min_role_confidence, **asked}, row_of)


RECKONED = (Kind.OBJECTION, Kind.COMPETITOR, Kind.POSITIONING, Kind.ANSWER)
"""Kinds of findings that statistics reckon with."""

DETAILED = (Kind.POSITIONING, Kind.ANSWER)
"""Those of them whose details they need."""


# Only calls that somebody corrected are asked for the last word on each finding. The index holds all that
# is asked of an utterance, so its words are not read; without being named, the one that is unique is taken.
_JUDGED = f"""
        FROM findings f
        JOIN utterances u INDEXED BY utterances_words
            ON u.call_id = f.call_id AND u.utterance_index = f.utterance_index
        LEFT JOIN second_verdicts v ON v.finding_id = f.finding_id
        LEFT JOIN corrections k ON k.id = CASE
            WHEN f.call_id IN (SELECT call_id FROM corrections) THEN {LAST_WORD} END
"""


def raised(db: Database, kind: Kind) -> list[RaisedRow]:
    """Return that findings of a kind were heard, in all calls: in half the time that :func:`heard` takes.

    The rows are ordered by call and turn; those of one turn have no order.

    Args:
        db: The database.
        kind: Which kind of findings.
    """
    sql = f"""
        SELECT f.call_id, {LABEL}, f.score, u.role, u.role_confidence, {VERDICT}, v.verdict
        {_JUDGED}
        WHERE f.kind = :kind ORDER BY f.call_id, f.utterance_index
    """

    def row_of(found: tuple[Any, ...]) -> RaisedRow:
        call, label, score, role, sure, verdict, second = found
        return RaisedRow(call, label, score, _ROLES[role], sure, verdict, second, kind)

    return fetched(db, sql, {"kind": kind.value}, row_of)


def heard(
    db: Database,
    call_ids: Collection[str] | None,
    *,
    kinds: Collection[Kind] = RECKONED,
    detailed: Collection[Kind] = DETAILED,
) -> list[HeardRow]:
    """Return the findings of calls, with what people and the second reader said of them.

    Details that nothing is reckoned with are left out, which saves time. The rows are ordered by call,
    position and label.

    Args:
        db: The database.
        call_ids: The calls; ``None`` for all, which is quick only for kinds of which there are few.
        kinds: Which kinds of findings.
        detailed: Of which kinds the details are told.
    """
    among = "" if call_ids is None else "AND f.call_id IN (SELECT value FROM json_each(:calls))"
    # One kind in brackets is read in the order of its index, and hardly sorted.
    asked_kinds = {f"kind{n}": kind.value for n, kind in enumerate(sorted(kinds))}
    named = ", ".join(f":{name}" for name in asked_kinds)
    sql = f"""
        SELECT f.finding_id, f.call_id, f.utterance_index, f.kind, {LABEL}, f.text, f.score,
               u.role, u.role_confidence, {VERDICT}, v.verdict,
               CASE WHEN f.kind IN (SELECT value FROM json_each(:detailed)) THEN f.detail ELSE '{{}}' END
        {_JUDGED}
        WHERE f.kind IN ({named}) {among}
        ORDER BY f.call_id, f.utterance_index, f.start, f.kind, f.label, f.finding_id
    """
    asked = {"calls": sorted(call_ids or ()), "detailed": sorted(detailed)}
    details: dict[str, Json] = {"{}": {}}

    def row_of(found: tuple[Any, ...]) -> HeardRow:
        found_id, call, turn, kind, label, text, score, role, sure, verdict, second, told = found
        detail = details.get(told)
        if detail is None:
            detail = details[told] = json.loads(told)
        kind, role = _KINDS[kind], _ROLES[role]
        return HeardRow(found_id, call, turn, kind, label, text, score, role, sure, verdict, second, detail)

    lists = {name: json.dumps(values) for name, values in asked.items()}
    return fetched(db, sql, lists | asked_kinds, row_of)


# Calling an enumeration for each of 300,000 rows takes half a second.
_KINDS = {kind.value: kind for kind in Kind}
_ROLES = {role.value: role for role in Role}


def spoken(
    db: Database, phrase: str, *, role: Role, min_role_confidence: float
) -> list[tuple[str, int, int, int]]:
    """Return where words were said one after the other, in any form that the search's stemming knows.

    Args:
        db: The database.
        phrase: Words; taken literally, operators of the search have no meaning.
        role: Who has to say them.
        min_role_confidence: How surely, 0..1.

    Returns:
        Call id, utterance index, and first and last character of the first place in it.
    """
    # Marks that are letters of their own, as in decomposed "Škoda", belong to the word before them.
    words = "".join(c if c.isalnum() or unicodedata.category(c)[0] == "M" else " " for c in phrase)
    if not words.strip():
        return []
    sql = """
        SELECT u.call_id, u.utterance_index, highlight(utterances_fts, 0, char(2), char(3))
        FROM utterances_fts JOIN utterances u ON u.id = utterances_fts.rowid
        WHERE utterances_fts MATCH :words AND u.role = :role AND u.role_confidence >= :sure
        ORDER BY u.call_id, u.utterance_index
    """
    found = db.execute(sql, {"words": f'"{words}"', "role": role.value, "sure": min_role_confidence})
    return [
        (call_id, index, marked.index("\x02"), marked.index("\x03") - 1) for call_id, index, marked in found
    ]


def week_deals(db: Database, *, first_day: str, last_day: str, until: str) -> list[WeekDeal]:
    """Return the deals open at a week's end or closed in it, with whether there was a sales call so far.

    Excluded deals count as little as those that are gone from the CRM, or were made after the week. What
    closed after the week was open at its end; what is closed, nobody knows when, is left out.

    Args:
        db: The database.
        first_day: ISO date on which the week begins; close dates are days without a zone.
        last_day: ISO date of its last day.
        until: UTC instant at which it is over; later calls do not count, nor do undated ones.
    """
    sql = f"""
        SELECT d.segment, d.lead_source, EXISTS (
            SELECT 1 FROM links l JOIN calls c ON c.call_id = l.call_id
            WHERE l.deal_id = d.deal_id AND c.type = 'sales' AND c.started_at < :until
              AND EXISTS (SELECT 1 FROM utterances u WHERE u.call_id = c.call_id AND u.word_count > 0)
              AND NOT EXISTS (SELECT 1 FROM stage_runs r WHERE r.key = c.call_id AND r.status = 'skipped')
        ), d.deal_id
        FROM deals d
        WHERE d.is_gone = 0 AND d.outcome <> '{Outcome.EXCLUDED}'
          AND (d.outcome = '{Outcome.OPEN}' OR d.close_date >= :first_day)
          AND (d.created_at IS NULL OR substr(d.created_at, 1, 10) <= :last_day)
        ORDER BY d.deal_id
    """
    found = db.execute(sql, {"first_day": first_day, "last_day": last_day, "until": until})
    return [WeekDeal(segment, source, bool(called), deal) for segment, source, called, deal in found]
