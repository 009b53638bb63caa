"""What the page of a digest shows at once, and what it folds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from callmine.reports.digest_values import DealGroup, Digest, LabelCount
from callmine.reports.text import money, plural, spelled

MOST_OPEN = 12
"""Objections that the page shows at once; what changed beyond chance is never folded."""

MOST_CURRENCIES = 3
"""Sums in the table's cells; below, each objection has them all."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A digest's objections, in their order.

    Attributes:
        open: Shown at once.
        folded: The rest; never a single one.
    """

    open: tuple[LabelCount, ...]
    folded: tuple[LabelCount, ...]


def shown(digest: Digest) -> Shown:
    """Return which objections stand in the open: the most heard, and all that changed beyond chance."""
    if len(digest.objections) <= MOST_OPEN + 1:
        return Shown(digest.objections, ())
    first = {count.label for count in digest.objections[:MOST_OPEN]}
    told = first | {count.label for count in digest.objections if count.trend.word in _MOVED}
    return Shown(
        tuple(count for count in digest.objections if count.label in told),
        tuple(count for count in digest.objections if count.label not in told),
    )


_MOVED = ("up", "down", "new")


def more_objections(folded: Sequence[LabelCount], digest: Digest) -> str:
    """Return ``80 more objections, each in 14 deals or fewer``."""
    most = max(count.heard for count in folded)
    unit = "deal" if digest.unit == "deals" else "call"
    each = f"each in {plural(most, unit)} or fewer" if most > 1 else f"each in one {unit}"
    return f"{plural(len(folded), 'more objection')}, {each}"


def amounts(group: DealGroup) -> list[str]:
    """Return the sums of a group, at most some currencies: ``["€41,000", "$22,000"]``."""
    sums = [money(one.amount, one.currency) for one in group.amounts]
    if len(sums) <= MOST_CURRENCIES:
        return sums
    rest = len(sums) - MOST_CURRENCIES + 1
    return [*sums[: MOST_CURRENCIES - 1], f"and {spelled(rest)} more"]
