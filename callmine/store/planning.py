"""Which jobs are pending: no row with today's fingerprint, or a failure worth another try."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, NamedTuple

from sqlite_utils import Database

from callmine.canonical import facts_from_json
from callmine.domain import Call, Transcript
from callmine.payloads import Source, ToAttribute, ToExtract, ToRead
from callmine.stage import HEARD, WITH_VOICES, Job, Stage, fingerprints
from callmine.store.corrections import role_decisions
from callmine.store.database import fetched
from callmine.store.reading import (
    call_from_row,
    edits_of,
    names_of,
    readings_of,
    transcript_from_row,
    utterances_of,
    voices_of,
)
from callmine.store.second import to_read_again

MAX_ATTEMPTS = 3
"""How often a retryable failure is tried with the same fingerprint, unless its stage is patient."""


class Candidate(NamedTuple):
    """What a stage could work on: its key and label, its inputs' fingerprints, how to build its payload.

    ``traits`` say which of the stage's settings matter to it; see :class:`callmine.stage.OnlyFor`.
    """

    key: str
    label: str
    inputs: tuple[str, ...]
    payload: Callable[[], Any]
    traits: frozenset[str] = frozenset()


def pending(
    db: Database, stage: Stage, *, force: frozenset[str] | None = None, payloads: bool = True
) -> Iterator[Job]:
    """Yield the jobs of a stage that have to run, in a stable order.

    Args:
        db: The database.
        stage: The stage; its ``provides`` names the table it fills.
        force: Keys to run even when they are up to date; an empty set forces all.
        payloads: Whether to build the payloads (``None`` otherwise), for counting.

    Payloads are built one by one, so memory does not grow with the number of calls.
    """
    (provides,) = stage.provides
    sql = "SELECT key, fingerprint, status, retryable, attempts FROM stage_runs WHERE stage = :stage"
    states = {row[0]: row[1:] for row in fetched(db, sql, {"stage": stage.name}, tuple)}
    candidates = list(CANDIDATES[provides](db))
    if not candidates:
        return
    patient = getattr(stage, "patient", False)
    of_today = fingerprints(stage)
    for key, label, inputs, payload, traits in candidates:
        today = of_today(inputs, traits)
        before, status, retryable, attempts = states.get(key, _NEVER_RUN)
        if before == today:
            again = status == "failed" and retryable and (patient or attempts < MAX_ATTEMPTS)
            forced = force is not None and (not force or key in force)
            if not (again or forced):
                continue
        yield Job(
            key=key,
            label=label,
            payload=payload() if payloads else None,
            fingerprint=today,
            attempts=attempts if before == today else 0,
        )


_NEVER_RUN = (None, "", False, 0)


def _sources(db: Database) -> Iterator[Candidate]:
    for row in db.query("SELECT * FROM sources ORDER BY path"):

        def build(row: Mapping[str, Any] = row) -> Source:
            return Source(
                path=row["path"],
                size=row["size"],
                mtime_ns=row["mtime_ns"],
                facts=facts_from_json(json.loads(row["facts"])),
                format=row["format"],
                content=row["content"],
            )

        inputs = (str(row["size"]), str(row["mtime_ns"]), row["facts"], row["format"] or "")
        yield Candidate(row["path"], row["path"].rsplit("/", 1)[-1], inputs, build)


def _calls_to_transcribe(db: Database) -> Iterator[Candidate]:
    # The longest first: else all workers may have to wait for one that began with it last.
    sql = (
        "SELECT c.*, s.content AS transcript_content FROM calls c"
        " LEFT JOIN sources s ON s.path = c.transcript_file ORDER BY c.duration_ms DESC, c.call_id"
    )
    for row in db.query(sql):
        file = f"{row['transcript_file']} {row['transcript_content']}" if row["transcript_file"] else ""
        inputs = (row["content"], file, row["language"] or "")
        traits = frozenset() if row["transcript_file"] else frozenset({HEARD})
        yield Candidate(row["call_id"], row["source"], inputs, partial(call_from_row, row), traits)


def _calls_to_diarize(db: Database) -> Iterator[Candidate]:
    sql = (
        "SELECT c.*, up.output AS upstream FROM calls c"
        " JOIN stage_runs up ON up.key = c.call_id AND up.stage = 'transcribe'"
        " WHERE up.output IS NOT NULL ORDER BY c.duration_ms DESC, c.call_id"
    )
    for row in db.query(sql):

        def build(row: Mapping[str, Any] = row) -> Any:
            return call_from_row(row), _transcript(db, row["call_id"])

        yield Candidate(row["call_id"], row["source"], (row["upstream"],), build)


def _calls_to_attribute(db: Database) -> Iterator[Candidate]:
    roles = role_decisions(db)
    sql = (
        "SELECT c.*, up.output AS upstream, coalesce(v.output, '') AS voices, t.language AS spoken,"
        " (SELECT coalesce(max(id), 0) FROM edits e WHERE e.call_id = c.call_id) AS edited,"
        " instr(coalesce(h.embeddings, ''), 'voice ') > 0 AS heard"
        " FROM calls c JOIN stage_runs up ON up.key = c.call_id AND up.stage = 'transcribe'"
        " LEFT JOIN stage_runs v ON v.key = c.call_id AND v.stage = 'diarize'"
        " LEFT JOIN transcripts t ON t.call_id = c.call_id LEFT JOIN voices h ON h.call_id = c.call_id"
        " WHERE up.output IS NOT NULL ORDER BY c.call_id"
    )
    for row in db.query(sql):
        facts = [row[k] or "" for k in ("rep_channel", "participants", "rep", "rep_email")]
        decision = roles.get(row["call_id"], "")

        def build(row: Mapping[str, Any] = row, decision: str = decision) -> ToAttribute:
            return ToAttribute(
                call=call_from_row(row),
                transcript=_transcript(db, row["call_id"]),
                decision=decision,
                voices=voices_of(db, row["call_id"]),
                edits=edits_of(db, row["call_id"]),
            )

        inputs = (row["upstream"], row["voices"], row["spoken"] or "", *facts, decision, str(row["edited"]))
        # Voices that were forgotten since are none: the role that came from them goes as well.
        traits = frozenset({WITH_VOICES}) if row["heard"] else frozenset()
        yield Candidate(row["call_id"], row["source"], inputs, build, traits)


def _transcript(db: Database, call_id: str) -> Transcript:
    row = next(db.query("SELECT * FROM transcripts WHERE call_id = ?", [call_id]))
    return transcript_from_row(row)


_ATTRIBUTED = (
    "SELECT c.call_id, c.source, up.output AS upstream,"
    " coalesce(nullif(t.language, ''), 'en') AS spoken"
    " FROM calls c JOIN stage_runs up ON up.key = c.call_id AND up.stage = 'attribute'"
    " LEFT JOIN transcripts t ON t.call_id = c.call_id"
    " WHERE up.output IS NOT NULL ORDER BY c.call_id"
)


def _calls_to_read(db: Database) -> Iterator[Candidate]:
    for row in db.query(_ATTRIBUTED):

        def build(key: str = row["call_id"], language: str = row["spoken"]) -> ToRead:
            return ToRead(utterances_of(db, key), language)

        yield Candidate(row["call_id"], row["source"], (row["upstream"], row["spoken"]), build)


def _calls_to_extract(db: Database) -> Iterator[Candidate]:
    # That something was read before makes it quicker and changes nothing: it is no input.
    for row in db.query(_ATTRIBUTED):

        def build(row: Mapping[str, Any] = row) -> ToExtract:
            key, said = row["call_id"], row["upstream"]
            known = readings_of(db, key, said), names_of(db, key, said)
            return ToExtract(utterances_of(db, key), row["spoken"], *known)

        yield Candidate(row["call_id"], row["source"], (row["upstream"], row["spoken"]), build)


def _calls_to_read_again(db: Database) -> Iterator[Candidate]:
    # The newest first: a run's budget goes where the next digest looks. But a call whose question the
    # provider refuses for ever must not keep it from the others.
    sql = (
        "SELECT c.call_id, c.source, found.output AS found, said.output AS said FROM calls c"
        " JOIN stage_runs found ON found.key = c.call_id AND found.stage = 'extract'"
        " JOIN stage_runs said ON said.key = c.call_id AND said.stage = 'attribute'"
        " LEFT JOIN stage_runs before ON before.key = c.call_id AND before.stage = 'second_read'"
        " WHERE found.output IS NOT NULL AND said.output IS NOT NULL"
        " ORDER BY coalesce(before.status = 'failed' AND before.attempts >= :often, 0),"
        " c.started_at IS NULL, c.started_at DESC, c.call_id"
    )
    for row in db.query(sql, {"often": MAX_ATTEMPTS}):
        build = partial(to_read_again, db, row["call_id"])
        yield Candidate(row["call_id"], row["source"], (row["found"], row["said"]), build)


def _calls_to_link(db: Database) -> Iterator[Candidate]:
    # Before a report is built, all are looked through to say what waits; so no whole rows are read.
    keys = ("deal_id", "account", "participants", "started_at", "rep", "rep_email", "title", "type")
    facts = ", ".join(f"coalesce({key}, '')" for key in keys)
    sql = (
        f"SELECT call_id, source, json_array({facts}) FROM calls"
        " WHERE call_id NOT IN (SELECT call_id FROM links WHERE rule = 'person') ORDER BY call_id"
    )
    for call_id, source, told in fetched(db, sql, {}, tuple):
        yield Candidate(call_id, source, (told,), partial(_call, db, call_id))


def _call(db: Database, call_id: str) -> Call:
    return call_from_row(next(db.query("SELECT * FROM calls WHERE call_id = ?", [call_id])))


CANDIDATES: Mapping[str, Callable[[Database], Iterator[Candidate]]] = {
    "calls": _sources,
    "transcripts": _calls_to_transcribe,
    "voices": _calls_to_diarize,
    "utterances": _calls_to_attribute,
    "readings": _calls_to_read,
    "findings": _calls_to_extract,
    "second_verdicts": _calls_to_read_again,
    "links": _calls_to_link,
}
