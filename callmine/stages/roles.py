"""Who is the rep, who the prospect: every role with its source and confidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from callmine.crm.people import domain_of, is_ours
from callmine.domain import Facts, Role, RoleSource, Segment, Speaker, Transcript

CONFIDENCE = {
    RoleSource.CHANNEL: 0.97,
    RoleSource.VENDOR: 0.95,
    RoleSource.PARTICIPANTS: 0.9,
}
"""Prior confidence by source: a stated channel may be stated wrongly, a name may be shared."""

_BY_ELIMINATION = 0.8
"""Confidence of the other of exactly two voices, when one is known."""

_OTHER = {Role.REP: Role.PROSPECT, Role.PROSPECT: Role.REP}


NOBODY = "unknown"
"""Key of what no voice is named for; it may be several people's."""


def speaker_key(segment: Segment) -> str:
    """Return the key of a segment's voice within its call; nameless words are kept apart by side."""
    if segment.channel is not None:
        return f"channel {segment.channel + 1}"
    return segment.speaker or (segment.role.value if segment.role else NOBODY)


def speakers_of(
    facts: Facts,
    transcript: Transcript,
    *,
    own_domains: Sequence[str],
    rep_channel: str = "",
    decision: str = "",
) -> tuple[Speaker, ...]:
    """Return the speakers of a transcript, in the order in which they first speak.

    Channels decide in true stereo when it is known which one is the rep's; then the vendor's
    word; then names and addresses of participants; then, of two voices, elimination. A single
    mixed voice, and words without a name, stay unknown: a role is never guessed.

    ``decision`` is what a person said of the roles so found: ``swap``, ``confirm`` or empty. A
    name that the facts give to a side follows the role; a voice's own name stays with the voice.
    """
    voices: dict[str, list[Segment]] = {}
    for segment in transcript.segments:
        voices.setdefault(speaker_key(segment), []).append(segment)
    found = {
        key: _speaker(key, said, facts, transcript, own_domains, rep_channel)
        for key, said in voices.items()
    }
    if len(found) == 2 and NOBODY not in found:
        one, two = found.values()
        for known, other in ((one, two), (two, one)):
            if known.role is not Role.UNKNOWN and other.role is Role.UNKNOWN:
                if known.role is Role.REP and _colleagues(facts, own_domains) > 1:
                    continue  # the other voice may be one of ours, too
                found[other.key] = replace(
                    other,
                    role=_OTHER[known.role],
                    role_source=known.role_source,
                    confidence=min(known.confidence, _BY_ELIMINATION),
                )
    if decision:
        found = {key: _decided(s, swap=decision == "swap") for key, s in found.items()}
    return tuple(_named(s, facts, tuple(found.values()), own_domains) for s in found.values())


def _decided(speaker: Speaker, *, swap: bool) -> Speaker:
    """Apply a person's word on the roles; an unknown role stays unknown."""
    if speaker.role is Role.UNKNOWN:
        return speaker
    role = _OTHER[speaker.role] if swap else speaker.role
    return replace(speaker, role=role, role_source=RoleSource.PERSON, confidence=1.0)


def _colleagues(facts: Facts, own_domains: Sequence[str]) -> int:
    """Return how many of our own people are known to have taken part."""
    ours = {p.name.casefold() for p in facts.participants if is_ours(domain_of(p.email), own_domains)}
    return len(ours | ({facts.rep.casefold()} if facts.rep else set()))


def _speaker(
    key: str,
    said: Sequence[Segment],
    facts: Facts,
    transcript: Transcript,
    own_domains: Sequence[str],
    rep_channel: str,
) -> Speaker:
    segment, name = said[0], said[0].speaker
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


def _role_by_name(name: str | None, facts: Facts, own_domains: Sequence[str]) -> Role:
    if not name:
        return Role.UNKNOWN
    same = name.casefold().strip()
    if facts.rep and same == facts.rep.casefold().strip():
        return Role.REP
    roles = {
        Role.REP if is_ours(domain_of(p.email), own_domains) else Role.PROSPECT
        for p in facts.participants
        if p.email and own_domains and p.name.casefold().strip() == same
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
    outside = [name for name in outside if name != facts.rep]
    return replace(speaker, name=outside[0]) if len(outside) == 1 else speaker
