"""What is kept: results of each pass of a tool over recordings, and transcripts; and for how long.

A result is a JSON file ``results/MODEL/SET/TOOL/RECORDING.REPEAT.json``. It holds as long as its
stamp: the same recording, threads and versions, for callmine also code and names. A tool that reads
recordings side by side has a folder for each set that it reads together.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from benchmarks.child import TOOLS
from benchmarks.options import Setup, say
from benchmarks.recordings import ROOT, SAMPLE, Recorded
from callmine.canonical import transcript_from_json, transcript_to_json
from callmine.domain import Transcript, digest_of
from callmine.playbook import load_playbook

Json = dict[str, Any]

FROM_PEERS = {"whisper-ctranslate2": "whisper_ctranslate2", "whisper.cpp": "pywhispercpp"}
"""Tools of the peers' environment, and the package that each needs there."""

_OTHERS = ("openai-whisper", "whisper.cpp")
"""Tools that do not run on CTranslate2."""

PROCESSES = frozenset({"callmine", "callmine-unbiased"})
"""Tools that read several recordings at once, as ``callmine run`` does: a process a core."""

_CODE = (
    "callmine/audio",
    "callmine/engines",
    "callmine/domain",
    "callmine/playbook.py",
    "callmine/spans.py",
    "callmine/stages/transcribe.py",
)

_STARTED = time.time()


@dataclass(frozen=True, slots=True)
class Pass:
    """One reading of recordings by one tool, and what is kept of it.

    Recordings that a tool of :data:`PROCESSES` reads side by side share one wall time, so a result
    holds only among the same recordings, read by as many processes, in one and the same pass.
    """

    tool: str
    model: str
    group: str
    recordings: Sequence[Recorded]
    setup: Setup
    repeat: int = 0

    @property
    def python(self) -> str:
        """The Python that has the tool."""
        return str(self.setup.peers / "bin" / "python") if self.tool in FROM_PEERS else sys.executable

    @property
    def workers(self) -> int:
        """How many processes read at the same time."""
        return min(self.setup.threads, len(self.recordings)) if self.tool in PROCESSES else 1

    @property
    def together(self) -> list[str]:
        """Names of all recordings of the pass."""
        return sorted(r.key for r in self.recordings)

    def path(self, recorded: Recorded) -> Path:
        """Return where the result on a recording is kept."""
        folder = self.setup.work / "results" / self.model.replace("/", "-") / self.group / self.tool
        if self.tool in PROCESSES:
            folder /= digest_of(*self.together)  # a part must not take the place of the whole
        return folder / f"{recorded.key}.{self.repeat}.json"

    def stamp(self, recorded: Recorded) -> Json:
        """Return what a result on a recording hangs on."""
        ours, item = self.tool.startswith("callmine"), item_of(recorded)
        people = (item["account"], item["people"])
        stamp = {
            "sha": item["sha"],
            "threads": self.setup.threads,
            "versions": versions(self.tool, self.python),
            "code": code() if ours else "",
            "names": digest_of(vocabulary(), *people) if ours else "",
        }
        if self.tool in PROCESSES:
            stamp |= {"workers": self.workers, "together": self.together}
        return stamp

    def kept(self, recorded: Recorded) -> Json | None:
        """Return the result on a recording that is there and still fits."""
        path = self.path(recorded)
        if not path.exists():
            return None
        result: Json = json.loads(path.read_text("utf-8"))
        return result if result["stamp"] == self.stamp(recorded) else None

    def waiting(self) -> list[Recorded]:
        """Return what has to be read: what has no result, or all where only the whole has a time."""
        oldest = _STARTED if self.tool in self.setup.again else 0.0
        results = [self.kept(r) for r in self.recordings]
        missing = [
            r
            for r, kept in zip(self.recordings, results, strict=True)
            if kept is None or kept["at"] < oldest
        ]
        if self.tool in PROCESSES and (missing or len({kept["at"] for kept in results if kept}) > 1):
            return list(self.recordings)
        return missing


def item_of(recorded: Recorded) -> Json:
    """Return what a child is told of a recording."""
    return {
        "key": recorded.key,
        "path": str(recorded.path),
        "sha": recorded.sha,
        "seconds": recorded.seconds,
        "account": recorded.facts.account,
        "people": [p.name for p in recorded.facts.participants],
    }


@cache
def code() -> str:
    """Return a hash of the code that makes callmine's transcripts."""
    digest = hashlib.sha256()
    for name in _CODE:
        place = ROOT / name
        for path in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def transcript_at(
    folder: Path, name: str, hangs_on: Sequence[object], make: Callable[[], Transcript]
) -> Transcript:
    """Return a transcript of callmine's, kept in a folder as long as nothing changes that it hangs on.

    Args:
        folder: Where it is kept.
        name: Begins the file's name.
        hangs_on: The recording's hash, and what else it hangs on besides code and versions.
        make: Makes it where none is kept.
    """
    key = digest_of(code(), versions("callmine", sys.executable), *hangs_on)
    path = folder / f"{name}.{key}.json"
    if not path.exists():
        say(f"{folder.name}: transcribing {name}")
        made = json.dumps(transcript_to_json(make()))
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(made, "utf-8")
    return transcript_from_json(json.loads(path.read_text("utf-8")))


@cache
def vocabulary() -> tuple[str, ...]:
    """Return the names of the sample's playbook."""
    return tuple(load_playbook(SAMPLE / "playbook.toml").vocabulary)


@cache
def versions(tool: str, python: str) -> str:
    """Return the versions of what a tool consists of, as its Python tells them.

    Raises:
        RuntimeError: It cannot tell them; no result could be known to fit.
    """
    packages = [*TOOLS[tool][1], *(("ctranslate2",) if tool not in _OTHERS else ())]
    ask = f"from importlib.metadata import version as v; print([(p, v(p)) for p in {packages}])"
    try:
        told = subprocess.run([python, "-c", ask], capture_output=True, text=True, check=True)
    except subprocess.CalledProcessError as error:
        why = (error.stderr.strip().splitlines() or [f"it ended with {error.returncode}"])[-1]
        raise RuntimeError(
            f"{tool}: {python} cannot tell the versions of {', '.join(packages)} ({why});"
            f" install them there, or leave {tool} out with --tools"
        ) from error
    return told.stdout.strip()
