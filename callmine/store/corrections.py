"""What people say about findings, roles and links; each inside the caller's transaction.

``by`` is everywhere the name of who says it, ``None`` where that is not known. What they say about turns
is in :mod:`callmine.store.missed`.
"""

from __future__ import annotations

import re
import shlex
from typing import Any

from sqlite_utils import Database

from callmine.decisions import decide, stretches
from callmine.domain import BY_PEOPLE, Kind, Role, utc_now
from callmine.errors import UsageError
from callmine.store.database import upsert
from callmine.store.queries import REPLACED_BY, VERDICT
from callmine.store.reading import speakers_of, utterances_of
from callmine.store.said_rows import CorrectionRow
from callmine.store.second import relabelled

BY_RULES = "auto"
"""What stands in the place of a deal where the rules are to find it."""


def find_finding(db: Database, ref: str) -> dict[str, Any]:
    """Return the row of the finding whose id begins with ``ref``.

    Raises:
        UsageError: None does, or several do; one that was judged and is there no more is told as such.
    """
    begins = "WHERE substr(finding_id, 1, length(:ref)) = :ref"
    rows = list(db.query(f"SELECT * FROM findings {begins} LIMIT 2", {"ref": ref}))
    if len(rows) == 1 and ref:
        return rows[0]
    hint = "See the ids with `callmine findings`."
    if re.fullmatch(".+:[0-9]+", ref):
        raise UsageError(
            f"{ref} is an utterance, and no finding",
            hint=f"Say `callmine correct --missed {shlex.quote(ref)} --label L` for an objection in it, or"
            " `--nothing` if there is none.",
        )
    if rows:
        raise UsageError(f"more than one finding begins with {ref!r}", hint=hint)
    sql = f"SELECT k.*, c.source FROM corrections k JOIN calls c ON c.call_id = k.call_id {begins}"
    gone = list(db.query(f"{sql} ORDER BY k.id DESC LIMIT 1", {"ref": ref}))
    if gone:
        raise UsageError(
            f"finding {ref!r} in {gone[0]['source']} is there no more: its words, or what finds it, changed"
            f" since (it was “{gone[0]['text']}”)",
            hint=f"See what is found there now with `callmine findings --call {gone[0]['call_id']}`.",
        )
    raise UsageError(f"there is no finding {ref!r}", hint=hint)


def of_kind(kind: str) -> str:
    """Return a kind as what a finding is: ``an answer``, ``positioning``."""
    article = {Kind.POSITIONING: "", Kind.ANSWER: "an "}.get(Kind(kind), "a ")
    return f"{article}{Kind(kind)}"


def judge_finding(
    db: Database, finding_id: str, verdict: str, label: str | None, *, by: str | None
) -> dict[str, Any]:
    """Record ``right``, ``wrong`` or ``label`` for a finding; ids may be shortened.

    Raises:
        UsageError: No finding, or several, begin with ``finding_id``.
    """
    finding = find_finding(db, finding_id)
    if label is not None and finding["kind"] != Kind.OBJECTION:
        place = [finding["call_id"], finding["utterance_index"]]
        (turn,) = db.query("SELECT role FROM utterances WHERE call_id = ? AND utterance_index = ?", place)
        # Objections are prospects': none is put on what our rep says.
        ours = turn["role"] == Role.REP or finding["kind"] == Kind.ANSWER
        raise UsageError(
            f"{finding['finding_id']} is {of_kind(finding['kind'])}, and {label!r} is an objection",
            hint="Say --wrong if it is none; our rep says it, and objections are what prospects say."
            if ours
            else f"Say --wrong, and `callmine correct --missed {place[0]}:{place[1]} --label {label}`.",
        )
    if verdict == "right" and (shown := relabelled(db, finding["finding_id"])):
        # Right is what a person sees; without this, their word would bring the extractor's label back.
        verdict, label = "label", shown
    insert(
        db,
        finding["call_id"],
        verdict,
        by=by,
        utterance_index=finding["utterance_index"],
        finding_id=finding["finding_id"],
        label=label,
        text=finding["text"],
    )
    return finding


