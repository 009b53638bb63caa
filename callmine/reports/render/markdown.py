"""The digest as Markdown, for wikis and chat: whatever was said on a call stays plain text."""

from __future__ import annotations

import re
import unicodedata
import urllib.parse
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from callmine.reports import weeks
from callmine.reports.asked_values import AnswerGiven
from callmine.reports.digest_values import Digest
from callmine.reports.quote_values import Quote
from callmine.reports.render import (
    check_evidence,
    notes,
    wording,
)
from callmine.reports.render.words import WORDS

_SPECIAL = re.compile(
    r"[\\`*|~]"
    r"|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])"  # inside a word, as in file names, it is only a letter
    r"|^\[|(?<=!)\[|\](?=[(\[:]|$)"  # what could begin or end a link, or a task
)
_ENTITY = re.compile(r"&(?=#?\w+;)")
_TAG = re.compile(r"<(?=[A-Za-z/!?])")
_AUTOLINK = re.compile(r"(?i)\b(https?|ftp|mailto|xmpp|file|javascript|data|www)(?=[:.])")
_MENTION = re.compile(r"([@#])(?=\w)")
_KEPT_IN_LINKS = ":/?#@!$&'()*+,;=%~"
_JOINER = "\u2060"
"""Word joiner: invisible, and it keeps ``@name`` and ``#12`` from becoming a mention."""


class Markup(str):
    """Markdown that is meant as Markdown; every other value is escaped."""

    __slots__ = ()


def escape(value: object) -> str:
    """Return a value as Markdown text on one line that cannot become anything but text.

    Emphasis, tables, code, and the brackets, tags and entities that could be read as Markdown are
    escaped, and no more than those, so that a mail without Markdown stays readable. Bare
    addresses and mentions are kept from turning into links, and characters that reorder or hide
    text (controls, direction overrides) are shown as ``�``.
    """
    line = " ".join(str(value).split())
    line = "".join("�" if _is_unseen(character) else character for character in line)
    line = _SPECIAL.sub(r"\\\g<0>", line)
    line = _TAG.sub("&lt;", _ENTITY.sub("&amp;", line))
    line = _AUTOLINK.sub(lambda m: m[0] + _JOINER, line)
    line = _MENTION.sub(r"\1" + _JOINER, line)
    return re.sub(r"^([-+=#>]|\d+(?=[.)]))", r"\\\1" if line[:1] in "-+=#>" else r"\1" + _JOINER, line)


def _is_unseen(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cf", "Cs") and character not in "\u200c\u200d"


def call_link(quote: Quote) -> Markup:
    """Return where a quote can be heard, as a link if it is on the web (a file path is not for sharing)."""
    where = escape(wording.place(quote))
    if not quote.href or not quote.href.startswith(("https://", "http://")):
        return Markup(where)
    where = re.sub(r"(?<!\\)([\[\]])", r"\\\1", where)
    return Markup(f"[{where}](<{urllib.parse.quote(quote.href, safe=_KEPT_IN_LINKS)}>)")


def heard_as(quote: Quote) -> Markup:
    """Return ``Tipalti [heard: tip Alti]``; the brackets around it are ours and need no escape."""
    return Markup(f"{escape(quote.label)} [heard: {escape(quote.heard or '')}]")


def passage(quote: Quote) -> Markup:
    """Return a quote with its span in bold; the ellipsis of a cut stands outside the marks."""
    marked = escape(quote.marked).strip()
    before, after = escape(quote.before), escape(quote.after)
    before += " " if before and quote.before[-1:].isspace() else ""
    after = (" " if after and quote.after[:1].isspace() else "") + after
    start = "… " if quote.cut_start else ""
    end = " …" if quote.cut_end else ""
    return Markup(f"{start}“{before}**{marked}**{after}”{end}")


def said(words: str) -> Markup:
    """Return words that somebody said in quotation marks."""
    return Markup(f"“{escape(words)}”")


def reply(answer: AnswerGiven) -> Markup:
    """Return a prospect's reply to an answer; the ellipsis of a cut stands outside the marks."""
    if answer.reply is None:
        return Markup("")
    return Markup(said(answer.reply.text) + (" …" if answer.reply.cut_end else ""))


_COMMANDS = re.compile(f" ?({'|'.join(map(re.escape, notes.COMMANDS))})")


def coded(note: str) -> Markup:
    """Return a note with the commands in it as code."""
    parts = _COMMANDS.split(note)  # text, command, text ...: what is beside a command decides no escape
    shown = [f" `{part}`" if at % 2 else escape(part) for at, part in enumerate(parts)]
    for at in range(2, len(parts), 2):
        shown[at] = " " * parts[at].startswith(" ") + shown[at]
    return Markup("".join(shown).strip())


def _finalize(value: Any) -> Any:
    return value if isinstance(value, Markup) else escape(value)


@cache
def environment() -> Environment:
    """Return the templates of Markdown pages; everything they print is escaped."""
    # Not HTML: finalize escapes every value for Markdown instead, so that none is forgotten.
    made = Environment(
        loader=PackageLoader("callmine.reports.render"),
        autoescape=False,
        finalize=_finalize,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(
        passage=passage, heard_as=heard_as, call_link=call_link, coded=coded, reply=reply, said=said
    )
    made.globals.update(
        **WORDS,
        wk=weeks,
    )
    return made


def render_markdown(digest: Digest) -> str:
    """Return the page as CommonMark with tables.

    Raises:
        CallmineError: A quote is not verbatim (a bug).
    """
    check_evidence(digest)
    return tidy(environment().get_template("digest.md.j2").render(d=digest))


def tidy(page: str) -> str:
    """Return a page without the blank lines that a template leaves behind."""
    return re.sub(r"\n{3,}", "\n\n", page).strip() + "\n"
