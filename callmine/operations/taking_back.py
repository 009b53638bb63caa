"""A transcript that a person corrected comes back; all of it is taken, or nothing."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from callmine.domain import Edit, Role, Speaker, Utterance
from callmine.errors import UsageError
from callmine.formats.captions import speaker_names
from callmine.formats.editing import (
    EditedTranscript,
    EditedTurn,
    as_written,
    check_of,
    mark_of,
    read_edited,
    shown,
)
from callmine.store import Store


@dataclass(frozen=True, slots=True)
class Correction:
    """What a corrected transcript brought: its file, its call, and how many turns it changed.

    ``source`` is empty where the call was deleted. ``notes`` say what of the file was left aside
    on purpose, with its line where it is one line.
    """

    file: str
    source: str
    turns: int
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class PresentTurn:
    """A turn as people left it: corrections that wait for the next run are in it."""

    start_ms: int
    end_ms: int
    role: Role
    speaker: str
    text: str


def names_beside_roles(speakers: Sequence[Speaker]) -> dict[str, str]:
    """Return the names to show beside the role, which says the rest."""
    names = speaker_names(speakers)
    return {key: name for key, name in names.items() if name.casefold() not in set(Role)}


def present_turns(utterances: Sequence[Utterance], edits: Sequence[Edit]) -> list[PresentTurn]:
    """Return the turns with every edit applied, those in which nothing was said included.

    An edit that was applied by a run before finds no turn that says what it was about, or the
    chain of edits leads to where it led before; so it does no harm to follow all of them again.
    """
    turns = [PresentTurn(u.start_ms, u.end_ms, u.role, u.speaker, u.text) for u in utterances]
    known = {(turn.start_ms, turn.end_ms) for turn in turns}
    for edit in edits:
        place = edit.start_ms, edit.end_ms
        if place not in known and not edit.text:  # emptied by a run before: there to be filled again
            turns.append(PresentTurn(*place, Role.UNKNOWN, Role.UNKNOWN.value, ""))
            known.add(place)
        same = [t for t in turns if (t.start_ms, t.end_ms) == place and t.text == edit.heard]
        if len(same) == 1:
            same[0].text = edit.text
            same[0].role = edit.role or same[0].role
    # After a new transcription what was filled again may stand where the new words are.
    heard = turns[: len(utterances)]
    added = [t for t in turns[len(utterances) :] if not any(_is_in(t, other) for other in heard)]
    return sorted([*heard, *added], key=lambda turn: turn.start_ms)


def _is_in(turn: PresentTurn, other: PresentTurn) -> bool:
    together = turn.start_ms <= other.end_ms and turn.end_ms >= other.start_ms
    return together and turn.text == other.text


def take_back(store: Store, path: Path, *, again: bool = True) -> Correction:
    """Store what a person changed in a transcript, all of it or nothing; the next run applies it.

    Only what differs from what callmine had written counts, so an old file does not undo what
    others corrected since. Of two corrections of one turn the later one wins. Of a call without
    consent nothing is taken, and that is no fault of the file.

    Args:
        store: Where.
        path: The file.
        again: Whether to apply what this file asked for before and somebody changed since. Where
            files are looked at with every run, as in the inbox, only if it was saved after that.

    Raises:
        UnreadableTranscript: The file is damaged.
        UsageError: It is of a call that is not there, or that was transcribed anew since.
    """
    saved = _saved_at(path)  # before it is read: who saves it meanwhile is heard the next time
    edited = read_edited(path)
    call = store.call(edited.call_id)
    if store.is_refused(edited.call_id):
        # The file stays in the inbox: told until the call is deleted, not with every run after that.
        told = (_NO_CONSENT,) if again or call is not None else ()
        return Correction(path.name, call.source if call is not None else "", 0, told)
    if call is None:
        raise UsageError(
            f"{path.name}: there is no call {edited.call_id} here; it was removed, or belongs to another"
            " workspace: name that one with -w"
        )
    _, utterances, speakers = store.transcript(edited.call_id)
    edits = store.edits(edited.call_id)
    present = present_turns(utterances, edits)
    times = (datetime.fromisoformat(at).timestamp() for at in store.edit_times(edited.call_id))
    since = () if again else tuple(zip(edits, times, strict=True))[edited.corrections :]
    found: list[Edit] = []
    wrong = []
    for turn in edited.turns:
        text, role = _asked(turn, since, saved)
        if text is None and role is None:
            continue
        match = _find(turn, edited, present, edits)
        if match is None:
            wrong.append(f"{path.name}:{turn.line}: the turn at [{mark_of(turn.start_ms)}] {_GONE}")
        elif edit := _edit(text, role, match):
            found.append(edit)
            if sum(_same_place(other, match) for other in present) > 1:
                wrong.append(f"{path.name}:{turn.line}: two turns say this at the same time, and {_TWINS}")
    if wrong:
        more = f"; and {len(wrong) - 5} more" if len(wrong) > 5 else ""
        raise UsageError("; ".join(wrong[:5]) + more + f"; {_EXPORT.format(edited.call_id)}")
    store.add_edits(edited.call_id, found)
    # What the inbox holds is looked at with every run, and need not be told every time.
    notes = tuple(_renamed(path, edited, present, names_beside_roles(speakers))) if found or again else ()
    return Correction(path.name, call.source, len(found), notes)


_NO_CONSENT = "there is no consent to use its call, so nothing of the file was taken; delete the file"
_GONE = "is not there any more, or says something else since"
_EXPORT = "write the file again with `callmine transcript {} --format txt` and repeat the change"
_TWINS = "callmine cannot tell which one is corrected; leave this one as it was"


def _same_place(one: PresentTurn, other: PresentTurn) -> bool:
    return (one.start_ms, one.end_ms, one.text) == (other.start_ms, other.end_ms, other.text)


def place_of(path: Path, message: str) -> tuple[str, str]:
    """Return where something is wrong, ``call.txt:12``, and what, from an error's message."""
    match = re.match(r"(:\d+)?: ", message.removeprefix(path.name))
    if match is None or not message.startswith(path.name):
        return path.name, message
    return path.name + (match[1] or ""), message[len(path.name) + match.end() :]


