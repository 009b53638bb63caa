"""The cues around a competitor's name, read from ``data/cues.toml``.

They are data so that anyone can add one without reading code; see the file for how.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files
from typing import Any

_START = r"(?:(?<!\w)|(?='))"  # a word's beginning, or the 're of "we're"


@lru_cache(maxsize=1)
def _read() -> dict[str, Any]:
    return tomllib.loads(files("callmine.extractors").joinpath("data/cues.toml").read_text("utf-8"))


def before(part: str, *, after: str = "") -> re.Pattern[str]:
    r"""Return a pattern that searches text ending in a cue, ``after`` standing between."""
    return re.compile(rf"{_START}(?:{_either(_read()['context'][part]['cues'])}){after}\s*$")


def following(part: str) -> re.Pattern[str]:
    """Return a pattern that matches text beginning with a cue."""
    return re.compile(rf"[\s,]*(?:{_either(_read()['context'][part]['cues'])})\b")


def anywhere(part: str) -> re.Pattern[str]:
    """Return a pattern that searches text for a cue."""
    return re.compile(rf"\b(?:{_either(_read()['context'][part]['cues'])})\b")


def _either(cues: Sequence[str]) -> str:
    return "|".join(cues)
