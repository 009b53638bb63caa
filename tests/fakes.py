"""Engines, extractors and stages that do as they are told, crash, dawdle or kill themselves.

Everything here is importable and picklable, so that worker processes can use it; what takes long
to import is imported where it is used, because every worker imports this.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from callmine.domain import Json, Kind, Mention, Transcript
from callmine.stage import Done, Job, Stage

if TYPE_CHECKING:
    from callmine.audio.types import Recording
    from callmine.engines.base import Hints
    from callmine.extractors.base import Extractor, Passage
    from callmine.playbook import Playbook


@dataclass
class ScriptedEngine:
    """Says what it is told, by the recording's name; keeps what it was asked.

    Attributes:
        says: File name to transcript, or to the error to raise; others get :func:`a_transcript`.
        take: Part of the settings, so that another take is another fingerprint.
        delay_s: How long each recording takes.
        needs_audio: Whether it wants the sound decoded.
    """

    says: Mapping[str, Transcript | Exception] = field(default_factory=dict)
    take: int = 1
    delay_s: float = 0.0
    needs_audio: bool = False
    loads: int = 0
    asked: list[tuple[Recording, Hints]] = field(default_factory=list)

    name = "scripted"
    version = "1"

    def settings(self) -> Json:
        return {"take": self.take}

    def load(self) -> None:
        self.loads += 1

    def transcribe(self, recording: Recording, hints: Hints) -> Transcript:
        self.asked.append((recording, hints))
        time.sleep(self.delay_s)
        said = self.says.get(recording.source)
        if isinstance(said, Exception):
            raise said
        if said is None:
            from tests.builders import a_transcript

            return a_transcript()
        return said

    def unload(self) -> None:
        pass


@dataclass
class SlowReplay:
    """Replay that takes its time, so that there is something to interrupt."""

    folder: Path
    delay_s: float

    name = "replay"
    version = "1"
    needs_audio = False

    def settings(self) -> Json:
        return {}

    def load(self) -> None:
        pass

    def transcribe(self, recording: Recording, hints: Hints) -> Transcript:
        from callmine.engines.replay import Replay

        time.sleep(self.delay_s)
        return Replay(folder=self.folder).transcribe(recording, hints)

    def unload(self) -> None:
        pass


class KillingEngine(ScriptedEngine):
    """Takes its process down, as a lack of memory does, at recordings named ``kill…``."""

    def transcribe(self, recording: Recording, hints: Hints) -> Transcript:
        if recording.source.startswith("kill"):
            die()
        return super().transcribe(recording, hints)


@dataclass
class GatedEngine(ScriptedEngine):
    """Hears the recording named ``gated`` only when the file ``gate`` is there."""

    gate: Path = Path()
    gated: str = ""

    def transcribe(self, recording: Recording, hints: Hints) -> Transcript:
        if recording.source == self.gated:
            wait_for(self.gate)
        return super().transcribe(recording, hints)


@dataclass
class Rules:
    """A light extractor: every word it knows is an objection with that word's label."""

    words: Mapping[str, str] = field(default_factory=lambda: {"price": "price", "budget": "price"})
    crash_at: str = ""

    name = "rules"
    version = "1"
    kinds = frozenset({Kind.OBJECTION})
    languages = frozenset({"en"})
    threshold = None

    def settings(self) -> Json:
        return dict(self.words)

    def setup(self, playbook: Playbook) -> None:
        pass

    def extract(self, passages: Sequence[Passage]) -> list[list[Mention]]:
        if self.crash_at and any(self.crash_at in p.text for p in passages):
            raise ZeroDivisionError("the extractor stumbled")
        return [self._read(p.text.lower()) for p in passages]

    def _read(self, text: str) -> list[Mention]:
        return [
            Mention(Kind.OBJECTION, label, at, at + len(word), 0.9)
            for word, label in self.words.items()
            if (at := text.find(word)) >= 0
        ]


@dataclass
class ScriptedStage:
    """A stage that does what its job's payload says: ``(what, argument)``.

    ``echo`` returns the argument, ``raise`` raises it, ``sleep`` sleeps so many seconds,
    ``exit`` leaves the process without a word, ``kill`` kills it, ``once`` kills it unless
    the file named exists, and ``pid`` writes the process to the file named and stays. ``setups``
    returns how often ``setup`` ran in the process. ``after`` takes a file and another payload, which
    it does when the file is there; how often it began is the length of ``FILE.begun``.
    """

    setup_error: Exception | None = None
    setup_kills: bool = False
    setups: int = 0

    name = "scripted"
    version = "1"
    requires = frozenset({"sources"})
    provides = frozenset({"calls"})

    def settings(self) -> Json:
        return {}

    def setup(self) -> None:
        if self.setup_error:
            raise self.setup_error
        if self.setup_kills:
            die()
        self.setups += 1

    def process(self, job: Job) -> Done:
        what, argument = job.payload
        match what:
            case "raise":
                raise argument
            case "sleep":
                time.sleep(argument)
            case "exit":
                os._exit(argument)
            case "kill":
                die()
            case "once":
                if not Path(argument).exists():
                    Path(argument).touch()
                    die()
            case "pid":
                Path(argument).write_text(str(os.getpid()))
                time.sleep(60)
            case "setups":
                return Done(self.setups)
            case "after":
                gate, then = argument
                with Path(f"{gate}.begun").open("a") as begun:
                    begun.write("x")
                wait_for(gate)
                return self.process(replace(job, payload=then))
        return Done(argument)


