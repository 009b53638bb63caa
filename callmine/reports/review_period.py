"""The review of a period: rows and arrays in, values out. Nothing is read or rendered here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from callmine.domain import Kind, Outcome, Role
from callmine.outcomes.agreement import Agreement
from callmine.outcomes.rates import rate
from callmine.reports.closed_behind import parting_ids, parting_of, perhaps_in, quoted_parting
from callmine.reports.closed_reasons import reasons_of
from callmine.reports.closed_views import pairs_of
from callmine.reports.digest_values import DigestSettings
from callmine.reports.outcome_values import OutcomeSettings
from callmine.reports.outcomes import basis_of, deal_ref, sureness
from callmine.reports.quotes import QuoteMaker, known_role
from callmine.reports.reason_values import PartingDeal
from callmine.reports.review_interviews import CANDIDATES, QUOTES, best_quotes, interviewed, interviews_of
from callmine.reports.review_period_values import (
    PeriodReview,
    Reason,
)
from callmine.reports.review_sides import (
    Matter,
    Side,
    amounts_of,
    crm_reasons,
    endings_of,
    reviewed,
    segments_of,
)
from callmine.reports.tally import passes
from callmine.store.rows import EvidenceRow, HeardRow

WON, LOST = "won", "lost"
"""The two sides."""

MOST_QUOTED = 12
"""Reasons with several quotes; further ones have one each."""

OWN_WORDS = 6
"""Quotes of prospects' own words on won deals at most."""

Evidence = Callable[[Collection[str]], Sequence[EvidenceRow]]
"""Reads findings by their ids, with all that a quote needs."""


def review_period(
    matter: Matter,
    quotes: QuoteMaker,
    evidence: Evidence,
    *,
    side: str,
    since: str,
    until: str,
    timezone: str,
    titles: Mapping[str, Mapping[str, str]],
    segment: str | None = None,
    settings: OutcomeSettings | None = None,
) -> PeriodReview:
    """Review the deals that were lost, or won, in a period.

    Args:
        matter: Both sides.
        quotes: Makes the quotes.
        evidence: Reads what is quoted.
        side: ``lost`` or ``won``.
        since: First day of the period.
        until: Last day.
        timezone: IANA name in which days are shown.
        titles: Family to label to what people call it.
        segment: The only one of the deals, for the page to say.
        settings: What is enough.

    Raises:
        CallmineError: A row's text is not a verbatim span (a bug).
    """
    settings, closed = settings or OutcomeSettings(), matter.closed
    won = closed.cohort.won
    at = Side(
        matter=matter,
        titles=titles,
        here=won if side == WON else ~won,
        ids=tuple(closed.deals[row].deal_id for row in closed.rows),
        deal_of=dict(zip(closed.call_ids, map(int, closed.cohort.deal), strict=True)),
    )
    own = [deal for deal in closed.deals if (deal.outcome is Outcome.WON) is (side == WON)]
    mine = {deal.deal_id for deal in own}
    reasons, competitors = (_drafted(family, at) for family in ("objection", "competitor"))
    lost = side == LOST
    agreed, parting = _disagreeing(matter, quotes.settings, settings) if lost else (None, ())
    said = interviewed(at, mine, quotes.settings)
    own_words = () if lost else _own_words(at, quotes.settings)
    wanted = {one for _, ids in (*reasons, *competitors) for one in ids}
    wanted |= said.wanted | {*own_words} | parting_ids(parting)
    found = {row.finding_id: row for row in evidence(wanted)}
    both = 0 < int(at.here.sum()) < len(at.here)
    pairs = pairs_of(closed, matter.heard, settings) if both else None
    named = {one for pair in pairs.pairs for one in (pair.won, pair.lost)} if pairs else set()
    return PeriodReview(
        side=side,
        since=since,
        until=until,
        segment=segment,
        timezone=timezone,
        company=matter.own_names[0] if matter.own_names else None,
        outcomes=tuple(
            sorted(Counter(deal.outcome for deal in own).items(), key=lambda pair: (-pair[1], pair[0]))
        ),
        amounts=amounts_of(own),
        basis=basis_of(closed),
        here=rate(int(at.here.sum()), len(own)),
        there=rate(int((~at.here).sum()), len(closed.deals) - len(own)),
        interviews=interviews_of(at, said, found, quotes),
        reasons=_quoted(reasons, found, quotes),
        competitors=_quoted(competitors, found, quotes),
        words=best_quotes(own_words, found, quotes, OWN_WORDS),
        endings=endings_of(at, own),
        segments=segments_of(at, own),
        pairs=pairs,
        crm=crm_reasons(own) if lost else (),
        agreement=agreed,
        parting=quoted_parting(parting, found.values(), quotes),
        deals=reviewed(at, own),
        others=tuple(deal_ref(deal) for deal in closed.deals if deal.deal_id in named - mine),
        titles={
            f"{family}:{label}": title for family, known in titles.items() for label, title in known.items()
        },
        settings=settings,
    )


