"""The language model's part: what it takes for a person, and what is an ordinary word."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from callmine.errors import ModelError

if TYPE_CHECKING:
    from spacy.language import Language

LONGEST = 4_000
"""Characters of a text that the model reads; known names and numbers are looked for in all of it."""

_UNUSED = ["tok2vec", "tagger", "attribute_ruler", "parser", "senter", "lemmatizer"]
"""Names are found by a part that reads words by itself, and shares no layer with these."""
_ENDINGS = (
    ("ies", "y"),
    ("es", ""),
    ("s", ""),
    ("ed", ""),
    ("ed", "e"),
    ("ing", ""),
    ("ing", "e"),
    ("ly", ""),
)


class Reader(Protocol):
    """What the redactor asks of a language model."""

    def entities(self, text: str) -> list[tuple[int, int, str]]:
        """Return start, end and label of what is named in a text."""

    def is_word(self, word: str) -> bool:
        """Whether a word in small letters is an ordinary one."""

    def is_adjective(self, word: str) -> bool:
        """Whether it is an adjective."""


class SmallEnglish:
    """spaCy's small English model, read from a folder when first used.

    Args:
        path: The folder of ``en_core_web_sm``, as :func:`callmine.weights.resolve` returns it.
    """

    def __init__(self, path: Path) -> None:
        self.path = Path(path)

    @cached_property
    def _nlp(self) -> Language:
        import spacy  # three seconds; only who redacts pays them

        try:
            return spacy.load(self.path, exclude=_UNUSED)
        except (OSError, ValueError) as error:
            raise ModelError(
                f"{self.path}: not a readable spaCy model: {error}",
                hint="Fetch it again with `callmine models get en_core_web_sm`.",
            ) from error

    @cached_property
    def _words(self) -> tuple[frozenset[str], frozenset[str]]:
        """WordNet's words, which the model's lemmatiser brings, and the adjectives among them."""
        from spacy.lookups import Lookups

        lookups = Lookups().from_disk(self.path / "lemmatizer" / "lookups")
        index = lookups.get_table("lemma_index")
        return frozenset(w for part in index.values() for w in part), frozenset(index["adj"])

    def entities(self, text: str) -> list[tuple[int, int, str]]:
        """Return start, end and label of what is named in a text."""
        readable = "".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in text[:LONGEST])
        return [(e.start_char, e.end_char, e.label_) for e in self._nlp(readable).ents]

    def is_word(self, word: str) -> bool:
        """Whether a word in small letters is an ordinary one, in any of its forms."""
        known = self._words[0]
        if word in known or word in self._nlp.Defaults.stop_words:
            return True
        return any(word.endswith(end) and word[: -len(end)] + new in known for end, new in _ENDINGS)

    def is_adjective(self, word: str) -> bool:
        """Whether it is an adjective."""
        return word in self._words[1]
