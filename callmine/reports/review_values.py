"""What the review of one deal holds: frozen values that renderers turn into pages."""

from __future__ import annotations

from dataclasses import dataclass

from callmine.domain import Outcome, Role
from callmine.reports.quote_values import Quote, Reply
from callmine.reports.review_unsure import Unsure

ANSWERED, UNANSWERED, UNCLEAR = "answered", "unanswered", "unclear"
"""What became of an objection in a call; ``unclear`` where it cannot be told from its transcript."""

AGREE, MORE, PART, NOTHING_HEARD = "agree", "more", "part", "nothing_heard"
NO_REASON, NO_LABEL, NO_CALLS = "no_reason", "no_label", "no_calls"
"""How the CRM's reason stands to what was heard; the last three: there is nothing to compare."""


@dataclass(frozen=True, slots=True)
class ReviewDeal:
    """The deal, as the CRM tells it.

    Attributes:
        stage: As it is now.
        reason_labels: Labels of objections that its loss reason speaks of.
        is_gone: The last full import no longer held it.
    """

    deal_id: str
    name: str | None
    account: str | None
    owner: str | None
    segment: str | None
    stage: str | None
    outcome: Outcome
    amount: float | None
    currency: str | None
    created_at: str | None
    close_date: str | None
    loss_reason: str | None
    competitor: str | None
    reason_labels: tuple[str, ...]
    is_gone: bool


@dataclass(frozen=True, slots=True)
class StageTime:
    """A stage of the deal, as its history tells it.

    Attributes:
        stage: ``None`` where the CRM named none.
        since: ISO day from which on it is known.
        days: Until the next one; ``None`` for the last one of a closed deal, and for the first one where
            the deal is older.
    """

    stage: str | None
    since: str
    days: int | None


@dataclass(frozen=True, slots=True)
class Voice:
    """Somebody who spoke in a call."""

    name: str | None
    role: Role
    words: int


@dataclass(frozen=True, slots=True)
class Given:
    """An answer of ours to an objection.

    Attributes:
        kind: One of :data:`callmine.domain.ANSWER_KINDS`.
        playbook: The playbook's answer that it gives, or perhaps gives; ``None`` for another one.
        playbook_sure: Whether it does: in its words, or a person said so; by meaning alone one in five is
            none.
        accepted: ``yes``, ``no``, or ``unclear``, also where we do not know who took it so.
        quote: It names no rep: what was said is the question, not who said it.
        reply: The prospect's turn that shows how it was taken, where one does.
    """

    kind: str
    playbook: str | None
    accepted: str
    quote: Quote
    reply: Reply | None
    playbook_sure: bool = False


@dataclass(frozen=True, slots=True)
class Raised:
    """One objection in one call.

    Attributes:
        standing: ``answered``, ``unanswered`` or ``unclear``.
        quotes: Each time that it was raised, in order.
        answers: How it was answered, in order.
    """

    label: str
    title: str
    standing: str
    quotes: tuple[Quote, ...]
    answers: tuple[Given, ...]


@dataclass(frozen=True, slots=True)
class ReviewCall:
    """A call of the deal.

    Attributes:
        standing: Whether it is evidence, and why not: see :class:`callmine.reports.closed.Standing`.
        why_not: Why nothing of it counts, in words; empty where something may.
        day: Local ISO day; ``None`` where nobody knows.
        stage: The deal's stage at that time; ``None`` where no history tells it.
        duration_ms: 0 where nobody knows.
        voices: Who spoke, prospects first.
        competitors: Named in it.
        messages: Titles of the approved messages that we said in it.
        requests: Quotes in which prospects asked for something.
        apart: Of a call that is in no count: competitors, messages, and what prospects said of value, pain
            and success, which no other section quotes.
        unsure: What may be an objection, or a competitor's name, and is in no count: the surest first.
    """

    call_id: str
    source: str
    title: str | None
    type: str
    standing: str
    why_not: str
    day: str | None
    stage: str | None
    duration_ms: int
    voices: tuple[Voice, ...]
    raised: tuple[Raised, ...]
    competitors: tuple[str, ...]
    messages: tuple[str, ...]
    requests: tuple[Quote, ...]
    apart: tuple[Quote, ...]
    unsure: tuple[Unsure, ...] = ()


