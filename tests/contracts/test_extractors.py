"""One contract for every extractor: what any of them promises, on any text."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from callmine import registry
from callmine.domain import Kind, Mention, Role, check_detail
from callmine.extractors.answers import AnswerFinder
from callmine.extractors.base import Extractor, Passage, Turn
from callmine.extractors.encoder import Encoder
from callmine.operations.building import build_extractors
from callmine.playbook import parse_playbook
from tests.builders import a_conversation

PLAYBOOK = parse_playbook("""
[company]
name = "Acme Analytics"
[[competitors]]
name = "Northwind"
heard_as = ["north win"]
[[competitors]]
name = "Monday"
[[objections]]
label = "data_residency"
examples = ["it has to stay in Germany", "our data can't leave the EU"]
[[trackers]]
name = "outage"
words = ["outage"]
examples = ["when you went down in March"]
""")

ORDINARY = [
    Passage("It's twice what we pay Northwind, and finance won't approve that.", Role.PROSPECT),
    Passage("Our customers save ten hours a week because reminders go out by themselves.", Role.REP),
    Passage("so after the outage in march we looked at north wind and monday", Role.UNKNOWN),
    Passage("Our data can't leave the EU.", Role.PROSPECT, (Turn(Role.REP, "Where is it hosted?"),)),
    Passage("yeah", Role.PROSPECT),
    Passage("Could you send me your security report for our auditors?", Role.PROSPECT),
]
STRANGE = {
    "empty": "",
    "blank": " \t\n\u00a0 ",
    "punctuation": "... ?! --",
    "emoji": "🙂🙂 Northwind 👍🏽 is 🇩🇪 twice the price 🙁",
    "right to left": "אנחנו משתמשים ב Northwind היום، ونستخدم Monday أيضا",
    "combining": "No\u0301rthwi\u0308nd is too expensive e\u0301\u0301\u0301",
    "controls": "North\x00wind\x1f is\u200b too\ufeff expensive",
    "lone surrogate": "Northwind \ud83d is too expensive",
    "no word": "\u2014",
    "one long word": "n" * 10_000,
    "long": ("We use Northwind and it is too expensive for us right now. " * 200)[:10_000],
    "long, no stops": ("we use northwind and monday and so it is too expensive " * 200)[:10_000],
}
WORDLESS = ["--", "\u2014", "\u2013", ":", ";", "- - -", ", ,", "\u2026", "\u266a", "... ?! --", "\t\u00a0"]


@pytest.fixture(scope="session")
def all_extractors(model_folder: Path) -> dict[str, Extractor]:
    """Every extractor, set up with the real models."""
    made = {e.name: e for e in build_extractors(PLAYBOOK, model_folder, threads=1)}
    for extractor in made.values():
        extractor.setup(PLAYBOOK)
    return made


@pytest.fixture(scope="session")
def answers() -> AnswerFinder:
    """What finds answers, with the real model."""
    return AnswerFinder(Encoder(threads=1))


@pytest.fixture(params=sorted(registry.BUILT_IN["extractors"]))
def extractor(request: pytest.FixtureRequest, all_extractors: dict[str, Extractor]) -> Extractor:
    """One extractor of those that come with callmine."""
    return all_extractors[request.param]


def check(passage: Passage, mentions: list[Mention], extractor: Extractor) -> None:
    """Check what a mention promises: span, score, kind, label and detail."""
    for mention in mentions:
        assert 0 <= mention.start < mention.end <= len(passage.text)
        said = passage.text[mention.start : mention.end]
        assert said == said.strip()
        assert said
        assert (extractor.threshold or 0.0) - 1e-4 <= mention.score <= 1.0
        assert mention.kind in extractor.kinds
        assert mention.label
        check_detail(mention.kind, mention.detail)
    places = [(m.kind, m.label, m.start, m.end) for m in mentions]
    assert len(places) == len(set(places))


def outline(mentions: list[Mention]) -> list[tuple[str, int, int, object]]:
    """Return what must be equal between two runs, scores to a hundredth apart."""
    return sorted((m.label, m.start, m.end, pytest.approx(m.score, abs=0.01)) for m in mentions)


def test_is_an_extractor(extractor: Extractor) -> None:
    """It has the protocol's attributes, a name of its own and settings that say how it works."""
    assert isinstance(extractor, Extractor)
    assert registry.BUILT_IN["extractors"][extractor.name].endswith(type(extractor).__name__)
    assert extractor.version
    assert extractor.kinds
    pickle.dumps(extractor.settings())


