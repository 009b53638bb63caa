"""What a run does around the stages: what it forces, fetches first, and says of an empty workspace."""

from __future__ import annotations

import hashlib
import os
import pickle
import shutil
import sqlite3
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path

import ctranslate2
import pytest
from commands import SECOND, callmine, vtt

from callmine import weights
from callmine.engines.faster_whisper import FasterWhisper
from callmine.engines.openai_whisper import OpenAIWhisper
from callmine.errors import CallError, MissingDependency, ModelError, RecordingGone
from callmine.executors.base import Finished
from callmine.executors.processes import ProcessExecutor
from callmine.executors.serial import SerialExecutor
from callmine.operations.readying import ready_recogniser
from callmine.operations.recipes import Recipe
from callmine.operations.running import _gone_or_back, plan_workspace, run_workspace
from callmine.operations.workspaces import init_workspace
from callmine.pipeline import Observer, Silent
from callmine.stage import Failed, Job
from callmine.stages.transcribe import TranscribeStage
from callmine.workspace import find_workspace
from tests.builders import a_call, a_job
from tests.workbench import Workbench, write_recording

ROOT = Path(__file__).parent.parent


def _failed(place: Path) -> list[str]:
    """Return the messages of what failed in the inbox."""
    problems = callmine("status", "--json", at=place).json["problems"]
    return [p["message"] for p in problems if p["status"] == "failed" and "inbox" in p["key"]]


def test_a_failed_file_that_was_deleted_is_told_as_gone_once(own: Path) -> None:
    """The old reason goes with the file; the run after that has nothing to do."""
    bad = own / "inbox" / "bad.wav"
    bad.write_text("junk")
    assert callmine("run", "-q", at=own).code == 6
    assert "is not a recording" in _failed(own)[0]
    bad.unlink()
    assert callmine("run", "--dry-run", "--json", at=own).json["ingest"] == ["bad.wav"]
    told = callmine("run", "-q", at=own)
    assert (told.code, "bad.wav: the file is not there any more" in told.err) == (6, True)
    assert _failed(own) == ["bad.wav: the file is not there any more"]
    assert callmine("run", "-q", at=own).code == 0


