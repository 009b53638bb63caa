"""Reps' voices across calls: the snapshot that a run works with, and how a voice is forgotten."""

from __future__ import annotations

from shlex import quote

from callmine.errors import UsageError
from callmine.pipeline import only_run
from callmine.store import Store
from callmine.validation import did_you_mean
from callmine.voices.enrolment import EnrolledVoice, Heard, enrolled_voices
from callmine.workspace import Workspace


def voices_of_reps(store: Store) -> tuple[EnrolledVoice, ...]:
    """Return what reps sound like, learned from the stereo calls stored before this run."""
    return enrolled_voices(
        Heard(row["call_id"], row["name"], row["email"], tuple(row["embedding"]))
        for row in store.rep_voices()
    )


def forget_voice(workspace: Workspace, voice: str) -> str:
    """Delete the stored voices of the calls of a person, or of all; return a sentence on it.

    A person's voice is not learned again, from whatever call.

    Raises:
        UsageError: No call names this person.
        callmine.errors.StoreError: A run is at work.
    """
    person = _person(voice)
    with only_run(workspace.root), Store(workspace.database) as store:
        try:
            calls = store.forget_voices(person=person)
        except LookupError:
            raise _nobody(store, voice) from None
    said = f"voices deleted from {calls} {'call' if calls == 1 else 'calls'}"
    if calls:
        said += "; roles that came from them go with the next run"
    if person:
        undo = f"callmine forget --voice {quote(person)} --undo"
        return f"{said}\n{person} is not learned again; `{undo}` allows it."
    if workspace.settings.voices.enrol:
        said += "\nCalls teach voices again: set enrol = false in [voices] to stop that."
    return said


def allow_voice(workspace: Workspace, voice: str) -> str:
    """Let the voice of a person, or of all, be learned again; return a sentence on it.

    Raises:
        UsageError: This person's voice was not refused.
        callmine.errors.StoreError: A run is at work.
    """
    person = _person(voice)
    with only_run(workspace.root), Store(workspace.database) as store:
        if not store.allow_voices(person=person) and person:
            raise UsageError(f"the voice of {voice!r} may be learned already; nothing was changed")
    return f"{person or 'every voice'} may be learned again, from calls that are read from now on"


def _person(voice: str) -> str:
    """Return whom the option means; empty text for all."""
    if not (person := voice.strip()):
        raise UsageError("--voice needs a name, an e-mail or all")
    return "" if person.casefold() == "all" else person


def _nobody(store: Store, voice: str) -> UsageError:
    names = {row["rep"] for row in store.table_rows("calls") if row["rep"]}
    known = sorted(names | {v.name for v in voices_of_reps(store)})
    hint = f"Reps of the calls here: {', '.join(known)}." if known else "No call here names its rep."
    return UsageError(f"no call names {voice!r}{did_you_mean(voice, known)}", hint=hint)
