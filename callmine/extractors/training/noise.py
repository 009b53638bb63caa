"""The noise that real transcripts have, put on labelled conversations; marks stay on their words."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from callmine.domain import Role
from callmine.extractors.training.scripts import Labelled, Mark, Name, Script

_FILLERS = ("uh", "um", "you know", "i mean", "like", "well", "so", "yeah")

_SYLLABLES = (
    "bra cor del fen gra hol ju kes lum mor nex or pel qua ren sol tav ul ver wex yor zen ti ro la mi no va"
    " ski dex lo ra bit sen ka vo ple dri sta fin"
)
_WORDS = (
    "Compass Harbor Beacon Anchor Summit Bridge Pulse Signal Atlas Canvas Ledger Orbit Relay Spark Echo"
    " Lantern Mosaic Pilot Scout Prism Ripple Clover Maple Falcon Nimbus Slate Ember Thrive Monday Friday"
    " Sunday April March Close Front Drift Loop Pipe Square Box Stack Notion Outreach Pitch Linear Base"
    " Copper Ramp Wave Bloom Fresh Sage Hive Chorus Drive Process Insight Point Level Circle"
)

NAMES_THAT_ARE_WORDS = frozenset(_WORDS.casefold().split())
"""Ordinary words that rivals are named after here; where they are not, they are asked about, too."""


_REDACTED = {
    "NAME": "PERSON_NAME",
    "PLACE": "LOCATION",
    "ADDRESS": "LOCATION",
    "AMOUNT": "MONEY_AMOUNT",
    "COMPANY": "ORGANIZATION",
    "NUMBER": "PHONE_NUMBER",
}
"""What transcription services call what they take out."""


@dataclass(frozen=True, slots=True)
class Noise:
    """How often each kind of noise is put on a conversation, 0..1."""

    no_roles: float = 0.3
    no_phone_roles: float = 0.8
    redacted: float = 0.3
    one_role: float = 0.04
    plain: float = 0.3
    stumbling: float = 0.3
    renamed: float = 0.6


def noisy(script: Script, rng: random.Random, noise: Noise = Noise()) -> Script:
    """Return the conversation as a worse recording might give it.

    Roles get lost together (a mono call, as most on the telephone) or one by one, punctuation and case go,
    words are dropped, doubled or preceded by fillers, what is personal is replaced by marks, and rivals
    have other names, the same throughout the call.
    """
    turns: Sequence[Labelled] = script.turns
    if rng.random() < noise.renamed:
        turns = renamed(turns, rng)
    if rng.random() < noise.redacted:
        turns = redacted(turns, rng)
    if rng.random() < (noise.no_phone_roles if script.by_phone else noise.no_roles):
        turns = [replace(t, role=Role.UNKNOWN) for t in turns]
    else:
        turns = [replace(t, role=Role.UNKNOWN) if rng.random() < noise.one_role else t for t in turns]
    if rng.random() < noise.plain:
        turns = [plain(t) for t in turns]
    if rng.random() < noise.stumbling:
        turns = [stumbling(t, rng) for t in turns]
    return replace(script, turns=tuple(turns))


def plain(turn: Labelled) -> Labelled:
    """Return the turn as a recogniser without punctuation writes it."""
    return _mapped(turn, [re.sub(r"[^\w\s'%$€£]", " ", w.lower()).split() for w in turn.words])


def stumbling(turn: Labelled, rng: random.Random) -> Labelled:
    """Drop, double or precede words as hesitant speech and recognisers do."""
    words: list[list[str]] = []
    for word in turn.words:
        draw = rng.random()
        if draw < 0.03 and len(turn.words) > 2:
            words.append([])
        elif draw < 0.05:
            words.append([word, word])
        elif draw > 0.97:
            words.append([*rng.choice(_FILLERS).split(), word])
        else:
            words.append([word])
    return _mapped(turn, words)


def renamed(turns: Sequence[Labelled], rng: random.Random) -> list[Labelled]:
    """Give the rivals of a conversation other names, each the same one wherever it is said."""
    new: dict[str, list[str]] = {}
    found = []
    for turn in turns:
        words: list[list[str]] = [[w] for w in turn.words]
        for name in turn.names:
            said = turn.words[name.start : name.end]
            bare = [re.sub(r"(?:'s|’s)?\W*$", "", w) for w in said]
            key = " ".join(bare).casefold()
            tail = said[-1][len(bare[-1]) :]
            if key not in new:
                new[key] = invented(rng)
            parts = [w.lower() for w in new[key]] if key == " ".join(bare) else list(new[key])
            words[name.start : name.end] = [[*parts[:-1], parts[-1] + tail], *([] for _ in said[1:])]
        found.append(_mapped(turn, words))
    return found


def redacted(turns: Sequence[Labelled], rng: random.Random) -> list[Labelled]:
    """Replace names, numbers and the data's own ``(NAME)`` by marks, in one redactor's style."""
    style, several = rng.choice(("[{}]", "[{}]", "<{}>", "({})", "{{{}}}")), rng.random() < 0.4
    long = rng.random() < 0.6

    def mark(kind: str) -> list[str]:
        word = style.format(_REDACTED.get(kind, kind) if long else kind)
        return [word] * (rng.choice((1, 1, 2, 3)) if several else 1)

    found = []
    for turn in turns:
        taken = {i for name in turn.names for i in range(name.start, name.end)}
        words = []
        for i, word in enumerate(turn.words):
            bare = re.fullmatch(r"\(([A-Z]+)\)(\W*)", word)
            if bare:
                marks = mark(bare[1])
                words.append([*marks[:-1], marks[-1] + bare[2]])
            elif i in taken or rng.random() < 0.3:
                words.append([word])
            elif any(c.isdigit() for c in word):
                words.append(mark("AMOUNT"))
            elif i and word[0].isupper() and len(word) > 2 and turn.words[i - 1][-1] not in ".?!":
                words.append(mark("NAME"))
            else:
                words.append([word])
        found.append(_mapped(turn, words))
    return found


def invented(rng: random.Random) -> list[str]:
    """Return the words of a made-up name; three in ten are ordinary words."""
    draw = rng.random()
    if draw < 0.3:
        return [rng.choice(_WORDS.split())]
    name = "".join(rng.choice(_SYLLABLES.split()) for _ in range(rng.choice((2, 2, 3)))).capitalize()
    if draw < 0.85:
        return [name]
    return [name, rng.choice(("Cloud", "Systems", "Pro", "One", "Software", "Group", *_WORDS.split()[:6]))]


def _mapped(turn: Labelled, words: Sequence[Sequence[str]]) -> Labelled:
    """Replace each word by others, moving the marks along; marks that lose all their words stay out."""
    starts: list[int] = []
    flat: list[str] = []
    for group in words:
        starts.append(len(flat))
        flat += group
    starts.append(len(flat))
    if not flat:
        return turn
    marks = (Mark(starts[m.start], starts[m.end], m.labels) for m in turn.marks)
    names = (Name(starts[n.start], starts[n.end], n.relation, n.stance) for n in turn.names)
    return replace(
        turn,
        words=tuple(flat),
        marks=tuple(m for m in marks if m.start < m.end),
        names=tuple(n for n in names if n.start < n.end),
    )
