"""A rep's voice, learned from stereo calls and known again in mono ones. Off unless switched on.

A voice is personal data: embeddings are kept in the workspace's database only, never leave it, and
go when enrolment is switched off or a person asks for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from callmine.audio.types import Track
from callmine.domain import Facts, Transcript, VoiceMatch
from callmine.names import folded
from callmine.voices.encoder import VoiceEncoder, unit
from callmine.voices.windows import embed, spoken_in, windows_over

LEAST_SPEECH_MS = 20_000
"""A channel with less speech teaches no voice."""

ALIKE = 0.94
"""A voice is a rep's where its cosine with the rep's mean embedding is at least this ..."""

CLEARLY = 0.05
"""... and by so much above the cosine with every other rep's."""

_SURE, _SUREST = 0.85, 0.95

Embedding = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Heard:
    """A rep's channel in one stereo call: whose it is, and what it sounds like."""

    call_id: str
    name: str
    email: str | None
    embedding: Embedding


@dataclass(frozen=True, slots=True)
class EnrolledVoice:
    """A rep's voice over all calls it was learned from; the embedding has length 1."""

    name: str
    email: str | None
    embedding: Embedding


def channel_embeddings(
    transcript: Transcript, tracks: Mapping[int, Track], encoder: VoiceEncoder
) -> dict[str, Embedding]:
    """Return ``channel 1``, ``channel 2`` to their embeddings, where there is enough speech."""
    found: dict[str, Embedding] = {}
    for index, track in sorted(tracks.items()):
        said = tuple(s for s in transcript.segments if s.channel == index)
        words = spoken_in(replace(transcript, segments=said))
        if sum(w.end_ms - w.start_ms for w in words) < LEAST_SPEECH_MS:
            continue
        windows = windows_over(words)
        lengths = np.array([w.end_ms - w.start_ms for w in windows], dtype=np.float32)
        mean = unit(lengths @ embed(windows, track, encoder))
        found[f"channel {index + 1}"] = tuple(float(x) for x in mean)
    return found


def enrolled_voices(heard: Iterable[Heard]) -> tuple[EnrolledVoice, ...]:
    """Return each rep's mean voice, ordered by e-mail or name; the order of the calls is no matter.

    Reps are told apart by e-mail, else by name; a call that gives the name only is of the rep of
    that name, unless there are two.
    """
    known = sorted(heard, key=lambda h: h.call_id)
    emails: dict[str, set[str]] = {}
    for one in known:
        if one.email:
            emails.setdefault(folded(one.name), set()).add(folded(one.email))
    reps: dict[str, list[Heard]] = {}
    for one in known:
        of_name = emails.get(folded(one.name), set())
        key = min(of_name) if not one.email and len(of_name) == 1 else folded(one.email or one.name)
        reps.setdefault(key, []).append(one)
    return tuple(
        EnrolledVoice(
            name=min(h.name for h in calls),
            email=next((h.email for h in calls if h.email), None),
            embedding=_mean([h.embedding for h in calls]),
        )
        for _, calls in sorted(reps.items())
    )


def match_voices(
    embeddings: Mapping[str, Embedding], enrolled: Iterable[EnrolledVoice], facts: Facts
) -> dict[str, VoiceMatch]:
    """Return which voices of a mono call are a rep's.

    A rep has one voice in a call, and where the facts name the call's rep it can be nobody else's.
    Whatever is not clearly a rep's voice is left out.

    Args:
        embeddings: Voice (``voice 1`` ...) to its embedding.
        enrolled: What reps sound like.
        facts: What is known about the call.
    """
    reps = tuple(enrolled)
    voices = sorted(key for key in embeddings if key.startswith("voice "))
    if not reps or not voices:
        return {}
    cosines = np.array([embeddings[v] for v in voices]) @ np.array([r.embedding for r in reps]).T
    found: dict[str, VoiceMatch] = {}
    for at, rep in enumerate(reps):
        best = int(cosines[:, at].argmax())
        others = np.delete(cosines[best], at)
        rivals = np.delete(cosines[:, at], best)
        cosine = float(cosines[best, at])
        margin = cosine - max([*others.tolist(), *rivals.tolist(), -1.0])
        if cosine >= ALIKE and margin >= CLEARLY and _may_be(rep, facts):
            sure = min(_SUREST, _SURE + 2 * (cosine - ALIKE))
            found[voices[best]] = VoiceMatch(rep.name, round(sure, 3))
    return found


def _may_be(rep: EnrolledVoice, facts: Facts) -> bool:
    """Whether a call's facts leave room for this rep."""
    if facts.rep_email and rep.email:
        return folded(facts.rep_email) == folded(rep.email)
    return not facts.rep or folded(facts.rep) == folded(rep.name)


def _mean(embeddings: list[Embedding]) -> Embedding:
    # Rounded, so that the last bits of a sum are no reason to attribute every call again.
    return tuple(round(float(x), 6) for x in unit(np.array(embeddings, dtype=np.float64).mean(axis=0)))
