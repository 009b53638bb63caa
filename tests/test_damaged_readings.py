"""A reading that was damaged on the disk: seen wherever it is used, told, and made anew by the next run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from commands import callmine

from callmine.extractors.encoder import Encoder
from callmine.operations import judged
from callmine.operations.taught import DAMAGED
from callmine.stages.extract import READ_AGAIN
from callmine.store import Store
from callmine.workspace import find_workspace

TOLD = "is damaged and is not used: `callmine run`"


def readings(own: Path) -> dict[str, tuple[str, str, bytes]]:
    """What is kept, by call."""
    with Store(find_workspace(own).database) as store:
        return {r["call_id"]: (r["model"], r["said"], r["data"]) for r in store.table_rows("readings")}


def spoil(own: Path, change: str) -> None:
    """Change what is kept of every call."""
    with Store(find_workspace(own).database) as store, store._writing():
        store._db.execute(f"UPDATE readings SET {change}")


FLIPPED = "data = substr(data, 1, 99) || x'00' || substr(data, 101)"
AS_BLOB = f"data = CAST({FLIPPED.removeprefix('data = ')} AS BLOB)"


@pytest.mark.parametrize("command", [("digest",), ("correct", "--queue"), ("correct", "--queue", "--json")])
def test_whoever_meets_it_tells_and_the_next_run_mends_it(own: Path, command: tuple[str, ...]) -> None:
    """No traceback, no silence; after the run all is as it was."""
    before = readings(own)
    assert before
    spoil(own, AS_BLOB)
    told = callmine(*command, at=own)
    assert told.code == 0, told.err
    assert TOLD in told.err
    planned = json.loads(callmine("run", "--dry-run", "--json", at=own).out)
    assert len(planned["read"]) == len(before)
    assert callmine("run", at=own).code == 0
    assert readings(own) == before
    again = callmine(*command, at=own)
    assert TOLD not in again.err


@pytest.mark.parametrize(
    "change", ["data = 'text'", "data = x''", "said = 'other words'", "model = 'nobody'"]
)
def test_a_run_sees_at_once_what_cannot_be_a_reading(own: Path, change: str) -> None:
    """Without looking at any bytes; what is there afterwards is what was there before."""
    before = readings(own)
    spoil(own, change)
    with Store(find_workspace(own).database) as store:
        assert store.without_reading(Encoder().reading_version()) == before.keys()
    assert callmine("run", at=own).code == 0
    assert readings(own) == before
    with Store(find_workspace(own).database) as store:
        assert store.without_reading(Encoder().reading_version()) == frozenset()


def test_learn_says_that_it_is_damaged(own: Path) -> None:
    """And not only that there is none; afterwards there is none, and the next run reads."""
    for call_id in readings(own):
        callmine("correct", "--missed", f"{call_id}:0", "--nothing", at=own)
    spoil(own, AS_BLOB)
    told = callmine("learn", at=own)
    assert told.code == 2
    assert DAMAGED in told.err
    assert readings(own) == {}


def test_nothing_is_likened_to_a_damaged_reading(own: Path) -> None:
    """Explaining a finding drops what it cannot use, as the others do."""
    model = Encoder().reading_version()
    with Store(find_workspace(own).database) as store:
        call_id = next(iter(readings(own)))
        assert judged._readings(store, call_id, model)
    spoil(own, AS_BLOB)
    with Store(find_workspace(own).database) as store:
        assert judged._readings(store, call_id, model) == {}
    assert call_id not in readings(own)


def test_a_run_mends_what_it_needs_and_finds_damaged(own: Path) -> None:
    """A changed playbook has every call looked through: the stage that meets the damage mends it."""
    before = readings(own)
    spoil(own, AS_BLOB)
    with (own / "playbook.toml").open("a") as playbook:
        playbook.write('\n[[trackers]]\nname = "weather"\nwords = ["rain"]\n')
    told = callmine("run", at=own)
    assert told.code == 0, told.err
    assert readings(own) == before
    assert READ_AGAIN in callmine("calls", next(iter(before)), at=own).out
