"""Answers and outcomes: whose answers count, to which hearing, and against which others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from callmine.domain import Kind, Role
from callmine.outcomes.verdicts import Verdict
from callmine.playbook import Answer
from callmine.reports.closed import Closed
from callmine.reports.closed_answers import KindOfAnswer, answers_that_work
from callmine.reports.digest_values import DigestSettings
from callmine.reports.outcome_values import OutcomeSettings
from callmine.store.rows import HeardRow
from tests.builders import a_deal
from tests.closed_rows import a_heard, a_talk, an_answer, gathered, lost, one_call_each, said_in

OURS = "Compare it with three days of planning"


def answered(
    closed: Closed, rows: Sequence[HeardRow], min_deals: int = 1, playbook: Sequence[Answer] = ()
) -> dict[str, KindOfAnswer]:
    """Return what is said of each answer, by ``objection:kind``, or its text where it is the playbook's."""
    settings = OutcomeSettings(min_deals=min_deals)
    found = answers_that_work(closed, said_in(closed, *rows), rows, DigestSettings(), settings, playbook)
    return {f"{one.objection}:{one.text or one.kind}": one for one in found}


def as_written(to: HeardRow, kind: str = "reframing", text: str = OURS) -> HeardRow:
    """Return an answer that gives a text of the playbook."""
    return an_answer(to, kind, detail={"type": kind, "answers": [to.finding_id], "playbook": text})


def counts(one: KindOfAnswer) -> tuple[int, int, int, int, int]:
    """Return won and all deals answered so, won and all answered otherwise, and those in both."""
    c = one.comparison
    return c.a.successes, c.a.total, c.b.successes, c.b.total, c.both


def test_each_kind_stands_against_the_others() -> None:
    """Deals answered with evidence against those answered otherwise, and the other way round."""
    closed = one_call_each(3, 2)
    rows = []
    for n, kind in enumerate(("evidence", "evidence", "discount", "evidence", "discount")):
        said = a_heard(f"c-00{n}")
        rows += [said, an_answer(said, kind)]
    found = answered(closed, rows)
    assert list(found) == ["price:evidence", "price:discount"]
    assert counts(found["price:evidence"]) == (2, 3, 1, 2, 0)
    assert counts(found["price:discount"]) == (1, 2, 2, 3, 0)
    assert {row.call_id for row in found["price:discount"].rows} == {"c-002", "c-004"}


def test_who_was_answered_in_both_ways_counts_for_neither() -> None:
    """A deal that got evidence and a discount says nothing about which of the two is better."""
    first, second = a_heard("c-000"), a_heard("c-001")
    rows = [first, an_answer(first), an_answer(first, "discount", utterance_index=3)]
    rows += [second, an_answer(second)]
    found = answered(one_call_each(1, 1), rows)
    assert counts(found["price:evidence"]) == (0, 1, 0, 0, 1)
    assert counts(found["price:discount"]) == (0, 0, 0, 1, 1)


def test_only_the_first_hearing_of_a_deal_is_asked() -> None:
    """Later answers are given only where a deal went on, which is the outcome in disguise."""
    talks = [a_talk("c-1", started_at="2026-09-01T08:00:00Z"), a_talk("c-2"), a_talk("c-3", "D-2")]
    closed = gathered([a_deal("D-1"), lost("D-2")], talks)
    early, late, other = a_heard("c-1"), a_heard("c-2"), a_heard("c-3")
    answers = [an_answer(early, "question"), an_answer(late, "discount"), an_answer(other, "question")]
    found = answered(closed, [early, late, other, *answers])
    assert list(found) == ["price:question"]
    assert counts(found["price:question"]) == (1, 2, 0, 0, 0)
    unanswered_first = answered(closed, [early, late, an_answer(late, "discount")])
    assert unanswered_first == {}


def test_the_first_hearing_is_that_of_each_objection() -> None:
    """A deal that raises price in its first call and trust in its second is asked in each for its own."""
    talks = [a_talk("c-1", started_at="2026-09-01T08:00:00Z"), a_talk("c-2")]
    closed = gathered([a_deal()], talks)
    price, trust = a_heard("c-1"), a_heard("c-2", "trust")
    found = answered(closed, [price, trust, an_answer(price), an_answer(trust, "reframing")])
    assert {key: int(one.firsts[0]) for key, one in found.items()} == {
        "price:evidence": 0,
        "trust:reframing": 1,
    }


@pytest.mark.parametrize(
    ("changes", "counted"),
    [
        ({}, True),
        ({"role": Role.PROSPECT}, False),
        ({"role": Role.UNKNOWN}, False),
        ({"role_confidence": 0.5}, False),
        ({"score": 0.4}, False),
        ({"score": 0.4, "verdict": "right"}, True),
        ({"verdict": "wrong"}, False),
        ({"second_verdict": "rejected"}, False),
        ({"kind": Kind.POSITIONING}, False),
        ({"label": "shrugging", "detail": {"answers": [a_heard().finding_id]}}, False),
        ({"label": "shrugging", "detail": {"type": "discount", "answers": [a_heard().finding_id]}}, True),
        ({"detail": {"type": "evidence"}}, False),
        ({"detail": {"type": "evidence", "answers": ["nothing we know"]}}, False),
    ],
)
def test_whose_answers_count(changes: dict[str, Any], counted: bool) -> None:
    """A rep's, known as such, sure enough, of a known kind, to an objection that counts."""
    closed = gathered([a_deal()], [a_talk()])
    said = a_heard()
    assert bool(answered(closed, [said, an_answer(said, **changes)])) is counted


