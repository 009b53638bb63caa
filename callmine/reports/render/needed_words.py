"""What it would take to know: how many more deals, for readers who know no statistics."""

from __future__ import annotations

from callmine.outcomes.association import Association
from callmine.outcomes.compare import Comparison
from callmine.outcomes.conversion import Step
from callmine.outcomes.verdicts import Verdict
from callmine.reports.render.odds import of_100
from callmine.reports.text import plural

OUT_OF_REACH = 10_000
"""Deals of which nobody is told to wait for more."""

TOO_FEW = "too few to compare"

NEVER = "more deals than will close in years"


def out_of_reach(needed: int, closed: int) -> bool:
    """Whether so many more deals cannot be had: as many close in ten periods like this, or a great many.

    Args:
        needed: Further deals.
        closed: Deals that closed in the period.
    """
    return needed > min(10 * closed, OUT_OF_REACH)


def needed_note(row: Association | Comparison | Step, closed: int) -> str:
    """Return ``about 1,300 more deals needed``; nothing where it is settled or no number can be given.

    Args:
        row: What was compared.
        closed: Deals that closed in the period.
    """
    parted = isinstance(row, Association) and row.disagree
    if row.verdict is not Verdict.NOT_ENOUGH or not row.needed or parted:
        return ""
    if not isinstance(row, Step) and row.adjusted is None:
        return TOO_FEW
    if out_of_reach(row.needed, closed):
        return f"it takes {NEVER}"
    return f"about {rounded(row.needed)} more deals needed"


def needed_short(row: Association | Comparison, closed: int) -> str:
    """Return how many more deals would settle what is not known yet, for a column that is about that.

    Args:
        row: What was compared.
        closed: Deals that closed in the period.
    """
    if row.adjusted is None:
        return TOO_FEW
    if row.needed is None:
        return "cannot be said"
    if not row.needed:
        return "not found, not ruled out"
    return NEVER if out_of_reach(row.needed, closed) else f"about {rounded(row.needed)}"


def needed_sentence(association: Association | Comparison, smallest_effect: float, closed: int) -> str:
    """Say how many more deals would settle it; nothing where it is settled.

    Args:
        association: What was compared.
        smallest_effect: The smallest difference that matters, 0..1.
        closed: Deals that closed in the period.
    """
    if association.verdict is not Verdict.NOT_ENOUGH:
        return ""
    points = of_100(smallest_effect)
    if isinstance(association, Association) and association.disagree:
        return "More deals need not settle this, as the two ways of comparing may go on parting."
    if association.needed is None or association.adjusted is None:
        return "How many more deals would settle it cannot be said: too few like deals meet."
    if association.needed == 0:
        return (
            f"With so many deals, a difference of {points} points would have been found four times in five."
            " It was not; but one of that size cannot be ruled out, nor a smaller one."
        )
    if out_of_reach(association.needed, closed):
        return f"To find a difference of {points} points, if there is one, takes {NEVER}."
    return (
        f"With about {plural(_rounded(association.needed), 'more closed deal')} that had calls, a"
        " difference"
        f" of {points} points, if there is one, would be found four times in five."
    )


def _rounded(count: int) -> int:
    """Return a number with two digits that mean something: it is a rough one."""
    digits = max(len(str(count)) - 2, 0)
    return int(round(count, -digits))


def rounded(count: int) -> str:
    """Return a rough number as such: ``1,300``."""
    return f"{_rounded(count):,}"
