"""Sentences about the quotes of a message: which are loosely worded, and how many are not listed."""

from __future__ import annotations

from callmine.reports.message_values import MessageCount
from callmine.reports.text import plural, verb

LOOSE_SHOWN = 3
"""Loosely worded quotes in texts and mails; a page has them all."""


def loosely(loose: int, said: int) -> str:
    """Return ``, 3 of them loosely worded``, to stand behind a count: loose ones may be another thing.

    Args:
        loose: Calls in which a message was said loosely only.
        said: Calls in which it was said at all.
    """
    if not loose:
        return ""
    if loose < said:
        return f", {loose:,} of them loosely worded"
    return ", loosely worded" if said == 1 else f", all {said:,} loosely worded"


def loose_note(message: MessageCount) -> str:
    """Say what the quotes are that have little of a message's wording; nothing where there are none."""
    if not message.loosely:
        return ""
    return (
        "Loosely worded, with little of the message's wording: software took what they mean for the"
        " message, and may be wrong. callmine correct FINDING --wrong takes one out of the count."
    )


def not_listed(count: int) -> str:
    """Say how many quotes are nowhere on the page; nothing where all are there."""
    return f"{plural(count, 'more quote')} {verb(count, 'is', 'are')} not listed." if count else ""
