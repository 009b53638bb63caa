"""How a conversation is shown to the encoder: windows of whole turns, each turn with its speaker's side.

A turn sees itself and what was said before it, never what comes after (the attention is causal by turn),
so that what is read off a turn does not depend on how the call went on. A window holds as many turns as
fit; the next one repeats the last few of them as context.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from callmine.domain import Role
from callmine.extractors.base import Passage, Turn

MAX_TOKENS = 256
"""Length of a window."""

MAX_TURN_TOKENS = 112
"""Length of a turn in a window; the rest of a longer one is not read."""

CONTEXT_TOKENS = 64
"""How much of what was read before is repeated at the start of the next window."""

SIDE_WORDS = {Role.REP: "seller", Role.PROSPECT: "buyer", Role.UNKNOWN: "speaker"}
"""The word before each turn; all three are single tokens."""

Ints = npt.NDArray[np.int64]
Range = tuple[int, int]

Place = tuple[int, int, int]
"""Number of a passage, and a range of its characters."""


@dataclass(frozen=True, slots=True)
class TurnTokens:
    """A turn as token ids: the side's word, the text, ``[SEP]``.

    ``offsets`` has, for each token, the characters of the text it stands for; (0, 0) for the
    first and the last.
    """

    ids: tuple[int, ...]
    offsets: tuple[Range, ...]

    def covering(self, start: int, end: int) -> Range | None:
        """Return the range of tokens over characters ``[start, end)``; ``None`` where they were cut off."""
        inside = [i for i, (a, b) in enumerate(self.offsets) if a < end and b > start and b > a]
        return (inside[0], inside[-1] + 1) if inside else None


@dataclass(frozen=True, slots=True)
class Window:
    """Turns that are read together.

    Attributes:
        turns: In their order.
        first_own: Turns before this one are context: they were read in an earlier window.
    """

    turns: tuple[TurnTokens, ...]
    first_own: int = 0

    @property
    def tokens(self) -> int:
        """Length in tokens, with ``[CLS]``."""
        return 1 + sum(len(turn.ids) for turn in self.turns)

    def starts(self) -> list[int]:
        """Return the index of the first token of each turn."""
        found, place = [], 1
        for turn in self.turns:
            found.append(place)
            place += len(turn.ids)
        return found

    def own(self) -> list[tuple[int, TurnTokens]]:
        """Return the turns that the window is there for, each with the index of its first token."""
        return list(zip(self.starts(), self.turns, strict=True))[self.first_own :]

    def places(self, numbers: Sequence[int], places: Sequence[Place]) -> dict[Place, Range]:
        """Return the places in the window's own turns, each with its tokens; not those that are cut off.

        Args:
            numbers: Which passages its own turns are.
            places: Places in any passages.
        """
        turns = dict(zip(numbers, self.own(), strict=True))
        found = {}
        for place in places:
            if place[0] in turns:
                start, turn = turns[place[0]]
                if inside := turn.covering(*place[1:]):
                    found[place] = (start + inside[0], start + inside[1])
        return found


def well_formed(text: str) -> str:
    """Return text without lone surrogates, which JSON can carry and tokenizers refuse."""
    return text.encode("utf-8", "replace").decode("utf-8")


def turn_tokens(tokenizer: Any, turns: Sequence[Turn]) -> list[TurnTokens]:
    """Return the tokens of each turn; the tokenizer must neither pad nor truncate."""
    sep = tokenizer.token_to_id("[SEP]")
    sides = {role: tokenizer.token_to_id(word) for role, word in SIDE_WORDS.items()}
    encoded = tokenizer.encode_batch([well_formed(t.text) for t in turns], add_special_tokens=False)
    found = []
    for turn, text in zip(turns, encoded, strict=True):
        ids, offsets = text.ids[: MAX_TURN_TOKENS - 2], text.offsets[: MAX_TURN_TOKENS - 2]
        found.append(TurnTokens((sides[turn.role], *ids, sep), ((0, 0), *offsets, (0, 0))))
    return found


def read_up_to(tokenizer: Any, texts: Sequence[str]) -> list[int]:
    """Return how many characters of each text are read as a turn: all, unless it is too long."""
    encoded = tokenizer.encode_batch([well_formed(text) for text in texts], add_special_tokens=False)
    most = MAX_TURN_TOKENS - 2
    return [
        len(text) if len(tokens.ids) <= most else tokens.offsets[most - 1][1]
        for text, tokens in zip(texts, encoded, strict=True)
    ]


def cut(
    turns: Sequence[TurnTokens], *, first: int = MAX_TOKENS, context: int = CONTEXT_TOKENS
) -> list[Window]:
    """Cut a conversation into windows in which each turn is read once.

    Args:
        turns: All turns, oldest first.
        first: Room of the first window, in tokens; the others have :data:`MAX_TOKENS`.
        context: How many tokens of earlier turns a window repeats at most.
    """
    windows: list[Window] = []
    begin, own, length, room = 0, 0, 1, first
    for index, turn in enumerate(turns):
        if length + len(turn.ids) > room and index > own:
            windows.append(Window(tuple(turns[begin:index]), own - begin))
            own, begin, length, room = index, index, 1, MAX_TOKENS
            while begin and length - 1 + len(turns[begin - 1].ids) <= context:
                begin -= 1
                length += len(turns[begin].ids)
        length += len(turn.ids)
    if turns:
        windows.append(Window(tuple(turns[begin:]), own - begin))
    return windows


def conversations(passages: Sequence[Passage]) -> list[tuple[list[Turn], list[int]]]:
    """Put passages that follow each other back together to conversations.

    The passages of a call repeat each other as context. Where a passage is preceded by what the
    passages before it said, it continues their conversation; else it begins a new one, with its
    own context in front.

    Returns:
        For each conversation its turns, and which turn each of its passages is, in their order.
    """
    found: list[tuple[list[Turn], list[int]]] = []
    for passage in passages:
        turns = found[-1][0] if found else []
        before = list(passage.before)
        follows = bool(found) and bool(before) and turns[-len(before) :] == before
        if not follows:
            turns = before
            found.append((turns, []))
        found[-1][1].append(len(turns))
        turns.append(Turn(passage.role, passage.text))
    return found


def pack(windows: Sequence[Window], spans: Sequence[Sequence[Range]], *, cls: int) -> dict[str, Ints]:
    """Return padded inputs of the encoder for some windows.

    Args:
        windows: What to read.
        spans: For each window, the token ranges to say something about.
        cls: Id of ``[CLS]``.

    Returns:
        ``ids`` and ``turns`` of shape (windows, longest): token ids, and the number of each token's turn
        from 1 (0 for ``[CLS]``, -1 for padding); ``spans`` of shape (windows, most spans, 2), padded
        with (0, 1).
    """
    width = max(window.tokens for window in windows)
    # At least two: of one alone the runtime's product is rounded otherwise than of several.
    most = max(2, *(len(s) for s in spans))
    ids = np.zeros((len(windows), width), dtype=np.int64)
    turns = np.full((len(windows), width), -1, dtype=np.int64)
    ranges = np.zeros((len(windows), most, 2), dtype=np.int64)
    ranges[:, :, 1] = 1
    for row, (window, asked) in enumerate(zip(windows, spans, strict=True)):
        ids[row, 0], turns[row, 0] = cls, 0
        for number, (start, turn) in enumerate(zip(window.starts(), window.turns, strict=True), 1):
            ids[row, start : start + len(turn.ids)] = turn.ids
            turns[row, start : start + len(turn.ids)] = number
        if asked:
            ranges[row, : len(asked)] = asked
    return {"ids": ids, "turns": turns, "spans": ranges}
