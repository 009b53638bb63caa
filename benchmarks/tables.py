"""Tables for docs/benchmarks.md: written between markers, so that the prose around them stays."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    """Return a Markdown table; the first column is left-aligned, the others right."""
    lines = [f"| {' | '.join(header)} |", f"|---|{'--:|' * (len(header) - 1)}"]
    lines += [f"| {' | '.join(str(cell).replace('|', '/') for cell in row)} |" for row in rows]
    return lines


def machine() -> str:
    """Return processor, cores, memory, system and Python in one sentence."""
    name = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        found = re.search(r"^model name\s*:\s*(.+)$", info.read_text(), re.M)
        name = found[1] if found else name
    memory = ""
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        size = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
        memory = f"{size:.0f} GiB, "
    return (
        f"{name}, {os.cpu_count()} cores, {memory}{platform.system()} {platform.release()},"
        f" Python {platform.python_version()}"
    )


def installed() -> dict[str, str]:
    """Return the versions of callmine and of what it transcribes with."""
    return {name: metadata.version(name) for name in ("callmine", "faster-whisper")}


def origin(versions: dict[str, str], command: str) -> list[str]:
    """Return the line under a table: when, where, with what."""
    listed = ", ".join(f"{name} {version}" for name, version in sorted(versions.items()))
    day = datetime.now(UTC).date().isoformat()
    return ["", f"*{day}; {machine()}; {listed or 'no tool ran'}. Made by `{command}`.*"]


def put(page: Path, name: str, lines: Sequence[str]) -> None:
    """Write lines between ``<!-- begin NAME -->`` and ``<!-- end NAME -->`` of a page.

    A page without these markers gets them at its end; everything else stays as it is.
    """
    begin, end = f"<!-- begin {name} -->", f"<!-- end {name} -->"
    old = page.read_text("utf-8") if page.exists() else "# Benchmarks\n"
    block = "\n".join([begin, "", *lines, "", end])
    if begin in old and end in old:
        head, rest = old.split(begin, 1)
        new = head + block + rest.split(end, 1)[1]
    else:
        new = f"{old.rstrip()}\n\n{block}\n"
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(new, "utf-8")


def block(page: Path, name: str) -> list[str]:
    """Return the lines that :func:`put` wrote, markers included; none if there are none."""
    text = page.read_text("utf-8") if page.exists() else ""
    begin, end = f"<!-- begin {name} -->", f"<!-- end {name} -->"
    if begin not in text or end not in text:
        return []
    return [*(begin + text.split(begin, 1)[1].split(end, 1)[0] + end).split("\n"), ""]


def percent(part: float, digits: int = 1) -> str:
    """Return a share of one in per cent."""
    return f"{100 * part:.{digits}f} %"


def of(part: int, whole: int) -> str:
    """Return ``12 of 30 (40 %)``."""
    return f"{part} of {whole} ({100 * part / whole:.0f} %)" if whole else "none said"
