"""Clips in a report: short pieces of the recordings of its quotes, within a size limit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from itertools import zip_longest
from typing import Any, TypeVar

from callmine.reports.clips import media_type
from callmine.reports.quote_values import Clip, Quote

CutQuote = Callable[[Quote], bytes | None]
"""Cuts the clip of a quote, or ``None`` where there is none to be had."""

Report = TypeVar("Report")


def with_clips(report: Report, quotes: Iterable[Quote], cut: CutQuote, *, max_bytes: int) -> Report:
    """Return a report whose quotes play, as many as fit; the others link.

    What is quoted twice plays where it comes first in ``quotes``.

    Args:
        report: Without clips.
        quotes: All that are quoted in it, those first that are to be heard first.
        cut: Cuts one.
        max_bytes: Of all together; with 0 there are none.
    """
    made: dict[str, Clip] = {}
    heard: set[str] = set()
    left = max_bytes
    for quote in quotes if left > 0 else ():
        if quote.finding_id in heard:
            continue
        heard.add(quote.finding_id)
        data = cut(quote)
        if data and len(data) > left:
            break  # cutting is slow: after the first that does not fit, none is tried
        if data:
            made[quote.quote_id] = Clip(data, media_type(data))
            left -= len(data)
    whole: Report = _with(report, made)
    return whole


def in_turn(groups: Iterable[Sequence[Quote]]) -> Iterator[Quote]:
    """Yield the first quote of each group, then the second ones, so that all are heard of before one is."""
    for row in zip_longest(*groups):
        yield from (quote for quote in row if quote is not None)


def _with(value: Any, clips: Mapping[str, Clip]) -> Any:
    """Return a part of a report with the clips of its quotes."""
    if isinstance(value, Quote):
        return replace(value, clip=clips.get(value.quote_id))
    if isinstance(value, tuple):
        return tuple(_with(part, clips) for part in value)
    if not is_dataclass(value) or isinstance(value, type):
        return value
    parts = {field.name: getattr(value, field.name) for field in fields(value)}
    changed = {name: made for name, part in parts.items() if (made := _with(part, clips)) is not part}
    return replace(value, **changed) if changed else value
