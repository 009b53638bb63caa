"""What a threshold does to objections: precision and recall along it, and a threshold for each label."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.quality.gold import Found, Gold, Labels
from benchmarks.quality.tables import HEADER, any_line, each_line, label_line, line
from callmine.domain import OBJECTION_LABELS
from callmine.extractors.encoder import Encoder
from callmine.extractors.heads import Floats, Questions
from callmine.extractors.lessons import FILE, RESISTANCE, Lessons
from callmine.extractors.objections import labels_of
from callmine.extractors.thresholds import PRECISION, Flags, precise_threshold

STEPS = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
"""Thresholds of the curve."""

ENOUGH = 15
"""Held-out examples from which a label gets a threshold of its own."""


@dataclass(frozen=True, slots=True)
class Judged:
    """Held-out utterances as one label sees them.

    Attributes:
        label: Which.
        chances: Probability of an objection where the label is found, else 0; shape (utterances,).
        yes: Which utterances have the label.
    """

    label: str
    chances: Floats
    yes: Flags

    def row(self, name: str, threshold: float) -> str:
        """Return the row of the label from a threshold on."""
        found = self.chances >= threshold
        return line(name, int((found & self.yes).sum()), int(found.sum()), int(self.yes.sum()))


def curves_part(measured: Sequence[tuple[Gold, Found]], *, stored: float) -> list[str]:
    """Return the section with precision and recall along the threshold, for each gold file given.

    Args:
        measured: Gold files and what was found in them.
        stored: Probability from which an objection is stored.
    """
    out = [
        "## Objections by threshold",
        "",
        f"What is less likely than {stored:g} is not stored, so the first lines are of what nobody sees.",
    ]
    for gold, found in measured:
        for title, row in (("any objection", any_line), ("the right label", label_line)):
            out += ["", f"{gold.title}, {title}:", "", HEADER]
            out += [row(f"from {step:g}", gold.wanted, found.likely(step)) for step in STEPS]
    return out


def label_part(encoder: Encoder, measured: Sequence[tuple[Gold, Found]]) -> list[str]:
    """Return the section with a threshold for each label, and what those do on the gold files given.

    The thresholds come from the calls with which the model is shipped to judge what a workspace
    learns (:mod:`callmine.extractors.lessons`): whole calls that it never learned from.
    """
    title = f"## Thresholds of single labels for a precision of {PRECISION:g}"
    if FILE not in encoder.card()["files"]:
        return [title, "", "This model comes without held-out utterances to choose them on."]
    lessons = encoder.lessons().only(judging=True)
    least = encoder.thresholds()["objection"]
    chosen, few, none = [], [], []
    for judged in by_label(lessons, encoder.questions):
        if judged.yes.sum() < ENOUGH:
            few.append(f"{judged.label} ({judged.yes.sum()})")
        elif threshold := bar(judged, least=least):
            chosen.append((judged, threshold))
        else:
            none.append(judged.label)
    out = [
        title,
        "",
        f"The lowest probability, of those that are stored (from {least:g}), from which that share of a"
        f" label's findings is right in {len(lessons.judging)} held-out utterances of whole training calls."
        " Chosen there, so those figures flatter; gold shows what holds elsewhere. callmine itself has one"
        " threshold for all labels.",
    ]
    if chosen:
        out += ["", "Held-out training calls:", "", HEADER]
        out += [judged.row(_named(judged, threshold), threshold) for judged, threshold in chosen]
        out += ["", f"All gold ({sum(len(gold.items) for gold, _ in measured)} utterances):", "", HEADER]
        out += [gold_line(_named(j, t), j.label, t, measured) for j, t in chosen]
    if none:
        out += ["", f"No threshold does it for: {', '.join(none)}."]
    if few:
        out += ["", f"Fewer than {ENOUGH} held-out examples, so no threshold: {', '.join(few)}."]
    return out


def by_label(lessons: Lessons, questions: Questions) -> Iterator[Judged]:
    """Yield held-out utterances as each label sees them."""
    chances = questions.chances("objection", lessons.features)
    which = [labels_of(row) for row in questions.chances("label", lessons.features)]
    for label in OBJECTION_LABELS:
        said = np.asarray([label in labels for labels in which], dtype=np.bool_)
        yes = lessons.labels[:, RESISTANCE.index(label)]
        yield Judged(label, np.where(said, chances, np.float32(0)), yes)


def bar(judged: Judged, *, least: float, precision: float = PRECISION) -> float | None:
    """Return the lowest threshold from ``least`` on with that precision; ``None`` where none has it."""
    stored = np.where(judged.chances >= least, judged.chances, np.float32(0))
    threshold = max(least, precise_threshold(stored, judged.yes, precision=precision))
    found = stored >= threshold
    hits = int((found & judged.yes).sum())
    return threshold if found.any() and hits >= precision * int(found.sum()) else None


def gold_line(name: str, label: str, threshold: float, measured: Sequence[tuple[Gold, Found]]) -> str:
    """Return the row of a label from a threshold on, over several gold files."""
    wanted: Labels = [labels for gold, _ in measured for labels in gold.wanted]
    found: Labels = [labels for _, ours in measured for labels in ours.likely(threshold)]
    return each_line(label, wanted, found, name=name)


def _named(judged: Judged, threshold: float) -> str:
    return f"{judged.label}, from {threshold:.2f}"
