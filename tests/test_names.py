"""One person is one person, however the name is written."""

from __future__ import annotations

import pytest

from callmine.domain import Facts
from callmine.names import folded
from callmine.store import Store
from callmine.voices.enrolment import EnrolledVoice, Heard, enrolled_voices, match_voices
from tests.workbench import Workbench

SPELLINGS = ["Mayá Linden", " mayá  LINDEN", "Mayá\tLinden\n", "MAYÁ\N{NO-BREAK SPACE}LINDEN"]
SPELLINGS.append("Maya\N{COMBINING ACUTE ACCENT} Linden")  # as a Mac names files


def test_small_letters_and_single_blanks() -> None:
    """No name is empty text; letters that only differ in case are one, ß and ss too."""
    assert {folded(name) for name in SPELLINGS} == {"mayá linden"}
    assert [folded(None), folded(" "), folded("Groß"), folded("GROSS")] == ["", "", "gross", "gross"]


@pytest.mark.parametrize("name", SPELLINGS)
def test_who_is_learned_under_a_name_is_forgotten_under_it(bench: Workbench, name: str) -> None:
    """Enrolment, its match and the list of those who refuse compare names in one way."""
    voice = (1.0, 0.0)
    (rep,) = enrolled_voices([Heard("a", "Mayá Linden", None, voice), Heard("b", name, None, voice)])
    known = [EnrolledVoice(rep.name, rep.email, voice)]
    assert match_voices({"voice 1": voice, "voice 2": (0.0, 1.0)}, known, Facts(rep=name))
    bench.recording("call.wav", rep="Mayá Linden")
    bench.run()
    store: Store = bench.store
    assert store.forget_voices(person=name) == 0
    assert [row["person"] for row in bench.rows("voices_refused")] == ["mayá linden"]
