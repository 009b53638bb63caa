"""Corrections on the turns of a transcript: words, times, roles, and where a correction lands."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from callmine.domain import Edit, Role, RoleSource
from callmine.stages.edits import apply_edits, words_of
from callmine.store.kept import moved
from tests.builders import an_utterance
from tests.sent_back import PRICE


def an_edit(text: str, heard: str = PRICE, **changes: object) -> Edit:
    values = {"start_ms": 0, "end_ms": 2000, "heard": heard, "text": text}
    return Edit(**{**values, **changes})  # type: ignore[arg-type]


def test_words_and_role_of_a_turn_are_corrected() -> None:
    """The person's word is certain; nothing else of the call changes."""
    other = an_utterance("I see.", index=1, start_ms=5000)
    (found, same), notes = apply_edits(
        [an_utterance(), other], [an_edit("Honestly, the rice is too high.", role=Role.REP)]
    )
    assert (found.text, found.role) == ("Honestly, the rice is too high.", Role.REP)
    assert (found.role_source, found.role_confidence, found.index) == (RoleSource.PERSON, 1.0, 0)
    assert (same, notes) == (other, ())


def test_edits_chain_and_the_later_one_wins() -> None:
    """Each edit is about what the ones before left, and may take them back."""
    one, two = an_edit("The rice is high."), an_edit("The rice is high, sir.", "The rice is high.")
    assert apply_edits([an_utterance()], [one, two])[0][0].text == "The rice is high, sir."
    back = an_edit(PRICE, "The rice is high, sir.")
    assert apply_edits([an_utterance()], [one, two, back])[0] == (an_utterance(),)
    roles = [an_edit(PRICE, role=Role.REP), an_edit(PRICE, role=Role.UNKNOWN)]
    assert apply_edits([an_utterance()], roles)[0][0].role is Role.UNKNOWN


def test_emptied_turns_leave_a_gap_and_can_be_filled_again() -> None:
    """The others keep their indices, by which findings go."""
    turns = [an_utterance(text, index=i, start_ms=i * 5000) for i, text in enumerate(("A.", "B.", "C."))]
    empty = an_edit("", "B.", start_ms=5000, end_ms=5250)
    found, _ = apply_edits(turns, [empty])
    assert [(u.index, u.text) for u in found] == [(0, "A."), (2, "C.")]
    again = replace(empty, heard="", text="B, yes.")
    found, notes = apply_edits(turns, [empty, again])
    assert ([(u.index, u.text) for u in found][1], notes) == ((1, "B, yes."), ())


def test_an_edit_without_its_turn_is_told_and_not_applied() -> None:
    """Neither other words at its time, nor its words at another time, are what was corrected."""
    for turn in (
        an_utterance("Let us talk about the weather then."),
        an_utterance(start_ms=60_000),
    ):
        found, notes = apply_edits([turn], [an_edit("The rice is high.", start_ms=1000, end_ms=3000)])
        assert found == (turn,)
        assert "the turn at 0:01 was not applied" in notes[0]


def test_turns_that_cannot_be_told_apart_are_left_alone() -> None:
    """The same words at the same time on both channels: nobody knows which one was meant."""
    turns = [an_utterance(), an_utterance(index=1, speaker="channel 1")]
    found, notes = apply_edits(turns, [an_edit("", end_ms=turns[0].end_ms)])
    assert (found, len(notes)) == (tuple(turns), 1)


def test_after_a_new_transcription_the_turn_is_found_by_time_and_words() -> None:
    """It begins elsewhere and reads a little different; the neighbour that overlaps less is not it."""
    said = "Honestly the prices too high for us"
    new = an_utterance(said, start_ms=140)
    neighbour = an_utterance(said, index=1, start_ms=1500)
    found, notes = apply_edits([new, neighbour], [an_edit("Honestly, the rice is too dry for us.")])
    assert ([u.text for u in found], notes) == (["Honestly, the rice is too dry for us.", said], ())
    roles, _ = apply_edits([new], [an_edit(PRICE, role=Role.REP)])
    assert (roles[0].text, roles[0].role) == (said, Role.REP)  # the words were not corrected
    right = an_utterance("Honestly, the rice is too dry for us!")
    assert apply_edits([right], [an_edit("Honestly, the rice is too dry for us.")])[1] == ()


def test_words_keep_their_times() -> None:
    """One word for two takes both times; a new one has the time between; the rest is as it was."""
    heard = an_utterance("We use tip Alti now")
    said = "We use Tipalti right now"
    (found,), _ = apply_edits([heard], [an_edit(said, "We use tip Alti now")])
    times = {said[w.start : w.end]: (w.start_ms, w.end_ms) for w in found.words}
    assert times == {
        "We": (0, 250),
        "use": (250, 500),
        "Tipalti": (500, 750),
        "right": (750, 1000),
        "now": (1000, 1250),
    }
    gap = replace(heard, words=(heard.words[0], heard.words[4]))
    (found,), _ = apply_edits([gap], [an_edit("We love them now", "We use tip Alti now")])
    assert [(w.start_ms, w.end_ms) for w in found.words] == [
        (0, 250),
        (250, 625),
        (625, 1000),
        (1000, 1250),
    ]
    assert words_of(replace(heard, words=()), said) == ()


_SAID = st.lists(
    st.sampled_from(["price", "Price,", "the", "is", "too", "high.", "-", "…"]), min_size=1, max_size=12
)


@settings(max_examples=300, deadline=None)
@given(_SAID, _SAID)
def test_corrected_words_stand_in_the_text_and_in_time(before: list[str], after: list[str]) -> None:
    """Every word of any correction has its place and a time within the turn, in order."""
    heard, text = an_utterance(" ".join(before)), " ".join(after)
    words = words_of(heard, text)
    assert [text[w.start : w.end] for w in words] == after
    times = [time for w in words for time in (w.start_ms, w.end_ms)]
    assert times == sorted(times)
    assert all(heard.start_ms <= time <= heard.end_ms for time in times)
    if before == after:
        assert words == heard.words


@settings(max_examples=300, deadline=None)
@given(_SAID, _SAID, st.data())
def test_a_span_that_is_moved_reads_the_same(
    before: list[str], after: list[str], data: st.DataObject
) -> None:
    """A verdict never moves to other words."""
    old, new = " ".join(before), " ".join(after)
    start = data.draw(st.integers(0, len(old) - 1))
    end = data.draw(st.integers(start + 1, len(old)))
    found = moved(old, new, start, end)
    assert found is None or new[found : found + end - start] == old[start:end]
    if old == new:
        assert found == start


_CHAIN = st.lists(st.sampled_from(["A one.", "B two.", "", "C three."]), max_size=6)


@given(_CHAIN, st.integers(0, 6))
def test_chains_may_be_followed_again(chain: list[str], applied: int) -> None:
    """What waits for the next run is seen, whatever runs applied before: the end of the chain."""
    from callmine.operations.taking_back import present_turns

    states = ["A one.", *chain]
    edits = [an_edit(text, heard) for heard, text in pairwise(states) if heard != text]
    base = an_utterance("A one.", end_ms=2000)
    stored, _ = apply_edits([base], edits[:applied])
    assert [turn.text for turn in present_turns(stored, edits)] == [states[-1]]
