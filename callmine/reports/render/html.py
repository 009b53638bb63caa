"""The digest as one self-contained HTML file: no scripts, nothing fetched from anywhere."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from callmine.domain import Outcome, digest_of
from callmine.reports import weeks
from callmine.reports.digest_values import Digest
from callmine.reports.quote_values import Clip
from callmine.reports.render import (
    all_quotes,
    check_evidence,
    notes,
)
from callmine.reports.render.words import WORDS
from callmine.reports.trend_values import WeekCount
from callmine.spans import clock

BAR, GAP, HEIGHT = 6, 3, 26
"""Sizes of the small charts, pixels."""
MOST_PLAYERS = 60
"""A phone's browser opens some 75 players; beyond this, folded ones load when they are played."""

_SAFE_LINKS = ("https://", "http://", "file:///", "/", "#", "?")


@dataclass(frozen=True, slots=True)
class Bar:
    """One week of a small chart; ``kind`` is ``now``, ``past`` or ``none`` (no calls)."""

    x: int
    y: int
    height: int
    kind: str


@dataclass(frozen=True, slots=True)
class Chart:
    """A small bar chart with the same numbers in words."""

    bars: tuple[Bar, ...]
    width: int
    height: int
    words: str


def chart(counts: Sequence[WeekCount], *, tallest: int) -> Chart:
    """Lay out weekly counts as bars; ``tallest`` is the scale that all charts of a page share."""
    bars = []
    for n, count in enumerate(counts):
        kind = "none" if not count.out_of else "now" if n == len(counts) - 1 else "past"
        height = max(round((HEIGHT - 2) * count.heard / max(tallest, 1)), 1)
        if not count.out_of:
            height = 1
        bars.append(Bar(x=n * (BAR + GAP), y=HEIGHT - height, height=height, kind=kind))
    said = [
        f"{c.week[5:]}: {c.heard} of {c.out_of}" if c.out_of else f"{c.week[5:]}: no calls" for c in counts
    ]
    return Chart(tuple(bars), max(len(bars) * (BAR + GAP) - GAP, 1), HEIGHT, ", ".join(said))


def data_uri(clip: Clip) -> str:
    """Return a clip as a ``data:`` address."""
    return f"data:{clip.mime};base64,{base64.b64encode(clip.data).decode('ascii')}"


def safe_href(href: str | None) -> str | None:
    """Return a link if it leads to a page or a file, never one that runs something."""
    return href if href and href.startswith(_SAFE_LINKS) and not href.startswith("//") else None


def coded(note: str) -> Markup:
    """Return a note as HTML with the commands in it as code."""
    shown = escape(note)
    for command in notes.COMMANDS:
        shown = shown.replace(escape(command), Markup("<code>{}</code>").format(command))
    return shown


def anchor(name: str) -> str:
    """Return a name as a stable part of an anchor; a hash keeps names apart that read alike."""
    slug = re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-")
    return (
        slug if slug == name.casefold().replace(" ", "-") else f"{slug}-{digest_of(name)[:6]}".lstrip("-")
    )


def badge(outcome: Outcome) -> str:
    """Return the class of an outcome's badge: ``won``, ``lost``, ``open`` or ``excluded``."""
    return "lost" if outcome.is_lost else outcome.value


@cache
def environment() -> Environment:
    """Return the templates, with what they may call; everything they print is escaped."""
    made = Environment(
        loader=PackageLoader("callmine.reports.render"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(data_uri=data_uri, safe_href=safe_href, badge=badge, anchor=anchor, coded=coded)
    made.globals.update(
        **WORDS,
        wk=weeks,
        chart=chart,
        clock=clock,
        BAR=BAR,
    )
    return made


def render_html(digest: Digest) -> str:
    """Return the page as one HTML document.

    Raises:
        CallmineError: A quote is not verbatim (a bug).
    """
    check_evidence(digest)
    weekly = [*(o.weekly for o in digest.objections), *(c.weekly for c in digest.competitors)]
    tallest = max((count.heard for counts in weekly for count in counts), default=0)
    players = sum(quote.clip is not None for quote in all_quotes(digest))
    folded = "metadata" if players <= MOST_PLAYERS else "none"
    return environment().get_template("digest.html.j2").render(d=digest, tallest=tallest, folded=folded)
