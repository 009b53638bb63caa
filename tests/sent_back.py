"""Transcripts that people correct and send back."""

from __future__ import annotations

from pathlib import Path

from callmine.operations.intake import Intake, add_paths
from callmine.operations.transcripts import transcript_as
from callmine.workspace import find_workspace
from tests.workbench import Workbench

FACTS = {"external_id": "REC-1", "rep": "Maya Linden", "rep_channel": "left"}

PRICE = "Honestly, the price is too high for us."


def one_call(bench: Workbench) -> Workbench:
    """Have one call of four turns with two findings, in a workspace."""
    (bench.folder / "callmine.toml").write_text("")
    bench.recording(**FACTS)
    bench.run()
    return bench


def written(bench: Workbench, **changes: str) -> Path:
    """The transcript to correct, with words replaced, in a file."""
    text = transcript_as(find_workspace(bench.folder), "REC-1", "txt")
    return put(bench, text, changes)


def put(bench: Workbench, text: str, changes: dict[str, str]) -> Path:
    """Such a text with words replaced, in a file."""
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new, 1)
    path = bench.folder / "back.txt"
    path.write_text(text, "utf-8")
    return path


def in_inbox(bench: Workbench, **changes: str) -> Path:
    """A corrected transcript in the inbox."""
    inbox = find_workspace(bench.folder).inbox
    inbox.mkdir(exist_ok=True)
    return written(bench, **changes).rename(inbox / "back.txt")


def add(bench: Workbench, path: Path) -> Intake:
    """Take a file in."""
    return add_paths(find_workspace(bench.folder), [path])


def texts(bench: Workbench) -> list[str]:
    """What is said in the calls, turn by turn."""
    return [u["text"] for u in bench.rows("utterances")]
