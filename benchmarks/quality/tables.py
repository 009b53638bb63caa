"""Rows of Markdown tables with intervals."""

from __future__ import annotations

from typing import Any

from scipy.stats import binomtest

from benchmarks.quality.gold import Labels

HEADER = "| | support | precision (95 %) | recall (95 %) | F1 |\n|---|---|---|---|---|"


def share(hits: int, total: int) -> str:
    """Return a share with its 95 % Wilson interval."""
    if not total:
        return "–"
    interval = binomtest(hits, total).proportion_ci(method="wilson")
    return f"{hits / total:.2f} ({interval.low:.2f}–{interval.high:.2f})"


def line(name: str, hits: int, reported: int, wanted: int, *, right: int | None = None) -> str:
    """Return a table row: support, precision, recall, F1.

    Args:
        name: What it is about.
        hits: How many of what is wanted were found.
        reported: How many were found.
        wanted: How many there are.
        right: How many of those found are right, where that is not ``hits``.
    """
    right = hits if right is None else right
    precision, recall = right / max(1, reported), hits / max(1, wanted)
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    return f"| {name} | {wanted} | {share(right, reported)} | {share(hits, wanted)} | {f1:.2f} |"


def any_line(name: str, wanted: Labels, found: Labels) -> str:
    """Return the row of "any objection"."""
    hits = sum(bool(w) and bool(f) for w, f in zip(wanted, found, strict=True))
    return line(name, hits, sum(map(bool, found)), sum(map(bool, wanted)))


def label_line(name: str, wanted: Labels, found: Labels) -> str:
    """Return the row over all labels."""
    hits = sum(len(w & f) for w, f in zip(wanted, found, strict=True))
    return line(name, hits, sum(map(len, found)), sum(map(len, wanted)))


def each_line(label: str, wanted: Labels, found: Labels, *, name: str = "") -> str:
    """Return the row of one label, under its own name or another."""
    at = [frozenset({label})] * len(wanted)
    return label_line(name or label, _both(wanted, at), _both(found, at))


def score_line(name: str, score: dict[str, Any]) -> str:
    """Return the row of a score of ``callmine evaluate --json``."""
    hits = round((score["recall"] or 0) * score["support"])
    return line(name, hits, score["predicted"], score["support"])


def _both(some: Labels, others: Labels) -> Labels:
    return [one & other for one, other in zip(some, others, strict=True)]
