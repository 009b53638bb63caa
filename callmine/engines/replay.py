"""Replay: transcripts that were made before, looked up by the recording's content hash.

For transcripts that come from elsewhere, for moving a workspace without transcribing again, and
as the fastest double in tests. A folder holds one ``<SHA-256 of the recording>.json`` a recording.
"""

from __future__ import annotations

import json
from importlib import metadata
from pathlib import Path

from callmine.audio.types import Recording
from callmine.canonical import transcript_from_json, transcript_to_json
from callmine.domain import Json, Transcript
from callmine.engines.base import Hints
from callmine.errors import CallError, MissingDependency, UnreadableTranscript


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
            return transcript_from_json(json.loads(path.read_text(encoding="utf-8")))
        except FileNotFoundError as error:
            raise CallError(
                f"{recording.source}: there is no recorded transcript {path.name}",
                hint=f"Put one into {self.folder} and run `callmine retry`, or choose another engine.",
            ) from error
        except (OSError, KeyError, TypeError, ValueError, AttributeError) as error:
            raise UnreadableTranscript(
                f"{path} does not hold a transcript ({type(error).__name__}: {error})",
                hint="Write it again, then run `callmine retry`.",
            ) from error

    def unload(self) -> None:
        """Do nothing: nothing is held."""


def write(folder: Path, content: str, transcript: Transcript) -> Path:
    """Record a transcript for :class:`Replay`; ``content`` is the recording's SHA-256 (hex)."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{content}.json"
    part = path.with_suffix(".part")
    part.write_text(json.dumps(transcript_to_json(transcript), ensure_ascii=False), encoding="utf-8")
    part.replace(path)
    return path
