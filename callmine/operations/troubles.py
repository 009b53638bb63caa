"""What is wrong with one row or file, said to a person."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from callmine.crm import Problem


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something wrong with one row or file: where, what, and what to do next."""

    where: str
    what: str
    hint: str = ""


def troubles(path: Path, problems: Iterable[Problem]) -> tuple[Trouble, ...]:
    """Say of the problems of a table in which file and line they are."""
    return tuple(
        Trouble(f"{path.name}:{p.line}" + (f" ({p.about})" if p.about else ""), p.what, p.hint)
        for p in problems
    )
