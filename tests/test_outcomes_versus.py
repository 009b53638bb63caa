"""A against B in two ways: which deals stand against which, and what is claimed of nothing."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pytest
from scipy.stats import fisher_exact
from statsmodels.stats.contingency_tables import StratifiedTable

from benchmarks.validity.pairs import Pairs, pairs_part, pairs_without_effect
from benchmarks.validity.quarters import WORLDS, a_quarter
from callmine.outcomes.cohort import Cohort
from callmine.outcomes.power import deals_needed
from callmine.outcomes.sides import groups_of
from callmine.outcomes.verdicts import Verdict
from callmine.outcomes.versus import Versus, versus


def cohort_of(
    won: np.ndarray, calls: np.ndarray | int = 1, segment: np.ndarray | None = None, words: int = 500
) -> Cohort:
    """Return deals with so many calls each, alike in everything but the segment."""
    n = len(won)
    calls = np.broadcast_to(calls, n)
    deal = np.repeat(np.arange(n), calls)
    number = np.arange(len(deal)) - np.repeat(np.cumsum(calls) - calls, calls) + 1
    same = np.zeros(len(deal), dtype=np.int64)
    return Cohort(
        won=won,
        segment=np.zeros(n, dtype=np.int64) if segment is None else segment,
        size=np.zeros(n, dtype=np.int64),
        deal=deal,
        number=number,
        stage=same,
        words=same + words,
        days_to_close=np.repeat(calls, calls) - number,
    )


def one_call_each(
    a: tuple[int, int], b: tuple[int, int], neither: tuple[int, int] = (0, 0), **settings: float
) -> Versus:
    """Compare deals of one call, each group written as won and lost."""
    won = np.concatenate([np.repeat([True, False], pair) for pair in (a, b, neither)])
    which = np.repeat([0, 1, 2], [sum(a), sum(b), sum(neither)])
    rows = np.arange(len(won))
    firsts = [np.where(which == n, rows, -1) for n in (0, 1)]
    return versus(cohort_of(won), *firsts, **settings)  # type: ignore[arg-type]


def test_a_deal_belongs_to_what_it_heard_first() -> None:
    """With one only it belongs to that in both ways; with both to the earlier one, call by call only."""
    #        A only, B only, A then B, B then A, both at once, neither
    first_a = np.array([0, -1, 4, 7, 8, -1])
    first_b = np.array([-1, 2, 5, 6, 8, -1])
    groups = groups_of(first_a, first_b)
    assert groups.a.tolist() == [True, False, False, False, False, False]
    assert groups.b.tolist() == [False, True, False, False, False, False]
    assert groups.a_first.tolist() == [True, False, True, False, False, False]
    assert groups.b_first.tolist() == [False, True, False, True, False, False]
    assert groups.at.tolist() == [0, 2, 4, 6, 8, -1]
    assert groups.either == 5
    row = versus(cohort_of(np.array([True, False] * 3), 2), first_a, first_b)
    assert (row.a.total, row.b.total, row.a_first.total, row.b_first.total) == (1, 1, 2, 2)
    assert (row.both, row.together) == (3, 1)
    assert (row.base.successes, row.base.total) == (3, 6)


def test_like_deals_alone_are_fishers_test() -> None:
    """Where all deals are alike and have one call, both ways are one table of 2 × 2."""
    row = one_call_each((40, 20), (20, 40))
    strict = 2 * fisher_exact([[40, 20], [20, 40]], alternative="greater")[1]
    for way in (row.adjusted, row.whole):
        assert way is not None
        assert way.strict_p == pytest.approx(strict)
        assert way.odds_ratio == pytest.approx(4)
    assert row.verdict is Verdict.WINS
    assert row.adjusted is not None
    assert row.p == row.adjusted.p_value
    assert one_call_each((20, 40), (40, 20)).verdict is Verdict.LOSSES
    assert one_call_each((600, 600), (600, 600)).verdict is Verdict.NO_DIFFERENCE


def counted(cells: Iterable[tuple[object, bool, bool]]) -> StratifiedTable:
    """Return tables as statsmodels takes them, counted one deal after the other."""
    tables: dict[object, list[list[int]]] = {}
    for stratum, is_a, is_won in cells:
        tables.setdefault(stratum, [[0, 0], [0, 0]])[not is_a][not is_won] += 1
    return StratifiedTable([np.array(table, dtype=float) for table in tables.values()])


def test_both_ways_by_another_route() -> None:
    """The two odds ratios are statsmodels' over tables that are counted deal by deal from the calls."""
    quarter = a_quarter(WORLDS[4], np.random.default_rng(5), 900)
    cohort = quarter.cohort
    frequent = sorted(quarter.firsts, key=lambda name: -int((quarter.firsts[name] >= 0).sum()))[:4]
    first_a, first_b = (quarter.firsts[name] for name in (frequent[1], frequent[3]))
    row = versus(cohort, first_a, first_b)
    words = np.searchsorted(np.quantile(cohort.words, [0.25, 0.5, 0.75]), cohort.words)
    by_call, by_deal = [], []
    for deal in range(cohort.deals):
        a, b, won = int(first_a[deal]), int(first_b[deal]), bool(cohort.won[deal])
        heard = [call for call in (a, b) if call >= 0]
        if (a >= 0) != (b >= 0):
            kind = (cohort.segment[deal], *((cohort.size[deal],) if "size" in row.kinds else ()))
            by_deal.append((kind, a >= 0, won))
        if heard and a != b:
            at = min(heard)
            alike = (cohort.number[at], cohort.segment[deal], cohort.stage[at], words[at])
            by_call.append((alike, at == a, won))
    assert row.strata[-1] == "prospect words in the call (4 bands)", "choose labels that leave four"
    assert row.adjusted is not None
    assert row.whole is not None
    assert row.adjusted.odds_ratio == pytest.approx(counted(by_call).oddsratio_pooled)
    assert row.whole.odds_ratio == pytest.approx(counted(by_deal).oddsratio_pooled)


