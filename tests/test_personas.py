"""Who is taken for a persona: plain words about oneself, or a title in the speaker's name."""

from __future__ import annotations

from pathlib import Path

import pytest

from callmine.operations.personas import claims_title, holds_title, named, voices_of
from callmine.operations.reporting import digest_of_week
from callmine.playbook import Persona
from callmine.reports.limits import Limits
from callmine.store import Store
from callmine.workspace import Workspace
from tests.closed_store import PLAYBOOK, buyer, make_workspace, put_call

PERSONA = '\n[[personas]]\nname = "finance"\ntitles = ["CFO", "Finance Director"]\n'
PRICE = "And [[the price is too high]] for us."


@pytest.mark.parametrize(
    "text",
    [
        "I'm the CFO.",
        "Well, I’m the CFO here, and we pay half of that.",
        "I am CFO",
        "I am the cfo of Larkmoor Foods",
        "I'm your CFO at Vale, after all.",
        "My role is CFO, and has been for years.",
        "I work as a CFO for two companies.",
        "I'm the CFO - we pay half of that.",
        "I'm the CFO and I sign what is bought.",
        "Hello, I'm the CFO so I look at the price.",
        "I'm  the\nCFO!",
    ],
)
def test_what_people_say_of_themselves(text: str) -> None:
    """A plain clause in the first person that ends after the title or goes on with where."""
    assert claims_title("CFO")(text)


@pytest.mark.parametrize(
    "text",
    [
        "As the CFO said last week, it is too dear.",
        "That is as your CFO would expect.",
        "As CFO-level people we know that.",
        "I'm the CFO's assistant.",
        "I’m the CFO’s deputy.",
        "I am the CFO's.",
        "I'm CFO-adjacent.",
        "I'm the CFO assistant here.",
        "I am the deputy CFO.",
        "I'm not the CFO.",
        "I'm the CFOs' man.",
        "Am I the CFO?",
        "Do you think I'm the CFO?",
        "If I'm the CFO, I want a discount.",
        "When I'm CFO, we'll buy it.",
        "She said “I’m the CFO, so I decide”.",
        "The wizard I am CFO-wise is small.",
        "Hiram the CFO left.",
        "I'm with the CFO.",
        "I'm the CFO and procurement's contact.",
        "I'm at CFO of the year.",
    ],
)
def test_what_is_said_of_others_is_not_of_oneself(text: str) -> None:
    """Another's title, a part of a word, a question, a supposition or somebody else's words."""
    assert not claims_title("CFO")(text)


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("Petra Voss, CFO", True),
        ("CFO Petra Voss", True),
        ("Petra Voss (cfo)", True),
        ("Petra Voss - CFO", True),
        ("Petra Voss-CFO", True),
        ("Petra Voss | CFO | Vale", True),
        ("Ann Lee, CFO's assistant", False),
        ("Ann Lee, CFO’s office", False),
        ("Ann Lee, assistant to the CFO", False),
        ("Ann Lee, Assistant to CFO", False),
        ("Ann Lee, office of the CFO", False),
        ("Ann Lee, CFO-Team", False),
        ("Ann Lee, ex-CFO", False),
        ("Cfoster", False),
    ],
)
def test_titles_in_names(name: str, is_one: bool) -> None:
    """Whoever works for a CFO is none."""
    assert holds_title("CFO")(name) is is_one


def test_titles_are_taken_literally() -> None:
    """Signs of patterns mean themselves, and blanks may be any."""
    assert claims_title("VP (Ops)")("I'm the VP  (Ops), hello.")
    assert not claims_title("C.O")("I'm the CFO.")
    assert named("C++ Suite")("about c++  suite's price")


@pytest.fixture
def place(tmp_path: Path) -> Workspace:
    """A workspace without a call, whose playbook has a persona."""
    return make_workspace(tmp_path / "workspace", PLAYBOOK + PERSONA)


@pytest.mark.parametrize(
    ("words", "calls"),
    [
        ("As the CFO said last week, it is a lot.", 0),
        ("Hello, I'm the CFO's assistant.", 0),
        ("It costs more than your CFO would expect, as CFO-level people say.", 0),
        ("Hello, I'm the CFO of Vale.", 2),
    ],
)
def test_one_sentence_does_not_make_a_persona_of_a_voice(place: Workspace, words: str, calls: int) -> None:
    """What is taken for an introduction counts in all calls of the account, so it has to be one."""
    with Store(place.database) as store:
        put_call(store, "one.vtt", buyer(words), buyer(PRICE, "price"), deal=None, account="Vale")
        put_call(store, "two.vtt", buyer(PRICE, "price"), deal=None, account="Vale")
        voices = voices_of(Persona(name="finance", titles=("CFO",)), store)
    assert len(voices) == calls
    digest = digest_of_week(place, week="2026-W40", limits=Limits(persona="finance"))
    assert digest.calls == calls
    assert sum(one.heard for one in digest.objections) == calls
