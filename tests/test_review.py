"""The review of one deal: what counts, what became of what was raised, and what a meeting should ask."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from callmine.domain import LOST_TO_COMPETITOR, EndWords, Kind, Outcome, Role
from callmine.errors import UsageError
from callmine.operations.reviewing import deal_review, period_review
from callmine.reports.render.review_call_words import standing_words, was_accepted
from callmine.reports.render.review_pages import JSON, render_html, render_markdown
from callmine.reports.render.review_summary import review_summary
from callmine.reports.render.review_words import VERDICTS, reason_sentences
from callmine.reports.render.summary_letter import summary_letter
from callmine.reports.review_values import DealReview
from callmine.store import Store
from callmine.workspace import Workspace
from tests.builders import a_deal
from tests.closed_store import PRICE, TRUST, VALUE, an_answer, buyer, make_workspace, put_call, rep
from tests.review_store import CONTRACT, lost_deal, rival

NOW = datetime(2026, 11, 1, tzinfo=UTC)


LOST = {"outcome": Outcome.LOST_COMPETITOR, "close_date": "2026-09-05"}
LANTERN = rival("It is [[Lantern]] now.", relation="evaluating")

OURS = rep("Not [[Lantern]]?", kind=Kind.COMPETITOR, label="Lantern")


def one_deal(
    folder: Path, *calls: tuple[Any, ...], labels: tuple[str, ...] = (), **changes: Any
) -> DealReview:
    """The review of a deal with these calls, each a day of September and its turns."""
    made, words = make_workspace(folder), {"D-1": EndWords(reason_labels=labels)}
    with Store(made.database) as store:
        store.import_deals([a_deal("D-1", **changes)], at="2026-09-01T08:00:00Z", words=words)
        for n, (day, *turns) in enumerate(calls):
            started = f"2026-09-{day:02d}T08:00:00Z"
            put_call(store, f"{n}.vtt", *turns, started_at=started, title=f"Call {n}")
    return deal_review(made, "D-1", now=NOW)


@pytest.fixture(scope="module")
def review(tmp_path_factory: pytest.TempPathFactory) -> DealReview:
    return deal_review(lost_deal(tmp_path_factory.mktemp("lost") / "workspace"), "D-1", now=NOW)


def lines(review: DealReview) -> list[str]:
    """The questions."""
    return [question.text for question in review.questions]


def test_calls_stand_where_they_belong(review: DealReview) -> None:
    """Before the close, after it, interviews and undated ones are four lists, each by time."""
    assert [call.title for call in review.calls] == ["First call", "Second call"]
    assert [call.title for call in review.after_close] == ["After all"]
    assert [call.title for call in review.interviews] == ["What we learned"]
    assert len(review.undated) == 1
    assert [call.stage for call in review.calls] == ["Demo", "Demo"]
    assert [call.day for call in review.calls] == ["2026-09-10", "2026-09-24"]


def test_stages_have_their_days(review: DealReview) -> None:
    """From the first import on; the last stage of a closed deal goes on for nobody knows how long."""
    assert [(s.stage, s.since, s.days) for s in review.stages] == [
        ("Demo", "2026-09-01", 31),
        ("Closed Lost", "2026-10-02", None),
    ]


def test_an_open_deals_last_stage_goes_on_until_today(tmp_path: Path) -> None:
    """Its close date is a hope, and no call is after it."""
    made = one_deal(
        tmp_path,
        (20, buyer(*PRICE), rep("Well.")),
        outcome=Outcome.OPEN,
        stage="Demo",
        close_date="2026-09-10",
    )
    assert [stage.days for stage in made.stages] == [61]
    assert len(made.calls) == 1
    assert made.reason is None
    assert "between" not in " ".join(lines(made)).lower()


def test_a_stage_that_was_there_before_the_first_import_has_no_known_beginning(tmp_path: Path) -> None:
    """It was first seen then, for nobody knows how many days; made on that day, it began with the deal."""
    for created, days, words in (
        ("2026-08-12", None, "first seen on 1 September 2026"),
        ("2026-09-01", 61, "since 1 September 2026, 61 days"),
    ):
        made = one_deal(
            tmp_path / created, outcome=Outcome.OPEN, stage="Demo", close_date=None, created_at=created
        )
        assert [stage.days for stage in made.stages] == [days]
        for page in (render_html(made), render_markdown(made)):
            assert words in re.sub("<[^>]*>", "", page)


def test_stages_stand_apart_in_markdown(review: DealReview) -> None:
    """In one line, with a blank behind each semicolon; so do the objections that were never answered."""
    page = render_markdown(review)
    assert "- Stages: Demo, since 1 September 2026, 31 days; Closed Lost, since 2 October 2026\n" in page
    two = one_deal_with_two_silences(review)
    assert "Never answered on a call: Price, Trust." in render_markdown(two)


def one_deal_with_two_silences(review: DealReview) -> DealReview:
    """The review as if nobody had answered trust either."""
    price, trust = review.objections
    return replace(review, objections=(price, replace(trust, answered=0, unanswered=1)))


def test_a_deal_of_which_the_crm_names_no_stage_has_none(tmp_path: Path) -> None:
    """No line says that no stage is named, for no days."""
    made = one_deal(tmp_path, stage=None, outcome=Outcome.LOST_UNKNOWN, close_date="2026-09-05")
    assert made.stages == ()
    for page in (render_html(made), render_markdown(made)):
        assert "no stage named" not in page


def test_what_counts_is_only_what_was_heard_before_the_close(review: DealReview) -> None:
    """The contract was raised after the close and in an interview: no sales call counts it."""
    assert [(one.label, one.calls) for one in review.objections] == [("price", 2), ("trust", 1)]


def test_what_became_of_an_objection(review: DealReview) -> None:
    """Price was never answered; trust was, by evidence, which the buyer accepted in words to read."""
    price, trust = review.objections
    assert (price.answered, price.unanswered) == (0, 2)
    assert (trust.answered, trust.unanswered, trust.accepted, trust.refused) == (1, 0, 1, 0)
    (given,) = review.calls[0].raised[1].answers
    assert (given.kind, given.accepted, given.quote.speaker_name) == ("evidence", "yes", None)
    assert given.reply is not None
    assert given.reply.text == "That helps, thank you."


def test_an_answer_is_told_with_how_it_was_taken(review: DealReview) -> None:
    """Only an accepted one is shown as good; where one of several was, it is that which counts."""
    price, trust = review.calls[0].raised
    (given,) = trust.answers
    refused = replace(trust, answers=(replace(given, accepted="no"),))
    either = replace(trust, answers=(*refused.answers, given))
    assert [standing_words(one) for one in (price, trust, refused, either)] == [
        "not answered in this call",
        "answered, accepted",
        "answered, not accepted",
        "answered, accepted",
    ]
    assert [was_accepted(one) for one in (price, trust, refused, either)] == [False, True, False, True]
    assert '<span class="state answered accepted">answered, accepted</span>' in render_html(review)


def test_who_took_part(review: DealReview) -> None:
    """By role, prospects first, with how much they said."""
    voices = review.calls[0].voices
    assert [voice.role for voice in voices] == [Role.PROSPECT, Role.REP]
    assert all(voice.name and voice.words > 0 for voice in voices)


def test_nobody_is_blamed_for_silence_that_cannot_be_told(tmp_path: Path) -> None:
    """Where none of us speaks after it, or the answer is too unsure, an objection is not unanswered."""
    unsure = an_answer("[[Compare it]] then.", "evidence", 0)
    made = one_deal(
        tmp_path,
        (1, rep("Hello."), buyer(*PRICE)),
        (2, buyer(*PRICE), type(unsure)(**{**_fields(unsure), "score": 0.1}), rep("So.")),
        (3, buyer(*TRUST), an_answer("[[They all do]].", "deferral", 0), rep("So.")),
    )
    price = next(one for one in made.objections if one.label == "price")
    assert (price.calls, price.answered, price.unanswered) == (2, 0, 0)
    assert not [line for line in lines(made) if "Price" in line]


def _fields(said: Any) -> dict[str, Any]:
    return {name: getattr(said, name) for name in said.__dataclass_fields__}


def test_doubted_roles_and_other_languages_say_nothing(tmp_path: Path) -> None:
    """The calls are on the page, with why nothing of them counts."""
    made = make_workspace(tmp_path)
    with Store(made.database) as store:
        store.import_deals([a_deal("D-1")], at="2026-09-01T08:00:00Z")
        put_call(store, "a.vtt", buyer(*PRICE), rep("So."), role_doubt="the other way round")
        put_call(store, "b.vtt", buyer(*PRICE), rep("So."), language="de")
        put_call(store, "c.vtt", buyer(*PRICE, confidence=0.3), rep("So."))
    review = deal_review(made, "D-1", now=NOW)
    assert review.objections == ()
    assert sorted(call.why_not for call in review.calls) == [
        "it is in a language in which objections are not looked for",
        "its roles look the wrong way round, and nobody has confirmed or swapped them",
        "no prospect is known to speak in it",
    ]
    assert "No call of this deal counts: who was there, and what was said?" in lines(review)


def test_competitors_as_they_come_up(review: DealReview) -> None:
    """When first, by whom, and how a prospect stands to it."""
    (found,) = review.competitors
    assert (found.name, found.first_day, found.first_stage) == ("Lantern", "2026-09-24", "Demo")
    assert (found.calls, found.by_prospects, found.relation) == (1, 1, "evaluating")
    assert found.quotes[0].stance == "positive"


def test_messages_name_no_rep(review: DealReview) -> None:
    """What was said is the question, not who said it."""
    (said,) = review.messages
    assert (said.message, said.calls) == ("fast-rota", 1)
    assert said.quotes[0].speaker_name is None


def test_what_was_asked_for_again_stands_first(review: DealReview) -> None:
    """Two requests with alike words are one; whether it was sent nobody knows here."""
    (wanted,) = review.requests
    assert (wanted.calls, len(wanted.quotes)) == (2, 2)
    assert any("asked for in two calls. Was it sent?" in line for line in lines(review))


def test_reason_parts_from_what_was_heard(review: DealReview) -> None:
    """The CRM says contract, which no call that counts has; price was on two, and its rival was named."""
    assert review.reason is not None
    assert review.reason.verdict == "part"
    assert review.reason.never_heard == ("Contract terms",)
    assert review.reason.not_in_reason == ("Price",)
    assert review.reason.competitor_heard is True
    assert review.reason.other_competitors == ()


@pytest.mark.parametrize(
    ("changes", "turns", "verdict"),
    [
        (
            {"competitor": "Lantern Shift"},
            [rival("It is [[Lantern]] now.", relation="evaluating")],
            "agree",
        ),
        ({"competitor": "Lantern"}, [buyer(*PRICE)], "part"),
        ({"competitor": "Dutymark"}, [rival("It is [[Lantern]] now.", relation="evaluating")], "no_label"),
        ({"competitor": "None"}, [buyer(*PRICE)], "no_reason"),
        ({"loss_reason": "Budget"}, [buyer("We plan on paper.")], "nothing_heard"),
        ({"loss_reason": "Budget"}, [buyer(*PRICE)], "no_label"),
        ({}, [buyer(*PRICE)], "no_reason"),
    ],
)
def test_reason_against_what_was_heard(
    tmp_path: Path, changes: dict[str, Any], turns: list[Any], verdict: str
) -> None:
    """Agreeing, parting, nothing heard, a reason of which nothing is known, and none; aliases count."""
    made = one_deal(
        tmp_path, (1, *turns, rep("So.")), outcome=Outcome.LOST_OTHER, close_date="2026-09-05", **changes
    )
    assert made.reason is not None
    assert made.reason.verdict == verdict


@pytest.mark.parametrize(
    ("changes", "turns", "heard", "verdict", "said"),
    [
        ({}, [LANTERN], True, "agree", "Prospects named Lantern."),
        ({"competitor": "Lantern"}, [LANTERN], True, "agree", "Prospects named Lantern."),
        ({}, [buyer(*PRICE)], False, "part", "No prospect is known to have named a competitor on a call."),
        (
            {"competitor": "Lantern"},
            [buyer(*PRICE), OURS],
            False,
            "part",
            "No prospect is known to have named Lantern on a call.",
        ),
        ({"competitor": "Dutymark"}, [LANTERN], None, "no_label", "is not in the playbook"),
    ],
)
def test_losing_to_a_competitor_is_no_objection(
    tmp_path: Path,
    changes: dict[str, Any],
    turns: list[Any],
    heard: bool | None,
    verdict: str,
    said: str,
) -> None:
    """It is heard where a prospect named one, and that one where the CRM says which."""
    labels = (LOST_TO_COMPETITOR,)
    deal = {**LOST, **changes}
    made = one_deal(
        tmp_path, (1, *turns, rep("So.")), labels=labels, loss_reason="Went with another vendor", **deal
    )
    assert made.reason is not None
    assert (made.reason.competitor_heard, made.reason.verdict) == (heard, verdict)
    assert made.reason.never_heard == made.reason.not_in_reason == ()
    assert said in " ".join(reason_sentences(made))


def test_more_than_the_reason_is_no_disagreement(tmp_path: Path) -> None:
    """Where the reason was heard, and price as well in several calls, the calls only tell more."""
    made = one_deal(
        tmp_path,
        (1, buyer(*CONTRACT), buyer(*PRICE), rep("So.")),
        (2, buyer(*PRICE), rep("So.")),
        labels=("contract",),
        outcome=Outcome.LOST_OTHER,
        close_date="2026-09-05",
        loss_reason="Contract terms",
    )
    assert made.reason is not None
    assert (made.reason.verdict, made.reason.not_in_reason) == ("more", ("Price",))
    assert VERDICTS["more"] in render_markdown(made)
    assert "disagree" not in render_markdown(made)


def test_period_and_deal_agree_on_the_reason(tmp_path: Path) -> None:
    """A rep's word is no prospect's: both reviews say that the CRM's competitor was not heard."""
    words = EndWords(reason_labels=(LOST_TO_COMPETITOR,))
    made = make_workspace(tmp_path)
    with Store(made.database) as store:
        deal = a_deal("D-1", **LOST, loss_reason="Went with Lantern")
        store.import_deals([deal], at="2026-09-01T08:00:00Z", words={"D-1": words})
        turns = buyer(*PRICE), OURS
        put_call(store, "0.vtt", *turns, started_at="2026-09-01T08:00:00Z")
    one = deal_review(made, "D-1", now=NOW)
    every = period_review(made, side="lost", since="2026-09-01", now=NOW)
    assert one.reason is not None
    assert one.reason.verdict == "part"
    assert [(row.deal, row.never_heard) for row in every.parting] == [("D-1", (LOST_TO_COMPETITOR,))]


