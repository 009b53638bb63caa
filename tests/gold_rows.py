"""Small gold files, what was found in them, and rows of quality tables as values."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.quality.gold import Found, Gold, read

PRICE, TRUST, NONE = frozenset({"price"}), frozenset({"trust"}), frozenset[str]()


def a_gold(folder: Path, *rows: dict[str, Any], playbook: Path | None = None) -> Gold:
    """Return a gold file of these rows, one call unless they name their scenarios."""
    path = folder / "gold.jsonl"
    given = [
        {"id": str(n), "scenario": "a", "role": "prospect", "text": f"line {n}", **row}
        for n, row in enumerate(rows)
    ]
    path.write_text("\n".join(map(json.dumps, given)))
    return read("Gold", path, playbook)


def found_in(lines: Sequence[dict[str, Any]] = (), **changes: Any) -> Found:
    """Return what was found: prediction lines, probabilities, labels."""
    values = {"result": {}, "lines": tuple(lines), "chances": np.zeros(len(lines)), "which": []}
    return Found(**{**values, **changes})


def cells(row: str) -> tuple[str, int, str, str]:
    """Return name, support, and the shares without their intervals; a dash stands for 0/0."""
    name, support, precision, recall, _ = (part.strip() for part in row.strip("|").split("|"))
    return name, int(support), precision.split(" ")[0], recall.split(" ")[0]
