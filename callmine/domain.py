"""The vocabulary of callmine: one frozen dataclass per noun, standard library only.

Times are integer milliseconds from the start of the recording, ranges are half-open
``[start, end)``, character offsets count Unicode code points, and instants are UTC
ISO-8601 strings such as ``2026-10-02T08:30:00Z``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

Json = Mapping[str, Any]


class Role(StrEnum):
    """Which side of the table a speaker sits on."""

    REP = "rep"
    PROSPECT = "prospect"
    UNKNOWN = "unknown"


class RoleSource(StrEnum):
    """Where a role came from, strongest first."""

    PERSON = "person"
    CHANNEL = "channel"
    VENDOR = "vendor"
    PARTICIPANTS = "participants"
    VOICE = "voice"
    TEXT = "text"
    NONE = "none"


class Kind(StrEnum):
    """What sort of evidence a finding is."""

    OBJECTION = "objection"
    COMPETITOR = "competitor"
    POSITIONING = "positioning"
    ANSWER = "answer"
    REQUEST = "request"
    TRACKER = "tracker"


class Outcome(StrEnum):
    """How a deal ended, if it did."""

    WON = "won"
    LOST_COMPETITOR = "lost_competitor"
    LOST_NO_DECISION = "lost_no_decision"
    LOST_OTHER = "lost_other"
    LOST_UNKNOWN = "lost_unknown"
    OPEN = "open"
    EXCLUDED = "excluded"

    @property
    def is_lost(self) -> bool:
        """Whether the deal was lost, for whatever reason."""
        return self.value.startswith("lost_")


OBJECTION_LABELS: tuple[str, ...] = (
    "price",
    "timing",
    "authority",
    "no_need",
    "incumbent",
    "trust",
    "feature_gap",
    "integration",
    "security",
    "implementation",
    "contract",
    "brush_off",
)
"""The twelve built-in objection labels, in the order of the labelling guide."""

RELATIONS: tuple[str, ...] = ("incumbent", "evaluating", "churned", "chosen", "mentioned")
"""How a competitor mention relates the competitor to the prospect."""

STANCES: tuple[str, ...] = ("positive", "negative", "neutral")
"""The speaker's stance towards a competitor."""

ANSWER_KINDS: tuple[str, ...] = ("evidence", "discount", "reframing", "question", "deferral")
"""How a rep answers an objection."""


FACT_WORDS: Mapping[str, tuple[str, ...]] = {
    "type": ("sales", "internal", "interview"),
    "rep_channel": ("left", "right"),
    "consent": ("yes", "no", "unknown"),
}
"""Facts of a call that are one of a few words, in a manifest and in a transcript's own facts."""

ANCHORS = " @"
"""Key in a person's decision on roles under which it says when each voice, known by its sound, spoke.

It begins with a blank, as no voice does: names are stripped, and somebody may be called "@".
"""


