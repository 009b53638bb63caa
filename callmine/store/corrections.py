"""What people say about findings, roles and links; each inside the caller's transaction."""

from __future__ import annotations

from typing import Any

from sqlite_utils import Database

from callmine.decisions import decide, stretches
from callmine.domain import Kind, utc_now
from callmine.errors import UsageError
from callmine.store.database import upsert
from callmine.store.kept import missed_findings
from callmine.store.reading import speakers_of, utterances_of
from callmine.store.second import relabelled
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
    if verdict == "right" and (shown := relabelled(db, finding["finding_id"])):
        # Right is what a person sees; without this, their word would bring the extractor's label back.
        verdict, label = "label", shown
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


def set_roles(db: Database, call_id: str, *, swap: bool) -> None:
    """Record that the roles of a call, as shown, are right or inverted; the next run applies it.

    What is kept is who is who, voice by voice, so that a person's word means what they saw also
    when the computed roles change afterwards.
    """
    # Voices may be numbered anew already where no run has shown it yet: what counts is what was shown.
    shown = {speaker.key: speaker.role for speaker in speakers_of(db, call_id)}
    spoken = stretches((turn.speaker, turn) for turn in utterances_of(db, call_id))
    decided = decide(shown, role_decisions(db).get(call_id, ""), spoken, swap=swap)
    _insert(db, call_id, None, None, "roles", "swap" if swap else "confirm", decided or None)


def role_decisions(db: Database) -> dict[str, str]:
    """Return per call what people decided on its roles, as :func:`callmine.decisions.roles_now` reads it.

    The last word holds. Rows of older versions have none; there what all of them come to is ``swap``
    or ``confirm``.
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
