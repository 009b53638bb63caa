"""Corrected transcripts in the inbox: saved again, left there, of calls that were refused."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from callmine.operations.intake import scan_inbox
from callmine.workspace import find_workspace
from tests.sent_back import add, in_inbox, one_call, texts, written
from tests.workbench import Workbench, write_recording


@pytest.fixture
def done(bench: Workbench) -> Workbench:
    """One call of four turns with two findings, in a workspace."""
    return one_call(bench)


def test_a_file_left_in_the_inbox_is_taken_once(done: Workbench) -> None:
    """Even when somebody corrects the turn again later; beside a recording of its name, too."""
    place = find_workspace(done.folder)
    place.inbox.mkdir()
    path = written(done, **{"too high": "too low", "rep (Maya Linden): I": "unknown (Maya Linden): I"})
    (place.inbox / "call.txt").write_bytes(path.read_bytes())
    (place.inbox / "call.wav").write_bytes((done.folder / "call.wav").read_bytes())
    first = scan_inbox(place, done.store)
    assert (first.corrections[0].turns, [t.where for t in first.problems]) == (2, [])
    done.run()
    add(done, written(done, **{"too low": "fair", "unknown (Maya Linden): I": "rep (Maya Linden): I"}))
    assert scan_inbox(place, done.store).corrections[0].turns == 0
    done.run()
    assert scan_inbox(place, done.store).corrections[0].turns == 0
    assert texts(done)[1] == "Honestly, the price is fair for us."
    assert done.rows("utterances")[2]["role"] == "rep"
    assert not [s for s in done.rows("sources") if s["path"].endswith(".txt")]


def put_in(bench: Workbench, path: Path, text: str) -> list[str]:
    """Save a file in the inbox, well after whatever was corrected before, and run."""
    for row in bench.sql("SELECT id, made_at FROM edits"):
        earlier = datetime.fromisoformat(row["made_at"]) - timedelta(seconds=10)
        with bench.store._writing():
            bench.store._db.execute(
                "UPDATE edits SET made_at = ? WHERE id = ?", [earlier.isoformat(), row["id"]]
            )
    path.write_text(text, "utf-8")
    scan_inbox(find_workspace(bench.folder), bench.store)
    bench.run()
    return [f"{u['role']}: {u['text']}" for u in bench.rows("utterances")][1:2]


def test_a_file_in_the_inbox_that_is_saved_again_counts_again(done: Workbench) -> None:
    """Words, role, and both: what was saved last, although it was taken before and changed since."""
    path = in_inbox(done, **{"too high": "too low"})
    low = path.read_text("utf-8")
    fair, rep = low.replace("too low", "fair"), low.replace("] prospect: Honest", "] rep: Honest")
    unknown = low.replace("] prospect: Honest", "] unknown: Honest")
    for text, said in (
        (low, "prospect: Honestly, the price is too low for us."),
        (fair, "prospect: Honestly, the price is fair for us."),
        (low, "prospect: Honestly, the price is too low for us."),
        (rep, "rep: Honestly, the price is too low for us."),
        (unknown, "unknown: Honestly, the price is too low for us."),
        (rep, "rep: Honestly, the price is too low for us."),
    ):
        assert put_in(done, path, text) == [said]
    count = len(done.rows("edits"))
    assert put_in(done, path, rep) == ["rep: Honestly, the price is too low for us."]
    assert len(done.rows("edits")) == count == 6


def test_a_date_ahead_is_no_sign_of_a_new_save(done: Workbench) -> None:
    """Such a file, left in the inbox, would undo what others corrected, with every run."""
    path = in_inbox(done, **{"too high": "too low"})
    assert put_in(done, path, path.read_text("utf-8")) == [
        "prospect: Honestly, the price is too low for us."
    ]
    add(done, written(done, **{"too low": "fair"}))
    os.utime(path, (4_000_000_000, 4_000_000_000))
    assert scan_inbox(find_workspace(done.folder), done.store).corrections[0].turns == 0


@pytest.mark.parametrize("joined", [False, True], ids=["its file", "another file of the call"])
def test_corrections_of_a_refused_call_are_left_aside(done: Workbench, joined: bool) -> None:
    """They are told once, before the call goes, and to who adds the file; no run fails, no word stays."""
    place = find_workspace(done.folder)
    path = in_inbox(done, **{"too high": "too low"})
    refused = done.folder / "call.wav"
    if joined:  # a transcript of the call, told by its external id, whose content is no call's id
        refused = done.transcript("call.vtt", external_id="REC-1")
        done.run()
    done.add(refused, external_id="REC-1", consent="no")
    told = scan_inbox(place, done.store)
    assert [(t.where, t.what.split(",")[0]) for t in told.problems] == [
        ("back.txt", "there is no consent to use its call")
    ]
    assert (told.exit_code, told.left_out, done.rows("edits")) == (0, 0, [])
    done.run()
    assert done.rows("calls") == []
    again = scan_inbox(place, done.store)
    assert (again.problems, again.exit_code, again.left_out) == ((), 0, 0)
    added = add(done, path)
    assert "nothing of the file was taken; delete the file" in added.problems[0].what
    assert (added.exit_code, added.corrections[0].turns) == (0, 0)
    assert b"too low" not in b"".join(p.read_bytes() for p in done.folder.glob("callmine.db*"))


def test_a_refusal_in_the_inbox_is_heard_before_its_corrections(done: Workbench) -> None:
    """Whatever the names of the files: no corrected word is stored, not even until the call goes."""
    place = find_workspace(done.folder)
    in_inbox(done, **{"too high": "too low"})
    done.add(write_recording(place.inbox / "call.wav"))
    done.run()
    (place.inbox / "manifest.csv").write_text("path,consent\ncall.wav,no\n")
    told = scan_inbox(place, done.store)
    assert (len(told.problems), told.exit_code, done.rows("edits")) == (1, 0, [])
    done.run()
    assert done.rows("calls") == []
    assert scan_inbox(place, done.store).problems == ()


def test_corrections_of_a_call_that_is_not_known_stay_a_fault(done: Workbench) -> None:
    """With every look at the inbox; a refused call beside it is another one."""
    place = find_workspace(done.folder)
    path = in_inbox(done, **{"too high": "too low"})
    text, call = path.read_text("utf-8"), done.only("calls")["call_id"]
    done.add(done.folder / "call.wav", consent="no")
    done.run()
    for other in (f"f{call}", f"f{call}", call[:6]):
        path.write_text(text.replace(f"# call: {call}", f"# call: {other}"), "utf-8")
        told = scan_inbox(place, done.store)
        assert f"there is no call {other} here" in told.problems[0].what
        assert told.left_out == 1


def test_consent_that_came_back_lets_corrections_in(done: Workbench) -> None:
    """The call is there again, and so is what was corrected in it; a copy that stayed out is no "no"."""
    place = find_workspace(done.folder)
    in_inbox(done, **{"too high": "too low"})
    done.add(done.folder / "call.wav", consent="no")
    done.recording("copy.wav", seed="call.wav")
    done.run()
    assert done.rows("calls") == []
    done.add(done.folder / "call.wav", consent="yes")
    done.run()
    assert scan_inbox(place, done.store).corrections[0].turns == 1
    done.run()
    assert texts(done)[1] == "Honestly, the price is too low for us."
