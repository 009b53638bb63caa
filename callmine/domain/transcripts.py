"""What was said and by whom: from what an engine emits to the turns of a conversation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from callmine.domain.basics import Json
from callmine.domain.words import Role, RoleSource


@dataclass(frozen=True, slots=True)
class Word:
    """One word as the engine heard it, with times in milliseconds and probability 0..1."""

    text: str
    start_ms: int
    end_ms: int
    probability: float = 1.0


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of speech with the engine's own boundaries, before attribution.

    ``channel`` is the 0-based channel of a recording (``None`` for mono or imported text),
    ``speaker`` the vendor's speaker key or name, ``role`` the vendor's word on the role.
    """

    start_ms: int
    end_ms: int
    text: str
    words: tuple[Word, ...] = ()
    channel: int | None = None
    speaker: str | None = None
    role: Role | None = None
    avg_logprob: float | None = None
    no_speech_prob: float | None = None
    compression_ratio: float | None = None


@dataclass(frozen=True, slots=True)
class Transcript:
    """What an engine made of one call, fully materialised.

    Attributes:
        segments: Ordered by start, then channel.
        language: ISO 639-1 code.
        engine: ``faster_whisper``, ``openai_whisper`` or ``replay``.
        engine_version: Version of the library that ran.
        model: Model name, with the hash of its weights where there are weights.
        settings: What changed the output (beam, compute type, ...), and ``vocabulary``,
            the names the engine was biased with.
        channels: Channels that were transcribed apart: 2 for true stereo, 1 for mono, 0 imported.
        notes: Plain remarks about the recording (dual-mono, silent channel, suppressed text).
        speech_ms: Speech found by voice activity detection, over all channels.
        left_out_ms: How much of that speech has no words.
    """

    segments: tuple[Segment, ...]
    language: str
    engine: str
    engine_version: str
    model: str
    settings: Json = field(default_factory=dict)
    channels: int = 1
    notes: tuple[str, ...] = ()
    speech_ms: int = 0
    left_out_ms: int = 0


@dataclass(frozen=True, slots=True)
class VoiceTurn:
    """A stretch in which one voice of a mixed channel speaks, with the confidence (0..1) in it."""

    start_ms: int
    end_ms: int
    voice: str
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Voices:
    """Who spoke when, told by voice.

    Attributes:
        turns: Ordered, not overlapping; empty where each side has its own channel, or the
            voices could not be told apart.
        embeddings: Voice (or ``channel 1``, ``channel 2``) to its speaker embedding, 256 floats of
            length 1. Only kept where voices are enrolled; a voice is personal data.
    """

    turns: tuple[VoiceTurn, ...] = ()
    embeddings: Mapping[str, tuple[float, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class VoiceMatch:
    """Our rep whose enrolled voice a voice of a call is, and the confidence (0..1) in it."""

    name: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Edit:
    """What a person changed in a turn of a transcript.

    Attributes:
        start_ms: Where the turn began when it was edited; ``end_ms`` where it ended.
        heard: What the turn said when it was edited (the engine's words, or those of an earlier
            edit), by which it is found again.
        text: The person's words; empty where nothing was said.
        role: The person's word on who said it, ``None`` if it was left as it was.
    """

    start_ms: int
    end_ms: int
    heard: str
    text: str
    role: Role | None = None


@dataclass(frozen=True, slots=True)
class Speaker:
    """A voice in one call. ``confidence`` is the probability (0..1) that ``role`` is right."""

    key: str
    name: str | None
    role: Role
    role_source: RoleSource
    confidence: float
    channel: int | None = None


@dataclass(frozen=True, slots=True)
class SpokenWord:
    """A word placed in its utterance: character span and time in milliseconds."""

    start: int
    end: int
    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class Utterance:
    """One speaker's uninterrupted turn, the unit of everything after attribution."""

    index: int
    speaker: str
    role: Role
    role_source: RoleSource
    role_confidence: float
    start_ms: int
    end_ms: int
    text: str
    words: tuple[SpokenWord, ...] = ()
