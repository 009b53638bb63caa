"""Which of a table's columns is which of ours: by what CRMs call them, and by what their values are."""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.resources import files
from typing import Any

from callmine.crm.mapping import Columns
from callmine.crm.outcome import outcome_word
from callmine.crm.rows import Table, clean
from callmine.crm.values import BadValue, amount_of, currency_of, emails_of, flag_of, is_no_day, text_of

LONGEST = 200
"""Characters that a name may have in a mapping file."""

_FITS = 0.6
"""Share of a column's values that have to be what the column is taken for."""

_PICKLIST = 40
"""Different values that a list of stages has at most."""

_ENDED = 0.2
"""Share of values that are words for won or lost, from which a column tells how deals ended."""

_PREFIX = re.compile(r"^(?:deal|opportunity|potential|verkaufschance)\s*[-:.]\s+", re.IGNORECASE)
_CLOSING = re.compile("clos|schluss|clotur|fermet|cierre")
_DATE_LIKE = re.compile(
    r"[0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}.*"
    r"|[0-9]{1,2}[-/. ]+(?:[0-9]{1,2}|[^\W\d]{3,9}\.?)[-/. ]+[0-9]{2,4}.*"
    r"|[^\W\d]{3,9} [0-9]{1,2},? [0-9]{4}.*|[0-9]{12,13}|[0-9]{8}"
)


@dataclass(frozen=True)
class Column:
    """A column of the table: its name as written, and its filled values as text, in order."""

    name: str
    values: tuple[str, ...]
    rows: int

    @cached_property
    def counts(self) -> Counter[str]:
        """How often each value is there."""
        return Counter(self.values)

    @property
    def filled(self) -> float:
        """Share of rows with a value."""
        return len(self.values) / self.rows if self.rows else 0.0

    def share(self, fits: Callable[[str], bool]) -> float:
        """Return the share of filled values that are something."""
        hits = sum(n for value, n in self.counts.items() if fits(value))
        return hits / len(self.values) if self.values else 0.0


@dataclass(frozen=True, slots=True)
class Guess:
    """Which columns are one of ours, the surest first, and what speaks for it, in words."""

    columns: tuple[Column, ...]
    why: tuple[str, ...]


def columns_of(table: Table) -> tuple[Column, ...]:
    """Return the columns that a mapping can name."""
    values: dict[str, list[str]] = {name: [] for name in table.columns}
    for row in table.rows:
        for name, cell in row.cells.items():
            if name in values and (text := text_of(cell)) is not None:
                values[name].append(text)
    return tuple(
        Column(written, tuple(values[folded]), len(table.rows))
        for folded, written in table.columns.items()
        if written and len(written) <= LONGEST
    )


def known_names(ours: str | None = None) -> frozenset[str]:
    """Return every name that CRMs are known to give a column, or one of ours."""
    lists = _lists()["names"]
    return frozenset(name for of in ([ours] if ours else lists) for name in lists[of])


def dialect_of(columns: tuple[Column, ...]) -> str | None:
    """Return which CRM's names these are, where at least three of them say so."""
    names = {key_of(column.name) for column in columns}
    fits = {who: len(names.intersection(of)) for who, of in _lists()["dialects"].items()}
    best = max(fits, key=lambda who: fits[who])
    return best if fits[best] >= 3 else None


def guess_columns(columns: tuple[Column, ...]) -> dict[str, Guess]:
    """Return which of theirs each of ours is; what is not there, or not sure, is left out.

    By name first, where the values do not contradict; then by values: an id is filled and
    distinct, a column of won and lost tells how deals ended, addresses are addresses. A column
    is taken once. Nothing here depends on the order of anything but the columns.
    """
    ranked = sorted(
        ((rank, ours, place, why) for place, c in enumerate(columns) for ours, rank, why in _named(c)),
        key=lambda found: (found[0], list(Columns.model_fields).index(found[1]), found[2]),
    )
    several, taken = set(_lists()["several"]), set[int]()
    found: dict[str, list[tuple[Column, str]]] = {}
    for _, ours, place, why in ranked:
        column = columns[place]
        if place in taken or (ours in found and ours not in several):
            continue
        fit = _fit(ours, column)
        if fit is None:
            continue
        taken.add(place)
        found.setdefault(ours, []).append((column, f"{why}; {fit}"))
    for ours, column, why in _by_values(columns, taken, set(found)):
        found[ours] = [(column, why)]
    return {
        ours: Guess(tuple(c for c, _ in found[ours]), tuple(why for _, why in found[ours]))
        for ours in Columns.model_fields
        if ours in found
    }


def key_of(name: str) -> str:
    """Return a column's name as letters and digits, without case, accents and a leading "Deal -"."""
    plain = unicodedata.normalize("NFKD", _PREFIX.sub("", clean(name)).casefold())
    bare = re.sub(r"__c$", "", plain)
    return "".join(c for c in bare if c.isalnum())


def percent(share: float) -> str:
    """Return a share 0..1 as ``92 %``; only all is 100 and only none is 0."""
    rounded = round(100 * share)
    if 0 < share < 1:
        rounded = min(99, max(1, rounded))
    return f"{rounded} %"


def _named(column: Column) -> Iterator[tuple[str, int, str]]:
    """Yield ``(ours, rank, why)`` for what a column's name can mean; the lower the surer."""
    lists, key = _lists(), key_of(column.name)
    bare = re.sub(r"\(.*?\)| in [A-Z]{3}$", "", column.name).strip()
    for ours, names in lists["names"].items():
        for spelled, rank in ((key, 0), (key_of(bare), 50)):
            if spelled in names:
                yield ours, rank + list(names).index(spelled), "its name"
                break
        else:
            groups = lists["words"].get(ours, ())
            if any(all(word in key for word in group) for group in groups):
                yield ours, 100, "words in its name"


