"""The words that redaction goes by: lists in ``data/words.json`` and ``data/first_names.json``."""

from __future__ import annotations

import json
from functools import lru_cache
from importlib.resources import files
from typing import Any


def listed(what: str) -> frozenset[str]:
    """Return one of the lists of words."""
    return frozenset(read("words.json")[what])


def mapped(what: str) -> dict[str, str]:
    """Return what each word of a kind stands for: the digits of ``seven`` or ``seventy``."""
    return dict(read("words.json")[what])


@lru_cache(maxsize=2)
def read(name: str) -> Any:
    """Return what is in a file of words."""
    return json.loads((files("callmine.redaction") / "data" / name).read_text(encoding="utf-8"))
