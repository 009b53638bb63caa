"""Take in recordings, transcripts and what is known of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from callmine import formats
from callmine.crm import read_manifest, read_sidecar
from callmine.domain import Facts
from callmine.errors import CallmineError, NothingReadable, UnreadableTranscript, UsageError
from callmine.formats.editing import exported_call, is_editable
from callmine.operations import manifests
from callmine.operations.taking_back import Correction, place_of, take_back
from callmine.operations.troubles import Trouble
from callmine.store import Store
from callmine.workspace import Workspace

AUDIO_SUFFIXES = frozenset(
    {".wav", ".mp3", ".m4a", ".mp4", ".ogg", ".oga", ".opus", ".flac", ".webm", ".mka", ".mkv"}
    | {".aac", ".aif", ".aiff", ".caf", ".amr", ".mov", ".wma"}
)
"""Endings by which recordings are found in folders; a file named by a person may have any."""

TRANSCRIPT_SUFFIXES = frozenset({".vtt", ".srt", ".json", ".txt"})


@dataclass(frozen=True, slots=True)
class Intake:
    """What was taken in: new or changed files, known ones, and what is wrong with the rest.

    Attributes:
        new: New or changed files.
        known: Files known already.
        problems: What is wrong with rows and files, those first that concern calls taken in before.
        left_out: How many rows and files were not used because of a fault of their own.
        corrections: Transcripts that people corrected, and how many turns each changed.
    """

    new: int
    known: int
    problems: tuple[Trouble, ...] = ()
    left_out: int = 0
    corrections: tuple[Correction, ...] = ()

    @property
    def exit_code(self) -> int:
        """The contract's code: 6 if something was left out, 2 if nothing else was there."""
        return (6 if self.new + self.known + len(self.corrections) else 2) if self.left_out else 0


def add_paths(
    workspace: Workspace,
    paths: Sequence[Path],
    *,
    manifest: Path | None = None,
    format: str | None = None,
) -> Intake:
    """Remember files, folders and the rows of a manifest for the next run; nothing is read yet.

    Facts about a call come from the manifest, else from ``NAME.json`` beside the recording. A manifest
    that lies in a folder (``manifest*.csv`` or ``.json``) is read with it, as in the inbox.

    Raises:
        UsageError: A path or the format does not exist, or the manifest or none of its rows can
            be used.
        NothingReadable: Nothing was named that could be a call.
    """
    if format is not None:
        formats.find(format)  # else every later run would stumble over it
    for path in paths:
        if not path.exists():
            raise UsageError(f"{path} does not exist", hint="Check the name; nothing was added.")
    problems: list[Trouble] = []
    wanted: dict[Path, Facts] = {}
    left_out = 0
    with Store(workspace.database) as store:
        for path in paths:
            if path.is_dir():
                held = _in_folder(path, workspace, store, but=manifest)
                wanted.update(held.calls)
                problems += held.problems
                left_out += held.faulty
            else:
                wanted[path.resolve()] = Facts()
    if manifest is None and not wanted and not left_out:
        raise NothingReadable(
            "no recordings or transcripts found",
            hint=f"Recordings end in {', '.join(sorted(AUDIO_SUFFIXES))}.",
        )
    rows = read_manifest(manifest, timezone=workspace.settings.timezone) if manifest else None
    with Store(workspace.database) as store:
        if manifest is not None and rows is not None:
            problems += (*manifests.unchanged(manifest, rows, store), *manifests.told(manifest, rows))
            left_out += rows.faulty
            named = {row.path.resolve(): row.facts for row in rows.rows}
            named = {
                path: manifests.with_consent_of(wanted.get(path), facts) for path, facts in named.items()
            }
            # A row that cannot be read may be the one that says "no consent": its file stays out.
            for path in rows.refused:
                wanted.pop(path.resolve(), None)
            if rows.incomplete:
                kept_out = [path for path in wanted if path not in named]
                problems += manifests.told_left_out(kept_out, store)
                left_out += len(kept_out)
                wanted = {}
            wanted.update(named)
            if not wanted:
                told = "".join(f"\n  {p.where}: {p.what}" for p in problems[:20])
                raise UsageError(
                    f"no row of {manifest.name} could be used{told}",
                    hint="Mend the rows and add the manifest again.",
                )
        taken = _remember(workspace, store, sorted(wanted.items()), origin="add", format=format)
    return replace(taken, problems=(*problems, *taken.problems), left_out=left_out + taken.left_out)


