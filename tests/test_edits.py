"""Corrected transcripts come back: through the pipeline, and on the command line."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from commands import SECOND, callmine, vtt

from callmine.operations.intake import Correction
from callmine.operations.transcripts import show_transcript, transcript_as
from callmine.workspace import find_workspace
from tests.builders import a_segment, a_transcript
from tests.fakes import Rules, ScriptedEngine
from tests.sent_back import PRICE, add, one_call, put, texts, written
from tests.workbench import Workbench


@pytest.fixture
def done(bench: Workbench) -> Workbench:
    """One call of four turns with two findings, in a workspace."""
    return one_call(bench)


def test_the_same_file_changes_nothing(done: Workbench) -> None:
    """As it was written, and a second time, before and after the run."""
    assert add(done, written(done)).corrections == (Correction("back.txt", "call.wav", 0),)
    path = written(done, **{"too high": "too low", "rep (Maya": "unknown (Maya"})
    assert add(done, path).corrections[0].turns == 2
    assert add(done, path).corrections[0].turns == 0
    assert done.did() == {"attribute": 1, "extract": 1}
    assert add(done, path).corrections[0].turns == 0
    assert add(done, written(done)).corrections[0].turns == 0
    assert done.did() == {}
    assert len(done.rows("edits")) == 2
    assert len(done.rows("sources")) == 1  # a correction is no call of its own


def test_corrections_reach_utterances_and_findings(done: Workbench) -> None:
    """Only the call's turns are made again; the new words are what is searched and quoted."""
    add(
        done,
        written(done, **{"the price is too high": "the budget is too small", "today?": "today, Petra?"}),
    )
    assert len(done.engine.asked) == 1
    assert done.did() == {"attribute": 1, "extract": 1}
    assert len(done.engine.asked) == 1
    assert texts(done)[:2] == [
        "How do you plan the shifts today, Petra?",
        "Honestly, the budget is too small for us.",
    ]
    assert [e.text for e in done.store.evidence()] == ["budget", "price"]
    first = done.store.evidence()[0]
    assert first.start_ms == 3500  # the third word, as before
    assert [r["text"] for r in done.store.search("budget")] == ["Honestly, the budget is too small for us."]


def test_an_emptied_turn_goes_and_comes_back(done: Workbench) -> None:
    """Findings of the others keep their ids; the file still shows the turn, to be filled again."""
    before = done.store.evidence()
    add(done, written(done, **{" " + PRICE: ""}))
    done.run()
    assert [u["utterance_index"] for u in done.rows("utterances")] == [0, 2, 3]
    assert [e.finding_id for e in done.store.evidence()] == [before[1].finding_id]
    add(done, written(done, **{"[0:03.0] unknown:": f"[0:03.0] unknown: {PRICE}"}))
    done.run()
    assert [(u["utterance_index"], u["role"]) for u in done.rows("utterances")][1] == (1, "prospect")
    assert [e.finding_id for e in done.store.evidence()] == [e.finding_id for e in before]


def test_corrections_outlive_a_new_transcription(done: Workbench) -> None:
    """The engine hears it a little otherwise and later; what a person wrote stands, chain and all."""
    add(done, written(done, **{"too high": "far too high"}))
    done.run()
    add(done, written(done, **{"far too high": "much too high", "] prospect: Honestly": "] rep: Honestly"}))
    add(done, written(done, **{"price went up": "rice went up"}))
    new = [replace(s, words=()) for s in a_transcript().segments]
    new[1] = a_segment("Honestly the prize is too high for us", 3100, channel=1)
    new[3] = a_segment("Well, nobody was there at all.", 9000, channel=1)
    done.engine = ScriptedEngine(take=2, says={"call.wav": a_transcript(*new)})
    done.run()
    assert texts(done)[1] == "Honestly, the price is much too high for us."
    assert done.rows("utterances")[1]["role_source"] == "person"
    assert texts(done)[3] == "Well, nobody was there at all."
    (run,) = [r for r in done.rows("stage_runs") if r["stage"] == "attribute"]
    assert "the turn at 0:09 was not applied" in run["notes"]


def test_an_old_file_does_not_undo_what_others_corrected(done: Workbench) -> None:
    """Only what was changed in it counts; of one turn, the later word wins."""
    old = transcript_as(find_workspace(done.folder), "REC-1", "txt")
    add(done, written(done, **{"too high": "too low", "went up": "went down"}))
    done.run()
    assert add(done, put(done, old, {"today?": "now?", "went up": "stayed"})).corrections[0].turns == 2
    done.run()
    assert texts(done) == [
        "How do you plan the shifts now?",
        "Honestly, the price is too low for us.",
        "I see. Let us look at it.",
        "And the price stayed again.",
    ]


