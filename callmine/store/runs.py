"""Runs and their jobs: what was done, how it ended, what is wrong."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from callmine.domain import digest_of, utc_now
from callmine.stage import Done, Failed, Job, Result, Skipped, Stage
from callmine.store import consent, removing, second, voices, writing
from callmine.store.database import upsert


def record(db: Database, stage: Stage, job: Job, result: Result, *, run_id: str, seconds: float) -> Result:
    """Record one result together with its output.

    Returns:
        What was recorded: a call that another of its files gives no consent to is skipped.
    """
    (provides,) = stage.provides
    where = "stage = ? AND key = ?"
    row: dict[str, Any] = {
        "stage": stage.name,
        "key": job.key,
        "fingerprint": job.fingerprint,
        "reason": None,
        "message": None,
        "hint": None,
        "retryable": 0,
        "bug": 0,
        "trace": None,
        "attempts": job.attempts + 1,
        "notes": "[]",
        "run_id": run_id,
        "finished_at": utc_now(),
        "seconds": round(seconds, 3),
    }
    ingested = result.output if provides == "calls" and isinstance(result, Done) else None
    if ingested is not None and consent.other_file_refuses(db, ingested):
        message = f"{job.label}: {consent.ANOTHER_REFUSES}"
        result = Skipped(consent.NO_CONSENT, message, ingested.call.content)
    old = next(
        iter(db.query(f"SELECT output FROM stage_runs WHERE {where}", [stage.name, job.key])),
        None,
    )
    before = old["output"] if old else None
    match result:
        case Done(output=output, notes=notes):
            after = writing.output_hash(provides, output)
            row |= {"status": "done", "output": after, "notes": writing.dump(list(notes))}
            if provides != "utterances" or after != before:
                writing.WRITERS[provides](db, job.key, output)
            if provides in ("voices", "utterances"):
                voices.keep_only_learned(db, job.key)
            if result.more:  # no fingerprint is today's, so the next run takes it up again
                row["fingerprint"] = ""
        case Skipped(reason=reason, message=message, notes=notes):
            row |= {"status": "skipped", "output": None, "reason": reason, "message": message}
            row["notes"] = writing.dump(list(notes))
            if reason == consent.NO_CONSENT:
                consent.refuse(db, job.key, result.content)
            removing.remove_output(db, provides, job.key)
        case Failed():
            if result.kept is not None:
                second.keep_readings(db, job.key, result.kept)
            # What an earlier success left stays in place, and so does its hash.
            row |= {
                "status": "failed",
                "output": before,
                "reason": result.error,
                "message": result.message,
                "hint": result.hint,
                "retryable": int(result.retryable),
                "bug": int(result.bug),
                "trace": result.trace or None,
            }
    upsert(db, "stage_runs", row, "stage", "key")
    return result


def start_run(db: Database) -> str:
    """Begin a run and return its id."""
    now = utc_now()
    run_id = f"{now}-{digest_of(now, os.getpid(), os.urandom(8).hex())[:6]}"
    db.table("runs").insert({"run_id": run_id, "started_at": now, "pid": os.getpid()})
    return run_id


def finish_run(db: Database, run_id: str, *, exit_code: int, counts: object) -> None:
    """Record how a run ended."""
    db.execute(
        "UPDATE runs SET finished_at = ?, exit_code = ?, counts = ? WHERE run_id = ?",
        [utc_now(), exit_code, writing.dump(counts), run_id],
    )


def retry(db: Database, *, skipped: bool = False) -> int:
    """Mark failed (and, if asked, skipped) jobs to be tried again; return how many."""
    states = ("failed", "skipped") if skipped else ("failed",)
    marks = ", ".join("?" * len(states))
    cursor = db.execute(
        f"UPDATE stage_runs SET fingerprint = '', attempts = 0 WHERE status IN ({marks})", states
    )
    return int(cursor.rowcount)


def notes(db: Database, call_id: str) -> list[str]:
    """Return what the stages remarked on a call, in the order in which they ended.

    Why no deal was found is nothing to tell where a person has said which it is.
    """
    sql = """
        SELECT notes FROM stage_runs WHERE key = :key AND NOT (stage = 'link' AND EXISTS (
            SELECT 1 FROM links WHERE call_id = :key AND rule = 'person' AND deal_id IS NOT NULL
        )) ORDER BY finished_at, rowid
    """
    return [note for row in db.query(sql, {"key": call_id}) for note in json.loads(row["notes"])]


def names_given(db: Database, run_id: str) -> frozenset[str] | None:
    """Return the names that a run gave the recogniser; ``None`` when it heard no recording."""
    sql = """
        SELECT json_extract(t.settings, '$.vocabulary') AS names FROM transcripts t
        JOIN stage_runs r ON r.key = t.call_id AND r.stage = 'transcribe'
        WHERE r.run_id = ? AND r.status = 'done' AND names IS NOT NULL
    """
    rows = list(db.query(sql, [run_id]))
    return frozenset(n for row in rows for n in json.loads(row["names"])) if rows else None


def stage_counts(db: Database) -> dict[str, dict[str, int]]:
    """Return ``stage -> status -> count``."""
    counts: dict[str, dict[str, int]] = {}
    for row in db.query("SELECT stage, status, count(*) AS n FROM stage_runs GROUP BY 1, 2"):
        counts.setdefault(row["stage"], {})[row["status"]] = row["n"]
    return counts


def problems(db: Database) -> list[dict[str, Any]]:
    """Return the stage runs that did not end well, with message, hint and file name."""
    sql = """
        SELECT r.stage, r.key, r.status, r.reason, r.message, r.hint, r.attempts, r.retryable, r.bug,
               coalesce(c.source, r.key) AS source, r.finished_at
        FROM stage_runs r LEFT JOIN calls c ON c.call_id = r.key
        WHERE r.status <> 'done' ORDER BY r.status, r.stage, source, r.key
    """
    return [{**row, "source": Path(row["source"]).name} for row in db.query(sql)]


def last_run(db: Database) -> Mapping[str, Any] | None:
    """Return the newest run's row."""
    sql = "SELECT * FROM runs ORDER BY started_at DESC, rowid DESC LIMIT 1"
    return next(iter(db.query(sql)), None)