@dataclass(frozen=True, slots=True)
class Objected:
    """One objection over all calls that are evidence; it counts once in a call.

    Attributes:
        calls: In which it was raised.
        answered: In which it was answered.
        unanswered: In which it was not; of the others it cannot be told.
        accepted: In which an answer to it was accepted.
        refused: In which one was not, and none was accepted.
        days: On which it was raised, ISO, in order.
        quote_id: Where it is first quoted.
    """

    label: str
    title: str
    calls: int
    answered: int
    unanswered: int
    accepted: int
    refused: int
    days: tuple[str, ...]
    quote_id: str


@dataclass(frozen=True, slots=True)
class Rival:
    """A competitor in the deal's calls.

    Attributes:
        first_day: ISO day of the first call in which it was named.
        first_stage: The deal's stage then; ``None`` where no history tells it.
        calls: In which it was named.
        by_prospects: In which a prospect named it.
        relation: The strongest that a prospect told; ``None`` where none did.
        quotes: The first of each call, prospects' before others'.
    """

    name: str
    first_day: str
    first_stage: str | None
    calls: int
    by_prospects: int
    relation: str | None
    quotes: tuple[Quote, ...]


@dataclass(frozen=True, slots=True)
class MessageSaid:
    """An approved message in the deal's calls; ``quotes`` has the first of each call, and names no rep."""

    message: str
    text: str
    calls: int
    quotes: tuple[Quote, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """What prospects asked to be sent or shown; alike words stand together.

    Attributes:
        calls: In which it was asked for; in two or more, it may not have come.
        quotes: Each time, in order.
    """

    words: str
    calls: int
    quotes: tuple[Quote, ...]


@dataclass(frozen=True, slots=True)
class ReasonCheck:
    """The CRM's reason for the loss against what was heard.

    Attributes:
        verdict: ``agree``; ``more`` where calls have something besides the reason; ``part`` where something
            of the reason was never heard; ``nothing_heard``, ``no_reason``, ``no_label`` or ``no_calls``.
        heard_too: Titles of what its reason names and calls have.
        never_heard: Titles of what it names and no call has.
        not_in_reason: Titles of what several calls have and it does not name; most calls first.
        competitors: Competitors of the playbook that the CRM names: its reason, else its column.
        competitor_heard: Whether a prospect named one of them, or any where the reason says only that
            another vendor got the deal; ``None`` where the CRM speaks of none that the playbook has.
        other_competitors: Named by prospects, and not by the CRM.
    """

    verdict: str
    heard_too: tuple[str, ...]
    never_heard: tuple[str, ...]
    not_in_reason: tuple[str, ...]
    competitors: tuple[str, ...]
    competitor_heard: bool | None
    other_competitors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """A question for the review meeting, made from facts; ``quote_ids`` say where they stand."""

    text: str
    quote_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DealReview:
    """The review of one deal.

    Attributes:
        today: ISO day on which it was made.
        stages: Its history, oldest first.
        calls: Up to its close, by time; those of which nothing counts as well.
        interviews: Taken in as such, which are no sales calls and in no count.
        after_close: Sales calls after the day of its close, which are no evidence for how it ended.
        undated: Sales calls of which nobody knows when they were; no evidence either.
        objections: What prospects raised; most calls first.
        reason: ``None`` where the deal is not lost.
        questions: For the review meeting.
        redacted: Whether personal data was looked for and taken out.
    """

    deal: ReviewDeal
    today: str
    timezone: str
    company: str | None
    stages: tuple[StageTime, ...]
    calls: tuple[ReviewCall, ...]
    interviews: tuple[ReviewCall, ...]
    after_close: tuple[ReviewCall, ...]
    undated: tuple[ReviewCall, ...]
    objections: tuple[Objected, ...]
    competitors: tuple[Rival, ...]
    messages: tuple[MessageSaid, ...]
    requests: tuple[Asked, ...]
    reason: ReasonCheck | None
    questions: tuple[Question, ...] = ()
    redacted: bool = False
