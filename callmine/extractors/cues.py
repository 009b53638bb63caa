"""The cues around a competitor's name, read from ``data/cues.toml``.

They are data so that anyone can add one without reading code; see the file for how.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

MARK = "thename"
"""Stands for the name in the text that cues are matched against (§ in the file)."""

_START = r"(?:(?<!\w)|(?='))"  # a word's beginning, or the 're of "we're"


@dataclass(frozen=True, slots=True)
class Rule:
    """What a group of cues speaks for, and how strongly (log-odds)."""

    means: str
    weight: float
    pattern: re.Pattern[str]


@lru_cache(maxsize=1)
def _read() -> dict[str, Any]:
    return tomllib.loads(files("callmine.extractors").joinpath("data/cues.toml").read_text("utf-8"))


def rules(part: str) -> tuple[Rule, ...]:
    """Return the rules of a part of the file: ``relation``, ``stance`` or ``asked``."""
    return tuple(
        Rule(row["means"], float(row["weight"]), re.compile(rf"{_START}(?:{_either(row['cues'])})"))
        for row in _read()[part]
    )


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
    return "|".join(cues).replace("§", MARK)
