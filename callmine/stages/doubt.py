"""The swap detector: whether the roles of a call look inverted, and why; and roles a person lost.

Bayes' rule with two hypotheses: the roles are as attributed, or the other way round. How sure
their source is comes first; what each voice's words say of its side is weighed against it.
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

LOST = "a person said who is who, but the voices were told apart anew and theirs are not found again"
"""Why a call is doubted of which a person's word on the roles fits no voice any more."""

QUOTES = 2
"""Phrases of one side that are quoted."""


def with_doubt(
    speakers: Sequence[Speaker], heard: Mapping[str, Evidence], *, lost: bool = False
) -> tuple[tuple[Speaker, ...], str]:
    """Return the speakers and why their roles look inverted; an empty reason where they do not.

    In a doubted call the confidence of every role is what is left of it, so that no report counts
    it. A call is not doubted where a person said who is who in it, nor where all roles come from
    the words: these cannot speak against what they told.

    Args:
        speakers: As attributed.
        heard: What the words of each voice say, by the speaker's key.
        lost: Whether a person said who is who, of voices that cannot be found again: then what was
            computed may be just what they put right.
    """
    placed = [s for s in speakers if s.role in (Role.REP, Role.PROSPECT)]
    if lost and placed:
        return _lowered(speakers, LIMIT), LOST
    sources = {s.role_source for s in placed}
    if RoleSource.PERSON in sources or sources <= {RoleSource.TEXT}:
        return tuple(speakers), ""
    right = posterior(placed, heard)
    if right >= LIMIT:
        return tuple(speakers), ""
    return _lowered(speakers, round(min(right, LIMIT), 4)), _reason(placed, heard)


def _lowered(speakers: Sequence[Speaker], most: float) -> tuple[Speaker, ...]:
    """Return the speakers, no role surer than ``most``."""
    return tuple(replace(s, confidence=min(s.confidence, most)) for s in speakers)


def posterior(placed: Sequence[Speaker], heard: Mapping[str, Evidence]) -> float:
    """Return the probability (0..1) that the roles are right, given what the voices say.

    Args:
        placed: The speakers who have a role, at least one.
        heard: What the words of each voice say, by the speaker's key.
    """
    sure = min(max(s.confidence for s in placed), 0.999)
    told = sum(heard[s.key].log_odds * (1 if s.role is Role.REP else -1) for s in placed if s.key in heard)
    return probability(math.log(sure / (1 - sure)) + max(-MOST, min(MOST, told)))


def _reason(placed: Sequence[Speaker], heard: Mapping[str, Evidence]) -> str:
    """Say that the roles look inverted, with the words of each side that speak against its role.

    Roles stand in quotation marks, for they are what is doubted.
    """
    parts = []
    likes = []
    for role, other in ((Role.REP, Role.PROSPECT), (Role.PROSPECT, Role.REP)):
        if any(s.role is role for s in placed):
            likes.append(f"the “{role}” talks like a {other}")
        phrases = [p for s in placed if s.role is role and s.key in heard for p in heard[s.key].phrases]
        against = [p for p in phrases if (p.weight < 0) is (role is Role.REP)]
        against.sort(key=lambda p: (not p.hint, -abs(p.weight)))
        if against:
            parts.append(f"the “{role}” {_said(against[:QUOTES])}")
    return "the roles look inverted: " + ", ".join(parts or likes)


def _said(phrases: Sequence[Phrase]) -> str:
    told = ""
    for verb, group in groupby(phrases, key=lambda phrase: "asks" if phrase.asks else "says"):
        told += (
            (" and " if told else "") + f"{verb} " + " and ".join(f"“{phrase.text}”" for phrase in group)
        )
    return told
