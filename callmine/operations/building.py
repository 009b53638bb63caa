"""Put stages, engine and extractors together for a workspace."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from callmine import registry, weights
from callmine.engines.base import Transcriber
from callmine.executors.base import Executor
from callmine.extractors.base import Extractor
from callmine.operations.enrolling import voices_of_reps
from callmine.operations.learning import outdated
from callmine.operations.linking import link_stage
from callmine.operations.readying import Progress
from callmine.operations.recipes import Recipe
from callmine.operations.second_reading import build_second_read
from callmine.playbook import Playbook
from callmine.stage import Stage
from callmine.stages import ORDER
from callmine.store import Store
from callmine.workspace import Workspace

if TYPE_CHECKING:
    from callmine.extractors.encoder import Encoder


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
        "read": lambda: _build_read(playbook, threads=threads),
        "extract": lambda: _build_extract(workspace, playbook, threads=threads, progress=progress),
        "link": lambda: link_stage(workspace, store, playbook),
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


def _build_read(playbook: Playbook, *, threads: int) -> Stage:
    from callmine.extractors.encoder import Encoder
    from callmine.stages.read import ReadStage

    return ReadStage(Encoder(threads=threads), playbook)


def _build_extract(workspace: Workspace, playbook: Playbook, *, threads: int, progress: Progress) -> Stage:
    """Return the extract stage; whatever reads with the encoder shares one.

    Of questions learned for another model it is told that they are not asked, and of examples too short to
    compare that they are not.
    """
    from callmine.extractors.answers import AnswerFinder
    from callmine.extractors.encoder import Encoder
    from callmine.extractors.faults import not_compared
    from callmine.stages.extract import ExtractStage

    encoder = Encoder(threads=threads, learned=workspace.learned)
    if note := outdated(workspace):
        progress(note)
    for fault in not_compared(playbook):
        progress(f"playbook: {fault}")
    models = workspace.models
    extractors = build_extractors(playbook, models, encoder=encoder, threads=threads, progress=progress)
    return ExtractStage(extractors, playbook, AnswerFinder(encoder, playbook.answers), encoder)


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
    from callmine.extractors.examples import uses_examples
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
        extractors.append(registry.load("extractors", "examples")(encoder))
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
