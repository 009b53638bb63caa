"""The report on won and lost deals: rows and arrays in, values out. Nothing is read or rendered here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from callmine.domain import Deal, Outcome
from callmine.outcomes.association import Association, Associations, associate
from callmine.outcomes.rates import rate
from callmine.outcomes.verdicts import Verdict
from callmine.reports.closed import Closed, Heard, Key
from callmine.reports.closed_answers import KindOfAnswer
from callmine.reports.families import FAMILIES
from callmine.reports.leading import led_by
from callmine.reports.outcome_values import (
    AnswerLine,
    AnswersTo,
    Basis,
    DealRef,
    Family,
    Line,
    OutcomeReport,
    OutcomeSettings,
)
from callmine.reports.quote_values import Quote
from callmine.reports.quotes import QuoteMaker, choose, ranked
from callmine.store.rows import EvidenceRow, HeardRow

ORDER = (Verdict.LOSSES, Verdict.WINS, Verdict.NO_DIFFERENCE, Verdict.NOT_ENOUGH)
"""What can be said comes first."""

OPEN_QUOTES = 2
"""Quotes behind a line of which nothing is known yet at most: such lines are many, and not in the open."""

ANSWER_QUOTES = 2
"""Quotes printed behind each answer at most."""

CANDIDATES = 12
"""Findings of won and of lost deals from which a line's quotes are chosen, each."""


@dataclass(frozen=True, slots=True, eq=False)
class Drafted:
    """A report without quotes.

    Attributes:
        report: All but the quotes.
        candidates: The findings to choose each line's quotes from, by family and label.
    """

    report: OutcomeReport
    candidates: Mapping[Key, tuple[str, ...]]

    @property
    def wanted(self) -> frozenset[str]:
        """Return the ids of all findings that may be quoted."""
        return frozenset(one for ids in self.candidates.values() for one in ids)


def draft_outcomes(
    closed: Closed,
    heard: Heard,
    *,
    since: str,
    until: str,
    timezone: str,
    titles: Mapping[str, Mapping[str, str]],
    company: str | None = None,
    answers: Sequence[KindOfAnswer] = (),
    looks: int = 1,
    settings: OutcomeSettings | None = None,
) -> Drafted:
    """Hold what was heard against how deals ended.

    Args:
        closed: The deals and calls of the period.
        heard: What was heard in them.
        since: First day of the period.
        until: Last day.
        timezone: IANA name in which days are shown.
        titles: Family to label to what people call it.
        company: Our name.
        answers: What :func:`callmine.reports.closed_answers.answers_that_work` found.
        looks: How often such a report was built, this time included.
        settings: What is enough.
    """
    settings = settings or OutcomeSettings()
    families = []
    for family in FAMILIES:
        firsts = {label: first for (kind, label), first in heard.firsts.items() if kind == family}
        found = associate(
            closed.cohort,
            firsts,
            min_deals=settings.min_deals,
            smallest_effect=settings.smallest_effect,
            max_q=settings.max_q,
            sensitivity_days=settings.sensitivity_days,
        )
        names = titles.get(family, {})
        families.append(family_of_lines(family, found, names, closed, firsts, settings))
    report = OutcomeReport(
        since=since,
        until=until,
        timezone=timezone,
        company=company,
        basis=basis_of(closed),
        outcomes=tuple(
            sorted(
                Counter(deal.outcome for deal in closed.deals).items(), key=lambda pair: (-pair[1], pair[0])
            )
        ),
        families=tuple(families),
        answers=_answers(answers, titles.get("objection", {}), closed),
        looks=looks,
        settings=settings,
    )
    lines = [line for family in families for line in family.lines]
    deal_of = dict(zip(closed.call_ids, map(int, closed.cohort.deal), strict=True))
    said = {(line.family, line.label): heard.rows[line.family, line.label] for line in lines}
    said |= {_answer_key(one.objection, one.kind, one.text): one.rows for one in answers}
    chosen = {key: _candidates(closed, deal_of, rows) for key, rows in said.items()}
    return Drafted(report, chosen)


def with_quotes(drafted: Drafted, evidence: Iterable[EvidenceRow], quotes: QuoteMaker) -> OutcomeReport:
    """Return the report with the best quotes behind each line, of different accounts."""
    rows = {row.finding_id: row for row in evidence}
    report, most = drafted.report, drafted.report.settings.quotes_per_line

    def best(key: Key, limit: int, verdict: Verdict | None = None) -> tuple[Quote, ...]:
        ids = drafted.candidates[key]
        found = ranked(rows[one] for one in ids if one in rows)
        chosen, _rest = choose(led_by(found, verdict), limit)
        return tuple(map(quotes.quote, chosen))

    def behind(line: Line) -> tuple[Quote, ...]:
        return best((line.family, line.label), _quotes(line, most), line.association.verdict)

    def answered(label: str, line: AnswerLine) -> tuple[Quote, ...]:
        # One answer may be quoted below each of several objections, and there below its kind and as the
        # playbook's; an anchor leads to one place.
        below = label if line.text is None else f"{label}-{line.kind}"
        best_ones = best(_answer_key(label, line.kind, line.text), ANSWER_QUOTES)
        return tuple(replace(quote, quote_id=f"{quote.quote_id}-{below}") for quote in best_ones)

    families = [
        replace(family, lines=tuple(replace(line, quotes=behind(line)) for line in family.lines))
        for family in report.families
    ]
    answers = [
        replace(one, lines=tuple(replace(line, quotes=answered(one.label, line)) for line in one.lines))
        for one in report.answers
    ]
    return replace(report, families=tuple(families), answers=tuple(answers))


