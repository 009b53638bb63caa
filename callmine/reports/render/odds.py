"""Rates and odds in words, for readers who know no statistics."""

from __future__ import annotations

from callmine.outcomes.rates import Rate
from callmine.outcomes.strata import Stratified
from callmine.outcomes.verdicts import rate_at, rates_at
from callmine.reports.text import listed

ALIKE = {
    "number of the call": "as many calls in",
    "stage at the call": "same stage at that call",
    "segment": "same segment",
    "size": "about the same size",
    "prospect words in the call": "prospects said about as much in it",
}


def of_100(share: float) -> str:
    """Return a share as a whole number out of 100; only none is 0 and only all is 100."""
    rounded = round(100 * share)
    if 1e-9 < share < 1 - 1e-9:
        rounded = min(max(rounded, 1), 99)
    return str(rounded)


def count_words(rate: Rate) -> str:
    """Return ``171 of 1,380``: the counts behind a rate."""
    return f"{rate.successes:,} of {rate.total:,}"


def number(count: int) -> str:
    """Return a count as people write it: ``1,380``."""
    return f"{count:,}"


def rate_words(rate: Rate) -> str:
    """Return ``29 in 100 (18 to 44)``: the rate and how far it can be off; ``none`` without deals."""
    if rate.value is None:
        return "none"
    return f"{of_100(rate.value)} in 100 ({of_100(rate.low)} to {of_100(rate.high)})"


def times(odds_ratio: float) -> str:
    """Return an odds ratio as ``0.4`` or ``2.5``, with the digits it deserves."""
    return f"{odds_ratio:.2f}" if odds_ratio < 1 else f"{odds_ratio:.1f}"


def odds_words(found: Stratified) -> str:
    """Return ``0.45 times the odds of winning (0.20 to 0.80)``."""
    if found.odds_ratio is None:
        return "too few like deals meet to say anything"
    high = "no limit" if found.high is None else times(found.high)
    return f"{times(found.odds_ratio)} times the odds of winning ({times(found.low)} to {high})"


def alike(names: tuple[str, ...]) -> str:
    """Return what makes deals alike: ``same segment and about the same size``."""
    return listed([ALIKE.get(name.partition(" (")[0], name) for name in names])


def like_words(
    found: Stratified, base: float | None, *, these: str = "these", others: str = "others"
) -> str:
    """Return ``where others win 46 in 100, these win 41 in 100 (36 to 46)``, and the odds ratio."""
    if found.odds_ratio is None or base is None:
        return odds_words(found)
    low, high = rates_at(base, found)
    return (
        f"where {others} win {of_100(base)} in 100, {these} win {of_100(rate_at(base, found.odds_ratio))}"
        f" in 100 ({of_100(low)} to {of_100(high)}), that is {odds_words(found)}"
    )
