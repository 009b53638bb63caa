"""Fit a linear question again from where it stands: it moves only as far as the examples push it."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from callmine.extractors.heads import Floats
from callmine.extractors.thresholds import Flags

Doubles = npt.NDArray[np.float64]


def nudged(
    features: Doubles, wanted: Doubles, odds: Doubles, counts: Doubles, *, prior: float
) -> tuple[Doubles, Doubles]:
    """Return what to add to a question's weights and offsets so that it answers examples better.

    Logistic regression (softmax where there are several answers) with the present log-odds as offset and a
    Gaussian prior around no change, which is the same as an L2 penalty towards the present weights.
    Scikit-learn's logistic regression has neither an offset nor a prior elsewhere than at zero, and takes
    no example that is half one answer and half another; so this is L-BFGS on the loss, which is convex.

    Args:
        features: Shape (examples, features).
        wanted: Shape (examples, answers); rows add up to 1 where there are several answers.
        odds: Present log-odds of each answer, shape (examples, answers).
        counts: How much each example counts, shape (examples,).
        prior: Strength of the prior: the penalty is half of it for every squared unit of change.

    Returns:
        Changes of the weights, shape (answers, features), and of the offsets, shape (answers,).
    """
    from scipy.optimize import minimize

    answers, width = wanted.shape[1], features.shape[1]
    with_one = np.hstack([features, np.ones((len(features), 1))])

    def loss(flat: Doubles) -> tuple[float, Doubles]:
        change = flat.reshape(answers, width + 1)
        now = odds + with_one @ change.T
        if answers == 1:
            each = np.logaddexp(0.0, now) - wanted * now
            chance = 1.0 / (1.0 + np.exp(-now))
        else:
            top = now.max(axis=1, keepdims=True)
            total = top + np.log(np.exp(now - top).sum(axis=1, keepdims=True))
            each = wanted * (total - now)
            chance = np.exp(now - total)
        slope = ((chance - wanted) * counts[:, None]).T @ with_one + prior * change
        return float((each.sum(axis=1) * counts).sum() + prior / 2 * (flat @ flat)), slope.ravel()

    start = np.zeros(answers * (width + 1))
    done: Any = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 500})
    change = np.asarray(done.x, dtype=np.float64).reshape(answers, width + 1)
    return change[:, :-1], change[:, -1]


def platt(raw: Floats, yes: Flags) -> tuple[float, float]:
    """Return slope and shift that make raw log-odds probabilities (Platt 1999)."""
    from sklearn.linear_model import LogisticRegression

    fitted = LogisticRegression(C=10.0).fit(raw[:, None], yes)
    return float(fitted.coef_[0, 0]), float(fitted.intercept_[0])
