"""Transcribe: sound becomes segments with word times; the dear step, done once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from callmine import formats
from callmine.audio import listen
from callmine.audio.types import Recording
from callmine.domain import Call, Json, Transcript
from callmine.engines.base import Hints, Transcriber
from callmine.errors import NoWords, RecordingGone, SkipCall
from callmine.stage import HEARD, Done, Job, OnlyFor

MUCH_SPEECH_MS = 30_000
"""From so much found speech on, a recording without words is a failure and not silence."""


@dataclass
class TranscribeStage:
    """Decode a recording, find its speech, and have the engine write it down.

    Where a transcript was imported, it is read instead, also beside a recording of the same call.

    Attributes:
        engine: Which recogniser listens.
        language: Language when a call's facts do not say; empty: detect.
        vocabulary: Names of the playbook, likeliest first; recorded with the transcript but
            not part of the fingerprint, so that a changed playbook does not transcribe again.
        loaded: Whether the engine has been loaded here: an imported transcript needs none.
    """

    engine: Transcriber
    language: str = ""
    vocabulary: Sequence[str] = ()
    loaded: bool = field(default=False, init=False, repr=False, compare=False)

    name = "transcribe"
    version = "1"
    requires = frozenset({"calls"})
    provides = frozenset({"transcripts"})

    def __getstate__(self) -> dict[str, Any]:
        # An engine's model does not cross processes; each worker loads its own.
        return {**self.__dict__, "loaded": False}

    def settings(self) -> Json:
        """Return what changes the output: nothing of the engine's, for imported transcripts."""
        said = {"engine": self.engine.name, "language": self.language, **self.engine.settings()}
        return {name: OnlyFor(HEARD, value) for name, value in said.items()}

    def setup(self) -> None:
        """Do nothing: the model is loaded for the first call that needs it; imported ones need none."""

    def process(self, job: Job) -> Done:
        """Transcribe one call.

        Raises:
            SkipCall: The recording holds no speech, or nobody says a word in it.
            callmine.errors.UnreadableRecording: It is gone, or cannot be decoded to its end.
            callmine.errors.UnreadableTranscript: An imported transcript is not what its format promises.
            callmine.errors.CallError: The engine cannot transcribe this recording.
            callmine.errors.RunError: The engine's model does not load.
        """
        call: Call = job.payload
        if call.transcript_file is not None:
            transcript = formats.read(Path(call.transcript_file), call.format).transcript
            if call.facts.language:  # the manifest knows better than a format that cannot say it
                transcript = replace(transcript, language=call.facts.language)
        elif not self.engine.needs_audio:
            transcript = self._engine(Recording(call.content, call.source, (), ()), call)
        else:
            with self._listen(call) as recording:
                if not recording.speech_ms:
                    raise _silent(call, recording.notes)
                transcript = self._engine(recording, call)
        if not transcript.segments:
            if transcript.speech_ms >= MUCH_SPEECH_MS:
                raise _no_words(call, transcript)
            raise _silent(call, transcript.notes)
        return Done(transcript, notes=transcript.notes)

    def _engine(self, recording: Recording, call: Call) -> Transcript:
        self.engine.load()
        self.loaded = True
        language = call.facts.language or self.language or None
        return self.engine.transcribe(recording, Hints(language, self._vocabulary(call)))

    def _vocabulary(self, call: Call) -> tuple[str, ...]:
        """Return the names this call may say, the likeliest first: its people's, ours, competitors'."""
        facts = call.facts
        first = [facts.rep, *(p.name for p in facts.participants), facts.account]
        return tuple(dict.fromkeys(name for name in (*first, *self.vocabulary) if name))

    def _listen(self, call: Call) -> Recording:
        if call.recording is None or not Path(call.recording).exists():
            raise RecordingGone(
                f"{call.source}: the recording is not there any more",
                hint=f"Put it back at {call.recording}.",
            )
        return listen(Path(call.recording), content=call.content, source=call.source)


def _no_words(call: Call, transcript: Transcript) -> NoWords:
    # A failure, not a call that is left out: what was written down before stays.
    seconds = transcript.speech_ms / 1000
    noticed = f" Noticed: {'; '.join(transcript.notes[:3])}." if transcript.notes else ""
    return NoWords(
        f"{call.source}: {seconds:.0f} s of it sound like speech, but no words came of them",
        hint="Listen to it. If somebody speaks there, try another model in [transcribe]; if it is only"
        f" music, give it the type internal in a manifest, and it is left out.{noticed}",
    )


def _silent(call: Call, notes: tuple[str, ...]) -> SkipCall:
    message = f"{call.source}: nobody speaks in this recording"
    return SkipCall(message, reason="silent", notes=notes)
