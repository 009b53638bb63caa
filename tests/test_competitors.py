"""Competitor mentions: golden cases, spans, scores, sounds, relations."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callmine import weights
from callmine.domain import RELATIONS, STANCES, Mention, Role, check_detail
from callmine.errors import ModelError
from callmine.extractors.base import Passage, Turn
from callmine.extractors.commonness import commonness, is_ordinary, zipf
from callmine.extractors.competitors import CompetitorExtractor
from callmine.extractors.encoder import Encoder
from callmine.extractors.faults import never_heard
from callmine.extractors.parse import Parser
from callmine.extractors.sounds import forms, normal, similarity, spelled_out
from callmine.extractors.spans import overlap, sentence_at, sentences, tokens, trim
from callmine.playbook import Playbook

ENCODER = Encoder()
"""The model that comes with the package; loaded at its first use."""

CASES = Path(__file__).parent / "cases" / "competitors"


@pytest.fixture(scope="module")
def parser(model_folder: Path) -> Parser:
    """The real English model."""
    return Parser(weights.resolve("en_core_web_sm", folder=model_folder))


def playbook(*competitors: dict[str, Any] | str, own: tuple[str, ...] = ()) -> Playbook:
    """Return a playbook with these competitors and products of ours."""
    rivals = [{"name": c} if isinstance(c, str) else c for c in competitors]
    return Playbook.model_validate(
        {"company": {"name": "Acme Analytics", "products": own}, "competitors": rivals}
    )


def extractor(parser: Parser, *competitors: dict[str, Any] | str) -> CompetitorExtractor:
    """Return an extractor that is set up for these competitors."""
    made = CompetitorExtractor(parser, ENCODER)
    made.setup(playbook(*competitors))
    return made


def found(made: CompetitorExtractor, text: str, **passage: Any) -> list[Mention]:
    """Return the mentions of one text."""
    return made.extract([Passage(text, **passage)])[0]


def read_case_file(path: Path) -> tuple[Playbook, list[tuple[int, str]]]:
    """Return the playbook of a case file, and its cases with their line numbers."""
    rivals: list[dict[str, Any] | str] = []
    own: tuple[str, ...] = ()
    cases = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if line.startswith("competitors:"):
            for entry in line.partition(":")[2].split(";"):
                name, sign, more = re.match(r"([^=~]+)([=~]?)(.*)", entry.strip()).groups()  # type: ignore[union-attr]
                key = {"=": "aliases", "~": "heard_as", "": "aliases"}[sign]
                names = [n.strip() for n in more.split(",") if n.strip()]
                rivals.append({"name": name.strip(), key: names})
        elif line.startswith("own:"):
            own = tuple(n.strip() for n in line.partition(":")[2].split(";")[1:])
        elif line.strip() and not line.startswith("#"):
            cases.append((number, line))
    return playbook(*rivals, own=own), cases


_VIEW = re.compile(rf" (?=(?:{'|'.join((*RELATIONS, *STANCES))})\b)")

VIEWS_RIGHT = 0.6
"""Share of the relations and stances in the cases that must be right.

