"""A against B in two ways: what came up first at a call, and what came up at all; both have to find it.

Call by call, a deal belongs to whichever of the two it heard first, at that call; what came later says how
long the deal went on, the outcome in disguise. Right where each call is one more chance to hear either.
Deal by deal, deals that ever heard A and not B are held against those with B and not A. Right where things
come up or do not, however many calls there are; wrong in the first case: where A comes up often, deals with
B alone are those that ended before A could. Nobody knows which of the two a workspace is.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from callmine.outcomes.arrays import Flags, Ints, codes
from callmine.outcomes.cohort import Cohort
from callmine.outcomes.rates import Difference, Rate, difference, rate
from callmine.outcomes.risk import NUMBER_ONLY, SCHEMES, Strata, strata_of
from callmine.outcomes.sides import Groups, call_tables, crossed, deal_tables, groups_of, part_told
from callmine.outcomes.strata import Stratified, information, odds_ratio, stratified
from callmine.outcomes.verdicts import Verdict, family_q_of_both, further_deals, judge_both, rate_at

KEPT_INFORMATION = 0.6
"""Strata have to keep this much of what the coarsest could tell. More than where a thing is held against
its absence: who talks more hears more of both A and B, so finer bands of words take out little."""


@dataclass(frozen=True, slots=True)
class Versus:
    """Deals with A against deals with B.

    Attributes:
        a: Won deals among those that heard A and never B.
        b: Won deals among those that heard B and never A.
        a_first: Won deals among those that heard A in an earlier call than B, or never B.
        b_first: The same of B.
        both: Deals that heard A and B, in whichever order.
        together: Of these, with the first of A and the first of B in one call; they say nothing.
        raw: The difference of ``a`` and ``b``; ``None`` when one is empty.
        raw_odds_ratio: Of the same two; ``None`` when it is not finite.
        adjusted: Like with like, call by call: ``a_first`` against ``b_first``; ``None`` when there are
            too few of ``a`` or ``b`` to test.
        whole: Like with like, deal by deal: ``a`` against ``b``; ``None`` where ``adjusted`` is.
        p: The larger mid-p value of the two, and 1 where they point to different sides; ``None`` when
            not tested. One comparison is a family of one, so this is its q-value too.
        verdict: What both ways can say: ``wins`` is A's.
        needed: Further deals with A or B that would show the smallest effect that matters four times in
            five in either way alone, and so in both a little less often (73 to 80 in 100 of simulated
            comparisons); 0 when there are enough, ``None`` when no number can be given. Of groups
            that are not tested, what two plain proportions would need, which is less.
        disagree: One of the two ways finds something, the other not the same.
        confounded: All deals together differ clearly, and like with like they do not.
        base: Won deals among all of the cohort, with neither A nor B as well: what ``needed`` is worked out
            from, and what odds ratios are read at. The two groups' own rate would be that of a handful.
        like_for_like: What that rate becomes under the odds ratio call by call; ``None`` without one.
        strata: What like with like means call by call, in plain words.
        kinds: What it means deal by deal.
    """

    a: Rate
    b: Rate
    a_first: Rate
    b_first: Rate
    both: int
    together: int
    raw: Difference | None
    raw_odds_ratio: float | None
    adjusted: Stratified | None
    whole: Stratified | None
    p: float | None
    verdict: Verdict
    needed: int | None
    disagree: bool
    confounded: bool
    base: Rate
    like_for_like: float | None
    strata: tuple[str, ...]
    kinds: tuple[str, ...]


def versus(
    cohort: Cohort,
    first_a: Ints,
    first_b: Ints,
    *,
    min_deals: int = 5,
    smallest_effect: float = 0.10,
    max_q: float = 0.05,
) -> Versus:
    """Hold deals with A against deals with B, like with like, in two ways that both have to find it.

    An intersection-union test (Berger, Technometrics 24, 1982): the bound on false discoveries holds as
    soon as one of the two ways is right.

    Args:
        cohort: Closed deals and their calls.
        first_a: :meth:`Cohort.first_heard` of A, shape (n,).
        first_b: The same of B.
        min_deals: Deals with A and not B, and with B and not A, from which on they are tested; at least 1.
        smallest_effect: Smallest difference of win rates that matters, up to 0.5.
        max_q: Level up to which something counts as found.

    Raises:
        ValueError: A number is out of its range, or A or B has not one entry per deal.
    """
    if min_deals < 1:
        raise ValueError(f"a minimum support of {min_deals} deals is none")
    if first_a.shape != cohort.won.shape:
        raise ValueError(f"{len(first_a)} first calls for {cohort.deals} deals")
    groups = groups_of(first_a, first_b)
    row = _described(cohort, groups)
    if row.base.value is None:
        return row
    if min(row.a.total, row.b.total) < min_deals:
        plain = (1.0, 1.0)
        return replace(row, needed=_needed(row, row.base.value, plain, groups.either, smallest_effect))
    strata = _call_strata(cohort, groups)
    kinds, names = _deal_kinds(cohort, groups)
    calls = call_tables(cohort, strata, groups)
    deals = deal_tables(cohort, kinds, groups)
    ways = stratified(calls), stratified(deals)
    p = family_q_of_both([ways])[0]
    found = [way.p_value <= max_q for way in ways]
    parts = part_told(calls, crossed(strata, groups)), part_told(deals, np.zeros(len(deals)))
    return replace(
        row,
        adjusted=ways[0],
        whole=ways[1],
        p=p,
        verdict=judge_both(ways, q=p, base=row.base.value, smallest_effect=smallest_effect, max_q=max_q),
        needed=_needed(row, row.base.value, parts, groups.either, smallest_effect),
        disagree=any(found) and not (all(found) and ways[0].excess * ways[1].excess > 0),
        confounded=row.raw is not None and row.raw.clear and not any(found),
        like_for_like=None if ways[0].odds_ratio is None else rate_at(row.base.value, ways[0].odds_ratio),
        strata=strata.scheme.variables,
        kinds=names,
    )


def _described(cohort: Cohort, groups: Groups) -> Versus:
    """Return what is known before any test."""
    won = cohort.won

    def rate_of(chosen: Flags) -> Rate:
        return rate(int((chosen & won).sum()), int(chosen.sum()))

    a, b = rate_of(groups.a), rate_of(groups.b)
    only = int((groups.a | groups.b).sum())
    first = int((groups.a_first | groups.b_first).sum())
    return Versus(
        a=a,
        b=b,
        a_first=rate_of(groups.a_first),
        b_first=rate_of(groups.b_first),
        both=groups.either - only,
        together=groups.either - first,
        raw=difference(a.successes, a.total, b.successes, b.total),
        raw_odds_ratio=odds_ratio(deal_tables(cohort, np.zeros(cohort.deals, dtype=np.int64), groups)),
        adjusted=None,
        whole=None,
        p=None,
        verdict=Verdict.NOT_ENOUGH,
        needed=None,
        disagree=False,
        confounded=False,
        base=rate(int(won.sum()), cohort.deals),
        like_for_like=None,
        strata=(),
        kinds=(),
    )


def _call_strata(cohort: Cohort, groups: Groups) -> Strata:
    """Return the finest strata that still let deals be compared, as in ``risk.choose_scheme``."""
    enough = KEPT_INFORMATION * information(call_tables(cohort, strata_of(cohort, NUMBER_ONLY), groups))
    for scheme in SCHEMES[:-1]:
        strata = strata_of(cohort, scheme)
        if information(call_tables(cohort, strata, groups)) >= enough:
            return strata
    return strata_of(cohort, SCHEMES[-1])


def _deal_kinds(cohort: Cohort, groups: Groups) -> tuple[Ints, tuple[str, ...]]:
    """Return the kind of each deal, as fine as still lets deals be compared, and what it is made of."""
    columns = {"segment": cohort.segment, "size": cohort.size}
    coarsest = information(deal_tables(cohort, np.zeros(cohort.deals, dtype=np.int64), groups))
    for names in (("segment", "size"), ("segment",)):
        kinds = codes([columns[name] for name in names], cohort.deals)
        if information(deal_tables(cohort, kinds, groups)) >= KEPT_INFORMATION * coarsest:
            return kinds, names
    return np.zeros(cohort.deals, dtype=np.int64), ()


def _needed(
    row: Versus, base: float, parts: tuple[float, float], either: int, smallest_effect: float
) -> int | None:
    """Return the further deals with A or B that both ways need, each telling only a part of the whole."""
    needs = []
    for (a, b), part in zip(((row.a_first, row.b_first), (row.a, row.b)), parts, strict=True):
        compared = a.total + b.total
        # Either of the two may be the better one, so that A against B needs as many as B against A.
        for with_it in (a.total, b.total):
            more = further_deals(base, smallest_effect, with_it=with_it, deals=compared, efficiency=part)
            if more is None:
                return None
            needs.append(math.ceil(more * either / compared))
    return max(needs)
