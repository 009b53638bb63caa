"""How conversations are cut into windows, and put back together from passages."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from callmine.domain import Role
from callmine.extractors.base import Passage, Turn
from callmine.extractors.windows import (
    CONTEXT_TOKENS,
    MAX_TOKENS,
    MAX_TURN_TOKENS,
    TurnTokens,
    conversations,
    cut,
    pack,
)
from tests.builders import a_conversation


def turn(size: int) -> TurnTokens:
    """Return a turn of ``size`` tokens."""
    return TurnTokens(tuple(range(size)), ((0, 0), *((i, i + 1) for i in range(size - 2)), (0, 0)))


@given(st.lists(st.integers(3, MAX_TURN_TOKENS), max_size=60))
def test_every_turn_is_read_once_and_no_window_is_too_long(sizes: list[int]) -> None:
    """Own turns follow each other without gap or overlap; context is what stood right before them."""
    turns = [turn(size) for size in sizes]
    windows = cut(turns)
    own = [t for w in windows for t in w.turns[w.first_own :]]
    assert own == turns
    assert all(w.tokens <= MAX_TOKENS for w in windows)
    assert all(sum(len(t.ids) for t in w.turns[: w.first_own]) <= CONTEXT_TOKENS for w in windows)
    for before, window in pairwise(windows):
        assert before.turns[len(before.turns) - window.first_own :] == window.turns[: window.first_own]


def test_the_passages_of_a_call_are_one_conversation() -> None:
    """Passages that repeat each other as context are put back together; another call begins anew."""
    turns = [(Role.REP, "Hello."), (Role.PROSPECT, "Hi."), (Role.REP, "So."), (Role.REP, "So.")]
    passages = a_conversation(*turns)
    other = Passage("Bye.", Role.PROSPECT, (Turn(Role.REP, "Bye."),))
    assert conversations([*passages, other, passages[0]]) == [
        ([Turn(*turn) for turn in turns], [0, 1, 2, 3]),
        ([Turn(Role.REP, "Bye."), Turn(Role.PROSPECT, "Bye.")], [1]),
        ([Turn(*turns[0])], [0]),
    ]


def test_packed_windows_know_their_turns() -> None:
    """Every token has the number of its turn, the padding none."""
    windows = cut([turn(3), turn(4)]) + cut([turn(3)])
    inputs = pack(windows, [[(1, 4), (4, 8)], [(1, 4)]], cls=9)
    assert inputs["turns"].tolist() == [[0, 1, 1, 1, 2, 2, 2, 2], [0, 1, 1, 1, -1, -1, -1, -1]]
    assert inputs["ids"][:, 0].tolist() == [9, 9]
    assert inputs["spans"].tolist() == [[[1, 4], [4, 8]], [[1, 4], [0, 1]]]


def test_characters_are_found_among_the_tokens() -> None:
    """A stretch of the text is the tokens that touch it; one that was cut off has none."""
    five = TurnTokens((1, 2, 3, 4, 5), ((0, 0), (0, 4), (5, 9), (9, 12), (0, 0)))
    assert five.covering(5, 11) == (2, 4)
    assert five.covering(4, 5) is None
    assert five.covering(20, 30) is None
