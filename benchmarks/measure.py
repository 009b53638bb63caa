"""Run tools over recordings, each in fresh processes; what is kept and still holds is not run again."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from statistics import median

from benchmarks import ggml
from benchmarks.kept import FROM_PEERS, Json, Pass, item_of, vocabulary
from benchmarks.options import Setup, say
from benchmarks.recordings import ROOT, Recorded, clips, write
from benchmarks.scoring import Heard
from callmine import weights
from callmine.config import load_settings
from callmine.errors import CallmineError
from callmine.workspace import models_folder

_NEEDS = {"openai-whisper": "whisper"}


@dataclass(frozen=True, slots=True)
class Measured:
    """What one tool made of one recording: the repeats, each as the child wrote it."""

    recorded: Recorded
    runs: tuple[Json, ...]

    @property
    def seconds(self) -> float:
        """Median wall time without loading."""
        return float(median(r["seconds"] for r in self.runs))

    @property
    def words(self) -> list[Heard]:
        """Words of the first repeat."""
        return [Heard(*w) for w in self.runs[0]["words"]]

    def middle(self, name: str) -> float:
        """Median of a figure that every repeat has."""
        return float(median(r[name] for r in self.runs))


def model_path(model: str) -> Path | str:
    """Return the folder of a model, or a sentence that says why it cannot be had."""
    try:
        return weights.resolve(model, folder=models_folder(load_settings(None)), progress=say)
    except CallmineError as error:
        return str(error)


def missing(tool: str, setup: Setup) -> str:
    """Return why a tool cannot run here; empty where it can."""
    if package := FROM_PEERS.get(tool):
        python = setup.peers / "bin" / "python"
        if not python.exists():
            return "not installed"
        probe = f"import importlib.util as u, sys; sys.exit(u.find_spec('{package}') is None)"
        return "not installed" if subprocess.run([str(python), "-c", probe]).returncode else ""
    package = _NEEDS.get(tool, "faster_whisper")
    return "" if find_spec(package) else "not installed"


def measure(
    tools: Sequence[str], model: str, group: str, recordings: Sequence[Recorded], setup: Setup
) -> dict[str, list[Measured] | str]:
    """Run every tool over the recordings, in turn, as often as wanted.

    The tools take turns with every repeat, so that a busy hour of the machine meets all of them.

    Returns:
        For each tool its results in order of the recordings, or why there are none.
    """
    folder = model_path(model)
    if isinstance(folder, str):
        return dict.fromkeys(tools, folder)
    absent = {tool: why for tool in tools if (why := missing(tool, setup))}
    for repeat in range(setup.repeats):
        for tool in tools:
            if tool not in absent and repeat < setup.times(tool):
                why = _run(Pass(tool, model, group, recordings, setup, repeat), folder)
                if why:
                    absent[tool] = why
    out: dict[str, list[Measured] | str] = {}
    for tool in tools:
        passes = [Pass(tool, model, group, recordings, setup, n) for n in range(setup.times(tool))]
        out[tool] = absent.get(tool) or [
            Measured(r, tuple(one.kept(r) or {} for one in passes)) for r in recordings
        ]
    return out


def _run(one: Pass, folder: Path) -> str:
    """Read what waits; return why that failed, if it did."""
    tool, model, setup = one.tool, one.model, one.setup
    waiting = one.waiting()
    if not waiting:
        return ""
    begun = time.time()
    request = {
        "tool": tool,
        "model": model,
        "model_path": str(folder),
        "ggml": str(_ggml(model, folder, setup)) if tool == "whisper.cpp" else "",
        "threads": setup.threads,
        "workers": one.workers,
        "vocabulary": list(vocabulary()),
        "warm_up": item_of(warm_up(setup)),
        "recordings": [item_of(r) for r in waiting],
    }
    env = {**os.environ, "OMP_NUM_THREADS": str(setup.threads), "PYTHONPATH": str(ROOT)}
    reader, writer = os.pipe()
    log = setup.work / "log" / f"{model}.{one.group}.{tool}.{one.repeat}.txt"
    log.parent.mkdir(parents=True, exist_ok=True)
    by_key = {r.key: r for r in waiting}
    with log.open("wb") as errors, os.fdopen(reader, encoding="utf-8") as results:
        child = subprocess.Popen(
            [one.python, "-m", "benchmarks.child"],
            stdin=subprocess.PIPE,
            stdout=errors,
            stderr=subprocess.STDOUT,
            cwd=ROOT,
            env=env,
            pass_fds=(writer,),
        )
        os.close(writer)
        assert child.stdin is not None
        child.stdin.write(json.dumps(request | {"descriptor": writer}).encode())
        child.stdin.close()
        for number, line in enumerate(results, 1):
            result = json.loads(line)
            recorded = by_key[result["key"]]
            result |= {"stamp": one.stamp(recorded), "at": begun}
            path = one.path(recorded)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(result), "utf-8")
            rate = recorded.seconds / result["seconds"]
            where = f"{model} {one.group} {tool} {one.repeat + 1}/{setup.times(tool)}"
            say(f"{where}: {number}/{len(waiting)} {recorded.key} {result['seconds']:.1f} s ({rate:.1f}x)")
    if child.wait():
        last = log.read_text("utf-8", errors="replace").strip().splitlines()[-1:]
        return f"failed: {' '.join(last)[:120]} (see {log.name})"
    return ""


def warm_up(setup: Setup) -> Recorded:
    """Return a few seconds of speech that every tool reads once before it is timed."""
    path = setup.work / "audio" / "warm-up.wav"
    if not path.exists():
        write(path, [clips(["01-"])[0].samples[None]])
    return Recorded("warm-up", path, 4.0, ())


def _ggml(model: str, folder: Path, setup: Setup) -> Path:
    target = setup.work / "ggml" / f"{model.replace('/', '-')}.bin"
    return target if target.exists() else ggml.convert(folder, target)


def total(measured: Iterable[Measured], name: str) -> float:
    """Return the sum over recordings of the median of a figure."""
    return sum(m.middle(name) for m in measured)
