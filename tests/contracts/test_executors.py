"""What every executor promises: each job once, as it ends, whatever happens to the workers."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from concurrent.futures import wait
from pathlib import Path

import pytest

from callmine.errors import CallError, MissingDependency, SkipCall, StoreError, UnreadableRecording
from callmine.executors.base import Executor, Finished
from callmine.executors.memory import Held, has_grown, resident_mb
from callmine.executors.processes import ProcessExecutor
from callmine.executors.serial import SerialExecutor
from callmine.stage import Done, Failed, Job, Result, Skipped
from tests.builders import a_job
from tests.fakes import Drawn, LateStage, LeakingStage, ScriptedStage

BUILD: dict[str, Callable[[], Executor]] = {
    "serial": SerialExecutor,
    "processes": lambda: ProcessExecutor(2),
}


@pytest.fixture(params=list(BUILD))
def executor(request: pytest.FixtureRequest) -> Iterator[Executor]:
    made = BUILD[request.param]()
    yield made
    made.close()


@pytest.fixture
def processes() -> Iterator[ProcessExecutor]:
    made = ProcessExecutor(2)
    yield made
    made.close()


def jobs(*payloads: object) -> list[Job]:
    """Jobs called 0, 1, 2 and so on."""
    return [a_job(p, key=str(i), label=f"{i}.wav") for i, p in enumerate(payloads)]


def results(finished: Iterator[Finished]) -> list[Result]:
    """The results of jobs that each ended once, in the order of the jobs."""
    ended = list(finished)
    by_key = {int(f.job.key): f.result for f in ended}
    assert len(by_key) == len(ended), "no job ended twice"
    return [by_key[key] for key in sorted(by_key)]


def after(gate: Path, *payload: object) -> tuple[str, object]:
    """A payload that waits for a file, and does another one then."""
    return "after", (gate, payload)


def gone(pid: int, *, within_s: float = 20) -> bool:
    """Whether a process ends in time."""
    until = time.monotonic() + within_s
    while time.monotonic() < until:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        # It may end between two looks at it; a system without /proc has no such file ever.
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            if Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z":
                return True
        time.sleep(0.05)
    return False


def appears(path: Path, *, within_s: float = 30) -> str:
    """The text of a file that a worker writes."""
    until = time.monotonic() + within_s
    while time.monotonic() < until:
        if path.exists() and (text := path.read_text()):
            return text
        time.sleep(0.02)
    raise AssertionError(f"{path} was not written")


def test_executors_keep_the_protocol(executor: Executor) -> None:
    """They are executors, and closing one that never ran, twice, does no harm."""
    assert isinstance(executor, Executor)
    executor.close()
    executor.close()


def test_every_job_has_one_result(executor: Executor) -> None:
    """Each ends once, whatever becomes of it; failures are rows, not ends."""
    bad = UnreadableRecording("2.wav: empty", hint="Record it again.")
    given = jobs(
        ("sleep", 0.3),
        ("echo", "b"),
        ("raise", bad),
        ("raise", SkipCall("3.wav: internal", reason="internal")),
        ("raise", CallError("4.wav: busy", retryable=True)),
        ("raise", ValueError("a bug")),
        ("echo", {"g": (1, 2)}),
    )
    finished = sorted(executor.map(ScriptedStage(), given), key=lambda f: f.job.key)
    assert [(f.job.key, f.job.label) for f in finished] == [(j.key, j.label) for j in given]
    *usual, bug, last = [f.result for f in finished]
    assert usual == [
        Done(0.3),
        Done("b"),
        Failed("UnreadableRecording", "2.wav: empty", "Record it again."),
        Skipped("internal", "3.wav: internal"),
        Failed("CallError", "4.wav: busy", retryable=True),
    ]
    assert isinstance(bug, Failed)
    assert (bug.error, bug.bug, bug.retryable) == ("ValueError", True, False)
    assert "a bug" in bug.message
    assert "in process" in bug.trace, "the traceback shows the stage's line"
    assert last == Done({"g": (1, 2)})
    assert finished[0].seconds >= 0.3


def test_jobs_are_drawn_lazily(executor: Executor) -> None:
    """Memory does not grow with the number of jobs: few are drawn ahead of the results."""
    drawn = Drawn(a_job(("echo", i), key=str(i)) for i in range(50))
    for seen, _ in enumerate(executor.map(ScriptedStage(), drawn), 1):
        assert drawn.count <= seen + 4
    assert drawn.count == 50


@pytest.mark.parametrize("worker_mb", [0, 1], ids=["workers stay", "workers are replaced"])
def test_a_long_job_holds_back_nobody(tmp_path: Path, worker_mb: int) -> None:
    """While the first one goes on, all others end and are handed over; few are drawn ahead."""
    gate = tmp_path / "gate"
    drawn = Drawn(jobs(after(gate, "echo", "long"), *[("echo", i) for i in range(1, 9)]))
    mapped = ProcessExecutor(2, worker_mb=worker_mb).map(ScriptedStage(), drawn)
    for seen in range(1, 9):
        assert next(mapped).result == Done(seen)
        assert drawn.count <= seen + 4
    gate.touch()
    assert results(mapped) == [Done("long")]


def test_no_jobs_no_setup(executor: Executor) -> None:
    """A stage with nothing to do loads nothing."""
    stage = ScriptedStage(setup_error=MissingDependency("no model"))
    assert list(executor.map(stage, [])) == []


def test_setup_runs_once_per_worker(executor: Executor) -> None:
    """The model is loaded once, not for every job."""
    found = results(executor.map(ScriptedStage(), jobs(*[("setups", 0)] * 6)))
    assert found == [Done(1)] * 6


def test_run_errors_stop_the_map(executor: Executor) -> None:
    """An error about the run is raised, with its hint; what ended before was handed over.

    Workers are at it side by side, so the error may come first, or last.
    """
    error = StoreError("no room", hint="Free some.")
    handed: list[Finished] = []
    with pytest.raises(StoreError, match="no room") as caught:
        handed.extend(executor.map(ScriptedStage(), jobs(("echo", 1), ("raise", error), ("echo", 2))))
    assert caught.value.hint == "Free some."
    possible = [[Done(1)]] if executor.name == "serial" else [[], [Done(1)], [Done(1), Done(2)]]
    assert [f.result for f in handed] in possible


def test_what_ended_beside_an_error_is_handed_over(
    processes: ProcessExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error about the run does not lose the work of the other workers that is done."""
    monkeypatch.setattr("callmine.executors.processes.wait", lambda futures, **named: wait(futures))
    mapped = processes.map(ScriptedStage(), jobs(("raise", StoreError("no room")), ("echo", 1)))
    assert next(mapped).result == Done(1)
    with pytest.raises(StoreError, match="no room"):
        next(mapped)


