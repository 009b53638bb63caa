"""What goes with winning: the three answers, and what they rest on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from callmine.outcomes.association import Association, associate
from callmine.outcomes.cohort import Cohort
from callmine.outcomes.power import deals_needed
from callmine.outcomes.risk import risk_tables, strata_of
from callmine.outcomes.strata import permutation_p
from callmine.outcomes.verdicts import Verdict, disagreement, further_deals, judge, rate_at
from tests.cohorts import a_cohort, a_random_cohort, heard_at_random


def one_call_deals(deals: int, win_rate_with: float, win_rate_without: float) -> tuple[Cohort, np.ndarray]:
    """Return deals of one call each, all alike, in half of which something is heard."""
    half = deals // 2
    won = [i < half * win_rate_with for i in range(half)] + [
        i < half * win_rate_without for i in range(half)
    ]
    cohort = a_cohort(won, [1] * deals)
    return cohort, cohort.first_heard(range(half))


def only(cohort: Cohort, first: np.ndarray) -> Association:
    """Return the association of a single label."""
    return associate(cohort, {"price": first}).rows[0]


def test_goes_with_losing_and_with_winning() -> None:
    """A large difference among like deals is told, with its side; the mirror image is told as well."""
    row = only(*one_call_deals(400, 0.3, 0.5))
    assert row.verdict is Verdict.LOSSES
    assert row.raw is not None
    assert row.raw.value == pytest.approx(-0.2)
    assert row.adjusted is not None
    assert row.adjusted.odds_ratio == pytest.approx((0.3 / 0.7) / (0.5 / 0.5))
    assert row.raw_odds_ratio == pytest.approx(row.adjusted.odds_ratio)
    assert row.base == pytest.approx(0.4)
    assert row.like_for_like == pytest.approx(rate_at(0.4, row.adjusted.odds_ratio))
    assert not row.disagree
    assert only(*one_call_deals(400, 0.5, 0.3)).verdict is Verdict.WINS


def test_no_difference_needs_both_intervals_within_the_smallest_effect() -> None:
    """Thousands of deals rule ten points out; the same rates in a hundred rule out nothing."""
    many, few = only(*one_call_deals(4_000, 0.4, 0.4)), only(*one_call_deals(100, 0.4, 0.4))
    assert (many.verdict, many.needed) == (Verdict.NO_DIFFERENCE, 0)
    assert few.verdict is Verdict.NOT_ENOUGH


def test_how_many_more_deals() -> None:
    """What is missing up to the size that shows ten points, whatever was seen so far."""
    row = only(*one_call_deals(100, 0.4, 0.4))
    assert row.needed == deals_needed(0.4, 0.1, 0.5) - 100
    other = only(*one_call_deals(100, 0.46, 0.34))
    assert other.needed == row.needed


def test_like_with_like_costs_deals() -> None:
    """Half of the information left within strata doubles the need; none left gives no number."""
    whole = further_deals(0.4, 0.1, with_it=50, deals=100, efficiency=1.0)
    half = further_deals(0.4, 0.1, with_it=50, deals=100, efficiency=0.5)
    assert whole is not None
    assert half == 2 * (whole + 100) - 100
    assert further_deals(0.4, 0.1, with_it=50, deals=100, efficiency=0) is None
    assert further_deals(0.4, 0.1, with_it=100, deals=100, efficiency=1) is None


def test_too_few_deals_are_not_tested_and_do_not_count() -> None:
    """A label of four deals has rates but no test, and leaves the others' rate as it was."""
    cohort, first = one_call_deals(200, 0.3, 0.5)
    rare = cohort.first_heard([0, 1, 2, 3])
    everywhere = cohort.first_heard(range(200))
    alone = associate(cohort, {"price": first})
    beside = associate(cohort, {"rare": rare, "price": first, "all": everywhere})
    assert beside.tested == alone.tested == 1
    assert beside.rows[1] == alone.rows[0]
    for row in (beside.rows[0], beside.rows[2]):
        assert (row.p, row.q, row.adjusted, row.verdict) == (None, None, None, Verdict.NOT_ENOUGH)
    assert beside.rows[0].with_it.total == 4
    assert beside.rows[0].needed is not None
    assert beside.rows[2].needed is None


