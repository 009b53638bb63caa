"""Win rates of groups of deals."""

from __future__ import annotations

from itertools import product
from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportions_chisquare

from callmine.outcomes.groups import Grouping, win_rates
from callmine.outcomes.rates import rate


def deals(*groups: tuple[str, int, int]) -> tuple[list[str], np.ndarray]:
    """Return the groups and outcomes of deals, from (name, won, lost)."""
    names = [name for name, won, lost in groups for _ in range(won + lost)]
    return names, np.array([at < won for _, won, lost in groups for at in range(won + lost)], dtype=bool)


def exhaustive(counts: list[tuple[int, int]]) -> float:
    """Return the p-value of the chi-square statistic over every table with the same margins."""
    sizes = [won + lost for won, lost in counts]
    won_deals = sum(won for won, _ in counts)
    share = won_deals / sum(sizes)

    def statistic(won: tuple[int, ...]) -> float:
        return sum(
            (w - n * share) ** 2 / (n * share * (1 - share)) for w, n in zip(won, sizes, strict=True)
        )

    seen = statistic(tuple(won for won, _ in counts))
    tables = [won for won in product(*(range(n + 1) for n in sizes)) if sum(won) == won_deals]
    ways = {won: np.prod([comb(n, w) for w, n in zip(won, sizes, strict=True)]) for won in tables}
    extreme = sum(ways[won] for won in tables if statistic(won) >= seen - 1e-9)
    return float(extreme / sum(ways.values()))


def one(names: list[str], won: np.ndarray, **settings: int) -> Grouping:
    return win_rates({"segment": names}, won, **settings)[0]


def test_rates_and_shares() -> None:
    """Each group has its deals, its share and its amounts; the largest comes first."""
    names, won = deals(("mid", 10, 10), ("large", 6, 24))
    found = one(names, won).groups
    assert [group.names for group in found] == [("large",), ("mid",)]
    assert [group.won for group in found] == [rate(6, 30), rate(10, 20)]
    assert [group.share for group in found] == [0.6, 0.4]
    money = win_rates({"segment": names}, won, amounts=np.full(50, 100.0))[0].groups
    assert [(group.amount_won, group.amount_lost) for group in money] == [(600, 2400), (1000, 1000)]
    assert found[0].amount_won is None


def test_enough_deals_give_pearsons_test() -> None:
    """Statsmodels has the same chi-square."""
    names, won = deals(("a", 20, 40), ("b", 35, 30), ("c", 12, 25))
    expected = proportions_chisquare([20, 35, 12], [60, 65, 37])[1]
    assert one(names, won).p == pytest.approx(expected)


@pytest.mark.parametrize("counts", [[(3, 1), (0, 6), (2, 3)], [(4, 0), (1, 5)], [(1, 9), (2, 8), (5, 5)]])
def test_few_deals_give_the_exact_one(counts: list[tuple[int, int]]) -> None:
    """Random tables come close to all tables."""
    names, won = deals(*((f"g{at}", *pair) for at, pair in enumerate(counts)))
    assert one(names, won, min_deals=1).p == pytest.approx(exhaustive(counts), abs=0.015)


def test_small_groups_are_put_together() -> None:
    """Nobody reads a rate out of three deals; if all small ones are still few, that is marked."""
    names, won = deals(("a", 10, 10), ("b", 1, 2), ("c", 0, 4))
    found = one(names, won).groups
    assert [group.names for group in found] == [("a",), ("b", "c")]
    assert [group.few for group in found] == [False, True]
    assert found[1].won == rate(1, 7)


@pytest.mark.parametrize("counts", [[("a", 5, 9)], [("a", 5, 0), ("b", 7, 0)], []])
def test_nothing_to_compare(counts: list[tuple[str, int, int]]) -> None:
    """One group, one outcome, or no deals at all: no test, no difference."""
    found = one(*deals(*counts), min_deals=1)
    assert (found.p, found.q, found.differ) == (None, None, False)


def test_looking_at_many_is_paid_for() -> None:
    """Four characteristics looked at together cost the one with a difference its share."""
    names, won = deals(("a", 30, 30), ("b", 15, 45))
    rng = np.random.default_rng(1)
    others = {f"noise{at}": rng.choice(["x", "y"], 120).tolist() for at in range(3)}
    found = {row.by: row for row in win_rates({"segment": names, **others}, won)}
    assert found["segment"].p == one(names, won).p
    assert found["segment"].q == pytest.approx(4 * (found["segment"].p or 0))
    assert found["segment"].differ
    assert not found["noise0"].differ


def test_one_long_name_costs_no_room_for_the_others() -> None:
    """A segment as long as a field may be, and thousands of deals: gigabytes as an array of texts."""
    long = "x" * 131_072
    (found,) = win_rates({"segment": [long] * 10 + ["y"] * 5_000}, np.arange(5_010) % 2 == 0)
    assert [group.names for group in found.groups] == [("y",), (long,)]


def test_lengths_have_to_fit() -> None:
    """One group and one amount per deal."""
    with pytest.raises(ValueError, match="segment: 1 entries for 2"):
        win_rates({"segment": ["a"]}, [True, False])
    with pytest.raises(ValueError, match="amounts: 1 entries for 2"):
        win_rates({}, [True, False], amounts=[1.0])


@settings(deadline=None, max_examples=30)
@given(
    st.lists(st.tuples(st.sampled_from("abcd"), st.booleans()), min_size=1, max_size=30),
    st.integers(0, 99),
)
def test_neither_order_nor_swap_matters(rows: list[tuple[str, bool]], seed: int) -> None:
    """Deals in another order give the same; with won and lost swapped the p-value stays."""
    names, won = [name for name, _ in rows], np.array([ended for _, ended in rows])
    order = np.random.default_rng(seed).permutation(len(rows))
    first = one(names, won, min_deals=3)
    assert one([names[at] for at in order], won[order], min_deals=3) == first
    swapped = one(names, ~won, min_deals=3)
    assert swapped.p == (None if first.p is None else pytest.approx(first.p))
    assert sum(group.won.total for group in first.groups) == len(rows)
