"""What a voice's words say of its side: weights, hints, saturation, and text that means harm."""

from __future__ import annotations

import ast
import json
import random
import subprocess
import sys
import time
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callmine.voices.cues import CHUNK, MOST, Cues, chunks_of, marker, model, probability, worth_of
from callmine.voices.hints import HINTS, OWN, hits, spoken
from callmine.voices.training import SCENARIOS, Line, calibrate, fit, read_lines, worse
from tests.talk import BUYER, SELLER, SMALL_TALK

OWN_NAMES = ("Larkmoor", "Larkmoor Rota")
DATA = Path(__file__).parent.parent / "data" / "train"


def found(text: str, names: tuple[str, ...] = ()) -> dict[str, str]:
    """The hints in a text, with the words of each."""
    folded = tuple(sorted(name.lower().replace(" ", "") for name in names))
    said = spoken(text, folded)
    return {hit.hint.name: said.quote(hit.first, hit.last) for hit in hits(said)}


@pytest.mark.parametrize("noise", [0.0, 0.15])
def test_seller_and_buyer_are_told_apart(noise: float) -> None:
    """Also without marks, capitals and some of the words."""
    cues, rng = Cues(OWN_NAMES), random.Random(3)
    seller, buyer = (
        cues.hear([worse(text, rng, rate=noise) for text in texts] if noise else texts)
        for texts in (SELLER, BUYER)
    )
    assert seller.rep > 0.9
    assert buyer.rep < 0.1


def test_small_talk_says_little() -> None:
    """About the weather anybody may talk."""
    assert abs(Cues(OWN_NAMES).hear(SMALL_TALK).log_odds) < 2


@pytest.mark.parametrize(
    ("text", "hint", "quoted"),
    [
        ("Right. And what would that cost us a year?", "asks_price", "what would that cost us"),
        ("so how much is it then", "asks_price", "how much is it"),
        ("Our current vendor does that.", "has_vendor", "Our current vendor"),
        ("well we already use one for that", "has_vendor", "we already use"),
        ("Can it export to payroll?", "asks_whether_you_can", "Can it"),
        ("Most of our customers start small.", "names_our_offer", "our customers"),
        ("How do you plan that today?", "asks_about_today", "How do you plan that today"),
        ("Let me show you a screen.", "offers_to_show", "Let me show"),
        ("Thanks for making the time.", "opens_the_call", "Thanks for making the time"),
    ],
)
def test_hints(text: str, hint: str, quoted: str) -> None:
    """Each is found in speech, and quoted as it was said."""
    assert found(text)[hint] == quoted


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("What does that cost you today?", "asks_price"),
        ("How are you doing today?", "asks_about_today"),
        ("How are you? Nice weather today.", "asks_about_today"),
        ("It belongs to our. Current vendor lists are long.", "has_vendor"),
    ],
)
def test_what_is_no_hint(text: str, hint: str) -> None:
    """The seller's question after the buyer's cost, courtesies, words of two sentences."""
    assert hint not in found(text)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("Hi, this is Maya from Larkmoor.", "introduces_us"),
        ("hi it's maya linden calling from lark moor", "introduces_us"),
        ("hello my name is tom i'm calling from larkmore", "introduces_us"),
        ("We at Larkmoor do that.", "introduces_us"),
        ("In our Larkmoor Rota that is one click.", "our_own"),
        ("You at Larkmoor promised that.", "you_at_us"),
        ("Does Larkmoor Rota have an app?", "asks_about_us"),
    ],
)
def test_our_names_tell(text: str, hint: str) -> None:
    """In their spelling and in a recogniser's, and only when the playbook has them."""
    assert hint in found(text, OWN_NAMES)
    assert hint not in found(text)
    alone = Cues(OWN_NAMES).hear([text]).log_odds - Cues().hear([text]).log_odds
    side = next(h.rep for h in HINTS if h.name == hint)
    assert alone > 0.5 if side else alone < -0.5


@pytest.mark.parametrize(
    "text",
    [
        "I'm happy with Larkmoor.",
        "It's our contract with Larkmoor.",
        "This is about Larkmoor.",
        "lark or moor, a lake",
    ],
)
def test_who_only_names_us_is_not_us(text: str) -> None:
    """A customer names us as well."""
    assert not {"introduces_us", "our_own"} & set(found(text, OWN_NAMES))


def test_own_names_swallow_no_other_words() -> None:
    """A short word after the name stays one."""
    assert spoken("at Larkmoor I said", ("larkmoor",)).words == ("at", OWN, "i", "said")
    assert spoken("Larkmoor Rota is ours", ("larkmoor", "larkmoorrota")).words == (OWN, "is", "ours")


def test_hints_come_first_and_are_quoted_short() -> None:
    """The words that a person can check, in the speaker's own spelling."""
    heard = Cues(OWN_NAMES).hear(["Hi Petra, this is Maya Linden from Larkmoor, good to meet you."])
    assert heard.phrases[0].text == "this is Maya Linden from Larkmoor"
    assert all(len(p.text.split()) <= 8 for p in heard.phrases)


def test_repeating_oneself_adds_nothing() -> None:
    """A recogniser's loop is heard once, and a hint with set odds twice at most."""
    cues = Cues(OWN_NAMES)
    once, often = (cues.hear(["my boss hates that spreadsheet, honestly"] * n) for n in (1, 500))
    assert once.log_odds == often.log_odds < 0
    one, two, many = (cues.hear(["what would that cost us"] * n).log_odds for n in (1, 2, 500))
    assert many == two < one < 0
    assert cues.hear(["this is Maya from Larkmoor"] * 500).log_odds <= MOST