def _remember(
    workspace: Workspace,
    store: Store,
    wanted: Iterable[tuple[Path, Facts]],
    *,
    origin: str,
    format: str | None = None,
) -> Intake:
    """Remember files for the next run; one that cannot be is told and left out."""
    marked = [(path, facts, is_editable(path)) for path, facts in wanted]
    calls = {path: facts for path, facts, is_correction in marked if not is_correction}
    ready, problems = _ready(workspace, store, calls)
    if format is None:
        recordings = {p: f for p, f in ready.items() if p.suffix.lower() not in TRANSCRIPT_SUFFIXES}
        for path, other in manifests.sharing_an_id(recordings).items():
            problems.append(_shared(store, path, other, ready.pop(path).external_id))
    changed: list[bool] = []
    for path, facts in ready.items():
        try:
            changed.append(store.add_source(path, origin=origin, facts=facts, format=format))
        except OSError as error:  # gone since it was found
            problems.append(_unusable(store, path, error))
    corrections: list[Correction] = []
    # Corrections come last: the same manifest may say that there is no consent to use their call.
    for path, _, is_correction in marked:
        if not is_correction:
            continue
        try:
            str(path).encode()
            corrections.append(take_back(store, path, again=origin == "add"))
            problems += (Trouble(path.name, note) for note in corrections[-1].notes)
        except (UnicodeEncodeError, UsageError, UnreadableTranscript, OSError) as error:
            problems.append(_unusable(store, path, error))
    faulty = len(problems) - sum(len(correction.notes) for correction in corrections)
    return Intake(sum(changed), len(changed) - sum(changed), tuple(problems), faulty, tuple(corrections))


def _ready(
    workspace: Workspace, store: Store, calls: Mapping[Path, Facts]
) -> tuple[dict[Path, Facts], list[Trouble]]:
    """Return the files that can be taken in, with their facts, and what is wrong with the others."""
    ready: dict[Path, Facts] = {}
    problems: list[Trouble] = []
    for path, facts in calls.items():
        try:
            str(path).encode()
            if told := _own_export(store, path):
                problems.append(told)
                continue
            beside = _sidecar_facts(path, workspace.settings.timezone)
            ready[path] = manifests.with_consent_of(beside, facts.over(beside))
        except (UnicodeEncodeError, UsageError, OSError) as error:
            problems.append(_unusable(store, path, error))
    return ready, problems


def _unusable(store: Store, path: Path, error: Exception) -> Trouble:
    """Say of a file why it cannot be taken in, and that a call taken in before is not changed."""
    if isinstance(error, UnicodeEncodeError):
        name = path.name.encode(errors="replace").decode()
        return Trouble(name, "the path is not valid UTF-8", "Rename it and try again.")
    message = error.message if isinstance(error, CallmineError) else str(error)
    return Trouble(*place_of(path, message + _what_stays(store, path)), "Mend the file and try again.")


def _shared(store: Store, path: Path, other: Path, name: str | None) -> Trouble:
    shown = other.name if other.name != path.name else str(other)
    what = f"{shown} is another recording with the same external_id, {name}; neither was taken in"
    hint = "If both are one call, keep one of the files; else give each an external_id of its own."
    return Trouble(path.name, what + _what_stays(store, path), hint)


def _what_stays(store: Store, path: Path) -> str:
    """Say that the call is not changed that was taken in from a file before, if one was."""
    return "".join(f"; {manifests.as_it_was(c)}" for c in manifests.consents(store, [path]).values())


