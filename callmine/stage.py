"""The stage protocol: a unit of work, its input, its outcome and its fingerprint.

A stage runs in a worker and never touches the store. The parent process asks the store for
pending jobs, maps them through an executor, and records each result in one transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from callmine.domain import Digesting, Json


@dataclass(frozen=True, slots=True)
class Job:
    """One call (or file) to put through one stage.

    Attributes:
        key: Call id, or the source path for ingest.
        label: The file's name, for messages.
        payload: What ``process`` needs; picklable, and not part of the fingerprint.
        fingerprint: Hash of stage name, version, settings and the inputs' fingerprints.
        attempts: How often this fingerprint failed before.
    """

    key: str
    label: str
    payload: Any
    fingerprint: str
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class Done:
    """The job succeeded.

    Attributes:
        output: The stage's value.
        notes: What was noticed, for people.
        counts: What the stage counts beside calls, summed over the run.
        more: Whether a part is left that this run may not do; the next one takes the job up again.
    """

    output: Any
    notes: tuple[str, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    more: bool = False


@dataclass(frozen=True, slots=True)
class Skipped:
    """The job was left out on purpose.

    Attributes:
        reason: A stable word.
        message: A sentence.
        content: SHA-256 of the file, where the same content must be left out under any name.
        notes: What was noticed before it was left out.
    """

    reason: str
    message: str
    content: str | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Failed:
    """The job failed.

    Attributes:
        error: Exception class name.
        message: What happened.
        hint: What to do next.
        retryable: Whether the next run should try again by itself.
        bug: Whether nobody expected this error; counted apart, exit code 1.
        trace: Traceback of a bug, for ``status --json`` and bug reports.
        kept: What was worked out before it failed and must not be paid for again; stored all the same.
        counts: As in :class:`Done`.
    """

    error: str
    message: str
    hint: str = ""
    retryable: bool = False
    bug: bool = False
    trace: str = ""
    kept: Any = None
    counts: Mapping[str, int] = field(default_factory=dict)


Result = Done | Skipped | Failed


@runtime_checkable
class Stage(Protocol):
    """What the pipeline asks of a stage. Instances are pickled to the workers.

    A stage that loads its models not in ``setup()`` but for the first job that needs them also has
    ``loaded``, a bool: whether this copy of it holds them now. What a worker may hold is judged by
    what it held when they were loaded, so without ``loaded`` they would count as growth.

    A stage that asks a service which may be away for days has ``patient = True``: its retryable failures
    are the service's, so every run tries them again, however often they failed.
    """

    name: str
    version: str
    requires: frozenset[str]
    provides: frozenset[str]

    def settings(self) -> Json:
        """Return the settings that change the output; they enter the fingerprint."""
        ...

    def setup(self) -> None:
        """Load models; called once per worker before the first job."""
        ...

    def process(self, job: Job) -> Done:
        """Do the work.

        Raises:
            callmine.errors.SkipCall: The call is left out on purpose.
            callmine.errors.CallError: This call cannot be processed.
            callmine.errors.RunError: No call can be processed.
        """
        ...


@dataclass(frozen=True, slots=True)
class OnlyFor:
    """A setting that changes the output of calls with a trait only.

    It is left out of the fingerprints of all others, so that they do not run again for nothing.
    """

    trait: str
    value: object


HEARD = "heard"
"""Trait of a call whose words come from its recording, not from an imported transcript."""

WITH_VOICES = "with voices"
"""Trait of a call that has speaker embeddings which enrolled voices are looked for in."""


def fingerprint(stage: Stage, *inputs: str, traits: frozenset[str] = frozenset()) -> str:
    """Return the fingerprint of a stage over its inputs' fingerprints, for a job with ``traits``."""
    return fingerprints(stage)(inputs, traits)


def fingerprints(stage: Stage) -> Callable[[Sequence[str], frozenset[str]], str]:
    """Return what makes the fingerprints of a stage's jobs out of their inputs and traits.

    For many jobs: the stage is asked for its settings once, and they are hashed once for each kind of job.
    """
    said = stage.settings()
    begun: dict[frozenset[str], Digesting] = {}

    def made(inputs: Sequence[str], traits: frozenset[str]) -> str:
        if traits not in begun:
            matters = {
                key: value.value if isinstance(value, OnlyFor) else value
                for key, value in said.items()
                if not isinstance(value, OnlyFor) or value.trait in traits
            }
            begun[traits] = Digesting(stage.name, stage.version, matters)
        return begun[traits].with_last(inputs)

    return made


@dataclass(frozen=True, slots=True)
class Tally:
    """How one stage went in one run."""

    stage: str
    done: int = 0
    skipped: int = 0
    failed: int = 0
    bugs: int = 0
    waiting: int = 0
    seconds: float = 0.0
    failures: tuple[tuple[str, str, str], ...] = field(default=())
    """``(label, message, hint)`` of each failure."""
    counts: Mapping[str, int] = field(default_factory=dict)
    """What the stage counts beside calls."""
