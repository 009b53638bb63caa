"""From which probability on an objection is stored and counted, label by label."""

from __future__ import annotations

import numpy as np

from callmine.domain import OBJECTION_LABELS
from callmine.extractors.objections import flags_of, labels_of
from callmine.extractors.thresholds import OBJECTION_THRESHOLDS, objection_thresholds

PRICE, TIMING = OBJECTION_LABELS.index("price"), OBJECTION_LABELS.index("timing")


def flags(*labels: int | None) -> np.ndarray:
    """Return one row an utterance, each with one label or none."""
    found = np.zeros((len(labels), len(OBJECTION_LABELS)), dtype=bool)
    for row, label in enumerate(labels):
        if label is not None:
            found[row, label] = True
    return found


def test_a_label_that_is_often_wrong_is_counted_from_a_higher_score_on() -> None:
    """Timing is right only where it is sure, price everywhere."""
    chances = np.tile(np.linspace(0.4, 0.94, 2000, dtype=np.float32), 2)
    said = flags(*[PRICE] * 2000, *[TIMING] * 2000)
    yes = np.asarray([True] * 2000 + [chance > 0.8 for chance in chances[2000:]])
    found = objection_thresholds(chances, yes, said)
    assert set(found) == set(OBJECTION_THRESHOLDS)
    assert found["digest:price"] < 0.7 < found["digest:timing"] < 0.82
    assert min(found.values()) == found["objection"]


def test_no_threshold_is_below_what_is_stored() -> None:
    """Where everything is right, labels count from where they are stored on."""
    chances = np.asarray([0.05] * 50 + [0.6] * 50, dtype=np.float32)
    yes = chances > 0.5
    found = objection_thresholds(chances, yes, flags(*[None] * 50, *[PRICE] * 50))
    assert found["digest:price"] == found["objection"] <= 0.6


def test_a_rare_label_borrows_from_all_of_them() -> None:
    """One wrong report among two says little where hundreds of others are right."""
    chances = np.full(302, 0.9, dtype=np.float32)
    yes = np.asarray([True] * 301 + [False])
    found = objection_thresholds(chances, yes, flags(*[PRICE] * 300, TIMING, TIMING))
    assert found["digest:timing"] == found["digest"]


def test_flags_say_what_the_labels_say() -> None:
    """Several labels of one utterance, and none where it fits no label."""
    which = np.random.default_rng(3).dirichlet(np.full(len(OBJECTION_LABELS) + 1, 0.3), size=50)
    which[0] = np.eye(len(OBJECTION_LABELS) + 1)[-1]
    for row, chances in zip(flags_of(which), which, strict=True):
        labels = [label for label, yes in zip(OBJECTION_LABELS, row, strict=True) if yes]
        assert sorted(labels) == sorted(labels_of(chances))
    assert not flags_of(which)[0].any()
