"""Wiring, order, reports and exit codes of a run."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from callmine.domain import Segment, digest_of
from callmine.errors import CallError, MissingDependency, RunError
from callmine.executors.base import Executor
from callmine.executors.processes import ProcessExecutor
from callmine.executors.serial import SerialExecutor
from callmine.extractors.encoder import Encoder
from callmine.operations.exporting import export_tables
from callmine.pipeline import Pending, RunReport, Silent, check_wiring, run
from callmine.stage import Done, Failed, OnlyFor, Result, Skipped, Tally, fingerprint, fingerprints
from callmine.stages import ORDER
from callmine.stages.diarize import DiarizeStage
from callmine.stages.extract import ExtractStage
from callmine.stages.read import ReadStage
from callmine.stages.second_read import SecondReadStage
from callmine.workspace import find_workspace
from tests.builders import a_deal, a_segment, a_transcript
from tests.fakes import FakeStage, GatedEngine, NobodyAsked, ScriptedEngine
from tests.workbench import Workbench, write_recording


@dataclass
class Watching:
    """Keeps what it is told."""

    heard: list[tuple[object, ...]] = field(default_factory=list)

    def stage_begins(self, stage: str, jobs: int) -> None:
        self.heard.append((stage, jobs))

    def job_ended(self, stage: str, label: str, result: Result, seconds: float) -> None:
        self.heard.append((stage, label, type(result)))

    def stage_ended(self, tally: Tally) -> None:
        self.heard.append((tally.stage, tally.done, tally.skipped, tally.failed))


def stage(name: str, requires: str = "", provides: str = "calls") -> FakeStage:
    return FakeStage(name, frozenset(requires.split()), frozenset(provides.split()))


def test_the_real_stages_are_wired(bench: Workbench) -> None:
    """They fit together in their order, and any of them may be left out."""
    stages = bench.stages()
    stages.insert(2, DiarizeStage(bench.folder))
    stages.insert(-1, SecondReadStage(NobodyAsked(), bench.playbook))
    stages.insert(4, ReadStage(Encoder()))
    assert tuple(s.name for s in stages) == ORDER
    check_wiring(stages)
    for left_out in stages:
        check_wiring([s for s in stages if s is not left_out])


@pytest.mark.parametrize(
    ("stages", "fault"),
    [
        ([stage("a"), stage("a")], "two stages are called a"),
        ([stage("a", "weather")], "a requires weather, which no stage provides"),
        ([stage("a", "utterances"), stage("b", "", "utterances")], "requires utterances, which a later"),
        ([stage("a", "calls", "calls")], "requires calls, which a later"),
    ],
    ids=["twice", "nobody", "later", "itself"],
)
def test_wrong_wiring_is_refused_before_anything_runs(
    bench: Workbench, stages: list[FakeStage], fault: str
) -> None:
    """The fault names stage and need; there is no run to be seen."""
    with pytest.raises(RunError, match=fault):
        run(bench.store, stages, {"*": SerialExecutor()})
    assert bench.rows("runs") == []


def test_fingerprints_depend_on_all_that_matters() -> None:
    """Name, version, settings and each input, in their places."""

    class Set(FakeStage):
        def settings(self) -> dict[str, int]:
            return {"a": 1}

    prints = {
        fingerprint(stage("a")),
        fingerprint(stage("b")),
        fingerprint(FakeStage("a", version="2")),
        fingerprint(Set("a")),
        fingerprint(stage("a"), "x"),
        fingerprint(stage("a"), "x", ""),
        fingerprint(stage("a"), "", "x"),
        fingerprint(stage("a"), "x", "y"),
        fingerprint(stage("a"), "xy"),
    }
    assert len(prints) == 9
    assert fingerprint(stage("a"), "x") == fingerprint(stage("a", "calls"), "x")


def test_settings_for_some_calls_only_change_the_fingerprints_of_those() -> None:
    """For many jobs or for one; and it is the hash of all that matters, as it always was."""

    class Set(FakeStage):
        def settings(self) -> dict[str, object]:
            return {"a": 1, "b": OnlyFor("mono", 2)}

    made, traits = Set("a"), frozenset({"mono"})
    of = fingerprints(made)
    for some, settings in ((frozenset[str](), {"a": 1}), (traits, {"a": 1, "b": 2})):
        for inputs in ((), ("x",), ('"Škoda"\n', "\udcff")):
            told = fingerprint(made, *inputs, traits=some)
            assert of(inputs, some) == told == digest_of("a", made.version, settings, inputs)
    assert fingerprint(made, "x", traits=traits) != fingerprint(made, "x")


def test_a_stage_is_asked_for_its_settings_once(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not for every call: for some of them a file is read, or the playbook written out."""
    for name in ("a.wav", "b.wav", "c.wav"):
        bench.recording(name)
    bench.run()
    asked = []
    tell = ExtractStage.settings
    monkeypatch.setattr(ExtractStage, "settings", lambda stage: asked.append(stage) or tell(stage))
    stage = ExtractStage(bench.extractors, bench.playbook)
    assert len(list(bench.store.pending(stage, force=frozenset()))) == 3
    assert len(asked) == 1
    assert list(bench.store.pending(stage)) == [], "the fingerprints are those that were recorded"


