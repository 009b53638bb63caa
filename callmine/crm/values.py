"""Values as CRMs write them: amounts, dates, yes and no, addresses, record ids.

Each reader returns ``None`` for an empty cell and raises :class:`BadValue` for one it cannot
read without guessing.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

from callmine.crm.rows import clean
from callmine.validation import YEARS

_EMPTY = frozenset({"", "-", "--", "n/a", "#n/a", "null", "#value!", "#ref!"})
_TRUE = frozenset({"true", "t", "yes", "y", "1", "1.0", "wahr", "ja", "vrai", "oui"})
_FALSE = frozenset({"false", "f", "no", "n", "0", "0.0", "falsch", "nein", "faux", "non"})
_SIGNS = {"€": "EUR", "£": "GBP", "us$": "USD", "c$": "CAD", "a$": "AUD", "₹": "INR", "zł": "PLN"}
_SHARED_SIGNS = {
    "$": ("USD", "CAD", "AUD", "NZD", "SGD", "HKD", "TWD", "MXN", "ARS", "CLP", "COP"),
    "¥": ("JPY", "CNY"),
}
_MONEY = re.compile(r"(?P<lead>[^\d.,()+\-]*)(?P<number>[\d.,\s']+)(?P<tail>[^\d.,()+\-]*)", re.ASCII)
_GROUPS = r"[0-9]{1,3}(?:S[0-9]{3})+|[0-9]{1,2}(?:S[0-9]{2})+S[0-9]{3}"
_ADDRESS = re.compile(r"[^\s<>()\[\],;:\"'|@]+@[^\s<>()\[\],;:\"'|@]+\.[^\s<>()\[\],;:\"'|@]+")
_ISO_LIKE = re.compile(r"[0-9]{4}[-/][0-9]{2}[-/][0-9]{2}(?![0-9])")
_YEAR_FIRST = re.compile(r"(?P<year>[0-9]{4})[-/.](?P<one>[0-9]{2})[-/.](?P<two>[0-9]{2})(?![0-9])")
_YEAR_LAST = re.compile(
    r"(?P<one>[0-9]{1,2})(?P<sep>[-/.])(?P<two>[0-9]{1,2})(?P=sep)(?P<year>[0-9]{4}|[0-9]{2})(?![0-9])"
)
_LAST_DAYS = re.compile(r"(?:(?<![0-9])|(?<=^[0-9]{6}))(?:29|3[01])(?![0-9])")
_MAX_AMOUNT = 1e15


class BadValue(ValueError):
    """A cell cannot be read; ``str()`` is what is wrong, ``hint`` what to do."""

    def __init__(self, what: str, hint: str = "") -> None:
        super().__init__(what)
        self.hint = hint


def text_of(cell: Any) -> str | None:
    """Return a cell as one clean line, ``None`` when it is empty or a placeholder such as ``N/A``."""
    text = clean(cell)
    return None if text.casefold() in _EMPTY else text


def amount_of(cell: Any, *, decimal: str | None = None) -> tuple[float | None, str | None]:
    """Return ``(amount, currency)``; the currency only where the cell names it.

    Args:
        cell: ``"1.234,56"``, ``"USD 48,000.00"``, ``"(500)"`` or a JSON number.
        decimal: ``"."`` or ``","`` if known. Otherwise the last of two kinds of marks is the
            decimal one, and ``1.234`` is refused, since it may be either. ``1,234`` is read as
            thousands: no currency with a decimal comma is written with three decimals.

    Raises:
        BadValue: Not a number, or ambiguous.
    """
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        return _bounded(cell, str(cell)), None
    text = text_of(cell)
    if text is None:
        return None, None
    body, sign = text.replace("\u2212", "-").replace("’", "'"), 1
    if body.startswith("(") and body.endswith(")"):
        body, sign = body[1:-1], -1
    elif signed := re.fullmatch(r"([^\d+-]*)([+-])([^\d+-]*[\d.].*)", body, re.ASCII):
        body, sign = signed[1] + signed[3], -1 if signed[2] == "-" else 1
    match = _MONEY.fullmatch(body.strip())
    marks = [m for m in (match["lead"].strip(), match["tail"].strip()) if m] if match else []
    if match is None or len(marks) > 1 or (marks and not _is_currency(marks[0])):
        raise BadValue(f"{text!r} is not an amount", "Write a plain number, such as 48000.00.")
    currency = currency_of(marks[0]) if marks else None
    number = _plain(match["number"].strip(), decimal, text)
    return sign * _bounded(number, text), currency


def _plain(number: str, decimal: str | None, shown: str) -> float:
    """Return the number behind thousands separators."""
    number = re.sub(r"(?<=[0-9])[\s'](?=[0-9]{3}(?![0-9]))", "", number)
    dots, commas = number.count("."), number.count(",")
    mark = decimal
    if mark is None:
        if dots and commas:
            mark = max(".,", key=number.rfind)
        elif dots + commas > 1:
            mark = "," if dots else "."
        elif re.fullmatch(r"[1-9][0-9]{0,2}\.[0-9]{3}", number):
            raise BadValue(
                f"{shown!r} may be a thousand times more or less",
                'Say decimal = "," or "." under [formats] in the mapping file.',
            )
        else:
            mark = "." if dots or re.fullmatch(r"[0-9]{1,3},[0-9]{3}", number) else ","
    other = "," if mark == "." else "."
    whole, _, rest = number.partition(mark)
    grouped = re.fullmatch(_GROUPS.replace("S", re.escape(other)), whole)
    if not ((grouped or re.fullmatch("[0-9]*", whole)) and re.fullmatch("[0-9]*", rest) and whole + rest):
        raise BadValue(f"{shown!r} is not an amount", "Write a plain number, such as 48000.00.")
    return float(f"{whole.replace(other, '') or '0'}.{rest or '0'}")


def _bounded(number: float, shown: str) -> float:
    # Compared before the conversion: a JSON integer may be too large for a float.
    if not -_MAX_AMOUNT <= number <= _MAX_AMOUNT or math.isnan(number):
        raise BadValue(f"{shown[:40]!r} is not an amount a deal can have")
    return float(number)


def _is_currency(mark: str) -> bool:
    return mark.casefold() in _SIGNS or mark in _SHARED_SIGNS or re.fullmatch(r"[A-Z]{3}", mark) is not None


def currency_of(cell: Any) -> str | None:
    """Return the ISO code of a currency; ``None`` for signs of several, such as ``$``.

    Raises:
        BadValue: Neither a code of three letters nor a sign.
    """
    text = text_of(cell)
    if text is None or text in _SHARED_SIGNS:
        return None
    if sign := _SIGNS.get(text.casefold()):
        return sign
    if re.fullmatch(r"[A-Za-z]{3}", text):
        return text.upper()
    raise BadValue(f"{text!r} is not a currency", "Write a code of three letters, such as EUR.")


def default_currency(cell: Any, code: str | None) -> str | None:
    """Return ``code`` for an amount without a currency, unless its sign is that of another one."""
    text = clean(cell)
    other = any(sign in text and code not in codes for sign, codes in _SHARED_SIGNS.items())
    return None if other else code


def flag_of(cell: Any) -> bool | None:
    """Return a yes or no.

    Raises:
        BadValue: Neither.
    """
    text = text_of(cell)
    if text is None:
        return None
    if text.casefold() in _TRUE | _FALSE:
        return text.casefold() in _TRUE
    raise BadValue(f"{text!r} is neither true nor false")


def date_of(cell: Any, *, date_format: str | None = None) -> str | None:
    """Return an ISO date; of a date with a time, the day as written.

    Args:
        cell: ``2026-03-28``, ``2026-03-28T10:15:00Z``, or text in ``date_format``.
        date_format: A ``strptime`` pattern, or ``epoch_ms``.

    Raises:
        BadValue: Not a date, one that does not exist, or one whose order of day and month would be a guess.
    """
    text = text_of(cell)
    if text is None:
        return None
    found = None
    if _ISO_LIKE.match(text):
        found = _iso(text)
    elif date_format == "epoch_ms":
        if re.fullmatch(r"-?[0-9]{1,13}", text):
            found = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(text))).date()
    elif date_format:
        found = _formatted(text, date_format)
    if found is None and is_no_day(text, date_format=date_format):
        raise BadValue(f"{text!r} is a date that does not exist", "Mend it in the CRM, or in the file.")
    if found is None or found.year not in YEARS:
        hint = "Write 2026-03-28, or say date_format under [formats] in the mapping file."
        raise BadValue(f"{text!r} is not a date that can be read without guessing", hint)
    return found.isoformat()


def is_no_day(text: str, *, date_format: str | None = None) -> bool:
    """Whether a text is written as a date that no calendar has: ``31.09.2026``, ``2026-02-30``.

    Behind the year stands the month. A day and a month whose order is not known are one only if they are
    one in either order; where ``date_format`` is known, so is what it would read on another day.
    """
    if match := _YEAR_FIRST.match(text):
        if not _is_day(match["year"], match["one"], match["two"]):
            return True
    elif match := _YEAR_LAST.match(text):
        year, one, two = match["year"], match["one"], match["two"]
        if not (_is_day(year, one, two) or _is_day(year, two, one)):
            return True
    if date_format in (None, "epoch_ms"):
        return False
    other = _LAST_DAYS.sub("28", text, count=1)
    return other != text and _formatted(other, date_format) is not None


def _is_day(year: str, month: str, day: str) -> bool:
    try:
        date(int(year) if len(year) > 2 else 2000 + int(year), int(month), int(day))
    except ValueError:
        return False
    return True


def _formatted(text: str, date_format: str) -> date | None:
    """Return the day of a text in a format, with or without a time behind it."""
    day = " ".join(text.split()[: len(date_format.split())])
    for part in (text, day, day.rstrip(",")):
        try:
            return datetime.strptime(part, date_format).date()
        except ValueError:
            continue
    return None


def _iso(text: str) -> date | None:
    # "2026-03-28 10:15 PM": a time that Python does not know is no reason to lose the day.
    day = text[:10] if re.fullmatch(r"[ T][0-9]{1,2}:[0-9]{2}\b.*", text[10:]) else text
    try:
        return datetime.fromisoformat(day.replace("/", "-")).date()
    except ValueError:
        return None


def emails_of(cell: Any) -> tuple[str, ...]:
    """Return the e-mail addresses in a cell, folded, each once, in order.

    Raises:
        BadValue: The cell holds text but no address.
    """
    text = text_of(cell)
    if text is None:
        return ()
    found = tuple(dict.fromkeys(a.rstrip(".").casefold() for a in _ADDRESS.findall(text)))
    if not found:
        raise BadValue("there is no e-mail address in it")
    return found


def id_key(deal_id: str) -> str:
    """Return what equal ids share: Salesforce's ids count by their first 15 characters.

    Only opportunity ids (``006…``) are cut, so that another system's long ids stay apart. Case
    is never folded: in the short form it is part of the id.
    """
    if re.fullmatch(r"006[0-9A-Za-z]{12}[A-Z0-9]{3}", deal_id):
        return deal_id[:15]
    return deal_id
