"""Precision, recall and F1 of the extractors against labelled utterances.

The unit is the utterance: a label counts once in it, however often it is said there. The
shapes of the gold line (:mod:`callmine.evaluate.gold`), the result and the prediction line are part
of the command contract.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from callmine.domain import OBJECTION_LABELS, Kind, Mention
from callmine.evaluate.gold import SIDES, GoldItem, read_gold
from callmine.extractors.base import Extractor
from callmine.files import write_whole
from callmine.playbook import Playbook

NO_PLAYBOOK = "Competitors were not measured: name the playbook with --playbook, or run in a workspace."

_BATCH = 256


@dataclass(frozen=True, slots=True)
class Score:
    """How well one label is found; ratios are ``None`` where they are 0/0.

    Attributes:
        support: Utterances that have the label.
        predicted: Utterances in which it was found.
        hits: Utterances that have it and in which it was found.
    """

    support: int
    predicted: int
    hits: int

    @property
    def precision(self) -> float | None:
        """Share of what was found that is right, 0..1."""
        return _ratio(self.hits, self.predicted)

    @property
    def recall(self) -> float | None:
        """Share of what is there that was found, 0..1."""
        return _ratio(self.hits, self.support)

    @property
    def f1(self) -> float | None:
        """Harmonic mean of precision and recall, 0..1."""
        return _ratio(2 * self.hits, self.support + self.predicted)

    def to_json(self) -> dict[str, Any]:
        """Return the score in the contract's shape."""
        ratios = {"precision": self.precision, "recall": self.recall, "f1": self.f1}
        return {"support": self.support, "predicted": self.predicted, **ratios}


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The scores of a gold file, and what was found in each of its utterances.

    ``competitor_any`` and ``competitor`` are ``None`` where there is no playbook; ``predictions``
    holds a prediction line of the contract per utterance, in the order of the gold file.
    """

    n: int
    objection_any: Score
    objection: Mapping[str, Score]
    competitor_any: Score | None
    competitor: Mapping[str, Score] | None
    positioning: Mapping[str, Score]
    predictions: tuple[Mapping[str, Any], ...]

    def to_json(self) -> dict[str, Any]:
        """Return what ``callmine evaluate --json`` prints."""
        value: dict[str, Any] = {
            "n": self.n,
            "objection_any": self.objection_any.to_json(),
            "objection": {label: s.to_json() for label, s in self.objection.items()},
            "competitor_any": None,
            "competitor": None,
            "positioning": {side: s.to_json() for side, s in self.positioning.items()},
        }
        if self.competitor_any is None or self.competitor is None:
            value["note"] = NO_PLAYBOOK
        else:
            value["competitor_any"] = self.competitor_any.to_json()
            value["competitor"] = {name: s.to_json() for name, s in self.competitor.items()}
        return value


def evaluate(
    gold: Iterable[GoldItem], extractors: Sequence[Extractor], playbook: Playbook | None
) -> Evaluation:
    """Run the extractors over labelled utterances and score what they find.

    Args:
        gold: The labelled utterances; the role never filters.
        extractors: Set up already, for ``playbook`` where there is one.
        playbook: Gives competitors' canonical names; without it they are not scored.
    """
    items = list(gold)
    found = _extract(items, extractors)
    labels = dict.fromkeys(playbook.titles() if playbook else OBJECTION_LABELS)
    said = [item.objections for item in items]
    heard = [_labels(mentions, Kind.OBJECTION) for mentions in found]
    sides = [frozenset({item.positioning} if item.positioning else ()) for item in items]
    side_heard = [frozenset(m.detail["side"] for m in _of(ms, Kind.POSITIONING)) for ms in found]
    names_any, names = None, None
    if playbook is not None:
        canonical = _canonical(playbook)
        named = [frozenset(canonical.get(n.casefold(), n) for n in item.competitors) for item in items]
        name_heard = [_labels(mentions, Kind.COMPETITOR) for mentions in found]
        names_any = score_any(named, name_heard)
        names = score_labels(named, name_heard, known=[c.name for c in playbook.competitors])
    return Evaluation(
        n=len(items),
        objection_any=score_any(said, heard),
        objection=score_labels(said, heard, known=labels),
        competitor_any=names_any,
        competitor=names,
        positioning=score_labels(sides, side_heard, known=SIDES),
        predictions=tuple(_prediction(i, ms) for i, ms in zip(items, found, strict=True)),
    )


def score_any(gold: Sequence[AbstractSet[str]], found: Sequence[AbstractSet[str]]) -> Score:
    """Score whether an utterance has any label at all; the sequences are aligned."""
    hits = sum(bool(g) and bool(f) for g, f in zip(gold, found, strict=True))
    return Score(sum(map(bool, gold)), sum(map(bool, found)), hits)


def score_labels(
    gold: Sequence[AbstractSet[str]], found: Sequence[AbstractSet[str]], *, known: Iterable[str] = ()
) -> dict[str, Score]:
    """Score each label apart: the known ones in their order, then others by name."""
    others = set().union(*gold, *found)
    labels = dict.fromkeys([*known, *sorted(others)])
    return {
        label: Score(
            sum(label in g for g in gold),
            sum(label in f for f in found),
            sum(label in g and label in f for g, f in zip(gold, found, strict=True)),
        )
        for label in labels
    }


def write_predictions(path: Path, evaluation: Evaluation) -> None:
    """Write a prediction line per utterance; the file appears whole or not at all.

    Raises:
        callmine.errors.UsageError: The file cannot be written.
    """
    lines = [json.dumps(line, ensure_ascii=False) + "\n" for line in evaluation.predictions]
    write_whole(path, "".join(lines))


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _extract(items: Sequence[GoldItem], extractors: Sequence[Extractor]) -> list[list[Mention]]:
    found: list[list[Mention]] = [[] for _ in items]
    for start in range(0, len(items), _BATCH):
        passages = [item.passage for item in items[start : start + _BATCH]]
        for extractor in extractors:
            for offset, mentions in enumerate(extractor.extract(passages)):
                found[start + offset].extend(mentions)
    return found


def _of(mentions: Iterable[Mention], kind: Kind) -> list[Mention]:
    return sorted((m for m in mentions if m.kind is kind), key=lambda m: (m.start, m.end, m.label))


def _labels(mentions: Iterable[Mention], kind: Kind) -> frozenset[str]:
    return frozenset(m.label for m in _of(mentions, kind))


def _canonical(playbook: Playbook) -> dict[str, str]:
    """Return every form of a competitor's name, case-folded, with the canonical one."""
    return {
        form.casefold(): rival.name
        for rival in playbook.competitors
        for form in (rival.name, *rival.aliases, *rival.heard_as)
    }


def _prediction(item: GoldItem, mentions: Sequence[Mention]) -> dict[str, Any]:
    """Return the prediction line of one utterance."""

    def place(mention: Mention) -> dict[str, Any]:
        return {"score": mention.score, "start": mention.start, "end": mention.end}

    return {
        "id": item.id,
        "objections": [{"label": m.label, **place(m)} for m in _of(mentions, Kind.OBJECTION)],
        "competitors": [
            {
                "name": m.label,
                "relation": m.detail.get("relation", "mentioned"),
                "stance": m.detail.get("stance", "neutral"),
                **place(m),
            }
            for m in _of(mentions, Kind.COMPETITOR)
        ],
        "positioning": [{"side": m.detail["side"], **place(m)} for m in _of(mentions, Kind.POSITIONING)],
    }


__all__ = [
    "NO_PLAYBOOK",
    "SIDES",
    "Evaluation",
    "GoldItem",
    "Score",
    "evaluate",
    "read_gold",
    "score_any",
    "score_labels",
    "write_predictions",
]
