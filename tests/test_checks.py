"""What Whisper invents is taken out with a note, and what was said stays."""

from __future__ import annotations

from dataclasses import replace

import pytest

from callmine.domain import Segment
from callmine.engines import checks
from tests.hearing import SPEECH, said, spelt


@pytest.mark.parametrize(
    ("segment", "why"),
    [
        (said("Thanks for watching!", no_speech_prob=0.9, avg_logprob=-1.4), "heard no speech"),
        (said("Thank you.", no_speech_prob=0.8, p=0.3), "often invented"),
        (said("we could do that", each_ms=10), "take no time"),
        (said("maybe then", start_ms=50_000, p=0.2), "outside the speech"),
        (said("..."), "no words"),
    ],
)
def test_invented_text_is_suppressed_with_a_note(segment: Segment, why: str) -> None:
    """Each rule takes its case out and says what, where and why."""
    kept, notes = checks.suppress([segment], SPEECH)
    assert kept == []
    assert why in notes[0]
    assert f"suppressed “{segment.text}” at 0:" in notes[0]


@pytest.mark.parametrize(
    "segment",
    [
        said("Thank you."),
        said("Thank you.", no_speech_prob=0.9),  # heard clearly, whatever the silence score says
        said("Thank you.", avg_logprob=-1.2, p=0.8),
        said("Bye.", start_ms=50_000),
        said("No no no no, that is too much."),
        said("uh", each_ms=0),
        said("It is rather dear.", avg_logprob=-1.5),
    ],
)
def test_real_speech_stays(segment: Segment) -> None:
    """One doubt alone takes nothing out."""
    assert checks.suppress([segment], SPEECH) == ([segment], [])


def test_a_loop_is_cut_to_one() -> None:
    """Four and more repeats become one; the text before and after stays."""
    looping = said("well " + "I see that " * 6 + "anyway", compression_ratio=3.1)
    (kept,), notes = checks.suppress([looping], SPEECH)
    assert kept.text == "well I see that anyway"
    assert [w.text for w in kept.words] == kept.text.split()
    assert len(notes) == 1
    assert "over and over" in notes[0]


def test_what_is_left_of_a_loop_is_written_as_the_text_was() -> None:
    """A number that the engine gave in two words stays one."""
    heard = said("for 30 ,000 " + "no " * 6 + "sorry", compression_ratio=3.1)
    (kept,), _ = checks.suppress([replace(heard, text=heard.text.replace(" ,", ","))], SPEECH)
    assert kept.text == "for 30,000 no sorry"


def test_a_loop_in_a_language_without_blanks_is_cut_without_adding_any() -> None:
    """Its words are characters: a sentence is many of them."""
    looping = spelt("えっと" + "ご視聴ありがとうございました" * 5 + "はい", compression_ratio=4.0)
    (kept,), (told,) = checks.suppress([looping], SPEECH)
    assert kept.text == "".join(w.text for w in kept.words) == "えっとご視聴ありがとうございましたはい"
    assert told.startswith("suppressed “" + "ご視聴ありがとうございました" * 4 + "” at 0:13: ")


def test_looping_segments_are_dropped_after_the_second() -> None:
    """The same sentence again and again keeps its first two."""
    loop = [
        said("I'm sorry about that.", start_ms=12_000 + i * 2000, compression_ratio=5.0) for i in range(5)
    ]
    kept, notes = checks.suppress(loop, SPEECH)
    assert kept == loop[:2]
    assert len(notes) == 3