@pytest.mark.parametrize(
    ("tallies", "code"),
    [
        ((), 0),
        ((Tally("a", done=3, skipped=2),), 0),
        ((Tally("a", failed=1), Tally("b", done=1)), 6),
        ((Tally("a", failed=1), Tally("b", failed=1, bugs=1)), 1),
    ],
    ids=["nothing", "skipped", "failed", "bug"],
)
def test_exit_codes_come_from_counts(tallies: tuple[Tally, ...], code: int) -> None:
    """Skipped alone is fine, a failure is 6, a bug is 1."""
    report = RunReport("r", tallies, 1.0)
    assert report.exit_code == code
    assert report.failed == sum(t.failed for t in tallies)


def test_observers_are_told_everything_once(bench: Workbench) -> None:
    """How many jobs wait, each that ended, and the tally; in the order of things."""
    bench.recording("a.wav")
    bench.recording("b.wav", consent="no")
    bench.recording("c.wav")
    bench.engine.says = {"c.wav": CallError("no")}
    watching = Watching()
    run(bench.store, bench.stages(), bench.executors, observer=watching)
    assert watching.heard[:5] == [
        ("ingest", 3),
        ("ingest", "a.wav", Done),
        ("ingest", "b.wav", Skipped),
        ("ingest", "c.wav", Done),
        ("ingest", 2, 1, 0),
    ]
    assert ("transcribe", "c.wav", Failed) in watching.heard
    assert watching.heard[-1] == ("link", 2, 0, 0)
    assert ("link", 2) in watching.heard


def test_a_stage_is_prepared_before_its_jobs_and_only_then(bench: Workbench) -> None:
    """What a stage needs first is got with its jobs at hand; without jobs nothing is got."""
    prepared: list[str] = []
    prepare = {"transcribe": lambda pending: prepared.extend(job.payload.source for job in pending())}
    run(bench.store, bench.stages(), bench.executors, prepare=prepare)
    assert prepared == []
    bench.recording("a.wav")
    for _ in range(2):
        run(bench.store, bench.stages(), bench.executors, prepare=prepare)
    assert prepared == ["a.wav"]


def test_jobs_that_are_none_after_preparing_are_not_counted(bench: Workbench) -> None:
    """What is got first may tell that calls were done before: each count is taken when it is needed."""
    for name in ("a.wav", "b.wav"):
        bench.recording(name)
    bench.run()
    bench.recording("c.wav")
    bench.engine = ScriptedEngine(take=2)
    asked: list[list[str]] = []

    def prepare(pending: Pending) -> None:
        asked.append(sorted(job.label for job in pending()))
        bench.engine.take = 1
        asked.append([job.label for job in pending()])

    watching = Watching()
    run(bench.store, bench.stages(), bench.executors, observer=watching, prepare={"transcribe": prepare})
    assert asked == [["a.wav", "b.wav", "c.wav"], ["c.wav"]]
    assert ("transcribe", 1) in watching.heard
    assert ("transcribe", 1, 0, 0) in watching.heard


def test_the_silent_observer_says_nothing() -> None:
    """It is there so that nobody has to check for none."""
    silent = Silent()
    assert silent.stage_begins("a", 1) is None
    assert silent.job_ended("a", "b", Done(1), 0.0) is None
    assert silent.stage_ended(Tally("a")) is None


def test_each_stage_may_have_its_executor(bench: Workbench) -> None:
    """By name, the others together."""

    class Counting(SerialExecutor):
        def __init__(self) -> None:
            self.stages: list[str] = []

        def map(self, stage, jobs):  # type: ignore[no-untyped-def]
            self.stages.append(stage.name)
            return super().map(stage, jobs)

    rest, heavy = Counting(), Counting()
    bench.executors = {"*": rest, "transcribe": heavy}
    bench.run()
    assert rest.stages == ["ingest", "attribute", "extract", "link"]
    assert heavy.stages == ["transcribe"]