def test_cutting_does_not_matter_much() -> None:
    """The same words in one piece or in many say the same."""
    cues = Cues()
    whole, parts = cues.hear([" ".join(BUYER)]), cues.hear(BUYER)
    assert whole.log_odds == pytest.approx(parts.log_odds, abs=1.5)


def test_chunks_are_even_and_whole() -> None:
    """No word is lost, none is too many, and the last chunk is no stub."""
    said = spoken(" ".join(f"w{i}" for i in range(31)))
    parts = [[word for word, _ in chunk] for chunk in chunks_of(said)]
    assert [len(words) for words in parts] == [11, 11, 9]
    assert [w for words in parts for w in words] == [*said.words]
    assert max(map(len, parts)) <= CHUNK


def test_a_hint_is_one_word() -> None:
    """Its own words weigh nothing beside it, and what stands around it keeps its place."""
    said = spoken("And what would that cost us, really?")
    (chunk,) = chunks_of(said, hits(said))
    assert chunk == [("and", 0), (marker("asks_price"), 1), ("really", 6)]


@pytest.mark.parametrize(
    "text",
    ["", " ", "\x00\x1b[2J\x07" * 300, "\u202e\u200b", "💥" * 1000, "Wir haben heute leider keine Zeit"],
)
def test_text_that_says_nothing(text: str) -> None:
    """Nothing, control characters, pictures, another language."""
    assert abs(Cues(OWN_NAMES).hear([text]).log_odds) < 0.2


def test_a_very_long_text_takes_no_long_time() -> None:
    """Linear in its length, whatever is in it."""
    start = time.perf_counter()
    for text in ("what what's " * 50_000, "this is " * 50_000, "x" * 500_000, "lark moo " * 30_000):
        heard = Cues(OWN_NAMES).hear([text])
        assert abs(heard.log_odds) <= MOST
    assert time.perf_counter() - start < 30


@settings(deadline=None, max_examples=60)
@given(st.lists(st.text(max_size=80), max_size=5))
def test_any_text_is_judged(texts: list[str]) -> None:
    """Finite odds, printable quotes from what was said."""
    heard = Cues(OWN_NAMES).hear(texts)
    assert abs(heard.log_odds) <= MOST
    assert 0 < heard.rep < 1
    assert all(p.text.isprintable() for p in heard.phrases)


def test_version_follows_what_changes_the_output() -> None:
    """Names in any order and case are the same."""
    assert Cues(("B", "a")).version == Cues(("A", "b")).version != Cues().version


def test_the_table_is_small_and_names_no_one() -> None:
    """Words of many scenarios only; hints that have data have weights of the right sign."""
    raw = files("callmine.voices").joinpath("cues.json").read_bytes()
    assert len(raw) < 1_000_000
    table = model()
    assert {h.name for h in HINTS if h.fixed is None} == set(table.hints)
    signs = {h.name: h.rep for h in HINTS}
    assert all((weight > 0) is signs[name] for name, weight in table.hints.items())
    assert json.loads(raw)["about"]["held_out_right"] > 0.9


def test_running_needs_no_scikit_learn() -> None:
    """Only the training imports it."""
    code = (
        "import sys, callmine.stages.attribute; from callmine.voices.cues import Cues; Cues().hear(['a']);"
    )
    code += "assert not {'sklearn', 'torch', 'scipy'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
    tree = ast.parse(Path("callmine/voices/training.py").read_text("utf-8"))
    assert any(isinstance(n, ast.ImportFrom) and (n.module or "").startswith("sklearn") for n in tree.body)


def test_training_learns_sides_and_keeps_no_names() -> None:
    """On a few lines: the seller's words weigh for the rep; a word of one scenario is left out."""
    lines = [
        Line("f_x", f"s{n}", rep, text)
        for n in range(SCENARIOS + 2)
        for rep, text in ((True, f"shall i show you zebra{n}"), (False, "we have no money for that"))
    ]
    learned = fit(lines)
    assert learned.grams["show"] > 0.1 > -0.1 > learned.grams["money"]
    assert not any(gram.startswith("zebra") for gram in learned.grams)


def test_training_reads_only_known_roles_once() -> None:
    """Whole calls are there in full, unknown speakers are not."""
    lines = read_lines(DATA)
    calls = {line.scenario for line in lines if line.file[0] == "f"}
    assert len(calls) == 104
    assert len(lines) == len({(line.scenario, line.rep, line.text) for line in lines})


def test_calibration_finds_what_sums_are_worth() -> None:
    """Sums drawn so that their log-odds are half of them get a scale of one half."""
    rng = np.random.default_rng(5)
    total = rng.normal(0, 4, 4000)
    rep = (rng.random(4000) < 1 / (1 + np.exp(-0.5 * total))).astype(float)
    worth = calibrate(total, np.ones(4000), rep)
    assert worth.scale * worth_of(1, worth.overlap) == pytest.approx(0.5, abs=0.1)
    assert worth.shift == pytest.approx(0, abs=0.31)


def test_probability_does_not_overflow() -> None:
    """Far out it is nearly certain."""
    assert probability(-5000) == pytest.approx(0)
    assert probability(5000) == pytest.approx(1)
    assert probability(0) == 0.5
