"""Names in any script: decomposed letters, marks, what has no width, no blanks between words."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import Literal

import pytest

from callmine.domain import Mention
from callmine.extractors.base import Passage
from callmine.extractors.competitors import CompetitorExtractor
from callmine.extractors.encoder import Encoder
from callmine.extractors.faults import never_heard
from callmine.extractors.parse import Parser
from callmine.extractors.scanning import WIDEST, NameScan
from callmine.extractors.sounds import forms, normal, words_of
from callmine.extractors.spans import clauses, sentences, tokens
from callmine.extractors.trackers import TrackerExtractor
from callmine.playbook import Playbook

Composed = Literal["NFC", "NFD"]


def playbook(*names: str) -> Playbook:
    """Return a playbook with these competitors."""
    rivals = [{"name": name} for name in names]
    return Playbook.model_validate({"company": {"name": "Acme"}, "competitors": rivals})


def found(text: str, *names: str) -> list[Mention]:
    """Return the mentions of competitors in a call that is not in English, so that no model is asked."""
    made = CompetitorExtractor(Parser(Path("/nowhere")), Encoder())
    made.setup(playbook(*names))
    return made.extract([Passage(text, language="cs")])[0]


def quotes(text: str, *names: str) -> list[str]:
    """Return what is quoted of a text."""
    return [text[m.start : m.end] for m in found(text, *names)]


@pytest.mark.parametrize("written", ["NFC", "NFD"])
@pytest.mark.parametrize("listed", ["NFC", "NFD"])
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Škoda", "My používáme Škoda, a ne nic jiného."),
        ("Mönchware", "Wir nehmen Mönchware seit März."),
        ("Café Zürich", "on utilise Café Zürich ici"),
        ("किताब", "हम किताब का उपयोग करते हैं"),
        ("हिन्दी सेवा", "हमने हिन्दी सेवा को देखा"),
    ],
)
def test_however_its_letters_are_composed(
    name: str, text: str, listed: Composed, written: Composed
) -> None:
    """A name is found, and quoted whole with all its marks, whoever composes letters or not."""
    said = unicodedata.normalize(written, text)
    (mention,) = found(said, unicodedata.normalize(listed, name))
    assert said[mention.start : mention.end] == unicodedata.normalize(written, name)
    assert "heard" not in mention.detail


def test_a_vowel_is_no_accent() -> None:
    """Without its marks a word of Hindi is another one; without its accents a name is still that name."""
    assert quotes("हमने कल बात की", "किला") == []
    assert quotes("wir nehmen Monchware", "Mönchware") == ["Monchware"]
    assert normal("किताब") != normal("कतब")
    assert normal("Nórthwïnd") == normal(unicodedata.normalize("NFD", "Nórthwïnd")) == "northwind"


@pytest.mark.parametrize("sign", ["\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad"])
def test_what_has_no_width_hides_no_name(sign: str) -> None:
    """Inside a word it is nothing, and beside one no part of the quote."""
    text = f"wir nehmen Rost{sign}er{sign}wick{sign} und {sign}Ozquivo{sign}, glaube ich"
    assert quotes(text, "Rosterwick", "Ozquivo") == [f"Rost{sign}er{sign}wick", "Ozquivo"]
    assert "heard" not in found(text, "Rosterwick")[0].detail
    assert quotes(f"Hub{sign} {sign}Moor", "Hub Moor") == [f"Hub{sign} {sign}Moor"]
    assert quotes("wir nehmen Rosterwick", f"Roster{sign}wick") == ["Rosterwick"]


@pytest.mark.parametrize("hyphen", ["-", "\u2010", "\u2011", "\u2013"])
def test_hyphens_join(hyphen: str) -> None:
    """Whichever hyphen stands between the words of a name."""
    assert quotes(f"wir nehmen Roster{hyphen}Wick", "Roster Wick") == [f"Roster{hyphen}Wick"]


@pytest.mark.parametrize(
    ("text", "names", "expected"),
    [
        ("我们现在用金蝶软件，很贵。", ["金蝶软件"], ["金蝶软件"]),
        ("我们用Rosterwick很久了", ["Rosterwick"], ["Rosterwick"]),
        ("今はラインワークスを使っています", ["ラインワークス"], ["ラインワークス"]),
        ("今はLineワークスを使っています", ["Lineワークス"], ["Lineワークス"]),
        ("今はOnlineワークスを使っています", ["Lineワークス"], []),
        ("เราใช้ไทยแลนด์อยู่", ["ไทยแลนด์"], ["ไทยแลนด์"]),
        ("우리는 로스터윅을 씁니다", ["로스터윅"], ["로스터윅"]),
        ("우리는 Rosterwick을 씁니다", ["Rosterwick"], ["Rosterwick"]),
        ("우리는 각시를 씁니다", ["가시"], []),
        ("我们用金。蝶很好", ["金蝶"], []),
        ("我们用金蝶云", ["金蝶", "金蝶云"], ["金蝶云"]),
        (
            "ジョンソン・エンド・ジョンソンです",
            ["ジョンソンエンドジョンソン"],
            ["ジョンソン・エンド・ジョンソン"],
        ),
    ],
)
def test_without_blanks_a_name_is_found_where_it_stands(
    text: str, names: list[str], expected: list[str]
) -> None:
    """By whole characters and not across a stop, as it is written; other letters stand apart."""
    assert quotes(text, *names) == expected


def test_long_names_are_found_and_longer_ones_are_noted() -> None:
    """A window is as wide as the widest name, up to a bound that the check tells."""
    seven = "Institut für das Rechnen mit großen Zahlen"
    most, more = " ".join(["Wort"] * WIDEST), " ".join(["Wort"] * (WIDEST + 1))
    assert quotes(f"also {seven} kennen wir", seven) == [seven]
    assert quotes(f"also {most} kennen wir", most) == [most]
    assert never_heard(playbook(seven, most, more, "R")) == {
        more: "it has more than 12 words",
        "R": "it has fewer than two letters and digits",
    }


def test_every_name_that_the_check_lets_pass_is_found() -> None:
    """Names of any script, said as they are written."""
    names = ["Škoda", "किताब", "金蝶", "ไทยแลนด์", "로스터윅", "6sense", "C++", "O'Roster", "Roster & Wick"]
    assert never_heard(playbook(*names, "株", "가", "कि")).keys() == {"株", "가", "कि"}
    for name in names:
        for text in (f"x: {name}.", unicodedata.normalize("NFD", f"x: {name}.")):
            said = "C plus plus" if name == "C++" else text
            assert [c.form.name for c in NameScan(forms(playbook(name))).scan(said, by_sound=False)] == [
                name
            ], said


def test_tokens_are_the_texts() -> None:
    """Offsets and text are those of what is written; a mark at a word's end is its, a joiner is not."""
    text = "e\u0301te\u0301\u200b x\u00ady don’t \u0301 _a_ 金a"
    assert [t.text for t in tokens(text)] == ["e\u0301te\u0301", "x\u00ady", "don’t", "a", "金", "a"]
    assert all(text[t.start : t.end] == t.text for t in tokens(text))
    assert words_of(text) == ["ete", "xy", "dont", "a", "金", "a"]


def test_trackers_words_are_found_with_decomposed_letters() -> None:
    """They share the tokens."""
    made = TrackerExtractor()
    made.setup(
        Playbook.model_validate(
            {"company": {"name": "Acme"}, "trackers": [{"name": "x", "words": ["Kündigung"]}]}
        )
    )
    text = unicodedata.normalize("NFD", "die Kündigung kam")
    ((mention,),) = made.extract([Passage(text, language="de")])
    assert text[mention.start : mention.end] == unicodedata.normalize("NFD", "Kündigung")


@pytest.mark.parametrize(
    "run", [".", "?!", "…", ".\"'", " ", "\n", " \t", "- ", "-", "a. ", "\u200b", "e\u0301"]
)
def test_a_run_of_anything_is_cut_at_once(run: str) -> None:
    """Half a million characters that lead nowhere: what reads a run again from each of them never ends."""
    text = f"Well, {run * (500_000 // len(run))}x"
    spans = sentences(text)
    assert spans[-1][1] == len(text)
    parts = clauses(text, 0, len(text))
    assert parts[-1][1] == len(text)
    assert sum(len(token.text) for token in tokens(text)) <= len(text)
