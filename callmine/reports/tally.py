"""Who was heard when: deals and unlinked calls per week."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypedDict, TypeVar

from callmine.domain import Kind, Outcome, Role
from callmine.extractors.base import ENGLISH
from callmine.reports.digest_values import (
    DealGroup,
    DealOutcomes,
    DigestSettings,
    Money,
)
from callmine.reports.quotes import known_role
from callmine.reports.trend_values import WeekCount
from callmine.reports.weeks import monday, shift, week_of
from callmine.store.rows import CallRow, EvidenceRow, HeardRow, RaisedRow, TalkRow

Row = TypeVar("Row", EvidenceRow, HeardRow, RaisedRow)

BASELINE, LONG_BASELINE = 4, 12
"""Weeks before it that a week is compared with: the last few, and about a quarter."""


RELATION_STRENGTH = ("chosen", "incumbent", "evaluating", "churned", "mentioned")
"""Relations to a competitor, the strongest first: a deal counts once, under its strongest."""


def has_known_prospect(call: CallRow) -> bool:
    """Whether anything in a call is known to be said by a prospect.

    Elsewhere no objection can be found, whatever was said; counting such a call among those an
    objection could have come up in would make every share look smaller than it is.
    """
    return int(call.words_by_role.get(Role.PROSPECT.value, 0)) > 0


def in_another_language(call: CallRow | EvidenceRow | TalkRow) -> bool:
    """Whether a call, or that of a finding, is in a language in which objections are not looked for."""
    return bool(call.language) and call.language not in ENGLISH


def looks_inverted(call: CallRow | EvidenceRow | TalkRow) -> bool:
    """Whether a call's roles look the wrong way round, and nobody has confirmed or swapped them."""
    return call.role_doubt is not None


def can_show_objections(call: CallRow) -> bool:
    """Whether an objection could be found in a call, had there been one: what shares are out of."""
    return has_known_prospect(call) and not in_another_language(call) and not looks_inverted(call)


def is_read(call: CallRow) -> bool:
    """Whether a sales call has words to count: read now, or read before and to be read again."""
    if call.type != "sales" or call.status == "skipped":
        return False
    return call.status == "done" or call.words > 0


@dataclass(frozen=True, slots=True)
class Window:
    """The counted calls of a week and of the weeks before it.

    Attributes:
        weeks: Oldest first, this week last; from the first week with a call on.
        baseline: Those of the four weeks before this one that have calls.
        longer: Those of the twelve weeks before it; empty where these are no more than the four.
        calls: The counted calls by id.
        weekly: For each week its deals and unlinked calls in which an objection could be found:
            what every share is out of.
    """

    week: str
    weeks: tuple[str, ...]
    baseline: tuple[str, ...]
    calls: Mapping[str, CallRow]
    week_by_call: Mapping[str, str]
    weekly: Mapping[str, frozenset[str]]
    longer: tuple[str, ...] = ()

    def unit(self, call_id: str) -> str:
        """Return what a call counts as: its deal, or itself when it is not linked."""
        deal = self.calls[call_id].deal_id
        return f"deal:{deal}" if deal else f"call:{call_id}"

    def units(self, rows: Iterable[EvidenceRow], week: str | None = None) -> frozenset[str]:
        """Return the deals and unlinked calls of rows, of one week where it is given."""
        return frozenset(
            self.unit(row.call_id) for row in rows if week in (None, self.week_by_call[row.call_id])
        )

    def counts(self, rows: Sequence[EvidenceRow]) -> tuple[WeekCount, ...]:
        """Return the counts of rows for each week of the window, out of what could be counted."""
        heard: dict[str, set[str]] = {}
        for call_id in {row.call_id for row in rows}:
            heard.setdefault(self.week_by_call[call_id], set()).add(self.unit(call_id))
        return tuple(
            WeekCount(w, len(self.weekly[w] & heard.get(w, set())), len(self.weekly[w])) for w in self.weeks
        )

    def now(self, rows: Iterable[EvidenceRow]) -> list[EvidenceRow]:
        """Return the rows of this week."""
        return [row for row in rows if self.week_by_call[row.call_id] == self.week]


def window_of(calls: Iterable[CallRow], *, week: str, timezone: str, settings: DigestSettings) -> Window:
    """Sort the calls that count into weeks.

    Calls that are internal, unread, undated or of an excluded deal do not count.

    Raises:
        UsageError: The week or the time zone does not exist.
    """
    earliest = shift(week, 1 - max(settings.weeks_shown, BASELINE + 1))
    kept: dict[str, CallRow] = {}
    weeks: dict[str, str] = {}
    for call in calls:
        if not call.started_at or not is_read(call) or call.outcome is Outcome.EXCLUDED:
            continue
        in_week = week_of(call.started_at, timezone=timezone)
        if earliest <= in_week <= week:
            kept[call.call_id], weeks[call.call_id] = call, in_week
    first = min(weeks.values(), default=week)
    span = (monday(week) - monday(first)).days // 7
    names = tuple(shift(week, -back) for back in range(span, -1, -1))
    weekly: dict[str, set[str]] = {name: set() for name in names}
    for call_id, in_week in weeks.items():
        if not can_show_objections(kept[call_id]):
            continue
        deal = kept[call_id].deal_id
        weekly[in_week].add(f"deal:{deal}" if deal else f"call:{call_id}")
    baseline = tuple(name for name in names[-BASELINE - 1 : -1] if weekly[name])
    longer = tuple(name for name in names[-LONG_BASELINE - 1 : -1] if weekly[name])
    return Window(
        week=week,
        weeks=names,
        baseline=baseline,
        longer=longer if longer != baseline else (),
        calls=kept,
        week_by_call=weeks,
        weekly={name: frozenset(units) for name, units in weekly.items()},
    )