@pytest.mark.parametrize("name", ["*", "ingest", "attribute"])
def test_stages_whose_results_have_an_order_get_no_workers(bench: Workbench, name: str) -> None:
    """Workers end in any order, and nobody would notice until the numbers differ; there is no run."""
    executors = {"*": SerialExecutor(), name: ProcessExecutor(2)}
    with pytest.raises(ValueError, match="ingest needs" if name == "*" else f"{name} needs"):
        run(bench.store, bench.stages(), executors)
    assert bench.rows("runs") == []


class Stopping(ScriptedEngine):
    """Raises at the second recording."""

    error: BaseException = KeyboardInterrupt()

    def transcribe(self, recording, hints):  # type: ignore[no-untyped-def]
        if self.asked:
            raise self.error
        return super().transcribe(recording, hints)


@pytest.mark.parametrize(
    ("error", "code"),
    [(KeyboardInterrupt(), 130), (MissingDependency("no model"), 3), (RunError("odd"), 1)],
    ids=["ctrl-c", "no model", "run error"],
)
def test_a_stopped_run_keeps_what_was_done(bench: Workbench, error: BaseException, code: int) -> None:
    """The run's row has its exit code, what ended stays, and the next run does the rest."""
    for name in ("a.wav", "b.wav", "c.wav"):
        bench.recording(name)
    bench.engine = Stopping()
    bench.engine.error = error
    with pytest.raises(type(error)):
        bench.run()
    assert len(bench.rows("transcripts")) == 1
    assert bench.only("runs")["exit_code"] == code
    assert bench.rows("runs")[0]["finished_at"]
    bench.engine = ScriptedEngine()
    assert bench.did() == {"transcribe": 2, "attribute": 3, "extract": 3, "link": 3}


@pytest.mark.parametrize(
    ("segment", "what"),
    [
        (a_segment("Not \ud83d text."), "UnicodeEncodeError"),
        (a_segment("The price.", end_ms=2**70), "OverflowError"),
    ],
    ids=["no text", "no number"],
)
def test_what_cannot_be_stored_is_one_row(bench: Workbench, segment: Segment, what: str) -> None:
    """A bug of that call alone: it is told as one, the others are done, and it waits for a change."""
    for name in ("a.wav", "b.wav", "c.wav"):
        bench.recording(name)
    bench.engine.says = {"b.wav": a_transcript(segment)}
    watching = Watching()
    report = run(bench.store, bench.stages(), bench.executors, observer=watching)
    assert report.exit_code == 1
    (tally,) = [tally for tally in report.tallies if tally.failed]
    assert (tally.stage, tally.done, tally.bugs) == ("transcribe", 2, 1)
    assert ("transcribe", "b.wav", Failed) in watching.heard
    ((label, message, hint),) = tally.failures
    assert (label, message.split(":")[0]) == ("b.wav", f"unexpected {what}")
    assert "please report it" in hint
    (row,) = [row for row in bench.rows("stage_runs") if row["status"] == "failed"]
    assert (row["stage"], row["bug"], row["output"], what in row["trace"]) == ("transcribe", 1, None, True)
    assert len({e.call_id for e in bench.store.evidence()}) == 2
    assert bench.did() == {}


def test_what_ended_beside_a_long_call_is_kept(bench: Workbench) -> None:
    """Calls are recorded as they end, whatever came before them, and an interrupted run keeps them."""
    for name in ("a.wav", "b.wav", "c.wav", "d.wav"):
        bench.recording(name)
    run(bench.store, bench.stages()[:1], bench.executors)
    first, *others = [row["source"] for row in bench.sql("SELECT source FROM calls ORDER BY call_id")]
    ended = []

    class Interrupting(Silent):
        def job_ended(self, stage: str, label: str, result: Result, seconds: float) -> None:
            if stage == "transcribe":
                ended.append(label)
            if len(ended) == len(others):
                raise KeyboardInterrupt

    bench.engine = GatedEngine(gate=bench.folder / "never", gated=first)
    many = ProcessExecutor(2)
    with pytest.raises(KeyboardInterrupt):
        run(bench.store, bench.stages(), {**bench.executors, "transcribe": many}, observer=Interrupting())
    many.close()
    assert ended == others
    recorded = "SELECT source FROM calls JOIN transcripts USING (call_id) ORDER BY call_id"
    assert [row["source"] for row in bench.sql(recorded)] == others
    assert bench.rows("runs")[-1]["exit_code"] == 130
    bench.engine = ScriptedEngine()
    assert bench.did() == {"transcribe": 1, "attribute": 4, "extract": 4, "link": 4}


