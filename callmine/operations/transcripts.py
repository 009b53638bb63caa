"""Transcripts to read, and as files."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from callmine.canonical import facts_to_json
from callmine.domain import Edit, RoleSource, Utterance
from callmine.errors import UsageError
from callmine.files import write_whole
from callmine.formats.captions import speaker_names
from callmine.formats.editing import Turn, to_text
from callmine.formats.srt import to_srt
from callmine.formats.vtt import to_vtt
from callmine.operations.taking_back import names_beside_roles, present_turns
from callmine.store import Store
from callmine.store.rows import CallRow
from callmine.workspace import Workspace


def show_transcript(workspace: Workspace, ref: str) -> dict[str, Any]:
    """Return a call's transcript in the contract's shape.

    A turn that a person corrected is ``edited``, and ``heard`` is what it said before that.

    Raises:
        UsageError: There is no such call, or it is not transcribed.
    """
    with Store(workspace.database) as store:
        call = store.find_call(ref)
        transcript, utterances, speakers = store.transcript(call.call_id)
        edits = store.edits(call.call_id)
    names = {s.key: s.name for s in speakers}
    return {
        "call_id": call.call_id,
        "source": call.source,
        "facts": facts_to_json(call.facts),
        "duration_ms": call.duration_ms,
        "language": transcript.language,
        "engine": transcript.engine,
        "engine_version": transcript.engine_version,
        "model": transcript.model,
        "settings": transcript.settings,
        "channels": transcript.channels,
        "notes": transcript.notes,
        "speech_ms": transcript.speech_ms,
        "left_out_ms": transcript.left_out_ms,
        "corrections_waiting": waiting_edits(utterances, edits),
        "utterances": [
            {
                "index": u.index,
                "speaker": u.speaker,
                "speaker_name": names.get(u.speaker),
                "role": u.role,
                "role_source": u.role_source,
                "role_confidence": u.role_confidence,
                "start_ms": u.start_ms,
                "end_ms": u.end_ms,
                "text": u.text,
                **_edited(u, edits),
            }
            for u in utterances
        ],
    }


def _edited(utterance: Utterance, edits: Sequence[Edit]) -> dict[str, Any]:
    heard = history_of(utterance, edits)
    by_person = heard is not None and utterance.role_source is RoleSource.PERSON
    changed = heard is not None and heard != utterance.text
    return {"edited": changed or by_person, "heard": heard if changed else None}


def transcript_as(workspace: Workspace, ref: str, format: str) -> str:
    """Return a call's transcript as ``txt`` (to correct), ``srt``, ``vtt`` or ``json``.

    Raises:
        UsageError: There is no such call, it is not transcribed yet, or it has no turns.
    """
    if format == "json":
        return json.dumps(show_transcript(workspace, ref), ensure_ascii=False, indent=2, default=str) + "\n"
    with Store(workspace.database) as store:
        call = store.find_call(ref)
        _, utterances, speakers = store.transcript(call.call_id)
        edits = store.edits(call.call_id)
        (row,) = store.calls(call_id=call.call_id)
    if not utterances and not edits:
        raise UsageError(_no_turns(row, edits), hint=row.hint or f"See `callmine calls {call.call_id}`.")
    if format == "vtt":
        return to_vtt(utterances, speaker_names(speakers), call_id=call.call_id)
    if format == "srt":
        return to_srt(utterances, speaker_names(speakers))
    names = names_beside_roles(speakers)
    turns = [
        Turn(t.start_ms, t.role, names.get(t.speaker), t.text) for t in present_turns(utterances, edits)
    ]
    return to_text(call.call_id, call.source, turns, corrections=len(edits))


def write_transcript(workspace: Workspace, ref: str, format: str, path: Path) -> None:
    """Write a call's transcript to a file, whole or not at all; see :func:`transcript_as`."""
    write_whole(path, transcript_as(workspace, ref, format), folders=True)


def why_no_turns(workspace: Workspace, ref: str) -> str:
    """Return in one line why the transcript of a call has no turns.

    Raises:
        UsageError: There is no such call.
    """
    with Store(workspace.database) as store:
        call_id = store.find_call(ref).call_id
        (row,) = store.calls(call_id=call_id)
        return _no_turns(row, store.edits(call_id))


def _no_turns(call: CallRow, edits: Sequence[Edit]) -> str:
    if call.stage in ("transcribe", "diarize", "attribute"):
        if call.reason:
            told = call.reason if call.source in call.reason else f"{call.source}: {call.reason}"
            return f"no turns, {call.status} in {call.stage}: {told}"
        return f"{call.source} has no turns yet: {call.stage} comes with the next callmine run"
    if any(turn.text for turn in present_turns((), edits)):
        return f"{call.source} has no turns yet: corrected ones come with the next callmine run"
    return f"{call.source} has no turns: " + ("corrections emptied them" if edits else "nobody says a word")


def waiting_edits(utterances: Sequence[Utterance], edits: Sequence[Edit]) -> int:
    """Return how many turns differ from what people's corrections make of them: the next run's work."""
    now = {(t.start_ms, t.end_ms, t.speaker): t for t in present_turns(utterances, edits)}
    turns = [now.get((u.start_ms, u.end_ms, u.speaker)) for u in utterances]
    return sum(
        t is not None and (t.text, t.role) != (u.text, u.role)
        for t, u in zip(turns, utterances, strict=True)
    )


def history_of(utterance: Utterance, edits: Sequence[Edit]) -> str | None:
    """Return what a corrected turn said before people corrected it, ``None`` if they did not.

    The same words come back where only the role was corrected.
    """
    heard, corrected = utterance.text, False
    for edit in reversed(edits):
        together = edit.start_ms <= utterance.end_ms and edit.end_ms >= utterance.start_ms
        says_so = edit.role in (None, utterance.role) or edit.heard != edit.text
        if together and says_so and edit.text == heard:
            heard, corrected = edit.heard, True
    return heard if corrected else None
