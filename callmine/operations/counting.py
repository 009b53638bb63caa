"""From which score on a finding counts."""

from __future__ import annotations

from callmine.config import Settings
from callmine.domain import Kind

ELSEWISE = 0.5
"""The score from which findings count whose model names no threshold."""


def least_scores(settings: Settings) -> dict[Kind, float]:
    """Return the score from which a finding of each kind counts in reports.

    Objections count from where nine in ten are right on held-out calls, which the model's card names,
    unless the settings name one score for all kinds.

    Raises:
        ModelError: The model's card is missing or damaged.
    """
    chosen = settings.digest.min_score
    if chosen:
        return dict.fromkeys(Kind, chosen)
    from callmine.extractors.encoder import Encoder

    found = dict.fromkeys(Kind, ELSEWISE)
    found[Kind.OBJECTION] = float(Encoder().card()["thresholds"]["digest"])
    return found
