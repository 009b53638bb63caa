"""What the encoder's outputs mean, and how they become probabilities."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from callmine.domain import OBJECTION_LABELS

LABELS = len(OBJECTION_LABELS)

HEADS: tuple[str, ...] = (*OBJECTION_LABELS, "positioning", "any_objection")
"""Names of the outputs, in order: which objection it would be, then two yes-or-no questions."""

POSITIONING, ANY = LABELS, LABELS + 1

Floats = npt.NDArray[np.float32]


def to_scores(logits: Floats, scales: Floats, second: Floats | None = None) -> Floats:
    """Return probabilities of shape (passages, heads).

    Whether there is an objection at all, and which one it would be, are learned apart, because
    the second question can only be learned from the few utterances that hold one. A label's
    score is the probability of an objection, shared out: a label with half of the share or more
    has all of it, so that two labels that stand side by side both keep the whole.

    Args:
        logits: Shape (passages, heads).
        scales: Slope and offset per head (Platt scaling) for the yes-or-no heads, shape (heads, 2).
        second: A second opinion on the labels: log-probabilities, shape (passages, labels).
    """
    raw = np.asarray(logits, dtype=np.float32)
    scores = 1.0 / (1.0 + np.exp(-(raw * scales[:, 0] + scales[:, 1])))
    which = raw[:, :LABELS] if second is None else raw[:, :LABELS] + second
    share = np.exp(which - which.max(axis=1, keepdims=True))
    share /= share.sum(axis=1, keepdims=True)
    scores[:, :LABELS] = scores[:, ANY : ANY + 1] * np.minimum(1.0, 2.0 * share)
    return np.asarray(scores, dtype=np.float32)
