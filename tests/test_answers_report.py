"""How objections were answered: which count, how they were taken, and what is left out."""

from __future__ import annotations

import pytest
from digest_rows import NO_SURE_REP, a_rep, a_reply, answered, call, digest, said

from callmine.domain import ANSWER_KINDS, Role
from callmine.errors import CallmineError
from callmine.reports.asked_values import AnswerCount
from callmine.reports.clips import attach_clips
from callmine.reports.digest_values import Digest
from callmine.reports.render.asked import (
    ACCEPTED,
    KINDS,
    answered_facts,
    first_answer,
    first_unanswered,
    left_out,
)
from callmine.reports.render.html import render_html
from callmine.reports.render.markdown import render_markdown
from callmine.store.rows import EvidenceRow

WORDS = "[[Customers of your size save eleven hours.]]"


def pair(**changes: object) -> tuple[EvidenceRow, EvidenceRow]:
    """Return an objection and the rep's answer to it."""
    objection = said(call())
    return objection, answered(objection, WORDS, **changes)


def made(*rows: EvidenceRow, **changes: object) -> Digest:
    """Build the digest of one call with a reply to every answer."""
    replies = [a_reply(row) for row in rows if "shown_in" in row.detail]
    return digest([call()], list(rows), **{"replies": replies, **changes})


def test_answers_are_counted_by_kind_with_how_they_were_taken() -> None:
    """The kinds by how often, the calls without an answer last; numbers are counts."""
    calls = [call(f"c{n}", deal_id=f"D-{n}") for n in range(5)]
    objections = [said(on) for on in calls]
    answers = [
        answered(objections[0], WORDS),
        answered(objections[1], WORDS, detail={"accepted": "no"}),
        answered(objections[2], WORDS, detail={"accepted": "unclear"}),
        answered(objections[3], "[[I can do ten percent.]]", "discount"),
    ]
    replies = [a_reply(row) for row in answers]
    built = digest(calls, [*objections, *answers], replies=replies)
    (price,) = built.answered
    assert price.counts == (
        AnswerCount("evidence", 3, 1, 1),
        AnswerCount("discount", 1, 1, 0),
        AnswerCount("none", 1, 0, 0),
    )
    assert (price.times, price.left_out) == (5, 0)
    said_ = answered_facts(price)
    assert said_ == "Evidence 3 (1 accepted, 1 not accepted), Discount 1 (1 accepted), No answer found 1."
    assert {answer.quote.speaker_name for answer in built.answers} == {None}
    assert built.answers[0].reply is not None
    assert built.answers[0].reply.text == "Fine, that helps."


def test_one_answer_to_two_objections_of_a_label_is_one() -> None:
    """An objection said in pieces was answered once."""
    first, second = said(call()), said(call(), "And [[we cannot pay that]].")
    answer = answered(first, WORDS, detail={"answers": [first.finding_id, second.finding_id]})
    assert made(first, second, answer).answered[0].times == 1


def test_objections_without_an_answer_are_one_for_each_call() -> None:
    """Three unanswered sentences of one buyer are one."""
    rows = [said(call(), f"[[It is too dear]], {n}.") for n in range(3)]
    other = said(call(), "[[Not now]].", "timing")
    (price, timing) = made(*rows, other, answered(other, WORDS)).answered
    assert (price.counts, len(price.unanswered)) == ((AnswerCount("none", 1, 0, 0),), 3)
    assert timing.counts == (AnswerCount("evidence", 1, 1, 0),)


def test_answer_to_two_labels_counts_under_both_and_is_printed_once() -> None:
    """Two numbers open the same quote; the page stays well formed."""
    price, timing = said(call()), said(call(), "[[Not before May]].", "timing")
    answer = answered(price, WORDS, detail={"answers": [price.finding_id, timing.finding_id]})
    built = made(price, timing, answer)
    assert [label.counts for label in built.answered] == [(AnswerCount("evidence", 1, 1, 0),)] * 2
    assert [given.labels for given in built.answers] == [("price", "timing")]
    assert render_html(built).count(f'id="q-{answer.finding_id}"') == 1
    assert {first_answer(label, label.counts[0], built) for label in built.answered} == {
        f"q-{answer.finding_id}"
    }


