"""What is said in the calls of a deal: its traits at their places, and ordinary talk around them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from benchmarks.year import effects, sayings
from benchmarks.year.calls import Meeting
from benchmarks.year.chance import Chance
from benchmarks.year.values import EARLY_STAGES, Said, TrueDeal, Turn

AGAIN = 0.22
"""How often something said early is said again in each later call before the close."""

_SPAN = re.compile(r"\[\[(.*?)\]\]")
Line = Callable[["_Script"], None]


@dataclass
class _Script:
    """The turns of one call while they are written."""

    chance: Chance
    voices: int
    turns: list[Turn] = field(default_factory=list)

    def say(
        self,
        speaker: int,
        words: str,
        kind: str = "",
        label: str = "",
        detail: Mapping[str, object] | None = None,
    ) -> int:
        """Add a turn, with a finding on the marked words if it is of a kind; return its position."""
        text, said = words, ()
        if found := _SPAN.search(words):
            text = words[: found.start()] + found[1] + words[found.end() :]
            start, end = found.start(), found.start() + len(found[1])
        else:
            start, end = 0, len(words)
        if kind:
            said = (Said(kind, label, start, end, self.score(), dict(detail or {})),)
        self.turns.append(Turn(speaker, text, said))
        return len(self.turns) - 1

    def answer(self, kind: str, to: int) -> None:
        """Let the rep answer an objection, and the buyer take it one way or the other."""
        detail: dict[str, object] = {"type": kind, "accepted": "unclear"}
        taken = self.chance.real()
        verdict = (
            "yes" if taken < (yes := sayings.ACCEPTED[kind]) else "no" if taken < (1 + yes) / 2 else ""
        )
        if verdict:
            detail |= {"accepted": verdict, "shown_in": to + 2}
        text = self.chance.pick(sayings.ANSWERS[kind])
        said = Said("answer", kind, 0, len(text), self.score(), detail, (to,))
        self.turns.append(Turn(0, text, (said,)))
        self.say(
            self.buyer(), sayings.REACTIONS[verdict] if verdict else "Hm. And the reports, where are they?"
        )

    def buyer(self) -> int:
        """Return one of the buyers' voices."""
        return 1 + self.chance.below(self.voices)

    def score(self) -> float:
        """Return a score that is counted everywhere."""
        return round(0.9 + 0.09 * self.chance.real(), 3)


def talk_of(
    chance: Chance, meetings: Sequence[Meeting], voices: Sequence[int], labels: Sequence[str]
) -> list[tuple[Turn, ...]]:
    """Return the turns of each call of one deal, or of one stranger.

    Args:
        chance: Source of chance.
        meetings: The recorded calls of one deal in order; their own people are internal ones.
        voices: How many buyers speak in each.
        labels: Extra labels without effect.
    """
    deal = meetings[0].deal if meetings else None
    lines: list[list[Line]] = [[] for _ in meetings]
    if deal is None:
        for here in lines:
            here.append(lambda script: void(script.say(1, chance.pick(sayings.STRANGER))))
    else:
        _place_traits(chance, deal, meetings, lines, labels)
        _place_nulls(chance, deal, meetings, lines, labels)
    chatty = deal is not None and "chatty" in deal.traits
    return [
        _written(chance, here, max(count, 1), chatty=chatty)
        for here, count in zip(lines, voices, strict=True)
    ]


def void(_: object) -> None:
    """Forget a value: lines return none."""


def _open(meetings: Sequence[Meeting], stages: Sequence[str]) -> list[int]:
    """Return the calls with buyers before the close in some stages."""
    return [at for at, m in enumerate(meetings) if m.kind in ("deal", "early") and m.stage in stages]


def _place_traits(
    chance: Chance,
    deal: TrueDeal,
    meetings: Sequence[Meeting],
    lines: list[list[Line]],
    labels: Sequence[str],
) -> None:
    """Put whatever a deal has into the call where its moment is, and some of it into later ones again.

    The moment is a stage, drawn before the deal's course: picking one of the calls that there came to be
    would let a deal that ended early say in its only call what another spreads over four.
    """
    spoken = [_line(chance, deal, trait) for trait in sorted(deal.traits)]
    for number, label in enumerate(labels):
        sort, share = effects.theme_share(labels, label)
        boost = effects.CHATTY_SAYS if "chatty" in deal.traits else 1.0
        if sort == "deal" and chance.hit(effects.more_often(share, boost)):
            spoken.append((EARLY_STAGES, _theme(chance, label, number)))
    for stages, line in spoken:
        moment = stages[chance.below(len(stages))]
        if line is None or not (then := _open(meetings, stages[stages.index(moment) :])):
            continue
        first = then[0]
        lines[first].append(line)
        for at in range(first + 1, len(meetings)):
            if meetings[at].kind == "deal" and chance.hit(AGAIN):
                lines[at].append(line)


