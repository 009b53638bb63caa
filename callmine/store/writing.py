"""Write what the stages produced. Every function runs inside the caller's transaction."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Any

from sqlite_utils import Database

from callmine.canonical import transcript_to_json, words_to_json
from callmine.domain import (
    Call,
    Edit,
    Finding,
    Transcript,
    Voices,
    digest_of,
    utc_now,
)
from callmine.payloads import Attribution, CallReading, Extraction, Ingested, Linking, Readings
from callmine.store.database import upsert
from callmine.store.kept import missed_findings, move_verdicts
from callmine.store.reading import call_from_row
from callmine.store.second import write_second_readings


def dump(value: object) -> str:
    """Return compact JSON, keys sorted, so that equal values are equal text."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def write_call(db: Database, path: str, output: Ingested) -> None:
    """Insert or update the call a file describes, merging with what is known of it.

    The same content is the same call. The same ``(system, external_id)``, or the same file, with
    other content is a new version; a recording and a transcript with the same external id are
    one call.
    """
    found, system = output.call, output.system
    source = db.table("sources").get(path)
    row = _known_call(db, found, system) or _call_of_file(db, found, source)
    if row is None:
        call = found
    elif _is_older(source, row, found.content):
        call = call_from_row(row)
        call, system = replace(call, facts=found.facts.over(call.facts)), row["system"]
    else:
        # Newer words win; a recording keeps its place when a transcript joins it, and vice versa.
        known = call_from_row(row)
        replaces = found.recording is not None or known.recording is None
        system = system if replaces else row["system"]
        call = replace(
            known,
            source=known.source if known.content == found.content or not replaces else found.source,
            content=found.content if replaces else known.content,
            recording=found.recording or known.recording,
            transcript_file=found.transcript_file or known.transcript_file,
            format=found.format or known.format,
            duration_ms=found.duration_ms if replaces else known.duration_ms,
            channels=found.channels if replaces else known.channels,
            facts=found.facts.over(known.facts),
        )
    upsert(db, "calls", call_to_row(call, system), "call_id")
    if source["content"] != found.content:
        db.execute("UPDATE sources SET content = ? WHERE path = ?", [found.content, path])
    db.execute("UPDATE sources SET call_id = ? WHERE path = ?", [call.call_id, path])


def _is_older(source: Mapping[str, Any], call: Mapping[str, Any], content: str) -> bool:
    """Whether a file is read again only for its facts, and another one took its call over since."""
    same = source["call_id"] == call["call_id"] and source["content"] == content
    return same and source["path"] not in (call["recording"], call["transcript_file"])


def _known_call(db: Database, call: Call, system: str) -> dict[str, Any] | None:
    row = _first(db, "SELECT * FROM calls WHERE content = ? OR call_id = ?", [call.content, call.call_id])
    if row is None and call.facts.external_id:
        row = _first(
            db,
            "SELECT * FROM calls WHERE external_id = :id AND (system = :system"
            " OR (recording IS NULL) <> :is_transcript) ORDER BY system <> :system, call_id",
            {"id": call.facts.external_id, "system": system, "is_transcript": call.recording is None},
        )
    return row


