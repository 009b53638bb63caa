"""Questions for a review meeting, made from facts by templates: what a room has to answer itself.

A question is asked only where a fact asks for it, and none says why a deal ended as it did.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from itertools import islice

from callmine.domain import Outcome, Role
from callmine.reports.closed import Standing
from callmine.reports.review_values import (
    NO_REASON,
    NOTHING_HEARD,
    DealReview,
    Objected,
    Question,
    ReviewCall,
    Rival,
)
from callmine.reports.text import cut_name, listed, listed_up_to, plural, spelled, verb
from callmine.reports.weeks import long_day

MOST = 10
"""Questions at most: what a meeting of an hour can answer."""

SILENCE = 21
"""Days without a recorded call before the close, from which on somebody should say what happened."""

LATE = 14
"""Days before the close within which a competitor's first mention is late."""


def questions_for(review: DealReview) -> DealReview:
    """Return a review with its questions, the most telling first.

    Args:
        review: Without them.
    """
    return replace(review, questions=tuple(islice(_questions(review), MOST)))


def _questions(review: DealReview) -> Iterator[Question]:
    if review.deal.outcome is Outcome.EXCLUDED:
        return
    evidence = [call for call in review.calls if call.standing == Standing.COUNTS]
    if not evidence:
        yield from _unheard(review)
        return
    # A few of each sort, so that no sort crowds out the others.
    yield from islice(_never_answered(review.objections), 3)
    yield from _about_reason(review)
    yield from islice(_answer_did_not_hold(review), 3)
    yield from islice(_about_rivals(review), 2)
    yield from islice(_asked_again(review), 2)
    yield from _silence(review, evidence)
    yield from _one_voice(review, evidence)
    yield from _not_answered_once(review.objections)
    yield from _after_close(review)
    yield from islice(_answer_held(review), 2)


def _unheard(review: DealReview) -> Iterator[Question]:
    """Ask where there is nothing to go by."""
    if review.calls or review.undated:
        yield Question("No call of this deal counts: who was there, and what was said?")
    else:
        yield Question(
            "No recorded sales call of this deal is known: who spoke to the buyer, and where are the notes?"
        )
    yield from _about_reason(review)
    yield from _after_close(review)


def _never_answered(objections: Iterable[Objected]) -> Iterator[Question]:
    for one in objections:
        if one.calls > 1 and one.unanswered == one.calls:
            yield Question(
                f"“{one.title}” was raised in {spelled(one.calls)} calls and answered in none:"
                " who owns it?",
                (one.quote_id,),
            )


def _not_answered_once(objections: Iterable[Objected]) -> Iterator[Question]:
    """Ask about what was raised in one call only, all in one question."""
    once = [one for one in objections if one.calls == one.unanswered == 1]
    if len(once) == 1:
        yield Question(
            f"“{once[0].title}” was raised in one call and not answered there: who owns it?",
            (once[0].quote_id,),
        )
    elif once:
        yield Question(
            f"{listed_up_to([f'“{one.title}”' for one in once], 3)} were each raised in one call and not"
            " answered there: which of them needs an owner?",
            tuple(one.quote_id for one in once[:3]),
        )


def _answer_did_not_hold(review: DealReview) -> Iterator[Question]:
    for one in review.objections:
        if one.refused and not one.accepted and _surely_refused(one, review):
            yield Question(
                f"“{one.title}” was answered, and the answer was not accepted: what would have been?",
                (one.quote_id,),
            )
        elif _again_after_yes(one, review):
            yield Question(
                f"“{one.title}” came up again after an accepted answer: what was still open?",
                (one.quote_id,),
            )


def _surely_refused(objected: Objected, review: DealReview) -> bool:
    """Whether a refused answer is known for what it is: not one that only may be the playbook's."""
    return any(
        answer.accepted == "no" and (answer.playbook is None or answer.playbook_sure)
        for call in review.calls
        if call.standing == Standing.COUNTS
        for raised in call.raised
        if raised.label == objected.label
        for answer in raised.answers
    )


def _answer_held(review: DealReview) -> Iterator[Question]:
    """Ask whether an answer of a won deal that was accepted should be the playbook's."""
    if review.deal.outcome is not Outcome.WON:
        return
    for call in review.calls:
        for raised in call.raised:
            for answer in raised.answers:
                if call.standing == Standing.COUNTS and answer.accepted == "yes" and not answer.playbook:
                    yield Question(
                        f"An answer to “{raised.title}” was accepted that the playbook does not have:"
                        " should it?",
                        (answer.quote.quote_id,),
                    )


def _again_after_yes(objected: Objected, review: DealReview) -> bool:
    """Whether it was raised in a later call than one in which an answer to it was accepted."""
    taken = [
        any(answer.accepted == "yes" for answer in raised.answers)
        for call in review.calls
        if call.standing == Standing.COUNTS
        for raised in call.raised
        if raised.label == objected.label
    ]
    return any(taken[:-1])


