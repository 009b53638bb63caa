"""Comparing small counts."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callmine.outcomes.counts import compare_rates, q_values


def test_mid_p_by_hand() -> None:
    """6 now and 6 in four earlier weeks: P(X > 6) + P(X = 6) / 2 of Binomial(12, 1/5), doubled."""
    result = compare_rates(6, 10, earlier_count=6, earlier_exposure=40)
    assert result is not None
    assert result.p_value == pytest.approx(2 * (0.0039031 + 0.0155021 / 2), abs=1e-5)
    assert 1 < result.low < 4 < (result.high or 0)


def test_same_share_of_a_busier_week_is_no_change() -> None:
    """Twice the deals with twice the objections has a ratio of one."""
    result = compare_rates(20, 40, earlier_count=40, earlier_exposure=80)
    assert result is not None
    assert result.p_value > 0.9
    assert result.low < 1 < (result.high or 0)


def test_never_heard_before_has_no_upper_end() -> None:
    """From nothing, any growth is possible."""
    result = compare_rates(3, 10, earlier_count=0, earlier_exposure=40)
    assert result is not None
    assert result.high is None
    assert result.low > 0


@pytest.mark.parametrize("counts", [(0, 10, 0, 40), (2, 10, 3, 0), (0, 0, 3, 10)])
def test_nothing_to_compare_is_none(counts: tuple[int, float, int, float]) -> None:
    """Without anything heard, or anybody spoken with, there is no comparison."""
    assert compare_rates(counts[0], counts[1], earlier_count=counts[2], earlier_exposure=counts[3]) is None


def test_negative_counts_are_refused() -> None:
    """A negative count is a mistake of the caller."""
    with pytest.raises(ValueError, match="negative"):
        compare_rates(-1, 10, earlier_count=0, earlier_exposure=40)


@settings(deadline=None)
@given(st.integers(0, 200), st.integers(1, 200), st.integers(0, 200), st.integers(1, 800))
def test_interval_holds_the_observed_ratio(now: int, out_of: int, before: int, earlier: int) -> None:
    """The interval surrounds the ratio seen, and the p-value is a probability."""
    result = compare_rates(now, out_of, earlier_count=before, earlier_exposure=earlier)
    if result is None:
        assert now + before == 0
        return
    assert 0 <= result.p_value <= 1
    if before:
        seen = (now / out_of) / (before / earlier)
        assert result.high is not None
        assert result.low * (1 - 1e-9) <= seen <= result.high * (1 + 1e-9)


def test_q_values_pay_for_looking_at_many() -> None:
    """One small p-value among many is worth less; none is no error."""
    assert q_values([]) == ()
    assert q_values([0.01])[0] == pytest.approx(0.01)
    assert q_values([0.01, 0.9, 0.8, 0.7])[0] == pytest.approx(0.04)
