"""Named read-only queries for calls: their state, their deal, and the files that became none."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from sqlite_utils import Database

from callmine.domain import Outcome
from callmine.store.queries import OUTCOME_AS_OF, OUTCOME_AT_CALL, STAGE_AT_CALL
from callmine.store.rows import CallRow


def calls(db: Database, *, as_of: str | None = None, call_id: str | None = None) -> list[CallRow]:
    """Return every call and every file that did not become one, by start time.

    Args:
        db: The database.
        as_of: UTC instant at which outcomes are taken; ``None`` for today's.
        call_id: Only this call.
    """
    words: dict[str, dict[str, int]] = {}
    for row in db.query(
        "SELECT call_id, role, sum(word_count) AS n FROM utterances"
        " WHERE :id IS NULL OR call_id = :id GROUP BY 1, 2",
        {"id": call_id},
    ):
        words.setdefault(row["call_id"], {})[row["role"]] = row["n"]
    states = _states(db)
    copies = _copies(db, call_id)
    found = []
    sql = f"""
        SELECT c.*, d.deal_id AS linked, d.name AS deal_name, d.account AS deal_account,
               l.rule, l.confidence, {OUTCOME_AS_OF} AS outcome,
               {STAGE_AT_CALL} AS stage_then, {OUTCOME_AT_CALL} AS outcome_then,
               t.language AS heard_language, t.engine, t.model, t.notes,
               t.speech_ms, t.left_out_ms
        FROM calls c
        LEFT JOIN links l ON l.call_id = c.call_id
        LEFT JOIN deals d ON d.deal_id = l.deal_id
        LEFT JOIN transcripts t ON t.call_id = c.call_id
        WHERE :id IS NULL OR c.call_id = :id
        ORDER BY c.started_at IS NULL, c.started_at, c.source, c.call_id
    """
    for row in db.query(sql, {"as_of": as_of, "id": call_id}):
        status, stage, reason, hint = _status(states.get(row["call_id"], {}))
        spoken = words.get(row["call_id"], {})
        found.append(
            CallRow(
                call_id=row["call_id"],
                source=row["source"],
                title=row["title"],
                type=row["type"],
                started_at=row["started_at"],
                duration_ms=row["duration_ms"],
                channels=row["channels"],
                account=row["account"] or row["deal_account"],
                rep=row["rep"],
                recording=row["recording"],
                deal_id=row["linked"],
                deal_name=row["deal_name"],
                outcome=Outcome(row["outcome"]) if row["outcome"] else None,
                link_rule=row["rule"] if row["linked"] else None,
                link_confidence=row["confidence"] if row["linked"] else None,
                status=status,
                stage=stage,
                reason=reason,
                hint=hint,
                language=row["heard_language"] or row["language"],
                engine=row["engine"],
                model=row["model"],
                words=sum(spoken.values()),
                words_by_role=spoken,
                notes=tuple(json.loads(row["notes"] or "[]")),
                copies=_further(copies.get(row["call_id"], []), row),
                role_doubt=row["role_doubt"],
                speech_ms=row["speech_ms"] or 0,
                left_out_ms=row["left_out_ms"] or 0,
                stage_at_call=row["stage_then"],
                outcome_at_call=Outcome(row["outcome_then"]) if row["outcome_then"] else None,
            )
        )
    if call_id is None:
        found += files_without_call(db)
    return found


def _states(db: Database) -> dict[str, dict[str, dict[str, Any]]]:
    states: dict[str, dict[str, dict[str, Any]]] = {}
    for row in db.query("SELECT stage, key, status, reason, message, hint FROM stage_runs"):
        states.setdefault(row["key"], {})[row["stage"]] = row
    return states


def _status(runs: dict[str, dict[str, Any]]) -> tuple[str, str | None, str | None, str | None]:
    """Return ``(status, stage, reason, hint)``: the first stage that is not done speaks."""
    for stage in ("transcribe", "diarize", "attribute", "extract"):
        run = runs.get(stage)
        if run is None and stage == "diarize":
            continue  # a recipe may leave it out: roles then stay unknown in mono
        if run is None:
            return "pending", stage, None, None
        if run["status"] != "done":
            return run["status"], stage, run["message"] or run["reason"], run["hint"]
    return "done", None, None, None


def _copies(db: Database, call_id: str | None) -> dict[str, list[list[str]]]:
    """Return per call the paths of files with equal content, where there are several."""
    found: dict[str, list[list[str]]] = {}
    sql = (
        "SELECT call_id, json_group_array(path) AS paths FROM sources"
        " WHERE call_id IS NOT NULL AND content IS NOT NULL AND (:id IS NULL OR call_id = :id)"
        " GROUP BY call_id, content HAVING count(*) > 1"
    )
    for row in db.query(sql, {"id": call_id}):
        found.setdefault(row["call_id"], []).append(sorted(json.loads(row["paths"])))
    return found


def _further(groups: list[list[str]], call: dict[str, Any]) -> tuple[str, ...]:
    """Return the paths that a call is not known by: it keeps the name of the first one taken in."""
    found: list[str] = []
    for paths in groups:
        own = [p for p in paths if p.rsplit("/", 1)[-1] == call["source"]]
        used = [p for p in own or paths if p in (call["recording"], call["transcript_file"])]
        known = (used or own or paths)[0]
        found += [p for p in paths if p != known]
    return tuple(found)


def files_without_call(db: Database, ref: str | None = None) -> Iterator[CallRow]:
    """Yield the files that did not become a call, or have not yet; ``ref``: name, path or external id."""
    sql = """
        SELECT s.path, s.facts, r.status, r.message, r.reason, r.hint FROM sources s
        LEFT JOIN stage_runs r ON r.key = s.path AND r.stage = 'ingest'
        WHERE s.call_id IS NULL ORDER BY s.path
    """
    for row in db.query(sql):
        facts = json.loads(row["facts"])
        name = row["path"].rsplit("/", 1)[-1]
        if ref is not None and ref not in (name, row["path"], facts.get("external_id")):
            continue
        yield CallRow(
            call_id="",
            source=name,
            title=facts.get("title"),
            type=facts.get("type") or "sales",
            started_at=facts.get("started_at"),
            duration_ms=0,
            channels=0,
            account=facts.get("account"),
            rep=facts.get("rep"),
            recording=None,
            deal_id=None,
            deal_name=None,
            outcome=None,
            link_rule=None,
            link_confidence=None,
            status=row["status"] or "pending",
            stage="ingest",
            reason=row["message"] or row["reason"],
            hint=row["hint"],
            language=None,
            engine=None,
            model=None,
            words=0,
            words_by_role={},
        )
