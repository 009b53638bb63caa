"""Competitors' names along the threshold of their score."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.quality.gold import Gold, Labels
from benchmarks.quality.tables import HEADER, label_line
from callmine.config import load_settings
from callmine.domain import Kind
from callmine.extractors.base import Passage
from callmine.extractors.competitors import THRESHOLD, CompetitorExtractor
from callmine.extractors.encoder import Encoder
from callmine.extractors.heads import Floats
from callmine.extractors.parse import Parser
from callmine.extractors.windows import Place
from callmine.playbook import load_playbook
from callmine.weights import resolve
from callmine.workspace import models_folder

STEPS = (0.1, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95)
"""Thresholds of the table."""

Views = list[tuple[Floats, Floats] | None]


class ReadOnce(Encoder):
    """An encoder that remembers how it read the places of names: every threshold asks for the same."""

    _asked: tuple[list[Passage], list[Place]] | None = None
    _views: Views

    def read_places(self, passages: Sequence[Passage], places: Sequence[Place]) -> Views:
        """Return what was read of these very places, or read them."""
        asked = (list(passages), list(places))
        if asked != self._asked:
            self._views = super().read_places(passages, places)
            self._asked = asked
        return self._views


def names_part(golds: Sequence[Gold]) -> list[str]:
    """Return the section with precision and recall of names along the threshold."""
    parser = Parser(resolve("en_core_web_sm", folder=models_folder(load_settings(None))))
    encoder = ReadOnce()
    out = [
        "## Competitors' names by threshold",
        "",
        f"callmine reports a name from {THRESHOLD:g} on. The unit is a name in an utterance.",
    ]
    for gold in golds:
        if gold.playbook is None:
            continue
        finder = CompetitorExtractor(parser, encoder)
        finder.setup(load_playbook(gold.playbook))
        out += ["", f"{gold.title}:", "", HEADER]
        wanted = [item.competitors for item in gold.items]
        for step in STEPS:
            finder.threshold = step
            out.append(label_line(f"from {step:g}", wanted, names_in(finder, gold)))
    return out


def names_in(finder: CompetitorExtractor, gold: Gold) -> Labels:
    """Return the names found in each utterance."""
    found = finder.extract([item.passage for item in gold.items])
    return [frozenset(m.label for m in ms if m.kind is Kind.COMPETITOR) for ms in found]
