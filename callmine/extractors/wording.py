"""A second opinion on which objection it is, from the words alone.

The encoder is better at meaning, word counts are better at telling words ("auto-renewal", "single
sign-on"); on held-out scenarios the two together name the right label more often than either.
scikit-learn's TF-IDF and multinomial logistic regression, kept as plain numbers: nothing is unpickled.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from callmine.extractors.rendering import unpunctuated

Floats = npt.NDArray[np.float32]

FILE = "words.npz"

_OPTIONS: dict[str, Any] = {
    "ngram_range": (1, 2),
    "sublinear_tf": True,
    "token_pattern": r"(?u)\b\w[\w']*\b",
}


def fit_words(texts: Sequence[str], labels: Sequence[int], classes: int) -> dict[str, Any]:
    """Fit on utterances that hold an objection; return what :class:`LabelWords` reads.

    Args:
        texts: Utterances.
        labels: Index of each one's label.
        classes: Number of labels; every one must occur.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    vectorizer = TfidfVectorizer(min_df=2, **_OPTIONS)
    model = LogisticRegression(C=20, max_iter=2000).fit(
        vectorizer.fit_transform([unpunctuated(t) for t in texts]), labels
    )
    if list(model.classes_) != list(range(classes)):
        raise ValueError("a label has no example")
    terms = vectorizer.get_feature_names_out().tolist()
    return {
        "terms": np.frombuffer(json.dumps(terms, ensure_ascii=False).encode(), dtype=np.uint8),
        "idf": vectorizer.idf_.astype(np.float32),
        "coefficients": model.coef_.astype(np.float16),
        "intercepts": model.intercept_.astype(np.float32),
    }


class LabelWords:
    """Log-probabilities of each label, given that there is an objection."""

    def __init__(self, folder: Path) -> None:
        """Load ``words.npz`` from a model folder."""
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import LogisticRegression

        with np.load(folder / FILE, allow_pickle=False) as data:
            terms = json.loads(data["terms"].tobytes().decode())
            self._vectorizer = TfidfVectorizer(vocabulary=terms, **_OPTIONS)
            self._vectorizer.idf_ = data["idf"].astype(np.float64)
            self._model = LogisticRegression()
            self._model.coef_ = data["coefficients"].astype(np.float64)
            self._model.intercept_ = data["intercepts"].astype(np.float64)
            self._model.classes_ = np.arange(len(self._model.intercept_))

    def log_chances(self, texts: Sequence[str]) -> Floats:
        """Return log-probabilities of shape (texts, labels)."""
        found = self._model.predict_log_proba(self._vectorizer.transform([unpunctuated(t) for t in texts]))
        return np.asarray(found, dtype=np.float32)
