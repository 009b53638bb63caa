"""Diarize: who speaks when in a recording with everybody on one channel."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from callmine import weights
from callmine.audio import separate
from callmine.audio.spool import spooled
from callmine.audio.types import Track
from callmine.domain import Call, Json, Transcript, Voices
from callmine.errors import RecordingGone, UnreadableRecording
from callmine.stage import Done, Job
from callmine.voices.diarization import MOST, diarize
from callmine.voices.encoder import FILE, MODEL, VoiceEncoder
from callmine.voices.enrolment import channel_embeddings


@dataclass
class DiarizeStage:
    """Tell the voices of a mixed channel apart, and keep what they sound like if asked to.

    A recording with each side on its own channel, and an imported transcript, need nothing.

    Attributes:
        models: The model folder.
        on: Whether voices are told apart at all.
        max_voices: How many there may be at most.
        enrol: Whether to return embeddings, also of the channels of stereo calls.
    """

    models: Path
    on: bool = True
    max_voices: int = MOST
    enrol: bool = False
    _encoder: VoiceEncoder | None = field(default=None, init=False, repr=False)

    name = "diarize"
    version = "1"
    requires = frozenset({"transcripts"})
    provides = frozenset({"voices"})

    def settings(self) -> Json:
        """Return what changes the output."""
        sha = {file.path: file.sha256[:16] for file in weights.catalogue()[MODEL].files}[FILE]
        return {"on": self.on, "max_voices": self.max_voices, "enrol": self.enrol, "model": sha}

    def setup(self) -> None:
        """Do nothing: the encoder is loaded for the first call that needs it; most need none."""

    @property
    def loaded(self) -> bool:
        """Whether the encoder is loaded here."""
        return self._encoder is not None

    def needs_sound(self, call: Call, transcript: Transcript) -> bool:
        """Whether a call's recording has to be heard."""
        if call.recording is None or transcript.channels == 0 or not transcript.segments:
            return False
        return self.on if transcript.channels == 1 else self.enrol

    def process(self, job: Job) -> Done:
        """Diarize one call; ``payload`` is the call and its transcript.

        Raises:
            UnreadableRecording: A mono recording is gone, or cannot be decoded to its end.
            callmine.errors.ModelError: The encoder's weights cannot be had.
        """
        call: Call
        transcript: Transcript
        call, transcript = job.payload
        if not self.needs_sound(call, transcript):
            return Done(Voices())
        try:
            return Done(self._heard(call, transcript))
        except UnreadableRecording as error:
            if transcript.channels == 1:
                raise
            # Who speaks is known by the channels: such a call is whole without the voices it could teach.
            return Done(Voices(), (f"no voice was learned: {error.message}",))

    def _heard(self, call: Call, transcript: Transcript) -> Voices:
        path = Path(call.recording or "")
        if not path.exists():
            raise RecordingGone(
                f"{call.source}: the recording is not there any more",
                hint=f"Put it back at {call.recording}.",
            )
        encoder = self._load()
        with _one_thread(), closing(spooled(path, source=call.source)[1]) as spool:
            sides, indices, _ = separate(spool.tracks())
            if transcript.channels == 1:
                return diarize(transcript, sides[0], encoder, most=self.max_voices, embeddings=self.enrol)
            tracks: Mapping[int, Track] = dict(zip(indices, sides, strict=True))
            return Voices(embeddings=channel_embeddings(transcript, tracks, encoder))

    def _load(self) -> VoiceEncoder:
        if self._encoder is None:
            self._encoder = VoiceEncoder(weights.resolve(MODEL, folder=self.models))
        return self._encoder


@contextmanager
def _one_thread() -> Iterator[None]:
    """Let numpy and scikit-learn compute in one thread, however many cores there are.

    Else each worker starts as many threads as there are cores, and the last bits of a sum depend on
    their number, for each adds up a part of its own; a close decision may hang on these bits.
    """
    import sklearn.cluster  # noqa: F401 - only a library that is loaded can be limited
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    with threadpool_limits(limits=1):
        yield
