"""Sentences on requests and on answers that the HTML and the Markdown page share."""

from __future__ import annotations

from callmine.reports.asked_values import AnswerCount, AnswerGiven, LabelAnswers, RequestGroup
from callmine.reports.digest_values import Digest, LabelCount
from callmine.reports.quote_values import Quote
from callmine.reports.render.wording import heard_in
from callmine.reports.text import plural, verb
from callmine.spans import clock

KINDS = {
    "evidence": "Evidence",
    "discount": "Discount",
    "reframing": "Reframing",
    "question": "Question back",
    "deferral": "Put off",
    "none": "No answer found",
}
ACCEPTED = {"yes": "accepted", "no": "not accepted", "unclear": "not clear whether accepted"}

ASKED = (
    "What prospects asked to be sent or shown, most asked first. Requests with alike words stand together;"
    " whether they were met is not known here."
)
ANSWERS = (
    "What our reps said next. Only objections are looked at after which one of our reps is known to speak."
    " For each kind of answer you see how often it was given, and how often the prospect accepted it or did"
    " not; of the rest that is not clear. “No answer found” is the number of calls without one. An accepted"
    " answer does not mean that the deal is any safer."
)
"""What the numbers of the two sections mean."""


def asked_once(digest: Digest) -> list[RequestGroup]:
    """Return the requests of which there is no other like them."""
    return [group for group in digest.requests if group.mentions == 1]


def asked_often(digest: Digest) -> list[RequestGroup]:
    """Return the requests that stand together with others, most asked first."""
    return [group for group in digest.requests if group.mentions > 1]


def asked_by(group: RequestGroup, digest: Digest) -> str:
    """Return ``3 deals · 3 accounts · asked 4 times``."""
    parts = [heard_in(group, digest)]
    if group.accounts:
        parts.append(plural(group.accounts, "account"))
    if group.mentions > group.heard:
        parts.append(f"asked {group.mentions:,} times")
    return " · ".join(parts)


def deal(quote: Quote) -> str:
    """Return the name of a quote's deal, its id where it has none, or nothing."""
    return quote.deal_name or quote.deal_id or ""


def more_requests(digest: Digest) -> str:
    """Say how many requests are not listed, or nothing."""
    left = digest.requests_not_listed
    return (
        f"And {plural(left, 'more request')}: callmine findings --kind request lists them." if left else ""
    )


def answers_under(label: str, digest: Digest) -> list[AnswerGiven]:
    """Return the answers that are listed with an objection: those that no objection above has."""
    return [answer for answer in digest.answers if answer.labels[0] == label]


def answered_facts(label: LabelAnswers) -> str:
    """Return one line of facts: ``Evidence 2 (1 accepted). 1 more objection is not counted, ...``."""
    said = []
    for count in label.counts:
        kind = KINDS[count.kind]
        taken = [
            f"{n:,} {ACCEPTED[word]}" for word, n in (("yes", count.accepted), ("no", count.refused)) if n
        ]
        said.append(f"{kind} {count.times:,}" + (f" ({', '.join(taken)})" if taken else ""))
    return " ".join(filter(None, (", ".join(said) + "." if said else "", left_out(label))))


def left_out(label: LabelAnswers) -> str:
    """Say how many objections are not in the numbers, or nothing."""
    left = label.left_out
    if not left:
        return ""
    return (
        f"{plural(left, 'more objection')} {verb(left, 'is', 'are')} not counted, because it is not certain"
        f" what answered {verb(left, 'it', 'them')}."
    )


def first_answer(label: LabelAnswers, count: AnswerCount, digest: Digest, accepted: str = "") -> str:
    """Return the anchor of the first answer of a kind, taken as ``accepted`` says where that is given."""
    for answer in digest.answers:
        if label.label in answer.labels and answer.kind == count.kind and accepted in ("", answer.accepted):
            return answer.quote.quote_id
    return f"answers-{label.label}"


def first_unanswered(label: LabelAnswers, objection: LabelCount) -> str:
    """Return the anchor of the first objection that nobody answered; if none is listed, of them all."""
    for quote in (*objection.quotes, *objection.others):
        if quote.quote_id in label.unanswered:
            return quote.quote_id
    return f"objection-{label.label}"


def objection_of(label: LabelAnswers, digest: Digest) -> LabelCount:
    """Return the objection that was answered."""
    return next(objection for objection in digest.objections if objection.label == label.label)


def reply_place(answer: AnswerGiven) -> str:
    """Return where a reply is in its call: ``@ 1:23``."""
    return f"@ {clock(answer.reply.play_ms)}" if answer.reply else ""
