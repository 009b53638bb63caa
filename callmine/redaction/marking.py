"""Marks in place of personal data: ``[name 1]``, ``[e-mail]``; the text around them stays verbatim."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from callmine.redaction.people import parts_of, spellings
from callmine.redaction.redactor import Redactor
from callmine.redaction.spans import PersonalSpan

MARK = re.compile(r"\[(?:name|account) \d+\]|\[(?:e-mail|phone|card|iban)\]")
"""What stands where something was taken out."""


@dataclass(frozen=True, slots=True)
class Marked:
    """A text with marks.

    Attributes:
        text: The text.
        places: Start and end of each span in the text as it was, and start and end of its mark.
    """

    text: str
    places: tuple[tuple[int, int, int, int], ...] = ()

    def begin(self, position: int) -> int:
        """Return where something that began at ``position`` begins; within a mark, at its start."""
        return self._moved(position, to_end=False)

    def end(self, position: int) -> int:
        """Return where something that ended at ``position`` ends; within a mark, at its end."""
        return self._moved(position, to_end=True)

    def _moved(self, position: int, *, to_end: bool) -> int:
        shift = 0
        for start, end, mark_start, mark_end in self.places:
            if position <= start:
                break
            if position < end:
                return mark_end if to_end else mark_start
            shift = mark_end - end
        return position + shift


class Marker:
    """Marks the texts of one report; the same name has the same number in all of them.

    Args:
        redactor: Finds what is marked.
    """

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        self._numbers: dict[tuple[str, str], int] = {}
        self._made: dict[tuple[str, str | None, frozenset[str], bool], Marked] = {}

    def mark(
        self,
        text: str,
        *,
        call_id: str | None = None,
        people: frozenset[str] = frozenset(),
        running: bool = True,
    ) -> Marked:
        """Return a text with marks; see :meth:`Redactor.find`."""
        key = text, call_id, people, running
        if key not in self._made:
            spans = self._redactor.find(text, call_id=call_id, people=people, running=running)
            here = people.union(self._redactor.people.of_call.get(call_id or "", ()))
            self._made[key] = self._mark(text, spans, here)
        return self._made[key]

    def account(self, account: str) -> str:
        """Return the mark of an account."""
        return f"[account {self._number('account', account)}]"

    def _mark(self, text: str, spans: Sequence[PersonalSpan], here: Collection[str]) -> Marked:
        pieces: list[str] = []
        places = []
        at = length = 0
        for span in spans:
            before = text[at : span.start]
            mark = f"[{span.kind}]"
            if span.kind in ("name", "account"):
                mark = f"[{span.kind} {self._number(span.kind, text[span.start : span.end], here)}]"
            length += len(before)
            places.append((span.start, span.end, length, length + len(mark)))
            pieces += [before, mark]
            length += len(mark)
            at = span.end
        return Marked("".join([*pieces, text[at:]]), tuple(places))

    def _number(self, kind: str, name: str, here: Collection[str] = ()) -> int:
        if kind == "name":
            parts = self._whole_name(parts_of(name) or spellings(name)[:1], here)
        else:
            parts = spellings(name)[0]
        return self._numbers.setdefault((kind, parts), sum(k == kind for k, _ in self._numbers) + 1)

    @staticmethod
    def _whole_name(parts: Sequence[str], here: Collection[str]) -> str:
        """Return the whole name of the one person here who is meant by a part of it, in one order."""
        people = {" ".join(sorted(whole)) for name in here if set(parts) <= set(whole := parts_of(name))}
        return people.pop() if len(people) == 1 else " ".join(sorted(parts))
