"""What people say about turns: what was missed in them, which words say it, that there is nothing.

Each inside the caller's transaction. ``by`` is the name of who says it, ``None`` where that is not known.
"""

from __future__ import annotations

import shlex

from sqlite_utils import Database

from callmine.domain import BY_PEOPLE, Kind, Utterance
from callmine.errors import UsageError
from callmine.store.corrections import find_finding, insert, judge_finding
from callmine.store.kept import missed_findings
from callmine.store.queries import evidence
from callmine.store.reading import utterances_of
from callmine.store.rows import EvidenceFilter, EvidenceRow
from callmine.store.writing import finding_to_row


def add_missed(
    db: Database, call_id: str, index: int, label: str, *, words: str | None, by: str | None
) -> Utterance:
    """Record that an utterance holds an objection nobody found, and store it as a finding.

    Args:
        db: The database.
        call_id: The call.
        index: The utterance's.
        label: Which objection it is.
        words: The part of the utterance that says it, letter by letter; ``None`` for all of it.
        by: Who says so.

    Returns:
        The utterance.

    Raises:
        UsageError: The call has no such utterance, ``words`` are not in it just once, or it has a finding
            with that label that nobody called wrong, or that has these very words.
    """
    utterance = _utterance(db, call_id, index)
    words = _words_in(utterance, call_id, words)
    said = words or utterance.text
    for row in _objections(db, call_id, index):
        found_so = row.text == said and not row.extractor.startswith(BY_PEOPLE)
        if row.label == label and (row.verdict != "wrong" or found_so):
            right = f"callmine correct {row.finding_id} --right"
            other = shlex.quote(words) if words and words != row.text else "WORDS"
            raise UsageError(
                f"call {call_id}, utterance {index} has that objection: {row.finding_id} ({label}),"
                f" “{row.text}”{', marked wrong' if row.verdict == 'wrong' else ''}",
                hint=f"Judge it with `{right}` or `--wrong`; if other words say it, with"
                f" `{right} --words {other}`.",
            )
    _add(db, call_id, utterance, label, words, by=by)
    return utterance


def reword(db: Database, finding_id: str, words: str, *, by: str | None) -> EvidenceRow:
    """Record that an objection is right, and which words of its utterance say it.

    The finding with the words it had is struck out, and another takes its place.

    Args:
        db: The database.
        finding_id: Id of the finding, or its beginning.
        words: What says it, letter by letter.
        by: Who says so.

    Returns:
        The finding with these words.

    Raises:
        UsageError: There is no such finding, it is no objection, or ``words`` are not just once in its
            utterance.
    """
    (old,) = evidence(db, EvidenceFilter(finding_id=find_finding(db, finding_id)["finding_id"]))
    if old.kind is not Kind.OBJECTION:
        raise UsageError(
            f"{old.finding_id} is a {old.kind}; only objections can be given other words",
            hint="Say --right or --wrong without --words.",
        )
    utterance = _utterance(db, old.call_id, old.utterance_index)
    said = _words_in(utterance, old.call_id, words)

    def those() -> list[EvidenceRow]:
        rows = _objections(db, old.call_id, old.utterance_index)
        return [row for row in rows if (row.label, row.text) == (old.label, said)]

    if old.text != said:
        judge_finding(db, old.finding_id, "wrong", None, by=by)
        if not those():
            _add(db, old.call_id, utterance, old.label, said, by=by)
            return those()[0]
    judge_finding(db, those()[0].finding_id, "right", None, by=by)
    return those()[0]


def _words_in(utterance: Utterance, call_id: str, words: str | None) -> str | None:
    """Return the words that a person named, without blanks around them.

    Raises:
        UsageError: They are not in the utterance, or more than once.
    """
    words = words.strip() if words is not None else None
    if words is not None and (not words or utterance.text.count(words) != 1):
        what = "more than once" if words and words in utterance.text else "not"
        raise UsageError(
            f"call {call_id}, utterance {utterance.index}: the words “{words}” are {what} in it",
            hint=f"Copy them letter by letter, as many as are needed, from “{utterance.text}”.",
        )
    return words


def _objections(db: Database, call_id: str, index: int) -> list[EvidenceRow]:
    """Return the objections that are found in an utterance, also those that somebody called wrong."""
    rows = evidence(db, EvidenceFilter(kind=Kind.OBJECTION, call_id=call_id))
    return [row for row in rows if row.utterance_index == index]


def _add(
    db: Database, call_id: str, utterance: Utterance, label: str, words: str | None, *, by: str | None
) -> None:
    insert(
        db,
        call_id,
        "missed",
        by=by,
        utterance_index=utterance.index,
        label=label,
        text=utterance.text,
        words=words,
    )
    last = next(iter(db.query("SELECT playbook FROM playbooks ORDER BY first_used_at DESC LIMIT 1")), None)
    for finding in missed_findings(db, call_id, last["playbook"] if last else ""):
        db.table("findings").insert(finding_to_row(finding), pk="finding_id", ignore=True)


def add_nothing(db: Database, call_id: str, index: int, *, by: str | None) -> Utterance:
    """Record that a person read an utterance, and that there is no objection in it.

    What is found in these words from then on is taken for wrong.

    Returns:
        The utterance.

    Raises:
        UsageError: The call has no such utterance, or it has an objection that nobody called wrong.
    """
    utterance = _utterance(db, call_id, index)
    standing = [row for row in _objections(db, call_id, index) if row.verdict != "wrong"]
    if standing:
        ids = ", ".join(f"{row.finding_id} ({row.label})" for row in standing)
        raise UsageError(
            f"call {call_id}, utterance {index} has an objection: {ids}",
            hint=f"If it is none, say `callmine correct {standing[0].finding_id} --wrong`"
            f"{', and so of the others' if len(standing) > 1 else ''}.",
        )
    insert(db, call_id, "nothing", by=by, utterance_index=index, text=utterance.text)
    return utterance


def _utterance(db: Database, call_id: str, index: int) -> Utterance:
    utterance = next((u for u in utterances_of(db, call_id) if u.index == index), None)
    if utterance is None:
        raise UsageError(
            f"call {call_id} has no utterance {index}",
            hint=f"See them with `callmine transcript {call_id}`.",
        )
    return utterance
