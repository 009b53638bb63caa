"""Trackers: words with any ending, by whom, where and in what form they are said, in which stage."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, get_args

import numpy as np
import pytest
from commands import callmine

from callmine.domain import Kind, Role
from callmine.extractors.base import Passage, Third
from callmine.extractors.contrast import Contrast
from callmine.extractors.encoder import Encoder
from callmine.extractors.examples import ExampleExtractor
from callmine.extractors.faults import not_compared
from callmine.extractors.heads import FEATURES, MEANING, TOKEN_LABELS
from callmine.extractors.readings import Reading
from callmine.extractors.trackers import TrackerExtractor, stem
from callmine.playbook import Playbook
from callmine.reports.trackers import heard_in_stage
from tests.builders import a_deal
from tests.digest_rows import call, said
from tests.workbench import Workbench


def book(**tracker: Any) -> Playbook:
    """A playbook with one tracker, called t."""
    return Playbook.model_validate({"company": {"name": "Acme"}, "trackers": [{"name": "t", **tracker}]})


def heard(text: str, said_by: Role = Role.UNKNOWN, **tracker: Any) -> list[str]:
    """Return the words that one tracker finds in a text."""
    made = TrackerExtractor()
    made.setup(book(**tracker))
    (mentions,) = made.extract([Passage(text, said_by)])
    return [text[m.start : m.end] for m in mentions]


@pytest.mark.parametrize(
    ("word", "text", "expected"),
    [
        ("outage", "The outage, two Outages and an outage's end.", ["outage", "Outages", "outage's"]),
        ("downtime", "no down time", []),
        ("rate", "we are accurate, the separate one", []),
        ("renew", "renewing, renewed, renews, renewal", ["renewing", "renewed", "renews"]),
        ("data room", "Is it in the data rooms?", ["data rooms"]),
        ("café", "two cafes", ["cafes"]),
    ],
)
def test_words(word: str, text: str, expected: list[str]) -> None:
    """Whole words match whatever their ending; parts of words do not."""
    assert heard(text, words=[word]) == expected


def test_longest_phrase_wins() -> None:
    """Two words of one tracker never report the same place twice."""
    assert heard("the service outage", words=["outage", "service outage"]) == ["service outage"]


def test_role() -> None:
    """A tracker for one side is silent for the other, and hears who is unknown."""
    said = {role: heard("an outage", role, words=["outage"], role="prospect") for role in Role}
    assert said == {Role.REP: [], Role.PROSPECT: ["outage"], Role.UNKNOWN: ["outage"]}


@pytest.mark.parametrize(("form", "expected"), [("any", 3), ("question", 2), ("statement", 1)])
def test_form(form: str, expected: int) -> None:
    """Questions are told by their mark, or by their first word where nothing is marked."""
    texts = ["You had an outage.", "An outage?", "so did you have an outage"]
    assert sum(len(heard(t, words=["outage"], form=form)) for t in texts) == expected


@pytest.mark.parametrize("position", ["any", *get_args(Third)])
def test_position(position: str) -> None:
    """A tracker for one third is silent in the others; where the place is not known it listens."""
    made = TrackerExtractor()
    made.setup(book(words=["outage"], position=position))
    places = [None, *get_args(Third)]
    found = made.extract([Passage("an outage", position=place) for place in places])
    heard_at = {place for place, mentions in zip(places, found, strict=True) if mentions}
    assert heard_at == set(places if position == "any" else [None, position])


class Alike(Encoder):
    """Takes all sentences for the same."""

    contrast = Contrast.none()

    def load(self) -> None:
        pass

    def read(self, passages: Sequence[Passage]) -> list[Reading]:
        one = np.eye(1, MEANING, dtype=np.float32)
        none = np.zeros((0, len(TOKEN_LABELS)), dtype=np.float32)
        features = np.zeros(FEATURES, dtype=np.float32)
        return [Reading(features, none, (), ((0, len(p.text)),), one) for p in passages]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({}, "abcd"),
        ({"role": "prospect"}, "abc"),
        ({"position": "middle"}, "bc"),
        ({"form": "question"}, "c"),
        ({"form": "statement", "position": "last_third"}, "d"),
    ],
)
def test_examples_are_asked_for_like_words(wanted: dict[str, str], expected: str) -> None:
    """Role, position and form hold for what is found by examples, too."""
    made = ExampleExtractor(Alike())
    made.setup(book(examples=["when you went down in March"], **wanted))
    passages = [
        Passage("You went down in March.", Role.PROSPECT, position="first_third"),
        Passage("You went down in March.", Role.UNKNOWN, position="middle"),
        Passage("Did you go down in March?", Role.PROSPECT, position="middle"),
        Passage("We went down in March.", Role.REP, position="last_third"),
    ]
    found = made.extract(passages)
    assert "".join(name for name, mentions in zip("abcd", found, strict=True) if mentions) == expected


@pytest.mark.parametrize(
    "short", ["?", "no", "\u200b", "\u200b \u200b \u200b", "- - -", "? ? ?", "not now"]
)
def test_short_examples_are_not_compared(short: str) -> None:
    """Less than three words mean too little: everything would be like them; the check names them."""
    for examples in ([short], [short, "when you went down"]):
        made = ExampleExtractor(Alike())
        made.setup(book(examples=examples))
        (mentions,) = made.extract([Passage("You went down in March.")])
        assert len(mentions) == len(examples) - 1
    alone, beside = book(examples=[short]), book(examples=[short, "when you went down"], words=["outage"])
    (told,), (less,) = not_compared(alone), not_compared(beside)
    assert repr(short) in told
    assert "nothing is found" in told
    assert "nothing is found" not in less
    assert not_compared(book(examples=["when you went down"])) == []


def test_an_own_objection_is_not_looked_for_in_a_reps_words() -> None:
    """Examples of objections are what buyers say."""
    made = ExampleExtractor(Alike())
    made.setup(
        Playbook.model_validate(
            {"company": {"name": "Acme"}, "objections": [{"label": "outage", "examples": ["it was down"]}]}
        )
    )
    found = made.extract([Passage("You went down in March.", role) for role in Role])
    assert [len(mentions) for mentions in found] == [int(role is not Role.REP) for role in Role]


def test_stage_counts_where_the_deal_was_in_it() -> None:
    """Capitals do not matter; no deal and no known stage are no stage; other kinds are left alone."""
    stages = ["Discovery", "NEGOTIATION ", "Closed Won", None]
    rows = [said(call(), kind=Kind.TRACKER, label="t", deal_stage=stage) for stage in stages]
    rows.append(said(call(), kind=Kind.TRACKER, label="other", deal_stage=None))
    rows.append(said(call(), label="t", deal_stage=None))
    heard = heard_in_stage(rows, book(words=["x"], stage=["discovery", "Negotiation"]))
    assert heard == [rows[0], rows[1], rows[4], rows[5]]
    assert heard_in_stage(rows, book(words=["x"])) == rows


@pytest.fixture
def staged(bench: Workbench) -> Workbench:
    """A call on September 29th whose deal went from Demo to Negotiation the day before, and was won."""
    bench.extractors = [TrackerExtractor()]
    bench.playbook = book(words=["price"])
    for day, stage in (("01", "Demo"), ("28", "Negotiation"), ("30", "Closed Won")):
        bench.import_deals(a_deal(stage=stage))
        with bench.store._writing():
            when = f"2026-09-{day}T07:00:00Z"
            bench.store._db.execute("UPDATE deal_history SET since = ? WHERE stage = ?", [when, stage])
    bench.recording(rep_channel="left", deal_id="D-1", started_at="2026-09-29T08:00:00Z")
    bench.run()
    (bench.folder / "callmine.toml").write_text("")
    return bench


def playbook_of(bench: Workbench, stage: str) -> None:
    """Write the playbook with the stage to listen in."""
    text = f'[company]\nname = "Acme"\n[[trackers]]\nname = "t"\nwords = ["price"]\nstage = [{stage}]\n'
    (bench.folder / "playbook.toml").write_text(text)


def test_stage_is_the_one_at_the_call(staged: Workbench) -> None:
    """Not today's; what is left out is said, and an export has the same findings as the list."""
    for stage, count in (("", 2), ('"negotiation"', 2), ('"Closed Won"', 0), ('"Demo"', 0)):
        playbook_of(staged, stage)
        told = callmine("findings", "--kind", "tracker", "--json", at=staged.folder)
        assert len(told.json) == count
        assert {row["deal_stage"] for row in told.json} <= {"Negotiation"}
        assert ("2 tracker findings left out" in told.err) == (count == 0)
        assert callmine("export", "out", "--format", "jsonl", at=staged.folder).code == 0
        assert len((staged.folder / "out" / "findings.jsonl").read_text().splitlines()) == count


