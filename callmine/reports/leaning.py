"""Which quotes stand alone, and which lean on what was said before them."""

from __future__ import annotations

import re

FEW_WORDS = 10
"""A passage of fewer words seldom says what it is about."""

_LEANS = re.compile(
    r"(?:(?:and|but|so|or|because|well|yes|yeah|no|nah|ok|okay|oh|um|uh|hm|still|then|also)\b[\s,.…-]*)*"
    r"(?:it|its|this|that|these|those|they|them|their|he|him|his|she|her|there)\b",
    re.IGNORECASE,
)
"""A beginning that points back to what was said before."""


def stands_alone(passage: str) -> bool:
    """Whether a passage can be understood without what came before: "two of them" of what?

    It is a guess from its form: enough words, and no beginning that points back.
    """
    return len(passage.split()) >= FEW_WORDS and not _LEANS.match(passage.lstrip("\"'“”‘’ …-"))
