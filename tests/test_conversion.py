"""Conversion between stages, the order of stages, and what moved with a change."""

from __future__ import annotations

import time
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import hypergeom

from callmine.outcomes.conversion import Step, conversions
from callmine.outcomes.entries import Behind, deals_behind
from callmine.outcomes.rates import rate
from callmine.outcomes.stages import Path, stage_order
from callmine.outcomes.verdicts import Verdict

ORDER = ("discovery", "demo", "proposal")
PERIODS = [("Q1", 0), ("Q2", 90), ("Q3", 180)]


def moving(first: int, deals: int, moved: int, *, stage: str = "discovery", after: int = 10) -> list[Path]:
    """Return deals that entered a stage on a day; so many of them went on to a demo."""
    return [
        Path(((stage, first), *((("demo", first + after),) if at < moved else ())), False, first + 60)
        for at in range(deals)
    ]


def steps(paths: list[Path], **settings: object) -> dict[str, Step]:
    """Return the steps by their stage."""
    found = conversions(paths, PERIODS, **{"today": 270, "order": ORDER, "settled_days": 30, **settings})
    return {step.stage: step for step in found}


def test_rates_by_period() -> None:
    """Each period has the deals that entered in it, and those that went on."""
    found = steps(moving(5, 10, 6) + moving(100, 20, 10) + moving(200, 10, 1))["discovery"]
    assert [(row.period, row.entered, row.moved) for row in found.periods] == [
        ("Q1", 10, rate(6, 10)),
        ("Q2", 20, rate(10, 20)),
        ("Q3", 10, rate(1, 10)),
    ]
    assert (found.now, found.before) == (rate(1, 10), rate(16, 30))


def test_the_deals_behind_each_number() -> None:
    """By stage and period: those that went on in time, those that did not, and those still on their way."""
    paths = moving(5, 3, 1) + moving(100, 2, 2, after=40) + moving(250, 2, 1, after=1)
    behind = deals_behind(paths, dict.fromkeys(ORDER, 30), PERIODS, today=270)
    discovery = [one for one in behind if one.stage == "discovery"]
    assert discovery == [
        Behind("discovery", "Q1", (0,), (1, 2), ()),
        Behind("discovery", "Q2", (), (3, 4), ()),
        Behind("discovery", "Q3", (), (), (5, 6)),
    ]
    counted = steps(paths)
    for one in behind:
        entries = {row.period: row for row in counted[one.stage].periods}[one.period]
        assert entries.moved == rate(len(one.went_on), len(one.went_on) + len(one.stayed))
        assert entries.open == len(one.under_way)


def test_change_is_the_exact_mid_p() -> None:
    """Given both margins, the deals that went on now are hypergeometric."""
    found = steps(moving(5, 30, 16) + moving(200, 10, 1))["discovery"]
    law = hypergeom(40, 17, 10)
    assert found.change is not None
    assert found.change.p_value == pytest.approx(2 * (law.pmf(0) + law.pmf(1) / 2))
    assert found.q == found.change.p_value


def test_jeopardy_and_what_moved_with_it() -> None:
    """Half as many go on as before, and "price" is heard in most of those deals now."""
    paths = moving(5, 60, 40) + moving(200, 60, 15)
    heard = {(deal, "discovery"): frozenset({"price"} if deal >= 70 else ()) for deal in range(10, 120)}
    found = steps(paths, heard=heard)
    assert found["discovery"].in_jeopardy
    (moved,) = found["discovery"].heard
    assert (moved.label, moved.now, moved.before) == ("price", rate(50, 60), rate(0, 50))
    assert moved.beyond_chance
    assert moved.q == moved.change.p_value
    assert not found["demo"].in_jeopardy
    assert found["demo"].heard == ()


def test_more_going_on_is_no_jeopardy() -> None:
    """A change for the better is said as such."""
    found = steps(moving(5, 60, 15) + moving(200, 60, 40))["discovery"]
    assert found.verdict is Verdict.WINS
    assert not found.in_jeopardy


def test_too_few_deals_are_not_tested() -> None:
    """Four deals say nothing; how many more would is said."""
    found = steps(moving(5, 60, 50) + moving(200, 4, 0))["discovery"]
    assert (found.q, found.verdict) == (None, Verdict.NOT_ENOUGH)
    assert found.needed is not None
    assert found.needed > 100


def test_the_newest_are_not_counted_before_their_time() -> None:
    """Ten entered three weeks ago and five of them went on at once: none counts yet."""
    found = steps(moving(5, 20, 10) + moving(250, 10, 5, after=1))["discovery"]
    assert (found.periods[2].entered, found.periods[2].open) == (10, 10)
    assert found.now == rate(0, 0)
    assert found.change is None


def test_going_on_after_the_settled_time_is_not_going_on() -> None:
    """Otherwise older deals, which had more time, would always look better."""
    found = steps(moving(5, 10, 10, after=31) + moving(200, 10, 10, after=30))["discovery"]
    assert (found.before, found.now) == (rate(0, 10), rate(10, 10))


