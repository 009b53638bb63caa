"""Put a year into a workspace as if callmine had read it, without running any model."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from sqlite_utils import Database

from benchmarks.year.exports import write_exports
from benchmarks.year.files import path_of, playbook, timed
from benchmarks.year.values import OWN_DOMAIN, Year, YearCall
from callmine.domain import (
    Call,
    Facts,
    Finding,
    Kind,
    Mention,
    Role,
    RoleSource,
    Speaker,
    Transcript,
    Utterance,
    utc_now,
)
from callmine.operations.deals import DealsImport, import_deals, import_history
from callmine.operations.recipes import Recipe
from callmine.operations.running import run_workspace
from callmine.payloads import Attribution, Extraction
from callmine.playbook import load_playbook
from callmine.spans import place
from callmine.stages.facts import has_outsider
from callmine.store import writing
from callmine.store.database import open_database, transaction, upsert
from callmine.workspace import Workspace

HISTORY = "opportunity-history.csv"
_EXTRACTOR = "year/1"
_STAGES = ("transcribe", "attribute", "extract")
"""Those whose work is in the database afterwards."""


def load_year(year: Year, workspace: Workspace, *, link: bool = True) -> DealsImport:
    """Fill a workspace with a year: deals, calls, who spoke, what was said, and what was found in it.

    Deals come from the last full export through the real import; what it says is returned. Their stages
    over time come from the CRM's own history. Calls are what ingest would have kept: no internal ones, none
    without consent. Roles are known, by the vendor's word. Findings are the planted ones, exactly. Its own
    playbook replaces that of the workspace. The calls' files are not written, so a later run should have
    the link stage only.

    Args:
        year: What to load.
        workspace: An empty one.
        link: Whether to run the real link stage at the end.
    """
    workspace.playbook.write_text(playbook(year.labels), "utf-8")
    with tempfile.TemporaryDirectory() as folder:
        last = write_exports(year, Path(folder))[-1]
        imported = import_deals(workspace, Path(folder) / last.file, mapping=Path(folder) / last.mapping)
        history = Path(folder) / HISTORY
        import_history(workspace, history, mapping=history.with_suffix(".toml"))
    said = load_playbook(workspace.playbook)
    version, text = said.digest, said.model_dump_json()
    db = open_database(workspace.database)
    try:
        with transaction(db):
            db.execute(
                "INSERT INTO runs (run_id, started_at, finished_at, pid, exit_code)"
                " VALUES ('year', ?, ?, 0, 0)",
                [utc_now(), utc_now()],
            )
            for call in year.calls:
                if is_kept(call):
                    _write(db, call, version, text)
    finally:
        db.close()
    if link:
        run_workspace(workspace, recipe=Recipe(stages=("link",), executor="serial"))
    return imported


def is_kept(call: YearCall) -> bool:
    """Whether ingest keeps a call: with consent, not internal, somebody from outside."""
    told = call.metadata
    outside = has_outsider(facts_of(call), (OWN_DOMAIN,))
    return told.consent != "no" and told.type != "internal" and outside


def call_id(call: YearCall) -> str:
    """Return the id under which a call is stored."""
    return hashlib.sha256(call.external_id.encode()).hexdigest()[:16]


def facts_of(call: YearCall) -> Facts:
    """Return what a manifest's row says of a call."""
    told = call.metadata
    return Facts(
        external_id=call.external_id,
        title=told.title or None,
        type=told.type or None,
        started_at=told.started_at or None,
        rep=told.rep or None,
        rep_email=told.rep_email or None,
        account=told.account or None,
        deal_id=told.deal_id or None,
        participants=told.participants,
        language="en",
        consent=told.consent or None,
    )


def _write(db: Database, call: YearCall, version: str, text: str) -> None:
    """Write one call through the functions that the pipeline writes with."""
    key = call_id(call)
    content = hashlib.sha256(call.external_id.encode()).hexdigest()
    made = Call(
        call_id=key,
        source=Path(path_of(call)).name,
        content=content,
        recording=None,
        transcript_file=path_of(call),
        format="callmine",
        duration_ms=call.minutes * 60_000,
        channels=0,
        facts=facts_of(call),
    )
    upsert(db, "calls", writing.call_to_row(made, "callmine"), "call_id")
    utterances = tuple(_utterances(call))
    speakers = tuple(_speakers(call))
    findings = tuple(_findings(key, call, utterances, version))
    # Segments are only read by attribution, which is done.
    writing.write_transcript(db, key, Transcript((), "en", "replay", "1", "callmine", channels=0))
    writing.write_attribution(db, key, Attribution(speakers, utterances))
    writing.write_findings(db, key, Extraction(findings, version, text))
    # The length of the transcript is a few turns', that of the call is not.
    db.execute("UPDATE calls SET duration_ms = ? WHERE call_id = ?", [made.duration_ms, key])
    db.conn.executemany(
        "INSERT INTO stage_runs (stage, key, fingerprint, output, status, run_id, finished_at, seconds)"
        " VALUES (?, ?, '', ?, 'done', 'year', ?, 0)",
        [(stage, key, key, utc_now()) for stage in _STAGES],
    )


def _utterances(call: YearCall) -> Iterator[Utterance]:
    for index, (start, end, turn) in enumerate(timed(call.turns)):
        yield Utterance(
            index=index,
            speaker=_voice(call, turn.speaker),
            role=Role.PROSPECT if turn.speaker else Role.REP,
            role_source=RoleSource.VENDOR,
            role_confidence=0.95,
            start_ms=start,
            end_ms=end,
            text=turn.text,
        )


def _voice(call: YearCall, speaker: int) -> str:
    """Return a voice's key; buyers may share a name with each other, never with the rep."""
    return f"{speaker}: {call.voices[speaker]}"


def _speakers(call: YearCall) -> Iterator[Speaker]:
    for speaker in sorted({turn.speaker for turn in call.turns}):
        role = Role.PROSPECT if speaker else Role.REP
        yield Speaker(_voice(call, speaker), call.voices[speaker], role, RoleSource.VENDOR, 0.95)


def _findings(key: str, call: YearCall, utterances: Sequence[Utterance], version: str) -> Iterator[Finding]:
    placed: dict[int, Finding] = {}
    for at, turn in enumerate(call.turns):
        for said in turn.said:
            detail = dict(said.detail)
            if said.answers:
                detail["answers"] = [placed[number].finding_id for number in said.answers]
            mention = Mention(Kind(said.kind), said.label, said.start, said.end, said.score, detail)
            placed[at] = place(key, utterances[at], mention, extractor=_EXTRACTOR, playbook=version)
            yield placed[at]
