"""A recorded conversation, and what is known about it besides its sound."""

from __future__ import annotations

from dataclasses import dataclass


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
