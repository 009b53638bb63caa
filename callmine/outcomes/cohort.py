"""Closed deals and their calls, as arrays: what every comparison of deals starts from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from callmine.outcomes.arrays import Flags, Floats, Ints, flags, ints

UNKNOWN = -1
"""The code of a size, a stage or a band that is not known; never a code below it."""


@dataclass(frozen=True, slots=True, eq=False)
class Cohort:
    """Deals that were won or lost, and their calls in order.

    Attributes:
        won: Per deal, shape (n,).
        segment: Per deal, any code.
        size: Per deal, a band of its amount (:func:`bands`), or ``UNKNOWN``.
        deal: Per call, the row of its deal; shape (m,), rising.
        number: Per call, the how-manieth of its deal it is: 1, 2, 3, …
        stage: Per call, the stage at that time, or ``UNKNOWN``.
        words: Per call, words by prospects, 0 or more.
        days_to_close: Per call, whole days until the deal's close, 0 or more, falling within a deal.

    Raises:
        ValueError: The arrays contradict each other.
    """

    won: Flags
    segment: Ints
    size: Ints
    deal: Ints
    number: Ints
    stage: Ints
    words: Ints
    days_to_close: Ints

    def __post_init__(self) -> None:
        object.__setattr__(self, "won", flags(self.won, "won"))
        for name in ("segment", "size", "deal", "number", "stage", "words", "days_to_close"):
            object.__setattr__(self, name, ints(getattr(self, name), name))
        self._check_lengths()
        self._check_calls()

    def _check_lengths(self) -> None:
        for name in ("segment", "size"):
            if len(getattr(self, name)) != len(self.won):
                raise ValueError(f"{name} has {len(getattr(self, name))} deals, won has {len(self.won)}")
        for name in ("number", "stage", "words", "days_to_close"):
            if len(getattr(self, name)) != len(self.deal):
                raise ValueError(f"{name} has {len(getattr(self, name))} calls, deal has {len(self.deal)}")

    def _check_calls(self) -> None:
        if not self.calls:
            return
        if self.deal[0] < 0 or self.deal.max() >= self.deals:
            raise ValueError(f"a call names a deal outside 0..{self.deals - 1}")
        same = np.diff(self.deal) == 0
        if (np.diff(self.deal) < 0).any():
            raise ValueError("calls are not sorted by deal")
        if (self.number != _numbers(self.deal)).any():
            raise ValueError("the calls of each deal are not numbered 1, 2, 3, …")
        if self.words.min() < 0:
            raise ValueError("a call has fewer than 0 words")
        if self.days_to_close.min() < 0:
            raise ValueError("a call is later than its deal's close, which makes it no evidence for it")
        if (same & (np.diff(self.days_to_close) > 0)).any():
            raise ValueError("the calls of a deal are not sorted by time")

    @property
    def deals(self) -> int:
        """How many deals there are."""
        return len(self.won)

    @property
    def calls(self) -> int:
        """How many calls there are."""
        return len(self.deal)

    def first_heard(self, heard_calls: npt.ArrayLike) -> Ints:
        """Return the call in which each deal heard something first.

        Args:
            heard_calls: Rows of calls in which it was heard, in any order, repeated or not.

        Returns:
            Shape (n,), rows of calls; -1 for deals that never heard it.

        Raises:
            ValueError: A row is not one of a call.
        """
        heard = ints(heard_calls, "heard_calls")
        if heard.size and (heard.min() < 0 or heard.max() >= self.calls):
            raise ValueError(f"heard in a call outside 0..{self.calls - 1}")
        first = np.full(self.deals, self.calls, dtype=np.int64)
        np.minimum.at(first, self.deal[heard], heard)
        first[first == self.calls] = -1
        return first

    def without_last(self, days: int) -> Earlier:
        """Return the same deals without the calls in the last ``days`` days before their close.

        A call as many as ``days`` days before the close stays. Deals stay, be it without calls.
        """
        keep = self.days_to_close >= days
        row = np.where(keep, np.cumsum(keep) - 1, -1)
        cohort = Cohort(
            self.won,
            self.segment,
            self.size,
            self.deal[keep],
            self.number[keep],
            self.stage[keep],
            self.words[keep],
            self.days_to_close[keep],
        )
        return Earlier(cohort, row)


@dataclass(frozen=True, slots=True, eq=False)
class Earlier:
    """A cohort without its last calls.

    Attributes:
        cohort: The deals, with the calls that are left.
        row: For each call of the whole cohort its row in this one; -1 when it was left out.
    """

    cohort: Cohort
    row: Ints

    def first(self, first: Ints) -> Ints:
        """Return :meth:`Cohort.first_heard` for this cohort from that of the whole one.

        Who heard it only in the calls left out has not heard it: the last calls go, from the end.
        """
        if not len(self.row):
            return first
        return np.where(first >= 0, self.row[first], -1)


def bands(values: npt.ArrayLike, count: int, *, currency: npt.ArrayLike | None = None) -> Ints:
    """Sort numbers into bands of equal size, lowest first.

    Amounts of different currencies are not comparable, so each currency has bands of its own: the
    lowest quarter in one stands beside the lowest quarter in the other.

    Args:
        values: Shape (n,); NaN where unknown.
        count: How many bands, at least 1; fewer come out where many values are the same.
        currency: Shape (n,), any code per value; without it all are comparable.

    Returns:
        Shape (n,), 0..``count`` - 1, or ``UNKNOWN``.

    Raises:
        ValueError: There is less than one band, or the arrays differ in length.
    """
    if count < 1:
        raise ValueError(f"cannot sort into {count} bands")
    numbers: Floats = np.asarray(values, dtype=np.float64)
    kinds = np.zeros(len(numbers)) if currency is None else np.asarray(currency)
    if kinds.shape != numbers.shape:
        raise ValueError(f"{len(numbers)} values, but {len(kinds)} currencies")
    band = np.full(len(numbers), UNKNOWN, dtype=np.int64)
    for kind in np.unique(kinds):
        rows = (kinds == kind) & ~np.isnan(numbers)
        if rows.any():
            edges = np.quantile(numbers[rows], np.arange(1, count) / count)
            band[rows] = np.searchsorted(edges, numbers[rows], side="left")
    return band


def merged_rare(values: npt.ArrayLike, keep: int) -> Ints:
    """Number the most frequent codes from 0 and put all others together.

    A variable with dozens of values, such as industries, leaves hardly two deals alike.

    Args:
        values: Shape (n,), any codes.
        keep: How many codes stay by themselves, at least 1; of equally frequent ones the lowest.

    Returns:
        Shape (n,): 0 for the most frequent, … ``keep`` for all the others.

    Raises:
        ValueError: None is to be kept.
    """
    if keep < 1:
        raise ValueError(f"cannot keep {keep} codes")
    _, code, counts = np.unique(np.asarray(values), return_inverse=True, return_counts=True)
    place = np.empty(len(counts), dtype=np.int64)
    place[np.argsort(-counts, kind="stable")] = np.arange(len(counts))
    return np.minimum(place, keep)[code]


def _numbers(deal: Ints) -> Ints:
    """Return 1, 2, 3, … within each run of the same deal."""
    rows = np.arange(len(deal))
    starts = np.concatenate([[True], np.diff(deal) != 0])
    return rows - np.maximum.accumulate(np.where(starts, rows, 0)) + 1