They are the encoder's answers about bare sentences, without the conversation it was trained on; a new model
may give others.
"""


@pytest.mark.parametrize("path", sorted(CASES.glob("*.txt")), ids=lambda p: p.stem)
def test_golden_cases(path: Path, parser: Parser) -> None:
    """Every case finds what stands in its brackets under its name; most have the view after the arrow."""
    book, cases = read_case_file(path)
    made = CompetitorExtractor(parser, ENCODER)
    made.setup(book)
    wrong, missed, asked = [], [], 0
    for number, line in cases:
        marked, _, expected = (part.strip() for part in line.partition("=>"))
        role = Role.UNKNOWN
        if match := re.match(r"(rep|prospect): ", marked):
            role, marked = Role(match[1]), marked[match.end() :]
        text = re.sub(r"[\[\]]", "", marked)
        mentions = found(made, text, role=role)
        heard = [text[m.start : m.end] for m in mentions]
        if heard != re.findall(r"\[(.*?)\]", marked):
            wrong.append(f"{path.name}:{number}: found {heard}")
            continue
        for mention, wanted in zip(
            mentions, expected.split(", ") if expected else (), strict=bool(expected)
        ):
            name, *view = _VIEW.split(wanted)
            if mention.label != name:
                wrong.append(f"{path.name}:{number}: is {mention.label}")
            for key, value in zip(("relation", "stance"), view, strict=False):
                asked += 1
                if mention.detail[key] != value:
                    missed.append(f"{path.name}:{number}: {key} is {mention.detail[key]}, not {value}")
    assert not wrong, "\n".join(wrong)
    assert len(missed) <= (1 - VIEWS_RIGHT) * asked, "\n".join(missed)


def test_detail_tells_what_was_heard(parser: Parser) -> None:
    """The canonical name is the label; other words, and how they matched, are in the detail."""
    made = extractor(parser, {"name": "Tipalti", "aliases": ["TP"], "heard_as": ["tip all tea"]}, "Klaviyo")
    (plain,) = found(made, "We use Tipalti.")
    (confirmed,) = found(made, "we use tip all tea")
    (alike,) = found(made, "we use clavio")
    assert (plain.label, plain.detail["match"], "heard" in plain.detail) == ("Tipalti", "name", False)
    assert (confirmed.detail["match"], confirmed.detail["heard"]) == ("heard_as", "tip all tea")
    assert (alike.label, alike.detail["match"], alike.detail["heard"]) == ("Klaviyo", "sound", "clavio")
    for mention in (plain, confirmed, alike):
        check_detail(mention.kind, mention.detail)
    assert alike.score < plain.score


def test_reason_is_verbatim(parser: Parser) -> None:
    """A reason is a stretch of the utterance."""
    text = "We left Northwind because they put our price up three years on the trot."
    (mention,) = found(extractor(parser, "Northwind"), text)
    assert mention.detail["reason"] == "they put our price up three years on the trot"
    assert mention.detail["relation"] == "churned"


def test_earlier_turns_colour_a_bare_name(parser: Parser) -> None:
    """A name that only answers takes its relation from the question."""
    made = extractor(parser, "Corvane")
    asked = (Turn(Role.REP, "And who else are you looking at?"),)
    (mention,) = found(made, "Corvane.", role=Role.PROSPECT, before=asked)
    assert mention.detail["relation"] == "evaluating"


def test_our_names_are_never_competitors(parser: Parser) -> None:
    """Our own names block what only sounds alike, and are not reported."""
    made = CompetitorExtractor(parser, ENCODER)
    made.setup(playbook("Zendesk", own=("Zendex",)))
    assert found(made, "Zendex is ours and Acme Analytics makes it") == []
    assert [m.label for m in found(made, "Zendex or Zendesk?")] == ["Zendesk"]


def test_threshold_is_honoured(parser: Parser) -> None:
    """No mention scores under the threshold, and a higher one gives a subset."""
    book = playbook("Klaviyo", "Monday", "HubSpot")
    texts = ["clavio and HubSpot", "we use monday", "hub spot or clavio on monday"]
    strict = CompetitorExtractor(parser, ENCODER, threshold=0.9)
    normal_one = CompetitorExtractor(parser, ENCODER)
    for made in (strict, normal_one):
        made.setup(book)
    few = strict.extract([Passage(t) for t in texts])
    many = normal_one.extract([Passage(t) for t in texts])
    assert all(m.score >= 0.9 for ms in few for m in ms)
    assert all(set(map(str, f)) <= set(map(str, m)) for f, m in zip(few, many, strict=True))
    assert strict.settings() != normal_one.settings()


def test_no_competitors_no_mentions() -> None:
    """Without competitors nothing is found, and no model is opened."""
    made = CompetitorExtractor(Parser(Path("/nowhere")), ENCODER)
    made.setup(playbook())
    assert found(made, "We use HubSpot.") == []


def test_a_folder_without_a_model_says_what_to_do(tmp_path: Path) -> None:
    """A broken model is an error about the run with a next step."""
    made = CompetitorExtractor(Parser(tmp_path), ENCODER)
    made.setup(playbook("Compass"))
    with pytest.raises(ModelError, match="not a readable spaCy model") as caught:
        found(made, "We use Compass.")
    assert "callmine models get" in caught.value.hint


def test_forms_of_a_name() -> None:
    """Suffixes, domains, signs and digits give further forms; the canonical name stays."""
    known = {
        f.joined: f.name for f in forms(playbook("Kuehne & Nagel Ltd.", "6sense", "Bill.com", "Acme Rival"))
    }
    for joined in ("kuehnenagelltd", "kuehnenagel", "kuehneandnagel"):
        assert known[joined] == "Kuehne & Nagel Ltd."
    assert known["sixsense"] == known["6sense"] == "6sense"
    assert known["billcom"] == known["billdotcom"] == known["bill"] == "Bill.com"
    assert known["acmeanalytics"] is None
    assert "acme" not in known


def test_how_alike() -> None:
    """The same is 1, nothing in common is near 0, and a mishearing is nearer than another word."""
    assert similarity("klaviyo", "klaviyo") == 1.0
    assert similarity("klaviyo", "clavio") > 0.8 > similarity("marketo", "marketing")
    assert similarity("gong", "zuora") < 0.3


def test_letters_are_said() -> None:
    """A single letter is compared as it is said; a sign between letters is said as "n"."""
    assert spelled_out(("c", "ledger")) == "seeledger"
    assert "pgne" in {f.joined for f in forms(playbook("PG&E"))}


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("C++", {"cplusplus"}),
        ("+1", {"plus1", "plusone"}),
        ("A+ Systems", {"asystems", "aplussystems"}),
        ("Notch+", {"notch", "notchplus"}),
        ("Fern+Oak", {"fernoak", "fernandoak", "fernnoak", "fernplusoak"}),
        ("Fern & Oak", {"fernoak", "fernandoak", "fernnoak"}),
        ("7", set()),
    ],
)
def test_signs_are_said_as_what_they_are(name: str, said: set[str]) -> None:
    """Between two words "and" or "n"; a plus of one word is a plus; one digit is no name."""
    made = {f.joined for f in forms(playbook(name)) if f.name == name}
    assert {joined for joined in made if not joined.endswith("com")} == said


def test_names_that_can_never_be_heard() -> None:
    """Fewer than two letters and digits; an alias that is said is no fault."""
    never = ["R", "X", "!!!", ".*", "7", "株"]
    assert list(never_heard(playbook(*never, "C++", "Klarionet", "3M"))) == never


def test_how_common() -> None:
    """Small words are commoner than rare ones, and two together than neither."""
    assert zipf("the") > zipf("close") > zipf("gong") > zipf("tipalti")
    assert is_ordinary("harbor")
    assert not is_ordinary("hubspot")
    assert commonness(["send", "desk"]) < zipf("desk")


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("HubSpot's", "hubspot"),
        ("HubSpot’s", "hubspot"),
        ("Café", "cafe"),
        ("O'Reilly", "oreilly"),
        ("É's", "e"),
    ],
)
def test_normal_form(word: str, expected: str) -> None:
    """Case, accents, apostrophes and the possessive go."""
    assert normal(word) == expected


@given(st.text(max_size=300))
def test_sentences_cover_every_word(text: str) -> None:
    """Sentences are ordered, do not overlap, are trimmed, and hold every word."""
    spans = sentences(text)
    assert all(s < e and text[s:e].strip() for s, e in spans)
    assert all(a[1] <= b[0] for a, b in pairwise(spans))
    for token in tokens(text):
        assert sum(overlap(span, (token.start, token.end)) for span in spans) == token.end - token.start


def test_sentences_of_speech() -> None:
    """Punctuation decides where there is any; a long stretch without is cut at a joint."""
    text = "Fine. Dr. Smith said no. Why?"
    assert [text[s:e] for s, e in sentences(text)] == ["Fine.", "Dr. Smith said no.", "Why?"]
    long = " ".join(["word"] * 30 + ["but"] + ["word"] * 30)
    assert [len(long[s:e].split()) for s, e in sentences(long)] == [30, 31]
    assert sentence_at(text, 8) == (6, 24)
    assert trim("  , a b. ", 0, 9) == (4, 8)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.sampled_from(["HubSpot", "hub spot", "monday", "clavio", "we", "use", "the", "🙂", "?", "."])
    )
)
def test_spans_are_verbatim_and_apart(parser: Parser, words: list[str]) -> None:
    """Whatever is said, spans lie inside, do not overlap, and begin and end at a word."""
    text = " ".join(words)
    mentions = found(extractor(parser, "HubSpot", "Monday", "Klaviyo"), text)
    for mention in mentions:
        assert text[mention.start : mention.end].strip() == text[mention.start : mention.end] != ""
    assert all(a.end <= b.start for a, b in pairwise(mentions))
