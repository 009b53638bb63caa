"""Results and what they leave: planned again or not, kept or replaced, each in one transaction."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from callmine.errors import CallError, SkipCall
from callmine.executors.processes import ProcessExecutor
from callmine.payloads import Extraction
from callmine.pipeline import plan
from callmine.stage import Done, Failed
from callmine.stages.extract import ExtractStage
from callmine.store import Store
from tests.builders import a_finding, a_job, a_playbook, a_segment, a_transcript, an_utterance
from tests.fakes import KillingEngine, Rules, ScriptedEngine
from tests.workbench import Workbench

ALL = {"ingest": 1, "transcribe": 1, "attribute": 1, "extract": 1, "link": 1}


def findings(bench: Workbench) -> list[str]:
    """Labels and quotes, in order."""
    return [f"{f['label']}: {f['text']}" for f in bench.rows("findings")]


def test_a_second_run_has_nothing_to_do(bench: Workbench) -> None:
    """What is done and unchanged is planned for no stage."""
    bench.recording()
    assert bench.did() == ALL
    assert bench.did() == {}
    assert all(jobs == [] for jobs in plan(bench.store, bench.stages()).values())


def test_plan_says_what_waits_without_payloads(bench: Workbench) -> None:
    """A dry run shows what is known to wait, and builds nothing for it."""
    bench.recording("a.wav")
    waiting = plan(bench.store, bench.stages())
    assert {k: [j.label for j in v] for k, v in waiting.items() if v} == {"ingest": ["a.wav"]}
    assert waiting["ingest"][0].payload is None


def test_a_changed_playbook_only_extracts_again(bench: Workbench) -> None:
    """It re-reads, it does not re-transcribe; the finding names its playbook."""
    bench.recording()
    bench.run()
    old = bench.only("playbooks")["playbook"]
    bench.playbook = a_playbook(trackers=["shift"])
    assert bench.did() == {"extract": 1}
    assert len(bench.engine.asked) == 1
    assert {f["playbook"] for f in bench.rows("findings")} == {bench.playbook.digest} != {old}
    assert len(bench.rows("playbooks")) == 2, "an old digest can be explained"
    bench.playbook = a_playbook()
    assert bench.did() == {"extract": 1}
    assert len(bench.rows("playbooks")) == 2


def test_a_changed_extractor_extracts_again(bench: Workbench) -> None:
    """Its settings are in the fingerprint; old findings are replaced."""
    bench.recording()
    bench.run()
    assert findings(bench) == ["price: price", "price: price"]
    bench.extractors = [Rules({"honestly": "trust"})]
    assert bench.did() == {"extract": 1}
    assert findings(bench) == ["trust: Honestly"]


def test_changed_engine_settings_transcribe_again(bench: Workbench) -> None:
    """Everything that follows from other words is made anew."""
    bench.recording()
    bench.run()
    bench.engine = ScriptedEngine({"call.wav": a_transcript(a_segment("Our budget is gone."))}, take=2)
    assert bench.did() == {"transcribe": 1, "attribute": 1, "extract": 1}
    assert findings(bench) == ["price: budget"]


def test_the_same_words_again_change_nothing_after_them(bench: Workbench) -> None:
    """Another engine that hears the same: no stage after it runs."""
    bench.recording()
    bench.run()
    kept = bench.rows("utterances")
    bench.engine = ScriptedEngine({"call.wav": a_transcript(model="other")}, take=2)
    assert bench.did() == {"transcribe": 1}
    assert bench.only("transcripts")["model"] == "other"
    assert bench.rows("utterances") == kept


def test_the_old_transcript_stays_until_the_new_one_commits(bench: Workbench) -> None:
    """A new engine that fails leaves everything made from the old one in place."""
    bench.recording()
    bench.run()
    kept = [bench.rows(t) for t in ("transcripts", "utterances", "findings")]
    bench.engine = ScriptedEngine({"call.wav": CallError("too hard")}, take=2)
    assert bench.did() == {"transcribe": 1}
    assert [bench.rows(t) for t in ("transcripts", "utterances", "findings")] == kept
    (row,) = bench.store.problems()
    assert (row["status"], row["message"]) == ("failed", "too hard")
    bench.playbook = a_playbook(trackers=["shift"])
    assert bench.did() == {"extract": 1}, "what is there is still read"


def test_silence_removes_what_was_heard_before(bench: Workbench) -> None:
    """A new engine hears nobody; when the old one comes back, so does all it heard."""
    bench.recording()
    bench.run()
    heard = findings(bench)
    bench.engine = ScriptedEngine(
        {"call.wav": a_transcript(replace(a_segment(), text="", words=()))}, take=2
    )
    bench.engine.says = {"call.wav": SkipCall("nobody speaks", reason="silent")}
    assert bench.did() == {"transcribe": 1}
    for table in ("transcripts", "speakers", "utterances", "findings"):
        assert bench.rows(table) == []
    bench.playbook = a_playbook(trackers=["shift"])
    assert bench.did() == {}, "there is nothing to read"
    bench.playbook, bench.engine = a_playbook(), ScriptedEngine()
    assert bench.did() == {"transcribe": 1, "attribute": 1, "extract": 1}
    assert findings(bench) == heard


def test_forced_calls_are_transcribed_again(bench: Workbench) -> None:
    """The calls named, or all of them, although nothing changed."""
    bench.recording("a.wav")
    bench.recording("b.wav")
    bench.run()
    one = bench.rows("calls")[0]["call_id"]
    assert bench.did(force={"transcribe": frozenset({one})}) == {"transcribe": 1}
    assert bench.did(force={"transcribe": frozenset()}) == {"transcribe": 2}
    assert bench.did() == {}


def test_retryable_failures_are_tried_three_times(bench: Workbench) -> None:
    """By the next runs, by themselves; then they wait for retry, which starts anew."""
    bench.recording()
    bench.engine.says = {"call.wav": CallError("busy", retryable=True)}
    assert bench.did() == {"ingest": 1, "transcribe": 1, "link": 1}
    assert [bench.did() for _ in range(4)] == [{"transcribe": 1}, {"transcribe": 1}, {}, {}]
    assert bench.store.problems()[0]["attempts"] == 3
    assert bench.store.retry() == 1
    assert bench.did() == {"transcribe": 1}
    assert bench.store.problems()[0]["attempts"] == 1
    bench.engine.says = {}
    assert bench.did() == {"transcribe": 1, "attribute": 1, "extract": 1}
    assert bench.store.problems() == []


def test_final_failures_wait_for_retry_or_a_change(bench: Workbench) -> None:
    """They are not tried again by themselves."""
    bench.recording()
    bench.engine.says = {"call.wav": CallError("broken")}
    bench.run()
    assert bench.did() == {}
    bench.engine.take = 2
    assert bench.did() == {"transcribe": 1}
    assert bench.store.retry() == 1
    assert bench.did() == {"transcribe": 1}


def test_a_change_starts_the_attempts_anew(bench: Workbench) -> None:
    """Three tries belong to one fingerprint."""
    bench.recording()
    bench.engine.says = {"call.wav": CallError("busy", retryable=True)}
    for _ in range(3):
        bench.run()
    bench.engine.take = 2
    assert [bench.did() for _ in range(4)] == [{"transcribe": 1}] * 3 + [{}]


def test_skipped_waits_for_retry_skipped(bench: Workbench) -> None:
    """Retry alone leaves it."""
    bench.recording(consent="no")
    bench.run()
    assert bench.store.retry() == 0
    assert bench.did() == {}
    assert bench.store.retry(skipped=True) == 1
    assert bench.did() == {"ingest": 1}


def test_a_bug_is_a_row_with_its_traceback(bench: Workbench) -> None:
    """Nobody expected it, so it is counted apart; the other call is done."""
    bench.transcript("a.vtt", ("Petra", "Stumble over this price."))
    bench.transcript("b.vtt", ("Petra", "No budget."))
    bench.extractors = [Rules(crash_at="Stumble")]
    report = bench.run()
    assert report.exit_code == 1
    assert (report.tallies[3].failed, report.tallies[3].bugs, report.tallies[3].done) == (1, 1, 1)
    (row,) = bench.sql("SELECT * FROM stage_runs WHERE bug")
    assert "ZeroDivisionError" in row["trace"]
    assert row["retryable"] == 0
    assert findings(bench) == ["price: budget"]


def test_a_dead_worker_is_retryable(tmp_path: Path) -> None:
    """The pipeline over processes: the killer fails and is tried again, the others are done."""
    bench = Workbench(tmp_path, engine=KillingEngine())
    try:
        for name in ("a.wav", "kill.wav", "z.wav"):
            bench.recording(name)
        many = ProcessExecutor(2)
        bench.executors = {**bench.executors, "transcribe": many}
        report = bench.run()
        assert (report.exit_code, report.tallies[1].done, report.tallies[1].failed) == (6, 2, 1)
        (row,) = bench.store.problems()
        assert (row["source"], row["reason"], row["retryable"]) == ("kill.wav", "WorkerDied", 1)
        many.close()
        bench.executors = {"*": bench.executors["*"]}
        bench.engine = ScriptedEngine()
        assert bench.did() == {"transcribe": 1, "attribute": 1, "extract": 1}
    finally:
        bench.store.close()


def test_findings_must_be_verbatim(bench: Workbench) -> None:
    """The database itself refuses another text, and the transaction leaves nothing."""
    bench.recording()
    bench.run()
    call_id = bench.only("calls")["call_id"]
    stage = ExtractStage(bench.extractors, bench.playbook)
    job = a_job(key=call_id)
    before = bench.rows("findings")
    utterance = an_utterance(index=1)
    good = a_finding(utterance, "the price", call_id=call_id)
    for wrong in (
        replace(good, text="our price"),
        replace(good, start=good.start + 1, end=good.end + 1),
        replace(good, utterance_index=99),
        replace(good, call_id="nowhere"),
    ):
        output = Extraction((good, wrong), "p", "{}")
        with pytest.raises(sqlite3.IntegrityError):
            bench.store.record(stage, job, Done(output), run_id="r", seconds=0)
        assert bench.rows("findings") == before
    bench.store.record(stage, job, Done(Extraction((good,), "p", "{}")), run_id="r", seconds=0)
    assert bench.only("findings")["text"] == "the price"


def test_verbatim_counts_characters_not_bytes(bench: Workbench) -> None:
    """Umlauts, emoji and combining marks before a quote do not shift it."""
    text = "Großartig 🎉 e\u0301: der price ist naïve 👩‍💻 budget."
    bench.recording()
    bench.engine.says = {"call.wav": a_transcript(a_segment(text))}
    bench.run()
    assert findings(bench) == ["price: price", "price: budget"]


def test_a_failure_keeps_its_hint_and_attempts(bench: Workbench) -> None:
    """Everything a person needs is in the row."""
    bench.recording()
    bench.run()
    stage = bench.stages()[1]
    job = a_job(key=bench.only("calls")["call_id"], attempts=1)
    failed = Failed("CallError", "what", "next", retryable=True, bug=True, trace="where")
    assert bench.store.record(stage, job, failed, run_id="r", seconds=1.23456) == failed
    (row,) = bench.sql("SELECT * FROM stage_runs WHERE stage = 'transcribe'")
    assert (row["message"], row["hint"], row["trace"], row["attempts"]) == ("what", "next", "where", 2)
    assert (row["retryable"], row["bug"], row["seconds"], row["status"]) == (1, 1, 1.235, "failed")
    assert row["output"], "what an earlier success left is still there"


def test_transcripts_come_back_as_they_went(bench: Workbench) -> None:
    """Store and read: the same transcript, utterances in order, speakers."""
    bench.recording(rep_channel="left", rep="Maya Linden")
    bench.run()
    transcript, utterances, speakers = bench.store.transcript(bench.only("calls")["call_id"])
    assert transcript == a_transcript()
    assert [u.index for u in utterances] == [0, 1, 2, 3]
    assert all(u.text[w.start : w.end].strip() for u in utterances for w in u.words)
    assert [(s.key, s.role.value, s.name) for s in speakers] == [
        ("channel 1", "rep", "Maya Linden"),
        ("channel 2", "prospect", None),
    ]


def test_runs_are_remembered(bench: Workbench) -> None:
    """Start, end, process, exit code and counts; a second store sees them."""
    bench.recording()
    report = bench.run()
    with Store(bench.folder / "callmine.db") as other:
        last = other.last_run()
    assert last is not None
    assert (last["run_id"], last["exit_code"]) == (report.run_id, 0)
    assert last["finished_at"] >= last["started_at"]
    assert '"stage":"transcribe"' in last["counts"].replace(" ", "")
