"""Labelled conversations to measure on, and what callmine finds in them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from callmine.domain import Kind
from callmine.evaluate.gold import GoldItem, read_gold
from callmine.extractors.encoder import Encoder
from callmine.extractors.heads import Floats
from callmine.extractors.objections import labels_of, objection_chances
from callmine.operations.counting import Bars
from callmine.operations.measuring import evaluate_file

ROOT = Path(__file__).parent.parent.parent
DATA = ROOT / "data" / "gold"

Labels = list[frozenset[str]]
"""For each utterance the labels that it has, or in which a method found them."""


@dataclass(frozen=True, slots=True)
class Gold:
    """A file of gold lines.

    Attributes:
        title: What it is, for people.
        path: The file.
        playbook: The playbook its rivals stand in; ``None`` where no rival is labelled.
        items: Its utterances.
        rows: Its lines as they stand in the file, with what only this benchmark reads.
    """

    title: str
    path: Path
    playbook: Path | None
    items: tuple[GoldItem, ...]
    rows: tuple[dict[str, Any], ...]

    @property
    def wanted(self) -> Labels:
        """The objection labels of each utterance."""
        return [item.objections for item in self.items]

    def calls(self) -> list[range]:
        """Return which utterances each conversation has, in their order."""
        found, start = [], 0
        for _, rows in groupby(self.rows, key=lambda row: row["scenario"]):
            end = start + len(list(rows))
            found.append(range(start, end))
            start = end
        return found


def read(title: str, path: Path, playbook: Path | None = None) -> Gold:
    """Read a file of gold lines."""
    rows = tuple(json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip())
    return Gold(title, path, playbook, tuple(read_gold(path)), rows)


@dataclass(frozen=True, slots=True)
class Found:
    """What callmine finds in a gold file.

    Attributes:
        result: What ``callmine evaluate --json`` prints.
        lines: Its prediction lines.
        chances: Probability of an objection for each utterance, found or not.
        which: The labels that each utterance would have if it objected.
    """

    result: dict[str, Any]
    lines: tuple[dict[str, Any], ...]
    chances: Floats
    which: Labels

    def objections(self) -> Labels:
        """Return the labels found in each utterance."""
        return [frozenset(o["label"] for o in line["objections"]) for line in self.lines]

    def counted(self, bars: Bars) -> Labels:
        """Return those of them that a digest counts."""
        return [
            frozenset(
                o["label"] for o in line["objections"] if o["score"] >= bars.of(Kind.OBJECTION, o["label"])
            )
            for line in self.lines
        ]

    def likely(self, least: float) -> Labels:
        """Return the labels of the utterances with a probability from ``least`` on, also unstored ones."""
        return [
            labels if chance >= least else frozenset()
            for labels, chance in zip(self.which, self.chances.tolist(), strict=True)
        ]


def find(gold: Gold, encoder: Encoder) -> Found:
    """Run ``callmine evaluate`` on a gold file."""
    predictions = ROOT / "build" / f"predictions-{gold.path.stem}.jsonl"
    predictions.parent.mkdir(exist_ok=True)
    result = evaluate_file(gold.path, playbook=gold.playbook, predictions=predictions)
    lines = tuple(json.loads(line) for line in predictions.read_text("utf-8").splitlines())
    readings = encoder.read([item.passage for item in gold.items])
    features = np.stack([reading.features for reading in readings])
    chances = objection_chances(encoder.questions, features, [item.text for item in gold.items])
    which = [frozenset(labels_of(row)) for row in encoder.questions.chances("label", features)]
    return Found(result, lines, chances, which)


def calibration_error(chances: Floats, yes: Sequence[bool], *, bins: int = 10) -> float:
    """Return the expected calibration error in bins of equal mass (Nixon et al. 2019).

    Args:
        chances: Probabilities, shape (utterances,).
        yes: Whether each came true.
        bins: How many.
    """
    truth: npt.NDArray[np.float64] = np.asarray(yes, dtype=np.float64)
    order = np.argsort(chances, kind="stable")
    parts = [part for part in np.array_split(order, bins) if len(part)]
    gaps = [abs(float(chances[p].mean()) - float(truth[p].mean())) * len(p) for p in parts]
    return sum(gaps) / max(1, len(truth))
