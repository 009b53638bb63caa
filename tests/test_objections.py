"""The trained encoder and what is made of its scores."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from callmine.domain import Role
from callmine.errors import ModelError
from callmine.extractors.base import Passage, Turn
from callmine.extractors.encoder import DEFAULT_MODEL, Encoder
from callmine.extractors.heads import ANY, LABELS, to_scores
from callmine.extractors.objections import ObjectionExtractor
from callmine.playbook import Company, Objection, Playbook

PLAYBOOK = Playbook(company=Company(name="Acme"))
ASKED = (Turn(Role.REP, "Where does that leave us?"),)


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    """The model that comes with the package."""
    return Encoder()


def test_a_score_does_not_depend_on_its_neighbours(encoder: Encoder) -> None:
    """Alone or in company, an utterance scores the same."""
    texts = ["It costs too much for us.", "Okay.", "We are in the middle of a long audit " * 8, "Hello?"]
    passages = [Passage(t, Role.PROSPECT) for t in texts]
    together = Encoder().scores(passages)
    alone = np.concatenate([Encoder().scores([p]) for p in passages])
    assert np.allclose(together, alone, atol=1e-4)


def test_a_damaged_model_is_refused(tmp_path: Path) -> None:
    """One changed byte in a model file is noticed before it is used."""
    folder = Path(shutil.copytree(DEFAULT_MODEL, tmp_path / "model"))
    blob = bytearray((folder / "tokenizer.json").read_bytes())
    blob[100] ^= 1
    (folder / "tokenizer.json").write_bytes(blob)
    with pytest.raises(ModelError, match="SHA-256") as caught:
        Encoder(folder).load()
    assert caught.value.exit_code == 3


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Honestly, it's too expensive for a company of our size.", "price"),
        ("I'd have to get that past our managing board first.", "authority"),
        ("Our data protection officer will not allow patient records in the cloud.", "security"),
        ("We can't sign for three years, that's too long.", "contract"),
        ("Just send me an email with some information.", "brush_off"),
    ],
)
def test_plain_objections_are_found(encoder: Encoder, text: str, label: str) -> None:
    """A textbook objection is found, with its label, on the whole sentence."""
    extractor = ObjectionExtractor(encoder)
    extractor.setup(PLAYBOOK)
    (found,) = extractor.extract([Passage(text, Role.PROSPECT, ASKED)])
    assert label in {m.label for m in found}
    assert all(text[m.start : m.end] == text for m in found)


@pytest.mark.parametrize(
    "text", ["Mm-hm.", "Thanks, have a nice day.", "bye bye thank you very much", "Can you hear me now?"]
)
def test_small_talk_stays_quiet(encoder: Encoder, text: str) -> None:
    """Nothing is reported where nothing is said."""
    extractor = ObjectionExtractor(encoder)
    extractor.setup(PLAYBOOK)
    assert extractor.extract([Passage(text, Role.PROSPECT)]) == [[]]


def test_a_disabled_label_is_not_reported(encoder: Encoder) -> None:
    """A playbook may switch a built-in label off."""
    quiet = Playbook(company=Company(name="Acme"), objections=(Objection(label="price", enabled=False),))
    extractor = ObjectionExtractor(encoder)
    extractor.setup(quiet)
    (found,) = extractor.extract([Passage("It's too expensive for us.", Role.PROSPECT, ASKED)])
    assert "price" not in {m.label for m in found}


@pytest.mark.parametrize("text", ["No thanks.", "Thanks, but no.", "Thanks, we'll think about it."])
def test_a_refusal_with_thanks_is_more_than_courtesy(encoder: Encoder, text: str) -> None:
    """Only greetings, thanks and goodbyes and nothing else are passed over."""
    extractor = ObjectionExtractor(encoder)
    extractor.setup(PLAYBOOK)
    (found,) = extractor.extract([Passage(text, Role.PROSPECT, ASKED)])
    assert found


def test_the_span_is_the_sentence_that_objects(encoder: Encoder) -> None:
    """In a long turn the span is the sentence, not the turn."""
    text = "Yes, good morning to you too. We simply don't have the budget for this. How was your holiday?"
    extractor = ObjectionExtractor(encoder)
    extractor.setup(PLAYBOOK)
    (found,) = extractor.extract([Passage(text, Role.PROSPECT, ASKED)])
    assert "We simply don't have the budget for this." in {text[m.start : m.end] for m in found}


def test_two_labels_side_by_side_both_keep_the_whole_score() -> None:
    """A label as likely as the likeliest has all of the probability of an objection."""
    logits = np.full((1, LABELS + 2), -20.0, dtype=np.float32)
    logits[0, 0] = logits[0, 4] = 3.0
    logits[0, ANY] = 2.0
    scores = to_scores(logits, np.tile(np.asarray([1.0, 0.0], dtype=np.float32), (LABELS + 2, 1)))
    assert scores[0, 0] == pytest.approx(scores[0, ANY], abs=1e-4)
    assert scores[0, 4] == pytest.approx(scores[0, ANY], abs=1e-4)
    assert scores[0, 1] == pytest.approx(0.0, abs=1e-4)