def test_what_ended_is_handed_over_when_no_more_jobs_can_be_drawn(
    executor: Executor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Jobs come from the store, which may fail: the work that is done is not lost with the next job."""
    monkeypatch.setattr("callmine.executors.processes.wait", lambda futures, **named: wait(futures))

    def drawn() -> Iterator[Job]:
        yield from jobs(("echo", 0), ("echo", 1))
        raise StoreError("disk I/O error")

    handed: list[Finished] = []
    with pytest.raises(StoreError, match="disk I/O error"):
        handed.extend(executor.map(ScriptedStage(), drawn()))
    assert [f.result for f in handed] == [Done(0), Done(1)]


def test_errors_in_setup_stop_the_map(executor: Executor) -> None:
    """A model that is missing concerns every call."""
    stage = ScriptedStage(setup_error=MissingDependency("no model", hint="Get it."))
    with pytest.raises(MissingDependency, match="no model"):
        list(executor.map(stage, jobs(("echo", 1))))


def test_an_executor_serves_several_stages(executor: Executor) -> None:
    """One executor maps one stage after the other."""
    assert results(executor.map(ScriptedStage(), jobs(("echo", 1)))) == [Done(1)]
    assert results(executor.map(ScriptedStage(), jobs(("echo", 2)))) == [Done(2)]


def test_a_map_can_be_left_early(executor: Executor) -> None:
    """Who stops reading gets no error, and the executor can be used again."""
    mapped = executor.map(ScriptedStage(), jobs(*[("echo", i) for i in range(20)]))
    assert next(mapped).result in (Done(0), Done(1))
    mapped.close()
    assert results(executor.map(ScriptedStage(), jobs(("echo", 1)))) == [Done(1)]


@pytest.mark.parametrize("payload", [("exit", 3), ("kill", None)], ids=["exit", "kill"])
def test_a_dead_worker_costs_one_job(processes: ProcessExecutor, payload: tuple[str, object]) -> None:
    """The job whose worker died fails, retryable; the others complete, none twice."""
    given = [("echo", 0), ("echo", 1), payload, ("sleep", 0.1), ("echo", 4), ("echo", 5), ("echo", 6)]
    found = results(processes.map(ScriptedStage(), jobs(*given)))
    dead = found.pop(2)
    assert isinstance(dead, Failed)
    assert (dead.error, dead.retryable, dead.bug) == ("WorkerDied", True, False)
    assert dead.message.startswith("2.wav")
    assert dead.hint
    assert found == [Done(x) for x in (0, 1, 0.1, 4, 5, 6)]


def test_a_dead_worker_costs_no_other_its_work(processes: ProcessExecutor, tmp_path: Path) -> None:
    """A long call beside it is not begun again; the suspect is tried when nothing else runs."""
    gate = tmp_path / "gate"
    given = jobs(after(gate, "echo", "long"), ("kill", None), ("echo", 2), ("echo", 3))
    mapped = processes.map(ScriptedStage(), given)
    assert [next(mapped).result for _ in range(2)] == [Done(2), Done(3)]
    gate.touch()
    assert next(mapped).result == Done("long")
    (last,) = mapped
    assert (last.job.key, type(last.result)) == ("1", Failed)
    assert Path(f"{gate}.begun").read_text() == "x"


def test_several_dead_workers_cost_their_jobs(processes: ProcessExecutor) -> None:
    """Each killer is found, also the first and the last one."""
    given = [("kill", None), ("echo", 1), ("exit", 0), ("echo", 3), ("kill", None)]
    found = results(processes.map(ScriptedStage(), jobs(*given)))
    assert [isinstance(r, Failed) for r in found] == [True, False, True, False, True]


def test_a_job_that_dies_once_is_done(processes: ProcessExecutor, tmp_path: Path) -> None:
    """A suspect is tried once more by itself, so that bad luck costs nothing."""
    found = results(processes.map(ScriptedStage(), jobs(("once", str(tmp_path / "x")), ("echo", 1))))
    assert found == [Done(str(tmp_path / "x")), Done(1)]


def test_a_setup_that_kills_fails_every_job(processes: ProcessExecutor) -> None:
    """A model that does not fit into memory fails the jobs, few are drawn ahead, and the run ends."""
    drawn = Drawn(jobs(*[("echo", i) for i in range(6)]))
    for seen, finished in enumerate(processes.map(ScriptedStage(setup_kills=True), drawn), 1):
        assert isinstance(finished.result, Failed)
        assert drawn.count <= seen + 3
    assert seen == 6


@pytest.mark.skipif(resident_mb() == 0, reason="the system does not say what a process holds")
def test_a_worker_that_grows_is_replaced() -> None:
    """Everything is done once; no worker goes far beyond its limit; each loads once."""
    each, limit = 40, 250
    executor = ProcessExecutor(2, worker_mb=limit)
    found = results(executor.map(LeakingStage(), jobs(*[each] * 30)))
    outputs = [r.output for r in found if isinstance(r, Done)]
    assert len(outputs) == 30
    assert {setups for _, setups, _ in outputs} == {1}, "the model is loaded once in each worker"
    seen: dict[int, list[int]] = {}
    for pid, _, count in outputs:
        seen.setdefault(pid, []).append(count)
    for counts in seen.values():
        assert counts == list(range(1, len(counts) + 1)), "each job ran once"
        assert len(counts) * each <= limit + each, "the job that passes the limit is the last"
    assert len(seen) >= 4
    assert all(gone(pid) for pid in seen)


def test_workers_that_do_not_grow_stay() -> None:
    """By default the same processes do it all."""
    found = results(ProcessExecutor(2).map(LeakingStage(), jobs(*[1] * 30)))
    assert len({r.output[0] for r in found if isinstance(r, Done)}) <= 2


@pytest.mark.skipif(resident_mb() == 0, reason="the system does not say what a process holds")
def test_import_first_then_recording(monkeypatch: pytest.MonkeyPatch) -> None:
    """A model that is loaded late is no growth, and not loaded again; what grows after it is."""
    monkeypatch.setattr("callmine.executors.memory._SPARE_MB", 20)
    stage = LateStage(model_mb=200)
    found = results(ProcessExecutor(1).map(stage, jobs(None, None, None, 1, 1, 1, None, 1)))
    outputs = [r.output for r in found if isinstance(r, Done)]
    assert len(outputs) == 8
    assert len({pid for pid, _, _ in outputs}) == 1, "one worker, which loaded its model once"
    found = results(ProcessExecutor(1).map(stage, jobs(None, 1, 1, 300, 1, 1, 1)))
    outputs = [r.output for r in found if isinstance(r, Done)]
    assert len(outputs) == 7
    assert outputs[0][0] == outputs[3][0]
    assert outputs[-1][0] != outputs[0][0], "it held half as much again as with its model"


@pytest.mark.skipif(resident_mb() == 0, reason="the system does not say what a process holds")
def test_a_limit_that_is_set_counts_before_the_models_are_loaded() -> None:
    """Any Python holds more than a megabyte."""
    executor = ProcessExecutor(1, worker_mb=1)
    found = results(executor.map(LateStage(model_mb=1), jobs(*[None] * 5)))
    outputs = [r.output for r in found if isinstance(r, Done)]
    assert len(outputs) == 5
    assert len({pid for pid, _, _ in outputs}) > 1


def test_replacing_does_not_hide_a_dead_worker() -> None:
    """Growing and dying in one map: the dead one's job fails, the others are done."""
    given = jobs(*[("echo", i) for i in range(5)], ("kill", None), *[("echo", i) for i in range(6, 12)])
    found = results(ProcessExecutor(2, worker_mb=1).map(ScriptedStage(), given))
    assert [r.output if isinstance(r, Done) else r.error for r in found] == [
        *range(5),
        "WorkerDied",
        *range(6, 12),
    ]


@pytest.mark.parametrize(
    ("loaded", "now", "limit", "grown"),
    [
        (600, 1400, 0, False),
        (600, 1401, 0, True),
        (100, 650, 0, False),
        (100, 651, 0, True),
        (600, 1400, 1000, True),
        (600, 999, 1000, False),
        (0, 0, 0, False),
        (None, 9999, 0, False),
        (None, 999, 1000, False),
        (None, 1001, 1000, True),
    ],
)
def test_when_a_worker_has_grown(loaded: int | None, now: int, limit: int, grown: bool) -> None:
    """Half as much again as with its models and 500 MB are free; a limit that is set counts alone."""
    assert has_grown(Held(loaded, now), limit) is grown


def test_memory_is_measured() -> None:
    """Holding 50 MB more shows, in a process that has nothing to use again."""
    code = (
        "from callmine.executors.memory import resident_mb;"
        "before = resident_mb(); held = bytearray(b'x') * 50_000_000; print(before, resident_mb())"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    before, after = map(int, said.stdout.split())
    assert before > 10
    assert 40 <= after - before <= 70


def test_closing_ends_the_workers(processes: ProcessExecutor, tmp_path: Path) -> None:
    """Work in flight is given up at once."""
    mapped = processes.map(ScriptedStage(), jobs(("echo", 0), ("pid", str(tmp_path / "pid"))))
    next(mapped)
    pid = int(appears(tmp_path / "pid"))
    began = time.monotonic()
    processes.close()
    assert gone(pid)
    assert time.monotonic() - began < 30
    mapped.close()


SCRIPT = """
    import signal
    import sys
    from callmine.executors.processes import ProcessExecutor
    from callmine.executors.serial import SerialExecutor
    from tests.builders import a_job
    from tests.fakes import ScriptedStage

    if __name__ == "__main__":
        kind, pid = sys.argv[1:]
        # A test run in the background of a shell hands down an ignored Ctrl-C.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        executor = SerialExecutor() if kind == "serial" else ProcessExecutor(2)
        try:
            for finished in executor.map(ScriptedStage(), [a_job(("pid", pid))]):
                print("ended", finished.result)
        except KeyboardInterrupt:
            print("interrupted")
        finally:
            executor.close()
"""


@pytest.fixture
def started(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A program whose executor is at work, in a process group of its own, and its worker's pid."""
    script = tmp_path / "script.py"
    script.write_text(textwrap.dedent(SCRIPT))
    root = Path(__file__).parents[2]
    program = subprocess.Popen(
        [sys.executable, script, request.param, tmp_path / "pid"],
        env={**os.environ, "PYTHONPATH": str(root)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        yield program, int(appears(tmp_path / "pid"))
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(program.pid, signal.SIGKILL)
        program.communicate(timeout=30)


@pytest.mark.parametrize("started", list(BUILD), indirect=True)
def test_ctrl_c_ends_everything(started: tuple[subprocess.Popen[str], int]) -> None:
    """Ctrl-C reaches the whole group: the parent is interrupted, no worker stays or complains."""
    program, worker = started
    os.killpg(program.pid, signal.SIGINT)
    out, err = program.communicate(timeout=30)
    assert (out, err) == ("interrupted\n", "")
    assert program.returncode == 0
    assert gone(worker)


@pytest.mark.parametrize("started", ["processes"], indirect=True)
def test_workers_end_with_a_killed_parent(started: tuple[subprocess.Popen[str], int]) -> None:
    """After kill -9 of the parent no worker stays behind with its model in memory."""
    program, worker = started
    program.kill()
    assert gone(worker)