def _saved_at(path: Path) -> float:
    """Return when a file was saved, in seconds; 0 where its date lies ahead and so says nothing."""
    saved = path.stat().st_mtime
    return saved if saved <= time.time() else 0.0


def _asked(
    turn: EditedTurn, since: Sequence[tuple[Edit, float]], saved: float
) -> tuple[str | None, Role | None]:
    """Return the words and the role a line asks for, ``None`` for what it does not, or is done.

    Args:
        turn: The line.
        since: What was edited since callmine wrote the file, and when.
        saved: When the file was saved.
    """
    here = [(edit, at) for edit, at in since if edit.start_ms == turn.start_ms]
    text = turn.text if check_of(turn.text) != turn.written else None
    role = turn.role if turn.role is not turn.was else None
    said = [(as_written(edit.text), at) for edit, at in here]
    given = [(edit.role, at) for edit, at in here if edit.role is not None]
    return (
        None if _is_done(text, said, saved) else text,
        None if _is_done(role, given, saved) else role,
    )


def _is_done(asked: str | None, since: Sequence[tuple[str, float]], saved: float) -> bool:
    """Return whether something was taken before, and is not asked for again after it was changed."""
    if all(asked != one for one, _ in since):
        return False
    last, at = since[-1]
    return last == asked or saved <= at


def _find(
    turn: EditedTurn, edited: EditedTranscript, present: Sequence[PresentTurn], edits: Sequence[Edit]
) -> PresentTurn | None:
    """Return the turn of today that a line is about: it says the same, or what people made of that."""
    made = {turn.written}
    for edit in edits:
        if edit.start_ms == turn.start_ms and check_of(edit.heard) in made:
            made.add(check_of(edit.text))
    here = [t for t in present if t.start_ms == turn.start_ms and check_of(t.text) in made]
    if len(here) > 1:  # several begin at once: the file has them in the same order
        lines = [t for t in edited.turns if t.start_ms == turn.start_ms and t.written == turn.written]
        exact = [t for t in here if check_of(t.text) == turn.written] or here
        return exact[lines.index(turn)] if len(exact) == len(lines) else None
    return here[0] if here else None


def _edit(text: str | None, role: Role | None, present: PresentTurn) -> Edit | None:
    """Return what the words and the role that a line asks for change in today's turn, if anything."""
    text = present.text if text is None else text
    role = role if role is not present.role else None
    if role is None and as_written(present.text) == as_written(text):
        return None
    return Edit(present.start_ms, present.end_ms, present.text, text, role)


def _renamed(
    path: Path, edited: EditedTranscript, present: Sequence[PresentTurn], names: Mapping[str, str]
) -> Iterator[str]:
    """Say of names that were changed that they are not read from here."""
    known: dict[int, set[str]] = {}
    for turn in present:
        known.setdefault(turn.start_ms, set()).add(shown(names.get(turn.speaker)).strip(" ()"))
    for line in edited.turns:
        if line.is_changed and line.name not in known.get(line.start_ms, {line.name}):
            yield (
                f"line {line.line}: the name ({line.name}) was not taken; names come from the"
                " manifest, or from the transcript that was taken in"
            )
