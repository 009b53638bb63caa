"""Calls in another language: transcribed, marked, and never counted as calls without objections."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from commands import callmine, vtt
from digest_rows import call, digest, said

from callmine import registry
from callmine.domain import Kind, Mention, Role
from callmine.extractors.base import ENGLISH, Passage, knows
from callmine.extractors.competitors import CompetitorExtractor
from callmine.extractors.encoder import Encoder
from callmine.extractors.parse import Parser
from callmine.payloads import ToExtract
from callmine.playbook import Playbook
from callmine.reports.render.html import render_html
from callmine.reports.render.json import JSON
from callmine.reports.render.markdown import render_markdown
from callmine.reports.render.notes import other_languages, unplaced
from callmine.stages.extract import ExtractStage
from callmine.workspace import find_workspace
from tests.builders import a_job, a_playbook, an_utterance
from tests.fakes import Rules
from tests.workbench import Workbench

GERMAN = Path(__file__).parent / "audio" / "german.ogg"

TURNS = (
    ("Maya Linden", "Haben Sie unser Angebot schon gelesen?"),
    ("Petra Voss", "Ja, aber der Preis ist zu hoch. Wir bezahlen bei Lantern nur die Hälfte."),
)


class AnyTongue(Rules):
    """Finds its words in any language, and keeps in which it was asked."""

    name = "any"
    languages: frozenset[str] = frozenset()

    def __init__(self) -> None:
        super().__init__({"preis": "price"})
        self.asked: set[str] = set()

    def extract(self, passages: Any) -> list[list[Mention]]:
        self.asked |= {p.language for p in passages}
        return super().extract(passages)


@pytest.mark.parametrize(
    ("name", "english"),
    [
        ("objections", True),
        ("positioning", True),
        ("examples", True),
        ("competitors", False),
        ("trackers", False),
    ],
)
def test_each_extractor_says_which_languages_it_knows(name: str, english: bool) -> None:
    """What was trained on English knows English; names and words are in any language."""
    made = registry.load("extractors", name)
    assert made.languages == (ENGLISH if english else frozenset())
    assert knows(made, "en")
    assert knows(made, "de") is not english


def test_an_extractor_is_not_asked_about_a_language_it_does_not_know() -> None:
    """The others are, and are told the language; a note names who was not asked."""
    anyone = AnyTongue()
    stage = ExtractStage([Rules({"preis": "price"}), anyone], a_playbook())
    said_ = (an_utterance("Der Preis ist zu hoch.", role=Role.PROSPECT),)
    german = stage.process(a_job(ToExtract(said_, "de")))
    assert {f.extractor for f in german.output.findings} == {"any/1"}
    assert german.notes == ("rules: not looked for, the call is in another language (de)",)
    assert anyone.asked == {"de"}
    english = stage.process(a_job(ToExtract(said_)))
    assert {f.extractor for f in english.output.findings} == {"rules/1"}
    assert english.notes == ()


def test_a_corrected_language_reads_the_call_again(bench: Workbench) -> None:
    """It is part of the fingerprint, and a manifest knows better than a format without a language."""
    path = bench.transcript("call.vtt", language="de")
    bench.run()
    assert bench.only("transcripts")["language"] == "de"
    assert bench.rows("findings") == []
    (notes,) = bench.sql("SELECT notes FROM stage_runs WHERE stage = 'extract'")
    assert json.loads(notes["notes"]) == ["rules: not looked for, the call is in another language (de)"]
    assert bench.did() == {}
    bench.add(path, language="en")
    assert bench.did()["extract"] == 1
    assert [f["label"] for f in bench.rows("findings")] == ["price"]


def test_a_format_without_a_language_is_english(bench: Workbench) -> None:
    """As before: nothing is lost because a vendor does not say the language."""
    bench.transcript("call.vtt")
    bench.run()
    assert bench.only("transcripts")["language"] == "en"
    assert [f["label"] for f in bench.rows("findings")] == ["price"]


@pytest.fixture
def lantern(tmp_path: Path) -> CompetitorExtractor:
    """Competitors, with a parser that is not there: nothing but English may be parsed."""
    made = CompetitorExtractor(Parser(tmp_path / "no model"), Encoder(tmp_path / "none"))
    rivals = [{"name": "Lantern", "aliases": ["Lantern Shift"]}, {"name": "Tipalti"}]
    made.setup(Playbook.model_validate({"company": {"name": "Acme"}, "competitors": rivals}))
    return made


def test_a_competitor_is_found_by_name_in_any_language(lantern: CompetitorExtractor) -> None:
    """As it is written; whether they use it or like it is not read from words we do not know."""
    text = "Wir benutzen Lantern Shift und bezahlen bei Tipalti nur die Hälfte."
    (found,) = lantern.extract([Passage(text, Role.PROSPECT, language="de")])
    assert [(m.label, text[m.start : m.end]) for m in found] == [
        ("Lantern", "Lantern Shift"),
        ("Tipalti", "Tipalti"),
    ]
    assert {(m.detail["relation"], m.detail["stance"]) for m in found} == {("mentioned", "neutral")}


def test_sounds_are_english(lantern: CompetitorExtractor) -> None:
    """What an English ear takes for a name is none in another language."""
    text = "Wir haben tipaldy gesehen."
    assert lantern.names.scan(text)
    assert lantern.extract([Passage(text, language="de")]) == [[]]


def test_calls_in_another_language_are_in_no_share() -> None:
    """A German call with no objection found does not make objections rarer; it is told."""
    calls = [call(f"c{n}", deal_id=f"D-{n}") for n in range(2)]
    others = [
        call("german", deal_id="D-7", language="de"),
        call("german2", deal_id="D-8", language="de"),
        call("french", deal_id=None, outcome=None, language="fr", words_by_role={"unknown": 90}),
    ]
    made = digest([*calls, *others], [said(calls[0])])
    assert made.top_line[0] == "Price came up in 1 of 2 deals."
    assert (made.calls, made.heard_from, made.coverage.read, made.coverage.linked) == (2, 2, 5, 2)
    assert made.objections[0].weekly[-1].out_of == 2
    line = "3 calls in other languages (de 2, fr 1): objections were not looked for; they are not counted."
    assert other_languages(made.coverage) == line
    assert unplaced(made) == ""
    assert line in render_markdown(made)
    assert line in " ".join(render_html(made).split())
    assert JSON.value(made)["coverage"]["other_languages"] == [
        {"language": "de", "calls": 2},
        {"language": "fr", "calls": 1},
    ]


def test_earlier_weeks_leave_them_out_as_well() -> None:
    """A comparison with weeks of German calls would call every English objection new."""
    then = [
        call(f"t{n}", started_at="2026-09-23T09:00:00Z", deal_id=f"T-{n}", language="de") for n in range(9)
    ]
    made = digest([*then, call()], [said(call())])
    assert made.compared_with == ()
    assert made.objections[0].trend.word == "no comparison"


def test_an_objection_that_a_person_added_in_german_is_in_no_share() -> None:
    """It stays evidence; counted, it would be one of none."""
    german = call("german", deal_id="D-7", language="de")
    made = digest([call(), german], [said(german, verdict="right"), said(call())])
    assert (made.objections[0].heard, made.heard_from) == (1, 1)


def test_a_competitor_named_in_german_is_still_named() -> None:
    """Names are looked for in every language."""
    german = call("german", deal_id="D-7", language="de")
    row = said(german, "Wir nutzen [[Lantern]].", "Lantern", kind=Kind.COMPETITOR, detail={})
    made = digest([call(), german], [row])
    assert [(c.name, c.calls) for c in made.competitors] == [("Lantern", 1)]


def test_a_week_in_another_language_says_so() -> None:
    """Not that nobody objected."""
    made = digest([call(language="de")], [])
    assert made.top_line == ("No sales call of this week could be counted: 1 call in another language.",)


def test_an_unknown_language_counts_as_english() -> None:
    """Transcripts of old releases and of some vendors do not say it."""
    made = digest([call(language=None), call("two", language="", deal_id="D-2")], [])
    assert (made.calls, made.coverage.other_languages) == (2, ())


def test_commands_show_the_language(own: Path) -> None:
    """Text where it is not English, JSON always, status how many."""
    assert "language" not in callmine("calls", at=own).out.splitlines()[0]
    assert callmine("status", at=own).out.count("another language") == 0
    (own / "inbox" / "deutsch.vtt").write_text(vtt(TURNS))
    (own / "inbox" / "manifest.csv").write_text("path,language\ndeutsch.vtt,de\n")
    assert callmine("run", "-q", "--jobs", "1", at=own).code == 0
    head, *lines = callmine("calls", at=own).out.splitlines()
    assert "language" in head
    (german,) = [line for line in lines if "deutsch.vtt" in line]
    assert " de " in german
    assert not any(" en " in line for line in lines)
    shown = {c["source"]: c["language"] for c in callmine("calls", "--json", at=own).json}
    assert (shown["deutsch.vtt"], shown["first.vtt"]) == ("de", "en")
    told = callmine("status", at=own).out
    assert "calls in another language: de 1; objections are not looked for in them" in told
    assert callmine("status", "--json", at=own).json["languages"] == {"de": 1}
    found = callmine("findings", "--call", "deutsch.vtt", "--json", at=own).json
    assert [(f["kind"], f["label"]) for f in found] == [("competitor", "Lantern")]


@pytest.mark.audio
def test_a_german_recording_is_transcribed_and_marked(tmp_path: Path, model_folder: Path) -> None:
    """Real speech through the real multilingual model: language, words, marks, coverage."""
    root = tmp_path / "workspace"
    assert callmine("init", root).code == 0
    shutil.copy(GERMAN, root / "inbox")
    (root / "inbox" / "manifest.csv").write_text(
        "path,started_at,rep_channel,participants,consent\n"
        "german.ogg,2026-09-29T10:00:00Z,left,Petra Berger <petra@berger.example>,yes\n"
    )
    assert find_workspace(root).settings.transcribe.model == "base"
    ran = callmine("run", "-q", "--jobs", "1", at=root)
    assert ran.code == 0, ran.err
    shown = callmine("transcript", "german.ogg", "--json", at=root).json
    assert shown["language"] == "de"
    text = " ".join(u["text"] for u in shown["utterances"])
    for words in ("Guten Tag", "kein Geld mehr", "Vielen Dank"):
        assert words in text, text
    head, line = callmine("calls", at=root).out.splitlines()[:2]
    assert "language" in head
    assert " de " in line
    assert callmine("findings", "--kind", "objection", "--json", at=root).json == []
    page = callmine("digest", "--week", "2026-W40", "--format", "md", "-o", "-", at=root).out
    assert "1 call in another language (de): objections were not looked for; it is not counted." in page
