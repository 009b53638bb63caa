"""What speaks for and against a competitor's name: parts of log-odds that add up to its score.

Scoring adds them up and explaining shows them, so what is told is what was reckoned.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

from callmine.extractors.sounds import Form
from callmine.extractors.spans import Token

_SUREST = 0.9999


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that speaks for a name, or against it.

    Attributes:
        what: In words, for a person.
        odds: Log-odds that it adds; negative where it speaks against the name.
        words: What was said that shows it; empty where that is the name itself.
    """

    what: str
    odds: float
    words: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A window that may be a name: the form it matches, where, and what its words alone say.

    ``match`` is the form's (``name``, ``alias``, ``heard_as``) or ``sound``; ``alike`` how like the form
    it sounds, 0..1.
    """

    form: Form
    start: int
    end: int
    heard: tuple[Token, ...]
    match: str
    parts: tuple[Part, ...]
    alike: float


@dataclass(frozen=True, slots=True)
class View:
    """How the encoder reads a name: log-odds that it is a rival's, its relation, the speaker's stance.

    The log-odds are ``None`` where it was not read: in another language, at the end of a very long turn.
    """

    odds: float | None
    relation: str
    stance: str


@dataclass(frozen=True, slots=True)
class Weighed:
    """A candidate with everything that was weighed for and against it."""

    candidate: Candidate
    view: View
    parts: tuple[Part, ...]

    @property
    def score(self) -> float:
        """The probability that the competitor is meant, 0..1; nothing that is read is certain."""
        return min(_SUREST, chance(total(self.parts)))


def chance(odds: float) -> float:
    """Return the probability, 0..1, of something with these log-odds."""
    return 1.0 / (1.0 + math.exp(-odds))


def total(parts: Iterable[Part]) -> float:
    """Return the log-odds that parts add up to."""
    return sum(part.odds for part in parts)


def scaled(parts: Iterable[Part], share: float) -> list[Part]:
    """Return parts of which only a share counts."""
    return [replace(part, odds=share * part.odds) for part in parts]


def telling(*parts: Part) -> list[Part]:
    """Return the parts that say anything at all."""
    return [part for part in parts if part.odds]
