"""The calls and mentions that a battlecard stands on: which count, who said what, and where."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from callmine.domain import Deal, Kind, Outcome, Role
from callmine.reports.battlecard_named import BattlecardSettings
from callmine.reports.battlecard_values import Voices
from callmine.reports.closed import local_day, shows_prospects
from callmine.reports.digest_values import DigestSettings
from callmine.reports.outcomes import sureness
from callmine.reports.quotes import QuoteMaker, choose, known_role, ranked
from callmine.reports.tally import looks_inverted, passing
from callmine.store.rows import EvidenceRow, HeardRow, RaisedRow, TalkRow

Row = TypeVar("Row", HeardRow, RaisedRow)

CANDIDATES = 60
"""Findings of different calls from which the quotes of one kind are chosen at most."""

Read = Callable[[Collection[str]], Iterable[EvidenceRow]]
"""Reads findings by id, with all that a quote needs."""


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """The sales calls of a period that count, and where in them one competitor is named.

    Attributes:
        talks: The calls by id.
        days: Local day of each.
        deals: All deals by id.
        mentions: The mentions that count, by call and turn.
        turns: Turns with a mention, by call.
        placed: Calls in which it can be known what prospects say, and what we do.
        until: Last day of the period.
        barred: Findings that a person does not want to be quoted.
        pinned: Findings that stand apart, first.
        mixed: Calls and turns that name another competitor, too: what is said for or against one of them
            may be read as said of the other.
    """

    talks: Mapping[str, TalkRow]
    days: Mapping[str, date]
    deals: Mapping[str, Deal]
    mentions: tuple[HeardRow, ...]
    turns: Mapping[str, frozenset[int]]
    placed: frozenset[str]
    until: date
    counted: DigestSettings
    settings: BattlecardSettings
    barred: frozenset[str] = frozenset()
    pinned: tuple[str, ...] = ()
    mixed: frozenset[tuple[str, int]] = frozenset()

    def quotable(self, row: HeardRow) -> bool:
        """Whether a finding may be quoted in its section: nobody barred it, or put it first."""
        return row.finding_id not in self.barred and row.finding_id not in self.pinned

    def is_plain(self, row: HeardRow | EvidenceRow) -> bool:
        """Whether nobody else is named in the turn of a mention, or a person says that it is right."""
        if row.kind is not Kind.COMPETITOR or row.verdict == "right":
            return True
        return (row.call_id, row.utterance_index) not in self.mixed

    def role(self, row: HeardRow) -> Role:
        """Return who is known to have said it; nobody in a call whose roles are doubted."""
        if looks_inverted(self.talks[row.call_id]):
            return Role.UNKNOWN
        return known_role(row, min_confidence=self.counted.min_role_confidence)

    def by(self, role: Role, rows: Iterable[Row]) -> list[Row]:
        """Return what somebody of a role is known to have said in words that are looked through."""
        least, placed = self.counted.min_role_confidence, self.placed
        return [
            row
            for row in rows
            # The first says nothing new, and saves asking for most of a hundred thousand rows.
            if row.role is role and row.call_id in placed and known_role(row, min_confidence=least) is role
        ]

    def beside(self, row: HeardRow, reach: int) -> bool:
        """Whether the competitor is named at most ``reach`` turns away."""
        at = row.utterance_index
        return any(abs(turn - at) <= reach for turn in self.turns.get(row.call_id, ()))

    def unit(self, call_id: str) -> str:
        """Return what a call counts as: its deal, or itself where it has none."""
        return self.talks[call_id].deal_id or f"call:{call_id}"

    def deals_of(self, calls: Iterable[str]) -> frozenset[str]:
        """Return the deals of calls."""
        return frozenset(deal for call in calls if (deal := self.talks[call].deal_id))


def ground_of(
    talks: Iterable[TalkRow],
    deals: Sequence[Deal],
    mentions: Iterable[HeardRow],
    *,
    since: date,
    until: date,
    timezone: str,
    counted: DigestSettings,
    settings: BattlecardSettings,
    barred: Iterable[str] = (),
    pinned: Sequence[str] = (),
    others: Iterable[HeardRow] = (),
) -> Ground:
    """Gather the calls that count: dated sales calls of the period with words, of no excluded deal.

    Args:
        talks: All calls.
        deals: All deals that are not gone.
        mentions: Findings of the competitor, in any calls.
        since: First day of the period.
        until: Last day.
        timezone: IANA name; decides on which day a call was.
        counted: Which findings count.
        settings: What is enough.
        barred: Findings that are not quoted.
        pinned: Findings that are quoted apart.
        others: Findings of other competitors, in any calls.
    """
    by_id = {deal.deal_id: deal for deal in deals}
    kept: dict[str, TalkRow] = {}
    days: dict[str, date] = {}
    for talk in talks:
        if talk.type != "sales" or talk.skipped or not talk.words or talk.started_at is None:
            continue
        if talk.deal_id and by_id[talk.deal_id].outcome is Outcome.EXCLUDED:
            continue
        day = local_day(talk.started_at, timezone)
        if since <= day <= until:
            kept[talk.call_id], days[talk.call_id] = talk, day
    sure = passing((row for row in mentions if row.call_id in kept), counted)
    turns: dict[str, set[int]] = defaultdict(set)
    for row in sure:
        turns[row.call_id].add(row.utterance_index)
    return Ground(
        talks=kept,
        days=days,
        deals=by_id,
        mentions=tuple(sure),
        turns={call: frozenset(found) for call, found in turns.items()},
        placed=frozenset(call for call, talk in kept.items() if shows_prospects(talk)),
        until=until,
        counted=counted,
        settings=settings,
        barred=frozenset(barred),
        pinned=tuple(pinned),
        mixed=frozenset((row.call_id, row.utterance_index) for row in passing(others, counted)),
    )


def best_of(
    rows: Iterable[HeardRow], limit: int, ground: Ground, read: Read, *, but: Collection[str] = ()
) -> list[EvidenceRow]:
    """Return the findings to quote: of different accounts, no turn told twice, the surest first.

    A mention in a turn that names several competitors is only quoted where there is no plainer one: of whom
    it speaks is read least surely.

    Args:
        rows: What may be quoted.
        limit: How many are wanted.
        ground: The calls.
        read: Reads findings.
        but: Turns, in any case, that are quoted elsewhere.
    """
    surest: dict[str, HeardRow] = {}

    def how_sure(row: HeardRow) -> tuple[bool, tuple[bool, float, str]]:
        return ground.is_plain(row), sureness(row)

    for row in sorted(filter(ground.quotable, rows), key=how_sure, reverse=True):
        surest.setdefault(row.call_id, row)
    wanted = [row.finding_id for row in list(surest.values())[:CANDIDATES]]
    told = {text.casefold() for text in but}
    kept = []
    for found in ranked(read(frozenset(wanted))) if wanted else ():
        words = found.utterance.casefold()
        if words not in told:
            told.add(words)
            kept.append(found)
    return choose(list(filter(ground.is_plain, kept)) or kept, limit)[0]


def voices_of(
    rows: Sequence[HeardRow],
    ground: Ground,
    read: Read,
    quotes: QuoteMaker,
    *,
    but: Collection[str] = (),
) -> Voices | None:
    """Return how often something is said, with its best quotes; ``None`` where nothing can be quoted."""
    best = best_of(rows, ground.settings.quotes, ground, read, but=but)
    if not best:
        return None
    calls = {row.call_id for row in rows}
    return Voices(
        mentions=len(rows),
        calls=len(calls),
        deals=len(ground.deals_of(calls)),
        quotes=tuple(map(quotes.quote, best)),
    )


def of_kind(rows: Iterable[Row], kind: Kind, ground: Ground) -> list[Row]:
    """Return the findings of a kind that count, of calls that do."""
    talks = ground.talks
    return passing((row for row in rows if row.kind is kind and row.call_id in talks), ground.counted)