def test_a_file_of_before_a_new_transcription_is_refused_whole(done: Workbench) -> None:
    """The turn that is not there any more is named by its line; nothing of the file is taken."""
    path = written(done, **{"today?": "now?", "too high": "too low"})
    new = [a_segment("Something else entirely.", 0, channel=0), *a_transcript().segments[1:]]
    done.engine = ScriptedEngine(take=2, says={"call.wav": a_transcript(*new)})
    done.run()
    taken = add(done, path)
    (trouble,) = taken.problems
    line = (
        path.read_text("utf-8")
        .split("\n")
        .index("[0:00.0] rep (Maya Linden): How do you plan the shifts now?")
    )
    assert trouble.where == f"back.txt:{line + 1}"
    assert "the turn at [0:00.0] is not there any more" in trouble.what
    assert "--format txt" in trouble.what
    assert (taken.exit_code, done.rows("edits")) == (2, [])


def test_the_transcript_shows_what_was_corrected(done: Workbench) -> None:
    """Edited, and what was heard first; what waits for the run is counted."""
    place = find_workspace(done.folder)
    add(
        done,
        written(
            done, **{"too high": "too low", "] rep (Maya Linden): I see": "] prospect (Maya Linden): I see"}
        ),
    )
    assert show_transcript(place, "REC-1")["corrections_waiting"] == 2
    assert "too low" in transcript_as(place, "REC-1", "txt")
    done.run()
    add(done, written(done, **{"too low": "fair"}))
    done.run()
    shown = show_transcript(place, "REC-1")
    assert shown["corrections_waiting"] == 0
    assert [(u["edited"], u["heard"]) for u in shown["utterances"]] == [
        (False, None),
        (True, PRICE),
        (True, None),
        (False, None),
    ]
    add(done, written(done, **{"is fair for us.": "is too high for us."}))
    done.run()
    assert show_transcript(place, "REC-1")["utterances"][1]["edited"] is False


def test_a_crash_of_the_extractor_keeps_the_correction(done: Workbench) -> None:
    """The corrected words are stored; the next run reads them."""
    add(done, written(done, **{"too high": "too low"}))
    done.extractors = [Rules(crash_at="too low")]
    assert done.run().failed == 1
    assert texts(done)[1] == "Honestly, the price is too low for us."
    done.extractors = [Rules()]
    done.store.retry()
    done.run()
    assert len(done.store.evidence()) == 2


def test_correcting_on_the_command_line(own: Path, tmp_path: Path) -> None:
    """Write, correct, add, run: the finding goes with the words; the view marks the turn."""
    path = tmp_path / "first.txt"
    assert callmine("transcript", "REC-1", "-o", path, at=own).code == 0
    path.write_text(path.read_text("utf-8").replace("looked at Lantern", "looked at a tool"), "utf-8")
    told = callmine("add", path, at=own)
    assert (told.code, told.out) == (0, "first.txt: 1 turn of first.vtt corrected\nnext: callmine run\n")
    told = callmine("transcript", "REC-1", at=own)
    assert told.err == "1 corrected turn to come with the next callmine run\n"
    assert callmine("add", path, at=own).out == "first.txt: nothing changed\n"
    before = callmine("findings", "--json", "--call", "REC-1", at=own).json
    ran = callmine("run", "--jobs", "1", at=own)
    assert ran.out.startswith("attribute 1, read 1, extract 1")
    after = callmine("findings", "--json", "--call", "REC-1", at=own).json
    elsewhere = [[f for f in found if f["utterance_index"] != 3] for found in (before, after)]
    assert elsewhere[0] == elsewhere[1] != []
    assert "Lantern" in {f["label"] for f in before} - {f["label"] for f in after}
    lines = callmine("transcript", "REC-1", at=own).out.splitlines()
    assert [line.endswith(" [corrected]") for line in lines] == [False, False, False, True]
    assert callmine("transcript", "REC-1", at=own).err == ""


def test_faults_on_the_command_line(own: Path, tmp_path: Path) -> None:
    """The line and what to do are told; the exit code says that nothing was taken."""
    path = tmp_path / "first.txt"
    callmine("transcript", "REC-1", "-o", path, at=own)
    path.write_text(path.read_text("utf-8").replace("[0:05.0]", "[0:05.1]"), "utf-8")
    told = callmine("add", path, at=own)
    assert told.code == 2
    assert told.err.startswith("first.txt:11: the time [0:05.1] was [0:05.0]")


def test_a_dry_run_takes_no_correction(own: Path) -> None:
    """It says which call would be read again, and stores nothing: the run after it corrects the turn."""
    path = own / "inbox" / "first.txt"
    callmine("transcript", "REC-1", "-o", path, at=own)
    path.write_text(path.read_text("utf-8").replace("looked at Lantern", "looked at a tool"), "utf-8")
    (own / "inbox" / "later.vtt").write_text(vtt(SECOND[::-1]))
    before = dump(own)
    for _ in range(2):
        waiting = callmine("run", "--dry-run", "--json", at=own).json
        assert {stage: labels for stage, labels in waiting.items() if labels} == {
            "ingest": ["later.vtt"],
            "attribute": ["first.vtt"],
        }
        assert dump(own) == before
    assert callmine("transcript", "REC-1", at=own).err == ""
    assert "first.txt: 1 turn of first.vtt corrected" in callmine("run", "--jobs", "1", at=own).out
    assert dump(own) != before


def dump(folder: Path) -> list[str]:
    """Every row of every table of a workspace's database, as SQL."""
    with closing(sqlite3.connect(folder / "callmine.db")) as database:
        return list(database.iterdump())
