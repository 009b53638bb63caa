"""The review of a period: rows and arrays in, values out. Nothing is read or rendered here."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np
from numpy.typing import NDArray

from callmine.domain import Deal, EndWords, Kind, Outcome, Role
from callmine.outcomes.rates import rate
from callmine.reports.closed import Closed, Heard, shows_prospects, thing_of
from callmine.reports.closed_behind import parting_ids, parting_of, quoted_parting
from callmine.reports.closed_views import pairs_of, reasons_of
from callmine.reports.digest_values import DigestSettings, Money
from callmine.reports.outcome_values import OutcomeSettings
from callmine.reports.outcomes import basis_of, deal_ref, sureness
from callmine.reports.quote_values import Quote
from callmine.reports.quotes import QuoteMaker, choose, known_role, ranked
from callmine.reports.review_calls import INTERVIEW
from callmine.reports.review_period_values import (
    CrmReason,
    Ending,
    FromInterviews,
    PeriodReview,
    Reason,
    ReviewedDeal,
    Said,
    SegmentReview,
    Share,
)
from callmine.reports.tally import passes
from callmine.store.rows import EvidenceRow, HeardRow, TalkRow

WON, LOST = "won", "lost"
"""The two sides."""

MOST_QUOTED = 12
"""Reasons with several quotes; further ones have one each."""

QUOTES = 4
"""Quotes of a reason at most, of different accounts where there are."""

CANDIDATES = 12
"""Findings from which they are chosen, the surest of as many deals."""

TOP = 4
"""Objections that a segment, or an ending, names."""

PRAISE = 6
"""Prospects' own words for a deal that was won, at most."""

Evidence = Callable[[Collection[str]], Sequence[EvidenceRow]]
"""Reads findings by their ids, with all that a quote needs."""


@dataclass(frozen=True, slots=True, eq=False)
class Matter:
    """What a review of a period is made of.

    Attributes:
        closed: The deals of the period, both sides, and the calls that are evidence.
        heard: What was heard in them.
        rows: All findings of these calls.
        talks: All calls of these deals.
        interviews: The findings of those that are interviews.
        words: What the CRM says of how each deal ended.
        own_names: Our company and products.
    """

    closed: Closed
    heard: Heard
    rows: Sequence[HeardRow]
    talks: Sequence[TalkRow]
    interviews: Sequence[HeardRow]
    words: Mapping[str, EndWords]
    own_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class _Side:
    """The deals of one side.

    Attributes:
        matter: Of both sides.
        titles: Family to label to what people call it.
        here: Whether each deal of the cohort is of this side.
        ids: Of each deal of the cohort.
        deal_of: The deal of each call that counts, as its place in the cohort.
    """

    matter: Matter
    titles: Mapping[str, Mapping[str, str]]
    here: NDArray[np.bool_]
    ids: tuple[str, ...]
    deal_of: Mapping[str, int]

    def title(self, family: str, label: str) -> str:
        return self.titles.get(family, {}).get(label, label)

    def has(self, family: str, label: str) -> NDArray[np.bool_]:
        return self.matter.heard.firsts[family, label] >= 0

    def labels(self, family: str) -> list[str]:
        return [label for kind, label in self.matter.heard.firsts if kind == family]


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
    at = _Side(
        matter=matter,
        titles=titles,
        here=won if side == WON else ~won,
        ids=tuple(closed.deals[row].deal_id for row in closed.rows),
        deal_of=dict(zip(closed.call_ids, map(int, closed.cohort.deal), strict=True)),
    )
    own = [deal for deal in closed.deals if (deal.outcome is Outcome.WON) is (side == WON)]
    reasons, competitors = (_drafted(family, at) for family in ("objection", "competitor"))
    lost = side == LOST
    agreed = reasons_of(closed, matter.heard, matter.words, settings.min_deals) if lost else None
    parting = parting_of(agreed, closed, matter.heard, matter.words) if agreed else ()
    said = _in_interviews(at, own, quotes.settings)
    praise = () if lost else _praise(at, quotes.settings)
    wanted = {one for _, ids in (*reasons, *competitors) for one in ids}
    wanted |= {one for _, _, ids in said for one in ids} | {*praise} | parting_ids(parting)
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
        amounts=_amounts(own),
        basis=basis_of(closed),
        here=rate(int(at.here.sum()), len(own)),
        there=rate(int((~at.here).sum()), len(closed.deals) - len(own)),
        interviews=_interviews(at, own, said, found, quotes),
        reasons=_quoted(reasons, found, quotes),
        competitors=_quoted(competitors, found, quotes),
        praise=_best(praise, found, quotes, PRAISE),
        endings=_endings(at, own),
        segments=_segments(at, own),
        pairs=pairs,
        crm=_crm_reasons(own) if lost else (),
        agreement=agreed,
        parting=quoted_parting(parting, found.values(), quotes),
        deals=_reviewed(at, own),
        others=tuple(
            deal_ref(deal) for deal in closed.deals if deal.deal_id in named and deal not in own
        ),
        titles={
            f"{family}:{label}": title for family, known in titles.items() for label, title in known.items()
        },
        settings=settings,
    )


