"""The CRM's reason for the loss of one deal against what was heard in its calls. Pure functions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from callmine.crm.outcome import names_competitor
from callmine.domain import LOST_TO_COMPETITOR, Role
from callmine.outcomes.agreement import parting_of
from callmine.reports.closed_reasons import UNSURPRISING, lost_deal, winners_of
from callmine.reports.quotes import QuoteMaker
from callmine.reports.review_calls import Told
from callmine.reports.review_values import (
    AGREE,
    MORE,
    NO_CALLS,
    NO_LABEL,
    NO_REASON,
    NOTHING_HEARD,
    PART,
    ReasonCheck,
    ReviewCall,
)
from callmine.store.deal_queries import DealRow


def reason_check(
    row: DealRow,
    told: Told,
    calls: Sequence[ReviewCall],
    titles: Mapping[str, str],
    quotes: QuoteMaker,
    rivals: Mapping[str, str],
) -> ReasonCheck | None:
    """Hold the CRM's reason against what was heard, as the reports on closed deals do.

    Args:
        row: The deal; of one that is not lost, nothing is returned.
        told: What was said in its calls.
        calls: Those of them that are evidence.
        titles: Objection label to what people call it.
        quotes: Knows whose role is sure.
        rivals: Competitors of the playbook by their names and aliases, folded.
    """
    deal = row.deal
    if not deal.outcome.is_lost:
        return None
    raised = Counter(raised.label for call in calls for raised in call.raised)
    named, anybody = _named(told, quotes)
    lost = lost_deal(deal, row.words.reason_labels, raised, named, rivals)
    parting = parting_of(lost, unsurprising=UNSURPRISING)
    beside = parting.not_in_reason if lost.reasons else ()
    who = winners_of(deal, rivals) or frozenset()
    heard: bool | None = None
    if LOST_TO_COMPETITOR in lost.reasons:
        heard = LOST_TO_COMPETITOR not in parting.never_heard
    elif who:
        heard = not who.isdisjoint(named)

    def called(labels: Iterable[str]) -> tuple[str, ...]:
        return tuple(titles.get(label, label) for label in labels if label != LOST_TO_COMPETITOR)

    if not calls:
        verdict = NO_CALLS
    elif not (deal.loss_reason or names_competitor(deal.competitor)):
        verdict = NO_REASON
    elif not raised and not anybody:
        verdict = NOTHING_HEARD
    elif lost.reasons:
        verdict = PART if parting.never_heard else MORE if beside else AGREE
    else:
        # Without a reason that speaks of anything, its competitor is all that can be held against calls.
        verdict = NO_LABEL if heard is None else AGREE if heard else PART
    return ReasonCheck(
        verdict=verdict,
        heard_too=called(sorted(lost.reasons & raised.keys())),
        never_heard=called(parting.never_heard),
        not_in_reason=called(beside),
        competitors=tuple(sorted(who)),
        competitor_heard=heard,
        other_competitors=tuple(sorted(named.keys() - who, key=str.casefold)),
    )


def _named(told: Told, quotes: QuoteMaker) -> tuple[dict[str, set[str]], bool]:
    """Return the calls in which prospects named each competitor, and whether anybody named one."""
    said = {label: rows for (family, label), rows in told.things.items() if family == "competitor"}
    by = {
        label: {one.call_id for one in rows if quotes.role(one) is Role.PROSPECT}
        for label, rows in said.items()
    }
    return {label: calls for label, calls in by.items() if calls}, bool(said)
