"""Put stages, engine and extractors together for a workspace, and run them."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from callmine import registry, weights
from callmine.config import Workspace
from callmine.engines.base import Transcriber
from callmine.executors.base import Executor
from callmine.extractors.base import Extractor
from callmine.operations.intake import Intake, scan_inbox
from callmine.operations.recipes import Recipe
from callmine.pipeline import Observer, RunReport, only_run, plan, run
from callmine.playbook import Playbook, load_playbook
from callmine.stage import Stage
from callmine.store import Store

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """What a run did: its report, and what was found in the inbox."""

    report: RunReport
    inbox: Intake


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
        force = {}
        if retranscribe:
            force["transcribe"] = frozenset({store.find_call(call).call_id} if call else ())
        workers = workspace.settings.run.jobs or os.cpu_count() or 1
        stages = build_stages(workspace, playbook, store, recipe, workers=workers, progress=progress)
        executors = build_executors(recipe, workers)
        try:
            report = run(store, stages, executors, observer=observer, force=force)
        finally:
            for executor in executors.values():
                executor.close()
    return RunOutcome(report, inbox)


def plan_workspace(workspace: Workspace, *, recipe: Recipe | None = None) -> dict[str, list[str]]:
    """Return which files and calls each stage would work on now."""
    playbook = load_playbook(workspace.playbook)
    with Store(workspace.database) as store:
        scan_inbox(workspace, store)
        store.refresh_sources()
        stages = build_stages(workspace, playbook, store, recipe or Recipe(), workers=1)
        return {name: [job.label for job in jobs] for name, jobs in plan(store, stages).items()}


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
    from callmine.stages.extract import ExtractStage
    from callmine.stages.ingest import IngestStage
    from callmine.stages.link import LinkStage
    from callmine.stages.transcribe import TranscribeStage

    settings = workspace.settings
    domains = playbook.company.domains
    # Workers share the cores: each gets its part of the threads.
    threads = max(1, (os.cpu_count() or 1) // max(1, workers))
    builders: Mapping[str, Callable[[], Stage]] = {
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
        "attribute": lambda: AttributeStage(domains, settings.attribute.rep_channel),
        "extract": lambda: ExtractStage(
            build_extractors(playbook, workspace.models, threads=threads, progress=progress), playbook
        ),
        "link": lambda: LinkStage(store.deals(), domains, settings.link.min_confidence),
    }
    return [builders[name]() for name in builders if name in recipe.stages]


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
        threads=threads,
    )
    return engine


def build_extractors(
    playbook: Playbook, models: Path, *, threads: int = 0, progress: Progress = lambda text: None
) -> list[Extractor]:
    """Return every extractor that the playbook needs; missing models are fetched.

    Raises:
        ModelError: A model cannot be had.
    """
    from callmine.extractors.encoder import Encoder
    from callmine.extractors.examples import Embedder, uses_examples
    from callmine.extractors.parse import Parser

    encoder = Encoder(threads=threads)
    parser = Parser(weights.resolve("en_core_web_sm", folder=models, progress=progress))
    extractors = [
        registry.load("extractors", "objections")(encoder),
        registry.load("extractors", "competitors")(parser),
        registry.load("extractors", "positioning")(encoder),
        registry.load("extractors", "trackers")(),
    ]
    if uses_examples(playbook):
        embedder = Embedder(weights.resolve("minilm", folder=models, progress=progress), threads=threads)
        extractors.append(registry.load("extractors", "examples")(embedder))
    return extractors


def build_executors(recipe: Recipe, workers: int) -> dict[str, Executor]:
    """Return an executor per stage: only the heavy stages are worth worker processes."""
    from callmine.executors.processes import ProcessExecutor
    from callmine.executors.serial import SerialExecutor

    serial: Executor = SerialExecutor()
    if recipe.executor == "serial" or workers == 1:
        return {"*": serial}
    many: Executor = ProcessExecutor(workers)
    return {"*": serial, "transcribe": many, "extract": many}
