"""Named read-only queries: the one query layer for commands, reports, pages and export.

Those for calls are in :mod:`callmine.store.call_queries`.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import asdict
from typing import Any

from sqlite_utils import Database

from callmine.domain import BY_PEOPLE, Finding, Json, Kind, Outcome, Role, RoleSource
from callmine.store.database import fetched
from callmine.store.rows import EvidenceFilter, EvidenceRow

OUTCOME_AS_OF = """
CASE WHEN d.deal_id IS NULL THEN NULL
     WHEN d.outcome IN ('open', 'excluded') OR :as_of IS NULL OR d.close_date IS NULL THEN d.outcome
     WHEN d.close_date <= substr(:as_of, 1, 10) THEN d.outcome
     ELSE 'open' END
"""
"""A deal's outcome as known on a day: closed later means still open then."""

LAST_WORD = f"""
(SELECT max(j.id) FROM corrections j WHERE j.call_id = f.call_id AND (
    j.finding_id = f.finding_id AND j.verdict IN ('right', 'wrong', 'label')
    OR f.kind = 'objection' AND j.utterance_index = f.utterance_index
    AND j.text = (SELECT said.text FROM utterances said WHERE said.id = u.id) AND (
        j.verdict = 'missed' AND j.label = f.label AND f.extractor LIKE '{BY_PEOPLE}%'
        OR j.verdict = 'nothing' AND NOT EXISTS (
            SELECT 1 FROM corrections m WHERE m.call_id = j.call_id AND m.verdict = 'missed'
            AND m.utterance_index = j.utterance_index AND m.id > j.id))))
"""
"""The last correction that speaks of a finding: of itself, or of the whole of its turn."""
VERDICT = """
CASE WHEN k.verdict = 'wrong' AND k.words IS NOT NULL THEN 'replaced'
     WHEN k.verdict = 'nothing' THEN 'wrong' WHEN k.verdict = 'missed' THEN NULL ELSE k.verdict END
"""
"""What a correction says of a finding: ``replaced`` where a person gave the words that say it instead."""
REPLACED_BY = """
(SELECT substr(min((n.label <> k.label) || n.finding_id), 2) FROM findings n
 WHERE k.verdict = 'wrong' AND n.call_id = k.call_id AND n.utterance_index = k.utterance_index
   AND n.kind = 'objection' AND n.text = k.words AND n.finding_id <> k.finding_id)
"""
"""The finding with those words, with that label if there is one; none where the words are gone since.

SQLite knows no column from outside in the ORDER BY of a subquery, hence the least of marked ids.
"""
_AT_CALL = """
(SELECT h.{0} FROM deal_history h WHERE h.deal_id = d.deal_id AND h.since <= c.started_at AND h.is_gone = 0
 AND (h.{0} IS NOT NULL OR h.origin <> 'crm') ORDER BY h.since DESC, h.id DESC LIMIT 1)
"""
STAGE_AT_CALL = _AT_CALL.format("stage")
"""The deal's stage when the call began; nothing where no history reaches back so far."""
OUTCOME_AT_CALL = _AT_CALL.format("outcome")
"""The deal's outcome as it was then, likewise."""
_RELABEL = """
(SELECT label FROM corrections k WHERE k.finding_id = f.finding_id AND k.verdict = 'label'
 ORDER BY id DESC LIMIT 1)
"""


LABEL = f"""
coalesce({_RELABEL}, CASE WHEN v.verdict = 'relabelled' AND {VERDICT} IS NULL THEN v.label END, f.label)
"""
"""The label that a finding counts under; what a second reader says counts where no person spoke."""

_SAYING = """
coalesce(json_extract(detail, '$.message'), json_extract(detail, '$.echoes'),
         json_extract(detail, '$.playbook'))
"""
"""What of the playbook a finding says: a message's id, said or taken up, or the text of an answer."""

LOST = "lost"
"""Outcome that filters take for all of ``lost_competitor``, ``lost_no_decision``, ..."""


_COLUMNS = ", ".join(f"json_extract(value, '$.{key}') AS \"{key}\"" for key in Finding.__dataclass_fields__)
_GIVEN = f"(SELECT {_COLUMNS} FROM json_each(:given))"
"""What is looked at as if it were findings."""
_AMONG = "(SELECT * FROM findings WHERE finding_id IN (SELECT value FROM json_each(:ids)))"


