"""The store: one object around the workspace's database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from callmine.domain import Deal, Edit, EndWords, Facts, Outcome, Utterance, utc_now
from callmine.stage import Job, Result, Stage
from callmine.store import (
    agreements,
    cards,
    corrections,
    deals,
    deliveries,
    kept_reports,
    missed,
    planning,
    runs,
    second,
    sources,
    taught,
    voices,
    writing,
)
from callmine.store.database import is_read_only, open_database, store_errors, transaction
from callmine.store.deals import NO_SOURCE, DealChanges, DealsSource, HistoryEntry
from callmine.store.deliveries import Delivery, Parcel
from callmine.store.reader import Reader
from callmine.store.rows import EvidenceRow, KeptHeadline

STORED = frozenset(writing.WRITERS)
"""What stages may provide: the tables that results are written to."""


class Store(Reader):
    """Everything that is read from or written to a workspace's database.

    Use it as a context manager. Writes go through one process at a time.
    """

    def __init__(self, path: Path, *, create: bool = True) -> None:
        """Open the database at ``path``.

        Raises:
            callmine.errors.StoreError: See :func:`callmine.store.database.open_database`.
        """
        super().__init__(open_database(path, create=create))
        self.path = path

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

    def import_deals(
        self,
        found: Sequence[Deal],
        *,
        delta: bool = False,
        at: str | None = None,
        words: Mapping[str, EndWords] | None = None,
        source: DealsSource = NO_SOURCE,
    ) -> DealChanges:
        """Store deals; see :func:`callmine.store.deals.import_deals`."""
        with self._writing():
            return deals.import_deals(
                self._db, found, delta=delta, now=utc_now(), at=at, words=words, source=source
            )

    def import_history(self, entries: Iterable[HistoryEntry], *, source: DealsSource = NO_SOURCE) -> int:
        """Store the CRM's own history; see :func:`callmine.store.deals.import_history`."""
        with self._writing():
            return deals.import_history(self._db, entries, now=utc_now(), source=source)

    def set_outcomes(self, outcomes: Mapping[str, Outcome], *, rivals: Sequence[str]) -> None:
        """Replace outcomes judged again; see :func:`callmine.store.deals.set_outcomes`."""
        with self._writing():
            deals.set_outcomes(self._db, outcomes, rivals=rivals, now=utc_now())

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

    def drop_readings(self, calls: Iterable[str]) -> None:
        """Delete what was kept of calls and is damaged, so that the next run reads them again."""
        with self._writing():
            taught.drop_readings(self._db, calls)

    # -- correcting ------------------------------------------------------------------------

    def judge(
        self, finding_id: str, verdict: str, label: str | None = None, *, by: str | None = None
    ) -> tuple[dict[str, Any], str | None]:
        """Record what a person says of a finding; see :func:`callmine.store.missed.judge`."""
        with self._writing():
            return missed.judge(self._db, finding_id, verdict, label, by=by)

    def add_missed(
        self, call_id: str, index: int, label: str, *, words: str | None = None, by: str | None = None
    ) -> Utterance:
        """Record an objection that was missed; see :func:`callmine.store.missed.add_missed`."""
        with self._writing():
            return missed.add_missed(self._db, call_id, index, label, words=words, by=by)

    def reword(self, finding_id: str, words: str, *, by: str | None = None) -> EvidenceRow:
        """Record which words say an objection; see :func:`callmine.store.missed.reword`."""
        with self._writing():
            return missed.reword(self._db, finding_id, words, by=by)

    def add_nothing(self, call_id: str, index: int, *, by: str | None = None) -> Utterance:
        """Record that an utterance holds no objection, as a person read it; return the utterance."""
        with self._writing():
            return missed.add_nothing(self._db, call_id, index, by=by)

    def set_roles(self, call_id: str, *, swap: bool, by: str | None = None) -> None:
        """Record whether a call's roles, as shown, are right or inverted."""
        with self._writing():
            corrections.set_roles(self._db, call_id, swap=swap, by=by)

    def fix_link(self, call_id: str, deal_id: str | None, *, by: str | None = None) -> None:
        """Tie a call to a deal, or to none, until :meth:`free_link`."""
        with self._writing():
            corrections.fix_link(self._db, call_id, deal_id, by=by)

    def free_link(self, call_id: str, *, by: str | None = None) -> bool:
        """Take back a person's link; see :func:`callmine.store.corrections.free_link`."""
        with self._writing():
            return corrections.free_link(self._db, call_id, by=by)

    def add_edits(self, call_id: str, edits: Sequence[Edit]) -> None:
        """Keep what a person changed in a call's transcript; the next run applies it."""
        with self._writing():
            writing.write_edits(self._db, call_id, edits)

    def save_report(self, kind: str, subject: str, value: str, *, as_of: str | None) -> None:
        """Keep a report that was built: an identical one not twice, and none where nobody may write."""
        if is_read_only(self._db):
            return
        with self._writing():
            kept_reports.keep_report(self._db, kind, subject, value, as_of=as_of)

    # -- delivering ------------------------------------------------------------------------

    def last_delivery(self, parcel: Parcel) -> Delivery | None:
        """Return how a parcel stands; see :func:`callmine.store.deliveries.last_delivery`."""
        return deliveries.last_delivery(self._db, parcel)

    def times_sent(self, parcel: Parcel) -> int:
        """Return how often a parcel was handed over for certain."""
        return deliveries.times_sent(self._db, parcel)

    def failed_deliveries(self, *, since: str) -> list[Delivery]:
        """Return parcels to try again; see :func:`callmine.store.deliveries.failed_deliveries`."""
        return deliveries.failed_deliveries(self._db, since=since)

    def begin_delivery(self, parcel: Parcel, *, message_id: str, redacted: bool) -> int:
        """Write down that a parcel is about to be handed over; return the row's number."""
        # On the disk before it is on its way: it must not be forgotten with the power, either.
        self._db.execute("PRAGMA synchronous = FULL")
        with self._writing():
            return deliveries.begin_delivery(self._db, parcel, message_id=message_id, redacted=redacted)

    def end_delivery(self, row: int, *, state: str, reason: str | None = None) -> None:
        """Write down how it ended; see :func:`callmine.store.deliveries.end_delivery`."""
        with self._writing():
            deliveries.end_delivery(self._db, row, state=state, reason=reason)

    def edit_report(self, kind: str, subject: str, edits: Iterable[cards.NewEdit]) -> None:
        """Remember what a person said of a report; see :func:`callmine.store.cards.add_edits`."""
        with self._writing():
            cards.add_edits(self._db, kind, subject, edits)

    def agree(self, text: str, *, by: str, day: str, watch: str | None) -> int:
        """Keep what was agreed on; see :func:`callmine.store.agreements.add_agreement`."""
        with self._writing():
            return agreements.add_agreement(self._db, text, by=by, day=day, watch=watch)

    def end_agreement(self, number: int, state: str, *, by: str) -> None:
        """Call one done, or drop it; see :func:`callmine.store.agreements.end_agreement`."""
        with self._writing():
            agreements.end_agreement(self._db, number, state, by=by)

    # -- voices ----------------------------------------------------------------------------

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

    def keep_headline(self, kept: KeptHeadline) -> None:
        """Keep a headline, or that the answer was none."""
        with self._writing():
            second.keep_headline(self._db, kept)
