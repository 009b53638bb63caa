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
        labels: For each of the twelve objections; others count from the score of their kind on.
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
    found[Kind.OBJECTION] = thresholds["digest"]
    labels = {label: thresholds.get(f"digest:{label}", thresholds["digest"]) for label in OBJECTION_LABELS}
    return Bars(found, labels)


def digest_settings(workspace: Workspace) -> DigestSettings:
    """Return what counts in a workspace's digests, and how much they show.

    Raises:
        ModelError: The model's card is missing or damaged.
    """
    options, bars = workspace.settings.digest, bars_of(workspace.settings, learned=workspace.learned)
    return DigestSettings(
        min_score=bars.kinds[Kind.POSITIONING],
        min_objection_score=bars.kinds[Kind.OBJECTION],
        min_label_scores=bars.labels,
        min_role_confidence=options.min_role_confidence,
        max_clip_bytes=int(options.max_clip_mb * 1_000_000) if options.clips else 0,
    )