def test_questions_come_from_facts(review: DealReview) -> None:
    """Each names what was heard where, and opens it."""
    first = review.questions[0]
    assert first.text == "“Price” was raised in two calls and answered in none: who owns it?"
    ids = {quote.quote_id for call in review.calls for raised in call.raised for quote in raised.quotes}
    assert set(first.quote_ids) <= ids
    said = lines(review)
    assert any("The CRM says “Contract too long”" in line for line in said)
    assert any("is known to speak for the buyer" in line for line in said)
    assert any("Lantern was first named 8 days before the close, after 1 call" in line for line in said)
    assert any("After the close the buyer spoke again of “Contract terms”" in line for line in said)


def test_silence_before_the_close_is_asked_about(tmp_path: Path) -> None:
    """Three weeks without a recorded call are a question, two days are none."""
    quiet = one_deal(tmp_path / "a", (1, buyer(*PRICE), rep("So.")), close_date="2026-09-30")
    busy = one_deal(tmp_path / "b", (28, buyer(*PRICE), rep("So.")), close_date="2026-09-30")
    assert any("lie 29 days without a recorded call" in line for line in lines(quiet))
    assert not any("without a recorded call" in line for line in lines(busy))


def test_an_accepted_answer_of_a_won_deal_is_a_question_for_the_playbook(tmp_path: Path) -> None:
    """Unless it is the playbook's."""
    good = an_answer("[[They have used it]] for a year.", "evidence", 0, accepted="yes", shown_in=2)
    ours = an_answer(
        "[[Set it against planning]].",
        *("evidence", 0),
        **{"accepted": "yes", "shown_in": 2, "playbook": "Set it against three days of planning"},
    )
    turns = buyer("That helps, thank you."), rep("Fine.")
    new = one_deal(tmp_path / "a", (1, buyer(*TRUST), good, *turns))
    known = one_deal(tmp_path / "b", (1, buyer(*PRICE), ours, *turns))
    assert any("the playbook does not have: should it?" in line for line in lines(new))
    assert not any("playbook" in line for line in lines(known))


