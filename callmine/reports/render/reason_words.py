"""Sentences of the report on won and lost deals: the CRM's loss reasons, and what was heard."""

from __future__ import annotations

from callmine.domain import LOST_TO_COMPETITOR
from callmine.outcomes.agreement import Agreement, LabelAgreement
from callmine.reports.reason_values import PartingDeal, PartingQuote
from callmine.reports.render.odds import rate_words
from callmine.reports.render.section_words import Titled, title_of
from callmine.reports.text import listed, plural, verb


def reasons_summary(found: Agreement, min_deals: int) -> str:
    """Say how often the CRM's reason was heard."""
    c = found.confirmed
    if not c.total:
        return (
            "Nothing can be said: of no lost deal with calls is the loss reason known to speak of an"
            " objection, or of losing to a competitor of the playbook. [reason_labels] in the mapping file"
            " of the deals adds words of your own."
        )
    more = found.without_reason
    others = f" {more:,} more {verb(more, 'has', 'have')} no such reason." if more else ""
    told = "too few for a rate" if c.total < min_deals else rate_words(c)
    return (
        f"Of {plural(c.total, 'lost deal')} with calls whose loss reason speaks of an objection, or of"
        f" losing to a competitor, {c.successes:,} had that on a call: {told}.{others}"
    )


def reason_rows(found: Agreement) -> tuple[LabelAgreement, ...]:
    """Return the labels that are somebody's reason, or heard often; what both lack says nothing."""
    return tuple(row for row in found.labels if row.both + row.reason_only)[:12]


def reason_title(report: Titled, label: str) -> str:
    """Return what people call what a loss reason speaks of."""
    return "A competitor" if label == LOST_TO_COMPETITOR else title_of(report, f"objection:{label}")


def parting_words(report: Titled, row: PartingDeal) -> str:
    """Say where a deal's reason and its calls differ."""
    said = []
    objections = [label for label in row.never_heard if label != LOST_TO_COMPETITOR]
    if objections:
        names = listed(reason_title(report, label) for label in objections)
        said.append(f"the CRM says {names}, and no call has a counted finding of it")
    if LOST_TO_COMPETITOR in row.never_heard:
        said.append(
            "the CRM says that a competitor got it, and no prospect is known to have named it on a call"
        )
    if row.not_in_reason:
        names = listed(reason_title(report, label) for label in row.not_in_reason[:3])
        said.append(f"several calls have {names}, which the CRM’s reason does not name")
    return "; ".join(said)


def parting_rest(row: PartingDeal) -> str:
    """Say what else was heard; nothing where the sentence before it did."""
    if row.not_in_reason:
        return ""
    if row.findings:
        return "What was heard instead is below."
    return "No other objection was counted on its calls."


def shown_as(report: Titled, said: PartingQuote) -> str:
    """Return which objections a quote shows: ``Price``, or ``perhaps Price, too unsure to count``."""
    names = listed(reason_title(report, label) for label in said.labels)
    return names if said.counted else f"perhaps {names}, too unsure to count"
