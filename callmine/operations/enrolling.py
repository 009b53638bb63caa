"""Reps' voices across calls: the snapshot that a run works with, and how a voice is forgotten."""

from __future__ import annotations

from callmine.config import Workspace
from callmine.errors import UsageError
from callmine.pipeline import only_run
from callmine.store import Store
from callmine.validation import did_you_mean
from callmine.voices.enrolment import EnrolledVoice, Heard, enrolled_voices


def voices_of_reps(store: Store) -> tuple[EnrolledVoice, ...]:
    """Return what reps sound like, learned from the stereo calls stored before this run."""
    return enrolled_voices(
        Heard(row["call_id"], row["name"], row["email"], tuple(row["embedding"]))
        for row in store.rep_voices()
    )


def forget_voice(workspace: Workspace, voice: str) -> str:
    """Delete the stored voices of the calls of a person, or of all; return a sentence on it.

    Raises:
        UsageError: No voice is stored under this name.
        callmine.errors.StoreError: A run is at work.
    """
    person = "" if voice.strip().casefold() == "all" else voice.strip()
    with only_run(workspace.root), Store(workspace.database) as store:
        known = [v.name for v in voices_of_reps(store)]
        calls = store.forget_voices(person=person)
    if not calls and person:
        hint = f"Enrolled: {', '.join(known)}." if known else "No voice is enrolled in this workspace."
        raise UsageError(f"no voice of {voice!r} is stored{did_you_mean(voice, known)}", hint=hint)
    said = f"voices deleted from {calls} {'call' if calls == 1 else 'calls'}"
    if calls:
        said += "; roles that came from them go with the next run"
    if workspace.settings.voices.enrol:
        said += "\nNew calls teach voices again: set enrol = false in [voices] to stop that."
    return said
