"""What people say about findings, roles and links; each inside the caller's transaction."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from sqlite_utils import Database

from callmine.domain import ANCHORS, Kind, utc_now
from callmine.errors import UsageError
from callmine.store.database import upsert
from callmine.store.kept import missed_findings
from callmine.store.reading import utterances_of
from callmine.store.writing import finding_to_row


def judge_finding(db: Database, finding_id: str, verdict: str, label: str | None) -> dict[str, Any]:
    """Record ``right``, ``wrong`` or ``label`` for a finding; ids may be shortened.

    Raises:
        UsageError: No finding, or several, begin with ``finding_id``.
    """
    rows = list(
        db.query(
            "SELECT * FROM findings WHERE substr(finding_id, 1, :n) = :id LIMIT 2",
            {"id": finding_id, "n": len(finding_id)},
        )
    )
    if len(rows) != 1 or not finding_id:
        what = "more than one finding begins with" if rows else "there is no finding"
        raise UsageError(f"{what} {finding_id!r}", hint="See the ids with `callmine findings`.")
    finding = rows[0]
    if label is not None and finding["kind"] != Kind.OBJECTION:
        raise UsageError(
            f"{finding['finding_id']} is a {finding['kind']}, and {label!r} is an objection",
            hint=f"Say --wrong, and `callmine correct --missed {finding['call_id']}:"
            f"{finding['utterance_index']} --label {label}`.",
        )
    _insert(
        db,
        finding["call_id"],
        finding["utterance_index"],
        finding["finding_id"],
        verdict,
        label,
        finding["text"],
    )
    return finding


def add_missed(db: Database, call_id: str, index: int, label: str) -> str:
    """Record that an utterance holds an objection nobody found, and store it as a finding.

    Returns:
        The utterance's text.

    Raises:
        UsageError: The call has no such utterance.
    """
    utterance = next((u for u in utterances_of(db, call_id) if u.index == index), None)
    if utterance is None:
        raise UsageError(
            f"call {call_id} has no utterance {index}",
            hint=f"See them with `callmine transcript {call_id}`.",
        )
    _insert(db, call_id, index, None, "missed", label, utterance.text)
    last = next(iter(db.query("SELECT playbook FROM playbooks ORDER BY first_used_at DESC LIMIT 1")), None)
    for finding in missed_findings(db, call_id, last["playbook"] if last else ""):
        db.table("findings").insert(finding_to_row(finding), pk="finding_id", ignore=True)
    return utterance.text


def set_roles(db: Database, call_id: str, *, swap: bool) -> str:
    """Record that the roles of a call, as shown, are right or inverted; the next run applies it.

    What is kept is who is who, voice by voice, so that a person's word means what they saw also
    when the computed roles change afterwards.

    Returns:
        What people's words on the call come to, beside what was computed: ``swap`` or ``confirm``.
    """
    decided: dict[str, Any] = dict(decided_now(db, call_id, swap=swap))
    if anchors := _anchors(db, call_id, decided):
        decided[ANCHORS] = anchors
    text = json.dumps(decided, sort_keys=True, ensure_ascii=False) if decided else None
    _insert(db, call_id, None, None, "roles", "swap" if swap else "confirm", text)
    return _in_words(db)[call_id]


def decided_now(db: Database, call_id: str, *, swap: bool) -> dict[str, str]:
    """Return voice to role as a person who judges the roles now means them; unknown ones are left out.

    The roles shown are those of the last run, and over them what was decided since.
    """
    shown = {
        row["speaker"]: row["role"]
        for row in db.query("SELECT speaker, role FROM speakers WHERE call_id = ?", [call_id])
    }
    earlier = role_decisions(db).get(call_id, "")
    if earlier.startswith("{"):
        before = json.loads(earlier)
        before.pop(ANCHORS, None)
        shown |= {key: role for key, role in before.items() if key in shown}
    other = {"rep": "prospect", "prospect": "rep"} if swap else {}
    return {key: other.get(role, role) for key, role in shown.items() if role != "unknown"}


def _anchors(db: Database, call_id: str, voices: Iterable[str]) -> dict[str, int]:
    """Return a time at which each voice that is known by its sound alone speaks: in its longest turn.

    Such voices are numbered as they come up; when they are told apart again, the numbers may change.
    """
    sql = (
        "SELECT speaker, (start_ms + end_ms) / 2 AS middle FROM utterances WHERE call_id = ?"
        " ORDER BY end_ms - start_ms, utterance_index DESC"
    )
    longest = {row["speaker"]: row["middle"] for row in db.query(sql, [call_id])}
    return {key: longest[key] for key in voices if key.startswith("voice ") and key in longest}


def role_decisions(db: Database) -> dict[str, str]:
    """Return per call what people decided on its roles, as :func:`speakers_of` of the stages takes it.

    The last word holds: JSON of voice to role, and of voice to a time at which it spoke. Rows of
    older versions have none; there what all of them come to is ``swap`` or ``confirm``.
    """
    found = dict(_in_words(db))
    for row in db.query(
        "SELECT call_id, text FROM corrections WHERE verdict = 'roles' AND text IS NOT NULL ORDER BY id"
    ):
        found[row["call_id"]] = row["text"]
    return found


def _in_words(db: Database) -> dict[str, str]:
    """Return per call what people's words on its roles come to: ``swap`` or ``confirm``."""
    found: dict[str, str] = {}
    for row in db.query("SELECT call_id, label FROM corrections WHERE verdict = 'roles' ORDER BY id"):
        # A person judges the roles as shown, so swapping twice, or confirming a swap, keeps its sense.
        swapped = (found.get(row["call_id"]) == "swap") != (row["label"] == "swap")
        found[row["call_id"]] = "swap" if swapped else "confirm"
    return found


def fix_link(db: Database, call_id: str, deal_id: str | None) -> None:
    """Tie a call to a deal (``None``: to none) for good.

    Raises:
        UsageError: There is no such deal.
    """
    if deal_id is not None and not list(db.query("SELECT 1 FROM deals WHERE deal_id = ?", [deal_id])):
        raise UsageError(f"there is no deal {deal_id!r}", hint="Import it with `callmine deals FILE`.")
    upsert(
        db,
        "links",
        {
            "call_id": call_id,
            "deal_id": deal_id,
            "rule": "person",
            "confidence": 1.0,
            "why": "a person said so",
        },
        "call_id",
    )


def _insert(
    db: Database,
    call_id: str,
    index: int | None,
    finding_id: str | None,
    verdict: str,
    label: str | None,
    text: str | None,
) -> None:
    db.table("corrections").insert(
        {
            "made_at": utc_now(),
            "call_id": call_id,
            "utterance_index": index,
            "finding_id": finding_id,
            "verdict": verdict,
            "label": label,
            "text": text,
        }
    )
