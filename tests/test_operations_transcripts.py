"""Transcripts to read: why there is nothing in one."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from commands import FIRST, callmine, vtt

from callmine.domain import Edit
from callmine.operations.transcripts import _no_turns
from callmine.store import Store
from callmine.workspace import find_workspace


def test_a_call_that_is_half_done_says_what_is_missing(own: Path) -> None:
    """On stderr, in one line; what asks for a file gets an error."""
    (own / "half.toml").write_text('stages = ["ingest", "transcribe"]\n')
    (own / "inbox" / "half.vtt").write_text(vtt(FIRST).replace("price", "fee"))
    assert callmine("run", "half.toml", "-q", "--jobs", "1", at=own).code == 0
    reason = "half.vtt has no turns yet: attribute comes with the next callmine run\n"
    told = callmine("transcript", "half.vtt", at=own)
    assert (told.code, told.out, told.err) == (0, "", reason)
    told = callmine("transcript", "half.vtt", "--format", "srt", at=own)
    assert (told.code, told.out) == (2, "")
    assert told.err.startswith(f"Error: {reason}See `callmine calls ")
    assert callmine("transcript", "half.vtt", "--json", at=own).json["utterances"] == []


def test_a_call_whose_turns_were_emptied_says_so(own: Path, tmp_path: Path) -> None:
    """And when words were given back to them, that the next run brings these."""
    file = tmp_path / "first.txt"
    assert callmine("transcript", "first.vtt", "-o", file, at=own).code == 0
    whole = file.read_text()
    file.write_text(re.sub(r"^(\[[^\]]*\][^:]*:).*$", r"\1", whole, flags=re.M))
    assert callmine("add", file, at=own).code == 0
    assert callmine("run", "-q", "--jobs", "1", at=own).code == 0
    told = callmine("transcript", "first.vtt", at=own)
    assert (told.code, told.out) == (0, "")
    assert told.err == "first.vtt has no turns: corrections emptied them\n"
    callmine("transcript", "first.vtt", "-o", file, at=own)
    file.write_text(re.sub(r"^(\[[^\]]*\][^:]*:).*$", r"\1 Words.", file.read_text(), flags=re.M))
    assert callmine("add", file, at=own).code == 0
    assert (
        "corrected ones come with the next callmine run" in callmine("transcript", "first.vtt", at=own).err
    )


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("first.vtt: it is gone", "no turns, failed in diarize: first.vtt: it is gone"),
        ("it is gone", "no turns, failed in diarize: first.vtt: it is gone"),
    ],
)
def test_a_call_that_failed_says_why(spoken: Path, reason: str, told: str) -> None:
    """As ``callmine calls`` would, and the file's name once."""
    with Store(find_workspace(spoken).database) as store:
        (row,) = store.calls(call_id=store.find_call("first.vtt").call_id)
    failed = replace(row, status="failed", stage="diarize", reason=reason)
    assert _no_turns(failed, ()) == told
    # What comes after the words says nothing about them.
    late = replace(row, status="failed", stage="extract", reason=reason)
    assert _no_turns(late, ()) == "first.vtt has no turns: nobody says a word"
    assert (
        _no_turns(late, [Edit(0, 1000, "Hi.", "", None)])
        == "first.vtt has no turns: corrections emptied them"
    )
