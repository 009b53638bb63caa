"""What people said of findings stays with the words it was said of, when a transcript is corrected."""

from __future__ import annotations

import re

import pytest

from callmine.domain import Kind, Mention
from tests.builders import a_segment, a_transcript
from tests.fakes import Rules
from tests.sent_back import FACTS, add, one_call, written
from tests.workbench import Workbench


@pytest.fixture
def done(bench: Workbench) -> Workbench:
    """One call of four turns with two findings, in a workspace."""
    return one_call(bench)


def test_verdicts_stay_with_findings_that_still_hold(done: Workbench) -> None:
    """In turns that nobody touched, behind corrected words, and not where the words themselves went."""
    one, two = done.store.evidence()
    done.store.judge(one.finding_id, "wrong")
    done.store.judge(two.finding_id, "label", "contract")
    add(done, written(done, **{"Honestly, the": "Frankly, and between us, the", "today?": "tomorrow?"}))
    done.run()
    after, same = done.store.evidence()
    assert (after.text, after.verdict, after.start) == ("price", "wrong", 29)
    assert (same.finding_id, same.verdict, same.label) == (two.finding_id, "label", "contract")
    add(done, written(done, **{"Frankly, and between us, the": "Honestly, the"}))  # and back
    done.run()
    assert [(e.finding_id, e.verdict) for e in done.store.evidence()] == [
        (one.finding_id, "wrong"),
        (two.finding_id, "label"),
    ]
    add(done, written(done, **{"the price is": "the budget is"}))
    done.run()
    assert [(e.text, e.verdict) for e in done.store.evidence()] == [("budget", None), ("price", "label")]


def judged(bench: Workbench, *verdicts: str) -> None:
    """Have a call with two prices in one turn, and something said of each, the second one first."""
    (bench.folder / "callmine.toml").write_text("")
    bench.extractors = [Prices()]
    bench.engine.says = {"call.wav": a_transcript(a_segment("The price was fair, the price is odd."))}
    bench.recording(**FACTS)
    bench.run()
    found = bench.store.evidence()
    assert [e.start for e in found] == [4, 24]
    for finding, verdict in list(zip(found, verdicts, strict=True))[::-1]:
        if verdict:
            bench.store.judge(finding.finding_id, verdict)


class Prices(Rules):
    """Finds every price, not only the first one."""

    def _read(self, text: str) -> list[Mention]:
        return [
            Mention(Kind.OBJECTION, "price", m.start(), m.end(), 0.9) for m in re.finditer("price", text)
        ]


def corrected(bench: Workbench, **changes: str) -> list[tuple[int, str | None]]:
    """Correct and run; return start and verdict of each finding."""
    add(bench, written(bench, **changes))
    bench.run()
    return [(e.start, e.verdict) for e in bench.store.evidence()]


def test_verdicts_do_not_swap_places(bench: Workbench) -> None:
    """Where the words put in front are as long as the way from one finding to the next, and back again."""
    judged(bench, "wrong", "right")
    assert corrected(bench, **{"The price was": "So I do have to say The price was"}) == [
        (24, "wrong"),
        (44, "right"),
    ]
    assert corrected(bench, **{"So I do have to say The": "The"}) == [(4, "wrong"), (24, "right")]


@pytest.mark.parametrize("first", ["wrong", ""])
def test_a_verdict_on_words_that_went_speaks_of_no_other_words(bench: Workbench, first: str) -> None:
    """Although another finding comes to stand where they stood; it is kept for who learns from it."""
    judged(bench, first, "right")
    assert corrected(
        bench, **{"The price was fair, the price is odd.": "So I do have to say The price was fair."}
    ) == [(24, first or None)]
    kept = {row["verdict"] for row in bench.rows("corrections")}
    assert kept == {"right", first} - {""}


def test_two_verdicts_never_become_one(bench: Workbench) -> None:
    """The words of one of two findings went; its verdict is not put on the other one."""
    judged(bench, "wrong", "right")
    assert corrected(bench, **{"The price was fair, the price is odd.": "the price is odd."}) == [
        (4, "right")
    ]


def test_missed_objections_stay_where_the_turn_still_says_them(done: Workbench) -> None:
    """Not where a person says that something else was said, or nothing."""
    call = done.only("calls")["call_id"]
    done.store.add_missed(call, 2, "trust")
    add(done, written(done, **{"Let us look at it.": "Let us look into it."}))
    done.run()
    (kept,) = [f for f in done.store.evidence() if f.extractor == "person/1"]
    assert (kept.text, kept.label) == ("I see. Let us look into it.", "trust")
    add(done, written(done, **{"I see. Let us look into it.": "Hm."}))
    done.run()
    assert not [f for f in done.store.evidence() if f.extractor == "person/1"]
