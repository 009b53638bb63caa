"""What is read from the workspace's database, question by question."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from sqlite_utils import Database

from callmine.domain import Call, Edit, Finding, Kind, Role, Speaker, Transcript, Utterance
from callmine.errors import UsageError
from callmine.payloads import Readings
from callmine.store import (
    agreements,
    call_queries,
    consent,
    corrections,
    lookup,
    outcome_queries,
    people_queries,
    queries,
    reading,
    runs,
    second,
    sources,
    taught,
    turns,
    voices,
)
from callmine.store.agreements import AgreementRow
from callmine.store.cards import CardReads
from callmine.store.deal_reads import DealReads
from callmine.store.meanings import TABLES
from callmine.store.people_queries import PersonRow, VoiceRow
from callmine.store.rows import (
    CallRow,
    EvidenceFilter,
    EvidenceRow,
    HeardRow,
    KeptHeadline,
    RaisedRow,
    ReplyRow,
    RepRow,
    TalkRow,
)
from callmine.store.said_rows import CorrectionRow, KeptReadings, QuietTurn, SaidOfTurn


class Reader(CardReads, DealReads):
    """The half of :class:`callmine.store.Store` that writes nothing."""

    def __init__(self, db: Database) -> None:
        """Read from ``db``, which is open and up to date."""
        self._db = db

    # -- calls -----------------------------------------------------------------------------

    def find_call(self, ref: str) -> Call:
        """Return the call whose id begins with ``ref``, or whose file name or external id it is.

        Raises:
            NoSuchCall: None matches.
            UsageError: Several do.
        """
        return lookup.find_call(self._db, ref)

    def find_row(self, ref: str) -> CallRow:
        """Return the call that :meth:`find_call` finds, or a file without a call.

        Such a file is meant by its name, path or external id, where no call is.

        Raises:
            UsageError: None or several match.
        """
        return lookup.find_row(self._db, ref)

    def call(self, call_id: str) -> Call | None:
        """Return the call with this very id, if there is one."""
        rows = self._db.query("SELECT * FROM calls WHERE call_id = ?", [call_id])
        return next((reading.call_from_row(row) for row in rows), None)

    def calls(self, **which: str | None) -> list[CallRow]:
        """Return calls; see :func:`callmine.store.call_queries.calls`."""
        return call_queries.calls(self._db, **which)

    def call_starts(self) -> list[str]:
        """Return when calls began; see :func:`callmine.store.call_queries.call_starts`."""
        return call_queries.call_starts(self._db)

    def is_refused(self, call_id: str) -> bool:
        """Return whether a call has no consent; see :func:`callmine.store.consent.is_refused`."""
        return consent.is_refused(self._db, call_id)

    def notes(self, call_id: str) -> list[str]:
        """Return what the stages remarked on a call, in the order in which they ended."""
        return runs.notes(self._db, call_id)

    def problems(self) -> list[dict[str, Any]]:
        """Return the stage runs that did not end well, with message, hint and file name."""
        return runs.problems(self._db)

    # -- what was said ---------------------------------------------------------------------

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

    def speakers(self, call_id: str) -> tuple[Speaker, ...]:
        """Return a call's speakers."""
        return reading.speakers_of(self._db, call_id)

    def utterances(self, call_id: str) -> tuple[Utterance, ...]:
        """Return a call's utterances in order; none where it is not attributed yet."""
        return reading.utterances_of(self._db, call_id)

    def edits(self, call_id: str) -> tuple[Edit, ...]:
        """Return what people changed in a call's transcript, oldest first."""
        return reading.edits_of(self._db, call_id)

    def edit_times(self, call_id: str) -> tuple[str, ...]:
        """Return when each of :meth:`edits` was made, UTC."""
        return reading.edit_times(self._db, call_id)

    def reps(self, *, since: str, until: str, min_confidence: float) -> list[RepRow]:
        """Return the voices known to be ours, call by call; see :func:`callmine.store.turns.reps`."""
        return turns.reps(self._db, since=since, until=until, min_confidence=min_confidence)

    def people(self) -> list[PersonRow]:
        """Return everybody who is known by name or address, from calls and deals."""
        return people_queries.people(self._db)

    def accounts(self) -> list[str]:
        """Return the names of all accounts, of calls and of deals."""
        return people_queries.accounts(self._db)

    def misheard(self) -> list[tuple[str, str]]:
        """Return what was recognised instead of competitors' names, with the id of the call."""
        return people_queries.misheard(self._db)

    def replies(
        self,
        *,
        since: str | None = None,
        until: str | None = None,
        answers: Collection[str] | None = None,
    ) -> list[ReplyRow]:
        """Return the turns that show how answers were taken; see :func:`callmine.store.turns.replies`."""
        return turns.replies(self._db, since=since, until=until, answers=answers)

    def call_titles(self) -> list[tuple[str, str, str]]:
        """Return what calls and their deals are called; see :func:`callmine.store.queries.call_titles`."""
        return queries.call_titles(self._db)

    def said_anywhere(self, phrase: str) -> list[tuple[str, str, str, str]]:
        """Return where words are said; see :func:`callmine.store.queries.said_anywhere`."""
        return queries.said_anywhere(self._db, phrase)

    def prospects_named(self) -> list[VoiceRow]:
        """Return prospects' voices; see :func:`callmine.store.people_queries.prospects_named`."""
        return people_queries.prospects_named(self._db)

    def search(self, text: str, *, limit: int = 50) -> list[dict[str, Any]]:
        """Search utterances; see :func:`callmine.store.queries.search`."""
        return queries.search(self._db, text, limit=limit)

    def rep_voices(self) -> list[dict[str, Any]]:
        """Return reps' voices in stereo calls; see :func:`callmine.store.voices.rep_voices`."""
        return voices.rep_voices(self._db)

    # -- what was found --------------------------------------------------------------------

    def evidence(
        self,
        filters: EvidenceFilter = EvidenceFilter(),
        *,
        given: Sequence[Finding] | None = None,
        ids: Collection[str] | None = None,
    ) -> list[EvidenceRow]:
        """Return findings by call time and position; see :func:`callmine.store.queries.evidence`."""
        return queries.evidence(self._db, filters, given=given, ids=ids)

    def talks(self, *, min_role_confidence: float, deals: Collection[str] | None = None) -> list[TalkRow]:
        """Return what statistics need of calls; see :func:`callmine.store.outcome_queries.talks`."""
        return outcome_queries.talks(self._db, min_role_confidence=min_role_confidence, deals=deals)

    def heard(self, call_ids: Collection[str] | None, **which: Collection[Kind]) -> list[HeardRow]:
        """Return the findings of calls, lean; see :func:`callmine.store.outcome_queries.heard`."""
        return outcome_queries.heard(self._db, call_ids, **which)

    def raised(self, kind: Kind) -> list[RaisedRow]:
        """Return that something was heard; see :func:`callmine.store.outcome_queries.raised`."""
        return outcome_queries.raised(self._db, kind)

    def find_finding(self, ref: str) -> str:
        """Return a finding's whole id; see :func:`callmine.store.corrections.find_finding`."""
        return str(corrections.find_finding(self._db, ref)["finding_id"])

    def labels(self, kind: str | None = None) -> list[str]:
        """Return the labels that findings have; see :func:`callmine.store.queries.labels`."""
        return queries.labels(self._db, kind)

    def sayings(self) -> dict[Kind, list[str]]:
        """Return what of the playbook is said in findings; see :func:`callmine.store.queries.sayings`."""
        return queries.sayings(self._db)

    def readings(self, call_id: str) -> Readings | None:
        """Return what was made of a call; see :func:`callmine.store.reading.current_readings`."""
        return reading.current_readings(self._db, call_id)

    def calls_read(
        self, *, since: str | None = None, until: str | None = None, calls: Collection[str] | None = None
    ) -> Iterator[tuple[str, Readings]]:
        """Yield calls with what was made of them; see :func:`callmine.store.reading.calls_read`."""
        return reading.calls_read(self._db, since=since, until=until, calls=calls)

    def headline(self, key: str) -> KeptHeadline | None:
        """Return the headline that was written for the very same quotes, if there is one."""
        return second.headline(self._db, key)

    def second_reader_counts(self) -> dict[str, int]:
        """Return what the second reader was asked so far; see :func:`callmine.store.second.totals`."""
        return second.totals(self._db)

    # -- what people said of it ------------------------------------------------------------

    def corrections(self) -> list[CorrectionRow]:
        """Return what people corrected, newest first."""
        return corrections.made(self._db)

    def said_of_turns(self) -> list[SaidOfTurn]:
        """Return what people said of utterances; see :func:`callmine.store.taught.said_of_turns`."""
        return taught.said_of_turns(self._db)

    def without_reading(self, model: str) -> frozenset[str]:
        """Return calls whose reading is gone; see :func:`callmine.store.taught.without_reading`."""
        return taught.without_reading(self._db, model)

    def kept_readings(self, model: str, call_id: str | None = None) -> Iterator[KeptReadings]:
        """Yield what a model made of calls; see :func:`callmine.store.taught.kept_readings`."""
        return taught.kept_readings(self._db, model, call_id)

    def quiet_turns(self, call_id: str) -> list[QuietTurn]:
        """Return a call's utterances of which nothing was found or said."""
        return taught.quiet_turns(self._db, call_id)

    def role_decision(self, call_id: str) -> str:
        """Return what people decided on a call's roles, as the attribute stage takes it."""
        return corrections.role_decisions(self._db).get(call_id, "")

    def spoken(
        self, phrase: str, *, role: Role, min_role_confidence: float
    ) -> list[tuple[str, int, int, int]]:
        """Return where words were said; see :func:`callmine.store.outcome_queries.spoken`."""
        return outcome_queries.spoken(self._db, phrase, role=role, min_role_confidence=min_role_confidence)

    def reports_kept(self, kind: str) -> int:
        """Return how many reports of a kind were built whose values differ from the one before."""
        found = self._db.query("SELECT count(*) AS kept FROM reports WHERE kind = ?", [kind])
        return int(next(iter(found))["kept"])

    def agreements(self) -> list[AgreementRow]:
        """Return what sales and marketing agreed on; see :func:`callmine.store.agreements.agreements`."""
        return agreements.agreements(self._db)

    # -- files, runs and tables ------------------------------------------------------------

    def unread_files(self) -> int:
        """Return how many files no run has looked at; see :func:`callmine.store.sources.unread_files`."""
        return sources.unread_files(self._db)

    def stage_counts(self) -> dict[str, dict[str, int]]:
        """Return ``stage -> status -> count``."""
        return runs.stage_counts(self._db)

    def last_run(self) -> Mapping[str, Any] | None:
        """Return the newest run's row."""
        return runs.last_run(self._db)

    def names_given(self, run_id: str) -> frozenset[str] | None:
        """Return the names that a run gave the recogniser; ``None`` when it heard no recording."""
        return runs.names_given(self._db, run_id)

    def table_rows(self, table: str) -> Iterator[dict[str, Any]]:
        """Yield the rows of a table, for export.

        Raises:
            UsageError: The table is not one of callmine's.
        """
        if table not in TABLES:
            raise UsageError(f"there is no table {table!r}", hint=f"Known: {', '.join(TABLES)}.")
        yield from self._db.query(f"SELECT * FROM {table}")
