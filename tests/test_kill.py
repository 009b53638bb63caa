"""kill -9 anywhere in a run, run again: the same database as if nothing had happened.

The sample's recordings and tables, recorded transcripts, real stages, extractors that need no
model. Moments are counted in database statements, so that they also fall into transactions, and
are drawn anew every time; a failure names its moment.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import shutil
import signal
import sqlite3
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from callmine.audio import content_hash
from callmine.config import Settings, settings_text
from callmine.domain import Segment, Word
from callmine.engines import replay
from callmine.operations.deals import import_deals
from callmine.store import Store
from callmine.store.meanings import TABLES
from callmine.workspace import Workspace
from tests import fakes
from tests.builders import a_transcript
from tests.workbench import write_vtt

SAMPLE = Path(__file__).parents[1] / "data" / "sample"

CALLS = (1, 2, 3, 6, 9, 16, 20, 21)
"""Enough of the sample for every way through: mono and stereo, internal, no consent, no deal id."""

MOMENTS = 20

SINCE = ("run_id", "finished_at", "seconds", "first_used_at", "imported_at", "made_at", "id")
"""Columns that say when something happened, and row numbers."""

processes = multiprocessing.get_context("forkserver")
processes.set_forkserver_preload(["tests.fakes", "tests.builders", "callmine.operations.running"])


def said(call: str) -> list[Segment]:
    """What was said in a sample call, as the truth has it, words evenly spaced."""
    segments = []
    for line in (SAMPLE / "truth.jsonl").read_text("utf-8").splitlines():
        turn = json.loads(line)
        if turn["call"] == call:
            start, words = turn["start_ms"], turn["text"].split()
            each = max(1, (turn["end_ms"] - start) // len(words))
            heard = tuple(Word(w, start + i * each, start + (i + 1) * each) for i, w in enumerate(words))
            channel = 0 if turn["role"] == "rep" else 1
            segments.append(Segment(start, heard[-1].end_ms, turn["text"], heard, channel))
    return segments


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace that never ran: inbox with manifest, deals, playbook, recorded transcripts."""
    root = tmp_path_factory.mktemp("archive") / "workspace"
    inbox = root / "inbox"
    (inbox / "audio").mkdir(parents=True)
    numbers = tuple(f"{n:02d}-" for n in CALLS)
    for path in (SAMPLE / "audio").iterdir():
        if path.name.startswith(numbers):
            shutil.copy(path, inbox / "audio")
            spoken = said(path.stem)
            if spoken:
                transcript = a_transcript(*spoken)
                replay.write(root / "transcripts", content_hash(path), transcript)
    header, *rows = (SAMPLE / "manifest.csv").read_text("utf-8").splitlines()
    kept = [row for row in rows if row.removeprefix("audio/").startswith(numbers)]
    (inbox / "manifest.csv").write_text("\n".join([header, *kept]))
    first = next((inbox / "audio").glob("01-*"))
    shutil.copy(first, inbox / "again.ogg")  # the same audio under another name
    (inbox / "broken.wav").write_bytes(b"RIFF, but no more")
    write_vtt(inbox / "teams.vtt")
    shutil.copy(SAMPLE / "playbook.toml", root / "playbook.toml")
    (root / "callmine.toml").write_text(settings_text(Settings()))
    import_deals(Workspace(root, Settings()), SAMPLE / "deals.csv")
    return root


class Shelf:
    """Keeps a workspace as it is now, but for its recordings, and puts it back."""

    def __init__(self, root: Path) -> None:
        self.root = root
        files = [p for p in root.rglob("*") if p.is_file() and p.parent.name != "audio"]
        self.kept = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in files}

    def restore(self) -> Path:
        """Return the workspace, as it was."""
        for path in self.root.glob("callmine.db*"):
            path.unlink()
        for path, (data, mtime_ns) in self.kept.items():
            if not path.exists() or path.read_bytes() != data:
                path.write_bytes(data)
                os.utime(path, ns=(mtime_ns, mtime_ns))
        return self.root


@pytest.fixture
def shelf(archive: Path) -> Iterator[Shelf]:
    """The workspace that never ran; it is put back after the test."""
    made = Shelf(archive)
    yield made
    made.restore()


def content(root: Path) -> dict[str, list[str]]:
    """Every row of every table but the runs, without the times of doing."""
    found = {}
    with closing(sqlite3.connect(root / "callmine.db")) as connection:
        connection.row_factory = sqlite3.Row
        connection.execute("INSERT INTO utterances_fts (utterances_fts) VALUES ('integrity-check')")
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        for table in TABLES:
            if table != "runs":
                rows = [dict(r) for r in connection.execute(f"SELECT * FROM {table}")]
                found[table] = sorted(
                    json.dumps({k: v for k, v in row.items() if k not in SINCE}, default=bytes.hex)
                    for row in rows
                )
    return found


