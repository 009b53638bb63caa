"""Phrases of short spans, counted by deal: what is compared when language is compared.

scikit-learn's vectoriser keeps "of the" and "the month end", and is no faster without an analyser of
one's own; its stop words and spaCy's hold words that sell or promise ("bill", "system", "full",
"three", "never"). So phrases are cut here, in arrays, with a shorter list of function words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, hstack

Integers = NDArray[np.int64]

LONGEST = 3
"""Words of the longest phrase."""

ARTICLES = frozenset(("a", "an", "the"))
"""Words that are left out wherever they stand."""

_EMPTY = """
about after again all also am among and another any anyhow are around as at be because been before
being between both but by can could did do does doing done each either else ever every for from
had has have he hence her here hers him his how however i if in into is it its just may me might
mine much must my myself neither nor of off often on onto or other our ours ourselves out over own
per perhaps quite rather re really same she should since so some such than that their theirs them
then there therefore these they this those though through thus to too toward towards under until
up upon us very via was we well were what whatever when where whether which while who whom whose
why will with within would yet you your yours yourself yourselves
gonna got kind let lets like mean oh okay ok right sort stuff thing uh um yeah yes
he'd he'll he's i'd i'll i'm i've it'd it'll it's let's she'd she'll she's that'd that'll that's
there's they'd they'll they're they've we'd we'll we're we've what's who's you'd you'll you're you've
"""

FUNCTION_WORDS = frozenset(_EMPTY.split())
"""Words that neither begin nor end a phrase: function words, fillers, contractions of both.

