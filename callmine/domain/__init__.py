"""The vocabulary of callmine: one frozen dataclass per noun, standard library only.

Times are integer milliseconds from the start of the recording, ranges are half-open
``[start, end)``, character offsets count Unicode code points, and instants are UTC
ISO-8601 strings such as ``2026-10-02T08:30:00Z``.
"""

from __future__ import annotations

from callmine.domain.basics import Digesting, Json, digest_of, key_name, utc_now
from callmine.domain.calls import Call, Facts, Participant
from callmine.domain.deals import Deal, EndWords, Link, is_after_close
from callmine.domain.findings import Finding, Mention, check_detail
from callmine.domain.transcripts import (
    Edit,
    Segment,
    Speaker,
    SpokenWord,
    Transcript,
    Utterance,
    VoiceMatch,
    Voices,
    VoiceTurn,
    Word,
)
from callmine.domain.words import (
    ANCHORS,
    ANSWER_KINDS,
    BY_PEOPLE,
    FACT_WORDS,
    LOST_TO_COMPETITOR,
    OBJECTION_LABELS,
    RELATIONS,
    STANCES,
    Kind,
    Outcome,
    Role,
    RoleSource,
    Unlinked,
)

__all__ = [
    "ANCHORS",
    "ANSWER_KINDS",
    "BY_PEOPLE",
    "FACT_WORDS",
    "LOST_TO_COMPETITOR",
    "OBJECTION_LABELS",
    "RELATIONS",
    "STANCES",
    "Call",
    "Deal",
    "Digesting",
    "Edit",
    "EndWords",
    "Facts",
    "Finding",
    "Json",
    "Kind",
    "Link",
    "Mention",
    "Outcome",
    "Participant",
    "Role",
    "RoleSource",
    "Segment",
    "Speaker",
    "SpokenWord",
    "Transcript",
    "Unlinked",
    "Utterance",
    "VoiceMatch",
    "VoiceTurn",
    "Voices",
    "Word",
    "check_detail",
    "digest_of",
    "is_after_close",
    "key_name",
    "utc_now",
]