def test_a_deal_without_calls_and_an_excluded_one(tmp_path: Path) -> None:
    """The one asks for its notes, the other asks nothing."""
    without = one_deal(tmp_path / "a", outcome=Outcome.LOST_UNKNOWN)
    assert without.calls == ()
    assert without.reason is not None
    assert without.reason.verdict == "no_calls"
    assert lines(without)[0].startswith("No recorded sales call of this deal is known")
    excluded = one_deal(tmp_path / "b", (1, buyer(*PRICE), rep("So.")), outcome=Outcome.EXCLUDED)
    assert lines(excluded) == []


def test_a_deal_that_is_gone_is_reviewed_all_the_same(tmp_path: Path) -> None:
    """With its calls, and said to be gone."""
    made = lost_deal(tmp_path)
    with Store(made.database) as store:
        store.import_deals([a_deal("D-2")], at="2026-10-30T08:00:00Z")
    review = deal_review(made, "D-1", now=NOW)
    assert review.deal.is_gone
    assert len(review.calls) == 2


def test_no_such_deal_is_told_with_the_nearest(tmp_path: Path) -> None:
    """And where the ids are."""
    place: Workspace = lost_deal(tmp_path)
    with pytest.raises(UsageError, match=r"there is no deal 'D-l' \(did you mean 'D-1'"):
        deal_review(place, "D-l", now=NOW)


