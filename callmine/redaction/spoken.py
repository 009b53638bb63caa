"""Numbers and addresses as they are spoken: "double four seven", "maya dot linden at larkmoor dot com"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from callmine.redaction.spans import PersonalSpan, SpanKind
from callmine.redaction.words import listed, mapped

FEWEST_DIGITS = 7
"""Digits, said one by one, from which on they are a phone number: a price or a year has fewer."""

CARD_DIGITS = range(13, 20)
IBAN_SIGNS = range(15, 35)

_UNITS = mapped("digits")
_PAIRS = mapped("tens")
_TIMES = {"double": 2, "triple": 3, "treble": 3}
_TOKEN = re.compile(r"\d+|[^\W\d_]+|[^\w\s]|_")
_BETWEEN = frozenset(",.-–()/")

_IBAN_LANDS = listed("iban_lands")
_WORDS_TOO = listed("iban_lands_that_are_words")
"""Countries' letters that are words: what follows "is" is no IBAN of Iceland."""


@dataclass(frozen=True, slots=True)
class _Token:
    """A word, a number or a sign of a text, and the digits that it stands for."""

    text: str
    start: int
    end: int
    digits: str = ""
    pair: bool = False


def _tokens(text: str) -> list[_Token]:
    tokens = []
    for match in _TOKEN.finditer(text):
        word = match.group().casefold()
        digits = word if word.isdecimal() else _UNITS.get(word) or _PAIRS.get(word, "")
        tokens.append(_Token(word, match.start(), match.end(), digits, word in _PAIRS))
    return tokens


def find_spoken(text: str) -> Iterator[PersonalSpan]:
    """Yield numbers that are said digit by digit, and e-mail addresses that are said word by word."""
    tokens = _tokens(text)
    yield from _ibans(tokens)
    yield from _numbers(tokens)
    yield from _addresses(text)


def _numbers(tokens: Sequence[_Token]) -> Iterator[PersonalSpan]:
    """Yield runs of digits that are too long for a quantity, with what repeats them among them."""
    at = 0
    while at < len(tokens):
        run = _run(tokens, at)
        if run is None:
            at += 1
            continue
        end, digits, words, plus = run
        if words >= FEWEST_DIGITS - 2 and len(digits) >= FEWEST_DIGITS:
            kind: SpanKind = "card" if len(digits) in CARD_DIGITS and not plus else "phone"
            yield PersonalSpan(tokens[at].start, tokens[end - 1].end, kind)
        at = end


def _run(tokens: Sequence[_Token], at: int) -> tuple[int, str, int, bool] | None:
    """Return the end of the run of digits that begins here, its digits, how many words, and a plus."""
    digits, words, end, plus = "", 0, at, False
    place = at
    while place < len(tokens):
        token = tokens[place]
        if token.digits and not (token.text in ("o", "un") and not digits):
            follows = next((t.digits for t in tokens[place + 1 : place + 3] if t.text != "-"), "")
            if token.pair and token.digits.endswith("0") and len(follows) == 1 and follows != "0":
                digits += token.digits[0]  # forty two
            else:
                digits += token.digits
            words += 1
            place += 1
        elif token.text in _TIMES and place + 1 < len(tokens) and tokens[place + 1].digits:
            digits += tokens[place + 1].digits * _TIMES[token.text]
            words += _TIMES[token.text]
            place += 2
        elif token.text == "hundred" and digits and place + 1 < len(tokens) and tokens[place + 1].digits:
            digits += "00"
            words += 1
            place += 1
        elif token.text in ("plus", "+") and not digits:
            plus = True
            place += 1
            continue
        elif token.text in _BETWEEN and digits:
            place += 1
            if place < len(tokens) and tokens[place].text.isdecimal() != tokens[end - 1].text.isdecimal():
                break  # "this one, 5105 …": it is said, and then it is written
            continue
        elif token.text in ("thousand", "million", "hundred", "tausend", "mille", "percent"):
            return None if not digits else (place + 1, "", 0, False)
        else:
            break
        end = place
    return (end, digits, words, plus) if digits else None


