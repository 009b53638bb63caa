"""Which findings count: from which score on, and said how surely by whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from callmine.config import Settings
from callmine.domain import OBJECTION_LABELS, Kind
from callmine.reports.digest_values import DigestSettings
from callmine.workspace import Workspace

ELSEWISE = 0.5
"""The score from which findings count whose model names no threshold."""


@dataclass(frozen=True, slots=True)
class Bars:
    """From which score on findings count.

    Attributes:
        kinds: For each kind.
        labels: For each of the twelve objections; a playbook's own count from the score of their kind on,
            which is likeness to examples and no probability.
    """

    kinds: Mapping[Kind, float]
    labels: Mapping[str, float]

    def of(self, kind: Kind, label: str) -> float:
        """Return the score from which a finding counts."""
        bar = self.labels.get(label) if kind is Kind.OBJECTION else None
        return self.kinds[kind] if bar is None else bar


def bars_of(settings: Settings, *, learned: Path | None = None) -> Bars:
    """Return the scores from which findings count in reports.

    An objection counts from where nine in ten of those given its label are objections on held-out calls,
    which the model's card names, or that of the workspace's own questions, unless the settings name one
    score for all kinds.

    Args:
        settings: The workspace's.
        learned: Folder of its own questions, if it may have any.

    Raises:
        ModelError: The model's card is missing or damaged.
    """
    chosen = settings.digest.min_score
    if chosen:
        return Bars(dict.fromkeys(Kind, chosen), {})
    from callmine.extractors.model import Model

    found = dict.fromkeys(Kind, ELSEWISE)
    thresholds = Model(learned=learned).thresholds()
    labels = {label: thresholds.get(f"digest:{label}", thresholds["digest"]) for label in OBJECTION_LABELS}
    return Bars(found, labels)


def counted_from(workspace: Workspace) -> DigestSettings:
    """Return what counts in every report of a workspace: how sure a finding, and who said it, has to be.

    Raises:
        ModelError: The model's card is missing or damaged.
    """
    bars = bars_of(workspace.settings, learned=workspace.learned)
    return DigestSettings(
        min_score=bars.kinds[Kind.POSITIONING],  # that of every kind but objections
        min_objection_score=bars.kinds[Kind.OBJECTION],
        min_label_scores=bars.labels,
        min_role_confidence=workspace.settings.digest.min_role_confidence,
    )
