"""Is A better than B? Two things heard, their deals held against each other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from callmine.outcomes.compare import Comparison, compare_groups
from callmine.reports.closed import Closed
from callmine.reports.closed_answers import strata_at
from callmine.reports.outcome_values import DealRef, OutcomeSettings
from callmine.reports.outcomes import deal_ref
from callmine.reports.quote_values import Quote
from callmine.reports.quotes import QuoteMaker, choose, ranked
from callmine.store.rows import EvidenceRow

What = Literal["objection", "competitor", "message", "phrase"]


@dataclass(frozen=True, slots=True)
class Side:
    """One of two things that are compared.

    Attributes:
        what: What sort of thing it is; a phrase is words that were said.
        label: Of the objection or message, the competitor's name, or the words.
        title: As people read it.
        deals: Deals that have it and not the other, the last closed first.
        quotes: The best of them.
    """

    what: What
    label: str
    title: str
    deals: tuple[DealRef, ...] = ()
    quotes: tuple[Quote, ...] = ()


@dataclass(frozen=True, slots=True)
class CompareReport:
    """Whether deals with A end better than deals with B.

    Attributes:
        since: First day on which a deal may have closed.
        until: Last day.
        closed: Deals closed in the period of which a call is evidence.
        neither: Of these, with neither A nor B.
        looks: How often two things were compared in this workspace, this time included.
    """

    since: str
    until: str
    a: Side
    b: Side
    comparison: Comparison
    closed: int
    neither: int
    looks: int = 1
    settings: OutcomeSettings = field(default_factory=OutcomeSettings)


def compare_sides(
    closed: Closed,
    sides: tuple[Side, Side],
    firsts: tuple[NDArray[np.int64], NDArray[np.int64]],
    *,
    since: str,
    until: str,
    settings: OutcomeSettings,
    looks: int = 1,
) -> CompareReport:
    """Compare the deals of two things; quotes are added by :func:`with_evidence`.

    Args:
        closed: The deals and calls of the period.
        sides: A and B.
        firsts: For each deal the call in which A, and B, was heard first, or -1.
        since: First day of the period.
        until: Last day.
        settings: What is enough.
        looks: How often two things were compared.
    """
    has_a, has_b = (first >= 0 for first in firsts)
    comparison = compare_groups(
        closed.cohort.won,
        has_a,
        has_b,
        strata_at(closed.cohort, np.where(has_a, firsts[0], firsts[1])),
        min_deals=settings.min_deals,
        smallest_effect=settings.smallest_effect,
        max_q=settings.max_q,
    )
    a, b = (
        replace(side, deals=_deals(closed, mine & ~other))
        for side, mine, other in zip(sides, (has_a, has_b), (has_b, has_a), strict=True)
    )
    return CompareReport(
        since=since,
        until=until,
        a=a,
        b=b,
        comparison=comparison,
        closed=closed.cohort.deals,
        neither=int((~has_a & ~has_b).sum()),
        looks=looks,
        settings=settings,
    )


def with_evidence(
    report: CompareReport, evidence: Mapping[str, Iterable[EvidenceRow]], quotes: QuoteMaker
) -> CompareReport:
    """Return the comparison with quotes of the deals that have one of the two only.

    Args:
        report: Without quotes.
        evidence: For ``a`` and ``b`` what was said.
        quotes: Makes the quotes.
    """

    def quoted(side: Side, rows: Iterable[EvidenceRow]) -> Side:
        own = {deal.deal_id for deal in side.deals}
        best, _rest = choose(
            ranked(row for row in rows if row.deal_id in own), report.settings.quotes_per_line
        )
        return replace(side, quotes=tuple(map(quotes.quote, best)))

    return replace(
        report, a=quoted(report.a, evidence.get("a", ())), b=quoted(report.b, evidence.get("b", ()))
    )


def _deals(closed: Closed, chosen: NDArray[np.bool_]) -> tuple[DealRef, ...]:
    deals: Sequence[DealRef] = [deal_ref(closed.deals[row]) for row in closed.rows[chosen]]
    return tuple(sorted(deals, key=lambda deal: (deal.close_date or "", deal.deal_id), reverse=True))
