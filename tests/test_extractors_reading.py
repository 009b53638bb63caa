"""What is made of the encoder's reading: spans, requests, positioning, answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callmine.domain import ANSWER_KINDS, Kind, Mention, Role, check_detail
from callmine.extractors.answers import AnswerFinder
from callmine.extractors.base import Passage
from callmine.extractors.encoder import Encoder
from callmine.extractors.heads import MEANING, TOKEN_LABELS
from callmine.extractors.objections import ObjectionExtractor
from callmine.extractors.positioning import PositioningExtractor
from callmine.extractors.readings import Reading
from callmine.extractors.requests import RequestExtractor
from callmine.extractors.showing import FEWEST, WHOLE, words_showing
from callmine.extractors.spans import sentences
from callmine.playbook import Company, Message, Playbook
from tests.builders import a_conversation

PLAYBOOK = Playbook(company=Company(name="Acme"))


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    """The model that comes with the package."""
    return Encoder()


def reading(text: str, odds: Sequence[float], label: str = "price") -> Reading:
    """Return a reading whose words have these log-odds of showing ``label``."""
    offsets, place = [(0, 0)], 0
    for word in text.split(" "):
        offsets.append((place, place + len(word)))
        place += len(word) + 1
    shown = np.full((len(odds) + 2, len(TOKEN_LABELS)), -9.0, dtype=np.float32)
    shown[1:-1, TOKEN_LABELS.index(label)] = odds
    parts = tuple(sentences(text)) or ((0, len(text)),)
    nothing = np.zeros((len(parts), MEANING), dtype=np.float32)
    return Reading(nothing[0], shown, (*offsets, (0, 0)), parts, nothing)


LONG = "well we talked about it at home, and to be honest this is far too much money, so not right now"
AROUND = [-3.0] * 13
CLAUSE = "and to be honest this is far too much money"


@pytest.mark.parametrize(
    ("odds", "expected"),
    [
        ([*AROUND, 2, 2, 2, -3, -3, -3, -3, -3], CLAUSE),
        (
            [*AROUND, 2, 2, 2, 2, -1, 2, -3, -3],
            f"{CLAUSE}, so not right now",
        ),  # one doubtful word cuts nothing
        ([-3.0] * 18 + [2, 2, -3], f"{CLAUSE}, so not right now"),  # four words are no quote
        ([*AROUND, -3, -1, -3, -3, -3, -3, -3, -3], LONG),  # nothing is likely: all of it
    ],
)
def test_the_best_run_of_words_is_shown(odds: list[float], expected: str) -> None:
    """In a long sentence the span is the clauses with the run of words of the largest sum of log-odds."""
    start, end = words_showing(LONG, reading(LONG, odds), "price")
    assert LONG[start:end] == expected


def test_a_short_sentence_is_shown_whole_and_never_with_its_neighbours_end() -> None:
    """A run over the end of a sentence counts for the sentence that holds most of it."""
    text = "We paid until next summer. I won't run two of them."
    odds = [-3, -3, -3, -3, 1, 3, 3, -3, -3, -3, -3]
    start, end = words_showing(text, reading(text, odds), "price")
    assert text[start:end] == "I won't run two of them."


@settings(deadline=None)
@given(
    st.lists(st.sampled_from(["no,", "too", "dear.", "Ünder", "🙂", "—", "we"]), min_size=1, max_size=24),
    st.data(),
)
def test_a_span_begins_and_ends_at_words(words: list[str], data: st.DataObject) -> None:
    """Whatever the odds, the span lies inside the text and cuts no word."""
    text = " ".join(words)
    odds = data.draw(st.lists(st.floats(-5, 5), min_size=len(words), max_size=len(words)))
    start, end = words_showing(text, reading(text, odds), "price")
    assert 0 <= start <= end <= len(text)
    assert text[start:end] == text[start:end].strip()
    if len(words) > WHOLE and not any(word.endswith((",", ".")) for word in words):
        assert len(text[start:end].split()) >= FEWEST
    for a, b in ((start - 1, start), (end, end + 1)):
        edge = text[max(0, a) : b]
        assert a < 0 or not edge or not edge.isalnum()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Could you send me a case study of somebody in logistics?", True),
        ("Can you send me your security report for our auditors?", True),
        ("We have forty people in the warehouse.", False),
        ("Thanks, that was it from me.", False),
    ],
)
def test_requests_for_content(encoder: Encoder, text: str, found: bool) -> None:
    """What a prospect wants to be sent is a request; other talk is none."""
    extractor = RequestExtractor(encoder)
    extractor.setup(PLAYBOOK)
    (mentions,) = extractor.extract([Passage(text, Role.PROSPECT)])
    assert [m.kind for m in mentions] == ([Kind.REQUEST] if found else [])


def listening(encoder: Encoder, *messages: tuple[str, str]) -> PositioningExtractor:
    """Return what listens for messages, each an id and its text."""
    said = tuple(Message(id=name, text=text) for name, text in messages)
    extractor = PositioningExtractor(encoder)
    extractor.setup(Playbook(company=Company(name="Acme"), messages=said))
    return extractor


def test_a_claim_names_the_message_that_it_says_in_other_words(encoder: Encoder) -> None:
    """A rep's paraphrase is matched by meaning, another claim is not."""
    extractor = listening(
        encoder,
        ("fast-close", "Close the month in three days instead of ten"),
        ("one-screen", "See every site's staffing on one screen"),
    )
    told = a_conversation(
        (Role.REP, "Our customers close their month in three days, where it took them ten before."),
        (Role.REP, "And your drivers save an hour a day on paperwork with it."),
    )
    same, other = extractor.extract(told)
    assert [m.detail.get("message") for m in same] == ["fast-close"]
    assert [m.detail.get("message") for m in other] in ([], [None])
    for mention in (*same, *other):
        check_detail(mention.kind, mention.detail)


