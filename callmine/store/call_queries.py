"""Named read-only queries for calls: their state, their deal, and the files that became none."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from sqlite_utils import Database

from callmine.domain import Outcome
from callmine.store.database import fetched
from callmine.store.queries import OUTCOME_AS_OF, OUTCOME_AT_CALL, STAGE_AT_CALL
from callmine.store.rows import CallRow


def calls(
    db: Database,
    *,
    as_of: str | None = None,
    call_id: str | None = None,
    since: str | None = None,
    until: str | None = None,
) -> list[CallRow]:
    """Return every call and every file that did not become one, by start time.

    Args:
        db: The database.
        as_of: UTC instant at which outcomes are taken; ``None`` for today's.
        call_id: Only this call.
        since: UTC instant; calls that started then or later, undated calls, and all files without one.
        until: UTC instant; likewise calls that started before.
    """
    asked = {"as_of": as_of, "id": call_id, "since": since, "until": until}
    # Only what is asked for is a condition, so that SQLite begins with the calls of those weeks.
    told = [
        "(c.started_at IS NULL OR c.started_at >= :since)" if since is not None else "",
        "(c.started_at IS NULL OR c.started_at < :until)" if until is not None else "",
        "c.call_id = :id" if call_id is not None else "",
    ]
    which = " AND ".join(filter(None, told))
    among = f"IN (SELECT c.call_id FROM calls c WHERE {which})" if which else "IS NOT NULL"
    words: dict[str, dict[str, int]] = {}
    spoken = f"SELECT call_id, role, sum(word_count) FROM utterances WHERE call_id {among} GROUP BY 1, 2"
    for key, role, count in fetched(db, spoken, asked, tuple):
        words.setdefault(key, {})[role] = count
    states: dict[str, dict[str, _State]] = {}
    ended = f"""
        SELECT key, stage, status, reason, message, hint FROM stage_runs
        WHERE stage IN ({_STAGES}) AND key {among}
    """
    for key, stage, *state in fetched(db, ended, asked, tuple):
        states.setdefault(key, {})[stage] = tuple(state)
    copies = _copies(db, call_id)

    def row_of(row: tuple[Any, ...]) -> CallRow:
        (
            key, source, title, type_, started_at, duration_ms, channels, account, rep, recording,
            deal_id, deal_name, outcome, link_rule, link_confidence,
            language, engine, model, notes, role_doubt, speech_ms, left_out_ms, stage_then, outcome_then,
            transcript_file,
        ) = row  # fmt: skip
        status, stage, reason, hint = _status(states.get(key, {}))
        spoken = words.get(key, {})
        known = {"source": source, "recording": recording, "transcript_file": transcript_file}
        values: tuple[Any, ...] = (
            *(key, source, title, type_, started_at, duration_ms, channels, account, rep, recording),
            *(deal_id, deal_name, _OUTCOMES[outcome]),
            *((link_rule, link_confidence) if deal_id else (None, None)),
            *(status, stage, reason, hint, language, engine, model, sum(spoken.values()), spoken),
            tuple(json.loads(notes)) if notes and notes != "[]" else (),
            _further(copies[key], known) if key in copies else (),
            *(role_doubt, speech_ms or 0, left_out_ms or 0, stage_then, _OUTCOMES[outcome_then]),
        )
        return CallRow(*values)  # in the order of its fields

    sql = f"""
        SELECT c.call_id, c.source, c.title, c.type, c.started_at, c.duration_ms, c.channels,
               coalesce(nullif(c.account, ''), d.account), c.rep, c.recording,
               d.deal_id, d.name, {OUTCOME_AS_OF}, l.rule, l.confidence,
               coalesce(nullif(t.language, ''), c.language), t.engine, t.model, t.notes, c.role_doubt,
               t.speech_ms, t.left_out_ms, {STAGE_AT_CALL}, {OUTCOME_AT_CALL}, c.transcript_file
        FROM calls c
        LEFT JOIN links l ON l.call_id = c.call_id
        LEFT JOIN deals d ON d.deal_id = l.deal_id
        LEFT JOIN transcripts t ON t.call_id = c.call_id
        WHERE {which or 1}
        ORDER BY c.started_at IS NULL, c.started_at, c.source, c.call_id
    """
    found = fetched(db, sql, asked, row_of)
    if call_id is None:
        found += files_without_call(db)
    return found


def call_starts(db: Database) -> list[str]:
    """Return when the calls and the files that did not become one began, each instant once."""
    dated = "SELECT DISTINCT started_at AS started FROM calls WHERE started_at > ''"
    files = (row.started_at for row in files_without_call(db))
    return sorted({row["started"] for row in db.query(dated)} | {start for start in files if start})


_State = tuple[Any, ...]
"""Status, reason, message and hint of a stage's run."""

_OUTCOMES: dict[str | None, Outcome | None] = {
    None: None,
    **{outcome.value: outcome for outcome in Outcome},
}
_TOLD_BY = ("transcribe", "diarize", "attribute", "extract")
_STAGES = ", ".join(f"'{stage}'" for stage in _TOLD_BY)


def _status(runs: Mapping[str, _State]) -> tuple[str, str | None, str | None, str | None]:
    """Return ``(status, stage, reason, hint)``: the first stage that is not done speaks."""
    for stage in _TOLD_BY:
        run = runs.get(stage)
        if run is None and stage == "diarize":
            continue  # a recipe may leave it out: roles then stay unknown in mono
        if run is None:
            return "pending", stage, None, None
        status, reason, message, hint = run
        if status != "done":
            return status, stage, message or reason, hint
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
