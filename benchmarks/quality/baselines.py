"""What a simple method finds: keyword trackers, TF-IDF with logistic regression, the nearest example."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from benchmarks.quality.embedding import Embedder
from benchmarks.quality.gold import ROOT, Labels
from callmine.config import load_settings
from callmine.domain import OBJECTION_LABELS, Role
from callmine.evaluate.gold import GoldItem
from callmine.extractors.training.data import read_all
from callmine.weights import resolve
from callmine.workspace import models_folder

KEYWORDS = {
    "price": ("price", "pricing", "expensive", "budget", "cost", "afford", "cheaper"),
    "timing": ("next quarter", "next year", "not now", "later", "bad time", "priority"),
    "authority": ("my boss", "cfo", "the board", "sign off", "approve", "approval", "decision maker"),
    "no_need": ("don't need", "no need", "spreadsheet", "we're fine", "works for us"),
    "incumbent": ("already use", "already have", "current vendor", "current provider", "renewed"),
    "trust": ("prove", "references", "reviews", "not sure i believe", "case study", "burned"),
    "feature_gap": ("missing", "doesn't have", "doesn't support", "can't do", "lacks"),
    "integration": ("integrate", "integration", "sync", "api", "connect to"),
    "security": ("security", "compliance", "gdpr", "privacy", "legal", "infosec"),
    "implementation": ("rollout", "migration", "training", "bandwidth", "implement", "onboarding"),
    "contract": ("contract", "lock-in", "cancel", "renewal", "terms", "liability"),
    "brush_off": ("send me", "not interested", "think about it", "get back to you"),
}
"""What a keyword tracker of the usual kind would listen for; written before looking at gold."""

QUIET = 4_000
"""Quiet training turns that an utterance is compared with, beside all that object."""


@dataclass(frozen=True, slots=True)
class Line:
    """A turn as the baselines see it."""

    role: Role
    text: str
    before: str
    labels: frozenset[str]


def keyword_trackers(items: Sequence[GoldItem]) -> Labels:
    """Report a label when one of its words is said by anybody but a rep."""
    return [
        frozenset(
            label
            for label, words in KEYWORDS.items()
            if item.role is not Role.REP and any(word in item.text.lower() for word in words)
        )
        for item in items
    ]


def training_lines() -> list[Line]:
    """Return every training turn that is labelled, with the turn before it."""
    found = []
    for script in read_all(ROOT / "data" / "train"):
        before = ""
        for turn in script.turns:
            if "objection" in turn.asked:
                labels = frozenset(turn.labels & set(OBJECTION_LABELS))
                found.append(Line(turn.role, turn.text, before, labels))
            before = turn.text
    return found


def lines_of(items: Sequence[GoldItem]) -> list[Line]:
    """Return gold utterances as the baselines see them."""
    return [Line(i.role, i.text, i.before[-1].text if i.before else "", i.objections) for i in items]


class TfIdf:
    """TF-IDF of words and word pairs with logistic regression, one model a label."""

    def __init__(self, train: Sequence[Line]) -> None:
        """Fit on training turns."""
        self._vectorizer = TfidfVectorizer(ngram_range=(1, 2), min_df=3, sublinear_tf=True)
        x = self._vectorizer.fit_transform(map(_shown, train))
        self._models = {
            label: LogisticRegression(C=10, class_weight="balanced", max_iter=300, solver="liblinear").fit(
                x, [label in line.labels for line in train]
            )
            for label in OBJECTION_LABELS
        }

    def __call__(self, items: Sequence[GoldItem]) -> Labels:
        """Return the labels that are likelier than not."""
        x = self._vectorizer.transform(map(_shown, lines_of(items)))
        likely = {label: model.predict_proba(x)[:, 1] >= 0.5 for label, model in self._models.items()}
        return [frozenset(label for label in likely if likely[label][i]) for i in range(len(items))]


def _shown(line: Line) -> str:
    return f"{line.role.value}_ {line.text} __ {line.before}"


class NearestExample:
    """The labels of the training turn with the nearest sentence embedding (the published MiniLM)."""

    def __init__(self, train: Sequence[Line]) -> None:
        """Embed what objects, and an even choice of the rest."""
        quiet = [line for line in train if not line.labels]
        kept = [line for line in train if line.labels] + quiet[:: max(1, len(quiet) // QUIET)]
        self._labels = [line.labels for line in kept]
        self._embedder = Embedder(resolve("minilm", folder=models_folder(load_settings(None))))
        self._vectors = self._embedder.embed([line.text for line in kept])

    def __call__(self, items: Sequence[GoldItem]) -> Labels:
        """Return the labels of the nearest; none for a rep."""
        near = np.argmax(self._embedder.embed([i.text for i in items]) @ self._vectors.T, axis=1)
        return [
            self._labels[int(n)] if item.role is not Role.REP else frozenset()
            for item, n in zip(items, near, strict=True)
        ]
