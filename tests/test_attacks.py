"""What a careless or hostile person can do with the command line, and what must come of it."""

from __future__ import annotations

import json
import os
import sqlite3
from pathlib import Path

import pytest
from commands import FIRST, SECOND, callmine, vtt

LONG = "y" * 300


@pytest.fixture
def empty(tmp_path: Path, model_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace without calls that only replays."""
    monkeypatch.setenv("CALLMINE_MODELS", str(model_folder))
    folder = tmp_path / "empty"
    assert callmine("init", folder).code == 0
    settings = (folder / "callmine.toml").read_text()
    (folder / "callmine.toml").write_text(settings.replace('"faster_whisper"', '"replay"', 1))
    return folder


@pytest.mark.parametrize(
    "words",
    [("add", f"{LONG}.wav"), ("run", LONG), ("status", "-w", LONG), ("init", LONG), ("export", LONG)],
    ids=lambda words: words[0],
)
def test_a_name_too_long_is_wrong_usage(own: Path, words: tuple[str, ...]) -> None:
    """The system refuses such a name; that is no bug of ours."""
    told = callmine(*words, at=own)
    assert (told.code, told.out) == (2, "")
    assert told.err.startswith("Error: ")
    assert "Traceback" not in told.err


@pytest.mark.parametrize(
    "words",
    [
        ("correct", "--missed", "first.vtt:²", "--label", "price"),
        ("correct", "--missed", f"first.vtt:{'9' * 5000}", "--label", "price"),
        ("digest", "--week", "0001-W01"),
        ("findings", "--since", "9999-12-31T23:59:59-14:00"),
    ],
    ids=["digit", "number", "week", "instant"],
)
def test_values_at_the_edge_are_wrong_usage(own: Path, words: tuple[str, ...]) -> None:
    """A digit that is no number, the first week of the calendar, an instant after its end."""
    told = callmine(*words, at=own)
    assert (told.code, told.out) == (2, "")
    assert "Traceback" not in told.err


@pytest.mark.parametrize("content", [b'description = "\xff"', b"a=" + b"[" * 5000 + b"]" * 5000])
def test_a_broken_recipe_is_wrong_usage(own: Path, content: bytes) -> None:
    """A recipe that is not UTF-8, or nested without end, is told as such."""
    (own / "pipelines").mkdir()
    (own / "pipelines" / "mine.toml").write_bytes(content)
    told = callmine("run", "mine", at=own)
    assert (told.code, told.out) == (2, "")
    assert "mine.toml" in told.err
    assert "Traceback" not in told.err


def test_a_report_that_cannot_be_built_hides_nothing(empty: Path, tmp_path: Path) -> None:
    """What the run did and which file failed is said, and that there is nothing to report yet."""
    (tmp_path / "bad.vtt").write_text("no transcript")
    callmine("add", tmp_path / "bad.vtt", at=empty)
    told = callmine("run", "weekly", "--jobs", "1", at=empty)
    assert told.code == 6
    assert "1 failed" in told.out
    assert "bad.vtt" in told.err
    assert "no call has a date" in told.err


def test_a_pipe_does_not_hold_up_a_run(empty: Path, tmp_path: Path) -> None:
    """Opening a named pipe to look inside would wait for ever."""
    os.mkfifo(tmp_path / "pipe.vtt")
    callmine("add", tmp_path / "pipe.vtt", at=empty)
    told = callmine("run", "--jobs", "1", at=empty)
    assert told.code == 6
    assert "pipe.vtt is not a file" in told.err


@pytest.mark.parametrize(
    "manifest",
    ["path,consent\na.vtt,yes\nb.vtt,no,x\n", 'path,consent\na.vtt,yes\nb.vtt,"no\n'],
    ids=["ragged", "quote"],
)
def test_a_row_that_cannot_be_read_keeps_unnamed_files_out(
    empty: Path, tmp_path: Path, manifest: str
) -> None:
    """The lost row may be the one that says "no consent", from the folder as from the inbox."""
    for folder in (tmp_path / "in", empty / "inbox"):
        folder.mkdir(exist_ok=True)
        for name in ("a.vtt", "b.vtt"):
            (folder / name).write_text(vtt(SECOND))
        (folder / "manifest.csv").write_text(manifest)
    told = callmine("add", tmp_path / "in", "--manifest", tmp_path / "in" / "manifest.csv", at=empty)
    assert told.out.startswith("1 new")
    assert "b.vtt: left out" in told.err
    ran = callmine("run", "--jobs", "1", at=empty)
    assert "b.vtt: left out" in ran.err
    assert {call["source"] for call in callmine("calls", "--json", at=empty).json} == {"a.vtt"}


def test_no_consent_is_not_overruled_by_another_manifest(empty: Path) -> None:
    """Whichever manifest of the inbox is read last, a "no" in any of them counts."""
    (empty / "inbox" / "a.vtt").write_text(vtt(FIRST))
    (empty / "inbox" / "manifest-1.csv").write_text("path,consent\na.vtt,no\n")
    (empty / "inbox" / "manifest-2.csv").write_text("path,title\na.vtt,Later\n")
    callmine("run", "--jobs", "1", at=empty)
    (call,) = callmine("calls", "--json", at=empty).json
    assert (call["status"], call["title"], call["words"]) == ("skipped", "Later", 0)


@pytest.mark.parametrize("first", ["a.vtt", "z.vtt"])
def test_no_consent_holds_for_a_copy_under_another_name(empty: Path, first: str) -> None:
    """Whichever is read first, and also when the copy arrives days later."""
    (empty / "inbox" / first).write_text(vtt(FIRST))
    (empty / "inbox" / "manifest.csv").write_text("path,consent\nm.vtt,no\n")
    (empty / "inbox" / "m.vtt").write_text(vtt(FIRST))
    callmine("run", "--jobs", "1", at=empty)
    (empty / "inbox" / "later.vtt").write_text(vtt(FIRST))
    callmine("run", "--jobs", "1", at=empty)
    listed = callmine("calls", "--json", at=empty).json
    assert {(call["source"], call["status"], call["words"]) for call in listed} == {
        (name, "skipped", 0) for name in (first, "m.vtt", "later.vtt")
    }


@pytest.mark.parametrize("column", ["consnet", "Consent given", "recording_consent"])
def test_a_manifest_whose_consent_column_has_another_name_is_refused(
    empty: Path, tmp_path: Path, column: str
) -> None:
    """A refusal in it would go unread."""
    (tmp_path / "a.vtt").write_text(vtt(FIRST))
    manifest = tmp_path / "manifest.csv"
    manifest.write_text(f"path,{column}\na.vtt,no\n")
    told = callmine("add", "--manifest", manifest, at=empty)
    assert told.code == 2
    assert "consent" in told.err
    assert callmine("calls", "--json", at=empty).json == []


def test_withdrawn_consent_leaves_no_word_in_the_file(own: Path, tmp_path: Path) -> None:
    """Not in a table, not in a kept report, not in the search index, not in a free page."""
    assert callmine("digest", "--week", "2026-W40", at=own).code == 0
    assert b"Honestly" in (own / "callmine.db").read_bytes()
    (path,) = [
        row[0]
        for row in sqlite3.connect(own / "callmine.db").execute(
            "SELECT path FROM sources WHERE path LIKE '%first.vtt'"
        )
    ]
    manifest = tmp_path / "withdrawn.csv"
    manifest.write_text(f"path,consent\n{path},no\n")
    assert callmine("add", "--manifest", manifest, at=own).code == 0
    callmine("run", "--jobs", "1", at=own)
    kept = (own / "callmine.db").read_bytes().lower()
    assert b"honestly" not in kept
    assert b"honest" not in kept
    assert b"budget" in kept  # the other call is still there


def test_a_file_exported_again_is_the_same_call(empty: Path, tmp_path: Path) -> None:
    """Without an external id, too: else its words would be counted twice."""
    file = tmp_path / "a.vtt"
    file.write_text(vtt(FIRST))
    callmine("add", file, at=empty)
    callmine("run", "--jobs", "1", at=empty)
    (before,) = callmine("calls", "--json", at=empty).json
    file.write_text(vtt(FIRST).replace("Honestly", "Frankly"))
    callmine("run", "--jobs", "1", at=empty)
    (after,) = callmine("calls", "--json", at=empty).json
    assert after["call_id"] == before["call_id"]
    assert "Frankly" in callmine("transcript", "a.vtt", at=empty).out


def test_nameless_words_are_never_a_prospects_by_elimination(empty: Path, tmp_path: Path) -> None:
    """Words without a name may be anybody's, the rep's too."""
    cues = ["<v Maya Linden>Hello.</v>", "Your price is too high.", "Is it?"]
    body = "".join(f"\n00:{n}0.000 --> 00:{n}4.000\n{cue}\n" for n, cue in enumerate(cues))
    (tmp_path / "half.vtt").write_text("WEBVTT\n" + body)
    (tmp_path / "m.csv").write_text("path,rep\nhalf.vtt,Maya Linden\n")
    callmine("add", "--manifest", tmp_path / "m.csv", at=empty)
    callmine("run", "--jobs", "1", at=empty)
    shown = callmine("transcript", "half.vtt", "--json", at=empty).json
    assert [u["role"] for u in shown["utterances"]] == ["rep", "unknown", "unknown"]


def test_sides_without_names_are_kept_apart(empty: Path, tmp_path: Path) -> None:
    """A file that states the side but no speaker does not give the rep's words to the prospect."""
    said = [
        {"role": role, "start_ms": n * 5000, "end_ms": n * 5000 + 2000, "text": "Is that too expensive?"}
        for n, role in enumerate(("prospect", "rep", "prospect"))
    ]
    text = json.dumps({"call_id": "c", "language": "en", "utterances": said})
    (tmp_path / "sides.json").write_text(text)
    callmine("add", tmp_path / "sides.json", at=empty)
    callmine("run", "--jobs", "1", at=empty)
    shown = callmine("transcript", "sides.json", "--json", at=empty).json
    assert [u["role"] for u in shown["utterances"]] == ["prospect", "rep", "prospect"]


def test_unknown_roles_cannot_be_confirmed(empty: Path, tmp_path: Path) -> None:
    """Saying "confirmed" of nothing would be a lie."""
    (tmp_path / "a.vtt").write_text(vtt(FIRST))
    callmine("add", tmp_path / "a.vtt", at=empty)
    callmine("run", "--jobs", "1", at=empty)
    told = callmine("correct", "--roles", "a.vtt", at=empty)
    assert (told.code, told.out) == (2, "")
    assert "nobody's side is known" in told.err


def test_only_an_objection_gets_another_objections_label(own: Path) -> None:
    """A competitor relabelled as ``price`` would be counted as a rival called price."""
    found = callmine("findings", "--kind", "competitor", "--json", at=own).json[0]
    told = callmine("correct", found["finding_id"], "--label", "price", at=own)
    assert (told.code, told.out) == (2, "")
    assert "is a competitor" in told.err