class Backwards(SerialExecutor):
    """Ends the last job first."""

    def map(self, stage, jobs):  # type: ignore[no-untyped-def]
        return reversed(list(super().map(stage, jobs)))


def told(folder: Path, executor: Executor) -> dict[str, object]:
    """All that users see of a run, on the same files: failures, calls, evidence, search, exports."""
    folder.mkdir()
    heavy = dict.fromkeys(("transcribe", "diarize", "extract", "link"), executor)
    bench = Workbench(folder, executors={"*": SerialExecutor(), **heavy})
    bench.import_deals(a_deal("D-1"), at="2026-10-01T00:00:00Z")
    for name in ("a.wav", "b.wav", "c.wav", "d.wav", "e.wav"):
        bench.recording(name, rep_channel="left", deal_id="D-1")
    bench.engine.says = {"a.wav": CallError("a.wav: no"), "e.wav": CallError("e.wav: no")}
    report = bench.run()
    (folder / "callmine.toml").touch()
    seen: dict[str, object] = {
        "failures": [tally.failures for tally in report.tallies],
        "calls": bench.store.calls(),
        "findings": bench.store.evidence(),
        "search": bench.store.search("price"),
        **{path.name: path.read_text() for path in export_tables(find_workspace(folder), folder / "out")},
    }
    bench.store.close()
    return {name: str(value).replace(str(folder), "") for name, value in seen.items()}


def test_what_users_see_does_not_depend_on_which_job_ended_first(tmp_path: Path) -> None:
    """The same files give the same calls, rows in the same order, and the same list of failures."""
    forwards, backwards = told(tmp_path / "one", SerialExecutor()), told(tmp_path / "two", Backwards())
    assert "a.wav: no" in str(forwards["failures"])
    assert "price" in str(forwards["findings.csv"])
    assert "D-1" in str(forwards["links.csv"])
    for name, value in forwards.items():
        assert backwards[name] == value, name


def test_what_people_said_last_is_what_later_stages_see(bench: Workbench) -> None:
    """All of a run's stages see what the stages before them wrote in the same run."""
    bench.recording(external_id="REC-1", rep_channel="right")
    bench.engine.says = {"call.wav": a_transcript(a_segment("The price.", channel=1))}
    bench.run()
    assert bench.only("utterances")["role"] == "rep"
    bench.add(bench.folder / "call.wav", rep_channel="left")
    assert bench.did() == {"ingest": 1, "attribute": 1, "extract": 1}
    assert bench.only("utterances")["role"] == "prospect"


def test_the_longest_calls_are_heard_first(bench: Workbench) -> None:
    """So that at the end no worker has a long one before it and the others none."""
    for seconds in (0.2, 0.6, 0.4):
        bench.add(write_recording(bench.folder / f"{seconds}.wav", seconds=seconds))
    bench.run()
    assert [recording.source for recording, _ in bench.engine.asked] == ["0.6.wav", "0.4.wav", "0.2.wav"]


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        RuntimeError("CUDA failed with error out of memory"),
        RuntimeError("mkl_malloc: failed to allocate memory"),
        RuntimeError("std::bad_alloc"),
    ],
)
def test_memory_that_runs_out_is_no_bug(bench: Workbench, error: Exception) -> None:
    """Another program may have it: the call fails with what to set, and the next run tries again."""
    bench.recording("a.wav")
    bench.engine.says = {"a.wav": error}
    report = bench.run()
    (tally,) = [tally for tally in report.tallies if tally.failed]
    assert (tally.failures[0][:2], tally.bugs) == (
        ("a.wav", "a.wav: memory ran out in stage transcribe"),
        0,
    )
    assert "--jobs 1" in tally.failures[0][2]
    bench.engine.says = {}
    assert bench.did()["transcribe"] == 1


def test_words_of_a_failure_go_with_its_call(bench: Workbench) -> None:
    """A bug may name what was said; the list of runs outlives the call."""
    path = bench.recording("a.wav")
    bench.engine.says = {"a.wav": ValueError("no such word: xylophone")}
    assert "xylophone" in bench.run().tallies[1].failures[0][1]
    bench.add(path, consent="no")
    bench.run()
    assert bench.rows("calls") == []
    assert not any("xylophone" in str(bench.rows(table)) for table in ("runs", "stage_runs"))
