"""Who is the rep, who the prospect: every role with its source and confidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from callmine.crm.people import domain_of, is_ours
from callmine.decisions import NOBODY, OTHER, by_sound, roles_now, stretches
from callmine.domain import Facts, Role, RoleSource, Segment, Speaker, Transcript, VoiceMatch
from callmine.names import folded
from callmine.voices.cues import Cues, Evidence

CONFIDENCE = {
    RoleSource.CHANNEL: 0.97,
    RoleSource.VENDOR: 0.95,
    RoleSource.PARTICIPANTS: 0.9,
    RoleSource.TEXT: 0.9,
}
"""Prior confidence by source: a stated channel may be stated wrongly, a name may be shared.

What was said is never surer than a name: the model was learned from invented calls.
"""

_BY_ELIMINATION = 0.8
"""Confidence of the other of exactly two voices, when one is known."""

MIN_CONFIDENCE = 0.8
"""A role from what was said is given from this confidence on; the default of the setting."""

ENOUGH = 60
"""Words from which on what a voice says can tell its role, of two voices on average: four sentences."""

_OPPOSITE = 0.95
"""How likely two voices sit on two sides of the table, before they are heard."""


def speaker_key(segment: Segment) -> str:
    """Return the key of a segment's voice within its call; nameless words are kept apart by side."""
    if segment.channel is not None:
        return f"channel {segment.channel + 1}"
    return segment.speaker or (segment.role.value if segment.role else NOBODY)


def evidence_of(transcript: Transcript, cues: Cues) -> dict[str, Evidence]:
    """Return what the words of each voice say of its side, by its key."""
    return {key: cues.hear(s.text for s in said) for key, said in _voices(transcript).items()}


def _voices(transcript: Transcript) -> dict[str, list[Segment]]:
    voices: dict[str, list[Segment]] = {}
    for segment in transcript.segments:
        voices.setdefault(speaker_key(segment), []).append(segment)
    return voices


def speakers_of(
    facts: Facts,
    transcript: Transcript,
    *,
    own_domains: Sequence[str],
    rep_channel: str = "",
    decision: str = "",
    matched: Mapping[str, VoiceMatch] | None = None,
    cues: Cues | None = None,
    min_confidence: float = MIN_CONFIDENCE,
) -> tuple[Speaker, ...]:
    """Return the speakers of a transcript, in the order in which they first speak.

    Channels decide in true stereo when it is known which one is the rep's; then the vendor's
    word; then names and addresses of participants; then an enrolled voice; then, of two voices,
    elimination; then, of voices told apart by their sound, what they say. A single mixed voice,
    and words without a name, stay unknown: a role is never guessed.

    Args:
        facts: What is known about the call.
        transcript: What was said.
        own_domains: E-mail domains of our company.
        rep_channel: ``left`` or ``right`` where the facts do not say.
        decision: What a person said of the roles, for :func:`callmine.decisions.roles_now`; or
            empty. A name that the facts give to a side follows the role; a voice's own name stays
            with the voice.
        matched: Voice to the rep of ours whose enrolled voice it is.
        cues: Judges voices by their words; ``None`` leaves that out.
        min_confidence: A role from words is given from this probability on, 0..1.
    """
    found = {
        key: _speaker(key, said, facts, transcript, own_domains, rep_channel)
        for key, said in _voices(transcript).items()
    }
    for key, match in (matched or {}).items():
        if key in found and found[key].role is Role.UNKNOWN:
            found[key] = replace(
                found[key],
                name=match.name,
                role=Role.REP,
                role_source=RoleSource.VOICE,
                confidence=match.confidence,
            )
    heard = evidence_of(transcript, cues) if cues and any(map(by_sound, found)) else {}
    _eliminate(found, heard, min_confidence, alone=_colleagues(facts, own_domains) <= 1)
    _judge(found, heard, min_confidence)
    spoken = stretches((speaker_key(s), s) for s in transcript.segments)
    decided = roles_now(decision, spoken, {key: s.role for key, s in found.items()})
    found = {key: _decided(s, decided) for key, s in found.items()}
    return tuple(_named(s, facts, tuple(found.values()), own_domains) for s in found.values())


def _eliminate(
    found: dict[str, Speaker], heard: Mapping[str, Evidence], limit: float, *, alone: bool
) -> None:
    """Give the other of two voices the other role, unless it may be a colleague's."""
    voices = [s for key, s in found.items() if key != NOBODY]
    by_number = all(by_sound(s.key) for s in voices)
    if len(voices) != 2 or (NOBODY in found and not by_number):
        return
    for known, other in (voices, voices[::-1]):
        if known.role is Role.UNKNOWN or other.role is not Role.UNKNOWN:
            continue
        if known.role is Role.REP and not alone:
            continue  # the other voice may be one of ours, too
        said = heard.get(other.key, Evidence()).rep
        if (said if known.role is Role.REP else 1 - said) >= limit:
            continue  # it talks like one of the same side: two reps, or a match that is wrong
        found[other.key] = replace(
            other,
            role=OTHER[known.role],
            role_source=known.role_source,
            confidence=min(known.confidence, _BY_ELIMINATION),
        )


