"""Paths that people give: the home folder in them, and the files that are written there."""

from __future__ import annotations

import errno
import os
import stat
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from callmine.errors import SettingsError, UsageError


def expanded(path: str | os.PathLike[str], *, setting: str) -> Path:
    """Return a path with the home folder in place of its leading ``~``.

    Args:
        path: As a person wrote it.
        setting: Where it was written, for the message.

    Raises:
        SettingsError: There is no such user, or no home folder is known.
    """
    try:
        return Path(path).expanduser()
    except (RuntimeError, ValueError) as error:
        raise SettingsError(
            f"{setting}: {os.fspath(path)!r} begins with a home folder that cannot be found",
            hint="Write the whole path, without ~, or set HOME.",
        ) from error


def write_whole(path: Path, text: str | bytes, *, folders: bool = False) -> None:
    """Write a file whole or not at all; until then what was there stays.

    A file keeps its mode and owner; a new one gets the mode that the umask allows. Through a link its
    target is written. What is no ordinary file, such as a pipe or a device, is written to, never replaced.

    Args:
        path: The file.
        text: Its content; text is written in UTF-8.
        folders: Make the folders above it that are missing.

    Raises:
        UsageError: It cannot be written.
    """
    data = text.encode("utf-8") if isinstance(text, str) else text
    try:
        if folders:
            path.parent.mkdir(parents=True, exist_ok=True)
        try:
            before = path.stat()
        except FileNotFoundError:
            before = None
        if before is None or stat.S_ISREG(before.st_mode):
            _replace(path.resolve(), data, before)
        else:
            _write_into(path, data)
    except OSError as error:
        # What the system says of a pipe without a reader tells nobody anything.
        reason = "nothing reads from it" if error.errno == errno.ENXIO else error.strerror or str(error)
        raise UsageError(
            f"{path} cannot be written: {reason}", hint="Choose another place to write to."
        ) from error


def _replace(path: Path, data: bytes, before: os.stat_result | None) -> None:
    """Put a new file in the place of an ordinary one, or where none is."""
    # Not named after the file: with more letters a long name is one too long.
    handle, part = tempfile.mkstemp(dir=path.parent, prefix=".callmine-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        if before is None:
            # A temporary file is private; what a person asked for has the usual permissions.
            mask = os.umask(0)
            os.umask(mask)
            Path(part).chmod(0o666 & ~mask)
        else:
            # Only root gives files away; the group can often be kept, and with it who may read.
            for owner in (before.st_uid, -1):
                with suppress(OSError):
                    os.chown(part, owner, before.st_gid)
                    break
            Path(part).chmod(stat.S_IMODE(before.st_mode))
        Path(part).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(part).unlink()
        raise


def _write_into(path: Path, data: bytes) -> None:
    # Opening a pipe would wait for a reader, perhaps for ever; writing to one that has come may wait.
    handle = os.open(path, os.O_WRONLY | os.O_NONBLOCK)
    os.set_blocking(handle, True)
    with os.fdopen(handle, "wb") as file:
        file.write(data)


def file_format(path: Path, known: Sequence[str]) -> str:
    """Return the one of the formats in ``known`` that a file's ending names.

    Raises:
        UsageError: It names none of them.
    """
    name = path.suffix.lower().removeprefix(".")
    if name not in known:
        raise UsageError(
            f"{path.name}: its ending names no format that can be written here",
            hint=f"Known: {', '.join(known)}; or say which with --format.",
        )
    return name