def test_many_looks_cost() -> None:
    """What passes alone does not pass as one of sixty; the strict values decide."""
    cohort, first = one_call_deals(200, 0.33, 0.48)
    noise = {f"noise {i}": heard_at_random(cohort, i, 0.5) for i in range(60)}
    assert only(cohort, first).verdict is Verdict.LOSSES
    together = associate(cohort, {"price": first, **noise})
    assert together.tested == 61
    assert together.rows[0].verdict is Verdict.NOT_ENOUGH
    strict = sorted((row.adjusted.strict_p, row.q) for row in together.rows if row.adjusted)
    best = min(p * 61 / i for i, (p, _) in enumerate(strict, 1))
    assert strict[0][1] == pytest.approx(min(1, best))


def test_a_warning_where_raw_and_like_with_like_part() -> None:
    """Heard mostly where deals are won anyway: raw it goes with winning, like with like it does not."""
    rng = np.random.default_rng(1)
    segment = np.repeat([0, 1], 300)
    won = rng.random(600) < np.where(segment == 0, 0.7, 0.2)
    cohort = a_cohort(list(won), [1] * 600, segment=list(segment))
    heard = rng.random(600) < np.where(segment == 0, 0.6, 0.05)
    row = only(cohort, cohort.first_heard(np.flatnonzero(heard)))
    assert row.raw is not None
    assert row.raw.p_value < 0.001
    assert row.adjusted is not None
    assert row.adjusted.p_value > 0.05
    assert row.confounded
    assert not row.disagree
    assert row.verdict is Verdict.NOT_ENOUGH


def test_two_clear_results_on_different_sides_disagree() -> None:
    """Simpson's paradox is told; two unclear ones that lean apart are not."""
    row = only(*one_call_deals(400, 0.3, 0.5))
    assert row.adjusted is not None
    assert row.raw is not None
    turned = replace(row.adjusted, excess=-row.adjusted.excess)
    assert disagreement(turned, row.raw)
    unclear = replace(turned, p_value=0.4)
    assert disagreement(unclear, row.raw)
    assert not disagreement(unclear, replace(row.raw, p_value=0.3))


def test_without_the_last_days_is_counted_anew() -> None:
    """What is heard in the last fortnight only has no early figure; the strata stay those of all calls."""
    won = [True, False] * 20
    cohort = a_cohort(won, [2] * 40, days_to_close=[30, 3] * 40)
    late = cohort.first_heard(range(1, 41, 2))
    early = cohort.first_heard(range(0, 40, 2))
    rows = associate(cohort, {"late": late, "early": early}).rows
    assert rows[0].adjusted is not None
    assert rows[0].adjusted.information > 0
    assert rows[0].adjusted_early is not None
    assert rows[0].adjusted_early.odds_ratio is None
    assert rows[1].adjusted_early is not None
    assert rows[1].adjusted_early.odds_ratio == pytest.approx(1)


def test_an_association_is_that_of_its_risk_tables() -> None:
    """The adjusted figure is the test of the tables, under the scheme that is named."""
    cohort = a_random_cohort(8, 300)
    firsts = {str(i): heard_at_random(cohort, i) for i in range(4)}
    result = associate(cohort, firsts)
    assert [row.label for row in result.rows] == list(firsts)
    from callmine.outcomes.risk import choose_scheme

    scheme = choose_scheme(cohort, firsts)
    assert result.strata == scheme.variables
    for row in result.rows:
        assert row.adjusted is not None
        assert row.whole is not None
        tables = risk_tables(cohort, strata_of(cohort, scheme), firsts[row.label])
        assert row.adjusted.p_value == permutation_p(tables)
        assert row.p == max(row.adjusted.p_value, row.whole.p_value)


