"""The training data: valid, and apart from what is measured on."""

from __future__ import annotations

import json
import random
import re
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callmine.domain import Role
from callmine.extractors.encoder import Encoder
from callmine.extractors.lessons import RESISTANCE
from callmine.extractors.model import Model
from callmine.extractors.training.data import read_all, split
from callmine.extractors.training.lessons import choose, read_lessons, write_lessons
from callmine.extractors.training.noise import noisy
from callmine.extractors.training.scripts import Labelled, Script, read_scripts

DATA = Path(__file__).parent.parent / "data"


@pytest.fixture(scope="module")
def scripts() -> list[Script]:
    """All of the training data."""
    return read_all(DATA / "train")


def folded(text: str) -> str:
    """Return a text without case and punctuation."""
    return " ".join(re.sub(r"[^a-z0-9 ]", " ", text.lower()).split())


def gold_texts(path: Path) -> set[str]:
    """Return the folded utterances of a file of gold lines."""
    lines = (json.loads(line)["text"] for line in path.read_text("utf-8").splitlines() if line.strip())
    return {folded(text) for text in lines}


def test_no_sample_or_gold_sentence_is_trained_on(scripts: list[Script]) -> None:
    """What is measured on stands nowhere in the training data; set phrases of a few words may."""
    held = gold_texts(DATA / "sample" / "truth.jsonl")
    held = held.union(*(gold_texts(path) for path in (DATA / "gold").glob("*.jsonl")))
    trained = {folded(turn.text) for script in scripts for turn in script.turns}
    assert {text for text in held & trained if len(text.split()) > 7} == set()


def test_the_data_are_split_by_scenario(scripts: list[Script]) -> None:
    """Every line reads, and no scenario is on both sides."""
    train, held = split(scripts)
    assert sum(bool(turn.asked) for script in train for turn in script.turns) > 20_000
    assert sum(bool(turn.asked) for script in held for turn in script.turns) > 2_000
    assert not {s.scenario for s in train} & {s.scenario for s in held}


def test_scenarios_have_names_of_their_own(scripts: list[Script]) -> None:
    """Two annotated calls of one name would be one scenario by mistake."""
    names = [s.scenario for s in scripts if s.source.endswith(".txt")]
    assert len(names) == len(set(names))


def script(text: str, tmp_path: Path) -> Script:
    """Return an annotated call read from its text."""
    path = tmp_path / "one.txt"
    path.write_text("## x-1 | demo | things | cased\n" + text, encoding="utf-8")
    return read_scripts(path)[0]


def test_marks_are_read_as_ranges_of_words(tmp_path: Path) -> None:
    """Nested marks, a misheard name and tags come out on the right words."""
    (turn,) = script(
        "P: Well {price+incumbent: [tav ola=Tavola|incumbent|positive] does it for half}, you know."
        " #not_accepted",
        tmp_path,
    ).turns
    assert turn.text == "Well tav ola does it for half, you know."
    assert [turn.words[m.start : m.end] for m in turn.marks] == [
        ("tav", "ola", "does", "it", "for", "half,")
    ]
    assert turn.labels == {"price", "incumbent"}
    assert [turn.words[n.start : n.end] for n in turn.names] == [("tav", "ola")]
    assert turn.tags == {"not_accepted"}
    assert turn.role is Role.PROSPECT


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("P: {prize: too much}", "no label 'prize'"),
        ("P: {price: too much", "not closed"),
        ("P: too much}", "stray '}'"),
        ("P: [Tavola|friend|neutral] it is", "no relation or stance"),
        ("R: Sure. #evidnece", "no tag #evidnece"),
        ("Q: What?", "neither a head line nor a turn"),
    ],
)
def test_a_faulty_line_is_named(line: str, what: str, tmp_path: Path) -> None:
    """The message has file, line and fault."""
    with pytest.raises(ValueError, match=f"one.txt:2: .*{re.escape(what)}"):
        script(line, tmp_path)


@settings(deadline=None)
@given(seed=st.integers(0, 10_000))
def test_noise_leaves_marks_on_words(seed: int) -> None:
    """Whatever noise does to the words, every mark keeps at least one and stays inside the turn."""
    here = DATA / "train" / "calls"
    path = sorted(here.glob("*.txt"))[seed % len(list(here.glob("*.txt")))]
    call = _first(path)
    for before, turn in zip(call.turns, noisy(call, random.Random(seed)).turns, strict=True):
        assert turn.words
        assert turn.labels == before.labels
        for mark in (*turn.marks, *turn.names):
            assert 0 <= mark.start < mark.end <= len(turn.words)


@cache
def _first(path: Path) -> Script:
    return read_scripts(path)[0]


def test_an_empty_turn_is_no_turn_to_be_noisy_about() -> None:
    """A turn whose every word would go keeps them."""
    quiet = Script("s", "f", (Labelled(Role.REP, ("hm",)),))
    assert noisy(quiet, random.Random(1)).turns[0].words


WHOLE = ("f_", "calls_")


def test_lessons_are_chosen_by_conversation(scripts: list[Script]) -> None:
    """The same every time; those that judge are whole calls that nothing was learned from."""
    train, held = split(scripts)
    teaching, judging = choose(train, held, whole=WHOLE)
    assert choose(train[::-1], held[::-1], whole=WHOLE) == (teaching, judging)
    assert all(script.source.startswith(WHOLE) for script in judging)
    assert not {s.scenario for s in teaching} & {s.scenario for s in judging}
    assert 1_500 < sum("objection" in turn.asked for s in teaching for turn in s.turns) < 2_000
    labels = {label for script in teaching for turn in script.turns for label in turn.labels}
    assert labels >= set(RESISTANCE[:-1])


def test_lessons_are_read_and_written(scripts: list[Script], tmp_path: Path) -> None:
    """Beside the model, with their hash in its card, where they are found again; without a word of text."""
    train, held = split(scripts)
    teaching, judging = ([next(s for s in part if s.source == "calls_1.txt")] for part in (train, held))
    lessons = read_lessons(Encoder(), teaching, judging)
    assert lessons.judging.sum() == sum("objection" in turn.asked for turn in judging[0].turns)
    (tmp_path / "model.json").write_text((Encoder().folder / "model.json").read_text())
    write_lessons(tmp_path, lessons)
    again = Model(tmp_path).lessons()
    assert (again.labels == lessons.labels).all()
    assert lessons.labels.any(axis=1).sum() == sum(
        bool(turn.labels & set(RESISTANCE)) for script in (*teaching, *judging) for turn in script.turns
    )
    assert Model(tmp_path).version() == Encoder().version()