def test_ordinary_talk(extractor: Extractor) -> None:
    """It finds something in ordinary talk, and keeps every promise about it."""
    found = extractor.extract(ORDINARY)
    assert len(found) == len(ORDINARY)
    assert any(found)
    for passage, mentions in zip(ORDINARY, found, strict=True):
        check(passage, mentions, extractor)


@pytest.mark.parametrize("text", STRANGE.values(), ids=STRANGE.keys())
def test_strange_text(extractor: Extractor, text: str) -> None:
    """No text is too strange, too long or too empty."""
    passage = Passage(text, Role.PROSPECT, (Turn(Role.UNKNOWN, text[:200]),))
    (mentions,) = extractor.extract([passage])
    check(passage, mentions, extractor)
    if not text.strip():
        assert mentions == []


def test_without_a_word_there_is_nothing(extractor: Extractor) -> None:
    """Bare marks are worth no finding, whoever is said to have said them."""
    alone = [Passage(text, role) for text in WORDLESS for role in Role]
    assert not any(extractor.extract(alone))


@pytest.mark.parametrize("text", [*WORDLESS, *STRANGE.values()])
def test_strange_answers(answers: AnswerFinder, text: str) -> None:
    """What stands behind an objection may be anything: an answer has words, and bare marks are none."""
    told = a_conversation(
        (Role.PROSPECT, "It's too expensive."), (Role.UNKNOWN, text), (Role.UNKNOWN, text)
    )
    price = Mention(Kind.OBJECTION, "price", 0, 19, 0.9)
    found = answers.find(told, [[price], [], []])
    for answered in found:
        check_detail(answered.mention.kind, {**answered.mention.detail, "answers": ["a finding"]})
        said = text[answered.mention.start : answered.mention.end]
        assert any(c.isalnum() for c in said)
        assert said == said.strip()


def test_nothing_to_read(extractor: Extractor) -> None:
    """No passages give no lists."""
    assert extractor.extract([]) == []


def test_same_again(extractor: Extractor) -> None:
    """The same passages give the same mentions."""
    assert extractor.extract(ORDINARY) == extractor.extract(ORDINARY)


def test_order_and_company_do_not_matter(extractor: Extractor) -> None:
    """A passage's mentions depend neither on its place in the batch nor on its neighbours."""
    together = extractor.extract(ORDINARY)
    backwards = extractor.extract(ORDINARY[::-1])[::-1]
    fresh = pickle.loads(pickle.dumps(extractor))  # noqa: S301  without what was remembered
    fresh.setup(PLAYBOOK)
    alone = [fresh.extract([passage])[0] for passage in ORDINARY]
    for one, other, third in zip(together, backwards, alone, strict=True):
        assert outline(one) == outline(other) == outline(third)


def test_travels_to_a_worker(extractor: Extractor) -> None:
    """A pickled copy is small and, set up again, finds the same."""
    parcel = pickle.dumps(extractor)
    assert len(parcel) < 5_000_000
    copy = pickle.loads(parcel)  # noqa: S301
    copy.setup(PLAYBOOK)
    assert list(map(outline, copy.extract(ORDINARY))) == list(map(outline, extractor.extract(ORDINARY)))
    assert copy.settings() == extractor.settings()


def test_another_playbook(extractor: Extractor) -> None:
    """Setting up again forgets the playbook before: nobody else's names and trackers are found."""
    bare = parse_playbook('[company]\nname = "Other"')
    copy = pickle.loads(pickle.dumps(extractor))  # noqa: S301
    copy.setup(bare)
    labels = {m.label for mentions in copy.extract(ORDINARY) for m in mentions}
    assert not labels & {"Northwind", "Monday", "outage", "data_residency"}
