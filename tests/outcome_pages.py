"""Reports on won and lost deals for tests of pages: every section, every name somebody else's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import is_dataclass, replace
from typing import Any

from callmine.reports.outcome_values import AnswerLine

NAMES = ("account", "name", "deal_id", "deal_name", "speaker_name", "source", "company", "segment", "title")
ALSO = ("stage", "value", "phrase", "deal", "won", "lost", "label", "heard", "reached", "reason")
"""Fields that are names where they are texts, and something else where they are not."""

IDS = ("deals", "went_on", "stayed", "under_way", "names", "cell")
"""Fields that are names where they hold texts."""


def renamed(value: Any, name: str) -> Any:
    """Return a report in which every name that a stranger chose begins with ``name``.

    Texts of quotes, which are checked, and keys by which things are looked up stay as they are.
    """
    if isinstance(value, tuple):
        return tuple(renamed(part, name) for part in value)
    if isinstance(value, Mapping):
        return {key: f"{name}{title}" for key, title in value.items()}
    if not is_dataclass(value) or isinstance(value, type):
        return value
    changes = {}
    for field in value.__dataclass_fields__:
        part = getattr(value, field)
        known = (*NAMES, *ALSO, "text") if isinstance(value, AnswerLine) else (*NAMES, *ALSO)
        if isinstance(part, str) and type(part) is str and field in known:
            changes[field] = f"{name}{part}"
        elif field in IDS and isinstance(part, tuple) and all(isinstance(one, str) for one in part):
            changes[field] = tuple(f"{name}{one}" for one in part)
        elif not isinstance(part, str):
            changes[field] = renamed(part, name)
    return replace(value, **changes)
