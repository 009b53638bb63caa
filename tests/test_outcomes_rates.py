"""Rates, differences and power, each against another way of getting the same figure."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, binomtest, norm

from callmine.outcomes.counts import q_values
from callmine.outcomes.power import deals_needed, power_of
from callmine.outcomes.rates import difference, rate

GROUPS = st.tuples(st.integers(1, 60), st.integers(1, 60)).flatmap(
    lambda n: st.tuples(st.integers(0, n[0]), st.just(n[0]), st.integers(0, n[1]), st.just(n[1]))
)


@settings(deadline=None)
@given(GROUPS)
def test_wilson_as_scipy_has_it(counts: tuple[int, int, int, int]) -> None:
    """Statsmodels' Wilson interval is scipy's."""
    won, deals, _, _ = counts
    ours, theirs = rate(won, deals, 0.9), binomtest(won, deals).proportion_ci(0.9, method="wilson")
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=1e-9)
    assert ours.value == won / deals


def test_nothing_is_known_of_no_deals() -> None:
    """Without deals there is no rate, and the interval leaves everything open."""
    none = rate(0, 0)
    assert (none.value, none.low, none.high) == (None, 0.0, 1.0)


@pytest.mark.parametrize("counts", [(3, 2), (-1, 4)])
def test_impossible_rates_are_refused(counts: tuple[int, int]) -> None:
    """More won deals than deals are a mistake of the caller."""
    with pytest.raises(ValueError, match="negative or too large"):
        rate(*counts)
    with pytest.raises(ValueError, match="negative or too large"):
        difference(*counts, 1, 2)


@settings(deadline=None)
@given(GROUPS)
def test_newcombe_by_hand(counts: tuple[int, int, int, int]) -> None:
    """Newcombe's method 10 written out: the Wilson intervals' arms, squared and added."""
    a, n_a, b, n_b = counts
    ours = difference(a, n_a, b, n_b)
    one = binomtest(a, n_a).proportion_ci(0.95, method="wilson")
    other = binomtest(b, n_b).proportion_ci(0.95, method="wilson")
    gap = a / n_a - b / n_b
    assert ours is not None
    assert ours.low == pytest.approx(gap - math.hypot(a / n_a - one.low, other.high - b / n_b), abs=1e-9)
    assert ours.high == pytest.approx(gap + math.hypot(one.high - a / n_a, b / n_b - other.low), abs=1e-9)


@settings(deadline=None)
@given(GROUPS)
def test_difference_p_by_counting_combinations(counts: tuple[int, int, int, int]) -> None:
    """The mid-p value from binomial coefficients, and the same from either group's side."""
    a, n_a, b, n_b = counts
    ours, swapped = difference(a, n_a, b, n_b), difference(b, n_b, a, n_a)
    assert ours is not None
    assert swapped is not None
    ways = [
        math.comb(a + b, k) * math.comb(n_a + n_b - a - b, n_a - k) for k in range(a + b + 1) if k <= n_a
    ]
    above, below = sum(ways[a + 1 :]) + ways[a] / 2, sum(ways[:a]) + ways[a] / 2
    assert ours.p_value == pytest.approx(
        min(1, 2 * min(above, below) / math.comb(n_a + n_b, n_a)), rel=1e-7
    )
    assert swapped.p_value == pytest.approx(ours.p_value, rel=1e-7)
    assert swapped.value == pytest.approx(-ours.value)


def test_a_clear_difference_is_called_clear() -> None:
    """The interval decides what is clear."""
    clear, unclear = difference(30, 40, 10, 40), difference(21, 40, 20, 40)
    assert clear is not None
    assert unclear is not None
    assert clear.clear
    assert not unclear.clear


def test_an_empty_group_cannot_be_compared() -> None:
    """There is no difference from nobody."""
    assert difference(0, 0, 3, 9) is None
    assert difference(3, 9, 0, 0) is None


@pytest.mark.parametrize(
    ("base", "effect", "share"), [(0.4, 0.1, 0.5), (0.25, 0.1, 0.1), (0.8, 0.15, 0.3), (0.05, 0.1, 0.2)]
)
def test_deals_needed_by_the_textbook(base: float, effect: float, share: float) -> None:
    """Fleiss's formula for unequal groups, written out, towards one half."""
    other = base + effect if base <= 0.5 else base - effect
    ratio = (1 - share) / share
    pooled = (other + ratio * base) / (1 + ratio)
    spread = norm.ppf(0.975) * math.sqrt((1 + ratio) * pooled * (1 - pooled) / ratio)
    spread += norm.ppf(0.8) * math.sqrt(other * (1 - other) + base * (1 - base) / ratio)
    with_it = (spread / effect) ** 2
    assert deals_needed(base, effect, share) == pytest.approx(with_it * (1 + ratio), abs=2)


def test_power_by_going_through_all_outcomes() -> None:
    """The chance that the exact test finds 20 points in 90 + 90 deals, summed over every outcome."""
    said = power_of(0.3, 0.2, 90, 90)
    found = 0.0
    for a in range(90 + 1):
        for b in range(90 + 1):
            weight = binom.pmf(a, 90, 0.5) * binom.pmf(b, 90, 0.3)
            if weight > 1e-7:
                compared = difference(a, 90, b, 90)
                assert compared is not None
                found += weight * (compared.p_value <= 0.05)
    assert said == pytest.approx(found, abs=0.02)


@settings(deadline=None)
@given(st.floats(0, 1), st.sampled_from([0.05, 0.1, 0.2, 0.5]), st.floats(0.02, 0.98))
def test_deals_needed_have_the_power_asked_for(base: float, effect: float, share: float) -> None:
    """Size and power are one formula read both ways; a base of 0 or 1 is no exception."""
    deals = deals_needed(base, effect, share)
    with_it = max(1, math.ceil(deals * share))
    assert power_of(base, effect, with_it, max(1, math.ceil(deals * (1 - share)))) > 0.79


@pytest.mark.parametrize(
    "wrong", [(1.2, 0.1, 0.5), (0.4, 0.0, 0.5), (0.4, 0.6, 0.5), (0.4, 0.1, 0.0), (0.4, 0.1, 1.0)]
)
def test_numbers_out_of_range_are_refused(wrong: tuple[float, float, float]) -> None:
    """A rate above one, no effect, or nobody to compare with is a mistake of the caller."""
    with pytest.raises(ValueError, match=r"not between|nothing to compare"):
        deals_needed(*wrong)


def test_no_power_without_deals() -> None:
    """An empty group finds nothing and is not asked."""
    with pytest.raises(ValueError, match="without deals"):
        power_of(0.4, 0.1, 0, 10)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_q_values_by_stepping_up(p_values: list[float]) -> None:
    """Benjamini and Hochberg's rule in its first form finds exactly those with a q-value below the rate."""
    m, rate_ = len(p_values), 0.05
    ranked = sorted(p_values)
    passing = [p for i, p in enumerate(ranked, 1) if p <= rate_ * i / m]
    found = {i for i, p in enumerate(p_values) if passing and p <= max(passing)}
    margin = min((abs(p * m / (i * rate_) - 1) for i, p in enumerate(ranked, 1)), default=1)
    if margin > 1e-9:
        assert {i for i, q in enumerate(q_values(p_values)) if q <= rate_} == found
