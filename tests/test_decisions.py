"""A person's word on the roles follows the people, however their voices are numbered."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callmine.decisions import NOBODY, OTHER, Stretch, decide, is_lost, roles_now, stretches
from callmine.domain import ANCHORS, Role, Segment, Word
from tests.builders import a_segment, an_utterance

REP, PROSPECT, UNKNOWN = Role.REP, Role.PROSPECT, Role.UNKNOWN
PEOPLE = "abc"

TALK = st.lists(
    st.tuples(st.sampled_from([*PEOPLE, None]), st.integers(0, 3000), st.integers(1, 900)),
    min_size=1,
    max_size=25,
)
"""Words one after the other: who says it, after how long a silence, how long."""

NUMBERS = st.permutations(["voice 1", "voice 2", "voice 3"]).map(
    lambda n: dict(zip(PEOPLE, n, strict=True))
)
ROLES = st.fixed_dictionaries({person: st.sampled_from(Role) for person in PEOPLE})
RUNS = st.lists(st.tuples(NUMBERS, ROLES, st.booleans()), min_size=2, max_size=4)
"""How a run numbers the voices and what it computes; and whether a person then swaps or confirms."""


def said(
    talk: Sequence[tuple[str | None, int, int]], number: Mapping[str, str], *, timed: bool
) -> tuple[Stretch, ...]:
    """Who speaks when, as a transcript has it: with the times of words, or of turns only."""
    turns: list[tuple[str, Segment]] = []
    now = 0
    for person, silence, length in talk:
        word = Word("so", now + silence, now + silence + length)
        now = word.end_ms
        voice = NOBODY if person is None else number[person]
        if turns and turns[-1][0] == voice:
            last = turns.pop()[1]
            turns.append((voice, replace(last, end_ms=now, words=(*last.words, word))))
        else:
            turns.append((voice, Segment(word.start_ms, now, "so", (word,))))
    return stretches((voice, turn if timed else replace(turn, words=())) for voice, turn in turns)


@given(TALK, RUNS, st.booleans())
def test_the_same_people_keep_the_same_roles(talk, runs, timed) -> None:  # type: ignore[no-untyped-def]
    """Decided, numbered anew, confirmed or swapped, numbered anew: whatever is computed meanwhile."""
    speaking = {person for person, _, _ in talk if person}
    decision, truth = "", dict[str, Role]()
    for number, computed, swap in runs:
        spoken = said(talk, number, timed=timed)
        now = roles_now(decision, spoken)
        shown = {number[p]: now.get(number[p], computed[p]) for p in speaking} | {NOBODY: UNKNOWN}
        assert {p: shown[number[p]] for p in truth} == truth

        decision = decide(shown, decision, spoken, swap=swap)
        assert decide(shown, decision, spoken, swap=False) == decision, "told, and confirmed before a run"
        other_way = decide(shown, decision, spoken, swap=True)
        assert decide(shown, other_way, spoken, swap=True) == decision, "swapped, and swapped back"
        known = {p: shown[number[p]] for p in speaking if shown[number[p]] is not UNKNOWN}
        truth = {p: OTHER[role] if swap else role for p, role in known.items()}


def test_a_turn_around_anothers_does_not_hide_it() -> None:
    """Words tell who speaks when; the middle of the longer turn is somebody else's."""
    around = replace(
        a_segment("So we take the forecast", 0),
        end_ms=4000,
        words=(Word("So", 0, 1900), Word("forecast", 2700, 4000)),
    )
    spoken = stretches([("voice 1", around), ("voice 2", a_segment("Mm-hm, right.", 2000))])
    assert spoken == (
        Stretch("voice 1", 0, 1900),
        Stretch("voice 2", 2000, 2500),
        Stretch("voice 1", 2700, 4000),
    )
    decision = json.loads(decide({"voice 1": REP, "voice 2": PROSPECT}, "", spoken, swap=False))
    assert decision[ANCHORS] == {"voice 1": 950, "voice 2": 2250}


