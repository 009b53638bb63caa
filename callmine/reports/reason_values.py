"""What the report on won and lost deals holds of loss reasons that are not what was heard."""

from __future__ import annotations

from dataclasses import dataclass

from callmine.reports.quote_values import Quote

MOST_PARTING = 12
"""Lost deals whose reason and calls differ that a page shows with quotes."""


@dataclass(frozen=True, slots=True)
class PartingQuote:
    """What was heard in a deal whose reason in the CRM is not what was heard.

    Attributes:
        labels: The objections that it shows.
        quote: The passage.
        counted: Whether it counts; else it is shown as what may have been said of the reason.
    """

    labels: tuple[str, ...]
    quote: Quote
    counted: bool


@dataclass(frozen=True, slots=True)
class PartingDeal:
    """A lost deal whose reason in the CRM is not what was heard.

    Attributes:
        deal: Its id.
        never_heard: Labels of its reason of which no call has a finding that counts.
        not_in_reason: Labels that several calls have and its reason does not; most calls first.
        reason: The reason as somebody wrote it into the CRM.
        findings: Ids of all that was heard of ``not_in_reason``, else of any other objection, the surest
            of each label first.
        perhaps: Ids of what may have been heard of ``never_heard``, too unsure to count; the surest first.
        quotes: The surest of each label, for the first :data:`MOST_PARTING` deals; what may be the reason
            first.
    """

    deal: str
    never_heard: tuple[str, ...]
    not_in_reason: tuple[str, ...]
    reason: str | None
    findings: tuple[str, ...]
    perhaps: tuple[str, ...] = ()
    quotes: tuple[PartingQuote, ...] = ()