def _line(chance: Chance, deal: TrueDeal, trait: str) -> tuple[Sequence[str], Line | None]:
    kind, _, name = trait.partition(":")
    stages: Sequence[str] = ("Demo",) if trait == "objection:implementation" else EARLY_STAGES
    if kind == "objection":
        price = next((t.partition(":")[2] for t in deal.traits if t.startswith("answer:")), "")
        return stages, _objection(chance, name, price if name == "price" else "")
    if kind == "message":
        return stages, lambda script: void(
            script.say(
                0,
                chance.pick(sayings.MESSAGES[name]),
                "positioning",
                "rep",
                {"side": "rep", "sort": "value", "message": name},
            )
        )
    if kind == "competitor":
        return stages, _competitor(chance, name)
    if kind == "phrase":
        return stages, lambda script: void(
            script.say(
                script.buyer(),
                sayings.PHRASED.format(phrase=name),
                "positioning",
                "prospect",
                {"side": "prospect", "sort": "success"},
            )
        )
    return stages, None


def _objection(chance: Chance, label: str, answered: str = "") -> Line:
    def line(script: _Script) -> None:
        at = script.say(script.buyer(), chance.pick(sayings.OBJECTIONS[label]), "objection", label)
        if answered:
            script.answer(answered, at)
        elif chance.hit(0.6):
            script.answer(chance.pick(tuple(sayings.ANSWERS)), at)

    return line


def _competitor(chance: Chance, name: str) -> Line:
    def line(script: _Script) -> None:
        relation, stance, words = chance.pick(sayings.COMPETITORS)
        detail = {"relation": relation, "stance": stance, "match": "name"}
        script.say(script.buyer(), words.format(name=name), "competitor", name, detail)
        if chance.hit(0.3):
            detail = {"relation": "mentioned", "stance": "neutral", "match": "name"}
            script.say(0, sayings.REP_NAMES.format(name=name), "competitor", name, detail)

    return line


def _theme(chance: Chance, label: str, number: int) -> Line:
    words = sayings.THEME.format(word=sayings.theme_word(number))
    return lambda script: void(script.say(script.buyer(), words, "objection", label))


def _place_nulls(
    chance: Chance,
    deal: TrueDeal,
    meetings: Sequence[Meeting],
    lines: list[list[Line]],
    labels: Sequence[str],
) -> None:
    """Put what has no effect where it belongs: late stages, after the close, any call."""
    boost = effects.CHATTY_SAYS if "chatty" in deal.traits else 1.0
    late = {"integration": ("Evaluation",), "contract": ("Proposal", "Negotiation")}
    for null in effects.NULLS:
        where = _open(meetings, late[null.label]) if null.label in late else []
        if null.trap == "leakage":
            won = null.label == "feature_gap"
            stage = "Closed Won" if won else "Closed Lost"
            where = [at for at, m in enumerate(meetings) if m.kind == "after" and m.stage == stage]
        if where and chance.hit(effects.more_often(null.share, boost)):
            lines[chance.pick(where)].append(_objection(chance, null.label))
    by_call = [
        (number, label, effects.theme_share(labels, label)[1])
        for number, label in enumerate(labels)
        if effects.theme_share(labels, label)[0] == "call"
    ]
    for at, meeting in enumerate(meetings):
        if meeting.kind == "internal":
            continue
        if meeting.kind == "after" and deal.outcome == "lost_competitor" and chance.hit(0.5):
            lines[at].append(_chosen(deal.rival))
        if meeting.kind != "after":
            for number, label, share in by_call:
                if chance.hit(effects.more_often(share, boost)):
                    lines[at].append(_theme(chance, label, number))
        if chance.hit(0.5):
            lines[at].append(
                lambda script: void(
                    script.say(script.buyer(), chance.pick(sayings.REQUESTS), "request", "content")
                )
            )
        for _ in range(chance.weighted((0, 1, 2), (0.1, 0.4, 0.5))):
            lines[at].append(lambda script: void(_pain(chance, script)))
        for _ in range(chance.weighted((0, 1, 2, 3), (0.2, 0.3, 0.3, 0.2))):
            lines[at].append(lambda script: void(_claim(chance, script)))


def _chosen(rival: str) -> Line:
    detail = {"relation": "chosen", "stance": "positive", "match": "name"}
    words = sayings.CHOSEN.format(name=rival)
    return lambda script: void(script.say(script.buyer(), words, "competitor", rival, detail))


def _pain(chance: Chance, script: _Script) -> int:
    sort, words = chance.pick(sayings.POSITIONING)
    return script.say(script.buyer(), words, "positioning", "prospect", {"side": "prospect", "sort": sort})


def _claim(chance: Chance, script: _Script) -> int:
    detail = {"side": "rep", "sort": "value"}
    return script.say(0, chance.pick(sayings.CLAIMS), "positioning", "rep", detail)


def _written(chance: Chance, lines: list[Line], voices: int, *, chatty: bool) -> tuple[Turn, ...]:
    """Write a call: its lines in any order, with ordinary talk before each of some of them."""
    script = _Script(chance, voices)
    script.say(0, chance.pick(sayings.REP_FILLER))
    script.say(script.buyer(), chance.pick(sayings.FILLER))
    order = sorted((chance.real(), at) for at in range(len(lines)))
    for _, at in order:
        if chance.hit(0.4):
            script.say(0, chance.pick(sayings.REP_FILLER))
        lines[at](script)
    for _ in range(chance.between(1, 5) if chatty else chance.between(0, 2)):
        script.say(script.buyer(), chance.pick(sayings.CHATTER if chatty else sayings.FILLER))
    script.say(0, chance.pick(sayings.REP_FILLER))
    return tuple(script.turns)
