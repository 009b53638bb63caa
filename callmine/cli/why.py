"""Print why a finding is there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from callmine.cli.common import echo, printable, replaced_by
from callmine.domain import Json
from callmine.spans import clock

if TYPE_CHECKING:
    from callmine.extractors.explain import NameFound, Near, ReadAgain
    from callmine.operations.explanation import Explanation

_SAYS = {"missed": "missed by callmine, added as", "nothing": "no objection in this turn", "label": "it is"}
"""How a person's word is told; the others are told as they are."""


def tell(found: Explanation, timezone: str) -> None:
    """Print an explanation; instants are shown in ``timezone``."""
    for line in _lines(found, timezone):
        echo(printable(line))


def _lines(found: Explanation, timezone: str) -> Iterator[str]:
    row = found.finding
    label = row.label if row.label == row.found_label else f"{row.label} [found as {row.found_label}]"
    yield f"{row.finding_id}  {row.kind}:{label}  {row.role}  {row.source} @ {clock(row.play_ms)}"
    yield f"    “{row.utterance[: row.start]}[{row.text}]{row.utterance[row.end :]}”"
    yield from _standing(found, timezone)
    if found.read_again:
        yield from _words(found.read_again, row.found_label or row.label)
    if found.name:
        yield from _name(found.name)
    if found.tracker:
        how = "letter by letter" if found.tracker["letter_by_letter"] else "with another ending"
        yield f"words        “{found.tracker['phrase']}” of the playbook, {how}"
    if found.message:
        yield "message      {id}: “{text}”".format(**found.message) + _alike(found.message)
        yield (
            "             or by its words: {worded:.2f} of them are said, the rarer the more they count"
            " (taken for it from {worded_from:.2f} on)".format(**found.message)
        )
    if found.takes_up:
        at = clock(found.takes_up["play_ms"])
        yield (
            "takes up     {finding_id}  “{text}” @ ".format(**found.takes_up) + at + _alike(found.takes_up)
        )
    for answered in found.answers:
        yield f"answers      {answered['finding_id']}  {answered['label']}  “{answered['text']}”"
    yield from _nearest(found.nearest, found.finding.kind)
    for note in found.notes:
        yield f"note         {note}"


def _standing(found: Explanation, timezone: str) -> Iterator[str]:
    """Yield score, verdicts, extractor and playbook."""
    from callmine.operations.days import local_time

    score, made, used = found.score, found.made_by, found.playbook
    least = f"found from {score.threshold:.2f} on, " if score.threshold is not None else ""
    yield f"score        {score.value:.2f}: {least}sure enough to count from {score.counts_from:.2f} on"
    standing = found.standing
    yield f"counts       {'yes' if standing.counts else 'no'}: {'; '.join(standing.because)}"
    for said in found.people:
        by, at = said["by"] or "somebody", local_time(said["at"], timezone)
        yield f"people       {_said(said)}, by {by}, {at}"
    if found.second_reader:
        says = "{verdict} as {label} by {model}".format(**found.second_reader)
        overruled = " (a person's word goes above it)" if found.finding.verdict else ""
        yield f"second read  {says}{overruled}"
    version = f"{made.name}/{made.version}"
    if made.version_today not in (None, made.version):
        version += f" (today's is {made.version_today})"
    told = ", ".join(f"{key} {value}" for key, value in made.settings.items())
    yield f"found by     {version}" + (f"; today's settings: {told}" if told else "")
    which = "today's" if used.is_todays else "not today's"
    since = f", first used {local_time(used.first_used_at, timezone)}" if used.first_used_at else ""
    yield f"playbook     {used.version}, {which}{since}"


def _said(said: Json) -> str:
    """Return what a person said, in words."""
    if said["verdict"] == "replaced":
        return replaced_by(said["replaced_by"])
    if said["replaces"]:
        return f"{said['label'] or said['verdict']}, in other words than {said['replaces']}"
    return " ".join(filter(None, (_SAYS.get(said["verdict"], said["verdict"]), said["label"])))


def _words(again: ReadAgain, label: str) -> Iterator[str]:
    """Yield what the utterance reads as today, and the words that decide."""
    share = (
        f", and if so {again.label_share:.2f} that it is {label}" if again.label_share is not None else ""
    )
    yield f"read again   {again.score:.2f} that it is {_A[again.question]}{share}, with today's model"
    if not again.words:
        yield "words        no word decides alone"
        return
    yield "words        without them the log-odds fall by" + (
        f" (in brackets: those of {label}; below 0 they rise)" if again.label_share is not None else ""
    )
    for word in again.words:
        of_label = f" ({word.label_log_odds:+.2f})" if word.label_log_odds is not None else ""
        yield f"    {word.log_odds:.2f}{of_label}  “{word.text}”"


_UNJUDGED = "no other one that people judged right and today's model read"
_NONE = {
    "objection": f"no examples in the playbook, and {_UNJUDGED}",
    "tracker": "no examples in the playbook",
    **dict.fromkeys(("positioning", "request", "answer"), _UNJUDGED),
}
"""What there could have been to compare a finding of a kind with."""

_A = {"objection": "an objection", "positioning": "positioning", "request": "a request"}


def _name(name: NameFound) -> Iterator[str]:
    """Yield how a name matched and what adds up to its score."""
    how = {"name": "the name", "alias": "an alias", "heard_as": "a confirmed spelling"}
    by_sound = f"sounds like “{name.form}”, likeness {name.likeness:.2f}"
    yield "matched      " + (by_sound if name.match == "sound" else f"“{name.form}”, {how[name.match]}")
    yield f"log-odds     {name.log_odds:+.2f}, a score of {name.score:.2f}, with today's model"
    for part in name.parts:
        yield f"    {part.odds:+.2f}  {part.what}" + (f": “{part.words}”" if part.words else "")

    for what, choice in (("relation", name.relation), ("stance", name.stance)):
        if choice is not None:
            other = f"else {choice.other} {choice.other_chance:.2f}"
            yield f"{what:<13}{choice.answer} {choice.chance:.2f}, {other}"
    if name.relation is None:
        yield "relation     not read here: it counts as mentioned, the stance as neutral"


def _alike(found: Json) -> str:
    """Return how like it something is, and from where on it is taken for the same."""
    return ", likeness {likeness:.2f} (taken for it from {alike_from:.2f} on)".format(**found)


def _nearest(nearest: tuple[Near, ...], kind: str) -> Iterator[str]:
    """Yield the nearest examples; that there are none is said where there could be some."""
    if not nearest:
        if kind in _NONE:
            yield f"nearest      nothing to compare with: {_NONE[kind]}"
        return
    yield "nearest      how like it (0 to 1)"
    for near in nearest:
        where = f"{near.source} @ {clock(near.play_ms or 0)}, " if near.source else ""
        yield f"    {near.likeness:.2f}  {near.label}  “{near.text}”  ({where}{near.origin})"