def _about_reason(review: DealReview) -> Iterator[Question]:
    reason, deal = review.reason, review.deal
    if reason is None:
        return
    most = [objected for objected in review.objections if objected.calls > 1][:1]
    if reason.verdict == NO_REASON:
        if most:
            yield Question(
                f"The CRM gives no reason; “{most[0].title}” was raised in"
                f" {spelled(most[0].calls)} calls: is that the reason?",
                (most[0].quote_id,),
            )
        else:
            yield Question("The CRM gives no reason for the loss: what did the buyer say?")
    elif reason.verdict == NOTHING_HEARD:
        yield Question(
            f"The CRM says “{cut_name(deal.loss_reason or deal.competitor or '')}”, and no objection and no"
            " competitor that counts was heard on any call: where was it said?"
        )
    elif reason.never_heard:
        yield Question(
            f"The CRM says “{cut_name(deal.loss_reason or '')}”, which was raised on no call that counts:"
            " where was it said, and by whom?"
        )
    elif reason.not_in_reason:
        first = reason.not_in_reason[:2]
        named = listed(f"“{title}”" for title in first)
        yield Question(
            f"{named} {verb(len(first), 'was', 'were')} raised in several calls, and the CRM’s reason does"
            f" not name {verb(len(first), 'it', 'them')}: what would the buyer say?",
            tuple(one.quote_id for one in review.objections if one.title in first),
        )
    if reason.competitor_heard is False and review.calls:
        named = listed(cut_name(name) for name in reason.competitors) or "a competitor"
        yield Question(
            f"The CRM says that {named} was in the deal, and no prospect is known to have said so on a"
            " call: when did we learn of it?"
        )


def _about_rivals(review: DealReview) -> Iterator[Question]:
    for rival in review.competitors:
        yield from _about_rival(rival, review)


def _about_rival(rival: Rival, review: DealReview) -> Iterator[Question]:
    quotes = tuple(quote.quote_id for quote in rival.quotes[:1])
    close = _closed(review)
    left = None if close is None else (close - date.fromisoformat(rival.first_day)).days
    others = len(
        [
            call
            for call in review.calls
            if call.standing == Standing.COUNTS and (call.day or "") < rival.first_day
        ]
    )
    if left is not None and left <= LATE and others and rival.by_prospects:
        when = "on the day of the close" if left == 0 else f"{plural(left, 'day')} before the close"
        yield Question(
            f"{cut_name(rival.name)} was first named {when}, after {plural(others, 'call')} without it: who"
            " could have asked earlier?",
            quotes,
        )
    elif review.reason is not None and not review.deal.competitor and rival.by_prospects:
        calls = f"{spelled(rival.by_prospects)} {verb(rival.by_prospects, 'call', 'calls')}"
        yield Question(
            f"A prospect named {rival.name} in {calls}, and the CRM names no competitor: was it in the"
            " deal?",
            quotes,
        )


def _asked_again(review: DealReview) -> Iterator[Question]:
    for asked in review.requests:
        if asked.calls > 1:
            yield Question(
                f"“{asked.words}”: it was asked for in {spelled(asked.calls)} calls. Was it sent?",
                tuple(quote.quote_id for quote in asked.quotes),
            )


def _silence(review: DealReview, evidence: list[ReviewCall]) -> Iterator[Question]:
    close = _closed(review)
    days = sorted(call.day for call in review.calls if call.day)
    if close is None or not days or not evidence:
        return
    quiet = (close - date.fromisoformat(days[-1])).days
    if quiet >= SILENCE:
        yield Question(
            f"Between the last call, on {long_day(days[-1])}, and the close lie {quiet} days without a"
            " recorded call: what was decided there, and by whom?"
        )


def _one_voice(review: DealReview, evidence: list[ReviewCall]) -> Iterator[Question]:
    """Ask who else decided, where all calls had one and the same known person of the buyer."""
    names = {voice.name for call in evidence for voice in call.voices if voice.role is Role.PROSPECT}
    if len(evidence) > 1 and len(names) == 1 and None not in names:
        (name,) = names
        decided = "decides" if review.deal.outcome is Outcome.OPEN else "decided"
        yield Question(
            f"In {spelled(len(evidence))} calls only {cut_name(str(name))} is known to speak for the buyer:"
            f" who else {decided}?"
        )


def _after_close(review: DealReview) -> Iterator[Question]:
    heard = [raised for call in review.after_close for raised in call.raised]
    if heard and review.deal.outcome.is_lost:
        yield Question(
            "After the close the buyer spoke again of"
            f" {listed(dict.fromkeys(f'“{raised.title}”' for raised in heard))}: is the door open?",
            (heard[0].quotes[0].quote_id,),
        )


def _closed(review: DealReview) -> date | None:
    deal = review.deal
    if deal.outcome is Outcome.OPEN or not deal.close_date:
        return None
    return date.fromisoformat(deal.close_date[:10])