def _ibans(tokens: Sequence[_Token]) -> Iterator[PersonalSpan]:
    """Yield a country's two letters and what is said after them, letter by letter and digit by digit."""
    for at, token in enumerate(tokens):
        after = at + 1
        land = token.text
        if len(land) == 1 and after < len(tokens) and len(tokens[after].text) == 1:
            land += tokens[after].text
            after += 1
        if land.upper() not in _IBAN_LANDS or (land == token.text and land in _WORDS_TOO):
            continue
        signs, end, place = 0, after, after
        while place < len(tokens):
            token_here = tokens[place]
            if token_here.digits:
                signs += len(token_here.digits)
            elif token_here.text in _TIMES and place + 1 < len(tokens) and tokens[place + 1].digits:
                place += 1
                signs += _TIMES[token_here.text] * len(tokens[place].digits)
            elif signs >= 2 and len(token_here.text) == 1 and token_here.text.isalpha():
                signs += 1
            elif token_here.text not in _BETWEEN or not signs:
                break
            else:
                place += 1
                continue
            place += 1
            end = place
        first_is_digit = after < len(tokens) and (tokens[after].digits or tokens[after].text in _TIMES)
        if first_is_digit and signs + 2 in IBAN_SIGNS:
            yield PersonalSpan(token.start, tokens[end - 1].end, "iban")


_AT = r"(?:at|arobase|klammeraffe|@)"
_DOT = r"(?:dot|punkt|point|\.)"
_JOIN = rf"(?:{_DOT}|dash|minus|hyphen|tiret|bindestrich|underscore|unterstrich|-|_)"
_ATOM = r"[^\W_]+"
_NUMBER_WORD = "|".join([*_UNITS, *_PAIRS])
_LOCAL = rf"{_ATOM}(?:(?:\s+{_JOIN}\s+|\s*[.\-_]\s*){_ATOM}){{0,8}}(?:\s+(?:{_NUMBER_WORD}|\d+)){{0,8}}"
_ENDING = r"(?:[a-z]{2,10}|(?:[a-z]\s+){1,2}[a-z])"
_ADDRESS = re.compile(
    rf"(?<![\w'’])((?:{_ATOM}\s+)?{_LOCAL})\s+{_AT}\s+"
    rf"({_ATOM}(?:(?:\s+{_JOIN}\s+|\s+|-){_ATOM}){{0,4}}?)"
    rf"((?:\s+{_DOT}\s+|\s*\.)({_ENDING}))(?!\w)((?:\s+{_DOT}\s+|\.)({_ENDING}))?(?!\w)",
    re.IGNORECASE,
)


def _addresses(text: str) -> Iterator[PersonalSpan]:
    """Yield e-mail addresses with a spoken "at"."""
    folded = text.casefold()
    if len(folded) != len(text) or not re.search(r"\b(?:at|arobase|klammeraffe)\b|@", folded):
        return
    for match in _ADDRESS.finditer(text):
        start = _local_start(text, match)
        if start is not None:
            yield PersonalSpan(start, match.end(), "e-mail")


_NO_LOCAL = listed("no_local_part")
_NO_DOMAIN = listed("no_domain")
_SPOKEN_POINT_ENDINGS = listed("spoken_point_endings")


def _local_start(text: str, match: re.Match[str]) -> int | None:
    """Return where the part before the "at" begins; ``None`` where this is no address."""
    local, domain = match.group(1), match.group(2)
    if domain.split()[0].casefold() in _NO_DOMAIN:
        return None
    if "point" in match.group(3).casefold() and match.group(4).casefold() not in _SPOKEN_POINT_ENDINGS:
        return None
    words = [(m.group().casefold(), m.start()) for m in re.finditer(r"[^\W_]+|[.\-_]", local)]
    joins = {"dot", "punkt", "point", "dash", "minus", "hyphen", "tiret", "underscore", "unterstrich"}
    joins |= {"bindestrich", ".", "-", "_"}
    place = len(words) - 1
    # Numbers, then one word, then whatever is joined to it, and single letters before.
    while place > 0 and (
        words[place][0] in _UNITS or words[place][0] in _PAIRS or words[place][0].isdecimal()
    ):
        place -= 1
    if words[place][0] in _NO_LOCAL and (place == 0 or words[place - 1][0] not in joins):
        return None
    while place > 0:
        if words[place - 1][0] in joins and place > 1:
            place -= 2
        elif len(words[place - 1][0]) == 1 and words[place - 1][0] not in ("a", "i"):
            place -= 1
        else:
            break
    return match.start(1) + words[place][1]
