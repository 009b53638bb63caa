"""Won and lost deals side by side."""

from __future__ import annotations

from dataclasses import replace
from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest, multinomial
from statsmodels.stats.proportion import samplesize_proportions_2indep_onetail

from callmine.outcomes.matching import Candidate, Matched, PairedLabel, _interval, match_outcomes
from callmine.outcomes.rates import rate
from callmine.outcomes.verdicts import Verdict


def deal(number: int, won: bool, closed: int, heard: str = "", cell: str = "mid") -> Candidate:
    """Return a deal; what was heard as words."""
    return Candidate(f"D{number:04}", (cell,), closed, won, frozenset(heard.split()))


def couples(both: int, won_only: int, lost_only: int, neither: int) -> list[Candidate]:
    """Return deals that come to so many pairs of each kind with "price"."""
    kinds = [(1, 1)] * both + [(1, 0)] * won_only + [(0, 1)] * lost_only + [(0, 0)] * neither
    return [
        deal(2 * at + (not won), won, 10_000 * at + won, "price" if kind[not won] else "other")
        for at, kind in enumerate(kinds)
        for won in (True, False)
    ]


def price(found: Matched) -> PairedLabel:
    """Return the row of "price"."""
    return next(row for row in found.labels if row.label == "price")


def by_hand(deals: list[Candidate], within_days: int) -> list[tuple[str, str]]:
    """Return the pairs of one cell: again and again the nearest of all pairs that are left."""
    left = sorted(deals, key=lambda deal: (deal.closed, deal.deal))
    pairs = []
    while True:
        possible = [
            (left[j].closed - left[i].closed, j - i, i, j)
            for i in range(len(left))
            for j in range(i + 1, len(left))
            if left[i].won != left[j].won and left[j].closed - left[i].closed <= within_days
        ]
        if not possible:
            return sorted(pairs)
        _, _, i, j = min(possible)
        won, lost = (left[i], left[j]) if left[i].won else (left[j], left[i])
        pairs.append((won.deal, lost.deal))
        left = [deal for at, deal in enumerate(left) if at not in (i, j)]


def test_pairs_are_alike_and_near() -> None:
    """Each won deal meets the lost one of its kind that closed nearest; the reader sees what differs."""
    found = match_outcomes(
        [
            deal(1, True, 100, "price timing"),
            deal(2, False, 130, "price"),
            deal(3, False, 90, "security price"),
            deal(4, True, 101, cell="large"),
            deal(5, False, 700, cell="large"),
        ]
    )
    (pair,) = found.pairs
    assert (pair.won, pair.lost, pair.cell, pair.days_apart) == ("D0001", "D0003", ("mid",), 10)
    assert (pair.won_only, pair.lost_only) == (("timing",), ("security",))
    assert found.unpaired == 3


def test_far_apart_is_not_alike() -> None:
    """A deal of two years ago is no counterpart."""
    deals = [deal(1, True, 0), deal(2, False, 366)]
    assert match_outcomes(deals).pairs == ()
    assert len(match_outcomes(deals, within_days=366).pairs) == 1


@pytest.mark.parametrize("counts", [(3, 9, 2, 6), (0, 5, 5, 1), (2, 1, 12, 0)])
def test_mcnemar_is_a_fair_coin(counts: tuple[int, int, int, int]) -> None:
    """Of the pairs that differ, either kind is as likely: scipy's binomial test, and the sum by hand."""
    row = price(match_outcomes(couples(*counts)))
    both, won_only, lost_only, _ = counts
    assert (row.both, row.won_only, row.lost_only) == (both, won_only, lost_only)
    assert row.p == pytest.approx(binomtest(won_only, won_only + lost_only).pvalue)
    differ = won_only + lost_only
    tail = sum(comb(differ, k) for k in range(min(won_only, lost_only) + 1)) / 2**differ
    assert row.p == pytest.approx(min(1, 2 * tail))
    assert (row.won, row.lost) == (rate(both + won_only, sum(counts)), rate(both + lost_only, sum(counts)))
    assert row.value == pytest.approx((won_only - lost_only) / sum(counts))


