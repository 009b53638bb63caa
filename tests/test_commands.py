"""The helper that runs commands tells what they said."""

from __future__ import annotations

from pathlib import Path

from commands import callmine, leaves


def test_a_command_is_run_in_the_folder_given(tmp_path: Path) -> None:
    """Code, stdout and stderr come back, and the working folder is as before."""
    here = Path.cwd()
    told = callmine("init", "place", at=tmp_path)
    assert (told.code, told.err) == (0, "")
    assert "made" in told.out
    assert (tmp_path / "place" / "callmine.toml").is_file()
    assert Path.cwd() == here


def test_every_command_is_listed_with_its_group() -> None:
    """Commands of groups come with the group's name."""
    found = set(leaves())
    assert {("run",), ("findings",), ("playbook", "check"), ("models", "list")} <= found
