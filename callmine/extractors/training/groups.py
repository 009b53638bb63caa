"""Groups of sentences that mean the same, and look-alikes: the format of ``data/train/pairs``.

``data/train/README.md`` describes it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

FOLDER = "pairs"
"""Folder of the groups, under the folder of the training data."""

MESSAGE, SAME, ECHO, OTHER = "=", "+", "~", "-"
"""How lines begin: what others are held against, what says the same, takes it up, says something else."""


@dataclass(frozen=True, slots=True)
class Group:
    """A message, or a description of what somebody wants found, and sentences near it.

    Attributes:
        name: As in the file.
        kind: ``message``, ``objection`` or ``own label``.
        about: What is sold, or nothing; messages of one company name the same.
        message: What the others are held against.
        same: What says the same, in other words.
        echoes: A prospect's words that take it up.
        others: What looks like it and says something else.
    """

    name: str
    kind: str
    about: str
    message: str
    same: tuple[str, ...]
    echoes: tuple[str, ...]
    others: tuple[str, ...]


def read_pairs(path: Path) -> list[Group]:
    """Read a file of groups.

    Raises:
        ValueError: A line is not of the format, or a group lacks its message or what says the same.
    """
    found: list[tuple[str, str, str, dict[str, list[str]]]] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        mark, _, text = line.strip().partition(" ")
        if not mark:
            continue
        if mark == "##":
            name, kind, about, *_ = [part.strip() for part in text.split("|")] + ["", ""]
            found.append((name, kind, about, {one: [] for one in (MESSAGE, SAME, ECHO, OTHER)}))
        elif not found or mark not in found[-1][3] or not text.strip():
            raise ValueError(f"{path}, line {number}: expected '##', '=', '+', '~' or '-', and text")
        else:
            found[-1][3][mark].append(text.strip())
    for name, _, _, lines in found:
        if len(lines[MESSAGE]) != 1 or not lines[SAME]:
            raise ValueError(f"{path}: {name}: one line with '=' and at least one with '+' are needed")
    return [
        Group(name, kind, about, lines[MESSAGE][0], *(tuple(lines[mark]) for mark in (SAME, ECHO, OTHER)))
        for name, kind, about, lines in found
    ]
