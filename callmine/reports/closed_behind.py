"""What is behind the sections: deals that are named, and what was heard where CRM and calls differ."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace

from callmine.domain import Deal, EndWords
from callmine.outcomes.agreement import Agreement, Parting
from callmine.reports.closed import Closed, Heard, heard_in
from callmine.reports.digest_values import DigestSettings
from callmine.reports.outcome_values import (
    KnownDeal,
    OutcomeReport,
)
from callmine.reports.outcomes import deal_ref, sureness
from callmine.reports.quotes import QuoteMaker
from callmine.reports.reason_values import MOST_PARTING, PartingDeal, PartingQuote
from callmine.store.rows import EvidenceRow, HeardRow

PARTING_QUOTES = 3
"""Quotes printed behind each deal where CRM and calls differ at most, one a label."""

LEAST_SCORE = 0.5
"""From which score on an objection that does not count is shown as one that may have been raised."""

Said = Mapping[str, Sequence[HeardRow]]
"""The objections of a deal: label to findings, the surest first."""


def perhaps_in(
    closed: Closed, rows: Iterable[HeardRow], counted: DigestSettings, *, own_names: Iterable[str] = ()
) -> Heard:
    """Return what was heard, with the objections that are too unsure to count.

    Args:
        closed: The deals and calls of a period.
        rows: The findings of these calls.
        counted: Which of them count.
        own_names: Our company and products, which are no competitors.
    """
    unsure = replace(counted, min_objection_score=LEAST_SCORE, min_label_scores={})
    return heard_in(closed, rows, unsure, own_names=own_names)


def parting_of(
    reasons: Agreement,
    closed: Closed,
    heard: Heard,
    words: Mapping[str, EndWords],
    perhaps: Heard,
) -> tuple[PartingDeal, ...]:
    """Return the deals whose reason in the CRM is not what was heard, with what was.

    Args:
        reasons: What :func:`callmine.reports.closed_reasons.reasons_of` found.
        closed: The deals and calls of the period.
        heard: What was heard in them.
        words: What the CRM says of how each deal ended.
        perhaps: What was heard, with objections that are too unsure to count.
    """
    said, unsure = _objections(closed, heard), _objections(closed, perhaps)
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
                perhaps=tuple(
                    one.finding_id
                    for label in row.never_heard
                    for one in unsure.get(row.deal, {}).get(label, ())
                ),
            )
        )
    # The last closed first; then those that part in both ways before the others, a stable sort.
    found.sort(key=lambda one: (deals[one.deal].close_date or "", one.deal), reverse=True)
    found.sort(key=lambda one: not (one.never_heard and one.not_in_reason))
    return tuple(found)


def parting_ids(parting: Sequence[PartingDeal]) -> frozenset[str]:
    """Return the ids of all findings from which the quotes of parting deals are chosen."""
    return frozenset(one for row in parting[:MOST_PARTING] for one in (*row.perhaps, *row.findings))


def with_parting_quotes(
    report: OutcomeReport, evidence: Iterable[EvidenceRow], quotes: QuoteMaker
) -> OutcomeReport:
    """Return a report with the surest quote of each label behind the first parting deals."""
    return replace(report, parting=quoted_parting(report.parting, evidence, quotes))


def quoted_parting(
    parting: Sequence[PartingDeal], evidence: Iterable[EvidenceRow], quotes: QuoteMaker
) -> tuple[PartingDeal, ...]:
    """Return parting deals, the first of them with the surest quote of each label.

    What is one passage with two labels is one quote.
    """
    rows = {row.finding_id: row for row in evidence}

    def best(ids: Sequence[str], *, counted: bool) -> list[PartingQuote]:
        surest: dict[str, EvidenceRow] = {}
        for one in ids:
            if one in rows:
                surest.setdefault(rows[one].label, rows[one])
        labels: dict[tuple[str, int, int, int], list[str]] = defaultdict(list)
        first: dict[tuple[str, int, int, int], EvidenceRow] = {}
        for label, found in surest.items():
            place = found.call_id, found.utterance_index, found.start, found.end
            labels[place].append(label)
            first.setdefault(place, found)
        # The same finding may be quoted as an objection, too; an anchor leads to one place.
        made = [(place, quotes.quote(first[place])) for place in list(first)[:PARTING_QUOTES]]
        return [
            PartingQuote(
                tuple(labels[place]), replace(q, quote_id=f"{q.quote_id}-parting"), counted=counted
            )
            for place, q in made
        ]

    def shown(row: PartingDeal) -> PartingDeal:
        unsure = best(row.perhaps, counted=False)
        return replace(row, quotes=(*unsure, *best(row.findings, counted=True)))

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
