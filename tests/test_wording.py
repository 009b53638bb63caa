"""Phrases of short spans, counted by deal."""

from __future__ import annotations

import re
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS
from spacy.lang.en.stop_words import STOP_WORDS

from callmine.outcomes.wording import (
    ARTICLES,
    FUNCTION_WORDS,
    PhraseCounts,
    canonical,
    counts_in,
    phrase_matrix,
)

WORDS = ["cut", "cuts", "month", "end", "of", "the", "we", "close"]

spans = st.lists(st.lists(st.sampled_from(WORDS), max_size=7).map(" ".join), min_size=1, max_size=12)


def counted(said: PhraseCounts) -> dict[str, list[int]]:
    """Return how often each deal uses each phrase, by its canonical form."""
    return {
        key: column.astype(int).tolist()
        for key, column in zip(said.keys, said.counts.toarray().T, strict=True)
    }


def by_hand(texts: list[str], n_deals: int) -> dict[str, list[int]]:
    """Count phrases with lists and dictionaries; each text is a deal, and nothing is dropped."""
    found: dict[str, Counter[int]] = {}
    for deal, text in enumerate(texts):
        said = [word for word in text.split() if word not in ARTICLES]
        for size in (1, 2, 3):
            for start in range(len(said) - size + 1):
                gram = said[start : start + size]
                if gram[0] not in FUNCTION_WORDS and gram[-1] not in FUNCTION_WORDS:
                    found.setdefault(" ".join(map(canonical, gram)), Counter())[deal] += 1
    return {key: [deals[deal] for deal in range(n_deals)] for key, deals in found.items()}


@pytest.mark.parametrize(
    ("word", "form"),
    [
        ("cuts", "cut"),
        ("approaches", "approach"),
        ("policies", "policy"),
        ("processes", "process"),
        ("closes", "close"),
        ("databases", "database"),
        ("headaches", "headach"),
        ("headache", "headach"),
        ("taxes", "tax"),
        ("vendor's", "vendor"),
        ("process", "process"),
        ("analysis", "analysis"),
        ("status", "status"),
        ("gas", "gas"),
        ("demos", "demo"),
        ("sizes", "size"),
        ("cutting", "cutting"),
        ("ties", "tie"),
    ],
)
def test_canonical_form(word: str, form: str) -> None:
    """A plural and a verb's third person lose their ending, and nothing else does."""
    assert canonical(word) == form


def test_wordings_meet() -> None:
    """Hyphen, article, case, plural and the third person make no other phrase."""
    said = phrase_matrix(
        ["cut month-end close", "Cuts the month end close", "cut a month end"], [0, 1, 2], 3, 2
    )
    assert counted(said) == {"cut month end": [1, 1, 1], "month end close": [1, 1, 0]}
    assert said.phrases == ("cut month end", "month end close")


def test_commonest_wording_is_shown() -> None:
    """Two of three say it in the plural, so a reader sees the plural."""
    said = phrase_matrix(["faster reports", "faster report", "faster reports"], [0, 1, 2], 3, 1)
    assert said.phrases == ("faster reports",)
    assert said.keys == ("faster report",)


def test_said_by_itself_it_stays() -> None:
    """A part of a longer phrase is a phrase of its own once somebody says it without the rest."""
    inside = phrase_matrix(["audit trail", "audit trail"], [0, 1], 2, 1)
    apart = phrase_matrix(["audit trail", "audit trail", "audit"], [0, 1, 1], 2, 1)
    assert inside.keys == ("audit trail",)
    assert counted(apart) == {"audit": [1, 2], "audit trail": [1, 1]}


def test_negation_begins_a_phrase() -> None:
    """What is said not to be so does not become what is said."""
    assert phrase_matrix(["we don’t lock you in"], [0], 1, 1).phrases == ("don't lock",)


def test_numbers_are_words() -> None:
    """What is promised in figures stays whole."""
    assert phrase_matrix(["in 3.5 days"], [0], 1, 1).phrases == ("3.5 days",)


def test_support_counts_deals() -> None:
    """One deal that says it five times is one deal."""
    texts, rows = ["audit trail"] * 5 + ["single view"] * 2, [0] * 5 + [0, 1]
    assert phrase_matrix(texts, rows, 2, 2).keys == ("single view",)


def test_nothing_said() -> None:
    """Without words there are deals, and no phrase."""
    for texts in ([], ["", "the", "of the"]):
        said = phrase_matrix(texts, [0] * len(texts), 4, 1)
        assert said.keys == said.phrases == ()
        assert said.counts.shape == (4, 0)


@pytest.mark.parametrize(
    ("rows", "n_deals", "min_deals", "message"),
    [
        ([0], 1, 1, "2 texts"),
        ([0, 2], 2, 1, "not within 0..1"),
        ([0, -1], 2, 1, "not within"),
        ([0, 1], 2, 0, "one deal"),
    ],
)
def test_mistakes_are_told(rows: list[int], n_deals: int, min_deals: int, message: str) -> None:
    """What does not fit together is refused."""
    with pytest.raises(ValueError, match=message):
        phrase_matrix(["a", "b"], rows, n_deals, min_deals)


def test_function_words_are_known_as_such() -> None:
    """What is taken for empty is so for scikit-learn or spaCy as well, but for fillers and contractions."""
    plain = {word for word in FUNCTION_WORDS if "'" not in word} - ENGLISH_STOP_WORDS - STOP_WORDS
    fillers = "gonna got kind let lets like mean oh ok okay right sort stuff theirs thing uh um yeah yes"
    assert plain == set(fillers.split())
    assert not FUNCTION_WORDS & {"not", "never", "don't", "without", "three", "system"}


def test_other_text_is_counted_in_the_same_phrases() -> None:
    """Another wording counts, a part of a longer phrase too, and what is not asked for does not."""
    said = phrase_matrix(["audit trail", "audits", "month end close", "nobody"], [0, 1, 1, 1], 2, 1)
    counts = counts_in(["The audit trails of an audit", "audit, trail", "month-end"], said)
    assert dict(zip(said.keys, counts.tolist(), strict=True)) == {
        "audit": 3,
        "audit trail": 2,
        "month end close": 0,
        "nobody": 0,
    }
    assert counts_in([], said).tolist() == [0, 0, 0, 0]


@settings(deadline=None, max_examples=60)
@given(spans)
def test_counts_are_those_by_hand(texts: list[str]) -> None:
    """Every phrase has the counts of a plain loop, and what is missing is only said inside another."""
    said = counted(phrase_matrix(texts, range(len(texts)), len(texts), 1))
    expected = by_hand(texts, len(texts))
    for key, counts in said.items():
        assert counts == expected[key]
    for key in expected.keys() - said.keys():
        assert any(
            re.search(rf"(^| ){re.escape(key)}( |$)", longer) and sum(counts) == sum(expected[key])
            for longer, counts in expected.items()
            if longer != key
        )


@settings(deadline=None, max_examples=30)
@given(spans, st.integers(0, 99))
def test_order_of_texts_does_not_matter(texts: list[str], seed: int) -> None:
    """The same texts in another order are the same phrases."""
    deals = [number % 3 for number in range(len(texts))]
    order = np.random.default_rng(seed).permutation(len(texts))
    one = phrase_matrix(texts, deals, 3, 1)
    other = phrase_matrix([texts[at] for at in order], [deals[at] for at in order], 3, 1)
    assert one.phrases == other.phrases
    assert counted(one) == counted(other)
