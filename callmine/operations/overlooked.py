"""Utterances that nearly were objections: a person's word on them teaches what a model overlooks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from callmine.domain import Role
from callmine.extractors.encoder import Encoder
from callmine.extractors.objections import labels_of, objection_chances
from callmine.extractors.readings import unpack_features
from callmine.operations.damaged import dropped
from callmine.playbook import load_playbook
from callmine.store import Store
from callmine.workspace import Workspace

WORTH_SHOWING = 0.5
"""An utterance is shown whose probability is at least this share of the threshold."""


@dataclass(frozen=True, slots=True)
class Overlooked:
    """An utterance that is no finding, and nearly was one.

    Attributes:
        call_id: The call.
        source: Its file's name.
        utterance_index: The utterance in it.
        role: Who says it.
        label: The objection that it is, if it is one.
        score: How likely it is one, 0..1.
        text: What is said.
        play_ms: Where to listen.
    """

    call_id: str
    source: str
    utterance_index: int
    role: Role
    label: str
    score: float
    text: str
    play_ms: int

    def to_json(self) -> dict[str, Any]:
        """Return its fields, with the kind ``overlooked`` and no id of a finding."""
        return {"kind": "overlooked", "finding_id": None, **asdict(self)}


def overlooked(
    workspace: Workspace, store: Store, *, progress: Callable[[str], None] = lambda text: None
) -> tuple[list[Overlooked], float]:
    """Return the utterances just under the threshold, and the threshold.

    Nothing is read for it, what was kept is asked: calls that today's model has not read yet are left out.

    Args:
        workspace: Where.
        store: Its store.
        progress: Is told of kept readings that are damaged.

    Raises:
        ModelError: The model is missing or damaged.
    """
    encoder = Encoder(learned=workspace.learned)
    questions, threshold = encoder.asked(), encoder.thresholds()["objection"]
    known = load_playbook(workspace.playbook).titles() if workspace.playbook.exists() else None
    found = []
    damaged = []
    for kept in store.kept_readings(encoder.reading_version()):
        try:
            rows = unpack_features(kept.data, len(kept.indices))
        except ValueError:
            damaged.append(kept.call_id)
            continue
        if not _near(questions.chances("objection", rows), threshold).any():
            continue
        place = {index: row for row, index in enumerate(kept.indices)}
        turns = store.quiet_turns(kept.call_id)
        features = rows[[place[turn.utterance_index] for turn in turns]]
        chances = objection_chances(questions, features, [turn.text for turn in turns])
        which = questions.chances("label", features)
        for i in np.flatnonzero(_near(chances, threshold)).tolist():
            turn, labels = turns[i], labels_of(which[i])
            if labels and (known is None or labels[0] in known):
                score = round(float(chances[i]), 4)
                found.append(
                    Overlooked(
                        turn.call_id,
                        turn.source,
                        turn.utterance_index,
                        turn.role,
                        labels[0],
                        score,
                        turn.text,
                        turn.play_ms,
                    )
                )
    if note := dropped(store, damaged):
        progress(note)
    return found, threshold


def _near(chances: np.ndarray, threshold: float) -> np.ndarray:
    return np.asarray((chances < threshold) & (chances >= WORTH_SHOWING * threshold))
