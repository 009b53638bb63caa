"""What the benchmark of voices and roles counts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from benchmarks.speakers import Heard, Person, is_doubted, sides, true_roles, voices_table, written
from callmine.domain import Role, RoleSource, Segment, Speaker, Transcript, Voices, VoiceTurn, Word
from callmine.voices.cues import Cues

MAYA = "Hi, thanks for joining. Let me walk you through what we do and how our customers use it today."
PETRA = "What would that cost us? We are on a contract with our current vendor and my boss signs it."


def spoken(voice: str, start_ms: int, text: str) -> Segment:
    """Return a segment of evenly spread words, four a second."""
    words = tuple(
        Word(word, start_ms + 250 * i, start_ms + 250 * (i + 1)) for i, word in enumerate(text.split())
    )
    return Segment(start_ms, words[-1].end_ms, text, words, speaker=voice)


def heard(*, given: dict[str, Role]) -> Heard:
    """Return a call in which voice 1 is the rep's, with the roles that were given."""
    segments = tuple(
        spoken(f"voice {1 + n % 2}", n * 10_000, text) for n, text in enumerate([MAYA, PETRA] * 4)
    )
    truth = tuple(
        Person(
            f"person {1 + n % 2}",
            s.start_ms,
            s.end_ms,
            s.text,
            Role.PROSPECT if n % 2 else Role.REP,
        )
        for n, s in enumerate(segments)
    )
    speakers = tuple(Speaker(k, None, r, RoleSource.TEXT, 0.9) for k, r in given.items())
    turns = tuple(VoiceTurn(s.start_ms, s.end_ms, s.speaker or "", 1.0) for s in segments)
    transcript = Transcript(segments, "en", "test", "1", "none")
    return Heard("01-call", truth, transcript, Voices(turns), speakers, "", 50.0)


def test_sides_are_counted_where_one_person_speaks_and_words_are() -> None:
    truth = [Person("a", 0, 10_000, "", Role.REP), Person("b", 8_000, 20_000, "", Role.PROSPECT)]
    roles = {"voice 1": Role.REP, "voice 2": Role.REP}
    # 8 s of the rep by the rep, 2 s of both (not counted), 6 s of the prospect by "the rep", 4 s unknown
    found = sides(
        truth, roles, [("voice 1", 0, 10_000), ("voice 2", 10_000, 16_000), ("?", 16_000, 20_000)]
    )
    assert (found.right, found.wrong) == (pytest.approx(8 / 18), pytest.approx(6 / 18))
    assert found.unknown == pytest.approx(4 / 18)
    assert sides(truth, {}, []).right == 0


def test_true_roles_come_from_the_clock_not_from_what_was_given() -> None:
    swapped = heard(given={"voice 1": Role.PROSPECT, "voice 2": Role.REP})
    assert true_roles(swapped) == {"voice 1": Role.REP, "voice 2": Role.PROSPECT}
    given = sides(swapped.truth, {s.key: s.role for s in swapped.speakers}, written(swapped))
    assert given.wrong == pytest.approx(1)


def test_stated_roles_are_doubted_when_inverted_only() -> None:
    call = heard(given={})
    assert is_doubted(call, Cues(), RoleSource.VENDOR, inverted=True)
    assert not is_doubted(call, Cues(), RoleSource.VENDOR, inverted=False)


def test_an_inverted_call_shows_in_the_table() -> None:
    right = heard(given={"voice 1": Role.REP, "voice 2": Role.PROSPECT})
    wrong = heard(given={"voice 1": Role.PROSPECT, "voice 2": Role.REP})
    (row,) = voices_table({"mono": [right, wrong]})[2:]
    assert row == "| mono, two people | 2 | 100.0 % | 100.0 % | 50.0 % | 50.0 % | 0.0 % | 0 | 1 | 50 |"


def test_a_call_that_was_not_told_apart_counts_against_the_share() -> None:
    right = heard(given={"voice 1": Role.REP, "voice 2": Role.PROSPECT})
    whole = replace(
        right.transcript, segments=tuple(replace(s, speaker=None) for s in right.transcript.segments)
    )
    undecided = replace(right, voices=Voices(), transcript=whole, speakers=())
    (row,) = voices_table({"mono": [right, undecided]})[2:]
    assert row == "| mono, two people | 2 | 50.0 % | 0.0 % | 50.0 % | 0.0 % | 50.0 % | 1 | 0 | 50 |"
