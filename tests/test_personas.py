"""Who is taken for a persona: plain words about oneself, or a title in the speaker's name."""

from __future__ import annotations

from pathlib import Path

import pytest

from callmine.operations.personas import voices_of
from callmine.operations.reporting import digest_of_week
from callmine.operations.titles import claims_title, holds_title, named
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
        "I'm Petra Voss, CFO at Halden.",
        "I'm Petra, the CFO.",
        "Hi, I'm Petra van den Berg, CFO, and I look at prices.",
        "My name is Petra Voss, CFO at Halden.",
        "My name's Petra, I'm CFO at Halden.",
        "This is Petra, CFO of Halden.",
        "Hello everybody, this is Petra Voss, CFO at Halden.",
        "I'm the new CFO.",
        "I'm the interim CFO.",
        "I'm acting CFO.",
        "I'm the group CFO.",
        "I'm also the CFO.",
        "I'm actually the CFO.",
        "I'm actually the new group CFO here.",
        "I'm the CFO and COO.",
        "I am CFO and co-founder.",
        "I'm the CEO and CFO.",
        "I'm CFO/COO at Vale.",
        "I'm the CFO in a company of forty.",
        "I'm the CFO with Vale.",
        "I'm the CFO now.",
        "I'm the CFO who signs.",
        "I'm the CFO since March.",
        "I'm CFO for Vale.",
        "As CFO, I have to look at the price.",
        "Well, as the CFO, I sign this.",
        "Speaking as CFO, I like it.",
        "My job title is CFO.",
        "I serve as CFO.",
        "They think it is dear. I'm the CFO.",
        "No, I'm the CFO.",
        "I'm the CFO. I'm not going to pay that.",
        "I'm the CFO, so what does it cost?",
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
        "They think I am the CFO.",
        "People assume I am the CFO.",
        "Everybody thinks I'm the CFO, but I'm not.",
        "I'm the CFO, but I'm not.",
        "I'm the CFO, but I am not really.",
        "I'm the CFO. Just kidding.",
        "I'm the CFO. No, I'm not.",
        "She said I'm the CFO, so she decides.",
        "She told Mr. Lee I'm the CFO.",
        "He goes, I'm the CFO, deal with it.",
        "And she was like, I'm the CFO.",
        "I'm the CFO, she says, and hangs up.",
        "She was clear: “I decide. I'm the CFO.”",
        "I used to say I'm the CFO.",
        "Pretend I'm the CFO.",
        "He acts as though I'm the CFO.",
        "Ask yourself as if i am CFO.",
        "If you think I'm the CFO, think again.",
        "Suppose that I'm the CFO.",
        "Let's say that I'm the CFO, what then?",
        "Whether I'm the CFO or not.",
        "I wish I'm CFO.",
        "It is not that I'm the CFO.",
        "Before I'm CFO, it is hers.",
        "I was the CFO.",
        "I'm the former CFO.",
        "I'm the CFO? No, I'm the buyer.",
        "I'm the CFO of Vale?",
        "I'm the CFO, right?",
        "I'm the CFO, well, her assistant.",
        "I'm the CFO - assistant, really.",
        "I’m CFO for a day.",
        "I'm the CFO in training.",
        "She decides as CFO, I just sign.",
        "As CFO, I would be angry.",
        "As CFO, I'd be angry.",
        "As the CFO, Ann signs.",
        "And this is Petra, CFO of Halden.",
        "With me on the line, this is Petra, CFO of Halden.",
        "This is CFO stuff.",
        "I'm Ann, our CFO, Petra, is ill.",
        "I'm Ann, the CFO, Petra, is ill.",
        "I'm Ann, the CFO of Vale sent me.",
        "I'm Ann, CFO Petra is ill.",
        "I'm Ann, CFO assistant.",
        "I'm late, the CFO.",
        "Maybe I'm the CFO.",
        "Apparently I'm the CFO.",
        "According to her I'm the CFO.",
        "In her eyes I'm the CFO.",
        "Let me play the buyer: I'm the CFO, and I say no.",
        "I'm the CFO for today.",
        "I'm the CFO in my dreams.",
        "I'm the CFO, imagine.",
        "I'm the CFO, not.",
        "I'm the CFO. Or rather her deputy.",
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
        ("Petra Voss, former CFO", False),
        ("Petra Voss, Deputy CFO", False),
        ("Petra Voss, CFO (retired)", False),
        ("Ann (assistant of CFO)", False),
        ("Ann, EA for the CFO", False),
        ("Ann, PA CFO", False),
        ("Ann Lee, reports to our CFO", False),
        ("Ann Lee, Assistant to the Group CFO", False),
        ("Ann Lee, Office CFO", False),
        ("Ann Lee, CFO office", False),
        ("CFO\u2011Team", False),
        ("ex\u2011CFO Ann Lee", False),
        ("Ann Lee, CFO & COO", True),
        ("Ann Lee, CFO/COO", True),
        ("Ann Lee [CFO]", True),
        ("Ann Lee, Interim CFO", True),
        ("Ann Lee, VP of Sales and CFO", True),
        ("Philadelphia PA, Ann Lee, CFO", True),
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
