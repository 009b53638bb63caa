"""What commands print on: terminals of another encoding, pipes whose reader has gone, full disks."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from callmine.cli import common

WORDS = "Łucja: “today…” 🙂"


def printed(
    *words: str, at: Path, stdout: int, encoding: str | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Run a command in a process of its own, on real streams."""
    env = {**os.environ, "PYTHONIOENCODING": encoding} if encoding else dict(os.environ)
    return subprocess.run(
        [sys.executable, "-m", "callmine", *words],
        cwd=at,
        env={**env, "PYTHONPATH": str(Path(__file__).parents[1])},
        stdout=stdout,
        stderr=subprocess.PIPE,
        check=False,
    )


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
@pytest.mark.parametrize("words", [("findings",), ("calls",), ("correct", "--queue")], ids=" ".join)
def test_other_encodings_are_no_bug(spoken: Path, words: tuple[str, ...], encoding: str) -> None:
    """Quotation marks and dashes that a terminal cannot show are replaced."""
    done = printed(*words, at=spoken, stdout=subprocess.PIPE, encoding=encoding)
    assert (done.returncode, b"Traceback" in done.stderr) == (0, False), done.stderr
    assert b"first.vtt" in done.stdout


class Terminal(io.TextIOWrapper):
    """Somebody looks at it."""

    def isatty(self) -> bool:
        """Say so."""
        return True


@pytest.mark.parametrize(
    ("kind", "shown"), [(io.TextIOWrapper, WORDS.encode()), (Terminal, b"?ucja: ?today?? ?")]
)
def test_a_file_is_printed_in_utf8_where_nobody_looks(
    kind: type[io.TextIOWrapper], shown: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With "?" in it, a transcript that comes back would correct what nobody corrected."""
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", kind(raw, encoding="latin-1", errors="replace"))
    common.print_file(WORDS)
    common.print_json([WORDS])
    text = raw.getvalue()
    assert text.startswith(shown)
    (words,) = json.loads(text[len(shown) :].decode())
    assert words.encode() == shown


@pytest.fixture
def closed() -> Iterator[int]:
    """A pipe that nobody reads."""
    reader, writer = os.pipe()
    os.close(reader)
    yield writer
    os.close(writer)


def test_a_run_that_nobody_listens_to_does_its_work(own: Path, closed: int) -> None:
    """With its own exit code, and its reports after what it would have said."""
    (own / "mine.toml").write_text(
        'stages = ["ingest"]\n[[reports]]\nkind = "digest"\nformats = ["json"]\n'
    )
    (own / "inbox" / "other.vtt").write_text("nothing of the kind")
    done = printed("run", "mine.toml", "--jobs", "1", at=own, stdout=closed)
    assert done.returncode == 6, done.stderr
    assert b"failed: other.vtt" in done.stderr
    assert b"Traceback" not in done.stderr
    assert (own / "reports" / "digest-2026-W40.json").is_file()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device here that is always full")
def test_a_full_disk_behind_stdout_is_told(spoken: Path) -> None:
    """The listing is lost, and that is no success; no bug either."""
    with Path("/dev/full").open("wb") as full:
        done = printed("calls", at=spoken, stdout=full.fileno())
    assert done.returncode == 2
    assert done.stderr.decode().splitlines() == [
        "Error: what is printed cannot be written: No space left on device",
        "Make room there, or print to another place.",
    ]
