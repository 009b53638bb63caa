"""``callmine messages`` on a small workspace."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from commands import PLAYBOOK, callmine


def test_messages_that_nobody_said_are_listed(own: Path) -> None:
    """A message of the playbook is there from the first day; text and JSON say the same."""
    (own / "playbook.toml").write_text(
        PLAYBOOK + '\n[[messages]]\nid = "tides"\ntext = "We fix the tides"\n'
    )
    told = callmine("messages", at=own)
    assert (told.code, "tides  “We fix the tides”\n  not heard" in told.out) == (0, True)
    value = callmine("messages", "--weeks", "2", "--json", at=own).json
    assert [(m["id"], m["said"]) for m in value["messages"]] == [("tides", 0)]


def test_playbook_without_messages_says_what_to_add(own: Path) -> None:
    """Nothing to look for is a usage error with the next step."""
    told = callmine("messages", at=own)
    assert (told.code, "[[messages]]" in told.err) == (2, True)


@pytest.mark.parametrize(("score", "said"), [(0.4, 0), (0.6, 1)])
def test_messages_count_from_where_the_digest_counts(own: Path, score: float, said: int) -> None:
    """At the settings that come with callmine, too: a doubtful claim is nobody's word."""
    (own / "playbook.toml").write_text(
        PLAYBOOK + '\n[[messages]]\nid = "savings"\ntext = "It pays for itself"\n'
    )
    with closing(sqlite3.connect(own / "callmine.db")) as database, database:
        database.execute(
            "INSERT INTO findings SELECT 'feed', call_id, utterance_index, 'positioning', 'rep', 0,"
            " length(text), text, start_ms, start_ms, end_ms, ?, 'positioning/2', '',"
            " json_object('side', 'rep', 'message', 'savings') FROM utterances"
            " WHERE text LIKE '%what it saves%'",
            [score],
        )
    (message,) = callmine("messages", "--json", at=own).json["messages"]
    assert message["said"] == said
