"""What each stage takes and gives: the payload of its jobs, and the output of those that are done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from callmine.domain import (
    Call,
    Edit,
    Facts,
    Finding,
    Link,
    Speaker,
    Transcript,
    Unlinked,
    Utterance,
    Voices,
)


@dataclass(frozen=True, slots=True)
class Source:
    """A file taken in: the payload of the ingest stage.

    Attributes:
        path: Absolute path.
        size: Bytes; ``mtime_ns`` the modification time, both only to notice a change.
        facts: What manifest or sidecar say.
        format: Transcript format asked for, or ``None`` to look.
        content: SHA-256 when the file is unchanged since it was last read.
    """

    path: str
    size: int
    mtime_ns: int
    facts: Facts = Facts()
    format: str | None = None
    content: str | None = None


@dataclass(frozen=True, slots=True)
class Ingested:
    """Output of ingest: the call as this file alone describes it; ``system`` made its id."""

    call: Call
    system: str = "file"


@dataclass(frozen=True, slots=True)
class ToAttribute:
    """Input of attribute.

    Attributes:
        call: The call, with its facts.
        transcript: What was said.
        decision: What people said of the roles: JSON of voice to role, from older versions ``swap`` or
            ``confirm``; empty where nobody said anything.
        voices: Who spoke when by voice; ``None`` where that was not looked at.
        edits: What people changed in the transcript, oldest first.
    """

    call: Call
    transcript: Transcript
    decision: str = ""
    voices: Voices | None = None
    edits: tuple[Edit, ...] = ()


@dataclass(frozen=True, slots=True)
class Attribution:
    """Output of attribute: who spoke, and the turns.

    ``doubt`` says in a sentence why the roles look inverted; empty where they do not.
    """

    speakers: tuple[Speaker, ...]
    utterances: tuple[Utterance, ...]
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class ToRead:
    """Input of read: a call's utterances in order, and the language spoken (ISO 639-1)."""

    utterances: tuple[Utterance, ...]
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Readings:
    """What the encoder made of a call's utterances, or of the names in them.

    ``model`` is the hash of what read them, ``data`` what :mod:`callmine.extractors.readings` packs.
    """

    model: str
    data: bytes


@dataclass(frozen=True, slots=True)
class CallReading:
    """Output of read: what the encoder made of a call's utterances, and of the names in them.

    ``names`` are those that today's playbook asks about; ``None`` where it asks about none.
    """

    readings: Readings
    names: Readings | None = None


@dataclass(frozen=True, slots=True)
class ToExtract:
    """Input of extract: a call's utterances in order, and the language spoken (ISO 639-1).

    ``readings`` are what was made of these very utterances before, ``names`` what was made of the names in
    them; ``None`` where that was not kept.
    """

    utterances: tuple[Utterance, ...]
    language: str = "en"
    readings: Readings | None = None
    names: Readings | None = None


@dataclass(frozen=True, slots=True)
class Extraction:
    """Output of extract: the evidence, and the playbook it was looked for with (as JSON).

    ``names`` are what the encoder made of the names in the call, for the next time; ``None`` where what
    was kept of them holds all that was asked for. ``readings`` are what it made of the utterances; ``None``
    unless what was kept of these turned out to be damaged.
    """

    findings: tuple[Finding, ...]
    playbook: str
    playbook_text: str
    names: Readings | None = None
    readings: Readings | None = None


Verdict = Literal["confirmed", "rejected", "relabelled"]
"""What a second reader may say of a finding."""


@dataclass(frozen=True, slots=True)
class SecondReading:
    """One answer of a second reader, checked; it is kept, so that nothing is asked twice.

    Attributes:
        key: Hash of the model, its options, and every word that it was asked.
        model: The model's name; ``prompt`` the version of the question.
        verdict: ``None`` where the answer did not pass, ``reason`` says why.
        label: The label that holds from now on.
        input_tokens: As the model's library reports them; ``output_tokens`` likewise.
    """

    key: str
    model: str
    prompt: str
    verdict: Verdict | None
    label: str | None
    reason: str = ""
    input_tokens: int = 0
    output_tokens: int = 0


@dataclass(frozen=True, slots=True)
class ToReadAgain:
    """Input of second_read.

    Attributes:
        findings: All findings of a call that no person has judged, by position.
        utterances: Its turns in order.
        kept: Earlier answers about this call, by key.
    """

    findings: tuple[Finding, ...]
    utterances: tuple[Utterance, ...]
    kept: Mapping[str, SecondReading] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SecondReadings:
    """Output of second_read.

    Attributes:
        verdicts: Finding id to the answer that holds for it.
        asked: Answers that are new, the unusable ones included.
    """

    verdicts: Mapping[str, SecondReading]
    asked: tuple[SecondReading, ...] = ()


@dataclass(frozen=True, slots=True)
class Linking:
    """Output of link: the deal, or why there is none.

    Attributes:
        link: The deal, ``None`` where there is none.
        why: The same for a person, without addresses.
        reason: Why there is none; ``None`` where there is one.
        about: The account, or else the domain, that the call gave to go by.
        unknown_id: The deal that the call names, if it is not among the deals.
        nearest: The likeliest deal of a call without one.
        probability: How likely that one is, 0..1.
    """

    link: Link | None
    why: str
    reason: Unlinked | None = None
    about: str | None = None
    unknown_id: str | None = None
    nearest: str | None = None
    probability: float | None = None
