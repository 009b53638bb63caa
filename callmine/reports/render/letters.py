"""What e-mails share, whatever report they hold: their templates, sizes and styles.

A report gives its own template two environments, one for HTML and one for plain text, and a list of plans,
from the one that shows the most to the one that shows the least: the first that is small enough is sent.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import cache
from importlib.resources import files
from typing import Any, TypeVar

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from callmine.errors import CallmineError
from callmine.reports import text
from callmine.reports.letter_values import Letter, Surroundings
from callmine.reports.quote_values import Quote
from callmine.reports.render import answer_words, asked, digest_words, notes, odds, wording
from callmine.spans import clock

LIMIT = 100_000
"""Bytes of an e-mail, all parts together; from 102 kB on, clients show only its beginning."""

LONGEST = 700
"""Characters of a value that is shown: a passage of a quote is shorter, a hostile name may not be."""

Plan = TypeVar("Plan")


def clean(value: object) -> str:
    """Return a value on one line, without characters that reorder or hide text; shown as ``�``."""
    line = re.sub(r"\s+", " ", str(value))
    line = "".join("�" if _is_unseen(character) else character for character in line)
    return line if len(line) <= LONGEST else text.beginning(line, LONGEST - 1).rstrip() + "…"


def _is_unseen(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cf", "Cs") and character not in "\u200c\u200d"


def one_line(value: object, *, most: int = 150) -> str:
    """Return a value as a subject line: short, and nothing that could begin another header."""
    return text.cut_name(clean(value).replace("�", "").strip(), most)


def _finalize(value: Any) -> Any:
    return value if isinstance(value, Markup) else clean(value)


def _made(*, autoescape: bool) -> Environment:
    made = Environment(
        loader=PackageLoader("callmine.reports.render"),
        autoescape=autoescape,
        finalize=_finalize,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(cut=text.cut_name)
    made.globals.update(
        w=wording, n=notes, a=asked, dw=digest_words, an=answer_words, od=odds, t=text, clock=clock
    )
    return made


@cache
def html_environment() -> Environment:
    """Return the templates of HTML parts; everything they print is cleaned, cut and escaped."""
    return _made(autoescape=True)


@cache
def text_environment() -> Environment:
    """Return the templates of plain-text parts; everything they print is cleaned and cut."""
    return _made(autoescape=False)


def inlined(page: str) -> str:
    """Return a page with the styles of ``email.css`` in its elements; those for dark mode stay a sheet."""
    from css_inline import CSSInliner

    css = files("callmine.reports.render").joinpath("templates/email.css").read_text("utf-8")
    inliner = CSSInliner(
        load_remote_stylesheets=False,
        keep_style_tags=False,
        keep_at_rules=True,
        keep_link_tags=False,
        extra_css=None,
    )
    return inliner.inline(page.replace("/* email.css */", css, 1))


def smallest_loss(render: Callable[[Plan], Letter], plans: Iterable[Plan]) -> Letter:
    """Return the letter of the first plan under :data:`LIMIT`.

    Args:
        render: Makes the letter that shows what a plan says.
        plans: From the one that shows the most to the one that shows the least.

    Raises:
        CallmineError: Not even the last one is (a bug).
    """
    for plan in plans:
        letter = render(plan)
        if letter.size < LIMIT:
            return letter
    raise CallmineError("the e-mail does not get small enough", hint="This is a bug; please report it.")


def link(quote: Quote, around: Surroundings) -> str:
    """Return where a quote can be opened and heard in a browser; empty where it cannot."""
    return f"{around.page}#{quote.quote_id}" if around.page else ""


def left(count: int, noun: str, where: str, nouns: str = "") -> str:
    """Return ``3 more quotes in the whole digest``."""
    return f"{text.plural(count, f'more {noun}', f'more {nouns}' if nouns else '')} {where}"


def tidy(words: str) -> str:
    """Return plain text without blank lines that stand in a row, or blanks at the ends of lines."""
    return re.sub(r"\n{3,}", "\n\n", re.sub(r"[ \t]+\n", "\n", words)).strip() + "\n"
