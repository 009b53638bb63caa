"""Stratified tables: closed forms for the odds ratio, all permutations for the permutation test."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import fisher_exact, nchypergeom_fisher, norm
from scipy.stats.contingency import odds_ratio as scipy_odds_ratio

from callmine.outcomes.arrays import Ints
from callmine.outcomes.strata import information, odds_ratio, permutation_p, stratified, tables_of

CELL = st.integers(0, 12)
TABLES = st.lists(st.lists(CELL, min_size=4, max_size=4), min_size=1, max_size=6).map(
    lambda rows: np.array(rows, dtype=np.int64).reshape(-1, 2, 2)
)


def tables(*rows: tuple[int, int, int, int]) -> Ints:
    """Return tables written as with and won, with and lost, without and won, without and lost."""
    return np.array(rows, dtype=np.int64).reshape(-1, 2, 2)


def all_sums(strata: Ints) -> list[int]:
    """Return "with and won" for each way of dealing out the outcomes within strata."""
    per_stratum = []
    for (a, b), (c, d) in strata.tolist():
        exposed = set(range(a + b))
        wins = itertools.combinations(range(a + b + c + d), a + c)
        per_stratum.append([len(exposed & set(won)) for won in wins])
    return [sum(one) for one in itertools.product(*per_stratum)]


@pytest.mark.parametrize(
    "strata",
    [
        tables((2, 1, 1, 3)),
        tables((3, 0, 0, 3)),
        tables((2, 1, 1, 2), (1, 1, 0, 3)),
        tables((0, 2, 2, 1), (1, 0, 1, 2), (2, 0, 0, 2)),
        tables((1, 1, 1, 1), (1, 1, 1, 1), (2, 0, 1, 1)),
    ],
)
def test_permutation_p_by_all_permutations(strata: Ints) -> None:
    """Each permutation of outcomes within strata is gone through; tails are counted by hand."""
    sums, seen = all_sums(strata), int(strata[:, 0, 0].sum())
    above, below = sum(s > seen for s in sums), sum(s < seen for s in sums)
    same = len(sums) - above - below
    assert permutation_p(strata) == pytest.approx(min(1, 2 * (min(above, below) + same / 2) / len(sums)))
    assert stratified(strata).strict_p == pytest.approx(min(1, 2 * (min(above, below) + same) / len(sums)))
    assert information(strata) == pytest.approx(np.var(sums))
    assert stratified(strata).excess == pytest.approx(seen - np.mean(sums))


@settings(deadline=None)
@given(st.lists(CELL, min_size=4, max_size=4))
def test_one_table_is_fishers_test(cells: list[int]) -> None:
    """With a single stratum the strict value is twice Fisher's smaller tail."""
    one = tables((cells[0], cells[1], cells[2], cells[3]))
    tails = [fisher_exact(one[0], alternative=side)[1] for side in ("less", "greater")]
    assert stratified(one).strict_p == pytest.approx(min(1, 2 * min(tails)), rel=1e-6)
    assert permutation_p(one) <= stratified(one).strict_p + 1e-12


@settings(deadline=None)
@given(TABLES)
def test_odds_ratio_by_closed_forms(strata: Ints) -> None:
    """Mantel and Haenszel's ratio, and the variance of Robins, Breslow and Greenland, written out."""
    result = stratified(strata)
    r = s = pr = ps_qr = qs = 0.0
    for (a, b), (c, d) in strata.tolist():
        n = a + b + c + d
        if n:
            r, s = r + a * d / n, s + b * c / n
            p, q = (a + d) / n, (b + c) / n
            pr, qs = pr + p * a * d / n, qs + q * b * c / n
            ps_qr += p * b * c / n + q * a * d / n
    if not s:
        assert result.odds_ratio is None
        assert result.high is None
        return
    assert result.odds_ratio == pytest.approx(r / s)
    if r:
        arm = norm.ppf(0.975) * math.sqrt(pr / (2 * r * r) + ps_qr / (2 * r * s) + qs / (2 * s * s))
        assert result.low == pytest.approx(r / s * math.exp(-arm))
        assert result.high == pytest.approx(r / s * math.exp(arm))


@pytest.mark.parametrize("cells", [(5, 0, 3, 4), (6, 2, 4, 0), (0, 5, 3, 4), (4, 4, 5, 0)])
def test_open_intervals_as_scipy_has_them(cells: tuple[int, int, int, int]) -> None:
    """Where a zero leaves no standard error, the interval is scipy's exact conditional one."""
    ours = stratified(tables(cells))
    theirs = scipy_odds_ratio(tables(cells)[0], kind="conditional").confidence_interval(0.95)
    assert ours.low == pytest.approx(theirs.low, rel=1e-5)
    if math.isinf(theirs.high):
        assert (ours.odds_ratio, ours.high) == (None, None)
    else:
        assert ours.high == pytest.approx(theirs.high, rel=1e-5)


