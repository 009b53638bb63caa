"""Find, fetch and check model files.

A model is looked for in this order: a path that exists, its name in the model folder, the package
index, the official hub. Every file is checked by SHA-256 before its first use: against
``models.toml``, else against what was pinned when the file first came (``manifest.json`` in the
model folder).
"""

from __future__ import annotations

import difflib
import logging
import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from callmine.errors import ModelError
from callmine.files import expanded
from callmine.weights.catalogue import Model, ModelFile, catalogue, default_folder
from callmine.weights.hashes import file_sha, merge_json, read_json
from callmine.weights.sources import (
    DOWNLOAD_SECONDS,
    HUB_FILES,
    Progress,
    Unavailable,
    from_hub,
    from_index,
)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """A line of ``callmine models list``; ``size`` in bytes, 0 when unknown.

    ``verified`` is ``None`` when the model is not there, else whether every hash is right.
    """

    name: str
    kind: str
    about: str
    size: int
    licence: str
    present: bool
    verified: bool | None
    sources: tuple[str, ...]


def resolve(
    name_or_path: str | Path, *, folder: Path, fetch: bool = True, progress: Progress = _log.info
) -> Path:
    """Return the directory of a model (or the file, when the path of a file is given), checked.

    Args:
        name_or_path: A name of :func:`catalogue`, a hub repository ``owner/name``, a directory in
            the model folder, or a path (with a slash in it, so that a directory that happens to be
            called ``base`` is not taken for a model).
        folder: The model folder; made when something is fetched.
        fetch: Whether to go to the package index and the hub when the model is not in the folder.
        progress: Told what takes long.

    Raises:
        ModelError: The model is unknown, cannot be had, or its bytes are not the expected ones.
        callmine.errors.SettingsError: It is a path in a home folder that cannot be found.
    """
    if path := _own_path(name_or_path):
        return path
    model = _find(os.fspath(name_or_path), folder)
    target = folder / model.name
    if not target.is_dir():
        if not fetch:
            raise ModelError(
                f"the model {model.asked_as!r} is not in {folder}",
                hint="The next run that needs it fetches it;"
                f" `callmine models get {model.asked_as}` does so at once.",
            )
        _fetch(model, target, progress)
    _check(model, target)
    return target


def get(name: str, folder: Path, progress: Progress = _log.info) -> Path:
    """Fetch and check a model by name (``callmine models get``); see :func:`resolve`."""
    return resolve(name, folder=folder, progress=progress)


def list_models(folder: Path) -> list[ModelInfo]:
    """Return every known model, and whether it is in ``folder`` and intact."""
    rows = []
    for model in catalogue().values():
        target = folder / model.name
        size, verified = sum(f.size for f in model.files), None
        if target.is_dir():
            size = sum(p.stat().st_size for p in target.rglob("*") if p.is_file())
            try:
                _check(model, target)
                verified = True
            except ModelError:
                verified = False
        sources = ("package index",) * bool(model.wheels) + ((f"hub {model.hub}",) if model.hub else ())
        rows.append(
            ModelInfo(
                name=model.name,
                kind=model.kind,
                about=model.about,
                size=size,
                licence=model.licence,
                present=verified is not None,
                verified=verified,
                sources=sources,
            )
        )
    return rows


def weights_sha(name_or_path: str | Path, *, folder: Path) -> str | None:
    """Return the SHA-256 of a Whisper model's weights, or ``None`` while it is not known.

    The catalogue's models, and those pinned when they first came, are known without a download.

    Raises:
        ModelError: There is no such model.
        callmine.errors.SettingsError: It is a path in a home folder that cannot be found.
    """
    if path := _own_path(name_or_path):
        weights = path / "model.bin" if path.is_dir() else path
        if not weights.is_file():
            raise ModelError(f"{path} holds no model.bin", hint="Give the folder of a CTranslate2 model.")
        return file_sha(weights)
    model = _find(os.fspath(name_or_path), folder)
    return _expected(model, folder).get("model.bin")


def _own_path(name_or_path: str | Path) -> Path | None:
    text = os.fspath(name_or_path)
    path = expanded(text, setting="model")
    looks_like_one = "/" in text or os.sep in text or text.startswith("~") or path.suffix == ".pt"
    return path.resolve() if looks_like_one and path.exists() else None


