"""The extractor protocol: a batch of passages in, mentions per passage out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

from callmine.domain import Json, Kind, Mention, Role
from callmine.playbook import Playbook

ENGLISH = frozenset({"en"})
"""The languages of what was trained on English, or holds English words; ISO 639-1."""

ANY_LANGUAGE: frozenset[str] = frozenset()
"""The languages of what reads a call whatever its language."""

CONTEXT_TURNS = 3
"""How many previous turns an extractor is shown."""


Third = Literal["first_third", "middle", "last_third"]
"""Parts of a call, of equal length."""


@dataclass(frozen=True, slots=True)
class Turn:
    """An earlier turn: who (as far as known) and what."""

    role: Role
    text: str


@dataclass(frozen=True, slots=True)
class Passage:
    """One utterance to read, with what was said before it (oldest first).

    ``language`` is the call's, ISO 639-1; ``position`` the part of the call in which the utterance
    begins, ``None`` where that is not known.
    """

    text: str
    role: Role = Role.UNKNOWN
    before: tuple[Turn, ...] = ()
    language: str = "en"
    position: Third | None = None


class Finder(Protocol):
    """Whatever finds evidence, and what is to be known of it.

    ``languages`` are the ISO 639-1 codes of the languages it knows; none stands for any language.
    It is not asked about calls in another one, and reports say so.
    """

    name: str
    version: str
    languages: frozenset[str]

    @property
    def threshold(self) -> float | None:
        """Least score (0..1) with which it reports something; ``None`` where it knows no doubt."""
        ...

    def settings(self) -> Json:
        """Return what changes the output (model hash, thresholds), playbook apart."""
        ...


@runtime_checkable
class Extractor(Finder, Protocol):
    """Finds one or more kinds of evidence. Reads passages only: no store, no audio."""

    kinds: frozenset[Kind]

    def setup(self, playbook: Playbook) -> None:
        """Load models and prepare for the playbook; once per worker."""
        ...

    def extract(self, passages: Sequence[Passage]) -> list[list[Mention]]:
        """Return the mentions of each passage, in the order of the passages."""
        ...


def knows(finder: Finder, language: str) -> bool:
    """Whether it can read a call in ``language`` (ISO 639-1)."""
    return not finder.languages or language in finder.languages
