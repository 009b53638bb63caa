"""Deals and calls as arrays: what is refused, and what is heard first."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from callmine.outcomes.cohort import bands, merged_rare
from tests.cohorts import a_cohort, a_random_cohort, heard_at_random


@pytest.mark.parametrize(
    ("name", "values", "why"),
    [
        ("won", [1, 0], "flat array of booleans"),
        ("segment", [0], "segment has 1 deals, won has 2"),
        ("size", [0.5, 1.0], "flat array of whole numbers"),
        ("stage", [0, 0], "stage has 2 calls, deal has 3"),
        ("deal", [0, 1, 0], "not sorted by deal"),
        ("deal", [0, 0, 2], "outside 0..1"),
        ("deal", [-1, 0, 0], "outside 0..1"),
        ("number", [1, 3, 1], "numbered 1, 2, 3"),
        ("number", [1, 2, 3], "numbered 1, 2, 3"),
        ("words", [5, -1, 5], "fewer than 0 words"),
        ("days_to_close", [9, -1, 4], "later than its deal's close"),
        ("days_to_close", [3, 9, 4], "not sorted by time"),
    ],
)
def test_arrays_that_contradict_each_other(name: str, values: list[float], why: str) -> None:
    """Each mistake is named before any figure comes of it."""
    cohort = a_cohort([True, False], [2, 1])
    with pytest.raises(ValueError, match=why):
        replace(cohort, **{name: np.array(values)})


def test_no_deals_and_no_calls_are_a_cohort() -> None:
    """An empty quarter is nothing wrong."""
    empty = a_cohort([], [])
    assert (empty.deals, empty.calls) == (0, 0)
    assert len(empty.first_heard([])) == 0
    assert empty.without_last(14).first(empty.first_heard([])).shape == (0,)
    silent = a_cohort([True, False], [0, 0])
    assert silent.first_heard([]).tolist() == [-1, -1]


def test_the_first_hearing_of_each_deal() -> None:
    """However often and in whatever order it is given, the first call in which it was heard counts."""
    cohort = a_cohort([True, False, True], [2, 1, 3])
    assert cohort.first_heard([5, 4, 1, 4]).tolist() == [1, -1, 4]
    with pytest.raises(ValueError, match=r"outside 0..5"):
        cohort.first_heard([6])


def test_without_the_last_days() -> None:
    """Calls near the close go, and what was heard only there was not heard."""
    cohort = a_cohort(
        [True, False, True], [3, 1, 2], days_to_close=[40, 14, 3, 13, 20, 20], stage=[*range(6)]
    )
    early = cohort.without_last(14)
    assert early.row.tolist() == [0, 1, -1, -1, 2, 3]
    assert early.cohort.deals == 3
    assert early.cohort.stage.tolist() == [0, 1, 4, 5]
    assert early.cohort.deal.tolist() == [0, 0, 2, 2]
    assert early.first(np.array([2, 3, 5])).tolist() == [-1, -1, 3]
    assert early.first(np.array([1, -1, 4])).tolist() == [1, -1, 2]


@given(st.integers(0, 500), st.integers(0, 30))
def test_the_first_early_hearing_is_the_early_first_hearing(seed: int, days: int) -> None:
    """Leaving out calls and then looking for the first gives what mapping the first gives."""
    cohort = a_random_cohort(seed, 20)
    heard = np.flatnonzero(np.random.default_rng(seed).random(cohort.calls) < 0.4)
    early = cohort.without_last(days)
    rows = early.row[heard]
    assert (
        early.first(cohort.first_heard(heard)).tolist()
        == early.cohort.first_heard(rows[rows >= 0]).tolist()
    )


def test_hearing_at_random_is_within_the_deal() -> None:
    """The first call of a deal that heard it is one of its own."""
    cohort = a_random_cohort(3)
    first = heard_at_random(cohort, 3)
    heard = np.flatnonzero(first >= 0)
    assert 0 < len(heard) < cohort.deals
    assert (cohort.deal[first[heard]] == heard).all()


def test_bands_within_a_currency() -> None:
    """The lower half of each currency stands beside the lower half of the other."""
    amounts = [100, 200, 300, 400, 9_000, 8_000, float("nan"), 7_000]
    currency = [0, 0, 0, 0, 1, 1, 1, 1]
    assert bands(amounts, 2, currency=currency).tolist() == [0, 0, 1, 1, 1, 0, -1, 0]
    assert bands([5, 5, 5], 4).tolist() == [0, 0, 0]
    assert bands([float("nan")], 4).tolist() == [-1]
    assert bands([], 3).tolist() == []


@given(st.lists(st.integers(0, 10_000), min_size=8, max_size=80, unique=True), st.integers(1, 8))
def test_bands_are_of_equal_size(values: list[int], count: int) -> None:
    """Different values are spread evenly, and a higher value is never in a lower band."""
    band = bands(values, count)
    sizes = np.bincount(band, minlength=count)
    assert sizes.max() - sizes.min() <= 1
    assert (np.diff(band[np.argsort(values)]) >= 0).all()


def test_bands_that_cannot_be() -> None:
    """No bands, and currencies of other values, are mistakes of the caller."""
    with pytest.raises(ValueError, match="0 bands"):
        bands([1], 0)
    with pytest.raises(ValueError, match="2 currencies"):
        bands([1], 2, currency=[0, 1])


def test_rare_codes_are_put_together() -> None:
    """The most frequent codes stay, the rest become one."""
    assert merged_rare([7, 7, 7, -1, -1, 3, 9], 2).tolist() == [0, 0, 0, 1, 1, 2, 2]
    assert merged_rare([], 2).tolist() == []
    with pytest.raises(ValueError, match="0 codes"):
        merged_rare([1], 0)
