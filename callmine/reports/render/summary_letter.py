"""A report in short as an e-mail: one column, readable without pictures in the dark, and small."""

from __future__ import annotations

from dataclasses import dataclass

from callmine.reports.letter_values import Letter, Picture, Surroundings
from callmine.reports.quotes import check_quote, check_reply
from callmine.reports.render.letters import (
    LONGEST,
    html_environment,
    inlined,
    left,
    link,
    one_line,
    smallest_loss,
    text_environment,
    tidy,
)
from callmine.reports.render.pictures import RATE_HEIGHT, RATE_WIDTH, rates_png
from callmine.reports.render.summaries import Entry, Part, Summary, told
from callmine.reports.text import cut_name


@dataclass(frozen=True, slots=True)
class Shown:
    """How much of a report an e-mail shows.

    Attributes:
        things: Rows, entries and lines of a section, each.
        quotes: Quotes of an entry.
        parts: Sections.
        longest: Characters of a text.
    """

    things: int
    quotes: int
    parts: int = 20
    longest: int = LONGEST


PLANS = (
    *(Shown(16, 3), Shown(12, 2), Shown(12, 1), Shown(8, 1), Shown(5, 1)),
    *(Shown(8, 0), Shown(4, 0, longest=300), Shown(2, 0, parts=8, longest=120)),
)


@dataclass(frozen=True, slots=True)
class Drawn:
    """The picture of a row: its name and size."""

    name: str
    width: int
    height: int


def summary_letter(summary: Summary, around: Surroundings | None = None) -> Letter:
    """Return a report as an e-mail under 100 kB; what is cut is counted, with where to find it.

    Raises:
        CallmineError: A quote is not verbatim (a bug).
    """
    check_told(summary)
    around = around or Surroundings()
    return smallest_loss(lambda shown: _letter(summary, around, shown), PLANS)


def check_told(summary: Summary) -> None:
    """Check that every quote and every reply is verbatim, right before it leaves the house.

    Raises:
        CallmineError: One is not (a bug).
    """
    for one in told(summary):
        check_quote(one.quote)
        if one.reply is not None:
            check_reply(one.reply)


def rest(summary: Summary, around: Surroundings) -> str:
    """Say where what is cut can be found."""
    return f"in {summary.whole}" if around.page else f"with {summary.command}"


def left_of(part: Part, shown: int) -> int:
    """Return how many things of a section are left out where ``shown`` are shown."""
    return max(max(len(part.rows), len(part.entries), len(part.lines)) - shown, 0)


def others_of(entry: Entry, shown: int) -> int:
    """Return how many quotes of an entry are left out where ``shown`` are shown."""
    return max(len(entry.said) - shown, 0) + entry.others


def _letter(summary: Summary, around: Surroundings, shown: Shown) -> Letter:
    drawn, pictures = _charts(summary, shown)
    facts = {
        "r": summary,
        "s": around,
        "shown": shown,
        "drawn": drawn,
        "rest": rest(summary, around),
        "link": lambda quote: link(quote, around),
        "subject": one_line(summary.subject),
        "left": left,
        "left_of": left_of,
        "others_of": others_of,
        "short": lambda words: cut_name(words, shown.longest),
    }
    html = html_environment().get_template("summary.email.html.j2").render(facts)
    text = text_environment().get_template("summary.email.txt.j2").render(facts)
    return Letter(one_line(summary.subject), inlined(html), tidy(text), pictures)


def _charts(summary: Summary, shown: Shown) -> tuple[dict[tuple[int, int], Drawn], tuple[Picture, ...]]:
    """Return the pictures of rows, by the place of the section and of the row in it."""
    drawn: dict[tuple[int, int], Drawn] = {}
    pictures: list[Picture] = []
    for at, part in enumerate(summary.parts[: shown.parts]):
        for n, row in enumerate(part.rows[: shown.things]):
            if any(rate.value is not None for rate in row.rates):
                name = f"rates-{at + 1}-{n + 1}"
                drawn[at, n] = Drawn(name, RATE_WIDTH, RATE_HEIGHT * len(row.rates))
                pictures.append(Picture(name, rates_png(row.rates)))
    return drawn, tuple(pictures)
