"""Annotated calls: the text format of ``data/train/calls``, one turn a line with marks in it.

``data/train/README.md`` describes the marks. A call keeps its turns as words, each mark as a range
of words, so that noise can be put on the words without losing the marks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from callmine.domain import ANSWER_KINDS, OBJECTION_LABELS, RELATIONS, STANCES, Role
from callmine.extractors.heads import OTHER, REACTIONS, SORTS

EVERYTHING = frozenset({"objection", "positioning", "sort", "request", "answer", "reaction", "rival"})
"""What the annotated calls are labelled for."""

_MARKS = frozenset((*OBJECTION_LABELS, OTHER, *SORTS, "request"))
_TAGS = frozenset((*ANSWER_KINDS, *REACTIONS[1:]))
_SIDES = {"R": Role.REP, "P": Role.PROSPECT, "U": Role.UNKNOWN}
_OPEN = re.compile(r"\{([a-z_+]+):\s*")
_NAME = re.compile(r"\[([^\]|=]+)(?:=([^\]|]+))?\|([a-z]+)\|([a-z]+)\]")
_TAG = re.compile(r"\s*#([a-z_]+)\s*$")
_LINE = re.compile(r"([RPU]): ?(.*)$")


@dataclass(frozen=True, slots=True)
class Mark:
    """A range of words ``[start, end)`` and what it is; several labels where each would stand alone."""

    start: int
    end: int
    labels: frozenset[str]


@dataclass(frozen=True, slots=True)
class Name:
    """A rival named in words ``[start, end)``."""

    start: int
    end: int
    relation: str
    stance: str


@dataclass(frozen=True, slots=True)
class Labelled:
    """A turn with what is known of it.

    Attributes:
        role: Who spoke.
        words: The text, cut at blanks.
        marks: What its words say; ``None`` as range where only the whole turn is labelled.
        labels: Objection labels, sorts and ``request`` of the whole turn.
        names: Rivals named.
        tags: The kind of answer, or how an answer was taken.
        asked: Which questions the turn was labelled for; none for mere context.
    """

    role: Role
    words: tuple[str, ...]
    marks: tuple[Mark, ...] = ()
    labels: frozenset[str] = frozenset()
    names: tuple[Name, ...] = ()
    tags: frozenset[str] = frozenset()
    asked: frozenset[str] = frozenset()

    @property
    def text(self) -> str:
        """The turn's words."""
        return " ".join(self.words)


@dataclass(frozen=True, slots=True)
class Script:
    """A labelled conversation; ``scenario`` is what data are split by, ``source`` its file's name."""

    scenario: str
    source: str
    turns: tuple[Labelled, ...]

    @property
    def by_phone(self) -> bool:
        """Whether it is a telephone call, of which most recordings have one channel."""
        return self.source.startswith("phone")


def read_scripts(path: Path) -> list[Script]:
    """Read a file of annotated calls.

    Raises:
        ValueError: With file, line and what is wrong there.
    """
    found: list[Script] = []
    turns: list[Labelled] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        line = line.strip()
        if line.startswith("## "):
            turns = []
            found.append(Script(line[3:].split("|")[0].strip(), path.name, ()))
        elif line:
            said = _LINE.match(line)
            if said is None or not found:
                raise ValueError(f"{path}:{number}: neither a head line nor a turn: {line[:40]!r}")
            try:
                turns.append(_turn(_SIDES[said[1]], said[2]))
            except ValueError as error:
                raise ValueError(f"{path}:{number}: {error}") from error
            found[-1] = Script(found[-1].scenario, path.name, tuple(turns))
    return found


def _turn(role: Role, line: str) -> Labelled:
    tags = set()
    while tag := _TAG.search(line):
        if tag[1] not in _TAGS:
            raise ValueError(f"there is no tag #{tag[1]}")
        tags.add(tag[1])
        line = line[: tag.start()]
    text, spans, names = _parse(line)
    places = [(m.start(), m.end()) for m in re.finditer(r"\S+", text)]
    marks = tuple(Mark(*_in_words(places, a, b), labels) for a, b, labels in spans)
    return Labelled(
        role=role,
        words=tuple(text.split()),
        marks=marks,
        labels=frozenset().union(*(m.labels for m in marks)),
        names=tuple(Name(*_in_words(places, a, b), *rest) for a, b, rest in names),
        tags=frozenset(tags),
        asked=EVERYTHING,
    )


def _in_words(places: list[tuple[int, int]], start: int, end: int) -> tuple[int, int]:
    inside = [i for i, (a, b) in enumerate(places) if a < end and b > start]
    if not inside:
        raise ValueError("a mark without words")
    return inside[0], inside[-1] + 1


_Spans = list[tuple[int, int, frozenset[str]]]
_Names = list[tuple[int, int, tuple[str, str]]]


def _parse(line: str) -> tuple[str, _Spans, _Names]:
    """Return the text without its marks, the marked spans and the names, in characters."""
    text, spans, names, still_open, place = "", [], [], [], 0
    while place < len(line):
        sign = line[place]
        if sign == "{" and (begin := _OPEN.match(line, place)):
            labels = frozenset(begin[1].split("+"))
            if labels - _MARKS:
                raise ValueError(f"there is no label {sorted(labels - _MARKS)[0]!r}")
            still_open.append((labels, len(text)))
            place = begin.end()
        elif sign == "}" and still_open:
            labels, start = still_open.pop()
            spans.append((start, len(text), labels))
            place += 1
        elif sign == "[" and (name := _NAME.match(line, place)):
            if name[3] not in RELATIONS or name[4] not in STANCES:
                raise ValueError(f"no relation or stance: {name[0]!r}")
            names.append((len(text), len(text) + len(name[1]), (name[3], name[4])))
            text += name[1]
            place = name.end()
        elif sign in "{}[]":
            raise ValueError(f"a stray {sign!r} before {line[place : place + 20]!r}")
        else:
            text += sign
            place += 1
    if still_open:
        raise ValueError("a mark is not closed")
    return text, spans, names


def pieces(turn: Labelled) -> Iterator[tuple[int, int]]:
    """Yield the word ranges of a turn's sentences, by their stops; one for a turn without stops."""
    start = 0
    for index, word in enumerate(turn.words, 1):
        if word.rstrip("\"'”’)")[-1:] in {".", "?", "!", "…"} or index == len(turn.words):
            yield start, index
            start = index
