"""What is behind the sections: the deals that are named, and what was heard where CRM and calls part."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace

from callmine.domain import Deal, EndWords
from callmine.outcomes.agreement import Agreement, Parting
from callmine.reports.closed import Closed, Heard
from callmine.reports.outcome_values import MOST_PARTING, KnownDeal, OutcomeReport, PartingDeal
from callmine.reports.outcomes import deal_ref, sureness
from callmine.reports.quotes import QuoteMaker
from callmine.store.rows import EvidenceRow, HeardRow

PARTING_QUOTES = 3
"""Quotes printed behind each deal where CRM and calls part at most, one a label."""

Said = Mapping[str, Sequence[HeardRow]]
"""The objections of a deal: label to findings, the surest first."""


def parting_of(
    reasons: Agreement, closed: Closed, heard: Heard, words: Mapping[str, EndWords]
) -> tuple[PartingDeal, ...]:
    """Return the deals whose reason in the CRM is not what was heard, with what was.

    Args:
        reasons: What :func:`callmine.reports.closed_views.reasons_of` found.
        closed: The deals and calls of the period.
        heard: What was heard in them.
        words: What the CRM says of how each deal ended.
    """
    said = _objections(closed, heard)
    deals = {deal.deal_id: deal for deal in closed.deals}
    found = []
    for row in reasons.parting:
        own = frozenset(words.get(row.deal, EndWords()).reason_labels)
        labels = _worth_a_look(row, said.get(row.deal, {}), own)
        found.append(
            PartingDeal(
                deal=row.deal,
                never_heard=row.never_heard,
                not_in_reason=row.not_in_reason,
                reason=deals[row.deal].loss_reason,
                findings=tuple(one.finding_id for label in labels for one in said[row.deal][label]),
            )
        )
    # The last closed first; then those that part in both ways before the others, a stable sort.
    found.sort(key=lambda one: (deals[one.deal].close_date or "", one.deal), reverse=True)
    found.sort(key=lambda one: not (one.never_heard and one.not_in_reason))
    return tuple(found)


def parting_ids(parting: Sequence[PartingDeal]) -> frozenset[str]:
    """Return the ids of all findings from which the quotes of parting deals are chosen."""
    return frozenset(one for row in parting[:MOST_PARTING] for one in row.findings)


def with_parting_quotes(
    report: OutcomeReport, evidence: Iterable[EvidenceRow], quotes: QuoteMaker
) -> OutcomeReport:
    """Return a report with the surest quote of each label behind the first parting deals."""
    return replace(report, parting=quoted_parting(report.parting, evidence, quotes))


def quoted_parting(
    parting: Sequence[PartingDeal], evidence: Iterable[EvidenceRow], quotes: QuoteMaker
) -> tuple[PartingDeal, ...]:
    """Return parting deals, the first of them with the surest quote of each label."""
    rows = {row.finding_id: row for row in evidence}

    def shown(row: PartingDeal) -> PartingDeal:
        best: dict[str, EvidenceRow] = {}
        for one in row.findings:
            if one in rows:
                best.setdefault(rows[one].label, rows[one])
        chosen = [quotes.quote(found) for found in list(best.values())[:PARTING_QUOTES]]
        # The same finding may be quoted as an objection, too; an anchor leads to one place.
        return replace(row, quotes=tuple(replace(q, quote_id=f"{q.quote_id}-parting") for q in chosen))

    return (*map(shown, parting[:MOST_PARTING]), *parting[MOST_PARTING:])


def known_deals(
    report: OutcomeReport, deals: Iterable[Deal], reached: Mapping[str, str]
) -> tuple[KnownDeal, ...]:
    """Return the deals that are named anywhere in a report, in the order of their ids.

    Args:
        report: With all its sections.
        deals: All deals.
        reached: The last open stage of each deal whose way is known.
    """
    named = {one for family in report.families for line in family.lines for one in line.deals}
    named |= {one for to in report.answers for line in to.lines for one in line.deals}
    named |= {
        one for row in report.step_deals for ids in (row.went_on, row.stayed, row.under_way) for one in ids
    }
    named |= {row.deal for row in report.parting}
    if report.pairs is not None:
        named |= {one for pair in report.pairs.pairs for one in (pair.won, pair.lost)}
    return tuple(
        KnownDeal(**asdict(deal_ref(deal)), reached=reached.get(deal.deal_id))
        for deal in sorted(deals, key=lambda deal: deal.deal_id)
        if deal.deal_id in named
    )


def _objections(closed: Closed, heard: Heard) -> dict[str, Said]:
    """Return what every deal of the cohort objected."""
    ids = [closed.deals[row].deal_id for row in closed.rows]
    deal_of = {call: ids[deal] for call, deal in zip(closed.call_ids, closed.cohort.deal, strict=True)}
    found: dict[str, dict[str, list[HeardRow]]] = defaultdict(lambda: defaultdict(list))
    for (family, label), rows in heard.rows.items():
        if family == "objection":
            for row in sorted(rows, key=sureness, reverse=True):
                found[deal_of[row.call_id]][label].append(row)
    return dict(found)


def _worth_a_look(row: Parting, said: Said, reason: frozenset[str]) -> list[str]:
    """Return the labels to quote: those that the reason lacks, else whatever else was heard."""
    if row.not_in_reason:
        return list(row.not_in_reason)
    return sorted(said.keys() - reason, key=lambda label: (-len(said[label]), label))
