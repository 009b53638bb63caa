"""What posts to Slack share: blocks within Block Kit's limits, and words that cannot become commands.

Limits: https://docs.slack.dev/reference/block-kit/blocks, 50 blocks a message, 3,000 characters a section,
150 a header.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from callmine.reports.render.letters import clean
from callmine.reports.text import beginning, cut_name

MOST_BLOCKS, LONGEST_SECTION, LONGEST_HEADER = 50, 3000, 150

Block = Mapping[str, Any]

_FORMATTING = re.compile(r"[*_~`]")
_JOINER = "\u2060"


def escape(value: object) -> str:
    """Return a value as mrkdwn text that cannot mention anybody, link, or format.

    ``<!channel>``, ``<@U123>`` and links need the angle brackets that are escaped; the signs of
    formatting get invisible joiners, as there is no escape for them.
    """
    words = clean(value).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _FORMATTING.sub(lambda sign: f"{_JOINER}{sign[0]}{_JOINER}", words)


def linked(url: str, words: str) -> str:
    """Return a link as mrkdwn."""
    for sign, code in (("|", "%7C"), (">", "%3E"), ("<", "%3C")):
        url = url.replace(sign, code)
    return f"<{url}|{escape(words)}>"


def header(words: str) -> Block:
    """Return a header; no mrkdwn is read in it."""
    return {"type": "header", "text": _plain(words, LONGEST_HEADER)}


def section(mrkdwn: str) -> Block:
    """Return a section of mrkdwn whose values were escaped, cut to what Slack takes."""
    if len(mrkdwn) > LONGEST_SECTION:
        cut = beginning(mrkdwn, LONGEST_SECTION - 1)
        # Not in the middle of an entity or a link.
        cut = cut[
            : min((at for at in (cut.rfind(s) for s in "&<") if at > len(cut) - 12), default=len(cut))
        ]
        mrkdwn = cut.rstrip() + "…"
    return {"type": "section", "text": {"type": "mrkdwn", "text": mrkdwn, "verbatim": True}}


def words_block(words: str) -> Block:
    """Return a section of words as they are, such as a quote: nothing in them is read as mrkdwn."""
    return {"type": "section", "text": _plain(words, LONGEST_SECTION)}


def context(*words: str) -> Block:
    """Return small print, nothing of it read as mrkdwn; at most ten pieces."""
    return {"type": "context", "elements": [_plain(one, LONGEST_SECTION) for one in words[:10] if one]}


def _plain(words: str, most: int) -> dict[str, Any]:
    return {"type": "plain_text", "text": cut_name(clean(words).strip(), most) or "–", "emoji": False}


def within_limits(blocks: Iterable[Block], last: Iterable[Block] = ()) -> tuple[Block, ...]:
    """Return at most fifty blocks; ``last`` are always among them."""
    end = tuple(last)
    return (*tuple(blocks)[: MOST_BLOCKS - len(end)], *end)
