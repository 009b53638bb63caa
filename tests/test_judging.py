"""What can be said of one difference."""

from __future__ import annotations

import pytest
from statsmodels.stats.proportion import power_proportions_2indep

from callmine.outcomes.judging import further_cases, judge_interval
from callmine.outcomes.verdicts import Verdict


@pytest.mark.parametrize(
    ("direction", "interval", "q", "verdict"),
    [
        (0.2, (0.1, 0.3), 0.05, Verdict.WINS),
        (-0.2, (-0.3, -0.1), 0.01, Verdict.LOSSES),
        (0.05, (0.01, 0.09), 0.06, Verdict.NO_DIFFERENCE),
        (0.0, (-0.1, 0.1), 0.01, Verdict.NO_DIFFERENCE),
        (0.05, (-0.01, 0.11), 0.06, Verdict.NOT_ENOUGH),
        (-0.05, (-0.11, 0.01), 0.06, Verdict.NOT_ENOUGH),
        (0.0, (-0.01, 0.01), None, Verdict.NOT_ENOUGH),
        (0.5, None, 0.5, Verdict.NOT_ENOUGH),
    ],
)
def test_three_answers(
    direction: float, interval: tuple[float, float] | None, q: float | None, verdict: Verdict
) -> None:
    """A finding, no difference that matters, or not enough; what was not tested is not known."""
    assert judge_interval(direction, interval, q=q, smallest_effect=0.1, max_q=0.05) is verdict


def test_further_cases_have_the_power() -> None:
    """With so many more, and no fewer, four in five such differences are found."""
    total = 100 + (further_cases(0.3, 0.1, first=40, second=60) or 0)
    for cases, enough in ((total, True), (total - 5, False)):
        power = power_proportions_2indep(0.1, 0.3, 0.4 * cases, ratio=1.5, return_results=False)
        assert bool(power >= 0.8) is enough


def test_enough_cases_need_no_more() -> None:
    """Nothing is asked for that is there."""
    assert further_cases(0.3, 0.1, first=4000, second=6000) == 0


@pytest.mark.parametrize(("base", "first", "second"), [(None, 5, 0), (0.5, 0, 5)])
def test_no_number_without_a_group(base: float | None, first: int, second: int) -> None:
    """Groups that do not exist cannot grow as they stand to each other."""
    assert further_cases(base, 0.1, first=first, second=second) is None