def test_nothing_more_than_the_contract_is_in_the_interview(review: DealReview) -> None:
    """What the buyer said there is told, and stands by itself."""
    (interview,) = review.interviews
    assert [raised.label for raised in interview.raised] == [CONTRACT[1]]
    assert interview.type == "interview"
    assert (interview.raised[0].standing, interview.raised[0].answers) == ("unclear", ())


def test_what_stands_apart_quotes_its_competitors(tmp_path: Path) -> None:
    """No other section does, as they are in no count."""
    made = lost_deal(tmp_path)
    with Store(made.database) as store:
        turns = rival("It is [[Lantern]] now."), rep("You get [[a rota in an hour]] here.", "fast-rota")
        put_call(store, "z.vtt", *turns, started_at="2026-10-22T08:00:00Z")
    late = deal_review(made, "D-1", now=NOW).after_close[-1]
    assert [quote.text for quote in late.apart] == ["Lantern", "a rota in an hour"]
    assert late.apart[1].speaker_name is None


def test_what_is_too_unsure_to_count_stands_apart(tmp_path: Path) -> None:
    """Per call and in every format, with how to make it count; no count, verdict or question has it."""
    made = one_deal(
        tmp_path,
        (
            1,
            buyer("If you [[cannot pull the tips]], my staff will hang me.", "feature_gap", score=0.4),
            rep("[[Not today]].", kind=Kind.OBJECTION, label="price", score=0.4),
            rival("Only [[Lantern]] could.", relation="evaluating"),
            buyer("Hello [[Lantern]].", "Lantern", kind=Kind.COMPETITOR, score=0.3),
        ),
        (2, buyer(*PRICE), rep("So.")),
        **LOST,
    )
    first, second = made.calls
    assert [one.titles for one in first.unsure] == [("Missing feature",), ("Lantern",)]
    assert second.unsure == ()
    assert (first.raised, [one.label for one in made.objections]) == ((), ["price"])
    assert made.competitors[0].calls == 1
    quote = first.unsure[0].quote
    command = f"callmine correct {quote.finding_id[:8]} --right"
    for page in (render_html(made), render_markdown(made)):
        assert "Also heard, not sure enough to count (2)" in page
        assert command in page
    assert quote.text in {one["quote"]["text"] for one in JSON.value(made)["calls"][0]["unsure"]}
    assert not any("Missing feature" in line for line in lines(made))


