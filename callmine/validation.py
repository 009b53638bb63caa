"""Faults of a TOML file, told to a person: file, line, key, what is wrong, what to write."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from typing import Any, get_args

from pydantic import BaseModel, ValidationError


def explain_faults(error: ValidationError, model: type[BaseModel], text: str, name: str) -> Iterator[str]:
    """Yield ``file:line: key: what is wrong; what to write`` for each fault of a TOML file."""
    for fault in error.errors():
        loc = fault["loc"]
        key = ".".join(f"[{p + 1}]" if isinstance(p, int) else str(p) for p in loc).replace(".[", "[")
        kind, message = fault["type"], fault["msg"].removeprefix("Value error, ")
        line = _line_of(text, loc) if loc else _line_with(text, message)
        place = f"{name}:{line}" if line else name
        if kind == "extra_forbidden":
            known = list(_fields_at(model, loc[:-1]))
            message = f"unknown key{did_you_mean(str(loc[-1]), known)}; known keys: {', '.join(known)}"
        elif kind == "missing":
            message = f"is missing; add {loc[-1]} = …"
        elif kind == "string_pattern_mismatch":
            hyphens = "-" in fault["ctx"]["pattern"].replace("a-z0-9", "")
            message = f"use small letters, digits and underscores{', or hyphens' if hyphens else ''}"
        yield f"{place}: {key}: {message}" if key else f"{place}: {message}"


def explain_toml(error: Exception, text: str, name: str) -> str:
    """Return ``file:line: what is wrong`` for a text that is not TOML."""
    found = re.search(r" \(at (?:line (\d+), column \d+|end of document)\)", str(error))
    line = (found[1] or len(text.splitlines())) if found else None
    what = str(error).replace(found[0], "") if found else str(error)
    return f"{name}:{line}: not valid TOML: {what}" if line else f"{name}: not valid TOML: {what}"


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return `` (did you mean 'x'?)`` for the nearest known word, or nothing."""
    close = difflib.get_close_matches(word, list(known), n=1)
    return f" (did you mean {close[0]!r}?)" if close else ""


def _fields_at(model: type[BaseModel], loc: tuple[int | str, ...]) -> Iterator[str]:
    """Yield the field names of the nested model that ``loc`` points to."""
    current: Any = model
    for part in loc:
        if isinstance(part, int) or not (isinstance(current, type) and issubclass(current, BaseModel)):
            continue
        annotation: Any = current.model_fields[part].annotation
        inner = [a for a in get_args(annotation) if isinstance(a, type) and issubclass(a, BaseModel)]
        current = inner[0] if inner else annotation
    if isinstance(current, type) and issubclass(current, BaseModel):
        yield from current.model_fields


def _line_with(text: str, message: str) -> int | None:
    """Find the last line that holds the first name quoted in a message about the whole file."""
    quoted = re.search(r"'([^']+)'", message)
    held = re.compile(rf"[\"']{re.escape(quoted[1])}[\"']", re.I) if quoted else None
    numbers = [n for n, line in enumerate(text.splitlines(), 1) if held and held.search(line)]
    return numbers[-1] if numbers else None


def _line_of(text: str, loc: tuple[int | str, ...]) -> int | None:
    """Find the line of a key: the n-th ``[[table]]`` header, then the key below it."""
    lines = text.splitlines()
    start = 0
    names = [p for p in loc if isinstance(p, str)]
    index = next((p for p in loc if isinstance(p, int)), 0)
    if not names:
        return None
    header = re.compile(rf"^\s*\[\[?\s*{re.escape(names[0])}\s*\]\]?")
    seen = -1
    for number, line in enumerate(lines):
        if header.match(line):
            seen += 1
            start = number
            if seen == index:
                break
    key = re.compile(rf"^\s*\"?{re.escape(names[-1])}\"?\s*=")
    for number in range(start, len(lines)):
        if key.match(lines[number]):
            return number + 1
        if number > start and lines[number].lstrip().startswith("["):
            break
    return start + 1 if seen >= 0 else None