def _quotes(line: Line, most: int) -> int:
    """Return how many quotes a line may have."""
    a = line.association
    known = a.verdict is not Verdict.NOT_ENOUGH or a.disagree or a.confounded
    return most if known else min(OPEN_QUOTES, most)


def deal_ref(deal: Deal) -> DealRef:
    """Return what a page says of a deal."""
    return DealRef(
        deal_id=deal.deal_id,
        name=deal.name,
        account=deal.account,
        outcome=deal.outcome,
        amount=deal.amount,
        currency=deal.currency,
        close_date=deal.close_date,
    )


def family_of_lines(
    family: str,
    found: Associations,
    titles: Mapping[str, str],
    closed: Closed,
    firsts: Mapping[str, NDArray[np.int64]],
    settings: OutcomeSettings,
) -> Family:
    """Return what was tested together as lines, in the order in which pages show them.

    Args:
        family: What it is called.
        found: Each thing that was heard, against outcome.
        titles: Label to what people call it.
        closed: The deals.
        firsts: For each label and deal the call in which it was heard first, or -1.
        settings: How much is listed.
    """
    rows = sorted(found.rows, key=lambda row: (*_standing(row), titles.get(row.label, row.label)))
    tested = sum(row.adjusted is not None for row in rows)
    listed = rows[: tested + settings.untested_lines]
    lines = tuple(
        Line(
            family=family,
            label=row.label,
            title=titles.get(row.label, row.label),
            association=row,
            deals=_deals(closed, firsts[row.label] >= 0),
        )
        for row in listed
    )
    return Family(family, lines, found.strata, found.kinds, len(rows) - len(listed))


def _standing(row: Association) -> tuple[bool, int, bool, bool, int]:
    """Return where a line stands.

    Tested ones come first; of them what can be said, then what depends on how one compares, then what only
    the plain win rates say; then those that more deals have.
    """
    return (
        row.adjusted is None,
        ORDER.index(row.verdict),
        not row.disagree,
        not row.confounded,
        -row.with_it.total,
    )


def _deals(closed: Closed, having: NDArray[np.bool_]) -> tuple[str, ...]:
    """Return the ids of deals of the cohort, the last closed first."""
    deals = [closed.deals[row] for row in closed.rows[having]]
    deals.sort(key=lambda deal: (deal.close_date or "", deal.deal_id), reverse=True)
    return tuple(deal.deal_id for deal in deals)


def _answers(
    found: Sequence[KindOfAnswer], titles: Mapping[str, str], closed: Closed
) -> tuple[AnswersTo, ...]:
    """Group answers by objection; those nobody can compare are left out."""
    grouped: dict[str, list[KindOfAnswer]] = {}
    for one in found:
        grouped.setdefault(one.objection, []).append(one)
    made = []
    for label, kinds in grouped.items():
        if not any(one.comparison.adjusted for one in kinds):
            continue
        lines = [
            AnswerLine(one.kind, one.comparison, one.text, deals=_deals(closed, one.alone)) for one in kinds
        ]
        lines.sort(key=lambda line: (ORDER.index(line.comparison.verdict), -line.comparison.a.total))
        deals = int(np.logical_or.reduce([one.firsts >= 0 for one in kinds]).sum())
        made.append(AnswersTo(label, titles.get(label, label), tuple(lines), deals))
    made.sort(key=lambda one: (ORDER.index(one.lines[0].comparison.verdict), -one.deals, one.title))
    return tuple(made)


def _answer_key(objection: str, kind: str, text: str | None) -> Key:
    return "answer", f"{objection}:{kind}:{text or ''}"


def _candidates(closed: Closed, deal_of: Mapping[str, int], found: Iterable[HeardRow]) -> tuple[str, ...]:
    """Return findings to choose quotes from: the surest of each deal, of won and of lost ones."""
    best: dict[int, HeardRow] = {}
    for row in found:
        deal = deal_of[row.call_id]
        if deal not in best or sureness(row) > sureness(best[deal]):
            best[deal] = row
    surest = sorted(best.items(), key=lambda pair: sureness(pair[1]), reverse=True)
    return tuple(
        row.finding_id
        for side in (False, True)
        for row in [row for deal, row in surest if bool(closed.cohort.won[deal]) is side][:CANDIDATES]
    )


def sureness(row: HeardRow) -> tuple[bool, float, str]:
    """Return how sure a finding is, for sorting: what a person confirmed is surest."""
    return row.verdict == "right", row.score, row.finding_id


def basis_of(closed: Closed) -> Basis:
    """Return what a report on closed deals rests on."""
    deals = len(closed.deals)
    won = sum(deal.outcome is Outcome.WON for deal in closed.deals)
    return Basis(
        deals=rate(won, deals),
        with_calls=rate(int(np.count_nonzero(closed.with_calls)), deals),
        compared=rate(int(closed.cohort.won.sum()), closed.cohort.deals),
        calls=closed.cohort.calls,
        after_close=closed.after_close,
        without_close=closed.without_close,
        failed=closed.failed,
        undated=closed.undated,
        unplaced=closed.unplaced,
    )
