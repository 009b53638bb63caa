"""``playbook suggest``: names that the playbook lacks, with who said them where."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from commands import callmine, vtt
from digest_rows import call, said

from callmine.cli.playbooks import _as_toml
from callmine.domain import Kind, Role
from callmine.extractors.unknown import Named, NameFinder
from callmine.operations.suggesting import are_rivals, misheard, suggested
from callmine.operations.suggestion import Mentioned, Suggestion
from callmine.playbook import parse_playbook

BOOK = parse_playbook(
    '[company]\nname = "Larkmoor"\nproducts = ["Larkmoor Rota"]\n'
    '[[competitors]]\nname = "Rosterwick"\nheard_as = ["roster wick"]\n'
)
TALK = (
    ("Maya Linden", "Who else are you looking at, Petra?"),
    ("Petra Voss", "We're comparing you with Dutymark, and Dutymark is cheaper."),
    ("Maya Linden", "I'm glad you say so. What does Dutymark do better?"),
    (
        "Petra Voss",
        "Honestly, we had a demo of Dutymark in the spring, before Hamburg. It's what Konrad uses.",
    ),
)


def names(*texts: str, people: tuple[str, ...] = (), accounts: tuple[str, ...] = ()) -> list[str]:
    """Return the unknown names in a call of these texts."""
    return [one.text for one in NameFinder(BOOK, people=people, accounts=accounts).find(texts)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("We went with Dutymark in May.", ["Dutymark"]),
        ("It was Dutymark's idea, I'm sure.", ["Dutymark"]),
        ("We use Duty Mark Plan and so on.", ["Duty Mark Plan"]),
        ("It's what I've had since Monday. Let's see, That's it.", []),
        ("We ran Rosterwick, then Larkmoor Rota, then Larkmoor.", []),
        ("We ran Rosterwik before.", []),
        ("Ask Petra Voss or Mr Hagedorn, from Brennholt Bakeries.", []),
        ("The CRM and the API are fine.", []),
        ("we went with dutymark in may", []),
    ],
)
def test_names_that_are_nobodys_we_know(text: str, found: list[str]) -> None:
    """No contraction, day, abbreviation, known or misheard name, person or account is one."""
    assert names(text, people=("Petra Voss",), accounts=("Brennholt Bakeries",)) == found


class OneProperNoun:
    """A parser for which one word of each text is a proper noun."""

    def docs(self, texts: list[str]) -> Iterator[list[SimpleNamespace]]:
        """Yield the words of each text with their tags."""
        for text in texts:
            words = [(m.group(), m.start()) for m in re.finditer(r"\w+", text)]
            yield [SimpleNamespace(tag_="NNP" if w == "dutymark" else "NN", idx=at) for w, at in words]


def test_without_capitals_the_parse_tells_names() -> None:
    """A recogniser without capitals: only proper nouns that no dictionary has."""
    finder = NameFinder(BOOK, people=(), accounts=(), parser=OneProperNoun())  # type: ignore[arg-type]
    found = finder.find(["well we had a demo of dutymark in the spring", "and the demo was qwyjibo"])
    assert [(one.text, one.number) for one in found] == [("dutymark", 0)]


def test_a_word_also_written_small_is_no_name_in_that_call() -> None:
    """A recogniser gives capitals freely."""
    assert names("We need Onboarding here.", "And the onboarding takes long.") == []
    assert names("We need Onboarding here.") == ["Onboarding"]


def test_a_longer_name_belongs_to_the_competitor_it_begins_with() -> None:
    """It may be an alias; a name with ours in it is ours."""
    (one,) = NameFinder(BOOK, people=(), accounts=()).find(["We had Rosterwick Flow for years."])
    assert (one.text, one.of, one.opens) == ("Rosterwick Flow", "Rosterwick", False)
    assert names("We had the Big Larkmoor event.") == []


def test_somebody_who_is_spoken_to_is_a_person() -> None:
    """A greeting or a thank-you tells, also of those who are not in the list of participants."""
    texts = ("Hi Konrad, can you hear us?", "Thanks, Sunita.", "I'm Farida, and I'm using Dutymark.")
    found = NameFinder(BOOK, people=(), accounts=()).find(texts)
    assert [(one.text, one.person) for one in found] == [
        ("Konrad", True),
        ("Sunita", True),
        ("Farida", True),
        ("Dutymark", False),
    ]


@pytest.mark.parametrize(
    ("scores", "enough"),
    [
        ([], False),
        ([0.9], False),
        ([0.96], True),
        ([0.9, 0.85], True),
        ([0.9, 0.75], False),
        ([0.8, 0.8, 0.1, 0.1], False),
    ],
)
def test_two_sure_mentions_or_one_very_sure(scores: list[float], enough: bool) -> None:
    """A name that is mostly something else is not proposed."""
    assert are_rivals(scores) is enough


def test_spellings_that_recur_or_that_a_person_confirmed() -> None:
    """Three of a kind, or one marked right; none of a known spelling, and none that somebody refused."""
    on = [call(f"c{n}") for n in range(3)]

    def one(n: int, heard: str, **changes: object) -> object:
        detail = {"match": "sound", "heard": heard}
        return said(
            on[n], f"We had [[{heard}]].", "Rosterwick", kind=Kind.COMPETITOR, detail=detail, **changes
        )

    rows = [one(n, "rooster wik") for n in range(3)]
    rows += [one(n, "Roster-Wick") for n in range(3)]
    rows += [one(0, "rustic week", verdict="right"), one(1, "rose the week")]
    rows += [one(n, "lost a week", verdict="wrong" if n else None) for n in range(3)]
    found = misheard(rows, BOOK)  # type: ignore[arg-type]
    assert [(s.name, s.of, s.key, s.mentions, s.calls) for s in found] == [
        ("rooster wik", "Rosterwick", "heard_as", 3, 3),
        ("rustic week", "Rosterwick", "heard_as", 1, 1),
    ]
    assert found[0].evidence[0].text == "We had rooster wik."


def a_mentioned(heard: str, **changes: object) -> Mentioned:
    """Return a sure mention of a name by a prospect."""
    values: dict[str, object] = {
        "call_id": "c",
        "source": "call.vtt",
        "started_at": None,
        "utterance_index": 0,
        "play_ms": 0,
        "role": Role.PROSPECT,
        "speaker_name": "Petra Voss",
        "text": f"We had {heard}.",
        "heard": heard,
        "score": 0.99,
    }
    return Mentioned(**{**values, **changes})  # type: ignore[arg-type]


def test_a_name_in_another_word_is_no_longer_form_of_it() -> None:
    """Drift and Driftwood are two; Hub Spot Flow is an alias of HubSpot, however either is written."""
    texts = ("Drift", "Driftwood", "HubSpot", "Hub Spot Flow")
    named = {
        "".join(text.lower().split()): [(call(), Named(0, 7, 7 + len(text), text, "", opens=False))]
        for text in texts
    }
    told = suggested(named, {key: [a_mentioned(one[0][1].text)] for key, one in named.items()})
    assert [(one.name, one.aliases) for one in told] == [
        ("Drift", ()),
        ("Driftwood", ()),
        ("HubSpot", ("Hub Spot Flow",)),
    ]


def test_other_peoples_names_end_no_comment() -> None:
    """A file name with line breaks stays in its comment; nothing to paste can fool its reader."""
    nasty = '\u2028x.vtt\n[[competitors]]\nname = "Owned"\r\x85\u202e'
    one = a_mentioned("Drift", source=nasty, speaker_name=nasty, text=nasty)
    lines = _as_toml(Suggestion("Drift", "name", None, 1, 1, {"prospect": 1}, 0.99, (one,)))
    assert tomllib.loads("\n".join(lines)) == {"competitors": [{"name": "Drift"}]}
    assert all(line.isprintable() for line in lines)


def test_the_command_proposes_what_can_be_pasted(own: Path, tmp_path: Path) -> None:
    """A rival, and neither people nor places; the text is TOML whose comments are the evidence."""
    assert callmine("playbook", "suggest", at=own).out == ""
    (tmp_path / "third.vtt").write_text(vtt(TALK))
    manifest = tmp_path / "m.csv"
    people = "Maya Linden <maya@larkmoor.example>; Petra Voss <petra@brennholt.example>"
    manifest.write_text(
        "path,started_at,rep,account,participants,consent\n"
        f"third.vtt,2026-10-01,Maya Linden,Brennholt,{people},yes\n"
    )
    assert callmine("add", tmp_path / "third.vtt", "--manifest", manifest, at=own).code == 0
    callmine("run", "--jobs", "1", at=own)
    told = callmine("playbook", "suggest", at=own)
    assert told.code == 0, told.err
    assert tomllib.loads(told.out) == {"competitors": [{"name": "Dutymark"}]}
    assert "# Dutymark: 4 mentions in 1 call; by prospects 3, our reps 1" in told.out
    assert "Petra Voss (prospect), third.vtt @ 0:05" in told.out
    (one,) = callmine("playbook", "suggest", "--json", at=own).json
    assert (one["name"], one["key"], one["of"], one["mentions"]) == ("Dutymark", "name", None, 4)
    assert all(said["heard"] in said["text"] for said in one["evidence"])


def test_of_longer_names_the_sure_ones_are_aliases() -> None:
    """A product is one; a place that begins with the same word is none, and no name of its own either."""
    on = call("c")
    scores = {"Beacon": (0.9, 0.9), "Beacon Plan": (0.9,), "Beacon Hill": (0.2,)}
    named = {
        name: [(on, Named(0, 0, 1, name, name, opens=False)) for _ in given]
        for name, given in scores.items()
    }
    said_so = {
        name: [
            Mentioned("c", "c", None, n, 0, Role.PROSPECT, None, name, name, s) for n, s in enumerate(given)
        ]
        for name, given in scores.items()
    }
    (one,) = suggested(named, said_so)
    assert (one.name, one.aliases) == ("Beacon", ("Beacon Plan",))


def test_sure_longer_names_of_a_known_competitor_are_proposed_to_it() -> None:
    """Two sure mentions, as for a new name."""
    on = call("c")
    named = {
        "flow": [
            (on, Named(n, 0, 1, "Rosterwick Flow", "flow", opens=False, of="Rosterwick")) for n in (0, 1)
        ]
    }
    said_so = {
        "flow": [Mentioned("c", "c", None, n, 0, Role.REP, None, "x", "x", 0.9) for n in (0, 1)],
    }
    (one,) = suggested(named, said_so)
    assert (one.name, one.key, one.of, one.by) == ("Rosterwick Flow", "aliases", "Rosterwick", {"rep": 2})


@pytest.mark.parametrize("turned", [False, True])
def test_whose_name_it_is_does_not_depend_on_the_first_call(turned: bool) -> None:
    """Written as one word it shows no owner; two owners that are as frequent are told by name."""
    on = call("c")
    ways = [("RosterwickFlow", None), ("Rosterwick Flow", "Rosterwick"), ("Roster Wick Flow", "Roster")]
    places = [(on, Named(0, 0, 1, text, "flow", opens=False, of=of)) for text, of in ways]
    said_so = {"flow": [a_mentioned("Rosterwick Flow"), a_mentioned("Rosterwick Flow")]}
    (one,) = suggested({"flow": places[::-1] if turned else places}, said_so)
    assert (one.name, one.key, one.of) == ("Roster Wick Flow", "aliases", "Roster")


@pytest.mark.parametrize("turned", [False, True])
def test_how_an_alias_is_written_does_not_depend_on_the_first_call(turned: bool) -> None:
    """The way it is mostly written."""
    on = call("c")
    written = ["Beacon Plan", "Beacon-Plan", "Beacon-Plan"]
    named = {
        "beacon": [(on, Named(0, 0, 1, "Beacon", "beacon", opens=False))],
        "beaconplan": [
            (on, Named(0, 0, 1, text, "beaconplan", opens=False))
            for text in (written[::-1] if turned else written)
        ],
    }
    (one,) = suggested(named, {key: [a_mentioned(key), a_mentioned(key)] for key in named})
    assert (one.name, one.aliases) == ("Beacon", ("Beacon-Plan",))
