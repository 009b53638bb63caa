"""The facts of one call, from the cells of a manifest's row or of a sidecar."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import getaddresses, unquote
from typing import Any
from zoneinfo import ZoneInfo

from callmine.crm.rows import clean
from callmine.crm.values import BadValue, text_of
from callmine.domain import FACT_WORDS, Facts, Participant
from callmine.validation import LANGUAGE_HINT, YEARS, did_you_mean, language_code

_ADDRESS = re.compile(r"[^\s<>()\[\],;:\"@]+@[^\s<>()\[\],;:\"@]+")


def facts_of(cells: Mapping[str, Any], zone: ZoneInfo) -> tuple[Facts, list[BadValue]]:
    """Return the facts of a row and everything that is wrong with them."""
    faults: list[BadValue] = []
    values: dict[str, Any] = {}
    for name in Facts.__dataclass_fields__:
        cell = cells.get(name)
        try:
            if name == "participants":
                values[name] = participants_of(cell)
            elif (text := text_of(cell)) is None:
                continue
            elif name == "started_at":
                values[name] = instant_of(text, zone)
            elif name == "language":
                values[name] = _language(text)
            elif name == "rep_email":
                values[name] = _email(text)
            elif name in FACT_WORDS:
                values[name] = _word(name, text)
            else:
                values[name] = text
        except BadValue as fault:
            faults.append(fault)
    return Facts(**values), faults


def _word(name: str, text: str) -> str:
    known = FACT_WORDS[name]
    if text.casefold() not in known:
        raise BadValue(
            f"{name} {text!r} is not one of {', '.join(known)}{did_you_mean(text.casefold(), known)}",
            f"Write {' or '.join(known)}, or leave it empty.",
        )
    return text.casefold()


def _language(text: str) -> str:
    try:
        return language_code(text)
    except ValueError as fault:
        raise BadValue(str(fault), LANGUAGE_HINT) from fault


def _email(text: str) -> str:
    if not _ADDRESS.fullmatch(text):
        raise BadValue(f"{text!r} is not an e-mail address", "Write one such as name@acme.example.")
    return text


def instant_of(text: str, zone: ZoneInfo) -> str:
    """Return a UTC instant; a time without an offset is in ``zone``, a date begins its day there.

    Raises:
        BadValue: Not an ISO date or time.
    """
    fault = BadValue(
        f"started_at {text!r} is not an ISO time", "Write 2026-10-02T09:30:00+02:00, with the offset."
    )
    if not re.match(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ]|$)", text):
        raise fault
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise fault from error
    if moment.year not in YEARS:
        raise fault
    moment = moment if moment.tzinfo else moment.replace(tzinfo=zone)
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def participants_of(cell: Any) -> tuple[Participant, ...]:
    """Return the people in ``Name <e-mail>; …``, in a list of such texts, or of objects.

    A piece may also be an address alone, whose name is then empty, or a name alone.

    Raises:
        BadValue: A piece is none of these.
    """
    pieces: list[Participant] = []
    for item in cell if isinstance(cell, list) else [cell]:
        if isinstance(item, dict):
            if unknown := sorted(set(item) - {"name", "email"}):
                raise BadValue(f"participant: unknown key {unknown[0]!r}", "Known: name, email.")
            email = text_of(item.get("email"))
            pieces.append(Participant(clean(item.get("name")), _email(email) if email else None))
        else:
            pieces.extend(_person(piece) for piece in _pieces(clean(item)))
    return tuple(dict.fromkeys(p for p in pieces if p.name or p.email))


def _pieces(text: str) -> list[str]:
    """Split at semicolons outside quotes; at commas only where that is what mail programs do."""
    pieces = [p.strip() for p in re.findall(r'(?:"(?:[^"\\]|\\.)*"|[^;])+', text)]
    if len(pieces) == 1 and text.count("@") > 1:
        parsed = [(name, mail) for name, mail in getaddresses([text]) if name or mail]
        # Older Pythons make "a@b@c" one address and lose a part: every "@" must be accounted for.
        if text.count("@") == len(parsed) and all(_ADDRESS.fullmatch(mail) for _, mail in parsed):
            return [f"{name} <{mail}>" for name, mail in parsed]
    return [p for p in pieces if p]


def _person(piece: str) -> Participant:
    # Not parseaddr: it takes "Linden, Maya <maya@…>" for somebody called Linden.
    bracketed = re.fullmatch(r"([^<>]*)<\s*(?:mailto:)?([^<>]*?)\s*>", piece)
    if bracketed:
        return Participant(unquote(bracketed[1].strip()).strip(), _email(bracketed[2]))
    if "@" in piece or "<" in piece or ">" in piece:
        return Participant("", _email(piece))
    return Participant(unquote(piece), None)
