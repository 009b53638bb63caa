"""What the review of a period holds: frozen values that renderers turn into pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from callmine.domain import Outcome
from callmine.outcomes.agreement import Agreement
from callmine.outcomes.matching import Matched
from callmine.outcomes.rates import Rate
from callmine.reports.digest_values import Money
from callmine.reports.outcome_values import Basis, DealRef, OutcomeSettings
from callmine.reports.quote_values import Quote
from callmine.reports.reason_values import PartingDeal


@dataclass(frozen=True, slots=True)
class Share:
    """In how many deals something was heard, out of those of which it can be known."""

    label: str
    title: str
    deals: Rate


@dataclass(frozen=True, slots=True)
class Reason:
    """Something that was heard in the deals of a review, beside how often in those that ended otherwise.

    Attributes:
        label: Of the objection, or the competitor's name.
        here: Deals of this review in which it was heard, out of those with a call that counts.
        there: The same of the deals that ended otherwise.
        quotes: The best, of different accounts.
        deals: Ids of the deals of this review in which it was heard, the last closed first.
    """

    label: str
    title: str
    here: Rate
    there: Rate
    quotes: tuple[Quote, ...] = ()
    deals: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Said:
    """An objection in interviews.

    Attributes:
        deals: In whose interviews it was raised.
        quotes: The best, of different accounts.
    """

    label: str
    title: str
    deals: int
    quotes: tuple[Quote, ...]


@dataclass(frozen=True, slots=True)
class FromInterviews:
    """What buyers said in interviews, which are no sales calls and in no other number.

    Attributes:
        interviews: With a buyer who is known to speak, of deals of this review.
        unplaced: Further ones of which that is not known.
        deals: These interviews' deals.
        reasons: What was raised in them, in most deals first.
        words: What buyers said in them of value, pain and success.
    """

    interviews: int
    unplaced: int
    deals: int
    reasons: tuple[Said, ...]
    words: tuple[Quote, ...] = ()


@dataclass(frozen=True, slots=True)
class Ending:
    """The deals that ended in one way.

    Attributes:
        heard_from: Of them, with a call that counts.
        objections: What was raised in most of these.
        competitors: Who was named in most of these.
    """

    outcome: Outcome
    deals: int
    amounts: tuple[Money, ...]
    heard_from: int
    objections: tuple[Share, ...]
    competitors: tuple[Share, ...]


@dataclass(frozen=True, slots=True)
class SegmentReview:
    """The deals of one segment.

    Attributes:
        segment: Empty where the CRM names none.
        deals: Of this review.
        won: Won out of all that closed in the period.
        heard_from: Of ``deals``, with a call that counts.
        objections: What was raised in most of these.
    """

    segment: str
    deals: int
    won: Rate
    heard_from: int
    objections: tuple[Share, ...]


@dataclass(frozen=True, slots=True)
class CrmReason:
    """A reason, as the CRM writes it, and how many lost deals have it."""

    reason: str
    deals: int


@dataclass(frozen=True, slots=True)
class ReviewedDeal(DealRef):
    """A deal of the review.

    Attributes:
        calls: Its calls that count.
        heard: Titles of what was raised in it, most calls first.
    """

    segment: str | None = None
    reason: str | None = None
    calls: int = 0
    heard: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PeriodReview:
    """The review of the deals that were lost, or won, in a period.

    Attributes:
        side: ``lost`` or ``won``.
        since: First day of close.
        until: Last day.
        segment: The one it is about; ``None`` for all.
        outcomes: How the deals of this side ended, most deals first.
        amounts: What they are worth, per currency.
        basis: What closed in the period, both sides, and what was left out.
        here: Deals of this side with a call that counts, out of all of this side.
        there: The same of the other side.
        interviews: ``None`` where there are none.
        reasons: What prospects raised, most deals of this side first.
        competitors: Who was named, likewise.
        words: What prospects said of value, pain and success in their own words; of won deals only.
        endings: The deals of this side by outcome.
        segments: By segment, most deals first.
        pairs: Won and lost deals side by side; ``None`` where there is only one side.
        crm: The CRM's reasons; of lost deals only.
        agreement: How far these were heard; of lost deals only.
        parting: Lost deals where CRM and calls differ: the reason was never heard, or more than it was.
        deals: All of this side, the last closed first.
        others: Deals of the other side that pairs name.
        titles: What people call each label, by ``family:label``.
        redacted: Whether personal data was looked for and taken out.
    """

    side: str
    since: str
    until: str
    segment: str | None
    timezone: str
    company: str | None
    outcomes: tuple[tuple[Outcome, int], ...]
    amounts: tuple[Money, ...]
    basis: Basis
    here: Rate
    there: Rate
    interviews: FromInterviews | None
    reasons: tuple[Reason, ...]
    competitors: tuple[Reason, ...]
    words: tuple[Quote, ...]
    endings: tuple[Ending, ...]
    segments: tuple[SegmentReview, ...]
    pairs: Matched | None
    crm: tuple[CrmReason, ...]
    agreement: Agreement | None
    parting: tuple[PartingDeal, ...]
    deals: tuple[ReviewedDeal, ...]
    others: tuple[DealRef, ...] = ()
    titles: Mapping[str, str] = field(default_factory=dict)
    redacted: bool = False
    settings: OutcomeSettings = field(default_factory=OutcomeSettings)
