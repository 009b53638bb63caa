"""Sentences that mean the same, and look-alikes, in batches: what the reader's meanings learn from."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F  # noqa: N812 - torch's own convention
from torch import Tensor

from callmine.domain import Role
from callmine.extractors.base import Turn
from callmine.extractors.training.groups import ECHO, MESSAGE, OTHER, SAME, Group
from callmine.extractors.training.model import Reader
from callmine.extractors.training.scripts import Labelled, Script
from callmine.extractors.windows import Range, Window, pack, turn_tokens

GROUPS = 8
"""Groups of one batch."""

EVEN, SLOPE = 0.5, 14.0
"""Cosine at which two sentences are as likely to mean the same as not, and log-odds per cosine."""

_HARDEST = 3  # sentences of other groups that count, for each message: the most alike

_IN_TALK, _IN_TURN = 0.6, 0.4
"""Shares of sentences read behind turns of some call, and of those read between others of their turn."""

_MOST_BEFORE = 3  # turns
_LONG = 18  # words of a turn beyond which it is no company for a sentence

_ROLES = {
    MESSAGE: (Role.REP,),
    SAME: (Role.REP, Role.REP, Role.UNKNOWN),
    ECHO: (Role.PROSPECT, Role.UNKNOWN),
}
_ANYBODY = (Role.REP, Role.PROSPECT, Role.UNKNOWN)


@dataclass(frozen=True, slots=True)
class PairBatch:
    """Sentences of some groups: the messages alone, the others alone or as said in some call.

    Attributes:
        inputs: Of the reader; one stretch a window, the sentence.
        group: Of each sentence, the number of its group in the batch.
        same: Of each sentence, whether it says what its group's message says; the message itself does.
        message: Which sentences are the messages, one a group, in the order of the groups.
    """

    inputs: dict[str, npt.NDArray[np.int64]]
    group: npt.NDArray[np.int64]
    same: npt.NDArray[np.bool_]
    message: npt.NDArray[np.int64]


def pair_batches(
    groups: Sequence[Group], talk: Sequence[Script], tokenizer: Any, rng: random.Random
) -> Iterator[PairBatch]:
    """Yield batches without end: groups in a new order each time round, other sentences of each.

    A sentence has to mean the same in whatever call it is said: most are read behind turns of one, or
    amid other words of their turn.

    Args:
        groups: What says the same, and what does not.
        talk: Calls to take these turns from; none to read every sentence alone.
        tokenizer: Neither pads nor truncates.
        rng: What draws.

    Raises:
        ValueError: There are no groups.
    """
    if not groups:
        raise ValueError("no groups of paraphrases to learn from")
    cls = tokenizer.token_to_id("[CLS]")
    calls = [script.turns for script in talk if len(script.turns) > _MOST_BEFORE]
    while True:
        shuffled = rng.sample(list(groups), len(groups))
        for begin in range(0, len(shuffled), GROUPS):
            windows: list[Window] = []
            spans: list[list[Range]] = []
            number, same, messages = [], [], []
            for at, group in enumerate(shuffled[begin : begin + GROUPS]):
                messages.append(len(windows))
                for mark, text in _drawn(group, rng):
                    roles = _ANYBODY if group.kind != "message" else _ROLES.get(mark, _ANYBODY)
                    turn = Turn(rng.choice(roles), text)
                    before: tuple[Turn, ...] = ()
                    place = (0, len(text))
                    if mark != MESSAGE and calls:
                        before, turn, place = _said(turn, rng.choice(calls), rng)
                    tokens = turn_tokens(tokenizer, [*before, turn])
                    window = Window(tuple(tokens), len(before))
                    first = window.starts()[-1]
                    inside = tokens[-1].covering(*place) if place != (0, len(turn.text)) else None
                    start, end = inside or (0, len(tokens[-1].ids))
                    windows.append(window)
                    spans.append([(first + start, first + end)])
                    number.append(at)
                    same.append(mark != OTHER)
            inputs = pack(windows, spans, cls=cls)
            yield PairBatch(inputs, np.asarray(number), np.asarray(same), np.asarray(messages))


def _said(turn: Turn, call: Sequence[Labelled], rng: random.Random) -> tuple[tuple[Turn, ...], Turn, Range]:
    """Return turns of a call to stand before a sentence, the turn that it is said in, and where in it."""
    many = rng.randint(1, _MOST_BEFORE) if rng.random() < _IN_TALK else 0
    first = rng.randrange(len(call) - many)
    before = tuple(Turn(t.role, t.text) for t in call[first : first + many] if len(t.words) <= _LONG)
    ahead, behind = "", ""
    if rng.random() < _IN_TURN:
        others = [t.text for t in call if 2 < len(t.words) <= _LONG and t.role is turn.role]
        if others and rng.random() < 0.7:
            ahead = rng.choice(others) + " "
        if others and rng.random() < 0.5:
            behind = " " + rng.choice(others)
    place = (len(ahead), len(ahead) + len(turn.text))
    return before, Turn(turn.role, ahead + turn.text + behind), place


def _drawn(group: Group, rng: random.Random) -> list[tuple[str, str]]:
    """Return the message and some of the sentences of a group, each with its mark."""
    drawn = [(MESSAGE, group.message)]
    for mark, texts, many in ((SAME, group.same, 3), (ECHO, group.echoes, 1), (OTHER, group.others, 2)):
        drawn += [(mark, text) for text in rng.sample(texts, min(many, len(texts)))]
    return drawn


def pair_loss(model: Reader, batch: PairBatch) -> Tensor:
    """Return the loss of whether sentences mean what a message says, judged by cosine.

    Every message is held against every sentence (Zhai et al. 2023, sigmoid loss); those of its own group
    count in full, of the others the most alike.
    """
    inputs = {name: torch.from_numpy(value) for name, value in batch.inputs.items()}
    with torch.autocast("cpu", dtype=torch.bfloat16):
        _, meaning, _ = model(**inputs)
    meaning = meaning.float()[:, 0]
    messages = torch.from_numpy(batch.message)
    logits = SLOPE * (meaning[messages] @ meaning.T - EVEN)
    group, same = torch.from_numpy(batch.group), torch.from_numpy(batch.same)
    own = group[None] == torch.arange(len(messages))[:, None]
    itself = torch.arange(len(group))[None] == messages[:, None]
    yes, no = own & same[None] & ~itself, own & ~same[None]
    parts = [F.softplus(-logits[yes]).mean()]
    if bool(no.any()):
        parts.append(F.softplus(logits[no]).mean())
    if len(messages) > 1:
        strangers = logits.masked_fill(own, -1e4)
        nearest = strangers.topk(min(_HARDEST, strangers.shape[1]), dim=1).values
        parts.append(F.softplus(nearest).mean())
    return torch.stack(parts).mean()
