"""Whether objections' answers are found, which kind they are of, and how they were taken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.quality.gold import Found, Gold, Labels
from benchmarks.quality.tables import HEADER, line
from callmine.domain import ANSWER_KINDS, Kind, Mention
from callmine.extractors.answers import REACH, REACTION_REACH, AnswerFinder
from callmine.extractors.encoder import Encoder

TAKEN = {"accepted": "yes", "not_accepted": "no"}
"""How the gold lines and the findings say how an answer was taken."""


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to an objection.

    Attributes:
        turn: Number of the utterance that answers.
        kind: Which kind of answer it is.
        taken: ``yes`` or ``no``; anything else where nothing shows it.
    """

    turn: int
    kind: str
    taken: str


Replies = Mapping[int, Reply]
"""The answers found, by the number of the utterance that objects."""

Wanted = Mapping[int, Mapping[int, Reply]]
"""By the number of the utterance that objects the turns that answer it, by their numbers."""


def answers_part(gold: Gold, ours: Found, encoder: Encoder) -> list[str]:
    """Return the tables of answers: with the objections as labelled, and as callmine finds them."""
    wanted = labelled(gold)
    given = replies(gold, gold.wanted, encoder)
    end_to_end = replies(gold, ours.objections(), encoder)
    both = (("labelled", given), ("found", end_to_end))
    out = [
        f"Answers; the unit is an utterance that objects. Of the turns that answer it (up to {REACH} on,"
        " and up to the next objection that comes after an answer) callmine reports one, and any of them"
        " is right:",
        "",
        HEADER,
    ]
    for title, found in both:
        out.append(answered_line(f"an answer, objections as {title}", wanted, found))
        out.append(kind_line(f"of the right kind, objections as {title}", wanted, found))
    out += ["", "Kinds of answer, objections as labelled:", "", HEADER]
    out += [kind_line(kind, wanted, given, kind=kind) for kind in ANSWER_KINDS]
    out += ["", "How the answer was taken:", "", HEADER]
    for title, found in both:
        for name, taken in TAKEN.items():
            shown = name.replace("_", " ")
            out.append(taken_line(f"{shown}, objections as {title}", wanted, found, taken))
    return out


def labelled(gold: Gold) -> Wanted:
    """Return which turns answer each utterance that objects, as labelled.

    Those are the turns within reach that are marked as an answer, up to the next objection that comes
    after one of them: from there on they may answer that. How an answer was taken is what the first mark
    within its reach says.
    """
    found: dict[int, dict[int, Reply]] = {}
    for call in gold.calls():
        for number in call:
            if not gold.items[number].objections:
                continue
            turns: dict[int, Reply] = {}
            for at in range(number + 1, min(number + 1 + REACH, call.stop)):
                if turns and gold.items[at].objections:
                    break
                if kind := gold.rows[at].get("answer"):
                    turns[at] = Reply(at, kind, _marked(gold, at, call))
            found[number] = turns
    return found


def _marked(gold: Gold, answer: int, call: range) -> str:
    """Return how an answer was taken by the first mark after it."""
    for at in range(answer + 1, min(answer + 1 + REACTION_REACH, call.stop)):
        if reaction := gold.rows[at].get("reaction"):
            return TAKEN[reaction]
    return ""


def replies(gold: Gold, objections: Labels, encoder: Encoder) -> Replies:
    """Return the answers that callmine finds to given objections, call by call."""
    finder = AnswerFinder(encoder)
    passages = [item.passage for item in gold.items]
    readings = encoder.read(passages)
    found: dict[int, Reply] = {}
    for call in gold.calls():
        said = passages[call.start : call.stop]
        encoder.remember(said, readings[call.start : call.stop])
        raised = [_mentions(labels) for labels in objections[call.start : call.stop]]
        for answer in finder.find(said, raised):
            taken = str(answer.mention.detail["accepted"])
            reply = Reply(call.start + answer.number, answer.mention.label, taken)
            found |= dict.fromkeys((call.start + number for number in answer.objections), reply)
    return found


def _mentions(labels: frozenset[str]) -> Sequence[Mention]:
    return [Mention(Kind.OBJECTION, label, 0, 1, 1.0) for label in sorted(labels)]


def answered_line(name: str, wanted: Wanted, found: Replies) -> str:
    """Return the row of "an answer", whatever its kind."""
    hits = sum(reply.turn in wanted.get(number, ()) for number, reply in found.items())
    return line(name, hits, len(found), sum(map(bool, wanted.values())))


def kind_line(name: str, wanted: Wanted, found: Replies, *, kind: str = "") -> str:
    """Return the row of one kind of answer, or of all where none is named."""
    true = {number: reply for number in wanted if (reply := _counting(wanted, found, number))}
    hits = sum(
        (reply.turn, reply.kind) == (true[number].turn, true[number].kind)
        for number, reply in found.items()
        if number in true and kind in ("", reply.kind)
    )
    reported = sum(kind in ("", reply.kind) for reply in found.values())
    return line(name, hits, reported, sum(kind in ("", reply.kind) for reply in true.values()))


def taken_line(name: str, wanted: Wanted, found: Replies, taken: str) -> str:
    """Return the row of the objections whose answer was taken so; unclear is no finding."""
    true = [
        number for number in wanted if (reply := _counting(wanted, found, number)) and reply.taken == taken
    ]
    reported = [number for number, reply in found.items() if reply.taken == taken]
    return line(name, len(set(true).intersection(reported)), len(reported), len(true))


def _counting(wanted: Wanted, found: Replies, number: int) -> Reply | None:
    """Return which labelled answer of an objection counts: the one found, else the first."""
    turns, reply = wanted[number], found.get(number)
    if reply and reply.turn in turns:
        return turns[reply.turn]
    return next(iter(turns.values()), None)
