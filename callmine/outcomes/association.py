"""What goes with winning: everything that was heard, each against the outcome of the deals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from callmine.outcomes.arrays import Ints
from callmine.outcomes.cohort import Cohort
from callmine.outcomes.rates import Difference, Rate, difference, rate
from callmine.outcomes.risk import (
    Scheme,
    Strata,
    choose_scheme,
    deal_strata,
    effective_information,
    risk_tables,
    strata_of,
)
from callmine.outcomes.strata import Stratified, information, odds_ratio, stratified, tables_of
from callmine.outcomes.verdicts import (
    Verdict,
    family_q,
    family_q_of_both,
    further_deals,
    judge_both,
    rate_at,
)


@dataclass(frozen=True, slots=True)
class Association:
    """One thing heard, and how the deals with it ended.

    Attributes:
        label: What was heard.
        with_it: Won deals among those that heard it.
        without: Won deals among those that did not.
        raw: The difference of the two; ``None`` when one is empty.
        raw_odds_ratio: Of the same two; ``None`` when it is not finite.
        adjusted: Like with like, call by call, by risk sets; ``None`` when too few deals have it, or lack
            it, to test. Deals that hear it later are among the others until then, so the odds ratio errs
            towards 1.
        whole: Like with like, deal by deal, however many calls they had; ``None`` where ``adjusted`` is.
        adjusted_early: ``adjusted`` without the last days before close; ``None`` where that is.
        p: The larger mid-p value of the two; ``None`` when not tested.
        q: False-discovery rate among all that were tested together, in both ways, which decides;
            ``None`` when not tested.
        verdict: What can be said.
        needed: Further deals that would show the smallest effect that matters four times in five;
            0 when there are enough already, ``None`` when no number can be given. Of a label that is not
            tested, what two plain proportions would need, which is less.
        disagree: One of the two ways of comparing like with like finds something, the other not the same.
        confounded: All deals together differ clearly, and like with like they do not.
        base: Win rate of all deals that were looked at; ``None`` without deals.
        like_for_like: What ``base`` becomes under the adjusted odds ratio; ``None`` without one.
    """

    label: str
    with_it: Rate
    without: Rate
    raw: Difference | None
    raw_odds_ratio: float | None
    adjusted: Stratified | None
    whole: Stratified | None
    adjusted_early: Stratified | None
    p: float | None
    q: float | None
    verdict: Verdict
    needed: int | None
    disagree: bool
    confounded: bool
    base: float | None
    like_for_like: float | None


@dataclass(frozen=True, slots=True)
class Associations:
    """Everything that was looked at together.

    Attributes:
        rows: One association per label, in the order given.
        tested: How many of them were tested: the family that q-values are about.
        strata: What like with like means call by call, in plain words.
        kinds: What it means deal by deal.
    """

    rows: tuple[Association, ...]
    tested: int
    strata: tuple[str, ...]
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Family:
    """Labels with support, tested together in two ways.

    Attributes:
        scheme: What makes deals alike at a call.
        kinds: What makes deals alike as a whole, in plain words.
        adjusted: Like with like call by call, by label.
        whole: Like with like deal by deal, by label.
        alone: False-discovery rates by either way alone, by label.
        q: False-discovery rate by both, by label.
    """

    scheme: Scheme
    kinds: tuple[str, ...]
    adjusted: Mapping[str, Stratified]
    whole: Mapping[str, Stratified]
    alone: Mapping[str, tuple[float, float]]
    q: Mapping[str, float]


def family_of(cohort: Cohort, firsts: Mapping[str, Ints], *, min_deals: int = 5) -> Family:
    """Test each thing heard that at least ``min_deals`` deals heard, and as many did not, in two ways.

    Call by call: deals that hear it first at a call against those as far that have not. That is right
    where a deal that has more calls hears more; it is wrong where something is bound to be said, and deals
    that end early say it in the few calls they have. Deal by deal: right in the second case, and wrong in
    the first. Nobody knows which of the two a workspace is, so something is found only where both find it
    (an intersection-union test: its p-value is the larger one; Berger, Technometrics 24, 1982), and
    bounds on false discoveries hold as soon as one of the two is right.

    How many heard it says nothing about who won, so leaving the others out changes no error rate.

    Args:
        cohort: Closed deals and their calls.
        firsts: :meth:`Cohort.first_heard` of each label.
        min_deals: Support, at least 1.

    Raises:
        ValueError: The support is none, or a label has not one entry per deal.
    """
    if min_deals < 1:
        raise ValueError(f"a minimum support of {min_deals} deals is none")
    supported = {
        label: first
        for label, first in firsts.items()
        if min_deals <= np.count_nonzero(first >= 0) <= cohort.deals - min_deals
    }
    scheme = choose_scheme(cohort, supported)
    adjusted = _adjusted(cohort, strata_of(cohort, scheme), supported)
    kinds, names = deal_strata(cohort, supported)
    whole = {
        label: stratified(tables_of(first >= 0, cohort.won, kinds)) for label, first in supported.items()
    }
    ways = family_q(list(adjusted.values())), family_q(list(whole.values()))
    both = family_q_of_both(list(zip(adjusted.values(), whole.values(), strict=True)))
    return Family(
        scheme=scheme,
        kinds=names,
        adjusted=adjusted,
        whole=whole,
        alone=dict(zip(supported, zip(*ways, strict=True), strict=True)),
        q=dict(zip(supported, both, strict=True)),
    )


def associate(
    cohort: Cohort,
    firsts: Mapping[str, Ints],
    *,
    min_deals: int = 5,
    smallest_effect: float = 0.10,
    max_q: float = 0.05,
    sensitivity_days: int = 14,
) -> Associations:
    """Hold each thing heard against the outcome, like with like.

    Labels that fewer than ``min_deals`` deals heard, or did not hear, are described, not tested.

    Args:
        cohort: Closed deals and their calls.
        firsts: :meth:`Cohort.first_heard` of each label.
        min_deals: Support, at least 1.
        smallest_effect: Smallest difference of win rates that matters, up to 0.5.
        max_q: False-discovery rate up to which something counts as found.
        sensitivity_days: Calls in so many last days are left out of ``adjusted_early``.

    Raises:
        ValueError: A number is out of its range, or a label has not one entry per deal.
    """
    family = family_of(cohort, firsts, min_deals=min_deals)
    strata = strata_of(cohort, family.scheme)
    early = cohort.without_last(sensitivity_days)
    early_firsts = {label: early.first(firsts[label]) for label in family.adjusted}
    adjusted_early = _adjusted(early.cohort, strata_of(early.cohort, family.scheme), early_firsts)
    rows = []
    for label, first in firsts.items():
        row = _described(cohort, label, first)
        told: float | None = None
        if label in family.adjusted:
            row = replace(row, adjusted_early=adjusted_early[label])
            row = _judged(row, family, smallest_effect, max_q)
            told = effective_information(cohort, strata, first)
        rows.append(replace(row, needed=_needed(row, told, smallest_effect)))
    return Associations(tuple(rows), len(family.adjusted), family.scheme.variables, family.kinds)


def _adjusted(cohort: Cohort, strata: Strata, firsts: Mapping[str, Ints]) -> dict[str, Stratified]:
    return {label: stratified(risk_tables(cohort, strata, first)) for label, first in firsts.items()}


def _described(cohort: Cohort, label: str, first: Ints) -> Association:
    """Return what is known of a label before any test."""
    heard = first >= 0
    with_it, deals = int(heard.sum()), cohort.deals
    won, won_with = int(cohort.won.sum()), int((heard & cohort.won).sum())
    base = won / deals if deals else None
    everyone = tables_of(heard, cohort.won, np.zeros(deals, dtype=np.int64))
    return Association(
        label=label,
        with_it=rate(won_with, with_it),
        without=rate(won - won_with, deals - with_it),
        raw=difference(won_with, with_it, won - won_with, deals - with_it),
        raw_odds_ratio=odds_ratio(everyone),
        adjusted=None,
        whole=None,
        adjusted_early=None,
        p=None,
        q=None,
        verdict=Verdict.NOT_ENOUGH,
        needed=None,
        disagree=False,
        confounded=False,
        base=base,
        like_for_like=None,
    )


def _judged(row: Association, family: Family, smallest_effect: float, max_q: float) -> Association:
    """Return a label's row with its tests."""
    if row.raw is None or row.base is None:
        raise ValueError(f"{row.label}: tested without deals to compare")
    adjusted, whole, q = family.adjusted[row.label], family.whole[row.label], family.q[row.label]
    found = tuple(alone <= max_q for alone in family.alone[row.label])
    return replace(
        row,
        adjusted=adjusted,
        whole=whole,
        p=max(adjusted.p_value, whole.p_value),
        q=q,
        verdict=judge_both(
            (adjusted, whole), q=q, base=row.base, smallest_effect=smallest_effect, max_q=max_q
        ),
        disagree=any(found) and not (all(found) and adjusted.excess * whole.excess > 0),
        confounded=row.raw.clear and not any(found),
        like_for_like=None if adjusted.odds_ratio is None else rate_at(row.base, adjusted.odds_ratio),
    )


def _needed(row: Association, told: float | None, smallest_effect: float) -> int | None:
    """Return the further deals, given the information that a label's risk sets leave, if it has any yet."""
    if row.base is None:
        return None
    table = [
        [row.with_it.successes, row.with_it.total - row.with_it.successes],
        [row.without.successes, row.without.total - row.without.successes],
    ]
    whole = information(np.array([table]))
    return further_deals(
        row.base,
        smallest_effect,
        with_it=row.with_it.total,
        deals=row.with_it.total + row.without.total,
        efficiency=1.0 if told is None else told / whole if whole else 0.0,
    )
