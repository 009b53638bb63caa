"""What a person decided on the roles of a call, and what that means for its voices now.

Voices that are told apart by their sound are numbered as they come up; told apart again, they may
be numbered the other way round. So a decision keeps a time at which each of them spoke, and whoever
reads one (a run, the next correction, what is said of it to a person) reads it here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from callmine.domain import ANCHORS, Role, Segment, Utterance

NOBODY = "unknown"
"""Key of what no voice is named for; it may be several people's."""

NEAR_MS = 1_000
"""How far from a time a voice may speak to be the one that spoke then; a longer silence ends a stretch."""

OTHER = {Role.REP: Role.PROSPECT, Role.PROSPECT: Role.REP}
"""The other side of the table."""

_BY_SOUND = re.compile(r"voice \d+")


class Stretch(NamedTuple):
    """Words of one voice in a row: the voice's key, and when they were said."""

    voice: str
    start_ms: int
    end_ms: int

    @property
    def middle_ms(self) -> int:
        """The time furthest from whoever speaks before and after."""
        return (self.start_ms + self.end_ms) // 2


def by_sound(voice: str) -> bool:
    """Whether a voice is known by its sound alone, so that its key is a number that may change."""
    return _BY_SOUND.fullmatch(voice) is not None


def stretches(turns: Iterable[tuple[str, Segment | Utterance]]) -> tuple[Stretch, ...]:
    """Return who speaks when, in order.

    Word by word, for a turn may go on around another's "mm-hm"; a turn whose words have no times
    counts as one word.

    Args:
        turns: Each with the key of its voice.
    """
    words = [
        (word.start_ms, max(word.start_ms, word.end_ms), voice)
        for voice, turn in turns
        for word in (turn.words or (turn,))
    ]
    words.sort(key=lambda word: word[:2])
    found: list[Stretch] = []
    for start, end, voice in words:
        last = found[-1] if found else None
        if last is not None and last.voice == voice and start - last.end_ms <= NEAR_MS:
            found[-1] = last._replace(end_ms=max(last.end_ms, end))
        else:
            found.append(Stretch(voice, start, end))
    return tuple(found)


def roles_now(
    decision: str, spoken: Sequence[Stretch], computed: Mapping[str, Role] | None = None
) -> dict[str, Role]:
    """Return voice to role, as a decision has it for the voices as they are numbered now.

    Voices that it says nothing of are left out. A decision whose voices cannot all be found again
    stands no more: no role is better than a wrong one that a person is said to have given.

    Args:
        decision: As :func:`decide` returns it; or ``swap`` or ``confirm`` of what was computed, from
            older versions; or empty.
        spoken: Who speaks when.
        computed: Voice to role without the decision, which the words of older versions are about.
    """
    if decision in ("swap", "confirm"):
        other = OTHER if decision == "swap" else {}
        known = (computed or {}).items()
        return {voice: other.get(role, role) for voice, role in known if role is not Role.UNKNOWN}
    if not decision:
        return {}
    said = json.loads(decision)
    anchors = said.pop(ANCHORS, {})
    now: dict[str, Role] = {}
    for key, role in said.items():
        if by_sound(key) and key not in anchors:
            continue  # a bare number may be somebody else's by now
        voice = _voice_at(anchors[key], spoken) if key in anchors else key
        if voice is None or voice in now:
            return {}
        now[voice] = Role(role)
    return now


def is_lost(decision: str, spoken: Sequence[Stretch]) -> bool:
    """Whether the voices that a decision names cannot be found again, so that it says nothing now."""
    if decision in ("", "swap", "confirm"):
        return False
    return roles_now(decision, spoken).keys().isdisjoint(stretch.voice for stretch in spoken)


def decide(shown: Mapping[str, Role], earlier: str, spoken: Sequence[Stretch], *, swap: bool) -> str:
    """Return what to keep of a person's word that the roles are right, or the wrong way round.

    Kept is who is who, voice by voice, so that the word means what the person saw also when the
    computed roles change afterwards.

    Args:
        shown: Voice to role, as the last run left them.
        earlier: What was decided before; no run may have applied it yet, but the person was told.
        spoken: Who speaks when, as the last run left it.
        swap: Whether they are the wrong way round.

    Returns:
        JSON of voice to role and, of voices known by their sound, to a time; empty where no role
        is known.
    """
    before = roles_now(earlier, spoken)
    other = OTHER if swap else {}
    roles = {voice: before.get(voice, role) for voice, role in shown.items()}
    decided: dict[str, Any] = {
        voice: other.get(role, role).value for voice, role in roles.items() if role is not Role.UNKNOWN
    }
    anchors = _anchors(decided, spoken)
    # A voice of which no words are left cannot be found again by a number that may be another's then.
    decided = {voice: role for voice, role in decided.items() if voice in anchors or not by_sound(voice)}
    if anchors:
        decided[ANCHORS] = anchors
    return json.dumps(decided, sort_keys=True, ensure_ascii=False) if decided else ""


def _anchors(voices: Collection[str], spoken: Sequence[Stretch]) -> dict[str, int]:
    """Return a time by which each voice known by its sound is found again: in its longest stretch."""
    found: dict[str, int] = {}
    longest = sorted(spoken, key=lambda s: s.start_ms - s.end_ms)
    for voice in filter(by_sound, voices):
        # Where voices speak at once, the time has to tell this one from the others.
        times = (s.middle_ms for s in longest if s.voice == voice)
        at = next((at for at in times if _voice_at(at, spoken) == voice), None)
        if at is not None:
            found[voice] = at
    return found


def _voice_at(at_ms: int, spoken: Sequence[Stretch]) -> str | None:
    """Return the voice that speaks at a time, or next to it; ``None`` where nobody known does."""

    def away(one: Stretch) -> tuple[int, int]:
        outside = max(one.start_ms - at_ms, at_ms - one.end_ms, 0)
        return outside, abs(one.middle_ms - at_ms)

    nearest = min(spoken, key=away, default=None)
    if nearest is None or away(nearest)[0] > NEAR_MS or nearest.voice == NOBODY:
        return None
    return nearest.voice