def _find(name: str, folder: Path) -> Model:
    """Return the model of this name; one that a person put into the folder counts."""
    if model := catalogue().get(name):
        return model
    if re.fullmatch(r"[A-Za-z0-9][\w.-]*/[\w.-]+", name):
        return Model(name.replace("/", "--"), "whisper", "see the hub", hub=name)
    if re.fullmatch(r"[A-Za-z0-9][\w.-]*", name) and (folder / name).is_dir():
        return Model(name, "own", "unknown")
    close = difflib.get_close_matches(name, catalogue(), n=1)
    raise ModelError(
        f"there is no model {name!r}" + (f"; did you mean {close[0]!r}?" if close else ""),
        hint="`callmine models list` shows the names; a model of your own is given as a path,"
        f" or by its name in {folder}.",
    )


def _expected(model: Model, folder: Path) -> dict[str, str]:
    """Return path -> SHA-256: the catalogue's, and what was pinned when a file first came."""
    note = read_json(folder / "manifest.json").get(model.name)
    pinned = note.get("files") if isinstance(note, dict) else None
    if not isinstance(pinned, dict) or not all(isinstance(sha, str) for sha in pinned.values()):
        pinned = {}  # as damaged as a file that is no JSON: no note
    return {**pinned, **{f.path: f.sha256 for f in model.files}}


def _check(model: Model, target: Path) -> None:
    folder, expected = target.parent, _expected(model, target.parent)
    memory = folder / "verified.json"
    hint = f"Delete {target} and run `callmine models get {model.asked_as}`."
    for path, sha in expected.items():
        if not (target / path).is_file():
            raise ModelError(f"the model {model.name} lacks the file {target / path}", hint=hint)
        got = file_sha(target / path, memory=memory)
        if got != sha:
            raise ModelError(
                f"{target / path} is not the expected file: SHA-256 {got}, not {sha}", hint=hint
            )
    if not model.wheels:
        # A person put these there, and nobody has stated their hashes: pin them on first use.
        new = sorted(
            p.name for p in target.iterdir() if HUB_FILES.fullmatch(p.name) and p.name not in expected
        )
        if new:
            _pin(
                model, folder, "put there", expected | {n: file_sha(target / n, memory=memory) for n in new}
            )


def _pin(model: Model, folder: Path, source: str, files: dict[str, str]) -> None:
    merge_json(folder / "manifest.json", {model.name: {"source": source, "files": files}})


def _fetch(model: Model, target: Path, progress: Progress) -> None:
    """Bring a model into the folder: one process at a time, whole or not at all."""
    folder = target.parent
    reasons: list[str] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / f".{model.name}.lock", timeout=DOWNLOAD_SECONDS):
            if target.is_dir():
                return
            for source, bring in (("package index", from_index), ("hub", from_hub)):
                with tempfile.TemporaryDirectory(dir=folder, prefix=".fetch-") as tmp:
                    new = Path(tmp) / "model"
                    try:
                        bring(model, new, progress)
                        files = _hashed(model, new)
                    except Unavailable as error:
                        reasons.append(f"{source}: {error}")
                        continue
                    _pin(model, folder, source, files)
                    new.replace(target)
                    return
    except Timeout as error:
        raise _missing(model, folder, ["another process has been fetching it for an hour"]) from error
    except OSError as error:
        raise _missing(model, folder, [f"it cannot be written: {error.strerror or error}"]) from error
    raise _missing(model, folder, reasons)


def _hashed(model: Model, new: Path) -> dict[str, str]:
    """Return the hashes of what came, after comparing them with the catalogue's."""
    files = {p.relative_to(new).as_posix(): p for p in sorted(new.rglob("*")) if p.is_file()}
    hashes = {name: file_sha(path) for name, path in files.items() if not name.startswith(".cache/")}
    for file in model.files:
        if hashes.get(file.path) != file.sha256:
            raise Unavailable(f"its {file.path} is not the expected file")
    return hashes


def _missing(model: Model, folder: Path, reasons: list[str]) -> ModelError:
    ways = [f"put its files into {folder / model.name}"]
    if model.wheels:
        ways.append(f"point pip at a mirror that has {' and '.join(w.split()[0] for w in model.wheels)}")
    if model.hub:
        ways.append(f"let this machine reach the hub's {model.hub}")
    return ModelError(
        f"the model {model.asked_as!r} is not in {folder} and cannot be fetched ({'; '.join(reasons)})",
        hint=f"Either {', or '.join(ways)}. Then run `callmine models get {model.asked_as}`.",
    )


__all__ = [
    "Model",
    "ModelFile",
    "ModelInfo",
    "catalogue",
    "default_folder",
    "file_sha",
    "get",
    "list_models",
    "resolve",
    "weights_sha",
]