def test_one_turn_can_say_several_messages(encoder: Encoder) -> None:
    """Each in its own sentence; a message said twice in a turn is one finding."""
    extractor = listening(
        encoder,
        ("fast-close", "Close the month in three days instead of ten"),
        ("one-screen", "See every site's staffing on one screen"),
    )
    text = (
        "Our customers close their month in three days instead of ten. And you see every site's staffing on"
        " one screen. So the month is closed in three days, no longer in ten."
    )
    (found,) = extractor.extract([Passage(text, Role.REP)])
    assert sorted(m.detail["message"] for m in found) == ["fast-close", "one-screen"]
    assert {text[m.start : m.end] for m in found} == {
        "close their month in three days instead of ten",
        "see every site's staffing on one screen",
    }


def test_one_sentence_can_say_several_messages(encoder: Encoder) -> None:
    """Word for word each is found, also misheard in part; what only shares words with it says another."""
    extractor = listening(
        encoder,
        ("hour", "Build the week's rota in an hour instead of two days"),
        ("screen", "See every site's staffing on one screen"),
    )
    both = (
        "Managers build the week's Rota in an hour instead of two days, and you see every sight staffing on"
        " one screen."
    )
    (found,) = extractor.extract([Passage(both, Role.REP)])
    assert [m.detail["message"] for m in found] == ["hour", "screen"]
    assert both[found[1].start : found[1].end] == "see every sight staffing on one screen"
    assert [m.score >= 0.5 for m in found] == [True, True]
    (prospect,) = extractor.extract([Passage(both, Role.PROSPECT)])
    assert all("message" not in m.detail for m in prospect)
    (quiet,) = extractor.extract([Passage("Two of our sites have no screen this week.", Role.REP)])
    assert all("message" not in m.detail for m in quiet)


def test_how_an_objection_was_answered(encoder: Encoder) -> None:
    """The rep's next turn is the answer; its kind and the turn that takes it are told."""
    told = a_conversation(
        (Role.REP, "So how does the offer look to you?"),
        (Role.PROSPECT, "Honestly it's too expensive for us, we don't have that budget."),
        (Role.REP, "I understand. If you sign this quarter I can take fifteen percent off."),
        (Role.PROSPECT, "Okay, fifteen percent off, that would work for us."),
    )
    extractor = ObjectionExtractor(encoder)
    extractor.setup(PLAYBOOK)
    objections = extractor.extract(told)
    assert [bool(found) for found in objections] == [False, True, False, False]
    (answered,) = AnswerFinder(encoder).find(told, objections)
    assert (answered.number, answered.objections) == (2, (1,))
    assert answered.mention.detail == {"type": "discount", "accepted": "yes", "shown_in": 3}


def test_an_objection_that_comes_again_was_not_answered_well(encoder: Encoder) -> None:
    """Whatever the words, the same objection after the answer refuses it."""
    told = a_conversation(
        (Role.PROSPECT, "It's too expensive."),
        (Role.REP, "Most customers have it back within half a year, here are three who did."),
        (Role.PROSPECT, "It's still too expensive."),
    )
    price = [Mention(Kind.OBJECTION, "price", 0, 5, 0.9)]
    found = AnswerFinder(encoder).find(told, [price, [], price])
    assert [(a.number, a.mention.detail["accepted"]) for a in found] == [(1, "no")]


