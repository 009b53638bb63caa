"""What a word is made of, in any script: letters and digits, the marks on them, and what has no width.

The constants are bodies of regular-expression classes.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

NOTHING = "\u00ad\u034f\u180b-\u180f\u200b-\u200f\u2060-\u2064\ufe00-\ufe0f\ufeff\U000e0100-\U000e01ef"
"""What is not seen inside a word: soft hyphens, joiners, blanks without width, variation selectors."""

_KANA = "\u3041-\u3096\u3099\u309a\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff\uff66-\uff9f"
_HAN = "\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003fffd"
_HANGUL = "\u1100-\u11ff\u3131-\u318e\uac00-\ud7a3"
_THAI_LAO = "\u0e01-\u0e3a\u0e40-\u0e4e\u0e50-\u0e59\u0e80-\u0edf"
_BURMESE_KHMER = "\u1000-\u1049\u1050-\u109d\u1780-\u17d3\u17d7\u17dc\u17dd\u17e0-\u17e9"
GLUED = _THAI_LAO + _BURMESE_KHMER + _HANGUL + _KANA + _HAN
"""Letters (with their marks) of scripts in which blanks do not tell where a name begins and ends.

Chinese, Japanese, Thai, Lao, Khmer and Burmese have none between words; Korean glues particles to a name.
"""

_glued = re.compile(f"[{GLUED}]")
_unseen = re.compile(f"[{NOTHING}]")


_plain = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


@lru_cache(maxsize=1)
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return what finds a character that asks for more than the plain pattern, and what finds words then.

    Most text has none. The class of combining marks has 300 ranges: it is made when it is first needed.
    """
    ranges: list[list[int]] = []
    for code in range(0x300, 0x1F000):  # from the first mark to the last but the variation selectors
        sign = chr(code)
        if unicodedata.category(sign)[0] != "M" or _glued.match(sign) or _unseen.match(sign):
            continue
        if ranges and ranges[-1][1] == code - 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    marks = "".join(f"{chr(low)}-{chr(high)}" for low, high in ranges)
    letter = rf"[^\W_{GLUED}]"
    spaced = rf"{letter}+(?:(?:[{marks}]++|[{NOTHING}]++(?={letter}|[{marks}])){letter}*)*"
    glued = rf"[{GLUED}]+(?:(?:[{marks}]++|[{NOTHING}]++(?=[{GLUED}]))[{GLUED}]*)*"
    return re.compile(f"[{marks}{NOTHING}{GLUED}]"), re.compile(rf"{spaced}(?:['’]{spaced})*|{glued}")


def find_words(text: str, start: int = 0) -> Iterator[re.Match[str]]:
    """Return the words of ``text`` from ``start`` on, each with its contraction or possessive.

    In a glued script a word is whatever stands together; a name in other letters stands alone in it.
    """
    if not text.isascii():
        special, word = _patterns()
        if special.search(text, start):
            return word.finditer(text, start)
    return _plain.finditer(text, start)


# Canonical classes of marks without which a word is another word: vowels and viramas of Indic scripts,
# Thai vowels and tones, the voicing of kana. Accents, vowels of Arabic or Hebrew and a nukta are not.
_KEPT = frozenset({0, 8, 9, 84, 91, 103, 107, 118, 122, 129, 130, 132})


def as_seen(text: str) -> str:
    """Return ``text`` as a reader sees it: one character a letter (NFC), and nothing without width."""
    return unicodedata.normalize("NFC", text if text.isascii() else _unseen.sub("", text))


def folded(word: str) -> str:
    """Return the letters and digits of ``word``, and those marks that make it another word."""
    plain = unicodedata.normalize("NFKD", word)
    return "".join(c for c in plain if c.isalnum() or _is_kept(c))


def letters_in(joined: str) -> int:
    """Return how many letters and digits a reader counts in a folded word."""
    return sum(map(str.isalnum, unicodedata.normalize("NFC", joined)))


def is_glued(text: str) -> bool:
    """Whether a text has a letter of a script in which blanks do not tell where a name begins."""
    return not text.isascii() and _glued.search(text) is not None


def clusters(text: str) -> Iterator[tuple[int, int]]:
    """Yield the span of each character of ``text`` with all that is written onto it."""
    start = 0
    for at in range(1, len(text)):
        if not _is_written_onto(text[at]):
            yield start, at
            start = at
    if text:
        yield start, len(text)


@lru_cache(maxsize=1 << 12)
def _is_kept(sign: str) -> bool:
    category = unicodedata.category(sign)
    return category in ("Mc", "Mn") and unicodedata.combining(sign) in _KEPT and not _unseen.match(sign)


def _is_written_onto(sign: str) -> bool:
    """Whether a character belongs to the one before it: a mark, or the rest of a Korean syllable."""
    return unicodedata.category(sign)[0] == "M" or "\u1160" <= sign <= "\u11ff" or bool(_unseen.match(sign))