def _disagreeing(
    matter: Matter, counted: DigestSettings, settings: OutcomeSettings
) -> tuple[Agreement, tuple[PartingDeal, ...]]:
    """Hold the CRM's reasons against what was heard, as the report on won and lost deals does."""
    closed, heard, words = matter.closed, matter.heard, matter.words
    agreed = reasons_of(closed, heard, words, counted, rivals=matter.rivals, min_deals=settings.min_deals)
    perhaps = perhaps_in(closed, matter.rows, counted, own_names=matter.own_names)
    return agreed, parting_of(agreed, closed, heard, words, perhaps)


def _drafted(family: str, at: Side) -> list[tuple[Reason, tuple[str, ...]]]:
    """Return what was heard on this side, most deals first, with the findings to quote it from."""
    made = []
    for label in at.labels(family):
        has = at.has(family, label)
        count = int((has & at.here).sum())
        if not count:
            continue
        reason = Reason(
            label=label,
            title=at.title(family, label),
            here=rate(count, int(at.here.sum())),
            there=rate(int((has & ~at.here).sum()), int((~at.here).sum())),
            deals=_ids(at, has & at.here),
        )
        made.append((reason, _surest(at.matter.heard.rows[family, label], at)))
    return sorted(made, key=lambda one: (-one[0].here.successes, one[0].title))


def _ids(at: Side, having: NDArray[np.bool_]) -> tuple[str, ...]:
    """Return the ids of deals of the cohort, the last closed first."""
    closed = at.matter.closed
    deals = [closed.deals[row] for row in closed.rows[having]]
    deals.sort(key=lambda deal: (deal.close_date or "", deal.deal_id), reverse=True)
    return tuple(deal.deal_id for deal in deals)


def _surest(rows: Iterable[HeardRow], at: Side) -> tuple[str, ...]:
    """Return the surest finding of each deal of this side, so many of them."""
    best: dict[int, HeardRow] = {}
    for row in rows:
        deal = at.deal_of[row.call_id]
        if at.here[deal] and (deal not in best or sureness(row) > sureness(best[deal])):
            best[deal] = row
    surest = sorted(best.values(), key=sureness, reverse=True)[:CANDIDATES]
    return tuple(row.finding_id for row in surest)


def _quoted(
    drafted: Iterable[tuple[Reason, tuple[str, ...]]],
    found: Mapping[str, EvidenceRow],
    quotes: QuoteMaker,
) -> tuple[Reason, ...]:
    return tuple(
        replace(reason, quotes=best_quotes(ids, found, quotes, QUOTES if n < MOST_QUOTED else 1))
        for n, (reason, ids) in enumerate(drafted)
    )


def _own_words(at: Side, counted: DigestSettings) -> tuple[str, ...]:
    """Return findings in which prospects of this side spoke of value, pain or success."""
    rows = [
        row
        for row in at.matter.rows
        if row.kind is Kind.POSITIONING
        and passes(row, counted)
        and known_role(row, min_confidence=counted.min_role_confidence) is Role.PROSPECT
    ]
    return _surest(rows, at)