def test_a_quarter_without_deals_or_calls() -> None:
    """Nothing closed is no error: everything is open."""
    empty = a_cohort([], [])
    row = only(empty, empty.first_heard([]))
    assert (row.base, row.needed, row.raw, row.verdict) == (None, None, None, Verdict.NOT_ENOUGH)
    silent = a_cohort([True, False] * 10, [0] * 20)
    assert associate(silent, {"price": silent.first_heard([])}).tested == 0
    assert associate(silent, {}).rows == ()


def test_all_won_tells_nothing() -> None:
    """Where every deal was won, nothing can go with winning."""
    cohort = a_cohort([True] * 40, [1] * 40)
    row = only(cohort, cohort.first_heard(range(20)))
    assert row.p == 1
    assert row.verdict is Verdict.NOT_ENOUGH
    assert row.like_for_like is None


@pytest.mark.parametrize(
    ("settings", "why"),
    [({"min_deals": 0}, "minimum support"), ({"smallest_effect": 0.7}, "smallest effect")],
)
def test_settings_out_of_range(settings: dict[str, float], why: str) -> None:
    """A setting that means nothing is refused."""
    cohort, first = one_call_deals(40, 0.3, 0.5)
    with pytest.raises(ValueError, match=why):
        associate(cohort, {"price": first}, **settings)


def test_win_rates_under_an_odds_ratio() -> None:
    """Odds of 2 : 3 doubled are 4 : 3; without bound everything is won."""
    assert rate_at(0.4, 2.0) == pytest.approx(4 / 7)
    assert rate_at(0.4, None) == 1
    assert rate_at(0.4, 0.0) == 0
    assert (rate_at(0.0, 3.0), rate_at(1.0, 0.0)) == (0.0, 1.0)


def test_an_open_interval_is_never_no_difference() -> None:
    """Where the odds ratio has no upper end, ten points are not ruled out."""
    row = only(*one_call_deals(4_000, 0.4, 0.4))
    assert row.adjusted is not None
    assert row.raw is not None
    wide = replace(row.adjusted, high=None)
    verdict = judge(wide, row.raw, q=0.9, base=0.4, smallest_effect=0.1, max_q=0.05)
    assert verdict is Verdict.NOT_ENOUGH


def test_what_only_one_way_of_comparing_finds_is_not_found() -> None:
    """Bound to be said: deals that end early say it in their few calls, which looks bad call by call."""
    rng = np.random.default_rng(3)
    won = rng.random(900) < 0.5
    calls = np.where(won, 4, 1)
    cohort = a_cohort(list(won), list(calls))
    has_it = rng.random(900) < 0.4
    first_call = np.concatenate([[0], np.cumsum(calls)[:-1]])
    said_in = first_call + np.array([rng.integers(0, n) for n in calls])
    row = only(cohort, cohort.first_heard(said_in[has_it]))
    assert row.adjusted is not None
    assert row.whole is not None
    assert row.adjusted.p_value < 0.001
    assert row.whole.p_value > 0.05
    assert row.verdict is Verdict.NOT_ENOUGH
    assert row.disagree


def test_two_ways_that_point_to_different_sides_find_nothing() -> None:
    """Both beyond chance, one for and one against: the answer is that nobody can say."""
    rng = np.random.default_rng(4)
    won = rng.random(900) < 0.5
    calls = np.where(won, 6, 1)
    cohort = a_cohort(list(won), list(calls))
    first_call = np.concatenate([[0], np.cumsum(calls)[:-1]])
    has_it = rng.random(900) < np.where(won, 0.5, 0.38)
    said_in = first_call + np.array([rng.integers(0, n) for n in calls])
    row = only(cohort, cohort.first_heard(said_in[has_it]))
    assert row.adjusted is not None
    assert row.whole is not None
    assert row.adjusted.excess < 0 < row.whole.excess
    assert max(row.adjusted.p_value, row.whole.p_value) < 0.01
    assert row.verdict is Verdict.NOT_ENOUGH
    assert row.disagree