def test_an_answer_to_what_does_not_count_is_none() -> None:
    """Who strikes out an objection strikes out what answered it."""
    said = a_heard(verdict="wrong")
    assert answered(gathered([a_deal()], [a_talk()]), [said, an_answer(said)]) == {}


def test_one_answer_to_two_objections_counts_for_both() -> None:
    """What a rep says may answer price and trust at once."""
    price, trust = a_heard(), a_heard(label="trust")
    both = an_answer(price, detail={"type": "evidence", "answers": [price.finding_id, trust.finding_id]})
    found = answered(gathered([a_deal()], [a_talk()]), [price, trust, both])
    assert list(found) == ["price:evidence", "trust:evidence"]
    assert [one.rows for one in found.values()] == [(both,), (both,)]


def test_what_few_deals_have_is_not_compared() -> None:
    """Below the support there is no test and no verdict; from it on there is one."""
    rows = []
    for n in range(20):
        said = a_heard(f"c-{n:03d}")
        rows += [said, an_answer(said, "evidence" if n < 10 else "discount")]
    closed = one_call_each(10, 10)
    assert all(one.comparison.adjusted is None for one in answered(closed, rows, min_deals=11).values())
    found = answered(closed, rows, min_deals=10)
    assert found["price:evidence"].comparison.verdict is Verdict.WINS
    assert found["price:discount"].comparison.verdict is Verdict.LOSSES


def test_nothing_heard_or_no_calls_is_no_answer() -> None:
    """Empty in, empty out."""
    assert answered(one_call_each(1, 1), []) == {}
    assert answered(gathered([a_deal()], []), []) == {}


def test_the_playbooks_answer_stands_against_whatever_else_was_said() -> None:
    """Also against answers of its own kind; kinds are compared as before."""
    closed = one_call_each(3, 2)
    said = [a_heard(f"c-00{n}") for n in range(5)]
    answers = [
        as_written(said[0]),
        as_written(said[1], "evidence"),
        an_answer(said[2], "reframing"),
        as_written(said[3]),
        an_answer(said[4], "discount"),
    ]
    found = answered(closed, [*said, *answers], playbook=[Answer(objection="price", text=OURS)])
    assert list(found) == ["price:evidence", "price:discount", "price:reframing", f"price:{OURS}"]
    ours = found[f"price:{OURS}"]
    assert (ours.kind, ours.text, counts(ours)) == ("playbook", OURS, (2, 3, 1, 2, 0))
    assert [row.call_id for row in ours.rows] == ["c-000", "c-001", "c-003"]
    assert counts(found["price:reframing"]) == (2, 3, 1, 2, 0)
    assert found["price:reframing"].text is None


def test_who_got_the_playbooks_answer_and_another_counts_for_neither() -> None:
    """As with kinds, also where both are of one kind."""
    said = a_heard("c-000")
    rows = [said, as_written(said), an_answer(said, "reframing", utterance_index=3)]
    found = answered(one_call_each(1, 1), rows, playbook=[Answer(objection="price", text=OURS)])
    assert counts(found[f"price:{OURS}"]) == (0, 0, 0, 0, 1)


@pytest.mark.parametrize(
    "playbook",
    [
        (),
        (Answer(objection="trust", text=OURS),),
        (Answer(objection="price", text="Something that nobody said"),),
    ],
)
def test_only_what_the_playbook_has_for_that_objection_is_looked_at(playbook: Sequence[Answer]) -> None:
    """Not what it had once, nor what it has for another objection, nor what nobody ever said."""
    said = a_heard("c-000")
    assert list(answered(one_call_each(1, 1), [said, as_written(said)], playbook=playbook)) == [
        "price:reframing"
    ]


def test_an_answer_that_is_there_twice_is_one_comparison() -> None:
    """A text that the playbook repeats is no second look at the same deals."""
    said, closed = a_heard("c-000"), one_call_each(1, 1)
    rows, twice = [said, as_written(said)], [Answer(objection="price", text=OURS)] * 2
    found = answers_that_work(
        closed, said_in(closed, *rows), rows, DigestSettings(), OutcomeSettings(), twice
    )
    assert [one.kind for one in found] == ["reframing", "playbook"]


def test_kinds_and_the_playbooks_answers_are_one_family() -> None:
    """Each further comparison makes all of them answer to a stricter bound."""
    rows = []
    for n in range(20):
        said = a_heard(f"c-{n:03d}")
        rows += [said, as_written(said) if n % 2 else an_answer(said, ("evidence", "discount")[n // 10])]
    closed = one_call_each(10, 10)
    alone = answered(closed, rows)
    together = answered(closed, rows, playbook=[Answer(objection="price", text=OURS)])
    before, after = (one["price:evidence"].comparison.q for one in (alone, together))
    assert before is not None
    assert after == pytest.approx(before * 4 / 3)
