"""``python -m benchmarks.quality.bars``: what meanings tell apart from which cosine on.

The bars of approved messages, echoes and labels by example were chosen on these figures: on groups of
sentences that no training sees (``data/train/pairs/held_1.txt``), each behind turns of some held-out
call, as it would be said. Gold only says how good they are.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

import numpy as np

from benchmarks.quality.gold import ROOT
from callmine.domain import Role
from callmine.extractors.base import Passage, Turn
from callmine.extractors.encoder import Encoder
from callmine.extractors.examples import ExampleExtractor
from callmine.extractors.heads import Floats
from callmine.extractors.positioning import PositioningExtractor
from callmine.extractors.training.data import read_all, split
from callmine.extractors.training.groups import Group, read_pairs
from callmine.extractors.training.ordinary import ordinary_meanings
from callmine.extractors.training.scripts import Script
from callmine.playbook import Playbook

TRAIN = ROOT / "data" / "train"
HELD = TRAIN / "pairs" / "held_1.txt"

EXAMPLES = 5
"""Sentences of a group that a user would give as examples."""

STEPS = (0.25, 0.3, 0.32, 0.35, 0.4, 0.42, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8)

_ORDINARY = 40  # calls of which nothing is about any of the labels
_BEFORE = 3  # turns


class Talk:
    """Reads sentences as said in calls; which calls is drawn, the same each time."""

    def __init__(self, encoder: Encoder, calls: Sequence[Script]) -> None:
        self.encoder = encoder
        self._calls = calls
        self._rng = random.Random(5)

    def said(self, text: str, role: Role) -> tuple[Floats, Floats]:
        """Return features and meanings of a sentence behind some turns of a call."""
        call = self._rng.choice(self._calls).turns
        first = self._rng.randrange(len(call) - _BEFORE)
        before = tuple(Turn(t.role, t.text) for t in call[first : first + _BEFORE])
        (reading,) = self.encoder.read([Passage(text, role, before)])
        return reading.features, reading.meanings

    def alone(self, text: str, role: Role) -> Floats:
        """Return what a sentence means by itself: a unit vector."""
        (reading,) = self.encoder.read([Passage(text, role)])
        mean: Floats = reading.meanings.mean(axis=0)
        return mean / np.linalg.norm(mean)

    def ordinary(self) -> Iterator[Floats]:
        """Yield the meanings of what others than reps say in the first calls."""
        for call in self._calls[:_ORDINARY]:
            yield from ordinary_meanings(self.encoder, call)


def main() -> None:
    """Print the tables; the argument is the folder of another model than the shipped one."""
    encoder = Encoder(Path(sys.argv[1])) if len(sys.argv) > 1 else Encoder()
    _, held = split(read_all(TRAIN))
    calls = [s for s in held if s.source.startswith(("calls_", "phone_")) and len(s.turns) > 25]
    groups = read_pairs(HELD)
    talk = Talk(encoder, calls)
    tables = [
        labels_by_example(talk, [g for g in groups if g.kind == "own label"]),
        messages(talk, [g for g in groups if g.kind == "message"]),
    ]
    sys.stdout.write("\n\n".join(tables) + "\n")


def labels_by_example(talk: Talk, groups: Sequence[Group]) -> str:
    """Return how many that fit, look-alikes and ordinary utterances are like a label's examples."""
    ordinary = list(talk.ordinary())
    fit: list[float] = []
    like: list[float] = []
    false: list[float] = []
    for group in groups:
        finder = ExampleExtractor(talk.encoder)
        finder.setup(playbook_of(group))

        def alike(meanings: Floats, finder: ExampleExtractor = finder) -> float:
            return float(finder.likeness(meanings).max())

        fit += [alike(talk.said(text, Role.PROSPECT)[1]) for text in group.same[EXAMPLES:]]
        like += [alike(talk.said(text, Role.PROSPECT)[1]) for text in group.others]
        false += [alike(meanings) for meanings in ordinary]
    lines = [
        f"{len(groups)} labels by {EXAMPLES} examples: {len(fit)} that fit, {len(like)} look-alikes,"
        f" {len(ordinary)} ordinary utterances",
        "from  fit  look-alikes  of 1,000 ordinary utterances, for one label",
    ]
    for bar in STEPS:
        shares = [float(np.mean(np.asarray(part) >= bar)) for part in (fit, like, false)]
        lines.append(f"{bar:.2f}  {shares[0]:.2f}  {shares[1]:.2f}  {1000 * shares[2]:.1f}")
    return "\n".join(lines)


def playbook_of(group: Group) -> Playbook:
    """Return a playbook with one label: the group's first sentences are its examples."""
    label = {"label": "their_own", "examples": list(group.same[:EXAMPLES])}
    return Playbook.model_validate({"company": {"name": "Acme Analytics"}, "objections": [label]})


def messages(talk: Talk, groups: Sequence[Group]) -> str:
    """Return how well reps' claims are told to be a company's messages, and echoes to take claims up.

    Groups of one company follow each other, and name the same as what is sold.
    """
    questions, least = talk.encoder.questions, talk.encoder.card()["thresholds"]["positioning"]
    echoing = PositioningExtractor(talk.encoder)
    claims: list[tuple[bool, float, bool]] = []  # right message, likeness, taken for positioning
    near: list[tuple[float, bool]] = []
    own: list[float] = []
    others: list[float] = []
    for _, members in groupby(groups, key=lambda g: g.about):
        company = list(members)
        meant = np.stack([talk.alone(group.message, Role.REP) for group in company])
        spoken = [talk.said(group.same[2], Role.REP)[1].mean(axis=0) for group in company]
        for number, group in enumerate(company):
            for text in (*group.same, *group.others):
                features, meanings = talk.said(text, Role.REP)
                likeness = (meanings @ meant.T).max(axis=0)
                best = int(likeness.argmax())
                taken = bool(questions.chances("positioning", features[None]) >= least)
                if text in group.same:
                    claims.append((best == number, float(likeness[best]), taken))
                elif best == number:  # look-alikes of one message may say another
                    near.append((float(likeness[best]), taken))
            for text in group.echoes:
                said = talk.said(text, Role.PROSPECT)[1]
                found = np.stack([echoing.echo_likeness(one, spoken) for one in said]).max(axis=0)
                own.append(float(found[number]))
                others += [float(one) for at, one in enumerate(found) if at != number]
    lines = [
        f"{len(groups)} messages: {len(claims)} claims, {sum(t for *_, t in claims)} of them taken for"
        f" positioning; {len(own)} echoes, each with one claim of every message before it",
        "from  claims: precision  recall  without asking for positioning  | echoes: own claim  another's",
    ]
    for bar in STEPS:
        cells = []
        for asked in (True, False):
            hit = sum(right for right, alike, taken in claims if alike >= bar and (taken or not asked))
            found_ = sum(alike >= bar and (taken or not asked) for _, alike, taken in claims)
            found_ += sum(alike >= bar and (taken or not asked) for alike, taken in near)
            cells.append(f"{hit / max(1, found_):.2f}  {hit / len(claims):.2f}")
        echoes = [float(np.mean(np.asarray(part) >= bar)) for part in (own, others)]
        lines.append(f"{bar:.2f}  {cells[0]}  {cells[1]}  | {echoes[0]:.2f}  {echoes[1]:.3f}")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
