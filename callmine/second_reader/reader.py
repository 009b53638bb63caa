"""What is asked of a second reader, whichever library it comes from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from callmine.domain import Json


class ProviderError(Exception):
    """The model, or the service behind it, gave no answer this time."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model said, unchecked, and the tokens that its library reports (0 where it does not)."""

    text: str
    input_tokens: int = 0
    output_tokens: int = 0


class Reader(Protocol):
    """A language model that can be asked one question at a time."""

    name: str
    options: Json

    def ask(self, prompt: str, *, system: str, schema: Json) -> Answer:
        """Return its answer.

        Raises:
            ProviderError: There is none this time.
        """
        ...
