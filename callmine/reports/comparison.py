"""Is A better than B? Two things heard, their deals held against each other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from callmine.outcomes.sides import groups_of
from callmine.outcomes.versus import Versus, versus
from callmine.reports.closed import Closed
from callmine.reports.outcome_values import DealRef, OutcomeSettings
from callmine.reports.outcomes import deal_ref
from callmine.reports.quote_values import Quote
from callmine.reports.quotes import QuoteMaker, choose, ranked
from callmine.store.rows import EvidenceRow

What = Literal["objection", "competitor", "message", "phrase"]


@dataclass(frozen=True, slots=True)
class HeardIn:
    """A deal behind a number, and where the thing was heard in it.

    Attributes:
        deal: Which.
        finding_ids: Of what was heard, in the order of the calls; words that were said are no findings and
            have none.
        turns: Where it was said: ids of calls, and the place of the turn in each.
    """

    deal: DealRef
    finding_ids: tuple[str, ...]
    turns: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Said:
    """Where one of two things was heard.

    Attributes:
        first: For each deal the call in which it was heard first, or -1.
        places: Id of the call, place of the turn, and id of the finding if it is one.
    """

    first: NDArray[np.int64]
    places: tuple[tuple[str, int, str | None], ...]


@dataclass(frozen=True, slots=True)
class Side:
    """One of two things that are compared.

    Attributes:
        what: What sort of thing it is; a phrase is words that were said.
        label: Of the objection or message, the competitor's name, or the words.
        title: As people read it.
        deals: All deals that have it and not the other, the last closed first.
        earlier: All deals that have both, and this one in an earlier call.
        quotes: The best of ``deals``.
    """

    what: What
    label: str
    title: str
    deals: tuple[HeardIn, ...] = ()
    earlier: tuple[HeardIn, ...] = ()
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
        redacted: Whether personal data was looked for and taken out.
    """

    since: str
    until: str
    a: Side
    b: Side
    comparison: Versus
    closed: int
    neither: int
    looks: int = 1
    settings: OutcomeSettings = field(default_factory=OutcomeSettings)
    redacted: bool = False


def compare_sides(
    closed: Closed,
    sides: tuple[Side, Side],
    said: tuple[Said, Said],
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
        said: Where each was heard.
        since: First day of the period.
        until: Last day.
        settings: What is enough.
        looks: How often two things were compared.
    """
    firsts = said[0].first, said[1].first
    comparison = versus(
        closed.cohort,
        *firsts,
        min_deals=settings.min_deals,
        smallest_effect=settings.smallest_effect,
        max_q=settings.max_q,
    )
    groups = groups_of(*firsts)
    chosen = ((groups.a, groups.a_first & ~groups.a), (groups.b, groups.b_first & ~groups.b))
    a, b = (
        replace(side, deals=_deals(closed, only, where), earlier=_deals(closed, earlier, where))
        for side, (only, earlier), where in zip(sides, chosen, said, strict=True)
    )
    return CompareReport(
        since=since,
        until=until,
        a=a,
        b=b,
        comparison=comparison,
        closed=closed.cohort.deals,
        neither=closed.cohort.deals - groups.either,
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
        own = {one.deal.deal_id for one in side.deals}
        best, _rest = choose(
            ranked(row for row in rows if row.deal_id in own), report.settings.quotes_per_line
        )
        return replace(side, quotes=tuple(map(quotes.quote, best)))

    return replace(
        report, a=quoted(report.a, evidence.get("a", ())), b=quoted(report.b, evidence.get("b", ()))
    )


def _deals(closed: Closed, chosen: NDArray[np.bool_], said: Said) -> tuple[HeardIn, ...]:
    number = {call_id: n for n, call_id in enumerate(closed.call_ids)}
    heard: dict[int, list[tuple[int, int, str, str | None]]] = defaultdict(list)
    for call_id, turn, finding_id in said.places:
        call = number[call_id]
        heard[int(closed.cohort.deal[call])].append((call, turn, call_id, finding_id))
    found = []
    for row in np.flatnonzero(chosen):
        places = sorted(heard[int(row)], key=lambda place: (*place[:3], place[3] or ""))
        found.append(
            HeardIn(
                deal_ref(closed.deals[closed.rows[row]]),
                tuple(finding_id for *_, finding_id in places if finding_id),
                tuple(dict.fromkeys((call_id, turn) for _, turn, call_id, _ in places)),
            )
        )
    return tuple(sorted(found, key=lambda one: (one.deal.close_date or "", one.deal.deal_id), reverse=True))
