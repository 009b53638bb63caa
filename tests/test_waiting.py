"""Time from inquiry to first call, against winning."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score
from statsmodels.stats.proportion import samplesize_proportions_2indep_onetail

from callmine.outcomes.rates import rate
from callmine.outcomes.verdicts import Verdict
from callmine.outcomes.waiting import waiting


def deals(count: int, slope: float, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Return days and outcomes; each day of waiting changes the win rate by so much."""
    rng = np.random.default_rng(seed)
    days = rng.integers(0, 41, count)
    return days, rng.random(count) < np.clip(0.5 + slope * (days - 20), 0, 1)


def test_bands() -> None:
    """Every day is in one band, at the edges too."""
    days = [0, 1, 2, 3, 7, 8, 30, 31, 400]
    won = [True, True, False, False, False, True, True, False, True]
    found = waiting(days, won)
    assert [(band.first, band.last, band.won) for band in found.bands] == [
        (0, 0, rate(1, 1)),
        (1, 2, rate(1, 2)),
        (3, 7, rate(0, 2)),
        (8, 30, rate(2, 2)),
        (31, None, rate(1, 2)),
    ]
    assert (found.middle, found.quick, found.slow) == (7, rate(2, 5), rate(3, 4))


def test_trend_is_the_area_under_the_curve() -> None:
    """Scikit-learn has the same chance that a lost deal waited longer than a won one."""
    days, won = deals(200, -0.004)
    assert waiting(days, won).waits_less == pytest.approx(roc_auc_score(~won, days))


def test_p_value_is_that_of_permutations() -> None:
    """Outcomes dealt out at random come to the same p-value."""
    days, won = deals(60, -0.008)
    found = waiting(days, won)
    rng = np.random.default_rng(2)
    ranks = np.array([(days < day).sum() + (days == day).sum() / 2 for day in days])
    drawn = np.array([ranks[rng.permutation(60)][won].mean() for _ in range(8000)])
    far = abs(ranks[won].mean() - ranks.mean()) - 1e-9
    assert found.p == pytest.approx((abs(drawn - ranks.mean()) >= far).mean(), abs=0.01)


def test_long_waits_go_with_losing() -> None:
    """Planted: 2 points a day."""
    found = waiting(*deals(400, -0.02))
    assert found.verdict is Verdict.LOSSES
    assert (found.waits_less or 0) > 0.6
    assert waiting(*deals(400, 0.02)).verdict is Verdict.WINS


def test_no_difference_needs_many_deals() -> None:
    """The same rates say it with 4,000 deals, and cannot with 40."""
    days, won = np.tile([1, 1, 9, 9], 1000), np.tile([True, False, True, False], 1000)
    assert waiting(days, won).verdict is Verdict.NO_DIFFERENCE
    few = waiting(days[:40], won[:40])
    assert few.verdict is Verdict.NOT_ENOUGH
    group = samplesize_proportions_2indep_onetail(0.10, 0.5, 0.8, alpha=0.05)
    assert few.needed == pytest.approx(2 * group - 40, abs=2)


def test_too_few_of_one_outcome() -> None:
    """Nine lost deals are not tested."""
    found = waiting(np.arange(40), np.arange(40) >= 9)
    assert (found.p, found.waits_less, found.verdict) == (None, None, Verdict.NOT_ENOUGH)


def test_calls_before_the_inquiry_are_left_out() -> None:
    """They were not waited for; how many there are is told."""
    found = waiting([-3, -1, 0, 5], [True, True, False, True])
    assert found.before_inquiry == 2
    assert found.quick.total + found.slow.total == 2


def test_all_waited_alike() -> None:
    """Without two different waits nothing can be compared."""
    found = waiting(np.full(40, 3), np.arange(40) < 20)
    assert (found.p, found.change, found.verdict) == (1.0, None, Verdict.NOT_ENOUGH)


def test_no_deals() -> None:
    """Nothing is known."""
    found = waiting([], [])
    assert (found.middle, found.change, found.needed, found.verdict) == (
        None,
        None,
        None,
        Verdict.NOT_ENOUGH,
    )


def test_lengths_have_to_fit() -> None:
    """One outcome per deal."""
    with pytest.raises(ValueError, match="days of 2 deals, outcomes of 1"):
        waiting([1, 2], [True])


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.integers(-3, 60), st.booleans()), max_size=40), st.integers(0, 99))
def test_neither_order_nor_names_matter(rows: list[tuple[int, bool]], seed: int) -> None:
    """Deals in another order give the same; a swap of won and lost turns the direction round."""
    days, won = [day for day, _ in rows], [ended for _, ended in rows]
    order = np.random.default_rng(seed).permutation(len(rows))
    first = waiting(days, won, min_deals=2)
    assert waiting([days[at] for at in order], [won[at] for at in order], min_deals=2) == first
    swapped = waiting(days, [not ended for ended in won], min_deals=2)
    assert swapped.p == (None if first.p is None else pytest.approx(first.p))
    if first.waits_less is not None:
        assert swapped.waits_less == pytest.approx(1 - first.waits_less)
    assert sum(band.won.total for band in first.bands) == len(rows) - first.before_inquiry