@dataclass
class LeakingStage(ScriptedStage):
    """Keeps some memory of every job for ever, as native libraries do.

    The payload is the megabytes to keep; returns the process, how often ``setup`` ran in it, and
    how many jobs it has seen.
    """

    kept: list[bytearray] = field(default_factory=list)

    def process(self, job: Job) -> Done:
        self.kept.append(bytearray(b"x") * (job.payload * 1_000_000))
        return Done((os.getpid(), self.setups, len(self.kept)))


@dataclass
class LateStage(LeakingStage):
    """Loads a model, which is memory, for the first job that needs it, and says when it has.

    The payload is the megabytes to keep of a recording, ``None`` for an imported transcript; returns
    as :class:`LeakingStage` does.

    Attributes:
        model_mb: How large the model is.
    """

    model_mb: int = 0
    loaded: bool = False

    def process(self, job: Job) -> Done:
        if job.payload is None:
            return Done((os.getpid(), self.setups, len(self.kept)))
        if not self.loaded:
            self.kept.append(bytearray(b"x") * (self.model_mb * 1_000_000))
            self.loaded = True
        return super().process(job)


class Drawn:
    """An iterable of jobs that counts how many were drawn."""

    def __init__(self, jobs: Iterable[Job]) -> None:
        self._jobs = iter(jobs)
        self.count = 0

    def __iter__(self) -> Drawn:
        return self

    def __next__(self) -> Job:
        job = next(self._jobs)
        self.count += 1
        return job


@dataclass
class FakeStage:
    """A stage with any name and wiring, for checks of the wiring."""

    name: str
    requires: frozenset[str] = frozenset()
    provides: frozenset[str] = frozenset({"calls"})
    version: str = "1"

    def settings(self) -> Json:
        return {}

    def setup(self) -> None:
        pass

    def process(self, job: Job) -> Done:
        return Done(None)


@dataclass
class NobodyAsked:
    """A second reader that must not be asked."""

    name: str = "nobody"
    options: Json = field(default_factory=dict)

    def ask(self, prompt: str, *, system: str, schema: Json) -> Any:
        raise AssertionError("nobody was to be asked")


def wait_for(file: Path, *, within_s: float = 30) -> None:
    """Wait until a file is there; give up in the end, so that a test fails rather than hangs."""
    until = time.monotonic() + within_s
    while not file.exists():
        if time.monotonic() > until:
            raise TimeoutError(file)
        time.sleep(0.01)


def die() -> None:
    """Kill this process, as the kernel does when memory runs out."""
    os.kill(os.getpid(), signal.SIGKILL)


def extractors() -> list[Extractor]:
    """The extractors that need no model."""
    from callmine.extractors.trackers import TrackerExtractor

    return [Rules(), TrackerExtractor()]


def run_workspace(
    root: Path,
    *,
    delay_s: float = 0.0,
    jobs: int = 1,
    watch: Callable[[Any], None] | None = None,
) -> int:
    """Run a workspace on recorded transcripts, without models; return the exit code.

    Only for a process of its own: it replaces how engine and extractors are built.

    Args:
        root: The workspace; the recorded transcripts are in ``transcripts`` below it.
        delay_s: How long each transcript takes.
        jobs: Worker processes.
        watch: Is given the store's connection before the run.
    """
    from callmine.operations import building, running
    from callmine.workspace import find_workspace

    building.build_engine = lambda workspace, threads: SlowReplay(
        folder=workspace.root / "transcripts", delay_s=delay_s
    )
    building.build_extractors = lambda *args, **named: extractors()
    build = building.build_stages

    def watched(workspace: Any, playbook: Playbook, store: Any, *args: Any, **named: Any) -> list[Stage]:
        if watch:
            watch(store._db.conn)
        return build(workspace, playbook, store, *args, **named)

    running.build_stages = watched
    return running.run_workspace(find_workspace(root, {"run": {"jobs": jobs}})).report.exit_code
