"""The queue: what a person's word teaches most comes first, and what was judged never comes back."""

from __future__ import annotations

from random import Random

import pytest
from commands import callmine

from callmine.domain import Kind, Role
from callmine.operations.queueing import most_telling, queue, whole_queue
from callmine.store.rows import EvidenceRow
from callmine.workspace import find_workspace
from tests.builders import a_playbook, a_segment, a_transcript
from tests.digest_rows import call, said
from tests.fakes import Rules
from tests.workbench import Workbench


def doubts(*rows: tuple[str, str, float, Role]) -> list[EvidenceRow]:
    """One finding for each call name, label, score and role."""
    return [
        said(call(name), f"Well, [[{label} {score}]].", label, score=score, role=role)
        for name, label, score, role in rows
    ]


def shown(rows: list[EvidenceRow], *, limit: int = 20, threshold: float = 0.5) -> list[tuple[str, float]]:
    """Label and score of what is chosen."""
    return [(r.label, r.score) for r in most_telling(rows, bar=lambda _: threshold, limit=limit)]


def test_nearest_the_threshold_comes_first() -> None:
    """Whatever side of it: what would be counted, and what would not."""
    rows = doubts(*((f"c{n}", "price", n / 10, Role.PROSPECT) for n in range(1, 10)))
    assert [score for _, score in shown(rows, threshold=0.8, limit=3)] == [0.8, 0.9, 0.7]
    assert [score for _, score in shown(rows, threshold=0.3, limit=1)] == [0.3]


def test_labels_take_turns() -> None:
    """Ten doubtful prices do not hide the one doubtful contract."""
    rows = doubts(
        ("a", "price", 0.50, Role.PROSPECT),
        ("b", "price", 0.51, Role.PROSPECT),
        ("c", "price", 0.52, Role.PROSPECT),
        ("d", "trust", 0.60, Role.PROSPECT),
        ("e", "contract", 0.90, Role.PROSPECT),
    )
    labels = [label for label, _ in shown(rows)]
    assert labels == ["price", "trust", "contract", "price", "price"]


def test_thresholds_take_turns() -> None:
    """Many utterances were nearly found, few findings nearly count: neither hides the other."""
    near = [(f"c{n}", "price", 0.29 - n / 1000, Role.PROSPECT) for n in range(9)]
    rows = doubts(*near, ("x", "price", 0.7, Role.PROSPECT), ("y", "price", 0.6, Role.PROSPECT))
    items = most_telling(rows, bar=lambda row: 0.3 if row.score < 0.3 else 0.8, limit=4)
    assert [row.score for row in items] == [0.29, 0.7, 0.289, 0.6]


def test_prospects_come_first() -> None:
    """What a rep or nobody known said is not counted, so it can wait however doubtful it is."""
    rows = doubts(
        ("a", "price", 0.5, Role.REP), ("b", "price", 0.5, Role.UNKNOWN), ("c", "price", 0.9, Role.PROSPECT)
    )
    assert shown(rows)[0] == ("price", 0.9)
    assert len(shown(rows)) == 3


def test_two_of_a_call_at_most() -> None:
    """The two nearest the threshold."""
    labels = ("price", "trust", "contract", "timing")
    rows = doubts(*(("one", label, 0.6 + n / 10, Role.PROSPECT) for n, label in enumerate(labels)))
    assert shown(rows) == [("price", 0.6), ("trust", 0.7)]


def test_the_same_whatever_the_order() -> None:
    """Equal scores, too, always come in one order."""
    roles, labels = list(Role), ("price", "trust", "timing")
    rows = doubts(*((f"c{n % 7}", labels[n % 3], (n % 4) / 4, roles[n % 3]) for n in range(40)))
    expected = shown(rows)
    for seed in range(5):
        Random(seed).shuffle(rows)
        assert shown(rows) == expected


@pytest.fixture
def done(bench: Workbench) -> Workbench:
    """One call in which a prospect objects twice, and a settings file, so that it is a workspace."""
    bench.recording(rep_channel="left")
    bench.run()
    (bench.folder / "callmine.toml").write_text("")
    return bench


