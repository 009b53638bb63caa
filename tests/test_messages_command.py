"""``callmine messages`` on a small workspace."""

from __future__ import annotations

from pathlib import Path

from commands import PLAYBOOK, callmine


def test_messages_that_nobody_said_are_listed(own: Path) -> None:
    """A message of the playbook is there from the first day; text and JSON say the same."""
    (own / "playbook.toml").write_text(
        PLAYBOOK + '\n[[messages]]\nid = "tides"\ntext = "We fix the tides"\n'
    )
    told = callmine("messages", at=own)
    assert (told.code, "tides  “We fix the tides”\n  never said" in told.out) == (0, True)
    value = callmine("messages", "--weeks", "2", "--json", at=own).json
    assert [(m["id"], m["said"]) for m in value["messages"]] == [("tides", 0)]


def test_playbook_without_messages_says_what_to_add(own: Path) -> None:
    """Nothing to look for is a usage error with the next step."""
    told = callmine("messages", at=own)
    assert (told.code, "[[messages]]" in told.err) == (2, True)
