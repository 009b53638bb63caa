"""``python -m benchmarks.reports``: how long each report of a generated year takes, and its commands.

Beside the times stands sqlite-utils in the same run: it reads every finding of the year with its turn and
its call, which is most of what any report is made of, and does nothing with them. Machines differ and are
shared; how many times as long a report takes as that one reading differs less. In each round everything is
measured once; the medians are told.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from statistics import median

from sqlite_utils import Database

from benchmarks.options import ROOT, say
from benchmarks.tables import origin, put, table
from benchmarks.year import load_year, make_year
from callmine.operations.battlecards import battlecards
from callmine.operations.outcomes import outcome_report
from callmine.operations.reporting import digest_of_week
from callmine.operations.reviewing import period_review
from callmine.operations.workspaces import init_workspace
from callmine.playbook import load_playbook
from callmine.workspace import Workspace, find_workspace

PAGE = ROOT / "docs" / "benchmarks.md"
PEER = "sqlite-utils"
QUARTER = "2025-10-01"
"""First day of the last quarter of generated years."""

_ALL = """
    SELECT f.*, u.text AS utterance, u.role, u.role_confidence, c.source, c.started_at, c.account
    FROM findings f JOIN utterances u ON u.call_id = f.call_id AND u.utterance_index = f.utterance_index
    JOIN calls c ON c.call_id = f.call_id
"""


@dataclass(frozen=True, slots=True)
class Report:
    """One report.

    Attributes:
        name: As the table shows it.
        build: Builds it.
        command: Arguments that build and print it.
    """

    name: str
    build: Callable[[], object]
    command: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Taken:
    """How long something took, in seconds: by the clock, and of the processor."""

    wall: float
    cpu: float


def reports_of(workspace: Workspace) -> list[Report]:
    """Return what is measured."""
    rival = load_playbook(workspace.playbook).competitors[0].name
    printed = ("--format", "md", "-o", "-")
    return [
        Report("digest of a week", lambda: digest_of_week(workspace), ("digest", *printed)),
        Report("battlecard", lambda: battlecards(workspace, [rival]), ("battlecard", rival, *printed)),
        Report(
            "review of a quarter's lost deals",
            lambda: period_review(workspace, side="lost", since=QUARTER),
            ("review", "--lost", "--since", QUARTER, *printed),
        ),
        Report("outcomes of the year", lambda: outcome_report(workspace), ("outcomes", *printed)),
    ]


def measure(workspace: Workspace, rounds: int) -> dict[str, list[Taken]]:
    """Return what each round took: of the peer, of building each report, and of its whole command."""
    taken: dict[str, list[Taken]] = {}
    reports = reports_of(workspace)
    for one in reports:  # imports and the system's file cache are not what building takes
        one.build()
    for number in range(rounds):
        say(f"round {number + 1} of {rounds}")
        taken.setdefault(PEER, []).append(timed(lambda: read_all(workspace)))
        for one in reports:
            taken.setdefault(one.name, []).append(timed(one.build))
            taken.setdefault(f"callmine {one.command[0]}", []).append(whole(one.command, workspace))
    return taken


def read_all(workspace: Workspace) -> int:
    """Read every finding with its turn and its call, as sqlite-utils does; return how many there are."""
    db = Database(workspace.database)
    try:
        return len(list(db.query(_ALL)))
    finally:
        db.close()


def timed(work: Callable[[], object]) -> Taken:
    """Return how long some work takes in this process."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return Taken(time.perf_counter() - wall, time.process_time() - cpu)


def whole(command: Sequence[str], workspace: Workspace) -> Taken:
    """Return how long a command takes, its start and its imports included.

    Raises:
        subprocess.CalledProcessError: It failed.
    """
    before, wall = os.times(), time.perf_counter()
    asked = [sys.executable, "-m", "callmine", *command, "-w", str(workspace.root)]
    subprocess.run(asked, check=True, capture_output=True, cwd=ROOT)
    after = os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return Taken(time.perf_counter() - wall, cpu)


def page(taken: Mapping[str, Sequence[Taken]], workspace: Workspace, size: str) -> list[str]:
    """Return the page's part."""
    peer = median(one.wall for one in taken[PEER])
    rows: list[list[str]] = [[f"{PEER}: reads all findings once", f"{peer:.2f} s", "1.0", "", ""]]
    for report in reports_of(workspace):
        built, run = taken[report.name], taken[f"callmine {report.command[0]}"]
        wall = median(one.wall for one in built)
        rows.append(
            [
                report.name,
                f"{wall:.2f} s",
                f"{median(b.wall / p.wall for b, p in zip(built, taken[PEER], strict=True)):.1f}",
                f"{median(one.wall for one in run):.2f} s",
                f"{median(one.cpu for one in run):.2f} s",
            ]
        )
    rounds = len(taken[PEER])
    versions = {name: metadata.version(name) for name in ("callmine", "sqlite-utils")}
    return [
        "### Reports of a generated year",
        "",
        f"{size}. Medians of {rounds} rounds. *Built* is without starting Python and without imports; the"
        " *command* is all of it, with the page rendered.",
        "",
        *table(("", "built", f"× {PEER}", "command", "of the processor"), rows),
        *origin(versions, "python -m benchmarks.reports"),
    ]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--deals", type=int, default=2_000, help="of the generated year")
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--workspace", type=Path, help="one with a loaded year, instead of a new one")
    parser.add_argument("--write", action="store_true", help="put the result into docs/benchmarks.md")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if asked.workspace is None:
            workspace, _ = init_workspace(Path(folder) / "workspace")
            load_year(make_year(asked.seed, deals=asked.deals), workspace)
        else:
            workspace = find_workspace(asked.workspace)
        lines = page(measure(workspace, asked.rounds), workspace, size_of(workspace))
    print("\n".join(lines))
    if asked.write:
        put(PAGE, "reports", lines)


def size_of(workspace: Workspace) -> str:
    """Return how much there is, in words."""
    db = Database(workspace.database)
    try:
        deals, calls, findings = (db[name].count for name in ("deals", "calls", "findings"))
    finally:
        db.close()
    return f"{deals:,} deals, {calls:,} calls, {findings:,} findings"


if __name__ == "__main__":
    main()