def test_interval_covers() -> None:
    """Over all results of 25 pairs, it holds the truth at least 93 times in 100, whatever that is."""
    results = [(b, c) for b in range(26) for c in range(26 - b)]
    ends = np.array([_interval(b, c, 25) for b, c in results])
    outcomes = np.array([(b, c, 25 - b - c) for b, c in results])
    for won_only, lost_only in [(0.1, 0.1), (0.3, 0.1), (0.05, 0.4), (0.25, 0.25), (0.5, 0.1)]:
        held = (ends[:, 0] <= won_only - lost_only) & (won_only - lost_only <= ends[:, 1])
        chances = multinomial.pmf(outcomes, 25, [won_only, lost_only, 1 - won_only - lost_only])
        assert 0.93 <= chances[held].sum() <= 1


def test_verdicts() -> None:
    """Clear, no difference that matters, and not enough."""
    assert price(match_outcomes(couples(10, 2, 25, 20))).verdict is Verdict.LOSSES
    assert price(match_outcomes(couples(10, 25, 2, 20))).verdict is Verdict.WINS
    assert price(match_outcomes(couples(400, 20, 20, 60))).verdict is Verdict.NO_DIFFERENCE
    few = price(match_outcomes(couples(2, 2, 3, 3)))
    assert few.verdict is Verdict.NOT_ENOUGH
    group = samplesize_proportions_2indep_onetail(0.10, 0.5, 0.8, alpha=0.05)
    assert few.needed == pytest.approx(group - 10, abs=1)


def test_labels_of_few_deals_are_not_tested() -> None:
    """One deal that heard it is not looked at, and costs the others nothing."""
    deals = couples(10, 2, 25, 20)
    deals[-1] = replace(deals[-1], heard=frozenset({"rare"}))
    rows = {row.label: row for row in match_outcomes(deals).labels}
    assert (rows["rare"].p, rows["rare"].q, rows["rare"].verdict) == (None, None, Verdict.NOT_ENOUGH)
    assert rows["price"].q == max(row.p for row in rows.values() if row.p is not None)
    row = price(match_outcomes(couples(1, 1, 1, 5)))
    assert (row.p, row.q, row.verdict) == (None, None, Verdict.NOT_ENOUGH)


def test_nothing_to_pair() -> None:
    """Only won deals, or none at all."""
    assert match_outcomes([]) == Matched((), (), 0)
    assert match_outcomes([deal(1, True, 1), deal(2, True, 2)]).unpaired == 2


def test_a_deal_counts_once() -> None:
    """The same deal twice is the caller's mistake."""
    with pytest.raises(ValueError, match="twice"):
        match_outcomes([deal(1, True, 1), deal(1, False, 1)])


rows_of_deals = st.lists(
    st.tuples(st.booleans(), st.integers(0, 30), st.sampled_from(["", "price", "price timing"])),
    max_size=16,
)


@settings(deadline=None, max_examples=80)
@given(rows_of_deals, st.integers(0, 30), st.integers(0, 99))
def test_pairs_are_those_by_hand(rows: list[tuple[bool, int, str]], within_days: int, seed: int) -> None:
    """A search through all pairs finds the same, the order of deals does not matter, a swap flips signs."""
    deals = [deal(at, *row) for at, row in enumerate(rows)]
    found = match_outcomes(deals, within_days=within_days, min_deals=1)
    assert sorted((pair.won, pair.lost) for pair in found.pairs) == by_hand(deals, within_days)
    order = np.random.default_rng(seed).permutation(len(deals))
    assert match_outcomes([deals[at] for at in order], within_days=within_days, min_deals=1) == found
    swapped = [deal(at, not won, *rest) for at, (won, *rest) in enumerate(rows)]
    other = {row.label: row for row in match_outcomes(swapped, within_days=within_days, min_deals=1).labels}
    for row in found.labels:
        assert other[row.label].value == -row.value
        assert other[row.label].low == pytest.approx(-row.high)
        assert other[row.label].p == row.p
