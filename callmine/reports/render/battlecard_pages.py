"""A battlecard as HTML, Markdown and JSON; quotes are checked, nothing is changed."""

from __future__ import annotations

from callmine.reports.battlecard import quotes_of
from callmine.reports.battlecard_values import Battlecard
from callmine.reports.quotes import check_quote
from callmine.reports.render import (
    battlecard_objection_words,
    battlecard_people_words,
    battlecard_words,
    html,
    markdown,
)
from callmine.reports.render.json import Shape


def render_html(card: Battlecard) -> str:
    """Return a card as one self-contained HTML document.

    Raises:
        CallmineError: A quote is not verbatim (a bug).
    """
    _check(card)
    page = html.environment().get_template("battlecard.html.j2")
    return page.render(
        c=card, b=battlecard_words, beside=battlecard_objection_words, p=battlecard_people_words
    )


def render_markdown(card: Battlecard) -> str:
    """Return a card as CommonMark with tables.

    Raises:
        CallmineError: A quote is not verbatim (a bug).
    """
    _check(card)
    page = markdown.environment().get_template("battlecard.md.j2")
    return markdown.tidy(
        page.render(
            c=card, b=battlecard_words, beside=battlecard_objection_words, p=battlecard_people_words
        )
    )


def _check(card: Battlecard) -> None:
    for quote in quotes_of(card):
        check_quote(quote)


JSON = Shape(Battlecard, "callmine-battlecard/1", "Battlecard", _check)
"""Published as ``docs/battlecard-schema.json``."""
