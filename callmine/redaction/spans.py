"""Spans of personal data in a text: what kinds there are, and how overlapping ones are joined."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

SpanKind = Literal["name", "e-mail", "phone", "card", "iban", "account"]

KINDS: tuple[SpanKind, ...] = get_args(SpanKind)

_STRENGTH = {"e-mail": 5, "iban": 4, "card": 3, "phone": 2, "account": 1, "name": 0}
"""Which kind a joined span has: a name inside an address is a part of the address."""


@dataclass(frozen=True, slots=True)
class PersonalSpan:
    """Personal data at ``start`` to ``end`` (characters, half-open) of a text."""

    start: int
    end: int
    kind: SpanKind

    def __len__(self) -> int:
        return self.end - self.start


def joined(spans: Iterable[PersonalSpan]) -> list[PersonalSpan]:
    """Return the spans in order, with those that overlap as one of the strongest kind among them."""
    found: list[PersonalSpan] = []
    for span in sorted(spans, key=lambda s: (s.start, -s.end)):
        if found and span.start < found[-1].end:
            last = found[-1]
            kind = max(last.kind, span.kind, key=lambda k: _STRENGTH[k])
            found[-1] = PersonalSpan(last.start, max(last.end, span.end), kind)
        else:
            found.append(span)
    return found
