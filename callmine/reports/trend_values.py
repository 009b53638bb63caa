"""Values that say how often something was heard, week by week, and whether that changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

TrendWord = Literal["new", "gone", "up", "down", "about the same", "too few to say", "no comparison"]


@dataclass(frozen=True, slots=True)
class WeekCount:
    """In how many deals (and unlinked calls) something was heard, out of how many."""

    week: str
    heard: int
    out_of: int


@dataclass(frozen=True, slots=True)
class Trend:
    """This week against the mean of the weeks before it.

    Attributes:
        word: What may be said about it; ``new`` and ``gone`` pass the same test as ``up`` and
            ``down``.
        before: In how many deals and unlinked calls it was found in the weeks compared with,
            summed over the weeks.
        before_out_of: Out of how many.
        usual: Mean per week in the weeks compared with; ``None`` when there are none.
        usual_out_of: Mean number spoken with per week in those weeks.
        weeks: How many weeks that is (at most four, and only weeks with calls).
        ratio_low: Lower end of the 90 % interval of the change in the share, as a factor.
        ratio_high: Upper end; ``None`` when open.
        q_value: False-discovery rate of "it changed".
    """

    word: TrendWord
    before: int | None = None
    before_out_of: int | None = None
    usual: float | None = None
    usual_out_of: float | None = None
    weeks: int = 0
    ratio_low: float | None = None
    ratio_high: float | None = None
    q_value: float | None = None
