"""Questions whether A is better than B that are decided at one call, such as how an objection was answered.

What came up over all of a deal's calls is compared in :mod:`callmine.outcomes.versus`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from callmine.outcomes.arrays import Flags, Ints, codes, flags
from callmine.outcomes.rates import Difference, Rate, difference, rate
from callmine.outcomes.strata import Stratified, information, odds_ratio, stratified, tables_of, variances
from callmine.outcomes.verdicts import Verdict, disagreement, family_q, further_deals, judge, rate_at

COMPARABLE = 0.6
"""So many of the deals have to lie in strata with A and B, won and lost."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Deals with A and without B against deals with B and without A.

    Attributes:
        a: Won deals among those with A only.
        b: Won deals among those with B only.
        both: Deals with A and B, which say nothing about which is better.
        raw: The difference of the two; ``None`` when a group is empty.
        raw_odds_ratio: Of the same two; ``None`` when it is not finite.
        adjusted: Like with like; ``None`` when a group is too small to test.
        q: False-discovery rate among the comparisons made together; ``None`` when not tested.
        verdict: What can be said: ``wins`` is A's.
        needed: Further deals with A only or B only that would show the smallest effect that matters
            four times in five, where deals are won as often as all that were looked at, with neither A nor
            B as well: two groups of five would promise too much. 0 when there are enough, ``None`` when no
            number can be given.
        disagree: Raw and adjusted say different things.
        base: Win rate of both groups together; ``None`` without deals.
        like_for_like: What ``base`` becomes under the adjusted odds ratio; ``None`` without one.
        strata: What like with like means here, in plain words.
    """

    a: Rate
    b: Rate
    both: int
    raw: Difference | None
    raw_odds_ratio: float | None
    adjusted: Stratified | None
    q: float | None
    verdict: Verdict
    needed: int | None
    disagree: bool
    base: float | None
    like_for_like: float | None
    strata: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """One question whether A is better than B, with what makes its deals alike.

    Attributes:
        won: Per deal, shape (n,).
        group_a: Deals with A, shape (n,).
        group_b: Deals with B, shape (n,); may overlap.
        strata: What makes deals alike, by name in plain words, most important first: columns of codes of
            shape (n,), as known when A or B was first said. The last are dropped where they would leave
            too little to compare; margins alone decide that.
    """

    won: Flags
    group_a: Flags
    group_b: Flags
    strata: Mapping[str, Ints]


def compare_many(
    questions: Sequence[Question],
    *,
    min_deals: int = 5,
    smallest_effect: float = 0.10,
    max_q: float = 0.05,
) -> tuple[Comparison, ...]:
    """Answer questions that are looked at together; all are one family.

    Each has deals and strata of its own: those with one objection, say. Deals with A and B are left out, so
    A and B have to be of one call: over several calls, deals with one only are those that ended early.

    Args:
        questions: Any number.
        min_deals: Support of each group, at least 1.
        smallest_effect: Smallest difference of win rates that matters, up to 0.5.
        max_q: False-discovery rate (Benjamini and Hochberg, JRSS B 57, 1995) up to which something
            counts as found.

    Raises:
        ValueError: Arrays of one question differ in length, or a number is out of its range.
    """
    if min_deals < 1:
        raise ValueError(f"a minimum support of {min_deals} deals is none")
    asked = [_Groups(question.won, question.group_a, question.group_b) for question in questions]
    used, adjusted = [], {}
    for n, (group, question) in enumerate(zip(asked, questions, strict=True)):
        for name, column in question.strata.items():
            if len(column) != group.deals:
                raise ValueError(f"{name} has {len(column)} deals, the outcomes have {group.deals}")
        used.append(_finest(group, question.strata) if group.testable(min_deals) else ())
        if group.testable(min_deals):
            adjusted[n] = stratified(group.tables([question.strata[name] for name in used[n]]))
    q = dict(zip(adjusted, family_q(list(adjusted.values())), strict=True))
    rows = []
    for n, group in enumerate(asked):
        row = _described(group, used[n], smallest_effect)
        if n in adjusted:
            row = _judged(row, group, adjusted[n], q[n], smallest_effect=smallest_effect, max_q=max_q)
        rows.append(row)
    return tuple(rows)


class _Groups:
    """Two groups of deals without those in both."""

    def __init__(self, won: Flags, group_a: Flags, group_b: Flags) -> None:
        in_a, in_b = flags(group_a, "group_a"), flags(group_b, "group_b")
        won = flags(won, "won")
        if not won.shape == in_a.shape == in_b.shape:
            raise ValueError(f"deals differ in number: {len(won)}, {len(in_a)}, {len(in_b)}")
        self.deals = len(won)
        self.base = float(won.mean()) if len(won) else 0.0
        self.both = int((in_a & in_b).sum())
        self.rows = np.flatnonzero(in_a ^ in_b)
        self.won = won[self.rows]
        self.a = in_a[self.rows]

    def tables(self, strata: Sequence[Ints]) -> Ints:
        """Return A against B, won against lost, within strata."""
        return tables_of(self.a, self.won, codes([c[self.rows] for c in strata], len(self.rows)))

    def testable(self, min_deals: int) -> bool:
        """Return whether both groups have support."""
        return min_deals <= int(self.a.sum()) <= len(self.a) - min_deals


def _finest(group: _Groups, strata: Mapping[str, Ints]) -> tuple[str, ...]:
    """Return as many of the columns, first to last, as leave enough deals to compare.

    Deals are counted, not what they can tell: a segment in which A is usual and winning is too leaves
    less to tell, and is the last thing to do without.
    """
    names = tuple(strata)
    for count in range(len(names), 0, -1):
        tables = group.tables([strata[name] for name in names[:count]])
        if tables[variances(tables) > 0].sum() >= COMPARABLE * tables.sum():
            return names[:count]
    return ()


def _described(group: _Groups, used: tuple[str, ...], smallest_effect: float) -> Comparison:
    deals, in_a = len(group.a), int(group.a.sum())
    won, won_a = int(group.won.sum()), int((group.a & group.won).sum())
    return Comparison(
        a=rate(won_a, in_a),
        b=rate(won - won_a, deals - in_a),
        both=group.both,
        raw=difference(won_a, in_a, won - won_a, deals - in_a),
        raw_odds_ratio=odds_ratio(group.tables([])),
        adjusted=None,
        q=None,
        verdict=Verdict.NOT_ENOUGH,
        needed=further_deals(group.base, smallest_effect, with_it=in_a, deals=deals, efficiency=1.0),
        disagree=False,
        base=won / deals if deals else None,
        like_for_like=None,
        strata=used,
    )


def _judged(
    row: Comparison,
    group: _Groups,
    adjusted: Stratified,
    q: float,
    *,
    smallest_effect: float,
    max_q: float,
) -> Comparison:
    if row.raw is None or row.base is None:
        raise ValueError("tested without deals to compare")
    whole = information(group.tables([]))
    return replace(
        row,
        adjusted=adjusted,
        q=q,
        verdict=judge(adjusted, row.raw, q=q, base=row.base, smallest_effect=smallest_effect, max_q=max_q),
        needed=further_deals(
            group.base,
            smallest_effect,
            with_it=row.a.total,
            deals=len(group.a),
            efficiency=adjusted.information / whole if whole else 0.0,
        ),
        disagree=disagreement(adjusted, row.raw),
        like_for_like=None if adjusted.odds_ratio is None else rate_at(row.base, adjusted.odds_ratio),
    )
