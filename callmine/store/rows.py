"""What the named read-only queries return: plain values, joined once, for every reader."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from callmine.domain import Json, Kind, Outcome, Role, RoleSource


@dataclass(frozen=True, slots=True)
class CallRow:
    """One call with its state, its deal and its coverage.

    Attributes:
        status: ``done``, ``pending``, ``skipped`` or ``failed``: the worst of its stages.
        reason: Why it is skipped or failed, in words; else ``None``.
        stage: The stage that ``status`` speaks of.
        account: From the call's facts, else from its deal.
        outcome: Of the linked deal as known at the time asked for; ``None`` when not linked.
        link_rule: Rule that linked it.
        link_confidence: 0..1.
        stage_at_call: The deal's stage when the call began; ``None`` where no history tells it.
        outcome_at_call: Its outcome then, likewise.
        words: Words spoken, all speakers.
        words_by_role: Words per role (``rep``, ``prospect``, ``unknown``).
        copies: Paths of further files with the very content of this call's file.
        role_doubt: Why the roles are doubted, in words; else ``None``.
        speech_ms: Speech found in the recording, all channels.
        left_out_ms: How much of that speech has no words.
    """

    call_id: str
    source: str
    title: str | None
    type: str
    started_at: str | None
    duration_ms: int
    channels: int
    account: str | None
    rep: str | None
    recording: str | None
    deal_id: str | None
    deal_name: str | None
    outcome: Outcome | None
    link_rule: str | None
    link_confidence: float | None
    status: str
    stage: str | None
    reason: str | None
    hint: str | None
    language: str | None
    engine: str | None
    model: str | None
    words: int
    words_by_role: Json
    notes: tuple[str, ...] = ()
    copies: tuple[str, ...] = ()
    role_doubt: str | None = None
    speech_ms: int = 0
    left_out_ms: int = 0
    stage_at_call: str | None = None
    outcome_at_call: Outcome | None = None


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """One finding with its utterance, speaker, call and deal: all a quote needs.

    ``utterance[start:end] == text`` always. ``channel`` is the 0-based channel the speaker is
    on in a stereo recording. ``outcome``, ``amount`` and ``close_date`` are as known at the time
    asked for; ``amount`` is in ``currency`` units. ``deal_stage`` is the deal's stage when the call
    began and ``outcome_at_call`` its outcome then, ``None`` where no history tells it.
    ``verdict`` is what a person said last: ``right``, ``wrong``, ``label``, or ``replaced`` by the
    finding ``replaced_by`` (``None`` where its
    words are gone), which is the same in other words; ``verdict_by`` is who (``None``: not known) and
    ``verdict_at`` when, UTC. ``label`` is the one it
    counts under: a person's, else the second reader's, else ``found_label``, the extractor's.
    ``second_verdict`` is ``confirmed``, ``rejected`` or ``relabelled`` by ``second_model``; it is
    told, and means nothing, where a person gave a ``verdict``. ``language`` is the call's, and
    ``role_doubt`` says why its roles are doubted, ``None`` where they are not.
    """

    finding_id: str
    kind: Kind
    label: str
    text: str
    start: int
    end: int
    score: float
    detail: Json
    extractor: str
    playbook: str
    verdict: str | None
    call_id: str
    source: str
    call_title: str | None
    call_type: str
    started_at: str | None
    recording: str | None
    utterance_index: int
    utterance: str
    speaker: str
    speaker_name: str | None
    channel: int | None
    role: Role
    role_source: RoleSource
    role_confidence: float
    start_ms: int
    play_ms: int
    end_ms: int
    utterance_start_ms: int
    utterance_end_ms: int
    account: str | None
    rep: str | None
    deal_id: str | None
    deal_name: str | None
    outcome: Outcome | None
    amount: float | None
    currency: str | None
    close_date: str | None
    segment: str | None
    deal_stage: str | None = None
    outcome_at_call: Outcome | None = None
    verdict_by: str | None = None
    verdict_at: str | None = None
    found_label: str | None = None
    second_verdict: str | None = None
    second_model: str | None = None
    language: str | None = None
    role_doubt: str | None = None
    replaced_by: str | None = None

    @property
    def is_struck_out(self) -> bool:
        """Whether it does not count, whatever its score: a person's word, else the second reader's."""
        return _is_struck_out(self.verdict, self.second_verdict)


def _is_struck_out(verdict: str | None, second_verdict: str | None) -> bool:
    if verdict is not None:
        return verdict in ("wrong", "replaced")
    return second_verdict == "rejected"


class TalkRow(NamedTuple):
    """What statistics need to know of a call; a tuple for the reason that :class:`HeardRow` is one.

    Attributes:
        deal_id: Its deal, unless that is gone from the CRM; ``None`` without one.
        started_at: UTC instant, ``None`` where the call is undated.
        stage: The deal's stage at that time; ``None`` where no import of that time tells it.
        words: Words spoken.
        prospect_words: Those said by somebody known to be a prospect.
        unknown_words: Those of which it is not known, surely enough, who said them.
        skipped: Whether a stage skipped it: no consent, nobody from outside.
        failed: Whether a stage failed on it.
    """

    call_id: str
    deal_id: str | None
    started_at: str | None
    type: str
    role_doubt: str | None
    language: str | None
    rep: str | None
    rep_email: str | None
    stage: str | None
    words: int
    prospect_words: int
    unknown_words: int
    skipped: bool
    failed: bool = False


class WeekDeal(NamedTuple):
    """A deal of a week: what kind it is, and whether there was a sales call so far."""

    segment: str | None
    source: str | None
    has_call: bool
    deal_id: str = ""


class HeardRow(NamedTuple):
    """One finding without the words around it: what statistics count.

    The attributes are those of :class:`EvidenceRow`. A tuple, because there are hundreds of thousands,
    and a frozen dataclass takes three times as long to make.
    """

    finding_id: str
    call_id: str
    utterance_index: int
    kind: Kind
    label: str
    text: str
    score: float
    role: Role
    role_confidence: float
    verdict: str | None
    second_verdict: str | None
    detail: Json

    @property
    def is_struck_out(self) -> bool:
        """Whether it does not count, whatever its score; see :attr:`EvidenceRow.is_struck_out`."""
        return _is_struck_out(self.verdict, self.second_verdict)


class RaisedRow(NamedTuple):
    """That something was heard in a call, without what was said: for counting over all calls.

    The attributes are those of :class:`EvidenceRow`.
    """

    call_id: str
    label: str
    score: float
    role: Role
    role_confidence: float
    verdict: str | None
    second_verdict: str | None
    kind: Kind

    @property
    def is_struck_out(self) -> bool:
        """Whether it does not count, whatever its score; see :attr:`EvidenceRow.is_struck_out`."""
        return _is_struck_out(self.verdict, self.second_verdict)


@dataclass(frozen=True, slots=True)
class RepRow:
    """A voice that is known to be one of ours, in one call.

    Attributes:
        call_id: The call.
        speaker: The voice's key.
        name: Who it is; ``None`` where nobody knows.
        email: Their address, as the call's facts give it.
        last_turn: Index of the last utterance of that voice.
    """

    call_id: str
    speaker: str
    name: str | None
    email: str | None
    last_turn: int


@dataclass(frozen=True, slots=True)
class ReplyRow:
    """A whole turn that shows how an answer to an objection was taken."""

    call_id: str
    utterance_index: int
    text: str
    role: Role
    role_confidence: float
    start_ms: int
    speaker_name: str | None


@dataclass(frozen=True, slots=True)
class KeptHeadline:
    """A headline over quotes of ``calls``; ``text`` is ``None`` where the answer did not pass."""

    key: str
    model: str
    prompt: str
    calls: tuple[str, ...]
    text: str | None
    reason: str = ""
    input_tokens: int = 0
    output_tokens: int = 0


@dataclass(frozen=True, slots=True)
class EvidenceFilter:
    """Which findings to return; ``None`` means any.

    Attributes:
        kind: Kind of finding.
        label: Label, after people's corrections and the second reader's.
        saying: An approved message's id, said or taken up, or the text of a playbook's answer, given.
        role: Role of the speaker.
        since: UTC instant; calls that started then or later (undated calls are left out).
        until: UTC instant; calls that started before.
        deal: Deal id of the call's link.
        outcome: Outcome of that deal at ``as_of``; ``lost`` for every way of losing it.
        call_id: The call.
        finding_id: The finding.
        min_score: Lowest score, 0..1.
        as_of: ISO date whose outcomes are taken (an instant's date counts); ``None`` for today's.
    """

    kind: str | None = None
    label: str | None = None
    saying: str | None = None
    role: str | None = None
    since: str | None = None
    until: str | None = None
    deal: str | None = None
    outcome: str | None = None
    call_id: str | None = None
    finding_id: str | None = None
    min_score: float = 0.0
    as_of: str | None = None
