"""Risk sets: against the log-rank test of another library, and against counting one deal at a time."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.duration.survfunc import survdiff

from callmine.outcomes.cohort import Cohort
from callmine.outcomes.risk import (
    NUMBER_ONLY,
    SCHEMES,
    Scheme,
    choose_scheme,
    effective_information,
    risk_tables,
    strata_of,
)
from callmine.outcomes.strata import information, stratified, variances
from tests.cohorts import a_cohort, a_random_cohort, heard_at_random, reordered

LOG_RANK = Scheme(words=1, stage=False, size=False)


def log_rank(cohort: Cohort, first: np.ndarray) -> float:
    """Return the stratified log-rank statistic: time is the number of the call, the event is hearing."""
    calls = np.bincount(cohort.deal, minlength=cohort.deals)
    heard = first >= 0
    time = np.where(heard, cohort.number[first], calls)
    return float(survdiff(time, heard.astype(int), cohort.won, strata=cohort.segment)[0])


@pytest.mark.parametrize("seed", range(6))
def test_the_risk_sets_are_those_of_the_log_rank_test(seed: int) -> None:
    """Squared excess over information is statsmodels' stratified log-rank statistic."""
    cohort = a_random_cohort(seed, 80, alike=True)
    first = heard_at_random(cohort, seed, 0.3)
    result = stratified(risk_tables(cohort, strata_of(cohort, LOG_RANK), first))
    assert result.excess**2 / result.information == pytest.approx(log_rank(cohort, first))


@pytest.mark.parametrize("scheme", [*SCHEMES, NUMBER_ONLY, LOG_RANK])
@pytest.mark.parametrize("seed", [1, 2])
def test_tables_by_counting_one_deal_at_a_time(scheme: Scheme, seed: int) -> None:
    """A deal counts at each of its calls up to the one in which it hears the thing, within like calls."""
    cohort = a_random_cohort(seed, 40)
    first = heard_at_random(cohort, seed)
    strata = strata_of(cohort, scheme)
    counted: dict[int, list[list[int]]] = defaultdict(lambda: [[0, 0], [0, 0]])
    for deal in range(cohort.deals):
        for call in np.flatnonzero(cohort.deal == deal):
            hears = int(call) == first[deal]
            counted[strata.code[call]][0 if hears else 1][0 if cohort.won[deal] else 1] += 1
            if hears:
                break
    expected = [counted[code] for code in range(strata.count)]
    assert risk_tables(cohort, strata, first).tolist() == expected


def test_a_stratum_holds_only_calls_that_are_alike() -> None:
    """Two calls share a stratum where every variable of the scheme is the same, and nowhere else."""
    cohort = a_random_cohort(4, 30)
    code = strata_of(cohort, Scheme(words=1)).code
    deal = cohort.deal
    alike = list(zip(cohort.number, cohort.stage, cohort.segment[deal], cohort.size[deal], strict=True))
    for i in range(cohort.calls):
        for j in range(i):
            assert (code[i] == code[j]) == (alike[i] == alike[j])


def test_words_part_calls() -> None:
    """Calls in which little was said are not compared with calls in which much was."""
    cohort = a_cohort([True, False] * 4, [1] * 8, words=[10, 20, 30, 40, 500, 600, 700, 800])
    assert strata_of(cohort, Scheme(words=2)).code.tolist() == [0, 0, 0, 0, 1, 1, 1, 1]


def test_lasting_longer_is_not_mistaken_for_hearing() -> None:
    """Won deals have four calls, lost ones one; what is heard by chance in each only looks like a sign."""
    rng = np.random.default_rng(5)
    won = rng.random(2_000) < 0.5
    cohort = a_cohort(list(won), list(np.where(won, 4, 1)))
    first = heard_at_random(cohort, 6, 0.3)
    raw = won[first >= 0].mean() - won[first < 0].mean()
    assert raw > 0.3
    assert stratified(risk_tables(cohort, strata_of(cohort, NUMBER_ONLY), first)).p_value > 0.05


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 1_000))
def test_the_order_of_deals_does_not_matter(seed: int) -> None:
    """The same deals in another order give the same result."""
    cohort = a_random_cohort(seed, 30)
    heard = np.flatnonzero(np.random.default_rng(seed).random(cohort.calls) < 0.3)
    moved, rows = reordered(cohort, np.random.default_rng(seed + 1).permutation(cohort.deals))
    scheme = SCHEMES[-1]
    here = stratified(risk_tables(cohort, strata_of(cohort, scheme), cohort.first_heard(heard)))
    again = moved.first_heard(np.flatnonzero(np.isin(rows, heard)))
    there = stratified(risk_tables(moved, strata_of(moved, scheme), again))
    assert there.p_value == pytest.approx(here.p_value, rel=1e-9)
    assert there.odds_ratio == pytest.approx(here.odds_ratio)


def test_many_deals_allow_finer_strata() -> None:
    """A handful of deals gets the coarsest scheme, with stage, segment and words; many get a finer one."""
    few, many = a_random_cohort(1, 25), a_random_cohort(1, 3_000)
    small = choose_scheme(few, {"price": heard_at_random(few, 1)})
    large = choose_scheme(many, {"price": heard_at_random(many, 1)})
    assert small == SCHEMES[-1]
    assert SCHEMES.index(large) < SCHEMES.index(small)
    assert set(small.variables) == {
        "number of the call",
        "segment",
        "stage at the call",
        "prospect words in the call (4 bands)",
    }
    assert "size" in large.variables


def test_the_choice_does_not_see_who_heard() -> None:
    """Within a cell of alike deals it makes no difference to the choice which of them heard it."""
    won = [True, False] * 100
    cohort = a_cohort(won, [1] * 200)
    winners, losers = cohort.first_heard([*range(0, 80, 2)]), cohort.first_heard([*range(1, 80, 2)])
    assert choose_scheme(cohort, {"x": winners}) == choose_scheme(cohort, {"x": losers})


def test_those_who_hear_it_later_weaken_the_contrast() -> None:
    """Half of the others hear it at their second call, so the first one shows half of the contrast."""
    won = [True, False] * 12
    cohort = a_cohort(won, [2] * 24)
    now, later = range(0, 16, 2), range(17, 33, 2)
    nobody_later = cohort.first_heard(now)
    half_later = cohort.first_heard([*now, *later])
    first_calls = strata_of(cohort, NUMBER_ONLY)
    told = information(risk_tables(cohort, first_calls, nobody_later))
    assert effective_information(cohort, first_calls, nobody_later) == pytest.approx(told)
    table = risk_tables(cohort, first_calls, half_later)
    one, two = variances(table)
    expected = (one / 2 + two) ** 2 / (one + two)
    assert effective_information(cohort, first_calls, half_later) == pytest.approx(expected)
    assert effective_information(cohort, first_calls, cohort.first_heard([])) == 0


def test_first_calls_of_other_deals_are_refused() -> None:
    """One entry per deal, or it is a mistake of the caller."""
    cohort = a_cohort([True, False], [1, 1])
    with pytest.raises(ValueError, match="3 first calls for 2 deals"):
        risk_tables(cohort, strata_of(cohort, NUMBER_ONLY), np.array([0, 1, -1]))