def evidence(
    db: Database,
    filters: EvidenceFilter,
    *,
    given: Sequence[Finding] | None = None,
    ids: Collection[str] | None = None,
) -> list[EvidenceRow]:
    """Return findings with all that a quote needs, by call time and position.

    Args:
        db: The database.
        filters: Which.
        given: Look at these instead, which are in no table; what was said of their whole turns holds.
        ids: Only findings with one of these ids; not beside ``given``.
    """
    source = _GIVEN if given is not None else "findings" if ids is None else _AMONG
    asked = asdict(filters)
    # Only what is asked for is a condition, so that SQLite begins with the calls of those weeks. With a
    # plus a column has no index: that of kinds would be taken, and leads through findings of all weeks.
    inner, outer = (
        " AND ".join(told for name, told in conditions.items() if asked[name] is not None) or "1"
        for conditions in (_OF_CALLS, _OF_FINDINGS)
    )
    if filters.since or filters.until:
        inner = inner.replace("f.kind", "+f.kind")
    sql = f"""
        SELECT {_FIELDS} FROM (
        SELECT f.finding_id, f.kind, {LABEL} AS label, f.text, f.start, f."end", f.score, f.detail,
               f.extractor, f.playbook, f.call_id, f.utterance_index, f.start_ms, f.play_ms, f.end_ms,
               f.label AS found_label, {VERDICT} AS verdict, {REPLACED_BY} AS replaced_by,
               CASE WHEN k.verdict <> 'missed' THEN k.made_by END AS verdict_by,
               CASE WHEN k.verdict <> 'missed' THEN k.made_at END AS verdict_at,
               v.verdict AS second_verdict, v.model AS second_model,
               c.source, c.title AS call_title, c.type AS call_type, c.started_at, c.recording, c.rep,
               coalesce(t.language, c.language) AS language, c.role_doubt,
               coalesce(c.account, d.account) AS account,
               u.text AS utterance, u.speaker, u.role, u.role_source, u.role_confidence,
               u.start_ms AS utterance_start_ms, u.end_ms AS utterance_end_ms,
               s.name AS speaker_name, s.channel,
               d.deal_id, d.name AS deal_name, {OUTCOME_AS_OF} AS outcome,
               d.amount, d.currency, d.close_date, d.segment, {STAGE_AT_CALL} AS deal_stage,
               {OUTCOME_AT_CALL} AS outcome_at_call
        FROM {source} f
        JOIN calls c ON c.call_id = f.call_id
        JOIN utterances u ON u.call_id = f.call_id AND u.utterance_index = f.utterance_index
        LEFT JOIN speakers s ON s.call_id = u.call_id AND s.speaker = u.speaker
        LEFT JOIN transcripts t ON t.call_id = c.call_id
        LEFT JOIN second_verdicts v ON v.finding_id = f.finding_id
        LEFT JOIN links l ON l.call_id = c.call_id
        LEFT JOIN deals d ON d.deal_id = l.deal_id
        LEFT JOIN corrections k ON k.id = {LAST_WORD}
        WHERE {inner}
        )
        WHERE {outer}
        ORDER BY started_at IS NULL, started_at, source, call_id, utterance_index, start, kind,
                 label, "end", finding_id
    """
    if given is not None:
        values = [{**asdict(f), "detail": json.dumps(f.detail)} for f in given]
        asked["given"] = json.dumps(values, ensure_ascii=False)
    elif ids is not None:
        asked["ids"] = json.dumps(sorted(ids))
    details: dict[str, Json] = {}

    def row_of(found: tuple[Any, ...]) -> EvidenceRow:
        values = list(found)
        told = details.get(values[_DETAIL])
        if told is None:
            told = details[values[_DETAIL]] = json.loads(values[_DETAIL])
        values[_DETAIL] = told
        for at, meaning in _MEANINGS:
            values[at] = meaning[values[at]]
        return EvidenceRow(*values)

    return fetched(db, sql, asked, row_of)


_NAMES = tuple(EvidenceRow.__dataclass_fields__)
_FIELDS = ", ".join(f'"{name}"' for name in _NAMES)
"""The columns are the fields in their order: by name, a row takes three times as long to make."""
_DETAIL = _NAMES.index("detail")
_ENUMERATIONS = {
    "kind": Kind,
    "role": Role,
    "role_source": RoleSource,
    "outcome": Outcome,
    "outcome_at_call": Outcome,
}
_MEANINGS = tuple(
    (_NAMES.index(name), {None: None, **{one.value: one for one in values}})
    for name, values in _ENUMERATIONS.items()
)
"""Where in a row which words stand for what: calling an enumeration is slower than looking up."""