def test_stage_follows_the_link(staged: Workbench) -> None:
    """A call that is tied to another deal, or to none, counts as that one's; nothing is read again."""
    playbook_of(staged, '"Negotiation"')
    staged.store.fix_link(staged.only("calls")["call_id"], None)
    assert callmine("findings", "--kind", "tracker", "--json", at=staged.folder).json == []
    staged.store.fix_link(staged.only("calls")["call_id"], "D-1")
    assert len(callmine("findings", "--kind", "tracker", "--json", at=staged.folder).json) == 2


def test_findings_are_listed_without_a_valid_playbook(staged: Workbench) -> None:
    """What was found is still there to look at."""
    (staged.folder / "playbook.toml").write_text("[")
    assert len(callmine("findings", "--kind", "tracker", "--json", at=staged.folder).json) == 2


def test_examples_are_left_to_the_example_extractor() -> None:
    """A tracker with examples only is not for this extractor."""
    assert heard("when you went down in March", examples=["when you went down in March"]) == []


@pytest.mark.parametrize(
    ("one", "other"), [("outage", "outages"), ("stop", "stopped"), ("price", "pricing"), ("need", "needs")]
)
def test_stem_joins_inflections(one: str, other: str) -> None:
    """Inflections share a stem."""
    assert stem(one) == stem(other)
