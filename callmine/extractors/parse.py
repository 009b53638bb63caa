"""The shared spaCy parse: words, parts of speech and dependencies of the passages that need them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from callmine.errors import ModelError

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

LONGEST = 2_000
"""Characters of a text that are parsed; longer ones are cut there (an utterance has about 400)."""

BATCH = 64
"""Texts that are in the parser at one time, which bounds its memory."""

_SURROGATE = re.compile("[\ud800-\udfff]")  # half a character: JSON can hold it, UTF-8 cannot
_UNUSED = ["ner", "senter"]


class Parser:
    """spaCy's small English model, read from a folder when first used.

    Args:
        path: The folder of ``en_core_web_sm``, as :func:`callmine.weights.resolve` returns it.
    """

    def __init__(self, path: Path) -> None:
        self.path = Path(path)

    def __getstate__(self) -> dict[str, Any]:
        # The loaded pipeline is 50 MB: a worker reads it from the folder instead.
        return {"path": self.path}

    @cached_property
    def nlp(self) -> Language:
        """The loaded pipeline: tagger, lemmatiser and dependency parser.

        Raises:
            ModelError: The folder does not hold a spaCy model that can be read.
        """
        import spacy  # three seconds; only a worker that parses pays them

        try:
            return spacy.load(self.path, exclude=_UNUSED)
        except (OSError, ValueError) as error:
            raise ModelError(
                f"{self.path}: not a readable spaCy model: {error}",
                hint="Fetch it again with `callmine models get en_core_web_sm`.",
            ) from error

    def docs(self, texts: Sequence[str]) -> Iterator[Doc]:
        """Yield a parse per text, in order, holding at most ``BATCH`` of them in the parser.

        A text is parsed on its own, so that a passage's parse does not depend on its neighbours.

        Raises:
            ModelError: As :attr:`nlp`.
        """
        if not texts:
            return  # nothing to parse is no reason to load the model
        readable = (_SURROGATE.sub("\ufffd", text[:LONGEST]) for text in texts)
        yield from self.nlp.pipe(readable, batch_size=BATCH)


__all__ = ["BATCH", "LONGEST", "Parser"]
