"""CRM opportunities, and which calls belong to them."""

from __future__ import annotations

from dataclasses import dataclass

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
