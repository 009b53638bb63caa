"""How well a workspace's own labels are found by a few examples."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.quality.gold import DATA, Labels
from benchmarks.quality.tables import HEADER, each_line, label_line
from callmine.config import Settings, load_settings
from callmine.domain import Kind, Role
from callmine.extractors.base import Extractor, Passage
from callmine.extractors.encoder import Encoder
from callmine.operations.building import build_extractors
from callmine.operations.counting import bars_of
from callmine.playbook import Playbook
from callmine.workspace import models_folder

Row = Mapping[str, Any]


def own_labels_part(encoder: Encoder, path: Path = DATA / "own_labels.jsonl") -> list[str]:
    """Return the section on labels by example."""
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
    playbook = playbook_of(rows)
    extractors = build_extractors(playbook, models_folder(load_settings(None)), encoder=encoder)
    (finder,) = (one for one in extractors if one.name == "examples")
    finder.setup(playbook)
    tests = [row for row in rows if row["part"] == "test"]
    wanted: Labels = [frozenset({row["label"]} if row["positive"] else ()) for row in tests]
    found = labels_by_example(finder, tests)
    counted = labels_by_example(finder, tests, least=bars_of(Settings()).of(Kind.OBJECTION, "their own"))
    examples = len(rows) - len(tests)
    labels = [objection.label for objection in playbook.objections]
    return [
        f"## Labels by example ({len(tests)} utterances, {len(labels)} labels)",
        "",
        f"A playbook with all {len(labels)} labels and their {examples} examples."
        f" {sum(map(bool, wanted))} utterances say a label, the others none.",
        "",
        HEADER,
        label_line("all labels", wanted, found),
        label_line("all labels, as a digest counts", wanted, counted),
        *(each_line(label, wanted, found) for label in labels),
    ]


def playbook_of(rows: Sequence[Row]) -> Playbook:
    """Return a playbook with the labels and their examples."""
    examples: dict[str, list[str]] = {}
    for row in rows:
        if row["part"] == "example":
            examples.setdefault(row["label"], []).append(row["text"])
    return Playbook.model_validate(
        {
            "company": {"name": "Unknown"},
            "objections": [
                {"label": label, "title": label.replace("_", " "), "examples": texts}
                for label, texts in examples.items()
            ],
        }
    )


def labels_by_example(finder: Extractor, rows: Sequence[Row], *, least: float = 0.0) -> Labels:
    """Return the labels that are found in each utterance, from the score ``least`` on."""
    mentions = finder.extract([Passage(row["text"], Role(row["role"])) for row in rows])
    return [
        frozenset(m.label for m in ms if m.kind is Kind.OBJECTION and m.score >= least) for ms in mentions
    ]
