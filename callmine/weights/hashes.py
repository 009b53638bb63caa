"""SHA-256 of files, remembered between processes so that 140 MB are not read on every start.

The memory trusts a file whose path, size and modification time did not change. It guards against
damage and mix-ups, not against somebody who can write the model folder.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from filelock import FileLock

_seen: dict[tuple[str, int, int], str] = {}


def file_sha(path: Path, *, memory: Path | None = None) -> str:
    """Return the SHA-256 (hex) of a file; ``memory`` is a JSON file that keeps it for next time."""
    stat = path.stat()
    key = (str(path), stat.st_size, stat.st_mtime_ns)
    if key not in _seen:
        match read_json(memory).get(str(path)) if memory else None:
            case [stat.st_size, stat.st_mtime_ns, str(sha)]:
                _seen[key] = sha
            case _:
                with path.open("rb") as file:
                    _seen[key] = hashlib.file_digest(file, "sha256").hexdigest()
                if memory:
                    merge_json(memory, {str(path): [stat.st_size, stat.st_mtime_ns, _seen[key]]})
    return _seen[key]


def read_json(path: Path) -> dict[str, Any]:
    """Return the object in a JSON file; empty when there is none or it is damaged."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def merge_json(path: Path, change: Mapping[str, object]) -> None:
    """Update keys of a JSON file atomically; does nothing where the folder cannot be written."""
    with contextlib.suppress(OSError), FileLock(path.with_name(f".{path.name}.lock"), timeout=60):
        merged = read_json(path) | dict(change)
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", dir=path.parent, prefix=f".{path.name}.", delete=False
        ) as file:
            json.dump(merged, file, indent=1, sort_keys=True)
        os.replace(file.name, path)  # noqa: PTH105 - a name, not a Path
