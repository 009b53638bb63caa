"""Why something was found: deciding words, parts of a score, nearest examples."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from callmine import weights
from callmine.domain import Role
from callmine.extractors.base import Passage, Turn
from callmine.extractors.competitors import CompetitorExtractor
from callmine.extractors.encoder import Encoder
from callmine.extractors.explain import (
    Example,
    in_conversation,
    meaning_of,
    name_found,
    nearest,
    parts_of,
    read_again,
    without,
)
from callmine.extractors.objections import ObjectionExtractor
from callmine.extractors.parse import Parser
from callmine.extractors.trackers import phrase_in
from callmine.playbook import Company, Playbook, Tracker
from callmine.stages.extract import passages_of
from tests.builders import an_utterance
from tests.talk import BUYER, SELLER, talk

ENCODER = Encoder()
"""The model that comes with the package; loaded at its first use."""

PRICE = "Honestly, it's too expensive for a company of our size."
ASKED = (Turn(Role.REP, "Where does that leave us?"),)


def a_call(rounds: int = 1) -> list[Passage]:
    """The passages of an invented call, which may be said several times over."""
    turns = talk(SELLER, BUYER) * rounds
    roles = (Role.REP, Role.PROSPECT)
    return passages_of(
        [an_utterance(text, index=i, role=roles[side]) for i, (side, text) in enumerate(turns)]
    )


def test_short_utterances_are_taken_apart_word_by_word() -> None:
    """Punctuation is no word, and stays with what is left."""
    text = "No, it’s 5,000 euros: too much!"
    assert [text[a:b] for a, b in parts_of(text)] == ["No", "it’s", "5,000", "euros", "too", "much"]
    assert without(text, (0, 2)) == "it’s 5,000 euros: too much!"
    assert without(text, (len(text) - 5, len(text) - 1)) == "No, it’s 5,000 euros: too!"


def test_long_utterances_are_taken_apart_by_clauses() -> None:
    """No clause goes past punctuation."""
    text = "We have seen it, and my boss liked it. But nobody has the time now."
    assert [text[a:b] for a, b in parts_of(text, most=4)] == [
        "We have seen it",
        "and my boss liked it",
        "But nobody has the time",
        "now",
    ]


@given(st.text(max_size=400), st.integers(1, 12))
def test_parts_are_few_and_hold_every_word(text: str, most: int) -> None:
    """Whatever was said: in order, apart, no more than asked for, and nothing that is a word is left."""
    parts = parts_of(text, most=most)
    assert len(parts) <= most
    assert all(a < b <= c for (a, b), (c, _) in pairwise([*parts, (len(text), len(text))]))
    ends, starts = [0, *(end for _, end in parts)], [*(start for start, _ in parts), len(text)]
    left = "".join(text[end:start] for end, start in zip(ends, starts, strict=True))
    assert not any(c.isalnum() for c in left)


def test_a_very_long_text_is_taken_apart_at_once() -> None:
    """The size of the parts is found by halving; trying each would take minutes here."""
    parts = parts_of("word " * 100_000)
    assert len(parts) == 60
    assert parts[0] == (0, 5 * 1667 - 1)


def test_only_what_is_read_is_left_out() -> None:
    """Words behind the last that the encoder takes change nothing, so nothing is read without them."""

    class Listing(Encoder):
        """Counts the texts it was given."""

        texts = 0

        def read(self, passages):  # type: ignore[no-untyped-def]
            self.texts += len(passages)
            return super().read(passages)

    encoder = Listing()
    text = PRICE + " 48213-77190-66123" * 300
    again = read_again(encoder, Passage(text, Role.PROSPECT, ASKED), "objection")
    assert encoder.texts < 40
    assert {"too", "expensive"} & {word.text for word in again.words}
    assert all(text[word.start : word.end] == word.text for word in again.words)


def test_a_passage_by_itself_reads_as_in_its_call() -> None:
    """Also behind the first window, where the turns before it are more than those of the passage."""
    passages = a_call(rounds=4)
    readings = ENCODER.read(passages)
    for number in (0, 5, len(passages) - 1):
        asked = in_conversation(ENCODER, passages, number)
        assert np.allclose(Encoder().read([asked])[0].features, readings[number].features, atol=5e-3), (
            number
        )
    assert len(in_conversation(ENCODER, passages, 5).before) == 5
    assert 3 < len(in_conversation(ENCODER, passages, len(passages) - 1).before) < len(passages) - 1


def test_the_words_that_say_it_decide() -> None:
    """Without "too" or "expensive" it is less of an objection; the score is the extractor's own."""
    extractor = ObjectionExtractor(ENCODER)
    extractor.setup(Playbook(company=Company(name="Acme")))
    passage = Passage(PRICE, Role.PROSPECT, ASKED)
    (found,) = extractor.extract([passage])
    again = read_again(ENCODER, passage, "objection", "price")
    assert again.score == pytest.approx(found[0].score, abs=1e-3)
    assert {"too", "expensive"} & {word.text for word in again.words[:3]}
    assert all(PRICE[word.start : word.end] == word.text for word in again.words)
    assert all(a.log_odds >= b.log_odds >= 0.1 for a, b in pairwise(again.words))
    assert again.label_share is not None
    assert again.label_share > 0.5


