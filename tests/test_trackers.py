"""Trackers: words with any ending, by whom and in what form they are said."""

from __future__ import annotations

from typing import Any

import pytest

from callmine.domain import Role
from callmine.extractors.base import Passage
from callmine.extractors.trackers import TrackerExtractor, stem
from callmine.playbook import Playbook


def heard(text: str, said_by: Role = Role.UNKNOWN, **tracker: Any) -> list[str]:
    """Return the words that one tracker finds in a text."""
    made = TrackerExtractor()
    made.setup(
        Playbook.model_validate({"company": {"name": "Acme"}, "trackers": [{"name": "t", **tracker}]})
    )
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


def test_examples_are_left_to_the_example_extractor() -> None:
    """A tracker with examples only is not for this extractor."""
    assert heard("when you went down in March", examples=["when you went down in March"]) == []


@pytest.mark.parametrize(
    ("one", "other"), [("outage", "outages"), ("stop", "stopped"), ("price", "pricing"), ("need", "needs")]
)
def test_stem_joins_inflections(one: str, other: str) -> None:
    """Inflections share a stem."""
    assert stem(one) == stem(other)