def waiting(bench: Workbench) -> list[tuple[int, str]]:
    """Utterance and words of what the queue shows."""
    return [(row.utterance_index, row.text) for row in queue(find_workspace(bench.folder))]


def read_by(bench: Workbench, **words: str) -> None:
    """Extract again, with other words for labels."""
    bench.extractors = [Rules({text.replace("_", " "): label for text, label in words.items()})]
    bench.run()


def test_the_threshold_is_the_digests(done: Workbench) -> None:
    """What is uncertain is what a digest might count or not."""
    done.engine.says = {"more.wav": a_transcript(a_segment("The price is high.", 0, channel=1))}
    done.recording("more.wav", rep_channel="left")
    done.run()
    with done.store._writing():
        done.store._db.execute("UPDATE findings SET score = 0.55 WHERE utterance_index = 0")
    for bar, first in (("0.5", 0), ("0.9", 1)):
        (done.folder / "callmine.toml").write_text(f"[digest]\nmin_score = {bar}\n")
        assert waiting(done)[0][0] == first


def test_what_was_judged_stays_away_under_another_span(done: Workbench) -> None:
    """Another model marks more of the same words; the verdict is still about them."""
    first, second = done.store.evidence()
    done.store.judge(first.finding_id, "wrong")
    read_by(done, price_is_too_high="price", price="price")
    assert {e.text for e in done.store.evidence()} == {"price", "price is too high"}
    read_by(done, price_is_too_high="price", went_up="timing")
    assert waiting(done) == [(second.utterance_index, "went up")]


def test_another_place_of_a_judged_turn_still_waits(done: Workbench) -> None:
    """A verdict speaks of its own words only."""
    done.store.judge(done.store.evidence()[0].finding_id, "right")
    read_by(done, honestly="trust")
    assert waiting(done) == [(1, "Honestly")]


def test_what_people_added_does_not_wait(done: Workbench) -> None:
    """Neither under their own words, nor when a model finds it as well."""
    call_id = done.only("calls")["call_id"]
    done.store.add_missed(call_id, 0, "timing")
    assert waiting(done) == [(1, "price"), (3, "price")]
    read_by(done, shifts="timing", plan="trust")
    assert waiting(done) == [(0, "plan")]


def test_a_turn_read_without_objection_does_not_wait(done: Workbench) -> None:
    """A later model that finds one there is told, not asked."""
    call_id = done.only("calls")["call_id"]
    done.store.add_nothing(call_id, 0)
    read_by(done, shifts="timing")
    (row,) = done.store.evidence()
    assert (row.text, row.verdict) == ("shifts", "wrong")
    assert waiting(done) == []


def test_only_objections_wait(done: Workbench) -> None:
    """Competitors and trackers have no threshold that a correction would move."""
    with done.store._writing():
        done.store._db.execute("UPDATE findings SET kind = ?", [Kind.COMPETITOR])
    assert waiting(done) == []


def test_both_parts_are_shown_apart(done: Workbench) -> None:
    """Calls with doubtful roles under a heading of their own, all of them; the limit is for findings."""
    with done.store._writing():
        done.store._db.execute("UPDATE calls SET role_doubt = 'the left one asks for the price'")
    (done.folder / "callmine.toml").write_text("[digest]\nmin_score = 0.5\n")
    told = callmine("correct", "--queue", "--limit", "1", at=done.folder)
    assert told.err.splitlines() == [
        "1 call whose roles look the wrong way round:",
        "1 objection nearest the score from which on they count:",
    ]
    assert len(told.out.splitlines()) == 3
    assert [row["kind"] for row in whole_queue(find_workspace(done.folder), limit=1)] == [
        "roles",
        "objection",
    ]


def test_a_playbook_of_its_own_changes_nothing_judged(done: Workbench) -> None:
    """Findings made again keep what was said of them."""
    for row in done.store.evidence():
        done.store.judge(row.finding_id, "label", "trust")
    done.playbook = a_playbook(["forecast"])
    done.run()
    assert waiting(done) == []
