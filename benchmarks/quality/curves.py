"""What a threshold does to objections: precision and recall along it, and a threshold for each label."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.quality.gold import Found, Gold, Labels
from benchmarks.quality.tables import HEADER, any_line, each_line, label_line
from callmine.domain import OBJECTION_LABELS, Kind
from callmine.extractors.thresholds import PRECISION
from callmine.operations.counting import Bars

STEPS = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
"""Thresholds of the curve."""


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


def label_part(bars: Bars, measured: Sequence[tuple[Gold, Found]]) -> list[str]:
    """Return the section with the threshold of each label, and what those do on the gold files given."""
    wanted: Labels = [labels for gold, _ in measured for labels in gold.wanted]
    found: Labels = [labels for _, ours in measured for labels in ours.counted(bars)]
    rows = [
        each_line(label, wanted, found, name=f"{label}, from {bars.of(Kind.OBJECTION, label):.2f}")
        for label in OBJECTION_LABELS
    ]
    return [
        "## Labels as a digest counts them",
        "",
        f"Each label has a threshold of its own, the lowest from which {PRECISION:.0%} of the utterances"
        " that are given it do object, in held-out training calls; with few examples that share is shrunk"
        " towards the one of all labels. This is what those do on all gold"
        f" ({len(wanted)} utterances), where a label's row counts the right label only.",
        "",
        HEADER,
        any_line("any objection", wanted, found),
        label_line("all labels", wanted, found),
        *rows,
    ]
