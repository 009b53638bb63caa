"""Small words: plurals, lists, money, shares and times as people write them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from callmine.redaction.marking import MARK

_SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥", "INR": "₹"}
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


LONGEST_NAME = 60
"""Characters of a name that a line shows; CRMs hold names of several hundred."""

# A quote after a letter is an apostrophe.
_QUOTED = re.compile(r"""(?<![^\s(])(['"])((?:\\.|(?!\1)[^\\])*)\1(?![^\s,.:;)])""")

REDACTED = (
    "Names, addresses and numbers of persons were looked for by software and taken out; [name 1] is the"
    " same person throughout. That helps, and guarantees nothing: some may be left."
)
"""What a redacted report says of itself."""


def cut_name(name: str, most: int = LONGEST_NAME) -> str:
    """Return a name of at most ``most`` characters, with an ellipsis for what is left out."""
    return name if len(name) <= most else beginning(name, most - 1).rstrip(" \\") + "…"


def beginning(text: str, most: int) -> str:
    """Return at most ``most`` characters from the beginning, without a part of a mark of redaction."""
    cut = next((mark.start() for mark in MARK.finditer(text) if mark.start() < most < mark.end()), most)
    return text[:cut]


def cut_names(sentence: str) -> str:
    """Return a sentence in which each name in quotes is cut as :func:`cut_name` does."""
    return _QUOTED.sub(lambda said: f"{said[1]}{cut_name(said[2])}{said[1]}", sentence)


def plural(count: int, noun: str, nouns: str = "") -> str:
    """Return ``1 deal``, ``2 deals``; ``nouns`` where adding an s is wrong."""
    return f"{count:,} {noun if count == 1 else nouns or noun + 's'}"


def verb(count: int, singular: str, several: str) -> str:
    """Return the form of a verb that agrees with ``count``."""
    return singular if count == 1 else several


def spelled(count: int) -> str:
    """Return ``one`` to ``nine`` in letters, other numbers in digits."""
    return _NUMBERS[count] if 0 < count < len(_NUMBERS) else f"{count:,}"


def listed(words: Iterable[str]) -> str:
    """Return ``a``, ``a and b`` or ``a, b and c``."""
    items = list(words)
    # "Timing, and security and compliance": a comma tells where one name ends.
    last = ", and " if any(" and " in item for item in items) else " and "
    return last.join(filter(None, (", ".join(items[:-1]), *items[-1:])))


def listed_up_to(words: Sequence[str], most: int) -> str:
    """Return :func:`listed` words, the last of them ``two more`` where there are more than ``most``."""
    left = len(words) - most
    return listed(words if left <= 0 else [*words[:most], f"{spelled(left)} more"])


def weeks_before(count: int) -> str:
    """Return ``the week before`` or ``the four weeks before``."""
    return "the week before" if count == 1 else f"the {spelled(count)} weeks before"


def capital(sentence: str) -> str:
    """Return the sentence with a capital first letter and the rest untouched."""
    return sentence[:1].upper() + sentence[1:]


def money(amount: float, currency: str | None) -> str:
    """Return ``€84,000``, ``$1.25 million`` or ``CHF 84,000``; without a currency the number."""
    size = abs(amount)
    number = f"{size / 1e6:,.2f}".rstrip("0").rstrip(".") + " million" if size >= 1e6 else f"{size:,.0f}"
    code = (currency or "").strip().upper()
    sign = "−" if amount < 0 else ""
    return sign + (_SYMBOLS[code] + number if code in _SYMBOLS else f"{code} {number}".strip())


def percent(share: float) -> str:
    """Return a share 0..1 as ``92%``; only all is 100% and only none is 0%."""
    rounded = round(100 * share)
    if share > 0:
        rounded = max(rounded, 1)
    if share < 1:
        rounded = min(rounded, 99)
    return f"{rounded}%"


def rate(value: float) -> str:
    """Return a weekly mean with at most one decimal: ``2.3``, ``4``."""
    return f"{value:.1f}".removesuffix(".0")
