"""The modules of words that templates use, by the names that these know them by."""

from __future__ import annotations

from callmine.reports import text
from callmine.reports.render import (
    answer_words,
    asked,
    digest_folds,
    digest_words,
    method_words,
    needed_words,
    notes,
    odds,
    outcome_folds,
    outcome_words,
    reason_words,
    review_call_words,
    section_words,
    wording,
)

WORDS = {
    "w": wording,
    "n": notes,
    "a": asked,
    "df": digest_folds,
    "dw": digest_words,
    "o": outcome_words,
    "an": answer_words,
    "fold": outcome_folds,
    "more": needed_words,
    "od": odds,
    "how": method_words,
    "rc": review_call_words,
    "s": section_words,
    "why": reason_words,
    "t": text,
}
"""Name in templates to module; HTML and Markdown say the same words."""