def test_turned_round_it_is_the_same() -> None:
    """Swapping A and B turns the answer, and neither the evidence nor how many deals it takes."""
    quarter = a_quarter(WORLDS[0], np.random.default_rng(6), 500)
    a, b = list(quarter.firsts.values())[1:3]
    there, back = versus(quarter.cohort, a, b), versus(quarter.cohort, b, a)
    assert (there.a, there.b_first, there.both) == (back.b, back.a_first, back.both)
    assert there.p == pytest.approx(back.p)
    assert there.needed == back.needed


def test_how_many_more_deals_is_worked_out_from_all_deals() -> None:
    """Not from two groups of five that all were lost, of which so few deals would seem enough."""
    row = one_call_each((0, 5), (0, 5), neither=(50, 40))
    assert row.base.value == 0.5
    assert row.needed == deals_needed(0.5, 0.1, 0.5) - 10
    assert deals_needed(0.0, 0.1, 0.5) < deals_needed(0.5, 0.1, 0.5) / 3
    small = one_call_each((0, 4), (0, 4), neither=(50, 42))
    assert small.adjusted is None
    assert small.needed == deals_needed(0.5, 0.1, 0.5) - 8


def test_deals_that_hear_the_other_one_later_cost_more() -> None:
    """Half of those that hear A first hear B too: three quarters of the difference is left to see."""
    n = 400
    won = np.arange(n) % 2 == 0
    rows = 2 * np.arange(n)
    which = np.arange(n) // 2 % 2
    later = np.arange(n) // 4 % 2 == 0
    first_a = np.where(which == 0, rows, -1)
    first_b = np.where(which == 1, rows, np.where(later, rows + 1, -1))
    row = versus(cohort_of(won, 2), first_a, first_b)
    assert (row.a.total, row.b.total, row.a_first.total, row.b_first.total) == (100, 200, 200, 200)
    by_call = deals_needed(0.5, 0.1, 0.5) / 0.75**2 - 400
    by_deal = (max(deals_needed(0.5, 0.1, share) for share in (1 / 3, 2 / 3)) - 300) * 400 / 300
    assert row.needed == pytest.approx(max(by_call, by_deal), abs=2)


