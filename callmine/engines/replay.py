"""Replay: transcripts that were made before, looked up by the recording's content hash.

For transcripts that come from elsewhere, for moving a workspace without transcribing again, and
as the fastest double in tests. A folder holds one ``<SHA-256 of the recording>.json`` a recording.
"""

from __future__ import annotations

import json
import re
from importlib import metadata
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from callmine.audio.types import Recording
from callmine.canonical import transcript_from_json, transcript_to_json
from callmine.domain import Json, Role, Transcript
from callmine.engines.base import Hints
from callmine.errors import CallError, MissingDependency, UnreadableTranscript

_LONGEST_MS = 24 * 3600 * 1000
_MOST_CHANNELS = 64
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


class Replay:
    """An engine that only looks transcripts up, in ``folder``.

    The transcript keeps the engine, model and settings that made it.
    """

    name = "replay"
    needs_audio = False

    def __init__(self, *, folder: Path) -> None:
        self.folder = Path(folder)

    @property
    def version(self) -> str:
        """Version of callmine."""
        return metadata.version("callmine")

    def settings(self) -> Json:
        """Return nothing: a recording's transcript does not depend on any setting."""
        return {}

    def load(self) -> None:
        """Check that the folder is there.

        Raises:
            MissingDependency: It is not.
        """
        if not self.folder.is_dir():
            raise MissingDependency(
                f"the folder of recorded transcripts {self.folder} is not there",
                hint="Make it, or choose another engine in callmine.toml.",
            )

    def transcribe(self, recording: Recording, hints: Hints) -> Transcript:
        """Return the transcript recorded for this content; ``hints`` change nothing.

        Raises:
            CallError: There is none.
            UnreadableTranscript: The file does not hold a transcript.
        """
        path = self.folder / f"{recording.content}.json"
        try:
            return _read(path.read_text(encoding="utf-8"))
        except FileNotFoundError as error:
            raise CallError(
                f"{recording.source}: there is no recorded transcript {path.name}",
                hint=f"Put one into {self.folder} and run `callmine retry`, or choose another engine.",
            ) from error
        except ValidationError as error:
            raise _broken(path, _first_fault(error)) from error
        except (OSError, ValueError) as error:
            raise _broken(path, str(error)) from error

    def unload(self) -> None:
        """Do nothing: nothing is held."""


def _plain(text: str) -> str:
    if found := _CONTROL.search(text):
        raise ValueError(f"it holds the control character {found[0]!a}")
    return text


def _start_first(span: tuple[str, int, int, float]) -> tuple[str, int, int, float]:
    if span[2] < span[1]:
        raise ValueError("the word ends before it starts")
    return span


_Ms = Annotated[int, Field(ge=0, le=_LONGEST_MS)]
_Speech = Annotated[int, Field(ge=0, le=_LONGEST_MS * _MOST_CHANNELS)]
_Text = Annotated[str, AfterValidator(_plain)]
_Name = Annotated[_Text, Field(min_length=1, max_length=1000)]
_Heard = Annotated[
    tuple[_Text, _Ms, _Ms, Annotated[float, Field(ge=0, le=1)]], AfterValidator(_start_first)
]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)


class _Said(_Part):
    start_ms: _Ms
    end_ms: _Ms
    text: _Text
    words: list[_Heard]
    channel: Annotated[int, Field(ge=0, lt=_MOST_CHANNELS)] | None = None
    speaker: _Name | None = None
    role: Role | None = None
    avg_logprob: float | None = None
    no_speech_prob: float | None = None
    compression_ratio: float | None = None

    @model_validator(mode="after")
    def _starts_first(self) -> _Said:
        if self.end_ms < self.start_ms:
            raise ValueError("the segment ends before it starts")
        return self


class _Settings(_Part):
    model_config = ConfigDict(extra="allow")

    vocabulary: list[_Text] = []


class _Recorded(_Part):
    """A recorded transcript as the store and the stages can take it.

    An engine may be trusted with what it returns; a file may hold anything, and a value that the
    database refuses would end the run and not the call.
    """

    segments: list[_Said]
    language: Annotated[str, Field(pattern="^[a-z]{2,3}$")]
    engine: _Name
    engine_version: _Name
    model: _Name
    settings: _Settings = _Settings()
    channels: Annotated[int, Field(ge=0, le=_MOST_CHANNELS)] = 1
    notes: list[_Text] = []
    speech_ms: _Speech = 0
    left_out_ms: _Speech = 0

    @model_validator(mode="after")
    def _left_out_of_speech(self) -> _Recorded:
        if self.left_out_ms > self.speech_ms:
            raise ValueError("left_out_ms is more than speech_ms")
        return self


def _read(text: str) -> Transcript:
    """Return the transcript in a text.

    Raises:
        ValueError: It holds none, or one with values that cannot be.
    """
    try:
        value = json.loads(text, parse_constant=_no_number)
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise ValueError(f"it holds half a character, {error.object[error.start]!a}") from error
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    _Recorded.model_validate_json(text)
    return transcript_from_json(value)


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is not a number that JSON allows")


def _first_fault(error: ValidationError) -> str:
    """Return the first fault and its place, such as ``segments[0].start_ms``."""
    fault = error.errors(include_url=False, include_context=False, include_input=False)[0]
    place = "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in fault["loc"]).lstrip(".")
    what = fault["msg"].removeprefix("Value error, ")
    return f"{place}: {what}" if place else what


def _broken(path: Path, what: str) -> UnreadableTranscript:
    return UnreadableTranscript(
        f"{path} does not hold a transcript: {what}", hint="Write it again, then run `callmine retry`."
    )


def write(folder: Path, content: str, transcript: Transcript) -> Path:
    """Record a transcript for :class:`Replay`; ``content`` is the recording's SHA-256 (hex)."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{content}.json"
    part = path.with_suffix(".part")
    part.write_text(json.dumps(transcript_to_json(transcript), ensure_ascii=False), encoding="utf-8")
    part.replace(path)
    return path