def _call_of_file(db: Database, call: Call, source: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the call that this very file was: its old words are nowhere any more."""
    row = _first(
        db,
        "SELECT * FROM calls WHERE call_id = :id AND coalesce(recording, transcript_file) = :path",
        {"id": source["call_id"], "path": source["path"]},
    )
    ids = {row["external_id"], call.facts.external_id} - {None} if row else set()
    return row if len(ids) <= 1 else None


def _first(db: Database, sql: str, params: Any) -> dict[str, Any] | None:
    return next(iter(db.query(sql, params)), None)


def call_to_row(call: Call, system: str) -> dict[str, Any]:
    """Return the row of a call."""
    facts = asdict(call.facts)
    facts["participants"] = dump(facts["participants"])
    facts["type"] = facts["type"] or "sales"
    row = {k: getattr(call, k) for k in Call.__dataclass_fields__ if k != "facts"}
    return {**row, **facts, "system": system}


def write_transcript(db: Database, call_id: str, transcript: Transcript) -> None:
    """Replace a call's transcript. Its utterances stay until attribution has run again."""
    value = transcript_to_json(transcript)
    upsert(
        db,
        "transcripts",
        {
            "call_id": call_id,
            **{k: value[k] for k in ("language", "engine", "engine_version", "model")},
            **{k: value[k] for k in ("channels", "speech_ms", "left_out_ms")},
            **{k: dump(value[k]) for k in ("settings", "notes", "segments")},
        },
        "call_id",
    )
    if transcript.segments:
        last = max(s.end_ms for s in transcript.segments)
        db.execute(
            "UPDATE calls SET duration_ms = ? WHERE call_id = ? AND recording IS NULL", [last, call_id]
        )


def write_voices(db: Database, call_id: str, output: Voices) -> None:
    """Replace what is known of a call's voices."""
    turns = [[t.start_ms, t.end_ms, t.voice, t.confidence] for t in output.turns]
    embeddings = dump(output.embeddings) if output.embeddings else None
    upsert(db, "voices", {"call_id": call_id, "turns": dump(turns), "embeddings": embeddings}, "call_id")


def write_attribution(db: Database, call_id: str, output: Attribution) -> None:
    """Replace a call's speakers and utterances; findings on the old ones go with them."""
    move_verdicts(db, call_id, output.utterances)
    db.execute("DELETE FROM speakers WHERE call_id = ?", [call_id])
    db.execute("DELETE FROM utterances WHERE call_id = ?", [call_id])
    db.table("speakers").insert_all(
        {
            "call_id": call_id,
            "speaker": s.key,
            "name": s.name,
            "role": s.role.value,
            "role_source": s.role_source.value,
            "role_confidence": s.confidence,
            "channel": s.channel,
        }
        for s in output.speakers
    )
    db.table("utterances").insert_all(
        {
            "call_id": call_id,
            "utterance_index": u.index,
            "speaker": u.speaker,
            "role": u.role.value,
            "role_source": u.role_source.value,
            "role_confidence": u.role_confidence,
            "start_ms": u.start_ms,
            "end_ms": u.end_ms,
            "text": u.text,
            "words": dump(words_to_json(u)),
            "word_count": len(u.text.split()),
        }
        for u in output.utterances
    )
    db.execute("UPDATE calls SET role_doubt = ? WHERE call_id = ?", [output.doubt or None, call_id])
    # Findings went with the old utterances: extraction must run again whatever the hash.
    db.execute(
        "UPDATE stage_runs SET fingerprint = '' WHERE stage IN ('extract', 'second_read') AND key = ?",
        [call_id],
    )
    db.execute("DELETE FROM second_verdicts WHERE call_id = ?", [call_id])


def write_edits(db: Database, call_id: str, edits: Sequence[Edit]) -> None:
    """Add what a person changed in a transcript to what was changed before."""
    # Finer than other instants: it is compared with the time of files that were saved meanwhile.
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    db.table("edits").insert_all({"made_at": now, "call_id": call_id, **asdict(e)} for e in edits)


def write_call_reading(db: Database, call_id: str, output: CallReading) -> None:
    """Replace what the encoder made of a call and of the names in it."""
    _write_readings(db, call_id, output.readings)
    _write_readings(db, call_id, output.names, table="name_readings")


def _write_readings(
    db: Database, call_id: str, output: Readings | None, *, table: str = "readings"
) -> None:
    """Replace what the encoder made; with ``None``, what is there holds."""
    if output is not None:
        sql = "SELECT output FROM stage_runs WHERE stage = 'attribute' AND key = ?"
        said = (_first(db, sql, [call_id]) or {}).get("output") or ""
        upsert(db, table, {"call_id": call_id, "said": said, **asdict(output)}, "call_id")


def write_findings(db: Database, call_id: str, output: Extraction) -> None:
    """Replace a call's findings, keeping those that a person added, and what was read on the way."""
    _write_readings(db, call_id, output.readings)
    _write_readings(db, call_id, output.names, table="name_readings")
    db.table("playbooks").insert(
        {"playbook": output.playbook, "text": output.playbook_text, "first_used_at": utc_now()},
        pk="playbook",
        ignore=True,
    )
    db.execute("DELETE FROM findings WHERE call_id = ?", [call_id])
    rows = {f.finding_id: finding_to_row(f) for f in output.findings}
    for finding in missed_findings(db, call_id, output.playbook):
        rows.setdefault(finding.finding_id, finding_to_row(finding))
    db.table("findings").insert_all(rows.values())


def finding_to_row(finding: Finding) -> dict[str, Any]:
    """Return the row of a finding."""
    row = {k: getattr(finding, k) for k in Finding.__dataclass_fields__}
    return {**row, "kind": finding.kind.value, "detail": dump(finding.detail)}


def write_link(db: Database, call_id: str, output: Linking) -> None:
    """Replace a call's link, unless a person made it, and what is remembered of the search."""
    tried = ("about", "unknown_id", "nearest", "probability")
    row = {"call_id": call_id, "reason": output.reason and output.reason.value}
    upsert(db, "link_tries", {**row, **{k: getattr(output, k) for k in tried}}, "call_id")
    if _first(db, "SELECT 1 FROM links WHERE call_id = ? AND rule = 'person'", [call_id]):
        return
    db.execute("DELETE FROM links WHERE call_id = ?", [call_id])
    if output.link is not None:
        db.table("links").insert({"call_id": call_id, **asdict(output.link)})


WRITERS: Mapping[str, Callable[[Database, str, Any], None]] = {
    "calls": write_call,
    "transcripts": write_transcript,
    "voices": write_voices,
    "utterances": write_attribution,
    "readings": write_call_reading,
    "findings": write_findings,
    "second_verdicts": write_second_readings,
    "links": write_link,
}


def output_hash(provides: str, output: Any) -> str:
    """Return the hash of a stage's output on which later stages depend."""
    if provides == "calls":
        return digest_of(output.call.content)
    if provides == "transcripts":  # what attribution reads; engine and vocabulary may differ
        return digest_of(output.channels, [asdict(segment) for segment in output.segments])
    if provides == "readings":
        # What was made of names is left out: it is extract's, and saves it time.
        return digest_of(output.readings.model, hashlib.sha256(output.readings.data).hexdigest())
    told = asdict(output)
    if provides == "findings":  # what was read on the way is nothing that was found
        del told["names"], told["readings"]
    return digest_of(told)