def _own_export(store: Store, path: Path) -> Trouble | None:
    """Say of a transcript that callmine wrote itself, of a call it knows, what to do instead of adding it.

    Taken in, it would stand for what was heard, without the times of words and the channels.
    """
    call = store.call(written) if (written := exported_call(path)) else None
    if call is None or call.transcript_file == str(path):
        return None
    return Trouble(
        path.name,
        f"callmine wrote this transcript itself, of {call.source}; it was not taken in",
        f"Take the file away. To correct words: `callmine transcript {call.call_id} -o call.txt`, change"
        " that file, and `callmine add call.txt`.",
    )


def scan_inbox(workspace: Workspace, store: Store) -> Intake:
    """Remember what lies in the inbox, with its manifests (``manifest*.csv`` or ``.json``)."""
    if not workspace.inbox.is_dir():
        return Intake(0, 0)
    held = _in_folder(workspace.inbox, workspace, store)
    taken = _remember(workspace, store, held.calls.items(), origin="inbox")
    return replace(taken, problems=(*held.problems, *taken.problems), left_out=held.faulty + taken.left_out)


@dataclass(frozen=True, slots=True)
class _Held:
    """What a folder holds: calls with their manifests' facts; what is wrong, and how much is left out."""

    calls: dict[Path, Facts]
    problems: list[Trouble]
    faulty: int


def _in_folder(folder: Path, workspace: Workspace, store: Store, *, but: Path | None = None) -> _Held:
    """Look at the calls in a folder and at its manifests, ``but`` one that is read anyway."""
    problems: list[Trouble] = []
    files = sorted(p for s in ("csv", "json") for p in folder.glob(f"manifest*.{s}"))
    facts: dict[Path, Facts] = {}
    # A row that cannot be read may be the one that says "no consent": its file stays out.
    left_out = {path.resolve() for path in files}
    incomplete, faulty = False, 0
    for manifest in files:
        if but is not None and manifest.resolve() == but.resolve():
            continue
        try:
            rows = read_manifest(manifest, timezone=workspace.settings.timezone)
        except UsageError as error:
            problems.append(Trouble(manifest.name, error.message, error.hint))
            incomplete, faulty = True, faulty + 1
            continue
        problems += (*manifests.unchanged(manifest, rows, store), *manifests.told(manifest, rows))
        faulty += rows.faulty
        incomplete = incomplete or rows.incomplete
        for row in rows.rows:
            path = row.path.resolve()
            facts[path] = manifests.with_consent_of(facts.get(path), row.facts)
        left_out.update(path.resolve() for path in rows.refused)
    calls = [path for path in find_calls(folder) if path not in left_out]
    if incomplete:
        kept_out = [path for path in calls if path not in facts]
        problems += manifests.told_left_out(kept_out, store)
        faulty += len(kept_out)
        calls = [path for path in calls if path in facts]
    return _Held({path: facts.get(path, Facts()) for path in calls}, problems, faulty)


def find_calls(folder: Path) -> Iterable[Path]:
    """Yield the recordings and transcripts in a folder and below, by name; hidden ones left out.

    A ``NAME.json`` beside ``NAME.wav`` is the recording's sidecar, not a call.
    """
    files = sorted(
        p
        for p in folder.rglob("*")
        if p.is_file() and not any(part.startswith(".") for part in p.relative_to(folder).parts)
    )
    recordings = {p.with_suffix("") for p in files if p.suffix.lower() in AUDIO_SUFFIXES}
    for path in files:
        suffix = path.suffix.lower()
        if suffix in AUDIO_SUFFIXES or (
            suffix in TRANSCRIPT_SUFFIXES and (path.with_suffix("") not in recordings or is_editable(path))
        ):
            yield path.resolve()


def _sidecar_facts(path: Path, timezone: str) -> Facts:
    sidecar = path.with_suffix(".json")
    if path.suffix.lower() in AUDIO_SUFFIXES and sidecar.is_file():
        return read_sidecar(sidecar, timezone=timezone)
    return Facts()
