"""In how many deals something was heard, period by period, as digests count weeks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from callmine.domain import Kind, Role
from callmine.outcomes.rates import Rate, rate
from callmine.reports.brief_spans import Span
from callmine.reports.brief_values import PeriodCount
from callmine.reports.closed import Key, local_day, shows_prospects, thing_of
from callmine.reports.digest_values import DigestSettings
from callmine.reports.quotes import known_role
from callmine.reports.tally import Window, in_another_language, looks_inverted, passes
from callmine.reports.trend_values import Trend, WeekCount
from callmine.reports.trends import trends
from callmine.store.rows import HeardRow, TalkRow

SAME_WITHIN = 1.5
""""As before" is said when a change by this factor can be ruled out: a month has more deals than a week."""

_DEAL = "deal:"


def linked(unit: str) -> bool:
    """Whether a unit is a deal, and no call without one."""
    return unit.startswith(_DEAL)


@dataclass(frozen=True, slots=True, eq=False)
class Talked:
    """The sales calls that count, on their days.

    Attributes:
        day_of: The local day of each sales call with words.
        deal_of: The deal of each; calls without one are not in it.
        showing: Calls in which objections could be found: prospects are known to speak.
        ours: Calls in which one of our reps is known to speak.
        doubted: Calls whose roles look the wrong way round: nobody is known to have said anything there.
    """

    day_of: Mapping[str, date]
    deal_of: Mapping[str, str]
    showing: frozenset[str]
    ours: frozenset[str]
    doubted: frozenset[str]

    def unit(self, call_id: str) -> str:
        """Return what a call counts as: its deal, or itself where it has none."""
        deal = self.deal_of.get(call_id)
        return f"{_DEAL}{deal}" if deal else f"call:{call_id}"

    def within(self, span: Span) -> list[str]:
        """Return the calls of a period."""
        return [call for call, day in self.day_of.items() if span.first <= day <= span.last]


def talked(talks: Iterable[TalkRow], *, excluded: Collection[str], timezone: str) -> Talked:
    """Sort out the calls that count: sales calls with words, dated, of no excluded deal.

    Args:
        talks: All calls.
        excluded: Ids of deals that are no deals.
        timezone: IANA name; decides on which day a call was.
    """
    day_of: dict[str, date] = {}
    deal_of: dict[str, str] = {}
    showing, ours, doubted = set(), set(), set()
    for talk in talks:
        known = talk.type == "sales" and not talk.skipped and talk.words and talk.started_at
        if not known or talk.deal_id in excluded:
            continue
        day_of[talk.call_id] = local_day(talk.started_at or "", timezone)
        if talk.deal_id:
            deal_of[talk.call_id] = talk.deal_id
        if looks_inverted(talk):
            doubted.add(talk.call_id)
        if shows_prospects(talk):
            showing.add(talk.call_id)
        by_reps = talk.words - talk.prospect_words - talk.unknown_words
        if by_reps > 0 and not (looks_inverted(talk) or in_another_language(talk)):
            ours.add(talk.call_id)
    return Talked(day_of, deal_of, frozenset(showing), frozenset(ours), frozenset(doubted))


@dataclass(frozen=True, slots=True, eq=False)
class SaidInCalls:
    """What was heard in the calls that count, by family and label."""

    calls: Talked
    rows: Mapping[Key, tuple[HeardRow, ...]]

    def base(self, family: str, span: Span) -> frozenset[str]:
        """Return what a share in a period is out of: deals and unlinked calls; of messages, calls."""
        calls = self.calls
        if family == "message":
            return frozenset(call for call in calls.within(span) if call in calls.ours)
        return frozenset(calls.unit(call) for call in calls.within(span) if call in calls.showing)

    def within(self, key: Key, span: Span) -> list[HeardRow]:
        """Return the findings of a thing in a period."""
        day_of = self.calls.day_of
        return [row for row in self.rows.get(key, ()) if span.first <= day_of[row.call_id] <= span.last]

    def counted(self, key: Key, span: Span) -> list[HeardRow]:
        """Return the findings of a thing in a period that stand in its share."""
        base = self.base(key[0], span)
        unit = str if key[0] == "message" else self.calls.unit
        return [row for row in self.within(key, span) if unit(row.call_id) in base]

    def counts(self, keys: Iterable[Key], spans: Sequence[Span]) -> dict[Key, tuple[PeriodCount, ...]]:
        """Return in how many deals things were heard, period by period."""
        wanted = list(keys)
        bases = {
            (family, span): self.base(family, span)
            for family in {family for family, _ in wanted}
            for span in spans
        }
        return {key: tuple(self._count(key, span, bases[key[0], span]) for span in spans) for key in wanted}

    def _count(self, key: Key, span: Span, base: frozenset[str]) -> PeriodCount:
        calls = {row.call_id for row in self.within(key, span)}
        heard = calls if key[0] == "message" else set(map(self.calls.unit, calls))
        return PeriodCount(span.name, len(heard & base), len(base))


def said_in(
    calls: Talked, rows: Iterable[HeardRow], counted: DigestSettings, *, own_names: Iterable[str] = ()
) -> SaidInCalls:
    """Sort the findings that count into things heard, as digests count them.

    Args:
        calls: The calls that count.
        rows: Findings.
        counted: Which of them count.
        own_names: Our company and products, which are no competitors.
    """
    ours = {name.casefold() for name in own_names}
    found: dict[Key, list[HeardRow]] = defaultdict(list)
    for row in rows:
        if row.call_id not in calls.day_of or not passes(row, counted):
            continue
        role = known_role(row, min_confidence=counted.min_role_confidence)
        if role is Role.UNKNOWN or row.call_id in calls.doubted:
            continue
        # One that a person added in a call that no share is out of would make shares too large.
        if row.kind is Kind.OBJECTION and row.call_id not in calls.showing:
            continue
        key = thing_of(row, role, ours=ours)
        if key is not None:
            found[key].append(row)
    return SaidInCalls(calls, {key: tuple(rows) for key, rows in found.items()})


def trends_of(counts: Mapping[str, Sequence[PeriodCount]], settings: DigestSettings) -> dict[str, Trend]:
    """Compare the last period with those before, for several things that are looked at together.

    It is the comparison of digests, with these periods for its weeks, and stricter on what is the same.

    Args:
        counts: By name, oldest first; periods of one name are held against each other.
        settings: Which change counts as one.
    """
    earlier = [count for rows in counts.values() for count in rows[:-1]]
    window = Window(
        week="",
        weeks=(),
        baseline=tuple(dict.fromkeys(count.period for count in earlier if count.out_of)),
        calls={},
        week_by_call={},
        weekly={},
    )
    weekly = {
        name: tuple(WeekCount(count.period, count.heard, count.out_of) for count in rows)
        for name, rows in counts.items()
    }
    return trends(weekly, window, replace(settings, same_within=SAME_WITHIN))


def pooled(counts: Iterable[PeriodCount]) -> Rate:
    """Return several periods as one rate; a deal counts in each in which it was spoken with."""
    rows = list(counts)
    return rate(sum(row.heard for row in rows), sum(row.out_of for row in rows))