def _judge(found: dict[str, Speaker], heard: Mapping[str, Evidence], limit: float) -> None:
    """Give voices told apart by sound the role that their words speak for, where that is clear."""
    voices = [key for key in heard if by_sound(key)]
    rep = {key: heard[key].rep for key in voices}
    words = {key: heard[key].words for key in voices}
    if len(voices) == 2 and all(found[key].role is Role.UNKNOWN for key in voices):
        one, two = voices
        rep[one], rep[two] = _of_two(rep[one], rep[two])
        words = dict.fromkeys(voices, sum(words.values()) // 2)  # what either says tells both
    for key in voices:
        sure = max(rep[key], 1 - rep[key])
        if found[key].role is Role.UNKNOWN and sure >= limit and words[key] >= ENOUGH:
            found[key] = replace(
                found[key],
                role=Role.REP if rep[key] > 0.5 else Role.PROSPECT,
                role_source=RoleSource.TEXT,
                confidence=round(min(sure, CONFIDENCE[RoleSource.TEXT]), 4),
            )


def _of_two(one: float, two: float) -> tuple[float, float]:
    """Return how likely each of two voices is the rep, who is hardly ever both or neither."""
    split = _OPPOSITE * one * (1 - two), _OPPOSITE * (1 - one) * two
    same = (1 - _OPPOSITE) * one * two, (1 - _OPPOSITE) * (1 - one) * (1 - two)
    total = sum(split) + sum(same)
    return (split[0] + same[0]) / total, (split[1] + same[0]) / total


def after_decision(
    speakers: Sequence[Speaker],
    decided: Mapping[str, Role],
    facts: Facts,
    transcript: Transcript,
    own_domains: Sequence[str],
) -> tuple[Speaker, ...]:
    """Return a call's speakers as they will be when a person's decision, voice to role, is applied."""
    names = {key: _own_name(key, said[0]) for key, said in _voices(transcript).items()}
    own = (s if s.role_source is RoleSource.VOICE else replace(s, name=names.get(s.key)) for s in speakers)
    found = tuple(_decided(s, decided) for s in own)
    return tuple(_named(s, facts, found, own_domains) for s in found)


def _decided(speaker: Speaker, decided: Mapping[str, Role]) -> Speaker:
    """Apply a person's word on the roles; of a voice it was not said of, nothing changes."""
    role = decided.get(speaker.key, Role.UNKNOWN)
    if role is Role.UNKNOWN:
        return speaker
    if role is not speaker.role and speaker.role_source is RoleSource.VOICE:
        speaker = replace(speaker, name=None)  # then it is not the rep whose voice it was taken for
    return replace(speaker, role=role, role_source=RoleSource.PERSON, confidence=1.0)


def _colleagues(facts: Facts, own_domains: Sequence[str]) -> int:
    """Return how many of our own people are known to have taken part."""
    ours = {folded(p.name) for p in facts.participants if is_ours(domain_of(p.email), own_domains)}
    return len((ours | {folded(facts.rep)}) - {""})


def _speaker(
    key: str,
    said: Sequence[Segment],
    facts: Facts,
    transcript: Transcript,
    own_domains: Sequence[str],
    rep_channel: str,
) -> Speaker:
    segment = said[0]
    name = _own_name(key, segment)
    stated = {s.role for s in said if s.role in (Role.REP, Role.PROSPECT)}
    role, source = Role.UNKNOWN, RoleSource.NONE
    side = facts.rep_channel or rep_channel
    if segment.channel is not None and transcript.channels == 2 and side:
        is_rep = segment.channel == (0 if side == "left" else 1)
        role, source = (Role.REP if is_rep else Role.PROSPECT), RoleSource.CHANNEL
    elif len(stated) == 1:  # a voice on both sides is two people's, and nobody knows which
        role, source = stated.pop() or Role.UNKNOWN, RoleSource.VENDOR
    elif (by_name := _role_by_name(name, facts, own_domains)) is not Role.UNKNOWN:
        role, source = by_name, RoleSource.PARTICIPANTS
    return Speaker(key, name, role, source, CONFIDENCE.get(source, 0.0), segment.channel)


def _own_name(key: str, segment: Segment) -> str | None:
    """Return the name that a transcript gives a voice; the number that its sound got is none."""
    return None if by_sound(key) else segment.speaker


def _role_by_name(name: str | None, facts: Facts, own_domains: Sequence[str]) -> Role:
    if not name:
        return Role.UNKNOWN
    same = folded(name)
    if same == folded(facts.rep):
        return Role.REP
    roles = {
        Role.REP if is_ours(domain_of(p.email), own_domains) else Role.PROSPECT
        for p in facts.participants
        if p.email and own_domains and folded(p.name) == same
    }
    return roles.pop() if len(roles) == 1 else Role.UNKNOWN


def _named(
    speaker: Speaker, facts: Facts, speakers: tuple[Speaker, ...], own_domains: Sequence[str]
) -> Speaker:
    """Give a channel's voice a person's name where only one person can be meant."""
    alone = sum(1 for s in speakers if s.role is speaker.role) == 1
    if speaker.name or speaker.role is Role.UNKNOWN or not alone:
        return speaker
    if speaker.role is Role.REP:
        return replace(speaker, name=facts.rep)
    outside = [p.name for p in facts.participants if not is_ours(domain_of(p.email), own_domains)]
    outside = [name for name in outside if folded(name) != folded(facts.rep)]
    return replace(speaker, name=outside[0]) if len(outside) == 1 else speaker
