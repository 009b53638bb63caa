"""The review of a deal in short, for e-mails and posts."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator

from callmine.reports.render import review_call_words as rc
from callmine.reports.render import review_words as rv
from callmine.reports.render.summaries import Entry, Part, Row, Said, Summary, filled, said
from callmine.reports.review_values import Asked, DealReview, Objected, ReviewCall
from callmine.reports.text import listed, plural
from callmine.reports.weeks import long_day

CALLS = ("call", "")


def review_summary(review: DealReview) -> Summary:
    """Return what an e-mail and a post show of a deal's review."""
    deal = review.deal
    notes = (rv.gone(review), rv.stages_note(review), rv.rooms(review))
    return Summary(
        subject=f"Deal review: {rv.headline(review)}",
        kind="Deal review",
        about=(
            *((review.company,) if review.company else ()),
            f"deal {deal.deal_id}",
            f"as of {long_day(review.today)}",
        ),
        headline=rv.headline(review),
        standfirst=(" ".join(rv.standfirst(review)),),
        basis=tuple(filter(None, notes)),
        parts=filled(_parts(review)),
        foot=f"Days are shown in {review.timezone}.",
        whole="the whole review",
        command=f"callmine review {shlex.quote(deal.deal_id)}",
    )


def _parts(review: DealReview) -> Iterator[Part]:
    if review.interviews:
        yield Part(
            "What the buyer said in interviews",
            "An interview is no sales call and is in no count of this review.",
            entries=_calls(review.interviews),
            noun=CALLS,
        )
    yield Part(
        "Questions for the review meeting",
        lines=tuple(one.text for one in review.questions),
        noun=("question", ""),
    )
    if review.reason is not None:
        yield Part(
            "The CRM’s reason, and what was heard",
            f"{rv.VERDICTS[review.reason.verdict]}. {' '.join(rv.reason_sentences(review))}"
            " Neither is taken for the truth: a reason is one line for a whole deal, and calls are not all"
            " that was said.",
        )
    yield _raised(review)
    yield Part("Call by call", entries=_calls(review.calls), noun=CALLS)
    yield Part(
        "Competitors as they came up",
        entries=tuple(
            Entry(rival.name, (rc.rival_facts(rival, review),), said(rival.quotes))
            for rival in review.competitors
        ),
        noun=("competitor", ""),
    )
    yield Part(
        "What the buyer asked for",
        entries=tuple(map(_asked, review.requests)),
        noun=("request", ""),
    )
    yield Part(
        "Our messages",
        lines=tuple(f"“{one.text}”: said in {plural(one.calls, 'call')}" for one in review.messages),
        noun=("message", ""),
    )
    yield Part("The deal", rows=tuple(Row(name, value) for name, value in rv.facts(review)))
    for title, calls in (("After the close", review.after_close), ("Calls without a date", review.undated)):
        yield Part(title, lines=tuple(map(_call_name, calls)), noun=CALLS)


def _raised(review: DealReview) -> Part:
    never = [one.title for one in rv.never_answered(review)]
    return Part(
        "What was raised, and what became of it",
        f"Never answered on a call: {listed(never)}." if never else "",
        heads=("Objection", "Calls, and what became of it"),
        rows=tuple(Row(one.title, plural(one.calls, "call"), _became(one)) for one in review.objections),
        noun=("objection", ""),
    )


def _became(one: Objected) -> str:
    counts = (
        (one.answered, "answered"),
        (one.accepted, "accepted"),
        (one.refused, "not accepted"),
        (one.unanswered, "not answered"),
    )
    return ", ".join(f"{words} in {count:,}" for count, words in counts if count)


def _calls(calls: Iterable[ReviewCall]) -> tuple[Entry, ...]:
    """Return calls with what was raised in each, whose first quote comes first, and its answers."""
    return tuple(_call(call) for call in calls)


def _call(call: ReviewCall) -> Entry:
    counted = call.type != "interview"
    raised = [
        Said(one.quotes[0], f"{one.title}: {rc.standing_words(one)}" if counted else one.title)
        for one in call.raised
        if one.quotes
    ]
    answers = [
        Said(answer.quote, f"To {one.title}: {rc.answer_line(answer)}", answer.reply)
        for one in call.raised
        for answer in one.answers
    ]
    again = sum(len(one.quotes[1:]) for one in call.raised)
    facts = (rc.call_facts(call), rc.voices(call), rc.left_out(call))
    mentions = tuple(f"{name}: {what}" for name, what in rc.call_mentions(call))
    quiet = (rc.quiet_words(call),) if rc.is_quiet(call) else ()
    unsure = (f"{rc.unsure_head(call)}: the page has it.",) if call.unsure else ()
    return Entry(
        _call_name(call),
        (*filter(None, facts), *mentions, *quiet, *unsure),
        (*raised, *answers, *said(call.apart, f"{rc.apart_head(call)}:")),
        again,
    )


def _call_name(call: ReviewCall) -> str:
    return f"{long_day(call.day) if call.day else 'Nobody knows when'}: {rc.call_title(call)}"


def _asked(one: Asked) -> Entry:
    return Entry("", (rc.asked_facts(one.calls),) if one.calls > 1 else (), said(one.quotes))
