"""How well emerging themes come back out of utterances whose themes a person knows."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from benchmarks.quality.gold import DATA
from benchmarks.quality.tables import share
from callmine.domain import Role
from callmine.extractors.base import Passage
from callmine.extractors.encoder import Encoder
from callmine.extractors.heads import Floats
from callmine.extractors.themes import DISTANCE, groups_of, resistance_in, sentence_that_resists

CHOSEN_ON, TOLD_ON = (1, 2), (3, 4)
"""Weeks on which the distance was chosen, and weeks on which the result is told."""


def themes_part(encoder: Encoder, path: Path = DATA / "themes.jsonl") -> list[str]:
    """Return the section on emerging themes.

    Grouping is measured on all utterances of the weeks given as candidates, those without a theme
    among them; the index is over those with one, which a group of their own would not help.
    """
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
    readings = encoder.read([Passage(row["text"], Role.PROSPECT) for row in rows])
    meanings = np.stack([reading.meanings[sentence_that_resists(reading)] for reading in readings])
    weeks, names = [row["week"] for row in rows], [row["theme"] for row in rows]
    threshold = float(encoder.card()["thresholds"]["objection"])
    found = {one.number for one in resistance_in(readings, encoder.questions, threshold=threshold)}
    themed = [i for i, name in enumerate(names) if name]
    out = [
        f"## Emerging themes ({len(themed)} utterances with a theme, {len(rows) - len(themed)} without)",
        "",
        f"Groups of like meaning, cosine distance {DISTANCE:g}, against the themes of the author: adjusted"
        " Rand index (1: the same groups, 0: chance).",
        "",
        "| weeks | utterances with a theme | themes | adjusted Rand index |",
        "|---|---|---|---|",
    ]
    for title, chosen in (("1 and 2 (the distance was chosen here)", CHOSEN_ON), ("3 and 4", TOLD_ON)):
        at = [i for i, week in enumerate(weeks) if week in chosen]
        known = [names[i] for i in at if names[i]]
        index = agreement(meanings[at], [names[i] for i in at])
        out.append(f"| {title} | {len(known)} | {len(set(known))} | {index:.2f} |")
    taken = share(len(found.intersection(themed)), len(themed))
    return [*out, "", f"Of the utterances with a theme, {taken} are taken for resistance without a label."]


def agreement(meanings: Floats, names: list[str | None], *, distance: float = DISTANCE) -> float:
    """Return the adjusted Rand index (Hubert and Arabie 1985) of groups over what has a name."""
    from sklearn.metrics import adjusted_rand_score

    group = {
        row: number for number, rows in enumerate(groups_of(meanings, distance=distance)) for row in rows
    }
    at = [i for i, name in enumerate(names) if name]
    return float(adjusted_rand_score([names[i] for i in at], [group[i] for i in at]))