def test_what_is_struck_out_is_not_unsure_but_gone(tmp_path: Path) -> None:
    """A person's word is final, and what a person confirmed counts."""
    made = make_workspace(tmp_path)
    with Store(made.database) as store:
        store.import_deals([a_deal("D-1", **LOST)], at="2026-09-01T08:00:00Z")
        turns = (buyer("It [[costs too much]].", "price", score=0.4), buyer(*TRUST, score=0.4))
        put_call(store, "1.vtt", *turns, rep("So."), started_at="2026-09-01T08:00:00Z")
        price, trust = (row.finding_id for row in store.evidence())
        store.judge(price, "wrong", by="Ada Example")
        store.judge(trust, "right", by="Ada Example")
    (call,) = deal_review(made, "D-1", now=NOW).calls
    assert call.unsure == ()
    assert [one.label for one in call.raised] == ["trust"]


@pytest.mark.parametrize(
    ("words", "sure", "shown"),
    [
        (
            "[[Three years is how we get to that price]].",
            False,
            "by its meaning perhaps the playbook’s: “Set it against three days of planning”",
        ),
        ("[[Set it against the three days of planning]].", True, "Answered with the playbook’s answer"),
    ],
)
def test_a_playbooks_answer_is_sure_in_its_words_only(
    tmp_path: Path, words: str, sure: bool, shown: str
) -> None:
    """By meaning alone it may be another one: the page says so, and no question is built on it."""
    said = {"playbook": "Set it against three days of planning", "accepted": "no", "shown_in": 2}
    made = one_deal(
        tmp_path, (1, buyer(*PRICE), an_answer(words, "discount", 0, **said), buyer("No.")), **LOST
    )
    (given,) = made.calls[0].raised[0].answers
    assert given.playbook_sure is sure
    for page in (render_html(made), render_markdown(made)):
        assert shown in re.sub(r"</?bdi>", "", page)
    assert any("the answer was not accepted" in line for line in lines(made)) is sure