def _drafted(family: str, at: _Side) -> list[tuple[Reason, tuple[str, ...]]]:
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


def _ids(at: _Side, having: NDArray[np.bool_]) -> tuple[str, ...]:
    """Return the ids of deals of the cohort, the last closed first."""
    closed = at.matter.closed
    deals = [closed.deals[row] for row in closed.rows[having]]
    deals.sort(key=lambda deal: (deal.close_date or "", deal.deal_id), reverse=True)
    return tuple(deal.deal_id for deal in deals)


def _surest(rows: Iterable[HeardRow], at: _Side) -> tuple[str, ...]:
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
        replace(reason, quotes=_best(ids, found, quotes, QUOTES if n < MOST_QUOTED else 1))
        for n, (reason, ids) in enumerate(drafted)
    )


def _best(
    ids: Iterable[str], found: Mapping[str, EvidenceRow], quotes: QuoteMaker, most: int
) -> tuple[Quote, ...]:
    """Return the best quotes, of different accounts before two of one."""
    chosen, _rest = choose(ranked(found[one] for one in ids if one in found), most)
    return tuple(map(quotes.quote, chosen))


def _in_interviews(
    at: _Side, own: Sequence[Deal], counted: DigestSettings
) -> list[tuple[str, frozenset[str], tuple[str, ...]]]:
    """Return what was raised in interviews on deals of this side: label, deals, and findings."""
    mine = {deal.deal_id for deal in own}
    deal_of = {
        talk.call_id: talk.deal_id
        for talk in at.matter.talks
        if talk.type == INTERVIEW and talk.deal_id in mine and not talk.skipped and shows_prospects(talk)
    }
    heard: dict[str, list[HeardRow]] = defaultdict(list)
    for row in at.matter.interviews:
        if row.call_id in deal_of and passes(row, counted):
            thing = thing_of(row, known_role(row, min_confidence=counted.min_role_confidence), ours=())
            if thing is not None and thing[0] == "objection":
                heard[row.label].append(row)
    found = []
    for label, rows in heard.items():
        surest = sorted(rows, key=sureness, reverse=True)
        deals = frozenset(deal_of[row.call_id] or "" for row in rows)
        found.append((label, deals, tuple(row.finding_id for row in surest[:CANDIDATES])))
    return sorted(found, key=lambda one: (-len(one[1]), at.title("objection", one[0])))


def _interviews(
    at: _Side,
    own: Sequence[Deal],
    said: Iterable[tuple[str, frozenset[str], tuple[str, ...]]],
    found: Mapping[str, EvidenceRow],
    quotes: QuoteMaker,
) -> FromInterviews | None:
    mine = {deal.deal_id for deal in own}
    talks = [talk for talk in at.matter.talks if talk.type == INTERVIEW and talk.deal_id in mine]
    if not talks:
        return None
    placed = [talk for talk in talks if not talk.skipped and shows_prospects(talk)]
    return FromInterviews(
        interviews=len(placed),
        unplaced=len(talks) - len(placed),
        deals=len({talk.deal_id for talk in placed}),
        reasons=tuple(
            Said(label, at.title("objection", label), len(deals), _best(ids, found, quotes, QUOTES))
            for label, deals, ids in said
        ),
    )


def _praise(at: _Side, counted: DigestSettings) -> tuple[str, ...]:
    """Return findings in which prospects of this side spoke of value or success."""
    rows = [
        row
        for row in at.matter.rows
        if row.kind is Kind.POSITIONING
        and row.detail.get("sort") in ("value", "success")
        and passes(row, counted)
        and known_role(row, min_confidence=counted.min_role_confidence) is Role.PROSPECT
    ]
    return _surest(rows, at)