def test_settled_time_holds_nine_of_ten() -> None:
    """Of ten deals that went on after 1, 2, … 10 days, nine did within nine."""
    paths = [path for days in range(1, 11) for path in moving(5, 1, 1, after=days)]
    assert steps(paths, settled_days=None)["discovery"].settled_days == 9
    assert steps(moving(5, 3, 0), settled_days=None)["discovery"].settled_days is None


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (Path((("discovery", 5), ("proposal", 9)), False, 30), {"discovery": 1, "proposal": 0}),
        (Path((("discovery", 5),), True, 9), {"discovery": 1}),
        (Path((("demo", 5), ("discovery", 9)), False, 30), {"demo": 0, "discovery": 0}),
        (Path((("demo", 5), ("discovery", 7), ("demo", 9)), False, 30), {"demo": 0, "discovery": 1}),
        (Path((("demo", 5), ("elsewhere", 9)), False, 30), {"demo": 0}),
        (Path((("demo", 5),)), {"demo": 0}),
    ],
)
def test_what_going_on_is(path: Path, expected: dict[str, int]) -> None:
    """A later stage or a won deal; skipped stages were not entered, and going back is no progress."""
    found = {stage: step.before for stage, step in steps([path]).items() if step.before.total}
    assert found == {stage: rate(moved, 1) for stage, moved in expected.items()}


def test_deals_before_the_first_period_are_left_out() -> None:
    """They have no period to be counted in."""
    assert steps(moving(-5, 10, 5))["discovery"].before == rate(0, 0)


@pytest.mark.parametrize("periods", [[], [("Q2", 90), ("Q1", 0)], [("Q4", 280)]])
def test_periods_have_to_be_in_order(periods: list[tuple[str, int]]) -> None:
    """The last one is the one in question."""
    with pytest.raises(ValueError, match="oldest first"):
        conversions([], periods, today=270)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (((("a", 1),), True, None), "neither"),
        (((("a", 1),), None, 5), "neither"),
        (((("a", 2), ("b", 1)),), "order of their days"),
    ],
)
def test_impossible_paths(arguments: tuple[object, ...], message: str) -> None:
    """A deal has both, or neither, of outcome and end; days do not run backwards."""
    with pytest.raises(ValueError, match=message):
        Path(*arguments)


def test_stages_that_no_deal_shares_are_ordered_by_those_between() -> None:
    """Nobody went from the first to the last, and names would order them the other way round."""
    paths = [Path((("d", 1), ("c", 2))), Path((("c", 1), ("b", 2))), Path((("b", 1), ("a", 2)))]
    assert stage_order(paths) == ("d", "c", "b", "a")


def test_order_of_stages_by_exhaustive_search() -> None:
    """The order that the fewest pairs of stages within deals speak against, of all there are."""
    rng = np.random.default_rng(4)
    true = ["meet", "demo", "trial", "offer", "legal"]
    paths = []
    for _ in range(60):
        kept = [stage for stage in true if rng.random() < 0.7]
        if len(kept) > 1 and rng.random() < 0.2:
            kept[0], kept[1] = kept[1], kept[0]
        paths.append(Path(tuple((stage, day) for day, stage in enumerate(kept))))

    def against(order: tuple[str, ...]) -> int:
        pairs = (
            (a, b)
            for path in paths
            for i, (a, _) in enumerate(path.entered)
            for b, _ in path.entered[i + 1 :]
        )
        return sum(order.index(a) > order.index(b) for a, b in pairs)

    best = min(permutations(sorted(true)), key=against)
    assert stage_order(paths) == best == tuple(true)


def test_hundreds_of_stages_are_ordered_in_no_time() -> None:
    """A column of free text that was taken for the stage must not hold up the report."""
    names = [f"s{at:03}" for at in range(600)]
    began = time.monotonic()
    assert stage_order([Path(tuple((name, day) for day, name in enumerate(names)))]) == tuple(names)
    assert time.monotonic() - began < 60  # with a loop in Python: ten minutes


def test_no_paths_no_stages() -> None:
    """Nothing to order, and nothing to convert."""
    assert stage_order([]) == ()
    assert conversions([], PERIODS, today=270) == ()


paths_of_deals = st.lists(
    st.builds(
        lambda stages, days, won: Path(
            tuple(zip(stages, sorted(days), strict=False)), won, None if won is None else 260
        ),
        st.lists(st.sampled_from(ORDER), min_size=3, max_size=3),
        st.lists(st.integers(-20, 250), min_size=3, max_size=3),
        st.sampled_from([True, False, None]),
    ),
    max_size=25,
)


@settings(deadline=None, max_examples=40)
@given(paths_of_deals, st.integers(0, 99))
def test_order_of_deals_does_not_matter(paths: list[Path], seed: int) -> None:
    """The same deals in another order have the same stages and rates; what was heard goes with its deal."""
    order = np.random.default_rng(seed).permutation(len(paths))
    heard = {(deal, "demo"): frozenset({f"l{deal % 3}"}) for deal in range(len(paths))}
    moved = {(at, "demo"): heard[int(deal), "demo"] for at, deal in enumerate(order)}
    shuffled = [paths[at] for at in order]
    assert stage_order(paths) == stage_order(shuffled)
    one = conversions(paths, PERIODS, today=270, heard=heard, max_q=1.0, min_deals=1)
    assert one == conversions(shuffled, PERIODS, today=270, heard=moved, max_q=1.0, min_deals=1)
    for step in one:
        for row in step.periods:
            assert row.entered == row.open + row.moved.total
