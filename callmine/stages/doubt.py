"""The swap detector: whether the roles of a call look inverted, and why.

Bayes' rule with two hypotheses: the roles as stated, or the other way round. How sure their
source is comes first; what each voice's words say of its side is weighed against it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import groupby

from callmine.domain import Role, RoleSource, Speaker
from callmine.voices.cues import Evidence, Phrase, probability

LIMIT = 0.5
"""Roles that are less likely right than this are doubted."""

MOST = 10.0
"""All words of a call together tell no more than this, log-odds."""

QUOTES = 2
"""Phrases of one side that are quoted."""

_STATED = (
    RoleSource.CHANNEL,
    RoleSource.VENDOR,
    RoleSource.PARTICIPANTS,
    RoleSource.VOICE,
    RoleSource.TEXT,
)


def with_doubt(
    speakers: Sequence[Speaker], heard: Mapping[str, Evidence]
) -> tuple[tuple[Speaker, ...], str]:
    """Return the speakers and why their roles look inverted; an empty reason where they do not.

    In a doubted call the confidence of every stated role is what is left of it, so that no
    report counts it. What a person said of the roles is not doubted, and roles that rest on the
    words alone cannot be doubted by them.

    Args:
        speakers: As attributed.
        heard: What the words of each voice say, by the speaker's key.
    """
    stated = [s for s in speakers if s.role in (Role.REP, Role.PROSPECT)]
    sources = {s.role_source for s in stated}
    if not sources - {RoleSource.TEXT} or not sources <= {*_STATED}:
        return tuple(speakers), ""
    right = posterior(stated, heard)
    if right >= LIMIT:
        return tuple(speakers), ""
    left = round(min(right, LIMIT), 4)
    keys = {s.key for s in stated}
    doubted = (replace(s, confidence=min(s.confidence, left)) if s.key in keys else s for s in speakers)
    return tuple(doubted), _reason(stated, heard)


def posterior(stated: Sequence[Speaker], heard: Mapping[str, Evidence]) -> float:
    """Return the probability (0..1) that roles are as stated, given what the voices say."""
    sure = min(max(s.confidence for s in stated), 0.999)
    told = sum(heard[s.key].log_odds * (1 if s.role is Role.REP else -1) for s in stated if s.key in heard)
    return probability(math.log(sure / (1 - sure)) + max(-MOST, min(MOST, told)))


def _reason(stated: Sequence[Speaker], heard: Mapping[str, Evidence]) -> str:
    parts = []
    for role in (Role.REP, Role.PROSPECT):
        phrases = [p for s in stated if s.role is role and s.key in heard for p in heard[s.key].phrases]
        against = [p for p in phrases if (p.weight < 0) is (role is Role.REP)]
        against.sort(key=lambda p: (not p.hint, -abs(p.weight)))
        if against:
            parts.append(f"the “{role}” {_said(against[:QUOTES])}")
    return "the roles look inverted: " + (", ".join(parts) or "each side talks like the other")


def _said(phrases: Sequence[Phrase]) -> str:
    told = ""
    for verb, group in groupby(phrases, key=lambda phrase: "asks" if phrase.asks else "says"):
        told += (
            (" and " if told else "") + f"{verb} " + " and ".join(f"“{phrase.text}”" for phrase in group)
        )
    return told
