"""The engine protocol: load, transcribe, unload. The stage owns reading and recording."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from callmine.audio.types import Recording
from callmine.domain import Json, Transcript


@dataclass(frozen=True, slots=True)
class Hints:
    """What helps an engine with one call.

    Attributes:
        language: ISO 639-1 code, or ``None`` to detect it.
        vocabulary: Names to bias the recogniser with, most probable first. They are recorded
            in the transcript's settings but are not part of the fingerprint.
    """

    language: str | None = None
    vocabulary: tuple[str, ...] = ()


@runtime_checkable
class Transcriber(Protocol):
    """A speech recogniser.

    ``needs_audio`` is false for engines that only look a recording up (replay); they get a
    :class:`Recording` without channels.
    """

    name: str
    needs_audio: bool

    @property
    def version(self) -> str:
        """Version of the library that runs."""
        ...

    def settings(self) -> Json:
        """Return what changes the output (model hash, beam, compute type, ...)."""
        ...

    def load(self) -> None:
        """Load the weights; a second call does nothing.

        Raises:
            callmine.errors.MissingDependency: The library or the model is not there.
            callmine.errors.UsageError: A setting cannot be had on this machine.
        """
        ...

    def transcribe(self, recording: Recording, hints: Hints) -> Transcript:
        """Transcribe every channel, with word times on the recording's clock.

        Raises:
            callmine.errors.CallError: This recording cannot be transcribed.
        """
        ...

    def unload(self) -> None:
        """Free the memory."""
        ...
