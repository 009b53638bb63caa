"""What a second reader said: answers that stay for good, and the verdicts that hold today.

Every function that writes runs inside the caller's transaction.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict

from sqlite_utils import Database

from callmine.domain import BY_PEOPLE, utc_now
from callmine.payloads import SecondReading, SecondReadings, ToReadAgain
from callmine.store.queries import evidence
from callmine.store.reading import findings_of, utterances_of
from callmine.store.rows import EvidenceFilter, KeptHeadline


def to_read_again(db: Database, call_id: str) -> ToReadAgain:
    """Return a call's findings that no person has judged, its turns, and the answers so far."""
    # Asked of the evidence, not of the table of corrections: what was said of a whole turn judges, too.
    rows = evidence(db, EvidenceFilter(call_id=call_id))
    judged = {row.finding_id for row in rows if row.verdict is not None}
    open_ones = tuple(
        finding
        for finding in findings_of(db, call_id)
        if finding.finding_id not in judged and not finding.extractor.startswith(BY_PEOPLE)
    )
    return ToReadAgain(open_ones, utterances_of(db, call_id), _kept(db, call_id))


def _kept(db: Database, call_id: str) -> dict[str, SecondReading]:
    rows = db.query("SELECT * FROM second_readings WHERE call_id = ?", [call_id])
    fields = SecondReading.__dataclass_fields__
    return {row["key"]: SecondReading(**{name: row[name] for name in fields}) for row in rows}


def write_second_readings(db: Database, call_id: str, output: SecondReadings) -> None:
    """Keep new answers, and replace the verdicts that hold for a call's findings."""
    keep_readings(db, call_id, output.asked)
    db.execute("DELETE FROM second_verdicts WHERE call_id = ?", [call_id])
    db.table("second_verdicts").insert_all(
        {
            "finding_id": finding_id,
            "call_id": call_id,
            "key": reading.key,
            "model": reading.model,
            "verdict": reading.verdict,
            "label": reading.label,
        }
        for finding_id, reading in output.verdicts.items()
    )


def keep_readings(db: Database, call_id: str, readings: Iterable[SecondReading]) -> None:
    """Keep new answers; one that is there already stays as it is."""
    now = utc_now()
    rows = [{"call_id": call_id, "made_at": now, **asdict(reading)} for reading in readings]
    db.table("second_readings").insert_all(rows, ignore=True)


def forget_verdicts(db: Database) -> None:
    """Let no verdict hold any longer, now that nobody is asked; the answers stay for another time."""
    db.execute("DELETE FROM second_verdicts")
    db.execute("DELETE FROM stage_runs WHERE stage = 'second_read'")


def relabelled(db: Database, finding_id: str) -> str | None:
    """Return the label that a second reader gave a finding, where that is the one shown."""
    sql = """
        SELECT label FROM second_verdicts v WHERE finding_id = :id AND verdict = 'relabelled'
        AND NOT EXISTS (SELECT 1 FROM corrections k WHERE k.finding_id = :id
                        AND k.verdict IN ('right', 'wrong', 'label'))
    """
    row = next(iter(db.query(sql, {"id": finding_id})), None)
    return str(row["label"]) if row else None


def headline(db: Database, key: str) -> KeptHeadline | None:
    """Return the headline under a key, if there is one."""
    row = next(iter(db.query("SELECT * FROM headlines WHERE key = ?", [key])), None)
    if row is None:
        return None
    values = {name: row[name] for name in KeptHeadline.__dataclass_fields__}
    return KeptHeadline(**{**values, "calls": tuple(json.loads(row["calls"]))})


def keep_headline(db: Database, kept: KeptHeadline) -> None:
    """Keep a headline; one that is there already stays as it is."""
    row = {**asdict(kept), "made_at": utc_now(), "calls": json.dumps(kept.calls)}
    db.table("headlines").insert(row, ignore=True)


def totals(db: Database) -> dict[str, int]:
    """Return what all runs and headlines came to; empty where nobody was ever asked.

    The keys are ``asked``, ``cached``, ``unusable``, ``headlines``, ``input_tokens`` and
    ``output_tokens``. Runs are counted as they ended, so what was erased since is counted too.
    """
    found: dict[str, int] = {}
    for row in db.query("SELECT counts FROM runs"):
        for tally in json.loads(row["counts"]):
            if tally["stage"] == "second_read":
                for name, n in tally.get("counts", {}).items():
                    found[name] = found.get(name, 0) + n
    found.pop("left", None)  # of each run by itself: the next one may have read them
    sql = """
        SELECT count(*) AS headlines, coalesce(sum(text IS NULL), 0) AS unusable,
               coalesce(sum(input_tokens), 0) AS input_tokens,
               coalesce(sum(output_tokens), 0) AS output_tokens FROM headlines
    """
    for name, n in next(iter(db.query(sql))).items():
        if n:
            found[name] = found.get(name, 0) + n
    return found
