"""Who of us spoke in which calls, and how prospects took answers: read-only."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from sqlite_utils import Database

from callmine.domain import Role
from callmine.store.rows import ReplyRow, RepRow


def reps(db: Database, *, since: str, until: str, min_confidence: float) -> list[RepRow]:
    """Return the voices that are known to be ours, call by call.

    Args:
        db: The database.
        since: UTC instant; calls that started then or later (undated calls are left out).
        until: UTC instant; calls that started before.
        min_confidence: Roles less sure than this (0..1) are not known.
    """
    sql = """
        SELECT u.call_id, u.speaker, s.name, c.rep, c.rep_email, c.participants,
               max(u.utterance_index) AS last_turn
        FROM utterances u
        JOIN calls c ON c.call_id = u.call_id
        LEFT JOIN speakers s ON s.call_id = u.call_id AND s.speaker = u.speaker
        WHERE u.role = :rep AND u.role_confidence >= :least
          AND c.started_at >= :since AND c.started_at < :until
        GROUP BY u.call_id, u.speaker ORDER BY u.call_id, u.speaker
    """
    given = {"rep": Role.REP.value, "least": min_confidence, "since": since, "until": until}
    rows = list(db.query(sql, given))
    voices: dict[str, int] = {}
    for row in rows:
        voices[row["call_id"]] = voices.get(row["call_id"], 0) + 1
    return [_rep(row, alone=voices[row["call_id"]] == 1) for row in rows]


def _rep(row: dict[str, Any], *, alone: bool) -> RepRow:
    """Return a voice of ours; only where there is no other one is it, unnamed, the call's rep."""
    name = row["name"] or (row["rep"] if alone else None)
    emails = {p["name"].casefold(): p["email"] for p in json.loads(row["participants"]) if p.get("email")}
    ours = (name and row["rep"] and name.casefold() == row["rep"].casefold()) or (alone and not name)
    email = row["rep_email"] if ours and row["rep_email"] else emails.get((name or "").casefold())
    return RepRow(row["call_id"], row["speaker"], name, email, row["last_turn"])


def replies(
    db: Database,
    *,
    since: str | None = None,
    until: str | None = None,
    answers: Collection[str] | None = None,
) -> list[ReplyRow]:
    """Return the turns that show how answers to objections were taken.

    Args:
        db: The database.
        since: See :func:`reps`; ``None`` for all, as for ``until``.
        until: The same.
        answers: Only of these findings.
    """
    among = "" if answers is None else "AND f.finding_id IN (SELECT value FROM json_each(:answers))"
    sql = f"""
        SELECT DISTINCT u.call_id, u.utterance_index, u.text, u.role, u.role_confidence,
               u.start_ms, s.name AS speaker_name
        FROM findings f
        JOIN calls c ON c.call_id = f.call_id
        JOIN utterances u ON u.call_id = f.call_id
            AND u.utterance_index = json_extract(f.detail, '$.shown_in')
        LEFT JOIN speakers s ON s.call_id = u.call_id AND s.speaker = u.speaker
        WHERE f.kind = 'answer' {among} AND (:since IS NULL OR c.started_at >= :since)
          AND (:until IS NULL OR c.started_at < :until)
        ORDER BY u.call_id, u.utterance_index
    """
    asked = {"since": since, "until": until, "answers": json.dumps(sorted(answers or ()))}
    rows = db.query(sql, asked)
    return [ReplyRow(**{**row, "role": Role(row["role"])}) for row in rows]
