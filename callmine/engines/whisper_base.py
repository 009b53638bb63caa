"""What the two Whisper engines share: settings, language, vocabulary, the way through the channels."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from callmine.audio.types import Recording, Samples, Span
from callmine.domain import Json, Segment, Transcript
from callmine.engines.base import Hints
from callmine.engines.checks import suppress
from callmine.engines.doubts import (
    Doubtful,
    again_note,
    better,
    gaps_left,
    in_gap,
    set_apart,
    unheard,
    unheard_note,
    with_gap,
)
from callmine.engines.languages import english_only, iso_code, not_known, whisper_code
from callmine.engines.loading import LocalModel
from callmine.engines.packing import Chunk, Piece, grouped, plan, repack, unpack
from callmine.engines.prompt import fit_vocabulary, prompt_of

METHOD = 6
"""Raised when packing, decoding options or checks change what comes out."""

SLAB_WINDOWS = 64
"""Windows whose text is held at once: half an hour of speech."""

DETECTION_WINDOWS = 3
"""Windows the language is looked for in, the fullest first, until one is sure."""

TEMPERATURES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
"""OpenAI's own fallback: the next is tried when the text loops or the decoder is unsure."""


class WhisperEngine(LocalModel):
    """A Whisper model behind the :class:`callmine.engines.base.Transcriber` protocol.

    Args:
        model: A model name, hub repository or path; see :func:`callmine.weights.resolve`.
        model_dir: The model folder; the default one when ``None``.
        device: ``auto``, ``cpu`` or ``cuda``.
        compute_type: ``auto`` or a type the library knows (``int8``, ``float16``, ``float32``).
        beam_size: Hypotheses that are kept; 5 lost no words in our measurements, 1 is faster.
        threads: CPU threads, 0 for the library's choice.
        batch_size: Windows decoded at once; 0 chooses by the device and its memory.
        temperatures: openai-whisper tries them in order when the text loops or the decoder is unsure;
            above 0 the decoder draws at random (with a fixed seed).
    """

    needs_audio = True

    def __init__(
        self,
        *,
        model: str = "base",
        model_dir: Path | None = None,
        device: str = "auto",
        compute_type: str = "auto",
        beam_size: int = 5,
        threads: int = 0,
        batch_size: int = 0,
        temperatures: Sequence[float] = TEMPERATURES,
    ) -> None:
        super().__init__(model, model_dir, device=device, compute_type=compute_type)
        self.beam_size = beam_size
        self.threads = threads
        self.batch_size = batch_size
        self.temperatures = tuple(temperatures)

    def settings(self) -> Json:
        """Return what changes the output, as configured.

        ``compute_type`` stays ``auto`` when it is: a call is not transcribed again because a
        machine with another processor looks at it. What really ran is in the transcript's settings.
        """
        # Not the model's name: the same weights in another place say the same.
        return {
            "weights": self._sha(),
            "beam_size": self.beam_size,
            "compute_type": self.compute_type,
            "method": METHOD,
        }

    def transcribe(self, recording: Recording, hints: Hints) -> Transcript:
        """Transcribe every channel, with word times on the recording's clock.

        Raises:
            callmine.errors.CallError: The call is said to be in a language the model does not know.
        """
        self.load()
        notes = list(recording.notes)
        chunks = plan(recording.channels, recording.speech)
        language = self._language(recording, hints, chunks, notes)
        used = fit_vocabulary(hints.vocabulary, self._count_tokens)
        said = self._read(recording, chunks, language, prompt_of(used, language), notes)
        found: list[Segment] = []
        left_out: list[Span] = []
        for index, speech in enumerate(recording.speech):
            heard = [s for s in said if s.channel == index]
            kept, suppressed = suppress(heard, speech)
            notes += suppressed
            left_out += unheard(kept, speech)
            tag = index if len(recording.channels) > 1 else None
            found += [replace(segment, channel=tag) for segment in kept]
        found.sort(key=lambda s: (s.start_ms, s.channel or 0))
        if remark := unheard_note(left_out):
            notes.append(remark)
        return Transcript(
            segments=tuple(found),
            language=hints.language or iso_code(language),
            engine=self.name,
            engine_version=self.version,
            model=f"{self.model}@{(self._sha() or 'unknown')[:12]}",
            settings={**self.settings(), "computed_as": self._computed_as(), "vocabulary": list(used)},
            channels=len(recording.channels),
            notes=tuple(notes),
            speech_ms=recording.speech_ms,
            left_out_ms=sum(end - start for start, end in left_out),
        )

    def _read(
        self,
        recording: Recording,
        chunks: Sequence[Chunk],
        language: str,
        prompt: str | None,
        notes: list[str],
    ) -> list[Segment]:
        """Read all windows; what is doubtful is heard again in other company, then alone and slowly."""
        said: list[Segment] = []
        doubtful: list[Doubtful] = []
        for piece, segments in self._heard(recording, chunks, language, prompt):
            clear, rest = set_apart(piece, segments)
            said += clear
            doubtful += rest
        slowly: list[Doubtful] = []
        # Without the names: they make Whisper drop whole sentences now and then; words come first.
        seconds = self._heard(recording, repack([d.piece for d in doubtful]), language, None)
        for first, (piece, second) in zip(doubtful, seconds, strict=True):
            best = second if better(first.heard, second, piece.speech) else first.heard
            clear, rest = set_apart(piece, best)
            said += clear
            slowly += rest
        # On every lane: a lane has one thread, and bad sound is mostly read here.
        with ThreadPoolExecutor(max(1, self._lanes())) as pool:
            for heard in pool.map(lambda one: self._heard_at_last(recording, one, language), slowly):
                said += heard
        if remark := again_note(doubtful):
            notes.append(remark)
        said.sort(key=lambda s: (s.channel or 0, s.start_ms))
        return said

    def _heard(
        self, recording: Recording, chunks: Sequence[Chunk], language: str, prompt: str | None
    ) -> Iterator[tuple[Piece, list[Segment]]]:
        """Yield each piece with what was heard in it, in the order of the windows."""
        at_once = max(1, self._lanes())
        slab = SLAB_WINDOWS
        with ThreadPoolExecutor(at_once) as pool:
            for first in range(0, len(chunks), slab):
                part = chunks[first : first + slab]
                groups = grouped([c.length_ms for c in part], most=self._batch_size(), lanes=at_once)
                read = pool.map(
                    lambda group, part=part: self._decode(
                        [part[i].samples(recording.channels) for i in group], language, prompt
                    ),
                    groups,
                )
                heard = dict(
                    pair
                    for group, results in zip(groups, read, strict=True)
                    for pair in zip(group, results, strict=True)
                )
                for index, chunk in enumerate(part):
                    yield from zip(chunk.pieces, unpack(heard[index], chunk), strict=True)

    def _heard_at_last(self, recording: Recording, doubtful: Doubtful, language: str) -> list[Segment]:
        """Return what is heard in a doubtful piece alone, and then in every long gap that this leaves.

        Whisper may end after a sentence and take the rest of a window for silence, as often as it reads
        it; what begins with the words that it left out it reads.
        """
        piece = doubtful.piece
        third = self._heard_slowly(recording, piece, language)
        heard = list(third if better(doubtful.heard, third, piece.speech) else doubtful.heard)
        tried: set[Span] = set()
        while gap := next((g for g in gaps_left(heard, piece.speech) if g not in tried), None):
            tried.add(gap)
            part = replace(piece, start_ms=gap[0], end_ms=gap[1])
            more = in_gap(self._heard_slowly(recording, part, language), gap, piece.speech)
            heard = with_gap(heard, more, gap)
        return heard

    def _heard_slowly(self, recording: Recording, piece: Piece, language: str) -> list[Segment]:
        """Return what is heard in a piece alone, with every safeguard the library has."""
        chunk = Chunk((replace(piece, at_ms=0),))
        (heard,) = unpack(self._decode_slowly(chunk.samples(recording.channels), language), chunk)
        return heard

    def _language(
        self, recording: Recording, hints: Hints, chunks: Sequence[Chunk], notes: list[str]
    ) -> str:
        """Return the language in Whisper's code: stated, the only one, or heard in the fullest windows."""
        if not self._is_multilingual():
            if hints.language not in (None, "en"):
                raise english_only(recording.source, hints.language, self.model)
            return "en"
        if hints.language:
            if not self._knows(whisper_code(hints.language)):
                raise not_known(recording.source, hints.language, self.model)
            return whisper_code(hints.language)
        fullest = sorted(chunks, key=lambda c: -c.length_ms)[:DETECTION_WINDOWS]
        votes: dict[str, float] = {}
        for chunk in fullest:
            language, probability = self._detect(chunk.samples(recording.channels))
            votes[language] = votes.get(language, 0.0) + probability / len(fullest)
            if probability > 0.8:
                return language
        if not votes:
            return "en"
        language = max(votes, key=lambda name: votes[name])
        if votes[language] < 0.5:
            notes.append(f"language {iso_code(language)} is a guess ({votes[language]:.0%})")
        return language

    @abstractmethod
    def _decode(self, sounds: Sequence[Samples], language: str, prompt: str | None) -> list[list[Segment]]:
        """Return the segments of each window on its own clock; word texts keep their leading space."""

    @abstractmethod
    def _decode_slowly(self, samples: Samples, language: str) -> list[Segment]:
        """Return the segments of one stretch, with every safeguard the library has."""

    def _lanes(self) -> int:
        """Return how many batches are decoded at the same time."""
        return 1

    @abstractmethod
    def _batch_size(self) -> int:
        """Return how many windows are decoded at once."""

    @abstractmethod
    def _detect(self, samples: Samples) -> tuple[str, float]: ...

    @abstractmethod
    def _knows(self, language: str) -> bool:
        """Return whether the model has a token for a language (Whisper's code)."""

    @abstractmethod
    def _is_multilingual(self) -> bool: ...

    @abstractmethod
    def _count_tokens(self, text: str) -> int: ...

    @abstractmethod
    def _computed_as(self) -> str: ...