Numbers stay ("three days"), and so do "not", "never", "don't", "without", "more", "less", "only" and
"first": they carry what is promised, and "we don't lock you in" is not to be read as "lock".
"""

_WORD = re.compile(r"\d+(?:[.,]\d+)+|[^\W_]+(?:'[^\W_]+)*")
_NO_ENDING = ("ss", "us", "is")
_SILENT_E = ("che", "she", "xe", "sse")


@dataclass(frozen=True, slots=True)
class PhraseCounts:
    """How often each deal uses each phrase.

    Attributes:
        phrases: Each in the words it is most often said in, articles and hyphens left out.
        keys: Its canonical form (:func:`canonical`), unique and in alphabetical order.
        counts: Occurrences, shape (deals, phrases).
    """

    phrases: tuple[str, ...]
    keys: tuple[str, ...]
    counts: csr_array


@dataclass(frozen=True, slots=True)
class _Tokens:
    """The words of all texts, one after the other, articles left out; all arrays of one length."""

    word: Integers
    surface: Integers
    text: Integers
    words: tuple[str, ...]
    surfaces: tuple[str, ...]
    empty: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class _Grams:
    """The phrases of one length: where each occurrence starts, and which phrase it is."""

    size: int
    starts: Integers
    which: Integers
    total: Integers


def canonical(word: str) -> str:
    """Return the form in which a word meets its plural, and a verb its third person.

    Only the last letters are looked at: "cuts" and "cut", "approaches" and "approach", "headaches"
    and "headache", "policies" and "policy", "vendor's" and "vendor" meet; "analysis", "process" and
    "status" stay. It is no stemmer: "cutting", "closed" and "faster" stay apart from "cut", "close"
    and "fast", since tense and degree are part of what is said, and irregular plurals ("people") are
    not known. What comes out need not be a word ("headach", "sery"): it is compared, not shown.

    Args:
        word: A word with its case folded.
    """
    word = word.removesuffix("'s")
    if len(word) >= 4 and word.endswith("s") and not word.endswith(_NO_ENDING):
        word = word[:-3] + "y" if word.endswith("ies") and len(word) > 4 else word[:-1]
    return word[:-1] if word.endswith(_SILENT_E) else word


def phrase_matrix(
    texts: Iterable[str], deal_rows: Sequence[int] | Integers, n_deals: int, min_deals: int
) -> PhraseCounts:
    """Count the phrases of one to three words that enough deals use.

    Case is folded, hyphens are blanks, articles are left out, and words meet in their
    :func:`canonical` form: "cut month-end close" and "cuts the month end close" are one phrase. A
    phrase lies within one text, neither begins nor ends with a function word, and is dropped where
    it is said only inside a longer one ("end close", if nobody says it without "month"). The order
    of the texts does not matter.

    Args:
        texts: Short spans, such as the positioning found in calls. The caller passes only those of
            the role and stage that are compared.
        deal_rows: For each text, the number of its deal, 0..n_deals-1.
        n_deals: Deals compared, with or without a text.
        min_deals: Deals that have to use a phrase, 1 or more.

    Raises:
        ValueError: There are not as many deals' numbers as texts, one is out of range, or
            ``min_deals`` is below 1.
    """
    deals = np.asarray(deal_rows, dtype=np.int64)
    texts = list(texts)
    if min_deals < 1:
        raise ValueError("a phrase has to be used by at least one deal")
    if len(texts) != len(deals):
        raise ValueError(f"{len(texts)} texts, but the deals of {len(deals)}")
    if len(deals) and not 0 <= deals.min() <= deals.max() < n_deals:
        raise ValueError(f"a deal's number is not within 0..{n_deals - 1}")
    tokens = _tokens(texts)
    grams = [_grams(tokens, size) for size in range(1, LONGEST + 1)]
    named: list[tuple[str, str]] = []
    blocks = []
    for number, gram in enumerate(grams):
        by_deal = csr_array(
            (np.ones(len(gram.which)), (deals[tokens.text[gram.starts]], gram.which)),
            shape=(n_deals, len(gram.total)),
        )
        kept = np.bincount(by_deal.indices, minlength=len(gram.total)) >= min_deals
        for longer in grams[number + 1 :]:
            kept &= ~_only_inside(gram, longer, len(tokens.word))
        named += _names(gram, kept, tokens)
        blocks.append(by_deal[:, np.flatnonzero(kept)])
    order = sorted(range(len(named)), key=named.__getitem__)
    return PhraseCounts(
        phrases=tuple(named[at][1] for at in order),
        keys=tuple(named[at][0] for at in order),
        counts=csr_array(hstack(blocks, format="csr")[:, order]),
    )


def counts_in(texts: Iterable[str], said: PhraseCounts) -> Integers:
    """Count the phrases of one matrix in other texts, such as all that a role says: a prior for them.

    Returns:
        Occurrences of each of ``said.keys``, inside longer phrases too; shape (phrases,).
    """
    number = {key: at for at, key in enumerate(said.keys)}
    counts = np.zeros(len(number), np.int64)
    tokens = _tokens(list(texts))
    for size in range(1, LONGEST + 1):
        gram = _grams(tokens, size)
        _, first = np.unique(gram.which, return_index=True)
        for start, total in zip(gram.starts[first], gram.total, strict=True):
            at = number.get(_key(tokens, start, size))
            if at is not None:
                counts[at] += total
    return counts


def _tokens(texts: Sequence[str]) -> _Tokens:
    """Cut texts into words, and number the words."""
    said = [[word for word in _WORD.findall(_folded(text)) if word not in ARTICLES] for text in texts]
    numbers: dict[str, int] = {}
    surface = np.array(
        [numbers.setdefault(word, len(numbers)) for words in said for word in words], np.int64
    )
    forms: dict[str, int] = {}
    form_of = np.array([forms.setdefault(canonical(word), len(forms)) for word in numbers], np.int64)
    empty = np.array([word in FUNCTION_WORDS for word in numbers], bool)
    return _Tokens(
        word=form_of[surface],
        surface=surface,
        text=np.repeat(np.arange(len(said)), [len(words) for words in said]),
        words=tuple(forms),
        surfaces=tuple(numbers),
        empty=empty[surface],
    )


def _folded(text: str) -> str:
    """Return a text in which the same word always has the same characters."""
    return unicodedata.normalize("NFC", text.replace("’", "'").casefold())


def _grams(tokens: _Tokens, size: int) -> _Grams:
    """Number the phrases of one length."""
    starts = np.arange(max(0, len(tokens.word) - size + 1))
    ends = starts + size - 1
    starts = starts[
        (tokens.text[starts] == tokens.text[ends]) & ~tokens.empty[starts] & ~tokens.empty[ends]
    ]
    _, which = np.unique(_joined(tokens.word, starts, size, len(tokens.words)), return_inverse=True)
    return _Grams(size, starts, which, np.bincount(which))


def _joined(numbers: Integers, starts: Integers, size: int, base: int) -> Integers:
    """Return one number for the ``size`` numbers from each start (three of two million words fit)."""
    joined = np.zeros(len(starts), np.int64)
    for offset in range(size):
        joined = joined * base + numbers[starts + offset]
    return joined


def _only_inside(gram: _Grams, longer: _Grams, n_tokens: int) -> NDArray[np.bool_]:
    """Say which phrases are said only inside one and the same longer phrase: as often as it is."""
    phrase_at = np.full(n_tokens, -1)
    phrase_at[gram.starts] = gram.which
    inside = np.zeros(len(gram.total), bool)
    for offset in range(longer.size - gram.size + 1):
        part = phrase_at[longer.starts + offset]
        there = part >= 0
        part, whole = part[there], longer.which[there]
        inside[part[gram.total[part] == longer.total[whole]]] = True
    return inside


def _key(tokens: _Tokens, start: int, size: int) -> str:
    return " ".join(tokens.words[word] for word in tokens.word[start : start + size])


def _names(gram: _Grams, kept: NDArray[np.bool_], tokens: _Tokens) -> list[tuple[str, str]]:
    """Return canonical form and commonest wording of the kept phrases, in the order of their numbers."""
    at = kept[gram.which]
    starts, which = gram.starts[at], gram.which[at]
    wordings = _joined(tokens.surface, starts, gram.size, len(tokens.surfaces))
    _, first, often = np.unique(wordings, return_index=True, return_counts=True)
    best: dict[int, tuple[int, str, str]] = {}
    for start, phrase, count in zip(starts[first], which[first], often, strict=True):
        places = range(start, start + gram.size)
        wording = " ".join(tokens.surfaces[tokens.surface[place]] for place in places)
        rank = (-int(count), wording, _key(tokens, start, gram.size))
        best[int(phrase)] = min(best.get(int(phrase), rank), rank)
    return [(best[phrase][2], best[phrase][1]) for phrase in sorted(best)]
