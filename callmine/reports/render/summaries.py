"""A report in short: what an e-mail and a post show of it, whatever report it is.

Each report has one function that makes a :class:`Summary` of its value, with the words of its pages;
:mod:`callmine.reports.render.summary_letter` and :mod:`~callmine.reports.render.summary_post` do the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from callmine.outcomes.rates import Rate
from callmine.reports.quote_values import Quote, Reply


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a small table.

    Attributes:
        name: What it is about.
        value: Its numbers.
        note: What they say.
        rates: Drawn below each other, on the same scale; ``value`` has their numbers.
        drawn: The same in few words, for whoever sees no picture.
    """

    name: str
    value: str
    note: str = ""
    rates: tuple[Rate, ...] = ()
    drawn: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """A quote, with what leads to it, and the reply to it."""

    quote: Quote
    lead: str = ""
    reply: Reply | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """Something with quotes.

    Attributes:
        title: Empty where the quotes speak for themselves.
        facts: A line each.
        said: Its quotes, the best first.
        others: Further ones that the report holds, or knows of.
    """

    title: str = ""
    facts: tuple[str, ...] = ()
    said: tuple[Said, ...] = ()
    others: int = 0


@dataclass(frozen=True, slots=True)
class Part:
    """A section.

    Attributes:
        title: Its heading.
        note: What to know before it is read.
        heads: What stands above the names and above the numbers of ``rows``.
        rows: A small table.
        entries: What has quotes; where there are rows as well, the same things.
        lines: A list.
        noun: What one row, entry or line is, to count those that are left out; and several.
        internal: Whether nobody outside may see it.
    """

    title: str
    note: str = ""
    heads: tuple[str, str] = ("", "")
    rows: tuple[Row, ...] = ()
    entries: tuple[Entry, ...] = ()
    lines: tuple[str, ...] = ()
    noun: tuple[str, str] = ("line", "")
    internal: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to show below the title."""
        return not (self.note or self.rows or self.entries or self.lines)


@dataclass(frozen=True, slots=True)
class Summary:
    """A report in short.

    Attributes:
        subject: Of an e-mail: what is new, in one line.
        kind: Such as ``Battlecard``.
        about: What else stands above the headline, such as the days.
        headline: What it is about.
        standfirst: What is known, a sentence each.
        basis: What to know of the numbers.
        parts: Sections, the most important first; empty ones are left out.
        foot: What stands below it all.
        whole: What people call the report that this is short of: ``the whole card``.
        command: The command that shows it.
    """

    subject: str
    kind: str
    about: tuple[str, ...]
    headline: str
    standfirst: tuple[str, ...]
    basis: tuple[str, ...]
    parts: tuple[Part, ...]
    foot: str
    whole: str
    command: str


def said(quotes: Iterable[Quote], lead: str = "") -> tuple[Said, ...]:
    """Return quotes, the first of them with what leads to it."""
    return tuple(Said(quote, "" if n else lead) for n, quote in enumerate(quotes))


def of_part(segment: str | None) -> str:
    """Return `` (Enterprise)`` for a subject, or nothing: digests say it so, too."""
    return f" ({segment})" if segment else ""


def filled(parts: Iterable[Part]) -> tuple[Part, ...]:
    """Return the parts that hold something."""
    return tuple(part for part in parts if not part.is_empty)


def told(summary: Summary) -> Iterator[Said]:
    """Yield everything that is quoted."""
    for part in summary.parts:
        for entry in part.entries:
            yield from entry.said
