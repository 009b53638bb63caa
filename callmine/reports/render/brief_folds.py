"""What of the lists of a brief is in the open, what is folded, and what a fold holds."""

from __future__ import annotations

from collections.abc import Sequence

from callmine.reports.brief_values import BriefReport, Thing
from callmine.reports.quote_values import Quote
from callmine.reports.text import cut_name, listed, listed_up_to, plural

MOST = {"objection": 4, "competitor": 3, "message": 3}
"""Things of each family in the open; the others are folded."""


def in_the_open(things: Sequence[Thing]) -> tuple[tuple[Thing, ...], tuple[Thing, ...]]:
    """Split the things of a family into those that a page shows and those that it folds.

    What is heard more than before comes first, then what is heard less; the headline may be about one of
    them. What is heard most is always shown.

    Args:
        things: Those of a family, most deals first.
    """
    if not things:
        return (), ()
    weight = {"up": 0, "new": 0, "down": 1}
    moved = sorted(things[1:], key=lambda one: weight.get(one.trend.word, 2))
    most = MOST[things[0].family]
    shown = sorted((things[0], *moved[: most - 1]), key=lambda one: weight.get(one.trend.word, 2))
    return tuple(shown), tuple(one for one in things if one not in shown)


def also(things: Sequence[Thing]) -> str:
    """Name what grew and is folded; empty where nothing did."""
    rest = [one for one in in_the_open(things)[1] if one.trend.word in ("up", "new")]
    return listed_up_to([f"“{cut_name(one.title, 40)}”" for one in rest], 3)


def behind(quotes: Sequence[Quote], deals: Sequence[str], thing: Thing | None = None) -> str:
    """Return what a fold holds: ``4 quotes, 113 deals and 7 unlinked calls``."""
    parts = [plural(len(quotes), "quote")] if quotes else []
    if deals:
        parts.append(plural(len(deals), "deal"))
    if thing is not None and thing.family != "message" and (calls := thing.now.successes - len(deals)) > 0:
        parts.append(plural(calls, "unlinked call"))
    return listed(parts)


def behind_closed(report: BriefReport) -> str:
    """Return what the fold below the figures holds: quotes of lost deals, and all that closed."""
    deals = plural(len(report.closed_deals), "deal") + " that closed"
    if not report.said_in_lost:
        return deals
    return f"{plural(len(report.said_in_lost), 'quote')} from lost deals; the {deals}"
