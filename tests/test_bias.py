"""Deals with calls against deals without."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import hypergeom
from statsmodels.stats.weightstats import DescrStatsW

from callmine.outcomes.bias import Coverage, Level, Part, compare_coverage
from callmine.outcomes.rates import rate


def columns(with_calls: dict[str, int], without: dict[str, int]) -> tuple[dict[str, list[str]], np.ndarray]:
    """Return the segments of deals, and which of them have calls."""
    values = [
        value for counts in (with_calls, without) for value, count in counts.items() for _ in range(count)
    ]
    return {"segment": values}, np.arange(len(values)) < sum(with_calls.values())


def by_value(rows: tuple[Level, ...]) -> dict[str, Level]:
    """Return the rows by the kind of deal."""
    return {row.value: row for row in rows}


def test_shares_side_by_side() -> None:
    """Each kind of deal among both groups, the commonest first."""
    rows = compare_coverage(*columns({"large": 30, "small": 20}, {"large": 10, "small": 40}))
    assert [row.value for row in rows] == ["small", "large"]
    row = by_value(rows)["large"]
    assert (row.with_calls, row.without_calls) == (rate(30, 50), rate(10, 50))
    assert row.change is not None
    assert row.change.value == pytest.approx(0.4)
    assert row.differs


def test_standardised_difference_is_cohens_d() -> None:
    """Statsmodels' means and variances of "is large" come to the same."""
    rows = compare_coverage(*columns({"large": 30, "small": 25}, {"large": 10, "small": 40}))
    one, other = DescrStatsW([1] * 30 + [0] * 25), DescrStatsW([1] * 10 + [0] * 40)
    expected = one.mean - other.mean
    assert by_value(rows)["large"].standardised == pytest.approx(
        expected / np.sqrt((one.var + other.var) / 2)
    )


def test_p_value_is_exact() -> None:
    """Which deals have calls, drawn at random, is hypergeometric."""
    rows = compare_coverage(*columns({"a": 2, "b": 9}, {"a": 8, "b": 5}))
    law = hypergeom(24, 10, 11)
    expected = 2 * (law.cdf(2) - law.pmf(2) / 2)
    assert by_value(rows)["a"].change is not None
    assert [row.q for row in rows] == [pytest.approx(expected), pytest.approx(expected)]


@pytest.mark.parametrize(
    ("large", "deals", "differs"),
    [
        ((6000, 5800), 10_000, False),  # beyond chance, but 2 points do not matter
        ((7, 3), 10, False),  # 40 points, but of ten deals each
        ((600, 400), 1000, True),
        ((80, 20), 1000, True),  # 6 points that are a third of a standard deviation
    ],
)
def test_a_difference_has_to_matter_and_be_no_chance(
    large: tuple[int, int], deals: int, differs: bool
) -> None:
    """Neither alone is told to a reader as one."""
    groups = [{"large": count, "small": deals - count} for count in large]
    assert by_value(compare_coverage(*columns(*groups)))["large"].differs is differs


def test_everybody_or_nobody_has_calls() -> None:
    """Without the other group nothing is compared."""
    for row in compare_coverage({"segment": ["a", "b"]}, [True, True]):
        assert (row.change, row.standardised, row.q, row.differs) == (None, None, None, False)
    assert compare_coverage({}, []) == ()


def test_one_kind_only() -> None:
    """All deals alike: no difference, and none in standard deviations."""
    (row,) = compare_coverage({"source": ["web"] * 4}, [True, True, False, False])
    assert (row.standardised, row.q, row.differs) == (None, 1.0, False)


def test_one_group_is_all_of_a_kind() -> None:
    """All deals with calls are large and none without: nothing could be farther apart."""
    rows = compare_coverage(*columns({"large": 30}, {"small": 30}))
    assert all(row.differs for row in rows)


def test_coverage() -> None:
    """Shares of completely counted wholes."""
    found = Coverage(deals=Part(30, 40), calls=Part(0, 0), words=Part(900, 1000))
    assert (found.deals.share, found.calls.share, found.words.share) == (0.75, None, 0.9)


@pytest.mark.parametrize("counts", [(5, 4), (-1, 4)])
def test_impossible_parts(counts: tuple[int, int]) -> None:
    """A part is not more than the whole."""
    with pytest.raises(ValueError, match="negative or too large"):
        Part(*counts)


def test_lengths_have_to_fit() -> None:
    """One value per deal."""
    with pytest.raises(ValueError, match="source: 1 values for 2 deals"):
        compare_coverage({"source": ["web"]}, [True, False])


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.booleans()), max_size=40), st.integers(0, 99))
def test_order_does_not_matter_and_groups_mirror(rows: list[tuple[str, bool]], seed: int) -> None:
    """Deals in another order give the same; groups swapped, the differences turn round."""
    values, called = [value for value, _ in rows], np.array([call for _, call in rows], dtype=bool)
    order = np.random.default_rng(seed).permutation(len(rows))
    found = compare_coverage({"segment": values}, called)
    assert compare_coverage({"segment": [values[at] for at in order]}, called[order]) == found
    for row, other in zip(found, compare_coverage({"segment": values}, ~called), strict=True):
        assert (row.value, row.differs, row.with_calls) == (other.value, other.differs, other.without_calls)
        if row.change is not None and other.change is not None:
            assert row.change.value == -other.change.value
            assert row.q == pytest.approx(other.q)