def passes(row: EvidenceRow | HeardRow | RaisedRow, settings: DigestSettings) -> bool:
    """Whether a finding is sure enough.

    A person's verdict decides, else a second reader's rejection, else its score.
    """
    if row.is_struck_out:
        return False
    return row.verdict is not None or row.score >= least_score(row, settings)


def passing(rows: Iterable[Row], settings: DigestSettings) -> list[Row]:
    """Return the findings that are sure enough, in their order, as :func:`passes` says of each."""
    # Of tens of thousands nobody said anything of nearly all: their label's score is all there is to ask.
    least: dict[tuple[Kind, str], float] = {}
    kept = []
    for row in rows:
        if row.verdict is None and row.second_verdict is None:
            key = row.kind, row.label
            if key not in least:
                least[key] = least_score(row, settings)
            if row.score >= least[key]:
                kept.append(row)
        elif passes(row, settings):
            kept.append(row)
    return kept


def least_score(row: EvidenceRow | HeardRow | RaisedRow, settings: DigestSettings) -> float:
    """Return the score from which a finding of this kind and label is sure enough, 0..1."""
    if row.kind is Kind.OBJECTION:
        return settings.min_label_scores.get(row.label, settings.min_objection_score)
    return settings.min_score


def by_label(
    rows: Iterable[EvidenceRow],
    window: Window,
    settings: DigestSettings,
    *,
    kind: Kind,
    roles: Collection[Role],
) -> dict[str, list[EvidenceRow]]:
    """Group the rows that count by label: of the kind, of counted calls, by a speaker of ``roles``."""
    grouped: dict[str, list[EvidenceRow]] = {}
    for row in rows:
        if row.kind is not kind or row.call_id not in window.calls or not passes(row, settings):
            continue
        # One that a person added in a call that no share is out of would make shares too large.
        if kind is Kind.OBJECTION and in_another_language(window.calls[row.call_id]):
            continue
        role = known_role(row, min_confidence=settings.min_role_confidence)
        # Of doubted roles nothing counts, however low the settings put the limit.
        if (Role.UNKNOWN if looks_inverted(window.calls[row.call_id]) else role) in roles:
            grouped.setdefault(row.label, []).append(row)
    return grouped


def split_units(units: Collection[str]) -> tuple[int, int]:
    """Return how many of the units are deals, and how many are unlinked calls."""
    deals = sum(unit.startswith("deal:") for unit in units)
    return deals, len(units) - deals


class Reach(TypedDict):
    """How widely something was heard; ``heard`` is ``deals + unlinked_calls``."""

    heard: int
    deals: int
    unlinked_calls: int
    calls: int
    accounts: int
    mentions: int


def count_accounts(heard: Iterable[CallRow | EvidenceRow]) -> int:
    """Count accounts: calls of one deal are of one, however each of them spells it."""
    spelled: dict[str, Counter[str]] = defaultdict(Counter)
    for one in heard:
        if one.account:
            spelled[one.deal_id or f"call:{one.call_id}"][one.account.casefold()] += 1
    return len({max(sorted(names), key=names.__getitem__) for names in spelled.values()})


def reach_of(rows: Sequence[EvidenceRow], window: Window) -> Reach:
    """Count the deals, calls and accounts of rows, under the names that the values of a digest have."""
    deals, unlinked = split_units(window.units(rows))
    return Reach(
        heard=deals + unlinked,
        deals=deals,
        unlinked_calls=unlinked,
        calls=len({row.call_id for row in rows}),
        accounts=count_accounts(rows),
        mentions=len(rows),
    )


def strongest_relations(rows: Iterable[EvidenceRow], window: Window) -> dict[str, int]:
    """Count the deals and unlinked calls of rows, each once, under their strongest relation."""
    found: dict[str, int] = {}
    for row in rows:
        relation = row.detail.get("relation")
        if relation in RELATION_STRENGTH:
            unit, rank = window.unit(row.call_id), RELATION_STRENGTH.index(relation)
            found[unit] = min(rank, found.get(unit, rank))
    ranks = list(found.values())
    return {name: ranks.count(n) for n, name in enumerate(RELATION_STRENGTH) if n in ranks}


def deal_outcomes(rows: Iterable[EvidenceRow], window: Window) -> DealOutcomes:
    """Group the deals of rows by how they stand, each deal once, amounts per currency."""
    deals: dict[str, tuple[Outcome, float | None, str | None]] = {}
    for row in rows:
        deal = window.calls[row.call_id].deal_id
        outcome = window.calls[row.call_id].outcome
        if deal and outcome:
            deals[deal] = (outcome, row.amount, row.currency)

    def group(outcomes: Collection[Outcome]) -> DealGroup:
        sums: dict[str | None, float] = {}
        chosen = [d for d in deals.values() if d[0] in outcomes]
        for _, amount, currency in chosen:
            if amount is not None:
                sums[currency] = sums.get(currency, 0.0) + amount
        amounts = sorted(
            (Money(round(a, 2), c) for c, a in sums.items()), key=lambda m: (-m.amount, m.currency or "")
        )
        return DealGroup(len(chosen), tuple(amounts), sum(d[1] is None for d in chosen))

    return DealOutcomes(
        open=group({Outcome.OPEN}),
        lost=group({o for o in Outcome if o.is_lost}),
        won=group({Outcome.WON}),
        touched=group(set(Outcome) - {Outcome.EXCLUDED}),
    )