def set_roles(db: Database, call_id: str, *, swap: bool, by: str | None) -> None:
    """Record that the roles of a call, as shown, are right or inverted; the next run applies it.

    What is kept is who is who, voice by voice, so that a person's word means what they saw also
    when the computed roles change afterwards.
    """
    # Voices may be numbered anew already where no run has shown it yet: what counts is what was shown.
    shown = {speaker.key: speaker.role for speaker in speakers_of(db, call_id)}
    spoken = stretches((turn.speaker, turn) for turn in utterances_of(db, call_id))
    decided = decide(shown, role_decisions(db).get(call_id, ""), spoken, swap=swap)
    insert(db, call_id, "roles", by=by, label="swap" if swap else "confirm", text=decided or None)


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


def fix_link(db: Database, call_id: str, deal_id: str | None, *, by: str | None) -> None:
    """Tie a call to a deal (``None``: to none), until :func:`free_link`.

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
    insert(db, call_id, "link", by=by, label=deal_id)


def free_link(db: Database, call_id: str, *, by: str | None) -> bool:
    """Take back what a person said of a call's deal, so that the next run looks for it by the rules.

    Returns:
        Whether a person had said anything; if not, nothing is noted.
    """
    if not list(db.query("SELECT 1 FROM links WHERE call_id = ? AND rule = 'person'", [call_id])):
        return False
    # What was tried before the person spoke was for other deals: nothing of it holds.
    db.execute("DELETE FROM links WHERE call_id = ?", [call_id])
    db.execute("DELETE FROM link_tries WHERE call_id = ?", [call_id])
    db.execute("DELETE FROM stage_runs WHERE stage = 'link' AND key = ?", [call_id])
    insert(db, call_id, "link", by=by, label=BY_RULES)
    return True


def made(db: Database) -> list[CorrectionRow]:
    """Return what people corrected, newest first; corrected transcripts are not among it."""
    sql = f"""
        SELECT k.id, k.made_at, k.made_by, k.label, k.call_id, c.source, k.utterance_index, k.finding_id,
               CASE WHEN k.verdict IN ('missed', 'nothing') THEN k.verdict ELSE {VERDICT} END AS verdict,
               f.kind, f.label AS finding_label, coalesce(f.play_ms, m.play_ms, u.start_ms) AS play_ms,
               CASE WHEN k.verdict = 'missed' THEN coalesce(k.words, k.text)
                    WHEN k.verdict <> 'roles' THEN k.text END AS text,
               {REPLACED_BY} AS replaced_by, r.finding_id AS replaces
        FROM corrections k
        JOIN calls c ON c.call_id = k.call_id
        LEFT JOIN findings f ON f.finding_id = k.finding_id
        LEFT JOIN findings m ON k.verdict = 'missed' AND m.call_id = k.call_id
             AND m.utterance_index = k.utterance_index AND m.kind = '{Kind.OBJECTION}'
             AND m.label = k.label AND m.text = coalesce(k.words, k.text)
             AND m.extractor LIKE '{BY_PEOPLE}%'
        -- Said in one breath: what is replaced, then what replaces it.
        LEFT JOIN corrections r ON r.id = k.id - 1 AND r.verdict = 'wrong' AND r.call_id = k.call_id
             AND r.utterance_index = k.utterance_index AND k.verdict IN ('missed', 'right')
             AND r.words = coalesce(k.words, k.text)
        LEFT JOIN utterances u ON u.call_id = k.call_id AND u.utterance_index = k.utterance_index
        ORDER BY k.made_at DESC, k.id DESC
    """
    return [CorrectionRow(**row) for row in db.query(sql)]


def insert(db: Database, call_id: str, verdict: str, *, by: str | None, **said: str | int | None) -> None:
    """Keep what somebody said; ``said`` are further columns of ``corrections``."""
    row = {"made_at": utc_now(), "made_by": by, "call_id": call_id, "verdict": verdict, **said}
    db.table("corrections").insert(row)