def _fit(ours: str, column: Column) -> str | None:
    """Return in words how values fit what a column is taken for; ``None``: they contradict."""
    if not column.values:
        return "it is empty in this file"
    shown = f"filled in {percent(column.filled)} of rows"
    check = _CHECKS.get(ours)
    if ours == "deal_id":
        distinct = len(column.counts) / len(column.values)
        if column.filled < _FITS or distinct < _FITS:
            return None
        return f"{shown}, {percent(distinct)} of them distinct"
    if ours in ("stage", "outcome"):
        if len(column.counts) > max(_PICKLIST, 1):
            return None
        if ours == "outcome" and not column.share(_ends):
            return None
        return f"{shown}, {_different(column)}"
    if check is None:
        return shown
    share = column.share(check[1])
    if share < _FITS:
        return None
    # A day that no calendar has is meant as a date, and is none.
    told = column.share(is_date) if check[0] == "dates" else share
    return f"{shown}, {percent(told)} of them {check[0]}"


def is_date(value: str) -> bool:
    """Whether a value is written as a date, and one that a calendar has."""
    return _DATE_LIKE.fullmatch(value) is not None and not is_no_day(value)


def _by_values(
    columns: tuple[Column, ...], taken: set[int], found: set[str]
) -> Iterator[tuple[str, Column, str]]:
    """Yield what values alone say, for the ones of ours that no name was found for."""
    free = [(place, c) for place, c in enumerate(columns) if place not in taken and c.values]
    if "deal_id" not in found:
        ids = [(place, c) for place, c in free if _is_id(c)]
        if ids:
            place, column = min(ids, key=lambda at: (not _sounds_like_id(at[1].name), at[0]))
            taken.add(place)
            yield "deal_id", column, "a guess by its values: every row has one, and all are distinct"
    if not found & {"stage", "outcome", "is_won", "is_closed"}:
        fits = [(c.share(_ends), -place, c) for place, c in free if len(c.counts) <= _PICKLIST]
        best = max(fits, key=lambda fit: fit[:2], default=None)
        if best is not None and best[0] >= _ENDED:
            taken.add(-best[1])
            share = percent(best[0])
            yield "stage", best[2], f"a guess by its values: {share} of them are words for won or lost"
    if "close_date" not in found:
        for place, column in free:
            dated = column.share(is_date)
            if place not in taken and dated >= _FITS and _CLOSING.search(key_of(column.name)):
                taken.add(place)
                why = f"a guess by its values: {percent(dated)} are dates, and its name speaks of closing"
                yield "close_date", column, why
                break
    if "contact_emails" not in found:
        for place, column in free:
            mailed = column.share(_CHECKS["contact_emails"][1])
            if (
                place not in taken
                and mailed >= 0.8
                and not re.search("own|rep", column.name, re.IGNORECASE)
            ):
                yield "contact_emails", column, f"a guess by its values: {percent(mailed)} are addresses"
                return


def _is_id(column: Column) -> bool:
    spaced = column.share(lambda value: " " in value)
    dated = column.share(lambda value: bool(_DATE_LIKE.fullmatch(value)) and not value.isdigit())
    mailed = column.share(lambda value: "@" in value)
    every = len(column.values) == column.rows == len(column.counts)
    # Head counts and turnovers may be distinct, too: short numbers are ids under an id's name only.
    plain = column.share(
        lambda value: bool(re.fullmatch(r"[-+]?(?:[0-9]{1,5}|[0-9]*[.,][0-9]+)|[^\W\d]+", value))
    )
    numbered = plain < 1 - _FITS or _sounds_like_id(column.name)
    return every and numbered and max(spaced, dated, mailed) < 1 - _FITS


def _sounds_like_id(name: str) -> bool:
    whole = re.search(r"\b(?:id|nr|no|key|number|ref|code)\b", name.replace("_", " "), re.IGNORECASE)
    return bool(whole or re.search("[a-z]I[dD]$", name))


def _different(column: Column) -> str:
    count = len(column.counts)
    return f"{count} different value{'s' if count > 1 else ''}"


def _ends(value: str) -> bool:
    return outcome_word(value) not in (None, "open")


def _reads(parse: Callable[[Any], Any]) -> Callable[[str], bool]:
    def fits(value: str) -> bool:
        try:
            return parse(value) is not None
        except BadValue as fault:
            return "may be a thousand times" in str(fault)

    return fits


_CHECKS: Mapping[str, tuple[str, Callable[[str], bool]]] = {
    "is_won": ("yes or no", _reads(flag_of)),
    "is_closed": ("yes or no", _reads(flag_of)),
    "amount": ("amounts", _reads(lambda value: amount_of(value)[0])),
    "currency": ("currencies", _reads(lambda value: currency_of(value) or value)),
    "created_at": ("dates", lambda value: _DATE_LIKE.fullmatch(value) is not None),
    "inquired_at": ("dates", lambda value: _DATE_LIKE.fullmatch(value) is not None),
    "close_date": ("dates", lambda value: _DATE_LIKE.fullmatch(value) is not None),
    "contact_emails": ("with an e-mail address", _reads(emails_of)),
    "account_domain": ("domains", lambda value: re.fullmatch(r"\S+\.\S+", value) is not None),
}


@lru_cache
def _lists() -> dict[str, Any]:
    text = (files("callmine.crm") / "data" / "columns.json").read_text(encoding="utf-8")
    lists: dict[str, Any] = json.loads(text)
    return lists
