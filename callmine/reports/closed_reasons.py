"""The CRM's loss reasons against what was heard: objections, and the competitor who got the deal."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping

from callmine.crm import reason_labels
from callmine.crm.outcome import chosen_in, names_competitor
from callmine.domain import LOST_TO_COMPETITOR, Deal, EndWords, Outcome, Role
from callmine.outcomes.agreement import Agreement, LostDeal, agreement
from callmine.reports.closed import Closed, Heard
from callmine.reports.digest_values import DigestSettings
from callmine.reports.quotes import known_role

UNSURPRISING = (LOST_TO_COMPETITOR,)
"""Labels of which it is nothing to look at that they are heard and no reason: most buyers name somebody."""


def reasons_of(
    closed: Closed,
    heard: Heard,
    words: Mapping[str, EndWords],
    counted: DigestSettings,
    *,
    rivals: Mapping[str, str],
    min_deals: int,
) -> Agreement:
    """Hold the CRM's loss reasons against what prospects said, over lost deals with calls.

    An objection of the reason is heard where a prospect raised it. That a competitor got the deal is no
    objection: it is heard where a prospect named a competitor, and that one where the CRM says which. Who
    got it cannot be heard where the playbook does not know the name; then it is no reason here.

    Args:
        closed: The deals and calls of the period.
        heard: What was heard in them.
        words: What the CRM says of how each deal ended.
        counted: From which confidence on somebody is known to be a prospect.
        rivals: Competitors of the playbook by their names and aliases, folded.
        min_deals: Support of a label.
    """
    raised = _raised(closed, heard)
    named = _named(closed, heard, counted)
    lost = []
    for n, deal in enumerate(closed.deals[row] for row in closed.rows):
        if deal.outcome.is_lost:
            labels = words.get(deal.deal_id, EndWords()).reason_labels
            lost.append(lost_deal(deal, labels, raised[n], named[n], rivals))
    return agreement(lost, min_deals=min_deals, unsurprising=UNSURPRISING)


def _raised(closed: Closed, heard: Heard) -> dict[int, Counter[str]]:
    """Return for each deal of the cohort in how many calls each objection was raised."""
    found: dict[int, Counter[str]] = defaultdict(Counter)
    for (family, label), calls in heard.calls.items():
        if family == "objection":
            for deal in closed.cohort.deal[calls]:
                found[int(deal)][label] += 1
    return found


def _named(closed: Closed, heard: Heard, counted: DigestSettings) -> dict[int, dict[str, set[str]]]:
    """Return for each deal of the cohort the calls in which a prospect named each competitor."""
    deal_of = dict(zip(closed.call_ids, map(int, closed.cohort.deal), strict=True))
    found: dict[int, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for (family, label), rows in heard.rows.items():
        for row in rows if family == "competitor" else ():
            if known_role(row, min_confidence=counted.min_role_confidence) is Role.PROSPECT:
                found[deal_of[row.call_id]][label].add(row.call_id)
    return found


def lost_deal(
    deal: Deal,
    labels: Collection[str],
    raised: Mapping[str, int],
    named: Mapping[str, Collection[str]],
    rivals: Mapping[str, str],
) -> LostDeal:
    """Return a lost deal as its reason and its calls are held against each other; see :func:`reasons_of`.

    Args:
        deal: The deal.
        labels: What its reason in the CRM speaks of.
        raised: In how many of its calls prospects raised each objection.
        named: Its calls in which a prospect named each competitor.
        rivals: Competitors of the playbook by their names and aliases, folded.
    """
    reasons, who = set(labels), winners_of(deal, rivals)
    # "Lantern, price" tells who got it where the deal went to a competitor anyway.
    if deal.outcome is Outcome.LOST_COMPETITOR and _rivals_in(deal.loss_reason, rivals):
        reasons.add(LOST_TO_COMPETITOR)
    if who is None:
        reasons.discard(LOST_TO_COMPETITOR)
    wanted = who if who and LOST_TO_COMPETITOR in reasons else named.keys()
    calls = set().union(*(named.get(name, set()) for name in wanted))
    return LostDeal(deal.deal_id, frozenset(reasons), {**raised, LOST_TO_COMPETITOR: len(calls)})


def winners_of(deal: Deal, rivals: Mapping[str, str]) -> frozenset[str] | None:
    """Return who got a deal, as the CRM says; nobody where it does not say, ``None`` where the name is new.

    The reason goes before the column of competitors, which may name whoever was in the deal.
    """
    if found := _rivals_in(deal.loss_reason, rivals):
        return found
    chosen = chosen_in(deal.loss_reason or "")
    if chosen and not reason_labels(chosen):  # "went with Competitor" names nobody
        return None
    if not names_competitor(deal.competitor):
        return frozenset()
    return _rivals_in(deal.competitor, rivals) or None


def _rivals_in(text: str | None, rivals: Mapping[str, str]) -> frozenset[str]:
    """Return the competitors whose name, or an alias, is in a text."""
    said = " ".join((text or "").split()).casefold()
    return frozenset(
        rival for name, rival in rivals.items() if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", said)
    )
