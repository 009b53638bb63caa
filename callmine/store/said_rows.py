"""What people said of calls, turns and findings, and what is there to teach by it."""

from __future__ import annotations

from dataclasses import dataclass

from callmine.domain import Role


@dataclass(frozen=True, slots=True)
class CorrectionRow:
    """One thing that a person said.

    Attributes:
        id: Order in which they were said.
        made_at: When, UTC.
        made_by: Who; ``None`` where that is not known.
        verdict: ``right``, ``wrong``, ``replaced`` (right, but other words say it), ``label``,
            ``missed``, ``nothing`` (no objection in the utterance), ``roles`` or ``link``.
        label: The right label, ``swap`` or ``confirm``, or the deal (``None``: no deal, ``auto``: the one
            that the rules find).
        call_id: The call.
        source: Its file's name.
        utterance_index: The utterance, if it is about one.
        finding_id: The finding, if it is about one.
        kind: The finding's kind, while there is such a finding.
        finding_label: The label it was found with.
        play_ms: Where to listen.
        text: The words it is about.
        replaced_by: Of a finding that was replaced: the one with the other words, while there is one.
        replaces: Of one that was added, or found right, for its words: the finding that it replaces.
    """

    id: int
    made_at: str
    made_by: str | None
    verdict: str
    label: str | None
    call_id: str
    source: str
    utterance_index: int | None
    finding_id: str | None
    kind: str | None
    finding_label: str | None
    play_ms: int | None
    text: str | None
    replaced_by: str | None = None
    replaces: str | None = None


@dataclass(frozen=True, slots=True)
class SaidOfTurn:
    """What a person said of an utterance: see :class:`CorrectionRow`.

    Attributes:
        text: The words that it was said of: the finding's, or the whole utterance as it was.
        words: The part of ``text`` that matters, where a person named one.
        utterance: What the utterance says today.
    """

    id: int
    call_id: str
    utterance_index: int
    finding_id: str | None
    verdict: str
    label: str | None
    text: str | None
    words: str | None
    utterance: str


@dataclass(frozen=True, slots=True)
class KeptReadings:
    """What the encoder made of a call's utterances, packed, with the index of each utterance."""

    call_id: str
    indices: tuple[int, ...]
    data: bytes


@dataclass(frozen=True, slots=True)
class QuietTurn:
    """An utterance in which nobody, neither a person nor a model, found an objection."""

    call_id: str
    source: str
    utterance_index: int
    role: Role
    text: str
    play_ms: int
