"""Calls, findings, transcripts and search results as plain values, in the contract's shapes."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from callmine.canonical import facts_to_json
from callmine.config import Workspace
from callmine.domain import Kind, Outcome, Role
from callmine.errors import UsageError
from callmine.store import Store
from callmine.store.rows import EvidenceFilter
from callmine.validation import did_you_mean


def instant_of(text: str, timezone: str, option: str) -> str:
    """Return the UTC instant of an ISO date (its midnight in ``timezone``) or date and time.

    Raises:
        UsageError: It is neither; ``option`` is named.
    """
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=ZoneInfo(timezone))
        return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError) as error:
        raise UsageError(f"{option}: {text!r} is not a date", hint="Write 2026-10-02.") from error


def day_of(text: str, option: str) -> str:
    """Return an ISO date as such.

    Raises:
        UsageError: It is none; ``option`` is named.
    """
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise UsageError(f"{option}: {text!r} is not a date", hint="Write 2026-10-02.") from error


def list_calls(workspace: Workspace) -> list[dict[str, Any]]:
    """Return every call, and every file that did not become one."""
    with Store(workspace.database) as store:
        return [asdict(row) for row in store.calls()]


def list_findings(
    workspace: Workspace,
    *,
    kind: str | None = None,
    label: str | None = None,
    role: str | None = None,
    since: str | None = None,
    until: str | None = None,
    deal: str | None = None,
    outcome: str | None = None,
    call: str | None = None,
    min_score: float = 0.0,
) -> list[dict[str, Any]]:
    """Return findings; every filter that is not given lets everything through.

    Raises:
        UsageError: A filter has a value that cannot be.
    """
    for option, value, known in (
        ("--kind", kind, list(Kind)),
        ("--role", role, list(Role)),
        ("--outcome", outcome, list(Outcome)),
    ):
        if value is not None and value not in known:
            raise UsageError(
                f"{option}: there is no {value!r}{did_you_mean(value, known)}",
                hint=f"Known: {', '.join(known)}.",
            )
    zone = workspace.settings.timezone
    with Store(workspace.database) as store:
        rows = store.evidence(
            EvidenceFilter(
                kind=kind,
                label=label,
                role=role,
                since=instant_of(since, zone, "--since") if since else None,
                until=instant_of(until, zone, "--until") if until else None,
                deal=deal,
                outcome=outcome,
                call_id=store.find_call(call).call_id if call else None,
                min_score=min_score,
            )
        )
    return [asdict(row) for row in rows]


def show_transcript(workspace: Workspace, ref: str) -> dict[str, Any]:
    """Return a call's transcript in the contract's shape.

    Raises:
        UsageError: There is no such call, or it is not transcribed.
    """
    with Store(workspace.database) as store:
        call = store.find_call(ref)
        transcript, utterances, speakers = store.transcript(call.call_id)
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
            }
            for u in utterances
        ],
    }


def search_utterances(workspace: Workspace, text: str, *, limit: int) -> list[dict[str, Any]]:
    """Return the utterances that hold every word of ``text``, best first."""
    with Store(workspace.database) as store:
        return store.search(text, limit=limit)
