"""Content requests, and what positioning phrases speak of, in calls that are labelled for them."""

from __future__ import annotations

from benchmarks.quality.gold import Gold, Labels
from benchmarks.quality.tables import HEADER, any_line, each_line, label_line, share
from callmine.domain import Role
from callmine.extractors.encoder import Encoder
from callmine.extractors.heads import SORTS
from callmine.extractors.positioning import PositioningExtractor
from callmine.extractors.requests import LABEL, RequestExtractor


def wishes_part(gold: Gold, encoder: Encoder) -> list[str]:
    """Return the tables of requests and of sorts."""
    passages = [item.passage for item in gold.items]
    found = RequestExtractor(encoder).extract(passages)
    requests: Labels = [frozenset(m.label for m in ms) for ms in found]
    asked: Labels = [frozenset({LABEL} if row["request"] else ()) for row in gold.rows]
    out = ["Content requests:", "", HEADER, any_line("a request", asked, requests)]
    for title, known in (("roles known", True), ("roles unknown", False)):
        at = [i for i, item in enumerate(gold.items) if (item.role is not Role.UNKNOWN) is known]
        out.append(any_line(f"a request, {title}", [asked[i] for i in at], [requests[i] for i in at]))
    phrases = PositioningExtractor(encoder).extract(passages)
    sorts: Labels = [frozenset(str(m.detail["sort"]) for m in ms) for ms in phrases]
    said: Labels = [frozenset(label for label, _, _ in row["spans"] if label in SORTS) for row in gold.rows]
    at = [i for i, item in enumerate(gold.items) if item.role is not Role.REP]
    return [*out, "", *sort_lines([said[i] for i in at], [sorts[i] for i in at])]


def sort_lines(wanted: Labels, found: Labels) -> list[str]:
    """Return the table of sorts, and how often the sort of a phrase found is right."""
    both = [(w, f) for w, f in zip(wanted, found, strict=True) if w and f]
    right = sum(bool(w & f) for w, f in both)
    return [
        "Positioning phrases and what they speak of; without reps', which are value by rule:",
        "",
        HEADER,
        label_line("the right sort", wanted, found),
        *(each_line(sort, wanted, found) for sort in SORTS),
        "",
        f"Where a phrase is found, its sort is right in {share(right, len(both))}.",
    ]