_OF_CALLS = {
    "kind": "f.kind = :kind",
    "role": "u.role = :role",
    "since": "c.started_at >= :since",
    "until": "c.started_at < :until",
    "deal": "d.deal_id = :deal",
    "call_id": "c.call_id = :call_id",
    "finding_id": "f.finding_id = :finding_id",
    "min_score": "f.score >= :min_score",
}
_OF_FINDINGS = {
    "label": "label = :label",
    "saying": f"{_SAYING} = :saying",
    "outcome": f"(outcome = :outcome OR (:outcome = '{LOST}' AND outcome LIKE 'lost!_%' ESCAPE '!'))",
}


def labels(db: Database, kind: str | None = None) -> list[str]:
    """Return every label that findings have, of one kind or of all.

    Those that people or a second reader gave instead are included.
    """
    sql = """
        SELECT label FROM findings WHERE :kind IS NULL OR kind = :kind
        UNION SELECT label FROM corrections
        WHERE verdict = 'label' AND (:kind IS NULL OR :kind = 'objection')
        UNION SELECT v.label FROM second_verdicts v JOIN findings f ON f.finding_id = v.finding_id
        WHERE v.verdict = 'relabelled' AND (:kind IS NULL OR f.kind = :kind)
        ORDER BY 1
    """
    return [row["label"] for row in db.query(sql, {"kind": kind})]


def sayings(db: Database) -> dict[Kind, list[str]]:
    """Return, by kind, the messages (their ids) and the answers of playbooks that findings say."""
    sql = f"""
        SELECT kind, {_SAYING} AS saying FROM findings WHERE kind IN ('{Kind.POSITIONING}', '{Kind.ANSWER}')
        GROUP BY 1, 2 HAVING saying IS NOT NULL ORDER BY 1, 2
    """
    found: dict[Kind, list[str]] = {}
    for row in db.query(sql):
        found.setdefault(Kind(row["kind"]), []).append(str(row["saying"]))
    return found


def call_titles(db: Database) -> list[tuple[str, str, str]]:
    """Return each call with its title and the name of its deal, empty where there is none."""
    sql = """
        SELECT c.call_id, coalesce(c.title, ''), coalesce(d.name, '')
        FROM calls c LEFT JOIN links l ON l.call_id = c.call_id LEFT JOIN deals d ON d.deal_id = l.deal_id
    """
    return [(call_id, title, deal) for call_id, title, deal in db.execute(sql)]


def said_anywhere(db: Database, phrase: str) -> list[tuple[str, str, str, str]]:
    """Return where words are said one after the other: call, speaker, role and the whole utterance.

    The words are found in any form that the search's stemming knows; they are taken literally.
    """
    plain = phrase.replace("\0", " ").replace('"', '""')
    if not any(character.isalnum() for character in plain):
        return []
    sql = """
        SELECT u.call_id, u.speaker, u.role, u.text
        FROM utterances_fts JOIN utterances u ON u.id = utterances_fts.rowid
        WHERE utterances_fts MATCH :words ORDER BY u.call_id, u.utterance_index
    """
    found = db.execute(sql, {"words": f'"{plain}"'})
    return [(call_id, speaker, role, text) for call_id, speaker, role, text in found]


def search(db: Database, text: str, *, limit: int = 50) -> list[dict[str, Any]]:
    """Return utterances that hold all words of ``text``, best first.

    The text is taken literally: FTS operators in it have no meaning.
    """
    plain = text.replace("\0", " ")  # with which a search ends, in the middle of its quotes
    words = " ".join('"' + word.replace('"', '""') + '"' for word in plain.split())
    if not words:
        return []
    sql = """
        SELECT u.call_id, c.source, c.started_at, u.utterance_index, u.speaker, s.name AS speaker_name,
               u.role, u.start_ms, u.text,
               snippet(utterances_fts, 0, '[', ']', '…', 24) AS snippet
        FROM utterances_fts JOIN utterances u ON u.id = utterances_fts.rowid
        JOIN calls c ON c.call_id = u.call_id
        LEFT JOIN speakers s ON s.call_id = u.call_id AND s.speaker = u.speaker
        WHERE utterances_fts MATCH :words ORDER BY rank, c.started_at, u.utterance_index LIMIT :limit
    """
    return list(db.query(sql, {"words": words, "limit": limit}))
