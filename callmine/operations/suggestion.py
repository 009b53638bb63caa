"""What the playbook may lack, as values: a name, where it belongs, and the mentions that speak for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from callmine.domain import Role

SHOWN = 3
"""Mentions shown as evidence."""


@dataclass(frozen=True, slots=True)
class Mentioned:
    """A name as somebody said it.

    Attributes:
        text: The sentence around it, verbatim.
        heard: The name in it.
        score: Probability that a rival is meant, 0..1; of a sound-alike its finding's.
    """

    call_id: str
    source: str
    started_at: str | None
    utterance_index: int
    play_ms: int
    role: Role
    speaker_name: str | None
    text: str
    heard: str
    score: float


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A name that the playbook may lack.

    Attributes:
        name: As it is written most often.
        key: Where it belongs in the playbook: ``name`` of a new competitor, ``aliases`` or ``heard_as``.
        of: The competitor it belongs to; ``None`` for a new one.
        mentions: How often it was said.
        calls: In how many calls.
        by: How often by which side.
        score: Mean probability of the mentions that were judged, 0..1.
        evidence: The most telling mentions.
        aliases: Longer names that begin with a new competitor's.
    """

    name: str
    key: str
    of: str | None
    mentions: int
    calls: int
    by: Mapping[str, int]
    score: float
    evidence: tuple[Mentioned, ...]
    aliases: tuple[str, ...] = ()


def telling_evidence(mentions: Iterable[Mentioned]) -> tuple[Mentioned, ...]:
    """Return the surest mentions, prospects' before others', from as many calls as possible."""
    ordered = sorted(
        mentions, key=lambda m: (m.role is not Role.PROSPECT, -m.score, m.call_id, m.utterance_index)
    )
    first: dict[str, Mentioned] = {}
    for one in ordered:
        first.setdefault(one.call_id, one)
    rest = [one for one in ordered if one is not first[one.call_id]]
    return tuple([*first.values(), *rest][:SHOWN])


def telling_order(one: Suggestion) -> tuple[int, int, float, str]:
    """Return the key that sorts suggestions: those heard in most calls first."""
    return -one.calls, -one.mentions, -one.score, one.name