def run(
    root: str, jobs: int = 1, delay_s: float = 0.0, die_at: int | None = None, count: Any = None
) -> None:
    """Run in a process of its own; die at the statement of that number, or count them."""
    seen = 0

    def watch(connection: sqlite3.Connection) -> None:
        def statement(text: str) -> None:
            nonlocal seen
            seen += 1
            if seen == die_at:
                os.kill(os.getpid(), signal.SIGKILL)

        connection.set_trace_callback(statement)

    code = fakes.run_workspace(Path(root), jobs=jobs, delay_s=delay_s, watch=watch)
    if count is not None:
        count.value = seen
    os._exit(code)


def started(root: Path, **named: Any) -> multiprocessing.process.BaseProcess:
    process = processes.Process(target=run, args=(str(root),), kwargs=named)
    process.start()
    return process


def finished(root: Path, **named: Any) -> int | None:
    """The exit code of a run; minus the signal that ended it."""
    process = started(root, **named)
    process.join(60)
    code = process.exitcode
    process.close()
    return code


def differences(one: dict[str, list[str]], other: dict[str, list[str]]) -> dict[str, list[str]]:
    """Per table the rows that only one has."""
    found: dict[str, list[str]] = defaultdict(list)
    for table in one:
        found[table] += sorted(set(one[table]) ^ set(other[table]))
        if len(one[table]) != len(other[table]):
            found[table].append(f"{len(one[table])} rows against {len(other[table])}")
    return {table: rows for table, rows in found.items() if rows}


def kill_anywhere(shelf: Shelf, moments: int) -> dict[str, list[str]]:
    """Check that a run killed at random moments is made up for by the next; return what is right."""
    count = processes.Value("i", 0)
    root = shelf.restore()
    assert finished(root, count=count) in (0, 6)
    undisturbed = content(root)
    for moment in sorted(random.sample(range(1, count.value + 1), moments)):
        assert finished(shelf.restore(), die_at=moment) == -signal.SIGKILL
        assert finished(root) in (0, 6), f"after statement {moment} of {count.value}"
        found = differences(undisturbed, content(root))
        assert found == {}, f"killed at statement {moment} of {count.value}"
    return undisturbed


def test_killed_anywhere_the_next_run_makes_up_for_it(shelf: Shelf) -> None:
    """Twenty random moments of a first run; the run after each ends with the undisturbed database."""
    undisturbed = kill_anywhere(shelf, MOMENTS)
    for table in ("calls", "transcripts", "utterances", "findings", "links", "playbooks", "deals"):
        assert undisturbed[table], f"{table} is worth comparing"
    assert len(undisturbed["calls"]) == len(CALLS) - 2 + 1, "not internal, no consent; one from Teams"


def test_killed_while_changes_are_worked_in(shelf: Shelf) -> None:
    """Another playbook, swapped roles, a missed objection, new words, a withdrawn consent."""
    root = shelf.root
    assert finished(root) == 6
    with Store(root / "callmine.db") as store:
        one, two, three = (store.find_call(f"REC-{n}").call_id for n in (4107, 4114, 4142))
        store.set_roles(one, swap=True)
        store.add_missed(two, 3, "timing")
        store.judge(store.evidence()[0].finding_id, "wrong")
        spoken = store.transcript(two)[0]
        heard = store.find_call(two).content
        assert store.transcript(three)
    replay.write(root / "transcripts", heard, replace(spoken, segments=spoken.segments[:20]))
    manifest = root / "inbox" / "manifest.csv"
    rows = manifest.read_text("utf-8").splitlines()
    rows = [r.replace(",en,", ",de,") if "REC-4114" in r else r for r in rows]  # is heard again
    rows = [r.replace(",en,yes", ",en,no") if "REC-4142" in r else r for r in rows]
    manifest.write_text("\n".join(rows), "utf-8")
    with (root / "playbook.toml").open("a") as playbook:
        playbook.write('\n[[trackers]]\nname = "bakery"\nwords = ["bakery", "oven"]\n')
    changed = kill_anywhere(Shelf(root), MOMENTS // 2)
    assert not any(three in row for row in changed["utterances"])
    assert any('"tracker"' in row for row in changed["findings"])
    assert any('"person/1"' in row for row in changed["findings"])
    assert sum(two in row for row in changed["utterances"]) <= 20
    assert any('"role_source": "person"' in row for row in changed["utterances"])


def test_killed_with_its_workers_at_work(shelf: Shelf) -> None:
    """From outside, while two worker processes transcribe: nothing is lost."""
    root = shelf.restore()
    assert finished(root) == 6, "one file is broken"
    undisturbed = content(root)
    process = started(shelf.restore(), jobs=2, delay_s=0.5)
    until = time.monotonic() + 60
    while time.monotonic() < until and not transcribed(root):
        time.sleep(0.05)
    assert process.is_alive()
    process.kill()
    process.join()
    process.close()
    assert 0 < transcribed(root) < len(undisturbed["transcripts"])
    assert finished(root, jobs=2) in (0, 6)
    assert differences(undisturbed, content(root)) == {}


def transcribed(root: Path) -> int:
    """How many calls of a running run have their transcript."""
    with closing(sqlite3.connect(root / "callmine.db", timeout=10)) as connection:
        return int(connection.execute("SELECT count(*) FROM transcripts").fetchone()[0])