def _shares(family: str, at: _Side, among: NDArray[np.bool_]) -> tuple[Share, ...]:
    """Return what was heard in most of some deals."""
    total = int(among.sum())
    counts = {label: int((at.has(family, label) & among).sum()) for label in at.labels(family)}
    most = sorted((-count, at.title(family, label), label) for label, count in counts.items() if count)
    return tuple(Share(label, title, rate(-count, total)) for count, title, label in most[:TOP])


def _endings(at: _Side, own: Sequence[Deal]) -> tuple[Ending, ...]:
    closed = at.matter.closed
    outcomes = np.array([closed.deals[row].outcome.value for row in closed.rows], dtype=object)
    made = []
    for outcome, count in Counter(deal.outcome for deal in own).items():
        among = outcomes == outcome.value
        made.append(
            Ending(
                outcome=outcome,
                deals=count,
                amounts=_amounts([deal for deal in own if deal.outcome is outcome]),
                heard_from=int(among.sum()),
                objections=_shares("objection", at, among),
                competitors=_shares("competitor", at, among),
            )
        )
    return tuple(sorted(made, key=lambda one: (-one.deals, one.outcome)))


def _segments(at: _Side, own: Sequence[Deal]) -> tuple[SegmentReview, ...]:
    """Return the segments; none where there is only one."""
    closed = at.matter.closed
    every = Counter(deal.segment or "" for deal in closed.deals)
    won = Counter(deal.segment or "" for deal in closed.deals if deal.outcome is Outcome.WON)
    mine = Counter(deal.segment or "" for deal in own)
    if len(every) < 2:
        return ()
    spoken = np.array([closed.deals[row].segment or "" for row in closed.rows], dtype=object)
    made = []
    for segment, count in mine.items():
        among = (spoken == segment) & at.here
        made.append(
            SegmentReview(
                segment=segment,
                deals=count,
                won=rate(won[segment], every[segment]),
                heard_from=int(among.sum()),
                objections=_shares("objection", at, among),
            )
        )
    return tuple(sorted(made, key=lambda one: (-one.deals, one.segment)))


def _crm_reasons(own: Iterable[Deal]) -> tuple[CrmReason, ...]:
    """Return the CRM's reasons, words that differ in capitals only being one; empty where none is given."""
    counts: Counter[str] = Counter()
    first: dict[str, str] = {}
    for deal in own:
        reason = " ".join((deal.loss_reason or "").split())
        counts[reason.casefold()] += 1
        first.setdefault(reason.casefold(), reason)
    return tuple(
        CrmReason(first[key], count)
        for key, count in sorted(counts.items(), key=lambda one: (not one[0], -one[1], one[0]))
    )


def _amounts(deals: Iterable[Deal]) -> tuple[Money, ...]:
    sums: dict[str | None, float] = defaultdict(float)
    for deal in deals:
        if deal.amount is not None:
            sums[deal.currency] += deal.amount
    found = (Money(round(amount, 2), currency) for currency, amount in sums.items())
    return tuple(sorted(found, key=lambda money: (-money.amount, money.currency or "")))


def _reviewed(at: _Side, own: Sequence[Deal]) -> tuple[ReviewedDeal, ...]:
    """Return the deals of this side, the last closed first."""
    closed, heard = at.matter.closed, at.matter.heard
    counts: dict[int, Counter[str]] = defaultdict(Counter)
    for (family, label), calls in heard.calls.items():
        if family == "objection":
            for deal in closed.cohort.deal[calls]:
                counts[int(deal)][at.title(family, label)] += 1
    calls = np.bincount(closed.cohort.deal, minlength=closed.cohort.deals)
    place = {deal_id: n for n, deal_id in enumerate(at.ids)}
    made = []
    for deal in sorted(own, key=lambda deal: (deal.close_date or "", deal.deal_id), reverse=True):
        n = place.get(deal.deal_id)
        said = counts[n] if n is not None else Counter[str]()
        made.append(
            ReviewedDeal(
                **asdict(deal_ref(deal)),
                segment=deal.segment,
                reason=deal.loss_reason,
                calls=0 if n is None else int(calls[n]),
                heard=tuple(title for title, _ in sorted(said.items(), key=lambda one: (-one[1], one[0]))),
            )
        )
    return tuple(made)

