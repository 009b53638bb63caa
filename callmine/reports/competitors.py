"""Competitors of a week: who named them, how prospects stand to them, and in whose words."""

from __future__ import annotations

from collections.abc import Mapping

from callmine.domain import Role
from callmine.reports.digest_values import CompetitorCount, RelationCount
from callmine.reports.quotes import QuoteMaker
from callmine.reports.tally import Window, split_units, strongest_relations
from callmine.reports.trend_values import Trend
from callmine.store.rows import EvidenceRow


def competitor_counts(
    rivals: Mapping[str, list[EvidenceRow]],
    window: Window,
    quotes: QuoteMaker,
    trend_of: Mapping[str, Trend],
) -> tuple[CompetitorCount, ...]:
    """Count the competitors named this week, most named by prospects first.

    Mentions by a speaker whose side is unknown are counted apart, never into the deals.

    Args:
        rivals: Rows by competitor.
        window: The calls.
        quotes: Makes the quotes.
        trend_of: How this week compares, by competitor, of mentions by known speakers.
    """
    found = []
    for name, rows in rivals.items():
        known = [row for row in rows if quotes.role(row) is not Role.UNKNOWN]
        now = window.now(rows)
        now_known = window.now(known)
        if not now:
            continue
        by_role = {role: {row.call_id for row in now if quotes.role(row) is role} for role in Role}
        prospects = [row for row in now if quotes.role(row) is Role.PROSPECT]
        relations = strongest_relations(prospects, window)
        deals, unlinked = split_units(window.units(now_known))
        weekly = window.counts(known)
        best, rest, not_listed = quotes.split(prospects or now_known)
        found.append(
            CompetitorCount(
                name=name,
                heard=deals + unlinked,
                deals=deals,
                unlinked_calls=unlinked,
                calls=len({row.call_id for row in now_known}),
                prospect_calls=len(by_role[Role.PROSPECT]),
                rep_calls=len(by_role[Role.REP]),
                unknown_calls=len(by_role[Role.UNKNOWN] - by_role[Role.PROSPECT] - by_role[Role.REP]),
                relations=tuple(RelationCount(r, n) for r, n in relations.items()),
                new=bool(now_known) and trend_of[name].word == "new",
                weekly=weekly,
                quotes=best,
                others=rest,
                not_listed=not_listed,
            )
        )
    return tuple(sorted(found, key=lambda c: (-c.prospect_calls, -c.heard, -c.calls, c.name)))