def test_an_effect_is_found_as_often_as_is_said() -> None:
    """With as many deals as ten points take, they are found in about 80 of 100 repetitions."""
    half = deals_needed(0.4, 0.1, 0.5) // 2
    rng = np.random.default_rng(8)
    found = 0
    for _ in range(150):
        a, b = rng.binomial(half, 0.5), rng.binomial(half, 0.4)
        found += one_call_each((a, half - a), (b, half - b)).verdict is Verdict.WINS
    assert 0.7 < found / 150 < 0.9


def test_what_one_way_finds_is_not_found() -> None:
    """Deals with both settle the order of what came first only, so the two ways can part."""
    # A only and B only differ; those with both, where A came first, make up for it.
    won = np.repeat([True, False, True, False, True, False], [40, 20, 20, 40, 0, 40])
    rows = 2 * np.arange(len(won))
    first_a = np.where((np.arange(160) < 60) | (np.arange(160) >= 120), rows, -1)
    first_b = np.where(np.arange(160) < 60, -1, np.where(np.arange(160) < 120, rows, rows + 1))
    row = versus(cohort_of(won, 2), first_a, first_b)
    assert row.whole is not None
    assert row.whole.p_value < 0.001
    assert row.disagree
    assert row.verdict is Verdict.NOT_ENOUGH
    assert not row.confounded


def test_one_segment_that_hears_and_wins_more_is_no_difference() -> None:
    """All deals together differ; within each segment nothing does, and that is told."""
    segment = np.repeat([0, 1], 100)
    won = np.repeat([1, 0, 1, 0, 1, 0, 1, 0], [49, 21, 21, 9, 9, 21, 21, 49]) > 0
    in_a = np.concatenate([np.arange(100) < 70, np.arange(100) < 30])
    rows = np.arange(200)
    row = versus(
        cohort_of(won, segment=segment), np.where(in_a, rows, -1), np.where(in_a, -1, rows), min_deals=1
    )
    for way in (row.adjusted, row.whole):
        assert way is not None
        assert way.odds_ratio == pytest.approx(1)
    assert row.confounded
    assert not row.disagree
    assert row.kinds == ("segment", "size")


def test_groups_too_small_to_test() -> None:
    """Rates are shown, nothing is tested; of no deals nothing is said."""
    small = one_call_each((3, 0), (10, 20))
    assert (small.adjusted, small.whole, small.p, small.verdict) == (None, None, None, Verdict.NOT_ENOUGH)
    assert small.needed is not None
    empty = versus(cohort_of(np.zeros(0, dtype=bool)), np.zeros(0, np.int64), np.zeros(0, np.int64))
    assert (empty.raw, empty.base.value, empty.needed) == (None, None, None)
    assert one_call_each((3, 3), (0, 0)).needed is None


def test_numbers_out_of_range_are_refused() -> None:
    """Every array has one entry per deal, and support is at least one deal."""
    cohort, heard = cohort_of(np.array([True, False])), np.array([0, -1])
    with pytest.raises(ValueError, match="3 first calls for 2 deals"):
        versus(cohort, np.array([0, 1, -1]), heard)
    with pytest.raises(ValueError, match="differ in number"):
        versus(cohort, heard, np.array([0]))
    with pytest.raises(ValueError, match="minimum support"):
        one_call_each((5, 5), (5, 5), min_deals=0)


def test_nothing_is_claimed_where_there_is_nothing() -> None:
    """Over all unfair worlds the upper bound of false finds is 7 %, and either way alone fails in one."""
    *chances, bound = pairs_without_effect(30)
    longer = next(one for one in chances if one.world == "won deals have more calls")
    assert longer.by_deal > 0.15
    assert bound.by_call > 0.15
    rows = tuple(row for one in chances for row in one.rows)
    assert Pairs("all", rows).upper <= 0.07
    assert bound.by_deal < 0.15
    assert bound.claimed <= 0.07 * len(bound.rows)
    assert any("| fair |" in line for line in pairs_part([*chances, bound]))
