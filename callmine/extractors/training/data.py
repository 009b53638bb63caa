"""All the labelled data as conversations, and how they are split."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from callmine.domain import OBJECTION_LABELS, Role
from callmine.extractors.training.groups import FOLDER as PAIRS
from callmine.extractors.training.groups import Group, read_pairs
from callmine.extractors.training.scripts import Labelled, Script, read_scripts

CALLS = "calls"
"""Folder of annotated calls, under the folder of the training data."""

HELD_OUT = 0.1
"""Share of the scenarios that are held out for calibration and thresholds."""

_LINES = frozenset({"objection", "positioning"})
"""What the gold lines (``*.jsonl``) are labelled for."""


def read_all(folder: Path) -> list[Script]:
    """Return every labelled conversation under ``folder``: gold lines and annotated calls.

    Raises:
        ValueError: A file is faulty; the message has its line.
    """
    found = [script for path in sorted(folder.glob("*.jsonl")) for script in read_lines(path)]
    return found + [s for path in sorted((folder / CALLS).glob("*.txt")) for s in read_scripts(path)]


def read_groups(folder: Path) -> list[Group]:
    """Return every group of paraphrases under ``folder`` that is there to be learned from.

    Raises:
        ValueError: A file is faulty; the message has its line.
    """
    return [group for path in sorted((folder / PAIRS).glob("pairs_*.txt")) for group in read_pairs(path)]


def read_lines(path: Path) -> list[Script]:
    """Read gold lines; those that follow each other in a scenario become one conversation.

    Raises:
        ValueError: A label is not one of the twelve.
    """
    found: list[tuple[str, list[Labelled]]] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.strip():
            continue
        raw = json.loads(line)
        if unknown := set(raw["objections"]) - set(OBJECTION_LABELS):
            raise ValueError(f"{path}: {raw['id']}: unknown labels {unknown}")
        before = [Labelled(Role(t["role"]), tuple(t["text"].split())) for t in raw["before"]]
        turns = found[-1][1] if found and found[-1][0] == raw["scenario"] else None
        if turns is None or not before or not _ends_with(turns, before):
            turns = before
            found.append((raw["scenario"], turns))
        turns.append(_labelled(raw))
    return [Script(scenario, path.name, tuple(turns)) for scenario, turns in found]


def _ends_with(turns: Sequence[Labelled], before: Sequence[Labelled]) -> bool:
    said = [(t.role, t.words) for t in turns[-len(before) :]]
    return said == [(t.role, t.words) for t in before]


def _labelled(raw: dict[str, Any]) -> Labelled:
    labels = set(raw["objections"])
    if raw.get("positioning"):
        labels.add("positioning")
    words = tuple(raw["text"].split())
    return Labelled(Role(raw["role"]), words, labels=frozenset(labels), asked=_LINES)


def split(scripts: Sequence[Script], *, share: float = HELD_OUT) -> tuple[list[Script], list[Script]]:
    """Split by scenario, never by sentence: ``(train, held out)``."""

    def is_held(scenario: str) -> bool:
        return hashlib.sha256(scenario.encode()).digest()[0] / 256 < share

    held = [s for s in scripts if is_held(s.scenario)]
    return [s for s in scripts if not is_held(s.scenario)], held
