"""The trained encoder and what is made of its scores."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from callmine.domain import OBJECTION_LABELS, Role
from callmine.errors import ModelError
from callmine.extractors.base import Passage, Turn
from callmine.extractors.encoder import Encoder
from callmine.extractors.model import DEFAULT_MODEL
from callmine.extractors.objections import ObjectionExtractor, labels_of
from callmine.playbook import Company, Objection, Playbook

LABELS = len(OBJECTION_LABELS)
PLAYBOOK = Playbook(company=Company(name="Acme"))
ASKED = (Turn(Role.REP, "Where does that leave us?"),)


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    """The model that comes with the package."""
    return Encoder()


def test_a_reading_does_not_depend_on_its_neighbours(encoder: Encoder) -> None:
    """Alone or in a batch with other conversations, an utterance reads the same."""
    texts = ["It costs too much for us.", "Okay.", "We are in the middle of a long audit " * 8, "Hello?"]
    passages = [Passage(t, Role.PROSPECT) for t in texts]
    together = np.stack([r.features for r in encoder.read(passages)])
    alone = np.stack([Encoder().read([p])[0].features for p in passages])
    assert np.allclose(together, alone, atol=1e-3)


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
    """A textbook objection is found, with its label, on words of its own."""
    extractor = ObjectionExtractor(encoder)
    extractor.setup(PLAYBOOK)
    (found,) = extractor.extract([Passage(text, Role.PROSPECT, ASKED)])
    assert label in {m.label for m in found}
    assert all(len(text[m.start : m.end].split()) > 2 for m in found)


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
    """In a long turn the span is what objects, not the turn."""
    text = (
        "It's good, thanks. But to be honest we just don't have the budget for this right now."
        " Maybe you've seen the news about us."
    )
    extractor = ObjectionExtractor(encoder)
    extractor.setup(PLAYBOOK)
    (found,) = extractor.extract([Passage(text, Role.PROSPECT, ASKED)])
    (span,) = {text[m.start : m.end] for m in found if m.label == "price"}
    assert "have the budget" in span
    assert not {"thanks", "news"} & set(span.split())


def test_labels_side_by_side_are_both_reported() -> None:
    """A label half as likely as the likeliest stands beside it; resistance of no label has none."""
    which = np.zeros(LABELS + 1, dtype=np.float32)
    which[[0, 4, 5]] = 0.5, 0.3, 0.2
    assert labels_of(which) == ["price", "incumbent"]
    which[LABELS] = 0.9
    assert labels_of(which) == ["price"]
    which[[0, 4]] = 0.1, 0.0
    assert labels_of(which) == []


def test_what_comes_after_a_turn_does_not_change_it(encoder: Encoder) -> None:
    """A turn is read from itself and what was before it."""
    first = Passage("Who would have to sign?", Role.REP)
    second = Passage("Only me, really.", Role.PROSPECT, (Turn(first.role, first.text),))
    third = Passage("Your price is a joke, though.", Role.PROSPECT, (Turn(second.role, second.text),))
    short, long = Encoder().read([first, second]), encoder.read([first, second, third])
    assert np.allclose(short[1].features, long[1].features, atol=1e-4)


def test_a_worry_that_the_rep_names_becomes_likelier_by_agreeing(encoder: Encoder) -> None:
    """The same few words object after a worry, and hardly after a fact."""
    worry = Turn(Role.REP, "A lot of people tell me it's simply too expensive for them. Is that it?")
    fact = Turn(Role.REP, "So you have forty people in two offices, is that right?")
    agreed, confirmed = (
        encoder.read([Passage("Yeah, pretty much.", Role.PROSPECT, (t,))])[0] for t in (worry, fact)
    )
    chances = encoder.questions.chances("objection", np.stack([agreed.features, confirmed.features]))
    assert chances[0] > 0.5 > chances[1]