@pytest.mark.parametrize("change", NO_SURE_REP)
def test_answer_that_nobody_can_judge_is_left_out(change: dict[str, object]) -> None:
    """It is neither an answer of ours nor a silence, and the page says how many there are."""
    (price,) = made(*pair(**change)).answered
    assert (price.times, price.counts, price.left_out) == (0, (), 1)
    said_ = "1 more objection is not counted, because it is not certain what answered it."
    assert answered_facts(price) == left_out(price) == said_


def test_objection_that_a_person_added_is_no_silence() -> None:
    """No answer was looked for after it."""
    added = said(call(), "[[So much]]?", extractor="person/1", verdict="right")
    (price,) = made(*pair(), added).answered
    assert (price.times, price.left_out) == (1, 1)


@pytest.mark.parametrize(
    "reps",
    [[], [a_rep(call(), last_turn=12)], [a_rep(call("another"))]],
    ids=["no rep known", "none after it", "another call"],
)
def test_objection_after_which_no_rep_is_known_does_not_count(reps: list[object]) -> None:
    """An answer that cannot be in the transcript is not missing."""
    objection, answer = pair()
    assert made(objection, answer, reps=reps).answered == ()


@pytest.mark.parametrize(
    "reply",
    [{"role": Role.REP}, {"role": Role.UNKNOWN}, {"role_confidence": 0.5}, {"call_id": "other"}],
)
def test_only_a_known_prospect_accepts(reply: dict[str, object]) -> None:
    """Where nobody knows who said "fine", it is not clear whether the prospect did."""
    objection, answer = pair()
    built = made(objection, answer, replies=[a_reply(answer, **reply)])
    assert built.answered[0].counts == (AnswerCount("evidence", 1, 0, 0),)
    assert (built.answers[0].accepted, built.answers[0].reply) == ("unclear", None)


def test_archive_without_any_answer_says_nothing() -> None:
    """Calls that were read before answers were looked for did not fall silent."""
    assert made(said(call())).answered == ()


def test_calls_whose_roles_look_inverted_are_not_judged() -> None:
    """Neither the objection nor the answer is what it seems."""
    on = call(role_doubt="the rep asks for the price")
    objection = said(on)
    assert digest([on], [objection, answered(objection, WORDS)]).answered == ()


def test_every_number_opens_a_quote() -> None:
    """However many answers there are, each kind and each way of taking it has one on the page."""
    calls = [call(f"c{n}", deal_id=f"D-{n}") for n in range(12)]
    objections = [said(on) for on in calls]
    ways = ("yes", "no", "unclear")
    answers = [answered(o, WORDS, detail={"accepted": ways[n % 3]}) for n, o in enumerate(objections[:11])]
    built = digest(
        calls, [*objections, *answers], replies=[a_reply(row, "No, " + "well " * 90) for row in answers]
    )
    (price,) = built.answered
    assert built.answers_not_listed == 11 - len(built.answers) == 2
    ids = {answer.quote.quote_id for answer in built.answers}
    for way in ("", "yes", "no"):
        assert first_answer(price, price.counts[0], built, way) in ids
    assert first_unanswered(price, built.objections[0]) == f"q-{objections[11].finding_id}"
    assert "2 more answers" in render_markdown(built)
    clipped = attach_clips(built, answers, lambda *_: b"OggS")
    assert all(answer.quote.clip for answer in clipped.answers)


def test_reply_that_is_not_verbatim_stops_the_page() -> None:
    """A changed word is a bug and is never printed."""
    from dataclasses import replace

    built = made(*pair())
    (given,) = built.answers
    assert given.reply is not None
    forged = replace(given, reply=replace(given.reply, text="We love it."))
    with pytest.raises(CallmineError, match="not verbatim"):
        render_markdown(replace(built, answers=(forged,)))


def test_every_kind_has_words() -> None:
    """A new kind cannot be forgotten on the pages."""
    assert set(KINDS) == {*ANSWER_KINDS, "none"}
    assert set(ACCEPTED) == {"yes", "no", "unclear"}