@settings(deadline=None)
@given(TABLES)
def test_no_figure_is_infinite_or_missing(strata: Ints) -> None:
    """Whatever the tables, no "nan" and no "inf" gets out."""
    result = stratified(strata)
    figures = [result.odds_ratio, result.low, result.high, result.p_value, result.strict_p, result.excess]
    assert all(math.isfinite(f) for f in figures if f is not None)
    assert 0 <= result.p_value <= result.strict_p <= 1
    assert result.odds_ratio == odds_ratio(strata)
    if result.odds_ratio and result.high:
        assert result.low <= result.odds_ratio <= result.high


@settings(deadline=None)
@given(TABLES)
def test_swapping_won_and_lost_turns_everything_round(strata: Ints) -> None:
    """Winning is to losing what losing is to winning."""
    there, back = stratified(strata), stratified(strata[:, :, ::-1])
    assert back.p_value == pytest.approx(there.p_value, rel=1e-9)
    assert back.excess == pytest.approx(-there.excess, abs=1e-9)
    assert back.information == pytest.approx(there.information)
    if there.odds_ratio and back.odds_ratio:
        assert back.odds_ratio == pytest.approx(1 / there.odds_ratio)
        assert back.low == pytest.approx(1 / (there.high or math.inf), rel=1e-6)


@settings(deadline=None)
@given(TABLES, st.integers(0, 50), st.integers(0, 50))
def test_strata_that_tell_nothing_change_nothing(strata: Ints, one: int, other: int) -> None:
    """All of one kind, all of one outcome, a single deal or none: the result is the same to the bit."""
    empty = tables((one, other, 0, 0), (0, 0, one, other), (one, 0, other, 0), (0, 1, 0, 0), (0, 0, 0, 0))
    assert stratified(np.concatenate([strata, empty])) == stratified(strata)


@settings(deadline=None)
@given(TABLES, st.integers(0, 999))
def test_the_order_of_strata_does_not_matter(strata: Ints, seed: int) -> None:
    """Strata have no order."""
    mixed = strata[np.random.default_rng(seed).permutation(len(strata))]
    assert permutation_p(mixed) == pytest.approx(permutation_p(strata), rel=1e-9)


def test_nothing_to_compare_is_no_evidence() -> None:
    """Without a stratum that tells anything, everything is left open."""
    for none in (tables(), tables((3, 2, 0, 0)), tables((0, 0, 0, 0))):
        result = stratified(none)
        assert (result.odds_ratio, result.low, result.high, result.p_value) == (None, 0.0, None, 1.0)
        assert result.informative_strata == 0
        assert not result.clear


@pytest.mark.parametrize("cells", [(4000, 0, 0, 4000), (2000, 0, 300, 1500), (90_000, 0, 1, 90_000)])
def test_thousands_of_deals_all_on_one_side(cells: tuple[int, int, int, int]) -> None:
    """Where probabilities are too small for a float the bound is still there: it is clear what it is."""
    result = stratified(tables(cells))
    assert 0 < result.p_value <= result.strict_p < 1e-300
    assert (result.odds_ratio, result.high) == (None, None)
    assert result.clear
    total, won, exposed = sum(cells), cells[0] + cells[2], cells[0] + cells[1]
    shape = (total, won, exposed, result.low)
    assert nchypergeom_fisher.sf(cells[0] - 1, *shape) == pytest.approx(0.025, rel=1e-3)


def test_many_strata_all_on_one_side() -> None:
    """The bound of hundreds of strata, and the same with won and lost turned round."""
    strata = tables(*[(20, 0, 5, 15), (3, 0, 4, 9), (0, 0, 1, 1)] * 400)
    there, back = stratified(strata), stratified(strata[:, :, ::-1])
    assert there.clear
    assert back.clear
    assert (there.high, back.low) == (None, 0)
    assert back.high == pytest.approx(1 / there.low, rel=1e-6)
    few = stratified(strata[:3])
    assert there.low > few.low > 1


def test_deals_are_counted_into_tables() -> None:
    """One table per stratum, in the order of their numbers."""
    counted = tables_of(
        np.array([True, False, True, False, False]),
        np.array([True, True, False, False, False]),
        np.array([7, 7, -1, 7, 7]),
    )
    assert counted.tolist() == [[[0, 1], [0, 0]], [[1, 0], [1, 2]]]


def test_wrong_shapes_are_refused() -> None:
    """Tables that are none, and deals that differ in number, are mistakes of the caller."""
    with pytest.raises(ValueError, match="shape"):
        stratified(np.zeros((2, 2), dtype=np.int64))
    with pytest.raises(ValueError, match="negative"):
        stratified(tables((1, 1, -1, 1)))
    with pytest.raises(ValueError, match="differ in number"):
        tables_of(np.array([True]), np.array([True, False]), np.array([0]))
