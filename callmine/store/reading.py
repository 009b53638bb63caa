"""Rows to domain values."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from sqlite_utils import Database

from callmine.canonical import transcript_from_json, utterance_from_row
from callmine.domain import (
    Call,
    Deal,
    Edit,
    Facts,
    Finding,
    Kind,
    Outcome,
    Participant,
    Role,
    RoleSource,
    Speaker,
    Transcript,
    Utterance,
    Voices,
    VoiceTurn,
)
from callmine.payloads import Readings


def call_from_row(row: Mapping[str, Any]) -> Call:
    """Build a call from its row."""
    facts = {k: row[k] for k in Facts.__dataclass_fields__ if k != "participants"}
    people = tuple(Participant(**p) for p in json.loads(row["participants"]))
    fields = {k: row[k] for k in Call.__dataclass_fields__ if k != "facts"}
    return Call(**fields, facts=Facts(**facts, participants=people))


def transcript_from_row(row: Mapping[str, Any]) -> Transcript:
    """Build a transcript from its row."""
    value = {k: v for k, v in dict(row).items() if k != "call_id"}
    for key in ("settings", "notes", "segments"):
        value[key] = json.loads(value[key])
    return transcript_from_json(value)


def voices_of(db: Database, call_id: str) -> Voices | None:
    """Return who spoke when by voice, ``None`` where that was not looked at."""
    row = next(iter(db.query("SELECT * FROM voices WHERE call_id = ?", [call_id])), None)
    if row is None:
        return None
    embeddings = json.loads(row["embeddings"] or "{}")
    return Voices(
        tuple(VoiceTurn(*turn) for turn in json.loads(row["turns"])),
        {voice: tuple(numbers) for voice, numbers in embeddings.items()},
    )


def readings_of(db: Database, call_id: str, said: str) -> Readings | None:
    """Return what was made of a call's utterances, if they are still those of the hash ``said``."""
    sql = "SELECT model, data FROM readings WHERE call_id = ? AND said = ?"
    row = next(iter(db.query(sql, [call_id, said])), None)
    return Readings(row["model"], row["data"]) if row else None


def names_of(db: Database, call_id: str, said: str) -> Readings | None:
    """Return what was made of a call's names, if its utterances are still those of the hash ``said``."""
    sql = "SELECT model, data FROM name_readings WHERE call_id = ? AND said = ?"
    row = next(iter(db.query(sql, [call_id, said])), None)
    return Readings(row["model"], row["data"]) if row else None


def current_readings(db: Database, call_id: str) -> Readings | None:
    """Return what was made of a call's utterances, if they are still those that were read."""
    sql = "SELECT output FROM stage_runs WHERE stage = 'attribute' AND key = ?"
    row = next(iter(db.query(sql, [call_id])), None)
    return readings_of(db, call_id, row["output"]) if row and row["output"] else None


def calls_read(
    db: Database,
    *,
    since: str | None = None,
    until: str | None = None,
    calls: Collection[str] | None = None,
) -> Iterator[tuple[str, Readings]]:
    """Yield the calls that began in a time and what was made of the utterances that they have now.

    Args:
        db: The database.
        since: UTC instant; calls that started then or later.
        until: UTC instant; calls that started before.
        calls: Only calls with one of these ids.
    """
    sql = (
        "SELECT r.* FROM readings r JOIN calls c ON c.call_id = r.call_id"
        " JOIN stage_runs s ON s.key = r.call_id AND s.stage = 'attribute' AND s.output = r.said"
        " WHERE (:since IS NULL OR c.started_at >= :since) AND (:until IS NULL OR c.started_at < :until)"
        " AND (:calls IS NULL OR r.call_id IN (SELECT value FROM json_each(:calls))) ORDER BY r.call_id"
    )
    asked = None if calls is None else json.dumps(sorted(calls))
    for row in db.query(sql, {"since": since, "until": until, "calls": asked}):
        yield row["call_id"], Readings(row["model"], row["data"])


def edits_of(db: Database, call_id: str) -> tuple[Edit, ...]:
    """Return what people changed in a call's transcript, oldest first."""
    rows = db.query("SELECT * FROM edits WHERE call_id = ? ORDER BY id", [call_id])
    return tuple(
        Edit(r["start_ms"], r["end_ms"], r["heard"], r["text"], Role(r["role"]) if r["role"] else None)
        for r in rows
    )


def edit_times(db: Database, call_id: str) -> tuple[str, ...]:
    """Return when each of :func:`edits_of` was made, in the same order; UTC."""
    rows = db.query("SELECT made_at FROM edits WHERE call_id = ? ORDER BY id", [call_id])
    return tuple(row["made_at"] for row in rows)


def utterances_of(db: Database, call_id: str) -> tuple[Utterance, ...]:
    """Return a call's utterances in order."""
    rows = db.query("SELECT * FROM utterances WHERE call_id = ? ORDER BY utterance_index", [call_id])
    return tuple(utterance_from_row(row, json.loads(row["words"])) for row in rows)


def findings_of(db: Database, call_id: str) -> tuple[Finding, ...]:
    """Return a call's findings as the extractors made them, by position."""
    rows = db.query(
        'SELECT * FROM findings WHERE call_id = ? ORDER BY utterance_index, start, "end", finding_id',
        [call_id],
    )
    return tuple(
        Finding(**{**row, "kind": Kind(row["kind"]), "detail": json.loads(row["detail"])}) for row in rows
    )


def speakers_of(db: Database, call_id: str) -> tuple[Speaker, ...]:
    """Return a call's speakers."""
    rows = db.query("SELECT * FROM speakers WHERE call_id = ? ORDER BY speaker", [call_id])
    return tuple(
        Speaker(
            key=r["speaker"],
            name=r["name"],
            role=Role(r["role"]),
            role_source=RoleSource(r["role_source"]),
            confidence=r["role_confidence"],
            channel=r["channel"],
        )
        for r in rows
    )


def deal_from_row(row: Mapping[str, Any]) -> Deal:
    """Build a deal from its row."""
    fields = {k: row[k] for k in Deal.__dataclass_fields__}
    fields["outcome"] = Outcome(row["outcome"])
    fields["contact_emails"] = tuple(json.loads(row["contact_emails"]))
    return Deal(**fields)
