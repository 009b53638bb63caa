"""Labelled utterances: the gold line of the command contract, and how a file of them is read."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from callmine.domain import RELATIONS, STANCES, Role
from callmine.errors import UsageError
from callmine.extractors.base import CONTEXT_TURNS, Passage, Turn

SIDES = ("rep", "prospect", "unknown")
"""Whose words a positioning phrase can be."""

_MOST_FAULTS = 20


@dataclass(frozen=True, slots=True)
class GoldItem:
    """A labelled utterance. ``competitors`` are the names as labelled, each once."""

    id: str
    text: str
    role: Role = Role.UNKNOWN
    before: tuple[Turn, ...] = ()
    objections: frozenset[str] = frozenset()
    competitors: frozenset[str] = frozenset()
    positioning: str | None = None

    @property
    def passage(self) -> Passage:
        """What the extractors are shown: the text, and as many turns before it as in a call."""
        return Passage(self.text, self.role, self.before[-CONTEXT_TURNS:])


def read_gold(path: Path) -> list[GoldItem]:
    """Read labelled utterances, one JSON object a line; empty lines and extra keys are ignored.

    Raises:
        UsageError: With file, line and what is wrong, for up to 20 faulty lines.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except FileNotFoundError as error:
        raise UsageError(f"{path}: there is no such file", hint="Check the path.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: cannot be read: {error}", hint="Save it as UTF-8 text.") from error
    items: list[GoldItem] = []
    seen: dict[str, int] = {}
    faults: list[str] = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            item = _gold_item(json.loads(line))
            if (first := seen.setdefault(item.id, number)) != number:
                raise ValueError(f"the id {item.id!r} is already on line {first}")
            items.append(item)
        except json.JSONDecodeError as error:
            faults.append(f"{path}:{number}: not valid JSON: {error.msg} at column {error.colno}")
        except ValueError as error:
            faults.append(f"{path}:{number}: {error}")
    if faults:
        more = [f"and {len(faults) - _MOST_FAULTS} more"] if len(faults) > _MOST_FAULTS else []
        raise UsageError("\n".join(faults[:_MOST_FAULTS] + more), hint="Mend these lines.")
    if not items:
        raise UsageError(f"{path}: holds no labelled utterance", hint="Write one JSON object a line.")
    return items


def _gold_item(value: Any) -> GoldItem:
    """Read one gold line; ``ValueError`` says which key is wrong."""
    if not isinstance(value, dict):
        raise ValueError("must be a JSON object")
    for key in ("id", "text"):
        if key not in value:
            raise ValueError(f"has no {key!r}")
    identity = str(value["id"]) if type(value["id"]) is int else value["id"]
    if not isinstance(identity, str) or not identity:
        raise ValueError("'id' must be a text that is not empty")
    return GoldItem(
        id=identity,
        text=_text(value["text"], "text"),
        role=_role(value.get("role")),
        before=tuple(_turn(turn) for turn in _list(value, "before")),
        objections=frozenset(_text(label, "objections") for label in _list(value, "objections")),
        competitors=frozenset(_competitor(entry) for entry in _list(value, "competitors")),
        positioning=_one_of(value.get("positioning"), SIDES, "positioning"),
    )


def _text(value: Any, key: str) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{key!r} must be text, not {json.dumps(value)[:40]}")
    return value


def _list(value: Mapping[str, Any], key: str) -> list[Any]:
    found = value.get(key)
    if found is None:
        return []
    if not isinstance(found, list):
        raise ValueError(f"{key!r} must be a list, not {json.dumps(found)[:40]}")
    return found


def _one_of(value: Any, allowed: Sequence[str], key: str) -> str | None:
    if value is not None and value not in allowed:
        raise ValueError(f"{key!r} must be one of {', '.join(allowed)}, not {json.dumps(value)[:40]}")
    return value if value is None else str(value)


def _role(value: Any) -> Role:
    return Role(_one_of(value, [r.value for r in Role], "role") or Role.UNKNOWN)


def _turn(value: Any) -> Turn:
    if isinstance(value, dict):
        return Turn(_role(value.get("role")), _text(value.get("text"), "before.text"))
    return Turn(Role.UNKNOWN, _text(value, "before"))


def _competitor(value: Any) -> str:
    if not isinstance(value, dict):
        raise ValueError('\'competitors\' must hold objects such as {"name": "Northwind"}')
    _one_of(value.get("relation"), RELATIONS, "relation")
    _one_of(value.get("stance"), STANCES, "stance")
    return _text(value.get("name"), "competitors.name")
