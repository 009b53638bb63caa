"""The store: one object around the workspace's database."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from callmine.canonical import facts_from_json, facts_to_json
from callmine.domain import Call, Deal, Edit, Facts, Speaker, Transcript, Utterance, digest_of, utc_now
from callmine.errors import UsageError
from callmine.stage import Done, Failed, Job, Result, Skipped, Stage
from callmine.store import corrections, planning, queries, reading, voices, writing
from callmine.store.database import open_database, store_errors, upsert
from callmine.store.deals import DealChanges, import_deals
from callmine.store.meanings import TABLES
from callmine.store.rows import CallRow, EvidenceFilter, EvidenceRow
from callmine.validation import did_you_mean

STORED = frozenset(writing.WRITERS)
"""What stages may provide: the tables that results are written to."""


class Store:
    """Everything that is read from or written to a workspace's database.

    Use it as a context manager. Writes go through one process at a time.
    """

    def __init__(self, path: Path, *, create: bool = True) -> None:
        """Open the database at ``path``.

        Raises:
            callmine.errors.StoreError: See :func:`callmine.store.database.open_database`.
        """
        self.path = path
        self._db = open_database(path, create=create)

    def __enter__(self) -> Self:
        """Return the store itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the database."""
        self.close()

    def close(self) -> None:
        """Close the database."""
        self._db.close()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with store_errors(self.path), self._db.atomic():
            yield

    @contextmanager
    def rehearsal(self) -> Iterator[None]:
        """Take back at the end whatever was written within.

        Nobody else can write meanwhile, so do nothing within that takes long.
        """
        with store_errors(self.path):
            # At once, not with the first write: that would fail if another process wrote in between.
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            finally:
                self._db.rollback()

    # -- taking in -------------------------------------------------------------------------

    def add_source(
        self, path: Path, *, origin: str, facts: Facts = Facts(), format: str | None = None
    ) -> bool:
        """Remember a file to ingest; return whether it is new or changed.

        ``facts`` given now win over those given before, key by key.
        """
        stat = path.stat()
        key = str(path)
        with self._writing():
            old = next(iter(self._db.query("SELECT * FROM sources WHERE path = ?", [key])), None)
            row = {
                "path": key,
                "origin": origin,
                "size": stat.st_size,
                "mtime_ns": stat.st_mtime_ns,
                "facts": writing.dump(facts_to_json(facts)),
                "format": format,
            }
            if old is not None:
                merged = facts.over(self._facts(old["facts"]))
                same = (old["size"], old["mtime_ns"]) == (stat.st_size, stat.st_mtime_ns)
                row["facts"] = writing.dump(facts_to_json(merged))
                row["origin"] = old["origin"]
                row["format"] = format or old["format"]
                row["content"] = old["content"] if same else None
                if all(old[k] == row[k] for k in row):
                    return False
            upsert(self._db, "sources", row, "path")
        return True

    @staticmethod
    def _facts(text: str) -> Facts:
        return facts_from_json(json.loads(text))

    def refresh_sources(self) -> None:
        """Look again at the files taken in before; a changed one will be read again."""
        for row in list(self._db.query("SELECT path, size, mtime_ns FROM sources")):
            try:
                stat = Path(row["path"]).stat()
            except OSError:
                continue
            if (stat.st_size, stat.st_mtime_ns) != (row["size"], row["mtime_ns"]):
                with self._writing():
                    self._db.execute(
                        "UPDATE sources SET size = ?, mtime_ns = ?, content = NULL WHERE path = ?",
                        [stat.st_size, stat.st_mtime_ns, row["path"]],
                    )

    def import_deals(self, deals: Sequence[Deal], *, delta: bool = False) -> DealChanges:
        """Store deals; see :func:`callmine.store.deals.import_deals`."""
        with self._writing():
            return import_deals(self._db, deals, delta=delta, now=utc_now())

    # -- running ---------------------------------------------------------------------------

    def pending(
        self, stage: Stage, *, force: frozenset[str] | None = None, payloads: bool = True
    ) -> Iterator[Job]:
        """Yield the jobs a stage still has to do; see :func:`callmine.store.planning.pending`."""
        return planning.pending(self._db, stage, force=force, payloads=payloads)

    def record(self, stage: Stage, job: Job, result: Result, *, run_id: str, seconds: float) -> Result:
        """Record one result together with its output, in one transaction.

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
        with self._writing():
            ingested = result.output if provides == "calls" and isinstance(result, Done) else None
            if ingested is not None and writing.is_refused(self._db, ingested):
                message = f"{job.label}: {writing.ANOTHER_REFUSES}"
                result = Skipped(writing.NO_CONSENT, message, ingested.call.content)
            old = next(
                iter(self._db.query(f"SELECT output FROM stage_runs WHERE {where}", [stage.name, job.key])),
                None,
            )
            before = old["output"] if old else None
            match result:
                case Done(output=output, notes=notes):
                    after = writing.output_hash(provides, output)
                    row |= {"status": "done", "output": after, "notes": writing.dump(list(notes))}
                    if provides != "utterances" or after != before:
                        writing.WRITERS[provides](self._db, job.key, output)
                    if provides in ("voices", "utterances"):
                        voices.keep_only_learned(self._db, job.key)
                case Skipped(reason=reason, message=message):
                    row |= {"status": "skipped", "output": None, "reason": reason, "message": message}
                    if reason == writing.NO_CONSENT:
                        writing.refuse(self._db, job.key, result.content)
                    writing.remove_output(self._db, provides, job.key)
                case Failed():
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
            upsert(self._db, "stage_runs", row, "stage", "key")
        return result

    def start_run(self) -> str:
        """Begin a run and return its id."""
        now = utc_now()
        run_id = f"{now}-{digest_of(now, os.getpid(), os.urandom(8).hex())[:6]}"
        with self._writing():
            self._db.table("runs").insert({"run_id": run_id, "started_at": now, "pid": os.getpid()})
        return run_id

    def finish_run(self, run_id: str, *, exit_code: int, counts: object) -> None:
        """Record how a run ended."""
        with self._writing():
            self._db.execute(
                "UPDATE runs SET finished_at = ?, exit_code = ?, counts = ? WHERE run_id = ?",
                [utc_now(), exit_code, writing.dump(counts), run_id],
            )

    def retry(self, *, skipped: bool = False) -> int:
        """Mark failed (and, if asked, skipped) jobs to be tried again; return how many."""
        states = ("failed", "skipped") if skipped else ("failed",)
        marks = ", ".join("?" * len(states))
        with self._writing():
            cursor = self._db.execute(
                f"UPDATE stage_runs SET fingerprint = '', attempts = 0 WHERE status IN ({marks})", states
            )
            return int(cursor.rowcount)

    # -- correcting ------------------------------------------------------------------------

    def judge(self, finding_id: str, verdict: str, label: str | None = None) -> dict[str, Any]:
        """Record what a person says of a finding; see :mod:`callmine.store.corrections`."""
        with self._writing():
            return corrections.judge_finding(self._db, finding_id, verdict, label)

    def add_missed(self, call_id: str, index: int, label: str) -> str:
        """Record an objection that was missed; return the utterance's text."""
        with self._writing():
            return corrections.add_missed(self._db, call_id, index, label)

    def set_roles(self, call_id: str, *, swap: bool) -> str:
        """Record whether a call's roles, as shown, are right or inverted; ``swap`` or ``confirm``."""
        with self._writing():
            return corrections.set_roles(self._db, call_id, swap=swap)

    def role_decision(self, call_id: str) -> str:
        """Return what people decided on a call's roles, as the attribute stage takes it."""
        return corrections.role_decisions(self._db).get(call_id, "")

    def fix_link(self, call_id: str, deal_id: str | None) -> None:
        """Tie a call to a deal, or to none, for good."""
        with self._writing():
            corrections.fix_link(self._db, call_id, deal_id)

    def add_edits(self, call_id: str, edits: Sequence[Edit]) -> None:
        """Keep what a person changed in a call's transcript; the next run applies it."""
        with self._writing():
            writing.write_edits(self._db, call_id, edits)

    def save_report(self, kind: str, subject: str, value: str, *, as_of: str | None) -> None:
        """Keep a report that was built; an identical one is not kept twice."""
        with self._writing():
            last = next(
                iter(
                    self._db.query(
                        "SELECT value FROM reports WHERE kind = ? AND subject = ? ORDER BY id DESC LIMIT 1",
                        [kind, subject],
                    )
                ),
                None,
            )
            if last is None or last["value"] != value:
                self._db.table("reports").insert(
                    {"kind": kind, "subject": subject, "made_at": utc_now(), "as_of": as_of, "value": value}
                )

    # -- voices ----------------------------------------------------------------------------

    def rep_voices(self) -> list[dict[str, Any]]:
        """Return reps' voices in stereo calls; see :func:`callmine.store.voices.rep_voices`."""
        return voices.rep_voices(self._db)

    def forget_voices(self, *, person: str = "") -> int:
        """Delete speaker embeddings; see :func:`callmine.store.voices.forget_voices`."""
        with self._writing():
            return voices.forget_voices(self._db, person=person)

    def allow_voices(self, *, person: str = "") -> int:
        """Let voices be learned again; see :func:`callmine.store.voices.allow_voices`."""
        with self._writing():
            return voices.allow_voices(self._db, person=person)

    # -- reading ---------------------------------------------------------------------------

    def find_call(self, ref: str) -> Call:
        """Return the call whose id begins with ``ref``, or whose file name or external id it is.

        Raises:
            UsageError: None or several match.
        """
        sql = (
            "SELECT * FROM calls WHERE substr(call_id, 1, length(:r)) = :r OR source = :r"
            " OR external_id = :r LIMIT 3"
        )
        rows = list(self._db.query(sql, {"r": ref})) if ref else []
        if len(rows) != 1:
            what = (
                f"{ref!r} fits more than one call" if rows else f"there is no call {ref!r}{self._like(ref)}"
            )
            raise UsageError(what, hint="See the ids with `callmine calls`.")
        return reading.call_from_row(rows[0])

    def call(self, call_id: str) -> Call | None:
        """Return the call with this very id, if there is one."""
        rows = self._db.query("SELECT * FROM calls WHERE call_id = ?", [call_id])
        return next((reading.call_from_row(row) for row in rows), None)

    def is_refused(self, call_id: str) -> bool:
        """Return whether there is no consent to use a call, be it deleted already or not.

        Of a deleted one its files are left, whose content gave the call its id. That one of them
        was refused before says nothing of a call that is there: consent may have come back.
        """
        sql = """
            SELECT 1 FROM sources s LEFT JOIN stage_runs r ON r.stage = 'ingest' AND r.key = s.path
            WHERE (s.call_id = :id OR substr(s.content, 1, 16) = :id)
              AND (json_extract(s.facts, '$.consent') = 'no' OR r.reason = :no
                   AND NOT EXISTS (SELECT 1 FROM calls WHERE call_id = :id))
        """
        rows = self._db.query(sql, {"id": call_id, "no": writing.NO_CONSENT})
        return next(rows, None) is not None

    def _like(self, ref: str) -> str:
        names = self._db.query("SELECT source, external_id FROM calls")
        return did_you_mean(ref, (name for row in names for name in row.values() if name))

    def transcript(self, call_id: str) -> tuple[Transcript, tuple[Utterance, ...], tuple[Speaker, ...]]:
        """Return a call's transcript, utterances and speakers.

        Raises:
            UsageError: The call is not transcribed.
        """
        row = next(iter(self._db.query("SELECT * FROM transcripts WHERE call_id = ?", [call_id])), None)
        if row is None:
            raise UsageError(f"call {call_id} has no transcript", hint="See why with `callmine status`.")
        return (
            reading.transcript_from_row(row),
            reading.utterances_of(self._db, call_id),
            reading.speakers_of(self._db, call_id),
        )

    def edits(self, call_id: str) -> tuple[Edit, ...]:
        """Return what people changed in a call's transcript, oldest first."""
        return reading.edits_of(self._db, call_id)

    def calls(self, *, as_of: str | None = None, call_id: str | None = None) -> list[CallRow]:
        """Return calls; see :func:`callmine.store.queries.calls`."""
        return queries.calls(self._db, as_of=as_of, call_id=call_id)

    def notes(self, call_id: str) -> list[str]:
        """Return what the stages remarked on a call, in the order in which they ended."""
        sql = "SELECT notes FROM stage_runs WHERE key = ? ORDER BY finished_at, rowid"
        return [note for row in self._db.query(sql, [call_id]) for note in json.loads(row["notes"])]

    def names_given(self, run_id: str) -> frozenset[str] | None:
        """Return the names that a run gave the recogniser; ``None`` when it heard no recording."""
        sql = """
            SELECT json_extract(t.settings, '$.vocabulary') AS names FROM transcripts t
            JOIN stage_runs r ON r.key = t.call_id AND r.stage = 'transcribe'
            WHERE r.run_id = ? AND r.status = 'done' AND names IS NOT NULL
        """
        rows = list(self._db.query(sql, [run_id]))
        return frozenset(n for row in rows for n in json.loads(row["names"])) if rows else None

    def evidence(self, filters: EvidenceFilter = EvidenceFilter()) -> list[EvidenceRow]:
        """Return findings by call time and position."""
        return queries.evidence(self._db, filters)

    def labels(self, kind: str | None = None) -> list[str]:
        """Return the labels that findings have; see :func:`callmine.store.queries.labels`."""
        return queries.labels(self._db, kind)

    def search(self, text: str, *, limit: int = 50) -> list[dict[str, Any]]:
        """Search utterances; see :func:`callmine.store.queries.search`."""
        return queries.search(self._db, text, limit=limit)

    def deals(self) -> tuple[Deal, ...]:
        """Return the deals that the last full import held."""
        rows = self._db.query("SELECT * FROM deals WHERE is_gone = 0 ORDER BY deal_id")
        return tuple(reading.deal_from_row(row) for row in rows)

    def stage_counts(self) -> dict[str, dict[str, int]]:
        """Return ``stage -> status -> count``."""
        counts: dict[str, dict[str, int]] = {}
        for row in self._db.query("SELECT stage, status, count(*) AS n FROM stage_runs GROUP BY 1, 2"):
            counts.setdefault(row["stage"], {})[row["status"]] = row["n"]
        return counts

    def problems(self) -> list[dict[str, Any]]:
        """Return the stage runs that did not end well, with message, hint and file name."""
        sql = """
            SELECT r.stage, r.key, r.status, r.reason, r.message, r.hint, r.attempts, r.retryable, r.bug,
                   coalesce(c.source, r.key) AS source, r.finished_at
            FROM stage_runs r LEFT JOIN calls c ON c.call_id = r.key
            WHERE r.status <> 'done' ORDER BY r.status, r.stage, source
        """
        return [{**row, "source": Path(row["source"]).name} for row in self._db.query(sql)]

    def last_run(self) -> Mapping[str, Any] | None:
        """Return the newest run's row."""
        sql = "SELECT * FROM runs ORDER BY started_at DESC, rowid DESC LIMIT 1"
        return next(iter(self._db.query(sql)), None)

    def table_rows(self, table: str) -> Iterator[dict[str, Any]]:
        """Yield the rows of a table, for export.

        Raises:
            UsageError: The table is not one of callmine's.
        """
        if table not in TABLES:
            raise UsageError(f"there is no table {table!r}", hint=f"Known: {', '.join(TABLES)}.")
        yield from self._db.query(f"SELECT * FROM {table}")