def test_a_file_that_came_back_is_read_again(own: Path) -> None:
    """A file put back as it was, time included, needs no ``retry``."""
    good, away = own / "inbox" / "good.vtt", own / "away.vtt"
    good.write_text("nothing of the kind")
    callmine("run", "-q", at=own)
    good.write_text(vtt(SECOND))
    stat = good.stat()
    callmine("add", good, at=own)
    good.rename(away)
    assert callmine("run", "-q", at=own).code == 6
    assert "not there any more" in _failed(own)[0]
    away.rename(good)
    os.utime(good, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert callmine("run", "-q", "--jobs", "1", at=own).code == 0
    assert _failed(own) == []


def test_a_recording_that_went_after_its_failure_fails_no_run_for_ever(own: Path) -> None:
    """Where nobody listens to recordings the old reason stays right, and the run is quiet."""
    (own / "transcripts").mkdir()
    sound = write_recording(own / "inbox" / "call.wav", seconds=6)
    assert callmine("run", "-q", at=own).code == 6
    assert callmine("run", "-q", at=own).code == 0
    sound.unlink()
    assert callmine("run", "-q", at=own).code == 0


def test_a_gone_recording_is_told_where_somebody_listens(bench: Workbench) -> None:
    """The transcribe stage's old reason goes with the recording, and comes with it again."""
    path = bench.recording("a.wav")
    bench.engine.says = {"a.wav": CallError("too odd")}
    bench.run()
    call = bench.only("calls")["call_id"]
    assert _gone_or_back(bench.store, listens=True) == {}
    path.rename(bench.folder / "away")
    assert _gone_or_back(bench.store, listens=False) == {}
    forced = _gone_or_back(bench.store, listens=True)
    assert forced == {"transcribe": {call}}
    bench.engine.says = {"a.wav": RecordingGone("a.wav: put it back")}
    bench.run(force=forced)
    assert _gone_or_back(bench.store, listens=True) == {}
    (bench.folder / "away").rename(path)
    assert _gone_or_back(bench.store, listens=True) == {"transcribe": {call}}


def test_status_says_what_waits_for_a_retry(own: Path) -> None:
    """After ``retry`` a failure is shown as waiting, and after the run as failed again."""
    assert "waiting for retry" not in callmine("status", at=own).out
    callmine("retry", at=own)
    lines = callmine("status", at=own).out.splitlines()
    (line,) = [line for line in lines if "waiting for retry" in line]
    assert "broken.vtt" in line
    waiting = {p["source"]: p["waiting"] for p in callmine("status", "--json", at=own).json["problems"]}
    assert (waiting["broken.vtt"], waiting["refused.vtt"]) == (True, False)
    callmine("run", "-q", at=own)
    assert "waiting for retry" not in callmine("status", at=own).out


def test_dry_run_counts_what_is_transcribed_again(own: Path) -> None:
    """``--retranscribe`` counts in a rehearsal as in the run itself: one call, or all of them."""
    rehearsal = ("run", "--dry-run", "--json", "--retranscribe")
    assert callmine(*rehearsal, "--call", "REC-1", at=own).json["transcribe"] == ["first.vtt"]
    assert len(callmine(*rehearsal, at=own).json["transcribe"]) == 3
    assert callmine("run", "--dry-run", "--json", at=own).json["transcribe"] == []


def test_an_empty_workspace_says_how_to_begin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``run`` and ``status`` name the next step; there is no table without rows."""
    monkeypatch.setattr("callmine.operations.building.build_extractors", lambda *args, **named: [])
    init_workspace(tmp_path / "new")
    for words in (("run",), ("status",)):
        told = callmine(*words, at=tmp_path / "new")
        assert told.out.endswith("\nnext: callmine add FOLDER\n")
        assert "skipped" not in told.out


def test_calls_that_came_without_files_are_no_empty_workspace(own: Path) -> None:
    """A database that was copied or generated has calls of which no file is known."""
    with sqlite3.connect(own / "callmine.db") as database:
        database.execute("DELETE FROM sources")
    told = callmine("run", "--jobs", "1", at=own)
    assert (told.code, "next: callmine add" in told.out) == (0, False)


def test_the_recogniser_is_fetched_where_people_see_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the first recording, with the progress of the run; imported transcripts ask for none."""
    monkeypatch.setattr("callmine.operations.building.build_extractors", lambda *args, **named: [])
    asked: list[str] = []

    def resolve(name: str, *, folder: Path, progress: object) -> Path:
        asked.append(name)
        progress(f"fetching {name}")  # type: ignore[operator]
        raise ModelError("enough")

    monkeypatch.setattr(weights, "resolve", resolve)
    workspace, _ = init_workspace(tmp_path / "place")
    (workspace.inbox / "call.vtt").write_text(vtt(SECOND))
    run_workspace(find_workspace(workspace.root))
    assert asked == []
    write_recording(workspace.inbox / "call.wav", seconds=6)
    told: list[str] = []
    with pytest.raises(ModelError, match="enough"):
        run_workspace(find_workspace(workspace.root), progress=told.append)
    assert told == ["fetching base"]


def test_planning_and_imported_transcripts_fetch_no_recogniser(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A plan waits for no download, also where recordings wait and only the hub knows the model."""
    monkeypatch.setattr("callmine.operations.building.build_extractors", lambda *args, **named: [])
    monkeypatch.setenv("CALLMINE_MODELS", str(tmp_path / "models"))

    asked: list[str] = []

    def fetch(model: weights.Model, *args: object) -> None:
        asked.append(model.name)
        raise ModelError("fetched")

    monkeypatch.setattr(weights, "_fetch", fetch)
    root = init_workspace(tmp_path / "place")[0].root
    workspace = find_workspace(root, {"transcribe": {"model": "medium"}, "run": {"jobs": 1}})
    (workspace.inbox / "call.vtt").write_text(vtt(SECOND))
    assert run_workspace(workspace).report.exit_code == 0
    write_recording(workspace.inbox / "call.wav", seconds=6)
    assert plan_workspace(workspace)["ingest"] == ["call.wav"]
    assert asked == []
    with pytest.raises(ModelError, match="fetched"):
        run_workspace(workspace)
    assert asked == ["medium"]
    assert plan_workspace(workspace)["transcribe"] == ["call.wav"]
    assert asked == ["medium"]


def test_planning_keeps_nobody_from_writing_while_it_reads_a_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The weights of a model that is given by its path are read, gigabytes, before the rehearsal."""
    monkeypatch.setattr("callmine.operations.building.build_extractors", lambda *args, **named: [])
    model = tmp_path / "model"
    model.mkdir()
    (model / "model.bin").write_bytes(b"paper")
    root = init_workspace(tmp_path / "place")[0].root
    workspace = find_workspace(root, {"transcribe": {"model": str(model)}})
    write_recording(workspace.inbox / "call.wav", seconds=6)
    run_workspace(workspace, recipe=Recipe(stages=("ingest",)))
    wrote: list[bool] = []
    digest = hashlib.file_digest

    def meanwhile(*args: object) -> object:
        with closing(sqlite3.connect(workspace.database, timeout=0)) as other:
            wrote.append(bool(other.execute("UPDATE calls SET title = 'heard'").rowcount))
            other.commit()
        return digest(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(hashlib, "file_digest", meanwhile)
    assert plan_workspace(workspace)["transcribe"] == ["call.wav"]
    assert wrote == [True]


def test_a_model_that_is_not_there_is_told_when_there_is_a_call_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A plan for an empty workspace says that there is nothing to do."""
    monkeypatch.setattr("callmine.operations.building.build_extractors", lambda *args, **named: [])
    root = init_workspace(tmp_path / "place")[0].root
    workspace = find_workspace(root, {"transcribe": {"model": "bse"}})
    assert plan_workspace(workspace)["transcribe"] == []
    write_recording(workspace.inbox / "call.wav", seconds=6)
    run_workspace(workspace, recipe=Recipe(stages=("ingest",)))
    with pytest.raises(ModelError, match="did you mean 'base'"):
        plan_workspace(workspace)


Seen = list[tuple[str, int, int]]


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Seen:
    """Eight cores, a hub with models of paper, and workers that fail at everything.

    Returns each call's name with the workers there were, and the threads its recogniser had.
    """
    seen: Seen = []

    def fetch(model: weights.Model, target: Path, progress: object) -> None:
        target.mkdir(parents=True)
        (target / "model.bin").write_bytes(b"paper")

    def work(self: ProcessExecutor, stage: TranscribeStage, jobs: Iterable[Job]) -> Iterator[Finished]:
        copy = pickle.loads(pickle.dumps(stage))  # noqa: S301 - as it goes to a worker
        for job in jobs:
            weights.resolve(copy.engine.model, folder=copy.engine.model_dir)  # as the worker loads it
            seen.append((job.label, self.jobs, copy.engine.threads))
            yield Finished(job, Failed("CallError", "too odd"), 0.0)

    monkeypatch.setattr("callmine.operations.building.build_extractors", lambda *args, **named: [])
    monkeypatch.setattr(weights, "_fetch", fetch)
    monkeypatch.setattr(ProcessExecutor, "map", work)
    monkeypatch.setattr(os, "cpu_count", lambda: 8)
    monkeypatch.setattr(ctranslate2, "get_cuda_device_count", lambda: 0)
    monkeypatch.setenv("CALLMINE_MODELS", str(tmp_path / "models"))
    return seen


class Counts(Silent):
    """Keeps how many jobs each stage says it begins with."""

    def __init__(self) -> None:
        self.told: list[tuple[str, int]] = []

    def stage_begins(self, stage: str, jobs: int) -> None:
        self.told.append((stage, jobs))


def _run_with(root: Path, *names: str, observer: Observer | None = None, **run: int) -> None:
    flags = {"transcribe": {"model": "medium"}, "run": run}
    workspace = find_workspace(root, flags) if root.exists() else init_workspace(root)[0]
    for name in names:
        if name.endswith(".vtt"):
            (workspace.inbox / name).write_text(vtt(SECOND))
        else:
            write_recording(workspace.inbox / name, seconds=6)
    recipe = Recipe(stages=("ingest", "transcribe"))
    run_workspace(find_workspace(root, flags), recipe=recipe, observer=observer)


def test_one_long_call_gets_all_cores(heard: Seen, tmp_path: Path) -> None:
    """The cores are shared among the calls to hear, not among workers with nothing to do."""
    _run_with(tmp_path / "one", "a.wav", "b.vtt")
    assert sorted(heard) == [("a.wav", 8, 8), ("b.vtt", 8, 8)]
    heard.clear()
    _run_with(tmp_path / "three", "a.wav", "b.wav", "c.wav", "d.vtt")
    assert {threads for _, _, threads in heard} == {2}
    heard.clear()
    _run_with(tmp_path / "two workers", "a.wav", "b.wav", "c.wav", jobs=2)
    assert {(workers, threads) for _, workers, threads in heard} == {(2, 4)}


def test_a_gpu_has_one_worker(heard: Seen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With all threads, whatever its tool says and however many calls wait."""
    monkeypatch.setattr(ctranslate2, "get_cuda_device_count", lambda: 1)
    monkeypatch.setenv("PATH", str(tmp_path))
    _run_with(tmp_path / "place", "a.wav", "b.wav")
    assert [(workers, threads) for _, workers, threads in heard] == [(1, 8), (1, 8)]


def test_without_workers_the_recogniser_has_all_cores(
    heard: Seen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many calls wait: they are heard one after the other."""
    stage = TranscribeStage(FasterWhisper(model="medium", model_dir=tmp_path))
    jobs = [a_job(a_call(recording=f"{n}.wav")) for n in range(5)]
    ready_recogniser(stage, SerialExecutor(), lambda: iter(jobs), lambda text: None)
    assert stage.engine.threads == 8  # type: ignore[attr-defined]


def test_calls_that_the_same_weights_heard_before_are_not_counted(heard: Seen, tmp_path: Path) -> None:
    """They look new until the model is here again: a lost cache takes no cores from the one new call."""
    _run_with(tmp_path / "place", "a.wav", "b.wav", "c.wav")
    heard.clear()
    shutil.rmtree(tmp_path / "models")
    counts = Counts()
    _run_with(tmp_path / "place", "d.wav", observer=counts)
    assert heard == [("d.wav", 8, 8)]
    assert counts.told == [("ingest", 1), ("transcribe", 1)]
    heard.clear()
    shutil.rmtree(tmp_path / "models")
    _run_with(tmp_path / "place", observer=counts)
    assert heard == []
    assert counts.told[2:] == [("ingest", 0), ("transcribe", 0)]


def test_no_model_is_fetched_for_a_library_that_is_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The download takes minutes, and the run would stop after it all the same."""
    asked: list[str] = []
    monkeypatch.setattr(weights, "resolve", lambda name, **named: asked.append(name))
    monkeypatch.setattr(OpenAIWhisper, "library", "no-such-recogniser")
    stage = TranscribeStage(OpenAIWhisper(model="base", model_dir=tmp_path))
    jobs = [a_job(a_call(recording="a.wav"))]
    with pytest.raises(MissingDependency, match="needs the package no-such-recogniser"):
        ready_recogniser(stage, SerialExecutor(), lambda: iter(jobs), lambda text: None)
    assert asked == []


def test_a_call_is_recorded_with_the_weights_that_were_fetched_for_it(heard: Seen, tmp_path: Path) -> None:
    """They were not known when the run was planned; the next run has nothing to do."""
    _run_with(tmp_path / "place", "a.wav")
    assert len(heard) == 1
    _run_with(tmp_path / "place")
    assert len(heard) == 1


def test_the_demo_asks_for_no_run_that_it_makes_itself(tmp_path: Path) -> None:
    """``make demo`` keeps back what ``init`` says of the next step, and ends with its own."""
    tools = tmp_path / "venv" / "bin"
    tools.mkdir(parents=True)
    (tools / "python").symlink_to("/bin/true")
    (tools / "callmine").write_text('#!/bin/sh\necho "next: of $1"\n')
    (tools / "callmine").chmod(0o755)
    (tools.parent / ".installed").touch()
    done = subprocess.run(
        ["make", "-C", ROOT, "demo", f"VENV={tools.parent}", f"DEMO={tmp_path / 'demo'}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "next: of init" not in done.stdout
    assert "next: of run" in done.stdout
    assert f"next: . {tools}/activate" in done.stdout


def test_what_the_inbox_left_out_is_in_the_exit_code(own: Path) -> None:
    """A row with a fault keeps its call out: the run says so, also in its record, until it is mended."""
    (own / "inbox" / "later.vtt").write_text(vtt(SECOND))
    manifest = own / "inbox" / "manifest.csv"
    manifest.write_text("path,consent\nlater.vtt,nein\n")
    told = callmine("run", "-q", "--jobs", "1", at=own)
    assert told.code == 6
    assert "1 left out of the inbox; mend what is named above and run again" in told.err
    report = callmine("run", "-q", "--jobs", "1", "--json", at=own)
    assert (report.code, report.json["exit_code"], report.json["left_out"]) == (6, 6, 1)
    assert callmine("status", "--json", at=own).json["last_run"]["exit_code"] == 6
    manifest.write_text("path,consent\nlater.vtt,yes\n")
    assert callmine("run", "-q", "--jobs", "1", at=own).code == 0
