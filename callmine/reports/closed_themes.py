"""Emerging themes of closed deals: what prospects said against us that fits no label, as things heard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from callmine.reports.closed import Closed, Heard
from callmine.reports.emerging import Alike
from callmine.store.rows import EvidenceRow, HeardRow


@dataclass(frozen=True, slots=True, eq=False)
class Themes:
    """The themes of a cohort's calls.

    Attributes:
        groups: The utterances of each theme by its label, the most frequent theme first.
    """

    groups: Mapping[str, Alike]

    @property
    def titles(self) -> dict[str, str]:
        """Return what people call each theme: its telling words, else its first quote."""
        return {label: title_of(group) for label, group in self.groups.items()}

    @property
    def evidence(self) -> list[EvidenceRow]:
        """Return all of their utterances; they are in no table of findings."""
        return [row for group in self.groups.values() for row in group.rows]


def themes_of(groups: Sequence[Alike]) -> Themes:
    """Give each theme a label: the id of the quote that is most like all the others."""
    return Themes({group.rows[0].finding_id: group for group in groups})


def title_of(group: Alike) -> str:
    """Return what people call a theme."""
    return ", ".join(group.words) or group.rows[0].text


def with_themes(closed: Closed, heard: Heard, themes: Themes) -> Heard:
    """Return what was heard in the calls of a cohort, its themes among it.

    Args:
        closed: The deals and their calls.
        heard: What else was heard.
        themes: Of those calls.
    """
    number = {call_id: n for n, call_id in enumerate(closed.call_ids)}
    calls = {
        ("theme", label): np.unique(np.array([number[row.call_id] for row in group.rows], dtype=np.int64))
        for label, group in themes.groups.items()
    }
    firsts = {key: closed.cohort.first_heard(indices) for key, indices in calls.items()}
    rows = {("theme", label): tuple(map(_lean, group.rows)) for label, group in themes.groups.items()}
    return replace(
        heard,
        calls={**heard.calls, **calls},
        firsts={**heard.firsts, **firsts},
        rows={**heard.rows, **rows},
    )


def _lean(row: EvidenceRow) -> HeardRow:
    return HeardRow(*(getattr(row, name) for name in HeardRow._fields))