def test_nothing_is_answered_where_nothing_objects(encoder: Encoder) -> None:
    """Without objections there are no answers."""
    told = a_conversation((Role.PROSPECT, "Hello."), (Role.REP, "Hello."))
    assert AnswerFinder(encoder).find(told, [[], []]) == []


class SureOfAll:
    """An encoder that takes every utterance for an answer, and for a sign that one was refused."""

    def __init__(self) -> None:
        self.questions = self

    def read(self, passages: Sequence[Passage]) -> list[Reading]:
        """Return a reading of each passage."""
        return [reading(p.text, [0.0] * len(p.text.split(" "))) for p in passages]

    def chances(self, question: str, features: np.ndarray) -> np.ndarray:
        """Return that nothing is likelier than the last of a question's answers."""
        width = {"answer": 1 + len(ANSWER_KINDS), "reaction": 3}[question]
        return np.tile(np.eye(width, dtype=np.float32)[-1], (len(features), 1))


@pytest.mark.parametrize("marks", ["--", "\u2014", "\u2013", ":", ";", "- - -", ", ,", "\u2026", "\u266a"])
def test_bare_marks_neither_answer_nor_take(marks: str) -> None:
    """Whatever the model makes of them: the next turn with a word does."""
    told = a_conversation(
        (Role.PROSPECT, "It's too expensive."),
        (Role.UNKNOWN, marks),
        (Role.REP, "We can take ten percent off."),
        (Role.PROSPECT, marks),
        (Role.PROSPECT, "No, thank you."),
    )
    price = Mention(Kind.OBJECTION, "price", 0, 19, 0.9)
    finder = AnswerFinder(cast(Encoder, SureOfAll()))
    (found,) = finder.find(told, [[price], [], [], [], []])
    assert (found.number, found.mention.detail["shown_in"]) == (2, 4)
    assert finder.find(told[:2], [[price], []]) == []


class SureOfSome(SureOfAll):
    """An encoder that takes the turns named for answers, or for signs that one was accepted."""

    def __init__(self, *, answers: Sequence[int], taken: Sequence[int]) -> None:
        super().__init__()
        self._sure = {"answer": answers, "reaction": taken}

    def chances(self, question: str, features: np.ndarray) -> np.ndarray:
        """Return that these turns are the first of a question's answers, and the others none."""
        width = {"answer": 1 + len(ANSWER_KINDS), "reaction": 3}[question]
        found = np.zeros((len(features), width), dtype=np.float32)
        for number in range(len(features)):
            found[number, int(number in self._sure[question])] = 1.0
        return found


def test_an_answer_belongs_to_the_objection_before_it() -> None:
    """What a rep says after a further objection answers the first only where no rep had replied to it."""
    told = a_conversation(
        (Role.PROSPECT, "It's too expensive."),
        (Role.REP, "So how many of you are there in the two offices?"),
        (Role.PROSPECT, "And we have no time for it this year."),
        (Role.REP, "We do the work for you."),
        (Role.PROSPECT, "All right."),
    )
    price = [Mention(Kind.OBJECTION, "price", 0, 19, 0.9)]
    timing = [Mention(Kind.OBJECTION, "timing", 0, 37, 0.9)]
    finder = AnswerFinder(cast(Encoder, SureOfSome(answers=[3], taken=[4])))
    (found,) = finder.find(told, [price, [], timing, [], []])
    assert (found.number, found.objections) == (3, (2,))
    curt = a_conversation(*((t.role, "Mm." if t.role is Role.REP else t.text) for t in told[:2]))
    (both,) = finder.find([*curt, *told[2:]], [price, [], timing, [], []])
    assert (both.number, both.objections) == (3, (0, 2))


def test_a_further_objection_ends_what_shows_how_an_answer_was_taken() -> None:
    """What is accepted behind it is the answer to it."""
    told = a_conversation(
        (Role.PROSPECT, "It's too expensive."),
        (Role.REP, "We can take ten percent off."),
        (Role.PROSPECT, "And we have no time for it."),
        (Role.PROSPECT, "Well, all right."),
    )
    price = [Mention(Kind.OBJECTION, "price", 0, 19, 0.9)]
    timing = [Mention(Kind.OBJECTION, "timing", 0, 27, 0.9)]
    finder = AnswerFinder(cast(Encoder, SureOfSome(answers=[1], taken=[3])))
    (found,) = finder.find(told, [price, [], timing, []])
    assert found.mention.detail["accepted"] == "unclear"
    (found,) = finder.find(told, [price, [], [], []])
    assert (found.mention.detail["accepted"], found.mention.detail["shown_in"]) == ("yes", 3)