@dataclass(frozen=True, slots=True)
class Participant:
    """A person invited to a call, as the calendar or the manifest names them."""

    name: str
    email: str | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known about a call besides its sound: manifest, sidecar, file name or vendor.

    ``None`` means not stated. ``rep_channel`` is ``left`` or ``right``; ``consent`` is
    ``yes``, ``no`` or ``unknown``; ``type`` is ``sales``, ``internal`` or ``interview``;
    ``started_at`` is a UTC instant.
    """

    external_id: str | None = None
    title: str | None = None
    type: str | None = None
    started_at: str | None = None
    rep: str | None = None
    rep_email: str | None = None
    account: str | None = None
    deal_id: str | None = None
    participants: tuple[Participant, ...] = ()
    rep_channel: str | None = None
    language: str | None = None
    consent: str | None = None

    def over(self, weaker: Facts) -> Facts:
        """Return these facts, filled up from ``weaker`` where they are silent."""
        merged = {name: getattr(self, name) or getattr(weaker, name) for name in self.__dataclass_fields__}
        if self.consent == "unknown":  # not knowing lifts no refusal
            merged["consent"] = weaker.consent or "unknown"
        return Facts(**merged)


@dataclass(frozen=True, slots=True)
class Call:
    """One recorded conversation.

    Attributes:
        call_id: SHA-256 of the first recording or transcript seen, first 16 hex digits.
        source: The file's name as given (never the whole path).
        content: SHA-256 (hex) of the current recording, or transcript where there is none.
        recording: Absolute path of the recording, ``None`` for imported transcripts.
        transcript_file: Absolute path of an imported transcript, if any.
        format: Transcript format name for ``transcript_file``.
        duration_ms: Length; 0 when unknown.
        channels: Channels of the recording; 0 for a transcript.
        facts: Who, when, which account.
    """

    call_id: str
    source: str
    content: str
    recording: str | None
    transcript_file: str | None
    format: str | None
    duration_ms: int
    channels: int
    facts: Facts


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


@dataclass(frozen=True, slots=True)
class Mention:
    """What an extractor reports: a span of one utterance and what it means there.

    ``start`` and ``end`` are character offsets into ``Utterance.text``; ``score`` is a
    calibrated probability (0..1); ``detail`` holds per-kind attributes (relation, stance,
    side, message, heard name), validated by :func:`callmine.domain.check_detail`.
    """

    kind: Kind
    label: str
    start: int
    end: int
    score: float
    detail: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finding:
    """A stored piece of evidence; see :class:`Mention` for span and score.

    ``start_ms`` is the first word of the span, ``play_ms`` the start of its sentence, where
    links and clips begin. ``extractor`` is ``name/version``, ``playbook`` the playbook's hash.
    """

    finding_id: str
    call_id: str
    utterance_index: int
    kind: Kind
    label: str
    start: int
    end: int
    text: str
    start_ms: int
    play_ms: int
    end_ms: int
    score: float
    extractor: str
    playbook: str
    detail: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Deal:
    """A CRM opportunity. Dates are ISO dates, ``amount`` is in ``currency`` units."""

    deal_id: str
    name: str | None
    account: str | None
    owner: str | None
    stage: str | None
    outcome: Outcome
    amount: float | None
    currency: str | None
    created_at: str | None
    inquired_at: str | None
    close_date: str | None
    loss_reason: str | None
    competitor: str | None
    segment: str | None
    lead_source: str | None
    account_domain: str | None
    contact_emails: tuple[str, ...]
    pipeline: str | None
    type: str | None


@dataclass(frozen=True, slots=True)
class Link:
    """Call to deal: ``rule`` made it, ``confidence`` is 0..1, ``why`` explains it to a person."""

    deal_id: str
    rule: str
    confidence: float
    why: str


_DETAIL_KEYS: Mapping[Kind, Mapping[str, tuple[str, ...] | None]] = {
    Kind.OBJECTION: {"guarded": None},
    Kind.COMPETITOR: {
        "relation": RELATIONS,
        "stance": STANCES,
        "heard": None,
        "match": ("name", "alias", "heard_as", "sound"),
        "reason": None,
    },
    Kind.POSITIONING: {
        "side": ("rep", "prospect", "unknown"),
        "sort": ("value", "pain", "success"),
        "message": None,
        "echoes": None,
    },
    Kind.ANSWER: {
        "answers": None,
        "type": ANSWER_KINDS,
        "accepted": ("yes", "no", "unclear"),
        "shown_in": None,
    },
    Kind.REQUEST: {"content": None},
    Kind.TRACKER: {},
}


def check_detail(kind: Kind, detail: Json) -> None:
    """Raise ``ValueError`` when ``detail`` has a key or value its kind does not know."""
    known = _DETAIL_KEYS[kind]
    for key, value in detail.items():
        if key not in known:
            raise ValueError(f"detail of a {kind} finding has no key {key!r}; known: {sorted(known)}")
        allowed = known[key]
        if allowed is not None and value not in allowed:
            raise ValueError(f"{kind} detail {key}={value!r} is not one of {', '.join(allowed)}")


def utc_now() -> str:
    """Return the present instant, UTC ISO-8601 to the second."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def digest_of(*parts: object) -> str:
    """Return the first 16 hex digits of SHA-256 over the canonical JSON of ``parts``."""
    blob = json.dumps(parts, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)
    return hashlib.sha256(blob.encode("utf-8", "surrogatepass")).hexdigest()[:16]