def test_how_much_a_word_decides_can_be_checked() -> None:
    """The number is the difference between two readings in the same conversation."""
    first = read_again(ENCODER, Passage(PRICE, Role.PROSPECT, ASKED), "objection", "price").words[0]
    left = without(PRICE, (first.start, first.end))
    odds = [
        float(np.log(score / (1 - score)))
        for text in (PRICE, left)
        for score in [read_again(ENCODER, Passage(text, Role.PROSPECT, ASKED), "objection").score]
    ]
    assert odds[0] - odds[1] == pytest.approx(first.log_odds, abs=0.05)


def test_a_workspaces_own_label_has_no_share() -> None:
    """The encoder does not know it; neither do yes-or-no questions have labels."""
    passage = Passage("No.", Role.PROSPECT, ASKED)
    assert read_again(ENCODER, passage, "objection", "data_residency").label_share is None
    again = read_again(ENCODER, passage, "request")
    assert again.label_share is None
    assert all(word.label_log_odds is None for word in again.words)


def test_nearest_are_the_likest_once_each() -> None:
    """By cosine whatever the length, at most so many, the same words once."""

    def example(text: str, *vector: float) -> Example:
        return Example(text, "price", np.asarray(vector, dtype=np.float32), "playbook")

    examples = [
        example("away", 0, -3),
        example("near", 2, 2),
        example("same", 0, 9),
        example("near", 0, 1.5),
    ]
    found = nearest(np.asarray([0, 2], dtype=np.float32), examples, most=2)
    assert [(one.text, one.likeness) for one in found] == [("near", 1.0), ("same", 1.0)]
    assert nearest(np.zeros(2, dtype=np.float32), []) == []


def test_likeness_is_of_what_is_meant() -> None:
    """The price in other words is nearer than another worry in similar words."""

    def example(text: str) -> Example:
        passage = Passage(text, Role.PROSPECT)
        return Example(text, "", meaning_of(ENCODER, passage, (0, len(text))), "judged right")

    texts = ("We cannot pay that much for it.", "It's too early for a company of our size.")
    meaning = meaning_of(ENCODER, Passage(PRICE, Role.PROSPECT, ASKED), (0, len(PRICE)))
    assert nearest(meaning, map(example, texts))[0].text == texts[0]


@pytest.mark.parametrize(
    ("text", "name", "match", "form"),
    [
        ("We looked at Lantern Shift last year.", "Lantern", "alias", "lantern shift"),
        ("before that we used clavio for the mails", "Klaviyo", "sound", "klaviyo"),
        ("and then on monday we use HubSpot's mails", "HubSpot", "name", "hubspot"),
    ],
)
def test_parts_of_a_name_add_up_to_its_score(
    model_folder: Path, text: str, name: str, match: str, form: str
) -> None:
    """They are those of the mention that was found."""
    extractor = CompetitorExtractor(Parser(weights.resolve("en_core_web_sm", folder=model_folder)), ENCODER)
    rivals = [{"name": "Lantern", "aliases": ["Lantern Shift"]}, {"name": "Klaviyo"}, {"name": "HubSpot"}]
    extractor.setup(Playbook.model_validate({"company": {"name": "Acme"}, "competitors": rivals}))
    passages = [Passage("So what do you use?", Role.REP), Passage(text, Role.PROSPECT)]
    (mention,) = extractor.extract(passages)[1]
    found = name_found(extractor, passages, 1, (mention.start, mention.end), name)
    assert found is not None
    assert (found.match, found.form, found.score) == (match, form, mention.score)
    assert sum(part.odds for part in found.parts) == pytest.approx(found.log_odds, abs=0.05)
    assert 1 / (1 + np.exp(-found.log_odds)) == pytest.approx(found.score, abs=0.01)
    assert all(part.words in text.lower() for part in found.parts)
    assert (found.likeness < 1) == (match == "sound")
    assert name_found(extractor, passages, 0, (mention.start, mention.end), name) is None


def test_which_of_a_trackers_words_were_said() -> None:
    """As the extractor matches them: any ending, and whole words only."""
    tracker = Tracker(name="outage", words=("outage", "went down"))
    assert phrase_in(tracker, "Went down") == ("went down", True)
    assert phrase_in(tracker, "outages") == ("outage", False)
    assert phrase_in(tracker, "out") is None
