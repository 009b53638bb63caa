"""How objections were answered in closed deals: which kinds and playbook answers went with winning."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from callmine.domain import ANSWER_KINDS, Kind, Role
from callmine.outcomes.cohort import Cohort
from callmine.outcomes.compare import Comparison, Question, compare_many
from callmine.playbook import Answer
from callmine.reports.closed import Closed, Heard
from callmine.reports.digest_values import DigestSettings
from callmine.reports.outcome_values import OutcomeSettings
from callmine.reports.quotes import known_role
from callmine.reports.tally import passes
from callmine.store.rows import HeardRow

CALL_BANDS = (1, 2, 4)
"""Numbers of a call at which a new band begins: the first, the second and third, all later ones."""
PLAYBOOK = "playbook"
"""What stands in the place of a kind where an answer is one of the playbook's."""


@dataclass(frozen=True, slots=True, eq=False)
class KindOfAnswer:
    """One kind of answer to one objection, or one of the playbook's, against all others to the same one.

    Attributes:
        objection: Its label.
        kind: One of :data:`callmine.domain.ANSWER_KINDS`, or :data:`PLAYBOOK`.
        text: The playbook's answer; ``None`` for a kind.
        comparison: Deals answered in this way when the objection was first heard, against the others.
        rows: The answers.
        firsts: For each deal the call in which the objection was first heard and answered so, or -1.
        alone: Whether each deal got this answer and no other one, and so is compared.
    """

    objection: str
    kind: str
    text: str | None
    comparison: Comparison
    rows: tuple[HeardRow, ...]
    firsts: NDArray[np.int64]
    alone: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class _Given:
    """An answer to an objection, in the call in which its deal first raised that objection."""

    deal: int
    call: int
    row: HeardRow
    kind: str

    def is_one(self, kind: str, text: str | None) -> bool:
        """Whether it is of this kind, or gives this text of the playbook."""
        return self.kind == kind if text is None else self.row.detail.get("playbook") == text


def answers_that_work(
    closed: Closed,
    heard: Heard,
    rows: Iterable[HeardRow],
    counted: DigestSettings,
    settings: OutcomeSettings,
    playbook: Sequence[Answer] = (),
) -> tuple[KindOfAnswer, ...]:
    """Hold each answer to an objection against the others to it, over all objections as one family.

    What counts is how an objection was answered in the call in which the deal first raised it: later
    answers are given only where the deal went on, which is the outcome in disguise. Each kind of answer
    stands against the other kinds, and each of the playbook's against whatever else was said.

    Args:
        closed: The deals and calls of the period.
        heard: What was heard in them.
        rows: All findings of those calls.
        counted: Which findings count.
        settings: What is enough.
        playbook: The playbook's answers; each is looked at where it answers its own objection.
    """
    found: list[tuple[str, str, str | None, tuple[HeardRow, ...], NDArray[np.int64]]] = []
    questions: list[Question] = []
    for label, answers in sorted(_first_answers(closed, heard, _given(rows, counted)).items()):
        strata = strata_at(closed.cohort, heard.firsts["objection", label])
        texts = dict.fromkeys(answer.text for answer in playbook if answer.objection == label)
        options = [*((kind, None) for kind in ANSWER_KINDS), *((PLAYBOOK, text) for text in texts)]
        for kind, text in options:
            such = [answer for answer in answers if answer.is_one(kind, text)]
            if not such:
                continue
            firsts = np.full(closed.cohort.deals, -1, dtype=np.int64)
            otherwise = np.zeros(closed.cohort.deals, dtype=bool)
            for answer in such:
                firsts[answer.deal] = answer.call
            for answer in answers:
                otherwise[answer.deal] |= not answer.is_one(kind, text)
            # A deal that got both answers says nothing about which is better.
            questions.append(Question(closed.cohort.won, firsts >= 0, otherwise, strata))
            found.append((label, kind, text, tuple(answer.row for answer in such), firsts))
    compared = compare_many(
        questions,
        min_deals=settings.min_deals,
        smallest_effect=settings.smallest_effect,
        max_q=settings.max_q,
    )
    return tuple(
        KindOfAnswer(label, kind, text, comparison, said, firsts, asked.group_a & ~asked.group_b)
        for (label, kind, text, said, firsts), asked, comparison in zip(
            found, questions, compared, strict=True
        )
    )


def strata_at(cohort: Cohort, first: NDArray[np.int64]) -> Mapping[str, NDArray[np.int64]]:
    """Return what makes deals alike at the call in which something was first heard or said.

    Most important first; deals that never heard it get a code that no question looks at.
    """
    at = np.maximum(first, 0)
    some = bool(cohort.calls)
    nothing = np.full(cohort.deals, -1, dtype=np.int64)
    band = np.searchsorted(CALL_BANDS, cohort.number, side="right") if some else nothing
    return {
        "stage at the call": np.where(first >= 0, cohort.stage[at], -1) if some else nothing,
        "number of the call": np.where(first >= 0, band[at], -1) if some else nothing,
        "segment": cohort.segment,
        "size": cohort.size,
    }


def kind_of(answer: HeardRow) -> str | None:
    """Return in which way an answer answers; ``None`` where that is not one of the known ways."""
    kind = answer.label if answer.label in ANSWER_KINDS else str(answer.detail.get("type"))
    return kind if kind in ANSWER_KINDS else None


def _first_answers(
    closed: Closed, heard: Heard, given: Mapping[str, Sequence[HeardRow]]
) -> dict[str, list[_Given]]:
    """Return by objection how deals were answered when they first raised it."""
    number = {call_id: n for n, call_id in enumerate(closed.call_ids)}
    found: dict[str, list[_Given]] = defaultdict(list)
    for (family, label), first in heard.firsts.items():
        if family != "objection":
            continue
        for row in heard.rows[family, label]:
            call = number[row.call_id]
            deal = int(closed.cohort.deal[call])
            if first[deal] != call:
                continue
            for answer in given.get(row.finding_id, ()):
                if (kind := kind_of(answer)) is not None:
                    found[label].append(_Given(deal, call, answer, kind))
    return found


def _given(rows: Iterable[HeardRow], counted: DigestSettings) -> dict[str, list[HeardRow]]:
    """Return for each objection the answers that are sure enough and known to be ours."""
    given: dict[str, list[HeardRow]] = defaultdict(list)
    for row in rows:
        sure = row.kind is Kind.ANSWER and passes(row, counted)
        if sure and known_role(row, min_confidence=counted.min_role_confidence) is Role.REP:
            for one in row.detail.get("answers", ()):
                given[str(one)].append(row)
    return given
