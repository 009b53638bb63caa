"""How objections were answered in closed deals: which kind of answer went with winning."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from callmine.domain import ANSWER_KINDS, Kind, Role
from callmine.outcomes.cohort import Cohort
from callmine.outcomes.compare import Comparison, Question, compare_many
from callmine.reports.closed import Closed, Heard
from callmine.reports.digest_values import DigestSettings
from callmine.reports.outcome_values import OutcomeSettings
from callmine.reports.quotes import known_role
from callmine.reports.tally import passes
from callmine.store.rows import HeardRow

CALL_BANDS = (1, 2, 4)
"""Numbers of a call at which a new band begins: the first, the second and third, all later ones."""


@dataclass(frozen=True, slots=True, eq=False)
class KindOfAnswer:
    """One kind of answer to one objection, against all other kinds to the same one.

    Attributes:
        objection: Its label.
        kind: One of :data:`callmine.domain.ANSWER_KINDS`.
        comparison: Deals answered in this way when the objection was first heard, against the others.
        rows: The answers.
        firsts: For each deal the call in which the objection was first heard and answered so, or -1.
    """

    objection: str
    kind: str
    comparison: Comparison
    rows: tuple[HeardRow, ...]
    firsts: NDArray[np.int64]


def answers_that_work(
    closed: Closed,
    heard: Heard,
    rows: Iterable[HeardRow],
    counted: DigestSettings,
    settings: OutcomeSettings,
) -> tuple[KindOfAnswer, ...]:
    """Hold each kind of answer to an objection against the other kinds, over all objections as one family.

    What counts is how an objection was answered in the call in which the deal first raised it: later
    answers are given only where the deal went on, which is the outcome in disguise.

    Args:
        closed: The deals and calls of the period.
        heard: What was heard in them.
        rows: All findings of those calls.
        counted: Which findings count.
        settings: What is enough.
    """
    given = _given(rows, counted)
    number = {call_id: n for n, call_id in enumerate(closed.call_ids)}
    found: dict[tuple[str, str], tuple[list[HeardRow], NDArray[np.int64]]] = {}
    for (family, label), first in heard.firsts.items():
        if family != "objection":
            continue
        for row in heard.rows[family, label]:
            call = number[row.call_id]
            deal = closed.cohort.deal[call]
            if first[deal] != call:
                continue
            for answer in given.get(row.finding_id, ()):
                kind = kind_of(answer)
                if kind is None:
                    continue
                none = np.full(closed.cohort.deals, -1, dtype=np.int64)
                answers, at = found.setdefault((label, kind), ([], none))
                answers.append(answer)
                at[deal] = call
    keys = sorted(found, key=lambda key: (key[0], ANSWER_KINDS.index(key[1])))
    questions = []
    for label, kind in keys:
        at = found[label, kind][1]
        others = [found[key][1] for key in keys if key[0] == label and key != (label, kind)]
        rest = np.logical_or.reduce([other >= 0 for other in others]) if others else np.zeros(len(at), bool)
        strata = strata_at(closed.cohort, heard.firsts["objection", label])
        # A deal that got both kinds says nothing about which is better.
        questions.append(Question(closed.cohort.won, at >= 0, rest, strata))
    answered = compare_many(
        questions,
        min_deals=settings.min_deals,
        smallest_effect=settings.smallest_effect,
        max_q=settings.max_q,
    )
    return tuple(
        KindOfAnswer(label, kind, comparison, tuple(found[label, kind][0]), found[label, kind][1])
        for (label, kind), comparison in zip(keys, answered, strict=True)
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


def _given(rows: Iterable[HeardRow], counted: DigestSettings) -> dict[str, list[HeardRow]]:
    """Return for each objection the answers that are sure enough and known to be ours."""
    given: dict[str, list[HeardRow]] = defaultdict(list)
    for row in rows:
        sure = row.kind is Kind.ANSWER and passes(row, counted)
        if sure and known_role(row, min_confidence=counted.min_role_confidence) is Role.REP:
            for one in row.detail.get("answers", ()):
                given[str(one)].append(row)
    return given
