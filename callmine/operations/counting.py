"""From which score on a finding counts."""

from __future__ import annotations

from pathlib import Path

from callmine.config import Settings
from callmine.domain import Kind

ELSEWISE = 0.5
"""The score from which findings count whose model names no threshold."""


def least_scores(settings: Settings, *, learned: Path | None = None) -> dict[Kind, float]:
    """Return the score from which a finding of each kind counts in reports.

    Objections count from where nine in ten are right on held-out calls, which the model's card names, or
    that of the workspace's own questions, unless the settings name one score for all kinds.

    Args:
        settings: The workspace's.
        learned: Folder of its own questions, if it may have any.

    Raises:
        ModelError: The model's card is missing or damaged.
    """
    chosen = settings.digest.min_score
    if chosen:
        return dict.fromkeys(Kind, chosen)
    from callmine.extractors.encoder import Encoder

    found = dict.fromkeys(Kind, ELSEWISE)
    found[Kind.OBJECTION] = Encoder(learned=learned).thresholds()["digest"]
    return found
