"""How a workspace and an installation stand: status, retry, doctor, models."""

from __future__ import annotations

import shutil
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

from callmine import weights
from callmine.config import load_settings
from callmine.errors import CallmineError, NoWorkspace, SettingsError
from callmine.extractors.base import ENGLISH
from callmine.extractors.learned import load_questions, read_learned
from callmine.operations.learning import outdated
from callmine.operations.linking import coverage_of, waiting_for_links
from callmine.operations.listing import told_copies
from callmine.operations.loss_reasons import unread_reasons
from callmine.operations.recipient_faults import faults_of_recipients
from callmine.operations.workspaces import placeholder_in
from callmine.playbook import load_playbook
from callmine.reports.text import plural
from callmine.store import Store
from callmine.workspace import Workspace, find_workspace, models_folder

MIN_FREE = 1_000_000_000
"""Bytes of free disk under which doctor warns."""

SHOWN = 5
"""How many files doctor names in one line."""


@dataclass(frozen=True, slots=True)
class Status:
    """How a workspace stands.

    Attributes:
        calls: Status to number of calls.
        deals: Deals known.
        linked: Calls tied to a deal.
        unknown_deals: Deal ids that calls name and that no import ever held.
        gone_deals: Deals that calls name, or that people tied calls to, and that the last full import did
            not hold.
        waiting: That calls wait to be linked, or files to be read; empty where none does.
        stages: Stage to status to count.
        problems: What was skipped or failed, why, and what to do; ``waiting`` where the next run tries
            again because somebody asked for it.
        last_run: The newest run, if any.
        copies: Which files hold the same as another one, and so are no calls of their own.
        doubted: Calls whose roles look inverted: call id, source and why.
        speech: Milliseconds of speech ``found_ms`` in recordings, and ``left_out_ms`` without words.
        languages: Language (ISO 639-1) to number of calls with a transcript, English apart.
        second_reader: What the second reader was asked in all runs and what it cost; empty if nothing.
    """

    calls: dict[str, int]
    deals: int
    linked: int
    stages: dict[str, dict[str, int]]
    problems: list[dict[str, Any]]
    last_run: dict[str, Any] | None
    copies: list[str]
    speech: dict[str, int]
    languages: dict[str, int]
    doubted: list[dict[str, str]]
    second_reader: dict[str, int]
    unknown_deals: list[str] = field(default_factory=list)
    gone_deals: list[str] = field(default_factory=list)
    waiting: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that doctor looked at.

    ``exit_code`` is the code a failure stands for; with 0, ``ok=False`` is a warning.
    """

    what: str
    ok: bool
    found: str
    hint: str = ""
    exit_code: int = 0


def status_of(workspace: Workspace) -> Status:
    """Return how a workspace stands."""
    with Store(workspace.database) as store:
        rows = store.calls()
        last = store.last_run()
        coverage = coverage_of(store)
        retried = {(r["stage"], r["key"]) for r in store.table_rows("stage_runs") if not r["fingerprint"]}
        return Status(
            calls=dict(Counter(row.status for row in rows)),
            deals=len(store.deals()),
            linked=sum(row.deal_id is not None for row in rows),
            unknown_deals=[deal.deal_id for deal in coverage.unknown_deals],
            gone_deals=[deal.deal_id for deal in coverage.gone_deals],
            waiting=waiting_for_links(workspace, store),
            stages=store.stage_counts(),
            second_reader=store.second_reader_counts(),
            problems=[{**p, "waiting": (p["stage"], p["key"]) in retried} for p in store.problems()],
            last_run=dict(last) if last else None,
            doubted=[
                {"call_id": row.call_id, "source": row.source, "doubt": row.role_doubt}
                for row in rows
                if row.role_doubt
            ],
            copies=[text for row in rows for text in told_copies(row.source, row.recording, row.copies)],
            speech={
                "found_ms": sum(row.speech_ms for row in rows),
                "left_out_ms": sum(row.left_out_ms for row in rows),
            },
            languages=dict(
                Counter(
                    row.language
                    for row in rows
                    if row.words and row.language and row.language not in ENGLISH
                ).most_common()
            ),
        )


def retry_failed(workspace: Workspace, *, skipped: bool = False) -> int:
    """Mark failed (and skipped) calls to be tried again; return how many."""
    with Store(workspace.database) as store:
        return store.retry(skipped=skipped)


def examine(folder: Path | None) -> list[Check]:
    """Check packages and models, and the workspace when there is one."""
    checks = [
        Check(
            "Python",
            sys.version_info >= (3, 11),
            sys.version.split()[0],
            "callmine needs 3.11 or newer.",
            exit_code=3,
        )
    ]
    for name in (
        "faster-whisper",
        "av",
        "spacy",
        "scikit-learn",
        "sqlite-utils",
        "onnxruntime",
        "css-inline",
    ):
        checks.append(_package(name))
    checks.append(_package("openai-whisper", extra="reference"))
    checks.append(_package("weasyprint", extra="pdf"))
    try:
        workspace = find_workspace(folder)
    except NoWorkspace:
        models = models_folder(load_settings(None))
        return [*checks, *_models(models, ("base", "en_core_web_sm", "ge2e"))]
    except SettingsError as error:
        return [*checks, Check("settings", False, error.message, error.hint, exit_code=2)]
    wanted = {"en_core_web_sm"}
    if workspace.settings.transcribe.engine != "replay":
        wanted.add(workspace.settings.transcribe.model)
    # A playbook that does not load is told of below.
    with suppress(CallmineError):
        if workspace.settings.voices.diarize:
            wanted.add("ge2e")
    return [*checks, *_models(workspace.models, sorted(wanted)), *_workspace(workspace)]


def _package(name: str, *, extra: str = "") -> Check:
    """Look for a package, which is optional where an extra brings it."""
    try:
        return Check(name, True, metadata.version(name))
    except metadata.PackageNotFoundError:
        if not extra:
            return Check(name, False, "not installed", f"pip install {name}", exit_code=3)
        how = f"in callmine's checkout: pip install -c constraints.txt '.[{extra}]'"
        return Check(name, True, f"not installed (optional; {how})")


def _models(folder: Path, names: tuple[str, ...] | list[str]) -> list[Check]:
    checks = []
    for name in names:
        try:
            path = weights.resolve(name, folder=folder, fetch=False)
            checks.append(Check(f"model {name}", True, str(path)))
        except CallmineError as error:
            checks.append(Check(f"model {name}", False, error.message, error.hint, exit_code=3))
    return checks


def _workspace(workspace: Workspace) -> list[Check]:
    checks = [Check("workspace", True, str(workspace.root))]
    try:
        playbook = load_playbook(workspace.playbook)
        placeholder = placeholder_in(playbook)
        checks.append(
            Check(
                "playbook",
                not placeholder,
                f"[company] is still the example: {placeholder}"
                if placeholder
                else f"version {playbook.digest}",
                "Write your own name, products and domains into playbook.toml: reports are signed with the"
                " name, and the domains tell who is one of you.",
            )
        )
    except CallmineError as error:
        checks.append(Check("playbook", False, error.message, error.hint, exit_code=2))
    checks += _learned(workspace) + _delivery(workspace)
    free = shutil.disk_usage(workspace.root).free
    checks.append(
        Check(
            "disk",
            free > MIN_FREE,
            f"{free / 1e9:.0f} GB free",
            "Make room; transcripts and models need it.",
        )
    )
    try:
        with Store(workspace.database) as store:
            rows, unread = store.calls(), unread_reasons(store)
    except CallmineError as error:
        return [*checks, Check("database", False, error.message, error.hint, exit_code=5)]
    checks.append(Check("database", True, plural(sum(bool(row.call_id) for row in rows), "call")))
    gone = [row.source for row in rows if row.recording and not Path(row.recording).exists()]
    checks.append(
        Check(
            "recordings",
            not gone,
            f"not where they were: {_some(gone)}" if gone else "all in place",
            "Quotes of these calls cannot be played; put the files back.",
        )
    )
    undated = [row.source for row in rows if row.started_at is None and row.call_id]
    checks.append(
        Check(
            "dates",
            not undated,
            f"without a date: {_some(undated)}" if undated else "every call is dated",
            "Such a call is in no week; give `started_at` in a manifest.",
        )
    )
    if unread:
        checks.append(
            Check(
                "loss reasons",
                False,
                f"of {plural(unread, 'deal')} no import has read them: only callmine's own words count",
                "Take the export in again, `callmine deals FILE`, with your mapping if you have one.",
            )
        )
    return checks


def _learned(workspace: Workspace) -> list[Check]:
    """Check the questions that were learned from corrections, where there are any."""
    try:
        card = read_learned(workspace.learned)
        if card is None:
            return []
        note = outdated(workspace)
        if not note:
            load_questions(workspace.learned, card)
    except CallmineError as error:
        return [Check("learned questions", False, error.message, error.hint, exit_code=3)]
    found = note or f"in use, from {plural(len(card.corrections), 'correction')}"
    return [Check("learned questions", not note, found)]


def _delivery(workspace: Workspace) -> list[Check]:
    delivery = workspace.settings.delivery
    if not delivery.recipients:
        return []
    lacking = faults_of_recipients(workspace)
    found = "; ".join(lacking) or plural(len(delivery.recipients), "recipient")
    return [Check("delivery", not lacking, found, "See [delivery] in docs/delivery.md.")]


def _some(names: list[str]) -> str:
    """Return the first names, and how many there are beyond them."""
    more = len(names) - SHOWN
    return ", ".join(names[:SHOWN]) + (f" and {more} more" if more > 0 else "")


def list_models(folder: Path | None) -> list[weights.ModelInfo]:
    """Return the known models and their state in the model folder in use."""
    return weights.list_models(_model_folder(folder))


def get_model(name: str, folder: Path | None, *, progress: Callable[[str], None]) -> Path:
    """Fetch and check a model; return its folder."""
    return weights.get(name, _model_folder(folder), progress)


def _model_folder(folder: Path | None) -> Path:
    try:
        return find_workspace(folder).models
    except NoWorkspace:
        return models_folder(load_settings(None))
