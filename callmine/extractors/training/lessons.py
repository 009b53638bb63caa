"""Choose and write the lessons that come with the model; see :mod:`callmine.extractors.lessons`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from callmine.extractors.encoder import Encoder
from callmine.extractors.heads import COLUMNS
from callmine.extractors.lessons import FILE, Lessons
from callmine.extractors.training.finish import read_held
from callmine.extractors.training.scripts import Script

TEACHING, JUDGING = 1900, 2400
"""How many utterances teach, and how many judge: what fits in 850 kB."""

SNIPPETS = 0.2
"""The share of those that teach that are no whole calls; they hold more objections of every label."""


def choose(
    train: Sequence[Script], held: Sequence[Script], *, whole: tuple[str, ...]
) -> tuple[list[Script], list[Script]]:
    """Return the conversations that teach and those that judge, whole ones, the same every time.

    Most of those that teach, and all that judge, are ordinary whole calls, in which objections are as rare
    as they are.

    Args:
        train: What the model learned from.
        held: What it did not.
        whole: How the names of the files of whole calls begin.
    """
    calls, snippets = _parted(train, whole)
    few = round(TEACHING * SNIPPETS)
    return _some(calls, TEACHING - few) + _some(snippets, few), _some(_parted(held, whole)[0], JUDGING)


def _parted(scripts: Sequence[Script], whole: tuple[str, ...]) -> tuple[list[Script], list[Script]]:
    calls = [s for s in scripts if s.source.startswith(whole)]
    return calls, [s for s in scripts if not s.source.startswith(whole)]


def _some(scripts: Sequence[Script], most: int) -> list[Script]:
    """Return conversations with at most so many utterances, in an order that means nothing."""

    def place(script: Script) -> tuple[bytes, str, tuple[str, ...]]:
        drawn = hashlib.sha256(f"lessons {script.scenario}".encode()).digest()
        return drawn, script.source, tuple(turn.text for turn in script.turns)

    found, count = [], 0
    for script in sorted(scripts, key=place):
        size = sum("objection" in turn.asked for turn in script.turns)
        if size and count + size <= most:
            found.append(script)
            count += size
    return found


def read_lessons(encoder: Encoder, teaching: Sequence[Script], judging: Sequence[Script]) -> Lessons:
    """Read conversations with the exported model, as at run time."""
    held = read_held(encoder, [*teaching, *judging])
    at, _ = held.of("objection")
    scenarios = np.asarray(held.scenarios)[at]
    _, groups = np.unique(scenarios, return_inverse=True)
    return Lessons(
        held.features[at],
        held.answers[at][:, COLUMNS["label"]] > 0,
        groups.astype(np.uint16),
        np.isin(scenarios, [script.scenario for script in judging]),
    )


def write_lessons(folder: Path, lessons: Lessons) -> None:
    """Write the lessons beside the model, and their hash into its card."""
    data = lessons.pack()
    (folder / FILE).write_bytes(data)
    path = folder / "model.json"
    card = json.loads(path.read_text(encoding="utf-8"))
    card["files"][FILE] = hashlib.sha256(data).hexdigest()
    path.write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")
