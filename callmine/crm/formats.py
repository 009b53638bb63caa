"""How a table writes its dates and amounts, where the values prove it."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from callmine.crm.columns import Column, percent
from callmine.crm.values import BadValue, amount_of, date_of, is_no_day

_ORDERS = tuple(
    pattern
    for sep in "./-"
    for year in ("%Y", "%y")
    for pattern in (f"%d{sep}%m{sep}{year}", f"%m{sep}%d{sep}{year}")
)
PATTERNS = (
    *_ORDERS,
    "%Y.%m.%d",
    "%Y%m%d",
    "%d %b %Y",
    "%d-%b-%Y",
    "%d-%b-%y",
    "%d %B %Y",
    "%d. %B %Y",
    "%b %d, %Y",
    "%B %d, %Y",
    "epoch_ms",
)
"""Ways of writing dates that are tried, in this order."""

_MOST = 0.8
"""Share of the dates that a pattern must read to be named at all."""

_TIME = re.compile(r"[ ,T]+[0-9]{1,2}:[0-9]{2}\b.*$")
_COMMA = re.compile(r",(?:[0-9]{1,2}|[0-9]{4,})(?![0-9])|[0-9]\.[0-9]{3},[0-9]|\.[0-9]{3}\.")
_DOT = re.compile(r"\.(?:[0-9]{1,2}|[0-9]{4,})(?![0-9])|[0-9],[0-9]{3}\.[0-9]|,[0-9]{3},")


@dataclass(frozen=True, slots=True)
class Proven:
    """A format and what proves it; several ``candidates`` instead where nothing tells them apart.

    Attributes:
        value: What is proven, ``None`` where nothing is.
        candidates: What it may be, where it may be several.
        why: The evidence in words.
    """

    value: str | None
    candidates: tuple[str, ...]
    why: str


def date_format_of(columns: list[Column]) -> Proven:
    """Return the format of the dates that are not ISO: only one that other orders cannot read as well."""
    if not columns:
        return Proven(None, (), "no column was taken for a date")
    # Without their times: days are few, instants are many.
    days = Counter(_TIME.sub("", value) for column in columns for value in column.values)
    # A slip such as 31.09.2026 is no sign of another way of writing them.
    values = Counter({day: n for day, n in days.items() if not is_no_day(day)})
    if not values:
        return Proven(None, (), "the file holds no dates")
    other = Counter({value: n for value, n in values.items() if not _reads(value, None)})
    if not other:
        return Proven(None, (), "dates are ISO, such as 2026-03-28, and need none")
    total = sum(other.values())
    read = {p: sum(n for value, n in other.items() if _reads(value, p)) for p in PATTERNS}
    best = max(read.values())
    if best < _MOST * total:
        example = min(other, key=lambda value: (-other[value], value))
        return Proven(None, (), f"how dates are written is not clear, such as {example[:30]}")
    fitting = tuple(p for p in PATTERNS if read[p] == best)
    share = percent(best / total)
    if len(fitting) > 1:
        return Proven(
            None, fitting, f"no day above 12 tells day and month apart; each of these reads {share}"
        )
    second = sorted(read.values())[-2]
    return Proven(
        fitting[0],
        (),
        f"reads {share} of the dates that are not ISO; no other way more than {percent(second / total)}",
    )


def decimal_of(columns: list[Column]) -> Proven:
    """Return the decimal mark, where amounts prove one and none the other."""
    values = Counter(value for column in columns for value in column.values)
    if not values:
        return Proven(None, (), "the file holds no amounts")
    commas = sum(n for value, n in values.items() if _COMMA.search(value))
    dots = sum(n for value, n in values.items() if _DOT.search(value))
    unclear = sum(n for value, n in values.items() if _is_unclear(value))
    if commas and dots:
        are = "is" if commas == 1 else "are"
        why = f"{_amounts(commas)} {are} written with a decimal comma, {dots} with a dot"
        return Proven(None, (",", "."), why)
    if commas or dots:
        mark, count = (",", commas) if commas else (".", dots)
        return Proven(mark, (), f"{_amounts(count)} can be read no other way, none contradicts")
    if unclear:
        why = f"{_amounts(unclear)} such as 1.234 may be a thousand times more or less"
        return Proven(None, (",", "."), why)
    return Proven(None, (), "amounts are read without it")


def currency_in(columns: list[Column]) -> Proven:
    """Return the currency of amounts that name none, where the column's name says it."""
    codes = {
        match[1]
        for column in columns
        if (match := re.search(r"(?:\(|\[| in |_|-\s?)([A-Z]{3})(?:\)|\]|$)", column.name))
    }
    codes |= {"EUR" for column in columns if "€" in column.name} | {
        "GBP" for column in columns if "£" in column.name
    }
    if len(codes) == 1:
        return Proven(codes.pop(), (), "in the column's name")
    values = [value for column in columns for value in column.values]
    named = sum(1 for value in values if re.search(r"[A-Z]{3}|[€£]", value))
    if values and named == len(values):
        return Proven(None, (), "every amount names its own")
    return Proven(None, tuple(sorted(codes)), "nothing in the file says it; without it amounts have none")


def _reads(value: str, pattern: str | None) -> bool:
    try:
        return date_of(value, date_format=pattern) is not None
    except BadValue:
        return False


def _amounts(count: int) -> str:
    return f"{count} amount{'s' if count != 1 else ''}"


def _is_unclear(value: str) -> bool:
    try:
        amount_of(value)
    except BadValue as fault:
        return "thousand times" in str(fault)
    return False