def test_a_mention_is_read_alike_in_every_format(review: DealReview) -> None:
    """As a guess, in the same words on the page, in Markdown and in the e-mail."""
    letter = summary_letter(review_summary(review))
    for words in (render_html(review), render_markdown(review), letter.html, letter.text):
        assert words.count("read as comparing it and speaking for it") == 1
        assert " speaks for it" not in words


def test_what_else_an_interview_tells_is_no_part_of_its_objections(tmp_path: Path) -> None:
    """Words about pain follow the objection's quotes under words of their own, in every format."""
    place = lost_deal(tmp_path)
    with Store(place.database) as store:
        turns = (buyer(*CONTRACT), buyer("[[Every Friday is lost]] to the phone.", "prospect", **VALUE))
        put_call(store, "told.vtt", *turns, type="interview", started_at="2026-10-26T08:00:00Z")
        put_call(store, "more.vtt", turns[1], type="interview", started_at="2026-10-27T08:00:00Z")
    review = deal_review(place, "D-1", now=NOW)
    letter = summary_letter(review_summary(review))
    for words in (render_html(review), render_markdown(review), letter.html, letter.text):
        assert words.count("Also said:") == 1
        before, after = words.split("Also said:")
        assert "Every Friday" not in before
        # The other interview has nothing to stand beside.
        assert len(re.findall(r"\bSaid:", after)) == 1
