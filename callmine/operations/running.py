"""Run the stages of a workspace, or tell what a run would do."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from callmine.errors import RecordingGone, RunError
from callmine.extractors.encoder import Encoder
from callmine.operations.building import build_executors, build_stages
from callmine.operations.intake import Intake, scan_inbox
from callmine.operations.readying import Progress, ready_recogniser, ready_voice_encoder
from callmine.operations.recipes import Recipe
from callmine.operations.rejudging import judge_again
from callmine.pipeline import Observer, RunReport, only_run, plan, run
from callmine.playbook import load_playbook
from callmine.store import Store
from callmine.workspace import Workspace


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """What a run did.

    Attributes:
        report: Counts and failures.
        inbox: What was found in the inbox.
        empty: Whether nothing was ever taken in.
        judged: How many deals ended otherwise than was thought, by the playbook's competitors of today.
        names: Names of the playbook that the recogniser was given, those of a call's people apart;
            ``None`` when it heard nothing in this run.
    """

    report: RunReport
    inbox: Intake
    empty: bool = False
    names: int | None = None
    judged: int = 0


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
        judged = judge_again(store, playbook)
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
        empty = all(next(store.table_rows(table), None) is None for table in ("sources", "calls"))
        given = store.names_given(report.run_id)
    ours = frozenset(playbook.vocabulary)
    names = None if given is None else len(given & ours)
    return RunOutcome(report, inbox, empty, names, len(judged))


def _forced(
    workspace: Workspace, store: Store, *, retranscribe: bool, call: str | None
) -> dict[str, frozenset[str]]:
    """Return which keys of which stage are to be worked on although nothing of theirs changed."""
    listens = workspace.settings.transcribe.engine != "replay"
    force = _gone_or_back(store, listens=listens)
    if unread := store.without_reading(Encoder().reading_version()):
        force["read"] = unread
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
