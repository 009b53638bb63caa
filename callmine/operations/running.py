"""Put stages, engine and extractors together for a workspace, and run them."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from callmine import registry, weights
from callmine.engines.base import Transcriber
from callmine.errors import RecordingGone, RunError
from callmine.executors.base import Executor
from callmine.extractors.base import Extractor
from callmine.operations.enrolling import voices_of_reps
from callmine.operations.intake import Intake, scan_inbox
from callmine.operations.learning import outdated
from callmine.operations.readying import Progress, ready_recogniser, ready_voice_encoder
from callmine.operations.recipes import Recipe
from callmine.operations.second_reading import build_second_read
from callmine.pipeline import Observer, RunReport, only_run, plan, run
from callmine.playbook import Playbook, load_playbook
from callmine.stage import Stage
from callmine.stages import ORDER
from callmine.store import Store
from callmine.workspace import Workspace

if TYPE_CHECKING:
    from callmine.extractors.encoder import Encoder


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """What a run did.

    Attributes:
        report: Counts and failures.
        inbox: What was found in the inbox.
        empty: Whether nothing was ever taken in.
        names: Names of the playbook that the recogniser was given, those of a call's people apart;
            ``None`` when it heard nothing in this run.
    """

    report: RunReport
    inbox: Intake
    empty: bool = False
    names: int | None = None


def run_workspace(
    workspace: Workspace,
    *,
    recipe: Recipe | None = None,
    observer: Observer | None = None,
    retranscribe: bool = False,
    call: str | None = None,
    progress: Progress = lambda text: None,
) -> RunOutcome:
    """Put everything that is new or changed through every stage.

    Args:
        workspace: Where.
        recipe: Which stages, and how; the default runs all of them.
        observer: Is told of progress.
        retranscribe: Transcribe again although nothing changed: ``call``, or every call.
        call: Reference of one call, for ``retranscribe``.
        progress: Is told what takes long before the run, such as fetching a model.

    Raises:
        RunError: Something concerns every call.
    """
    recipe = recipe or Recipe()
    playbook = load_playbook(workspace.playbook)
    with only_run(workspace.root), Store(workspace.database) as store:
        inbox = scan_inbox(workspace, store)
        store.refresh_sources()
        if not workspace.settings.voices.enrol:
            store.forget_voices()
        if not workspace.settings.second_reader.model:
            store.forget_second_verdicts()
        force = _forced(workspace, store, retranscribe=retranscribe, call=call)
        workers = workspace.settings.run.jobs or os.cpu_count() or 1
        stages = build_stages(workspace, playbook, store, recipe, workers=workers, progress=progress)
        by_name = {stage.name: stage for stage in stages}
        executors = build_executors(recipe, workers, worker_mb=workspace.settings.run.worker_mb)
        hears = executors.get("transcribe", executors["*"])
        try:
            report = run(
                store,
                stages,
                executors,
                observer=observer,
                force=force,
                prepare={
                    "transcribe": lambda jobs: ready_recogniser(
                        by_name["transcribe"], hears, jobs, progress
                    ),
                    "diarize": lambda jobs: ready_voice_encoder(by_name["diarize"], jobs, progress),
                },
                left_out=inbox.left_out,
            )
        finally:
            for executor in executors.values():
                executor.close()
        empty = next(store.table_rows("sources"), None) is None
        given = store.names_given(report.run_id)
    ours = frozenset(playbook.vocabulary)
    names = None if given is None else len(given & ours)
    return RunOutcome(report, inbox, empty, names)


def _forced(
    workspace: Workspace, store: Store, *, retranscribe: bool, call: str | None
) -> dict[str, frozenset[str]]:
    """Return which keys of which stage are to be worked on although nothing of theirs changed."""
    listens = workspace.settings.transcribe.engine != "replay"
    force = _gone_or_back(store, listens=listens)
    if retranscribe:
        one = frozenset({store.find_call(call).call_id}) if call else None
        # An empty set stands for every call.
        force["transcribe"] = one | force.get("transcribe", one) if one else frozenset()
    return force


def _gone_or_back(store: Store, *, listens: bool) -> dict[str, frozenset[str]]:
    """Return the failures whose reason is out of date: the file went away since, or came back.

    Only where the stage will say so: else the same failure would come back with every run.
    """
    paths = {
        row["call_id"]: row["recording"]
        for row in store.table_rows("calls")
        if listens and row["recording"] and not row["transcript_file"]
    }
    found: dict[str, set[str]] = {}
    for problem in store.problems():
        stage, key = problem["stage"], problem["key"]
        path = {"ingest": key, "transcribe": paths.get(key), "diarize": paths.get(key)}.get(stage)
        if path is None or problem["status"] != "failed":
            continue
        if _is_gone(Path(path)) != (problem["reason"] == RecordingGone.__name__):
            found.setdefault(stage, set()).add(key)
    return {stage: frozenset(keys) for stage, keys in found.items()}


def _is_gone(path: Path) -> bool:
    try:
        path.stat()
    except PermissionError:
        return False  # there may be a file; nobody here can tell
    except OSError:
        return True
    return False


def plan_workspace(
    workspace: Workspace,
    *,
    recipe: Recipe | None = None,
    retranscribe: bool = False,
    call: str | None = None,
    progress: Progress = lambda text: None,
) -> dict[str, list[str]]:
    """Return which files and calls each stage of such a run would work on now.

    Nothing is stored, neither the files nor the corrections that the inbox holds, and no recogniser is
    fetched: with one that is not there yet, every call is new to it.
    """
    playbook = load_playbook(workspace.playbook)
    with Store(workspace.database) as store:
        # Before the rehearsal, which keeps others from writing: extractors' models may have to be fetched.
        stages = build_stages(workspace, playbook, store, recipe or Recipe(), workers=1, progress=progress)
        for stage in stages:
            # What it reads for them, such as gigabytes of weights, it remembers. A fault is told below, if
            # there is a call that it concerns.
            with suppress(RunError):
                stage.settings()
        with store.rehearsal():
            scan_inbox(workspace, store)
            store.refresh_sources()
            force = _forced(workspace, store, retranscribe=retranscribe, call=call)
            waiting = plan(store, stages, force=force)
        return {name: [job.label for job in jobs] for name, jobs in waiting.items()}


def build_stages(
    workspace: Workspace,
    playbook: Playbook,
    store: Store,
    recipe: Recipe,
    *,
    workers: int,
    progress: Progress = lambda text: None,
) -> list[Stage]:
    """Return the recipe's stages in their order, ready to run."""
    from callmine.stages.attribute import AttributeStage
    from callmine.stages.diarize import DiarizeStage
    from callmine.stages.ingest import IngestStage
    from callmine.stages.link import LinkStage
    from callmine.stages.transcribe import TranscribeStage

    settings = workspace.settings
    domains = playbook.company.domains
    # Workers share the cores: each gets its part of the threads. The recogniser's are reckoned again
    # when it is known how many calls it has to hear.
    threads = max(1, (os.cpu_count() or 1) // max(1, workers))
    builders: dict[str, Callable[[], Stage]] = {
        "ingest": lambda: IngestStage(
            own_domains=domains,
            min_seconds=settings.ingest.min_seconds,
            file_pattern=settings.ingest.file_pattern,
            timezone=settings.timezone,
        ),
        "transcribe": lambda: TranscribeStage(
            build_engine(workspace, threads=threads),
            language=settings.transcribe.language,
            vocabulary=playbook.vocabulary,
        ),
        "diarize": lambda: DiarizeStage(
            workspace.models,
            on=settings.voices.diarize,
            max_voices=settings.voices.max_voices,
            enrol=settings.voices.enrol,
        ),
        "attribute": lambda: AttributeStage(
            domains,
            settings.attribute.rep_channel,
            own_names=playbook.own_names,
            min_confidence=settings.attribute.min_confidence,
            enrolled=voices_of_reps(store) if settings.voices.enrol else (),
        ),
        "read": lambda: _build_read(threads=threads),
        "extract": lambda: _build_extract(workspace, playbook, threads=threads, progress=progress),
        "link": lambda: LinkStage(store.deals(), domains, settings.link.min_confidence),
    }
    if "second_read" in recipe.stages and (second_read := build_second_read(workspace, playbook)):
        builders["second_read"] = lambda: second_read
    return [builders[name]() for name in ORDER if name in builders and name in recipe.stages]


def build_engine(workspace: Workspace, *, threads: int) -> Transcriber:
    """Return the engine that the settings name; nothing is loaded yet."""
    chosen = workspace.settings.transcribe
    cls = registry.load("engines", chosen.engine)
    engine: Transcriber
    if chosen.engine == "replay":
        engine = cls(folder=workspace.root / (chosen.replay_folder or "transcripts"))
        return engine
    engine = cls(
        model=chosen.model,
        model_dir=workspace.models,
        device=chosen.device,
        compute_type=chosen.compute_type,
        beam_size=chosen.beam_size,
        batch_size=chosen.batch_size,
        threads=threads,
    )
    return engine


def _build_read(*, threads: int) -> Stage:
    from callmine.extractors.encoder import Encoder
    from callmine.stages.read import ReadStage

    return ReadStage(Encoder(threads=threads))


def _build_extract(workspace: Workspace, playbook: Playbook, *, threads: int, progress: Progress) -> Stage:
    """Return the extract stage; whatever reads with the encoder shares one.

    Of questions learned for another model it is told that they are not asked.
    """
    from callmine.extractors.answers import AnswerFinder
    from callmine.extractors.encoder import Encoder
    from callmine.stages.extract import ExtractStage

    encoder = Encoder(threads=threads, learned=workspace.learned)
    if note := outdated(workspace):
        progress(note)
    models = workspace.models
    extractors = build_extractors(playbook, models, encoder=encoder, threads=threads, progress=progress)
    return ExtractStage(extractors, playbook, AnswerFinder(encoder), encoder)


def build_extractors(
    playbook: Playbook,
    models: Path,
    *,
    encoder: Encoder | None = None,
    threads: int = 0,
    progress: Progress = lambda text: None,
) -> list[Extractor]:
    """Return every extractor that the playbook needs; missing models are fetched.

    Raises:
        ModelError: A model cannot be had.
    """
    from callmine.extractors.encoder import Encoder
    from callmine.extractors.examples import Embedder, uses_examples
    from callmine.extractors.parse import Parser

    encoder = encoder or Encoder(threads=threads)
    parser = Parser(weights.resolve("en_core_web_sm", folder=models, progress=progress))
    extractors = [
        registry.load("extractors", "objections")(encoder),
        registry.load("extractors", "competitors")(parser, encoder),
        registry.load("extractors", "positioning")(encoder),
        registry.load("extractors", "requests")(encoder),
        registry.load("extractors", "trackers")(),
    ]
    if uses_examples(playbook):
        embedder = Embedder(weights.resolve("minilm", folder=models, progress=progress), threads=threads)
        extractors.append(registry.load("extractors", "examples")(embedder))
    return extractors


def build_executors(recipe: Recipe, workers: int, *, worker_mb: int = 0) -> dict[str, Executor]:
    """Return an executor per stage: only the heavy stages are worth worker processes."""
    from callmine.executors.processes import ProcessExecutor
    from callmine.executors.serial import SerialExecutor

    serial: Executor = SerialExecutor()
    if recipe.executor == "serial" or workers == 1:
        return {"*": serial}
    many: Executor = ProcessExecutor(workers, worker_mb=worker_mb)
    # The recogniser's own: it has fewer workers on a GPU.
    hears: Executor = ProcessExecutor(workers, worker_mb=worker_mb)
    return {"*": serial, "transcribe": hears, "diarize": many, "read": many, "extract": many}
