"""The names that a call may say, as the text that is said to stand before each window."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

PROMPT_TOKENS = 200
"""Room for names: half of Whisper's 448 text positions, less a margin."""

MOST_NAMES = 500
"""Names that are looked at; far more than fit."""


def prompt_of(names: Sequence[str], language: str) -> str | None:
    """Return the text before a window for names that fit into it; ``None`` where there are none.

    A sentence, not a bare list: after a list Whisper writes lists, without stops and capitals.

    Args:
        names: The likeliest first.
        language: Whisper's code of the call's language.
    """
    if not names:
        return None
    return f"{'In this call: ' if language == 'en' else ''}{', '.join(names)}."


def fit_vocabulary(
    names: Sequence[str], count_tokens: Callable[[str], int], *, room: int = PROMPT_TOKENS
) -> tuple[str, ...]:
    """Return the ``names`` that fit together into ``room`` tokens of prompt, the first ones first.

    What could be a token of Whisper's own ("<|endoftext|>") is taken out of them.
    """
    used: list[str] = []
    for raw in names[:MOST_NAMES]:
        name = " ".join(re.sub(r"[<|>\x00-\x1f]", " ", raw).split())
        if name and name not in used and count_tokens(", ".join([*used, name])) <= room:
            used.append(name)
    return tuple(used)
