"""Values of emerging themes: what several prospects say against us that fits no label."""

from __future__ import annotations

from dataclasses import dataclass

from callmine.reports.quote_values import Quote
from callmine.reports.trend_values import Trend, WeekCount

NO_LABEL = "no label"
"""Stands where the quote of a finding has its label; with its blank it can be nobody's."""


@dataclass(frozen=True, slots=True)
class Theme:
    """Resistance that fits no label, heard alike in several calls, and again this week.

    Attributes:
        words: The words that set it apart from everything else of the kind, most telling first; none
            where no word was said twice.
        heard: ``deals + unlinked_calls`` of this week.
        mentions: This week's utterances; the weeks before are in ``trend`` and ``weekly``.
        quotes: This week's, the one that is most like all the others first: the theme's name.
        others: All further ones of this week, in the same order.
    """

    words: tuple[str, ...]
    heard: int
    deals: int
    unlinked_calls: int
    calls: int
    accounts: int
    mentions: int
    trend: Trend
    weekly: tuple[WeekCount, ...]
    quotes: tuple[Quote, ...]
    others: tuple[Quote, ...]
