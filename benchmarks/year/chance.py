"""Draws from numpy's generator that are quick one at a time, and ids with their check characters."""

from __future__ import annotations

import string
from collections.abc import Sequence
from typing import TypeVar

import numpy as np

T = TypeVar("T")
_BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase


class Chance:
    """A stream of draws; the same seed and purpose give the same stream, whatever other streams gave."""

    def __init__(self, seed: int, purpose: str) -> None:
        self.rng = np.random.default_rng([seed, *purpose.encode()])
        self._kept: list[float] = []

    def real(self) -> float:
        """Return a number from 0 to 1."""
        if not self._kept:
            self._kept = self.rng.random(4096).tolist()
        return self._kept.pop()

    def hit(self, share: float) -> bool:
        """Return whether something with this probability happens."""
        return self.real() < share

    def below(self, end: int) -> int:
        """Return a whole number from 0 to ``end``, exclusive."""
        return int(self.real() * end)

    def between(self, low: int, high: int) -> int:
        """Return a whole number from ``low`` to ``high``, inclusive."""
        return low + self.below(high - low + 1)

    def pick(self, items: Sequence[T]) -> T:
        """Return one of the items."""
        return items[self.below(len(items))]

    def weighted(self, items: Sequence[T], weights: Sequence[float]) -> T:
        """Return one of the items, in proportion to the weights."""
        at = self.real() * sum(weights)
        for item, weight in zip(items, weights, strict=True):
            at -= weight
            if at < 0:
                return item
        return items[-1]

    def poisson(self, mean: float) -> int:
        """Return a count."""
        return int(self.rng.poisson(mean))

    def lognormal(self, median: float, sigma: float) -> float:
        """Return a positive number whose logarithm is normal."""
        return float(median * np.exp(sigma * self.rng.standard_normal()))

    def normal(self, sigma: float) -> float:
        """Return a normal number around 0."""
        return float(sigma * self.rng.standard_normal())


def short_id(prefix: str, number: int) -> str:
    """Return a 15-character record id whose letters' case matters, as Salesforce's does."""
    value, tail = number * 7_919 + 3_000_017, ""
    while value:
        value, digit = divmod(value, 62)
        tail = _BASE62[digit] + tail
    return f"{prefix}{tail:0>{15 - len(prefix)}}"


def long_id(short: str) -> str:
    """Return the 18-character form: three more characters say which of the 15 are capitals."""
    tail = ""
    for start in (0, 5, 10):
        bits = sum(
            1 << i for i, letter in enumerate(short[start : start + 5]) if letter in string.ascii_uppercase
        )
        tail += (string.ascii_uppercase + "012345")[bits]
    return short + tail
