"""How a passage is shown to the encoder: the turns before it, then the utterance, with roles."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from callmine.domain import Role
from callmine.extractors.base import Passage

MAX_TOKENS = 128
"""Length of the encoder's input."""

MAX_TEXT_TOKENS = 96
"""Room for the utterance itself; the turns before it get what is left, the latest first."""

MAX_TURNS = 2
"""How many turns before the utterance the encoder is shown."""

_WHO = {Role.REP: "seller:", Role.PROSPECT: "buyer:", Role.UNKNOWN: "speaker:"}

Ints = npt.NDArray[np.int64]


def as_pair(passage: Passage) -> tuple[str, str]:
    """Return ``(context, utterance)`` as the encoder reads them."""
    turns = passage.before[-MAX_TURNS:]
    context = " ".join(f"{_WHO[t.role]} {t.text}" for t in turns)
    return well_formed(context), well_formed(f"{_WHO[passage.role]} {passage.text}")


def well_formed(text: str) -> str:
    """Return text without lone surrogates, which JSON can carry and tokenizers refuse."""
    return text.encode("utf-8", "replace").decode("utf-8")


def pack(
    context: Sequence[Sequence[int]], text: Sequence[Sequence[int]], *, cls: int, sep: int
) -> dict[str, Ints]:
    """Join token ids to padded model inputs ``[CLS] context [SEP] utterance [SEP]``.

    Args:
        context: Token ids of each context, without special tokens.
        text: Token ids of each utterance, likewise.
        cls: Id of ``[CLS]``.
        sep: Id of ``[SEP]``.

    Returns:
        ``input_ids``, ``attention_mask`` and ``token_type_ids`` of shape (passages, longest).
    """
    rows, types = [], []
    for before, own in zip(context, text, strict=True):
        own = own[:MAX_TEXT_TOKENS]
        room = MAX_TOKENS - 3 - len(own)
        before = before[-room:] if before else []
        rows.append([cls, *before, sep, *own, sep])
        types.append([0] * (len(before) + 2) + [1] * (len(own) + 1))
    width = max(len(row) for row in rows)
    ids = np.zeros((len(rows), width), dtype=np.int64)
    kinds = np.zeros_like(ids)
    mask = np.zeros_like(ids)
    for index, (row, kind) in enumerate(zip(rows, types, strict=True)):
        ids[index, : len(row)] = row
        kinds[index, : len(row)] = kind
        mask[index, : len(row)] = 1
    return {"input_ids": ids, "attention_mask": mask, "token_type_ids": kinds}


def unpunctuated(text: str) -> str:
    """Return text as a recogniser without punctuation writes it."""
    return " ".join(re.sub(r"[^\w\s'%$€£]", " ", text.lower()).split()) or text
