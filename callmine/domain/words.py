"""The fixed words: roles, kinds of evidence, outcomes, and the labels that details may have."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Role(StrEnum):
    """Which side of the table a speaker sits on."""

    REP = "rep"
    PROSPECT = "prospect"
    UNKNOWN = "unknown"


class RoleSource(StrEnum):
    """Where a role came from, strongest first."""

    PERSON = "person"
    CHANNEL = "channel"
    VENDOR = "vendor"
    PARTICIPANTS = "participants"
    VOICE = "voice"
    TEXT = "text"
    NONE = "none"


class Kind(StrEnum):
    """What sort of evidence a finding is."""

    OBJECTION = "objection"
    COMPETITOR = "competitor"
    POSITIONING = "positioning"
    ANSWER = "answer"
    REQUEST = "request"
    TRACKER = "tracker"


class Outcome(StrEnum):
    """How a deal ended, if it did."""

    WON = "won"
    LOST_COMPETITOR = "lost_competitor"
    LOST_NO_DECISION = "lost_no_decision"
    LOST_OTHER = "lost_other"
    LOST_UNKNOWN = "lost_unknown"
    OPEN = "open"
    EXCLUDED = "excluded"

    @property
    def is_lost(self) -> bool:
        """Whether the deal was lost, for whatever reason."""
        return self.value.startswith("lost_")


class Unlinked(StrEnum):
    """Why a call has no deal."""

    NOTHING = "nothing_to_go_on"
    NO_DEAL = "no_deal_fits"
    ANOTHER_TIME = "no_deal_at_the_time"
    SEVERAL = "several_deals_fit"
    BELOW = "below_the_limit"
    UNKNOWN_ID = "unknown_deal_id"
    EXCLUDED = "deal_excluded"
    INTERNAL = "internal"
    PERSON = "person"


OBJECTION_LABELS: tuple[str, ...] = (
    "price",
    "timing",
    "authority",
    "no_need",
    "incumbent",
    "trust",
    "feature_gap",
    "integration",
    "security",
    "implementation",
    "contract",
    "brush_off",
)
"""The twelve built-in objection labels, in the order of the labelling guide."""

LOST_TO_COMPETITOR = "lost_competitor"
"""Stands beside objection labels where a loss reason says that another vendor got the deal."""

RELATIONS: tuple[str, ...] = ("incumbent", "evaluating", "churned", "chosen", "mentioned")
"""How a competitor mention relates the competitor to the prospect."""

STANCES: tuple[str, ...] = ("positive", "negative", "neutral")
"""The speaker's stance towards a competitor."""

ANSWER_KINDS: tuple[str, ...] = ("evidence", "discount", "reframing", "question", "deferral")
"""How a rep answers an objection."""


FACT_WORDS: Mapping[str, tuple[str, ...]] = {
    "type": ("sales", "internal", "interview"),
    "rep_channel": ("left", "right"),
    "consent": ("yes", "no", "unknown"),
}
"""Facts of a call that are one of a few words, in a manifest and in a transcript's own facts."""

BY_PEOPLE = "person/"
"""How the extractor of a finding begins that a person added; no model finds or judges it."""

ANCHORS = " @"
"""Key in a person's decision on roles under which it says when each voice, known by its sound, spoke.

It begins with a blank, as no voice does: names are stripped, and somebody may be called "@".
"""
