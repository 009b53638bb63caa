"""Clips in a battlecard: short pieces of the recordings of its quotes, within a size limit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

from callmine.reports.battlecard import quotes_of
from callmine.reports.battlecard_values import Battlecard
from callmine.reports.clips import media_type
from callmine.reports.quote_values import Clip, Quote

CutQuote = Callable[[Quote], bytes | None]
"""Cuts the clip of a quote, or ``None`` where there is none to be had."""


def with_clips(card: Battlecard, cut: CutQuote, *, max_bytes: int) -> Battlecard:
    """Return a card whose quotes play, in the order of the page, as many as fit; the others link.

    What is quoted twice plays where it stands first.

    Args:
        card: Without clips.
        cut: Cuts one.
        max_bytes: Of all together; with 0 there are none.
    """
    made: dict[str, Clip] = {}
    heard: set[str] = set()
    left = max_bytes
    for quote in quotes_of(card) if left > 0 else ():
        if quote.finding_id in heard:
            continue
        heard.add(quote.finding_id)
        data = cut(quote)
        if data and len(data) > left:
            break  # cutting is slow: after the first that does not fit, none is tried
        if data:
            made[quote.quote_id] = Clip(data, media_type(data))
            left -= len(data)
    whole: Battlecard = _with(card, made)
    return whole


def _with(value: Any, clips: Mapping[str, Clip]) -> Any:
    """Return a part of a card with the clips of its quotes."""
    if isinstance(value, Quote):
        return replace(value, clip=clips.get(value.quote_id))
    if isinstance(value, tuple):
        return tuple(_with(part, clips) for part in value)
    if not is_dataclass(value) or isinstance(value, type):
        return value
    parts = {field.name: getattr(value, field.name) for field in fields(value)}
    changed = {name: made for name, part in parts.items() if (made := _with(part, clips)) is not part}
    return replace(value, **changed) if changed else value
