"""CRM opportunities, and which calls belong to them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from callmine.domain.words import Outcome


@dataclass(frozen=True, slots=True)
class Deal:
    """A CRM opportunity. Dates are ISO dates, ``amount`` is in ``currency`` units."""

    deal_id: str
    name: str | None
    account: str | None
    owner: str | None
    stage: str | None
    outcome: Outcome
    amount: float | None
    currency: str | None
    created_at: str | None
    inquired_at: str | None
    close_date: str | None
    loss_reason: str | None
    competitor: str | None
    segment: str | None
    lead_source: str | None
    account_domain: str | None
    contact_emails: tuple[str, ...]
    pipeline: str | None
    type: str | None


@dataclass(frozen=True, slots=True)
class Link:
    """Call to deal: ``rule`` made it, ``confidence`` is 0..1, ``why`` explains it to a person."""

    deal_id: str
    rule: str
    confidence: float
    why: str


@dataclass(frozen=True, slots=True)
class EndWords:
    """What a CRM said of a deal beside :class:`Deal`, so that its outcome can be judged again.

    Attributes:
        outcome: Its own word for how the deal ended.
        is_won: Its flag.
        is_closed: Its flag.
        reason_labels: Which of the objection labels the loss reason speaks of; ``LOST_TO_COMPETITOR`` where
            it says that another vendor got the deal.
    """

    outcome: str | None = None
    is_won: bool | None = None
    is_closed: bool | None = None
    reason_labels: tuple[str, ...] = ()


def is_after_close(started_at: str | None, close_date: str | None, timezone: str) -> bool | None:
    """Whether a call was made on a day after its deal was closed, so that it cannot speak for the outcome.

    A call of the closing day itself is before it: CRMs tell the day of closing, not its hour.

    Args:
        started_at: UTC instant of the call.
        close_date: ISO date on which the deal was closed.
        timezone: Name of the time zone whose days count.

    Returns:
        ``None`` where the one or the other is not known, and nobody can tell.
    """
    if started_at is None or close_date is None:
        return None
    moment = datetime.fromisoformat(started_at)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return moment.astimezone(ZoneInfo(timezone)).date() > date.fromisoformat(close_date[:10])
