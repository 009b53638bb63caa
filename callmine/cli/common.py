"""Options and output that the commands share."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from callmine.errors import CallmineError
from callmine.spans import clock

WorkspaceOption = Annotated[
    Path | None,
    typer.Option(
        "--workspace",
        "-w",
        help="The workspace; default: the nearest parent that is one.",
        show_default=False,
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]


def fail(error: CallmineError) -> int:
    """Print what happened and what to do next on stderr; return the exit code."""
    say(f"Error: {error.message}", err=True)
    if error.hint:
        say(error.hint, err=True)
    return error.exit_code


def say(text: str, *, err: bool = False) -> None:
    """Print text that may hold names from files; its line breaks stay, other control characters go."""
    typer.echo("\n".join(printable(line) for line in text.split("\n")), err=err)


def print_json(value: Any) -> None:
    """Print a value as JSON on stdout."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2, default=jsonable))


def jsonable(value: Any) -> Any:
    """Turn a dataclass or a path into what JSON knows."""
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    return str(value)


def print_table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print rows under a header, columns aligned, the last one unlimited."""
    cells = [[("" if c is None else printable(str(c))) for c in row] for row in rows]
    widths = [max([len(h), *(len(row[i]) for row in cells)]) for i, h in enumerate(header)]
    for row in [list(header), *cells]:
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        typer.echo(line.rstrip())


def printable(text: str) -> str:
    """Return text without control characters and direction marks, which could fool a terminal."""
    return "".join(c if c.isprintable() else " " for c in text)


def length(ms: int) -> str:
    """Return a length as ``m:ss``, or a dash where it is not known."""
    return clock(ms) if ms else "–"


def spoken_by(name: str | None, speaker: str, role: str) -> str:
    """Return who said something and on which side: ``Petra Voss (prospect)``."""
    if not name and speaker == role == "unknown":
        return "speaker not known"
    who = name or speaker
    return printable(who if who == role else f"{who} ({role})")


def counted(counts: Mapping[str, int]) -> str:
    """Return ``3 done, 1 failed`` of what is not zero."""
    return ", ".join(f"{n} {what}" for what, n in counts.items() if n) or "nothing to do"
