"""The store: one object around the workspace's database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from callmine.domain import Call, Deal, Edit, Facts, Finding, Speaker, Transcript, Utterance, utc_now
from callmine.errors import NoSuchCall, UsageError
from callmine.payloads import Readings
from callmine.stage import Job, Result, Stage
from callmine.store import (
    consent,
    corrections,
    planning,
    queries,
    reading,
    runs,
    second,
    sources,
    taught,
    turns,
    voices,
    writing,
)
from callmine.store.database import open_database, store_errors, transaction
from callmine.store.deals import DealChanges, import_deals
from callmine.store.meanings import TABLES
from callmine.store.rows import (
    CallRow,
    CorrectionRow,
    EvidenceFilter,
    EvidenceRow,
    KeptHeadline,
    KeptReadings,
    QuietTurn,
    ReplyRow,
    RepRow,
    SaidOfTurn,
)
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
        with store_errors(self.path), transaction(self._db):
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
        with self._writing():
            return sources.add_source(self._db, path, origin=origin, facts=facts, format=format)

    def refresh_sources(self) -> None:
        """Look again at the files taken in before; a changed one will be read again."""
        with store_errors(self.path):
            sources.refresh_sources(self._db)

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
        with self._writing():
            return runs.record(self._db, stage, job, result, run_id=run_id, seconds=seconds)

    def start_run(self) -> str:
        """Begin a run and return its id."""
        with self._writing():
            return runs.start_run(self._db)

    def finish_run(self, run_id: str, *, exit_code: int, counts: object) -> None:
        """Record how a run ended."""
        with self._writing():
            runs.finish_run(self._db, run_id, exit_code=exit_code, counts=counts)

    def retry(self, *, skipped: bool = False) -> int:
        """Mark failed (and, if asked, skipped) jobs to be tried again; return how many."""
        with self._writing():
            return runs.retry(self._db, skipped=skipped)

    # -- correcting ------------------------------------------------------------------------

    def judge(
        self, finding_id: str, verdict: str, label: str | None = None, *, by: str | None = None
    ) -> dict[str, Any]:
        """Record what a person says of a finding; see :mod:`callmine.store.corrections`."""
        with self._writing():
            return corrections.judge_finding(self._db, finding_id, verdict, label, by=by)

    def add_missed(
        self, call_id: str, index: int, label: str, *, words: str | None = None, by: str | None = None
    ) -> Utterance:
        """Record an objection that was missed; see :func:`callmine.store.corrections.add_missed`."""
        with self._writing():
            return corrections.add_missed(self._db, call_id, index, label, words=words, by=by)

    def add_nothing(self, call_id: str, index: int, *, by: str | None = None) -> Utterance:
        """Record that an utterance holds no objection, as a person read it; return the utterance."""
        with self._writing():
            return corrections.add_nothing(self._db, call_id, index, by=by)

    def corrections(self) -> list[CorrectionRow]:
        """Return what people corrected, newest first."""
        return corrections.made(self._db)

    def said_of_turns(self) -> list[SaidOfTurn]:
        """Return what people said of utterances; see :func:`callmine.store.taught.said_of_turns`."""
        return taught.said_of_turns(self._db)

    def kept_readings(self, model: str, call_id: str | None = None) -> Iterator[KeptReadings]:
        """Yield what a model made of calls; see :func:`callmine.store.taught.kept_readings`."""
        return taught.kept_readings(self._db, model, call_id)

    def quiet_turns(self, call_id: str) -> list[QuietTurn]:
        """Return a call's utterances of which nothing was found or said."""
        return taught.quiet_turns(self._db, call_id)

    def set_roles(self, call_id: str, *, swap: bool, by: str | None = None) -> None:
        """Record whether a call's roles, as shown, are right or inverted."""
        with self._writing():
            corrections.set_roles(self._db, call_id, swap=swap, by=by)

    def role_decision(self, call_id: str) -> str:
        """Return what people decided on a call's roles, as the attribute stage takes it."""
        return corrections.role_decisions(self._db).get(call_id, "")

    def fix_link(self, call_id: str, deal_id: str | None, *, by: str | None = None) -> None:
        """Tie a call to a deal, or to none, for good."""
        with self._writing():
            corrections.fix_link(self._db, call_id, deal_id, by=by)

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

    # -- second reader ---------------------------------------------------------------------

    def forget_second_verdicts(self) -> None:
        """Let no second reader's verdict hold any longer; see :mod:`callmine.store.second`."""
        with self._writing():
            second.forget_verdicts(self._db)

    def headline(self, key: str) -> KeptHeadline | None:
        """Return the headline that was written for the very same quotes, if there is one."""
        return second.headline(self._db, key)

    def keep_headline(self, kept: KeptHeadline) -> None:
        """Keep a headline, or that the answer was none."""
        with self._writing():
            second.keep_headline(self._db, kept)

    def second_reader_counts(self) -> dict[str, int]:
        """Return what the second reader was asked so far; see :func:`callmine.store.second.totals`."""
        return second.totals(self._db)

    # -- reading ---------------------------------------------------------------------------

    def find_call(self, ref: str) -> Call:
        """Return the call whose id begins with ``ref``, or whose file name or external id it is.

        Raises:
            NoSuchCall: None matches.
            UsageError: Several do.
        """
        sql = (
            "SELECT * FROM calls WHERE substr(call_id, 1, length(:r)) = :r OR source = :r"
            " OR external_id = :r LIMIT 3"
        )
        rows = list(self._db.query(sql, {"r": ref})) if ref else []
        if len(rows) != 1:
            hint = "See the ids with `callmine calls`."
            if rows:
                raise UsageError(f"{ref!r} fits more than one call", hint=hint)
            raise NoSuchCall(f"there is no call {ref!r}{self._like(ref)}", hint=hint)
        return reading.call_from_row(rows[0])

    def find_row(self, ref: str) -> CallRow:
        """Return the call that :meth:`find_call` finds, or a file without a call.

        Such a file is meant by its name, path or external id, where no call is.

        Raises:
            UsageError: None or several match.
        """
        try:
            call_id = self.find_call(ref).call_id
        except NoSuchCall:
            files = list(queries.files_without_call(self._db, ref)) if ref else []
            if len(files) > 1:
                raise UsageError(
                    f"{ref!r} fits more than one file",
                    hint="Give its path; `callmine status` tells of each.",
                ) from None
            if not files:
                raise
            return files[0]
        (row,) = queries.calls(self._db, call_id=call_id)
        return row

    def call(self, call_id: str) -> Call | None:
        """Return the call with this very id, if there is one."""
        rows = self._db.query("SELECT * FROM calls WHERE call_id = ?", [call_id])
        return next((reading.call_from_row(row) for row in rows), None)

    def is_refused(self, call_id: str) -> bool:
        """Return whether a call has no consent; see :func:`callmine.store.consent.is_refused`."""
        return consent.is_refused(self._db, call_id)

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

    def edit_times(self, call_id: str) -> tuple[str, ...]:
        """Return when each of :meth:`edits` was made, UTC."""
        return reading.edit_times(self._db, call_id)

    def calls(self, *, as_of: str | None = None, call_id: str | None = None) -> list[CallRow]:
        """Return calls; see :func:`callmine.store.queries.calls`."""
        return queries.calls(self._db, as_of=as_of, call_id=call_id)

    def notes(self, call_id: str) -> list[str]:
        """Return what the stages remarked on a call, in the order in which they ended."""
        return runs.notes(self._db, call_id)

    def names_given(self, run_id: str) -> frozenset[str] | None:
        """Return the names that a run gave the recogniser; ``None`` when it heard no recording."""
        return runs.names_given(self._db, run_id)

    def evidence(
        self, filters: EvidenceFilter = EvidenceFilter(), *, given: Sequence[Finding] | None = None
    ) -> list[EvidenceRow]:
        """Return findings by call time and position; see :func:`callmine.store.queries.evidence`."""
        return queries.evidence(self._db, filters, given=given)

    def calls_read(self, *, since: str, until: str) -> Iterator[tuple[str, Readings]]:
        """Yield calls with what was made of them; see :func:`callmine.store.reading.calls_read`."""
        return reading.calls_read(self._db, since=since, until=until)

    def speakers(self, call_id: str) -> tuple[Speaker, ...]:
        """Return a call's speakers."""
        return reading.speakers_of(self._db, call_id)

    def utterances(self, call_id: str) -> tuple[Utterance, ...]:
        """Return a call's utterances in order; none where it is not attributed yet."""
        return reading.utterances_of(self._db, call_id)

    def reps(self, *, since: str, until: str, min_confidence: float) -> list[RepRow]:
        """Return the voices known to be ours, call by call; see :func:`callmine.store.turns.reps`."""
        return turns.reps(self._db, since=since, until=until, min_confidence=min_confidence)

    def replies(self, *, since: str, until: str) -> list[ReplyRow]:
        """Return the turns that show how answers were taken; see :func:`callmine.store.turns.replies`."""
        return turns.replies(self._db, since=since, until=until)

    def find_finding(self, ref: str) -> str:
        """Return a finding's whole id; see :func:`callmine.store.corrections.find_finding`."""
        return str(corrections.find_finding(self._db, ref)["finding_id"])

    def readings(self, call_id: str) -> Readings | None:
        """Return what was made of a call; see :func:`callmine.store.reading.kept_readings`."""
        return reading.kept_readings(self._db, call_id)

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
        return runs.stage_counts(self._db)

    def problems(self) -> list[dict[str, Any]]:
        """Return the stage runs that did not end well, with message, hint and file name."""
        return runs.problems(self._db)

    def last_run(self) -> Mapping[str, Any] | None:
        """Return the newest run's row."""
        return runs.last_run(self._db)

    def table_rows(self, table: str) -> Iterator[dict[str, Any]]:
        """Yield the rows of a table, for export.

        Raises:
            UsageError: The table is not one of callmine's.
        """
        if table not in TABLES:
            raise UsageError(f"there is no table {table!r}", hint=f"Known: {', '.join(TABLES)}.")
        yield from self._db.query(f"SELECT * FROM {table}")
