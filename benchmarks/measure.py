"""Run tools over recordings, each in fresh processes, and keep every result in a folder.

A result is a JSON file ``results/MODEL/SET/TOOL/RECORDING.REPEAT.json``. What is there and still
fits (same recording, threads and versions, for callmine also code and names) is not measured again.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import ggml
from benchmarks.child import TOOLS
from benchmarks.options import Setup, say
from benchmarks.recordings import ROOT, SAMPLE, Recorded, clips, write
from benchmarks.scoring import Heard
from callmine import weights
from callmine.config import load_settings, models_folder
from callmine.domain import digest_of
from callmine.errors import CallmineError
from callmine.playbook import load_playbook

Json = dict[str, Any]

_FROM_PEERS = {"whisper-ctranslate2": "whisper_ctranslate2", "whisper.cpp": "pywhispercpp"}
_NEEDS = {"openai-whisper": "whisper"}
_OTHERS = ("openai-whisper", "whisper.cpp")
"""Tools that do not run on CTranslate2."""

_CODE = (
    "callmine/audio",
    "callmine/engines",
    "callmine/domain.py",
    "callmine/playbook.py",
    "callmine/spans.py",
    "callmine/stages/transcribe.py",
)


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
    if package := _FROM_PEERS.get(tool):
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
                why = _run(tool, model, folder, group, recordings, setup, repeat)
                if why:
                    absent[tool] = why
    out: dict[str, list[Measured] | str] = {}
    for tool in tools:
        out[tool] = absent.get(tool) or [
            Measured(
                r, tuple(_kept(setup, model, group, tool, r, n) or {} for n in range(setup.times(tool)))
            )
            for r in recordings
        ]
    return out


def _run(
    tool: str,
    model: str,
    folder: Path,
    group: str,
    recordings: Sequence[Recorded],
    setup: Setup,
    repeat: int,
) -> str:
    """Run one tool once over what it has not read yet; return why it failed, if it did."""
    waiting = [
        r
        for r in recordings
        if (tool in setup.again and not _fresh(setup, model, group, tool, r, repeat))
        or _kept(setup, model, group, tool, r, repeat) is None
    ]
    if not waiting:
        return ""
    python = str(setup.peers / "bin" / "python") if tool in _FROM_PEERS else sys.executable
    request = {
        "tool": tool,
        "model": model,
        "model_path": str(folder),
        "ggml": str(_ggml(model, folder, setup)) if tool == "whisper.cpp" else "",
        "threads": setup.threads,
        "vocabulary": list(_vocabulary()),
        "warm_up": _item(warm_up(setup)),
        "recordings": [_item(r) for r in waiting],
    }
    env = {**os.environ, "OMP_NUM_THREADS": str(setup.threads), "PYTHONPATH": str(ROOT)}
    reader, writer = os.pipe()
    log = setup.work / "log" / f"{model}.{group}.{tool}.{repeat}.txt"
    log.parent.mkdir(parents=True, exist_ok=True)
    by_key = {r.key: r for r in waiting}
    with log.open("wb") as errors, os.fdopen(reader, encoding="utf-8") as results:
        command = ["/bin/sh", "-c", f'exec "$0" -m benchmarks.child 3>&{writer}', python]
        child = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=errors,
            stderr=subprocess.STDOUT,
            cwd=ROOT,
            env=env,
            pass_fds=(writer,),
        )
        os.close(writer)
        assert child.stdin is not None
        child.stdin.write(json.dumps(request).encode())
        child.stdin.close()
        for number, line in enumerate(results, 1):
            result = json.loads(line)
            recorded = by_key[result["key"]]
            result |= {"stamp": _stamp(tool, recorded, setup), "at": time.time()}
            path = _path(setup, model, group, tool, recorded, repeat)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(result), "utf-8")
            rate = recorded.seconds / result["seconds"]
            where = f"{model} {group} {tool} {repeat + 1}/{setup.times(tool)}"
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


def _item(recorded: Recorded) -> Json:
    return {
        "key": recorded.key,
        "path": str(recorded.path),
        "sha": recorded.sha,
        "seconds": recorded.seconds,
        "account": recorded.facts.account,
        "people": [p.name for p in recorded.facts.participants],
    }


def _ggml(model: str, folder: Path, setup: Setup) -> Path:
    target = setup.work / "ggml" / f"{model.replace('/', '-')}.bin"
    return target if target.exists() else ggml.convert(folder, target)


@cache
def code() -> str:
    """Return a hash of the code that makes callmine's transcripts."""
    digest = hashlib.sha256()
    for name in _CODE:
        place = ROOT / name
        for path in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _stamp(tool: str, recorded: Recorded, setup: Setup) -> Json:
    python = str(setup.peers / "bin" / "python") if tool in _FROM_PEERS else sys.executable
    ours, item = tool.startswith("callmine"), _item(recorded)
    return {
        "sha": item["sha"],
        "threads": setup.threads,
        "versions": _versions(tool, python),
        "code": code() if ours else "",
        "names": digest_of(_vocabulary(), *(item[key] for key in ("account", "people"))) if ours else "",
    }


@cache
def _vocabulary() -> tuple[str, ...]:
    return tuple(load_playbook(SAMPLE / "playbook.toml").vocabulary)


@cache
def _versions(tool: str, python: str) -> str:
    """Return the versions of what a tool consists of, as its Python tells them."""
    packages = [*TOOLS[tool][1], *(("ctranslate2",) if tool not in _OTHERS else ())]
    ask = f"from importlib.metadata import version as v; print([(p, v(p)) for p in {packages}])"
    told = subprocess.run([python, "-c", ask], capture_output=True, text=True)
    return told.stdout.strip()


def _path(setup: Setup, model: str, group: str, tool: str, recorded: Recorded, repeat: int) -> Path:
    folder = setup.work / "results" / model.replace("/", "-") / group / tool
    return folder / f"{recorded.key}.{repeat}.json"


def _kept(setup: Setup, model: str, group: str, tool: str, recorded: Recorded, repeat: int) -> Json | None:
    """Return a result that is there and still fits."""
    path = _path(setup, model, group, tool, recorded, repeat)
    if not path.exists():
        return None
    result: Json = json.loads(path.read_text("utf-8"))
    return result if result["stamp"] == _stamp(tool, recorded, setup) else None


_STARTED = time.time()


def _fresh(setup: Setup, model: str, group: str, tool: str, recorded: Recorded, repeat: int) -> bool:
    """Return whether a result was made by this very run."""
    kept = _kept(setup, model, group, tool, recorded, repeat)
    return kept is not None and kept["at"] >= _STARTED


def total(measured: Iterable[Measured], name: str) -> float:
    """Return the sum over recordings of the median of a figure."""
    return sum(m.middle(name) for m in measured)