def test_a_long_silence_is_nobodys() -> None:
    """Nothing is asked of the middle of it; utterances say the same as segments."""
    turn = replace(a_segment("Yes. No.", 0), words=(Word("Yes.", 0, 200), Word("No.", 60_000, 60_300)))
    spoken = stretches([("voice 1", turn)])
    assert spoken == (Stretch("voice 1", 0, 200), Stretch("voice 1", 60_000, 60_300))
    assert (
        decide({"voice 1": REP}, "", spoken, swap=False) == '{" @": {"voice 1": 60150}, "voice 1": "rep"}'
    )
    words = an_utterance("Yes. No.").words
    assert stretches([("v", an_utterance("Yes. No."))]) == (Stretch("v", 0, words[-1].end_ms),)


DECIDED = '{" @": {"voice 1": 500, "voice 2": 5000}, "voice 1": "rep", "voice 2": "prospect"}'


@pytest.mark.parametrize(
    ("spoken", "now"),
    [
        ([("voice 2", 0, 900), ("voice 1", 4000, 6000)], {"voice 2": REP, "voice 1": PROSPECT}),
        ([("channel 1", 0, 900), ("channel 2", 4000, 6000)], {"channel 1": REP, "channel 2": PROSPECT}),
        ([("voice 1", 0, 900), ("voice 1", 4000, 6000)], {}),  # one voice where there were two
        ([("voice 1", 0, 900), (NOBODY, 4000, 6000)], {}),  # nobody knows whose voice it is
        ([("voice 1", 0, 900), ("voice 2", 6500, 9000)], {}),  # silence
        ([], {}),
    ],
)
def test_a_decision_stands_where_all_its_voices_are_found(
    spoken: list[tuple[str, int, int]], now: dict[str, Role]
) -> None:
    """Else not at all; and a new one is about what is shown."""
    places = [Stretch(*one) for one in spoken]
    assert roles_now(DECIDED, places) == now
    shown = {voice: PROSPECT for voice, _, _ in spoken if voice != NOBODY}
    assert is_lost(DECIDED, places) == (not now)
    again = roles_now(decide(shown, DECIDED, places, swap=False), places)
    assert again == (now or shown)


def test_a_voice_without_words_is_not_kept_by_its_number() -> None:
    """Its turns were emptied; told apart anew, the number may be somebody else's."""
    spoken = [Stretch("voice 1", 0, 900), Stretch("voice 2", 4000, 6000)]
    shown = {"voice 1": REP, "voice 2": PROSPECT, "voice 3": PROSPECT}
    decision = decide(shown, "", spoken, swap=False)
    later = [Stretch("voice 3", 0, 900), Stretch("voice 1", 4000, 6000), Stretch("voice 2", 8000, 9000)]
    assert roles_now(decision, later) == {"voice 3": REP, "voice 1": PROSPECT}
    assert roles_now('{"voice 3": "prospect"}', later) == {}, "nor where an older version kept it"
    assert decide({"voice 3": REP}, "", spoken, swap=False) == ""


@pytest.mark.parametrize("other", ["rep", "e", "voice 1"])
def test_somebody_may_be_called_at(other: str) -> None:
    """Whatever a voice is called, its role is its own."""
    spoken = [Stretch("@", 0, 900), Stretch(other, 4000, 6000)]
    shown = {"@": REP, other: PROSPECT}
    assert roles_now(decide(shown, "", spoken, swap=False), spoken) == shown


def test_a_decision_on_channels_is_lost_with_them() -> None:
    """The recording was exchanged for a mono one."""
    decision = decide({"channel 1": REP}, "", [Stretch("channel 1", 0, 900)], swap=False)
    assert is_lost(decision, [Stretch("voice 1", 0, 900)])
    assert not is_lost(decision, [Stretch("channel 1", 500, 900)])
    assert not any(is_lost(words, ()) for words in ("", "swap", "confirm"))


def test_words_of_older_versions_are_about_what_was_computed() -> None:
    """Of unknown roles they say nothing; without a word nothing is said."""
    computed = {"a": REP, "b": PROSPECT, "c": UNKNOWN}
    assert roles_now("swap", (), computed) == {"a": PROSPECT, "b": REP}
    assert roles_now("confirm", (), computed) == {"a": REP, "b": PROSPECT}
    assert roles_now("", (), computed) == {}
    assert roles_now("swap", ()) == {}, "what is shown holds them already"
    assert decide({"c": UNKNOWN}, "", (), swap=True) == ""
