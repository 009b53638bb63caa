"""What has to happen in the parent before a stage's calls are handed out: models, workers, threads.

Workers would fetch their models as well, but they cannot say how long that takes.
"""

from __future__ import annotations

import os
from collections.abc import Callable

from callmine import weights
from callmine.executors.base import Executor
from callmine.pipeline import Pending
from callmine.stage import Job, Stage
from callmine.voices.encoder import MODEL

Progress = Callable[[str], None]


def ready_recogniser(stage: Stage, executor: Executor, pending: Pending, progress: Progress) -> None:
    """Fetch the recogniser's model, and share the cores out among the calls that it has to hear.

    Each worker that will hear a call at the same time as others gets its part of the threads, so that one
    long call has all cores. Imported transcripts need no model and count for nothing here.

    Raises:
        callmine.errors.MissingDependency: The model, or the library that runs it, cannot be had.
    """
    from callmine.engines.whisper_base import WhisperEngine
    from callmine.executors.processes import ProcessExecutor
    from callmine.stages.transcribe import TranscribeStage

    if not (isinstance(stage, TranscribeStage) and isinstance(stage.engine, WhisperEngine)):
        return
    engine = stage.engine
    if not any(map(_is_heard, pending())):
        return
    engine.version  # noqa: B018 - raises where the library is missing, which needs no model
    weights.resolve(engine.model, folder=engine.model_dir, progress=progress)
    # Only now: as long as nobody knew the weights, calls that they heard long ago looked new as well.
    heard = sum(map(_is_heard, pending()))
    at_once = 1
    if isinstance(executor, ProcessExecutor):
        if engine.runs_on() == "cuda":
            executor.jobs = 1  # a GPU holds one model, and a batch that fills its memory
        at_once = max(1, min(executor.jobs, heard))
    engine.threads = max(1, (os.cpu_count() or 1) // at_once)


def _is_heard(job: Job) -> bool:
    return job.payload.transcript_file is None


def ready_voice_encoder(stage: Stage, pending: Pending, progress: Progress) -> None:
    """Fetch the speaker encoder where there is a call whose voices have to be heard.

    Raises:
        callmine.errors.ModelError: It cannot be had.
    """
    from callmine.stages.diarize import DiarizeStage

    if isinstance(stage, DiarizeStage) and any(stage.needs_sound(*job.payload) for job in pending()):
        weights.resolve(MODEL, folder=stage.models, progress=progress)
