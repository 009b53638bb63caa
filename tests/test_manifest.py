"""Manifests and sidecars: what people write down about calls, and what is wrong with it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callmine.crm import ManifestFile, read_manifest, read_sidecar
from callmine.crm.facts import participants_of
from callmine.crm.manifest import COLUMNS
from callmine.crm.values import BadValue
from callmine.domain import Facts, Participant
from callmine.errors import UsageError

SAMPLE = Path(__file__).parents[1] / "data" / "sample" / "manifest.csv"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("a.wav", "b.wav", "sub/c.wav"):
        path = tmp_path / "calls" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return tmp_path / "calls"


def read(folder: Path, text: str, **options: Any) -> ManifestFile:
    path = folder / "manifest.csv"
    path.write_text(text, encoding="utf-8")
    return read_manifest(path, **options)


def problems(found: ManifestFile) -> list[str]:
    return [f"{p.line}: {p.what}" for p in found.problems]


def test_every_fact_arrives(folder: Path) -> None:
    """The thirteen columns fill the facts; times become UTC, words lose their case."""
    found = read(
        folder,
        ",".join(COLUMNS) + "\n"
        "a.wav,X-1,Title,Sales,2026-10-02T09:30:00+02:00,Maya,maya@us.example,Acme,D-1,"
        "Maya <maya@us.example>; Petra Voss <petra@acme.example>,LEFT,en-US,Yes\n",
    )
    assert found.problems == ()
    (row,) = found.rows
    assert (row.path, row.line) == (folder / "a.wav", 2)
    people = (Participant("Maya", "maya@us.example"), Participant("Petra Voss", "petra@acme.example"))
    assert row.facts == Facts(
        "X-1", "Title", "sales", "2026-10-02T07:30:00Z", "Maya", "maya@us.example", "Acme", "D-1", people,
        "left", "en", "yes",
    )  # fmt: skip


def test_json_manifest(folder: Path) -> None:
    """A list of objects, with people as text, as a list or as objects."""
    rows = [
        {"path": "a.wav", "participants": [{"name": "P", "email": "p@x.example"}, "Q <q@x.example>"]},
        {"path": "sub/c.wav", "participants": "R", "consent": "no"},
        {"path": "b.wav", "participants": [{"name": "P", "mail": "p@x.example"}]},
        {"path": 7},
    ]
    found = read(folder, json.dumps(rows))
    assert [r.facts.participants for r in found.rows] == [
        (Participant("P", "p@x.example"), Participant("Q", "q@x.example")),
        (Participant("R", None),),
    ]
    assert problems(found) == [
        "3: b.wav: participant: unknown key 'mail'",
        "4: 7: no path; the row is left out",
    ]
    assert found.refused == (folder / "b.wav",)


def test_the_sample_manifest_reads() -> None:
    """The manifest that ships with callmine has no fault but files that may not be there."""
    found = read_manifest(SAMPLE)
    assert all("no such file" in p.what for p in found.problems)
    assert found.rows


@pytest.mark.parametrize(
    ("column", "value", "fault"),
    [
        ("type", "sale", "'sale' is not one of sales, internal, interview (did you mean 'sales'?)"),
        ("consent", "maybe", "is not one of yes, no, unknown"),
        ("rep_channel", "middle", "is not one of left, right"),
        ("language", "english", "is not a code"),
        ("started_at", "02.10.2026", "is not an ISO time"),
        ("started_at", "2026-10-02T25:00", "is not an ISO time"),
        ("started_at", "0001-01-01T00:00:00+14:00", "is not an ISO time"),
        ("started_at", "20261002T093000Z", "is not an ISO time"),
        ("rep_email", "maya", "is not an e-mail address"),
        ("participants", "Maya <maya at us>", "is not an e-mail address"),
    ],
)
def test_faulty_rows_are_refused_with_their_file(folder: Path, column: str, value: str, fault: str) -> None:
    """A faulty row names line, file and fault; its file must not be taken in without it."""
    found = read(folder, f"path,external_id,deal_id,{column}\nb.wav,,,\na.wav,REC-7,D-7,{value}\n")
    assert [r.path.name for r in found.rows] == ["b.wav"]
    assert found.faulty == 1
    assert [(p.line, p.about) for p in found.problems] == [(3, "REC-7")]
    assert found.problems[0].what.startswith("a.wav: ")
    assert fault in found.problems[0].what
    assert found.problems[0].hint
    assert found.refused == (folder / "a.wav",)


def test_a_row_lists_all_its_faults(folder: Path) -> None:
    """Nobody should have to import five times to find five faults."""
    found = read(folder, "path,type,consent,language\nnone.wav,x,y,z\n")
    assert len(found.problems) == 4
    assert found.refused == ()


def test_unknown_columns_are_problems_with_a_suggestion(folder: Path) -> None:
    """A misspelt column would silently lose facts; a misspelt consent is refused outright."""
    found = read(folder, "path,acount,Rep E-Mail\na.wav,Acme,maya@us.example\n")
    assert problems(found) == ["1: unknown column 'acount' (did you mean 'account'?)"]
    assert found.rows[0].facts.rep_email == "maya@us.example"


def test_missing_path_column(folder: Path) -> None:
    """Without paths nothing can be done; the message shows what was found."""
    with pytest.raises(UsageError, match=r"no column 'path'.*found: file, title"):
        read(folder, "file,title\na.wav,x\n")


def test_paths(folder: Path) -> None:
    """Relative to the manifest, out of it, absolute, from Windows; regular files only."""
    outside = folder.parent / "out  side.wav"
    outside.touch()
    os.mkfifo(folder / "pipe.wav")
    found = read(
        folder,
        f"path\nsub\\c.wav\n../out  side.wav\n{folder}/a.wav\nsub\npipe.wav\n{'x' * 5000}\nb\x00.wav\n",
    )
    assert [r.path.name for r in found.rows] == ["c.wav", "out  side.wav", "a.wav"]
    assert all(r.path.is_absolute() for r in found.rows)
    assert [p.line for p in found.problems] == [5, 6, 7, 8]
    assert all("no such file" in p.what for p in found.problems)


def test_one_file_twice(folder: Path) -> None:
    """The later row counts, however the path is written, unless the earlier one forbids the call."""
    found = read(folder, "path,title,consent\na.wav,1,\nsub/../a.wav,2,\nb.wav,1,no\nb.wav,2,yes\n")
    assert [(r.facts.title, r.line) for r in found.rows] == [("2", 3), ("1", 4)]
    assert problems(found) == [
        "3: sub/../a.wav: this file is in line 2 too; line 3 counts",
        "5: b.wav: this file is in line 4 too; line 4 counts",
    ]
    faulty = read(folder, "path,consent\na.wav,yes\na.wav,nope\n")
    assert faulty.rows == ()
    assert faulty.refused == (folder / "a.wav",)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-07-01T09:30:00+02:00", "2026-07-01T07:30:00Z"),
        ("2026-07-01T09:30:00Z", "2026-07-01T09:30:00Z"),
        ("2026-07-01T09:30:00.123", "2026-07-01T07:30:00Z"),
        ("2026-12-01 09:30", "2026-12-01T08:30:00Z"),
        ("2026-07-01", "2026-06-30T22:00:00Z"),
    ],
)
def test_times_become_utc(folder: Path, text: str, instant: str) -> None:
    """An offset is believed, a time without one is in the given zone, summer time included."""
    found = read(folder, f"path,started_at\na.wav,{text}\n", timezone="Europe/Berlin")
    assert found.rows[0].facts.started_at == instant


@pytest.mark.parametrize(
    ("cell", "people"),
    [
        (
            "Maya <m@x.example>; P. Voss <p@x.example>;",
            [("Maya", "m@x.example"), ("P. Voss", "p@x.example")],
        ),
        ("Linden, Maya <m@x.example>", [("Linden, Maya", "m@x.example")]),
        ('"Linden; Maya" <m@x.example>; Bo', [("Linden; Maya", "m@x.example"), ("Bo", None)]),
        ("m@x.example, Bo <b@x.example>", [("", "m@x.example"), ("Bo", "b@x.example")]),
        ('"Linden, M" <m@x.example>, b@x.example', [("Linden, M", "m@x.example"), ("", "b@x.example")]),
        ("Dr. Foo (CEO) <f@x.example>", [("Dr. Foo (CEO)", "f@x.example")]),
        ("m@x.example; m@x.example", [("", "m@x.example")]),
        ("<mailto:m@x.example>", [("", "m@x.example")]),
        ("O'Neil <o'neil+x@x.example>", [("O'Neil", "o'neil+x@x.example")]),
        ("", []),
        (None, []),
        (" ; ;", []),
    ],
)
def test_participants(cell: str | None, people: list[tuple[str, str | None]]) -> None:
    """Names keep their commas and titles; addresses alone and names alone are people too."""
    assert participants_of(cell) == tuple(Participant(*p) for p in people)


@pytest.mark.parametrize(
    "cell", ["a@b@c", "Maya <m@x.example> Bo", "Maya <m@x.example", "Maya m@x.example", "<>"]
)
def test_participants_that_cannot_be_told_apart(cell: str) -> None:
    """A broken list is refused rather than cut."""
    with pytest.raises(BadValue):
        participants_of(cell)


NAME = st.from_regex(r"[A-Z][a-zé]{1,8}( [A-Z][a-z]{1,8}|, [A-Z][a-z]{1,8})?", fullmatch=True)
MAIL = st.from_regex(r"[a-z]{1,8}@[a-z]{1,8}\.example", fullmatch=True)


@given(st.lists(st.builds(Participant, NAME, st.none() | MAIL), unique=True, max_size=5))
def test_participants_round_trip(people: list[Participant]) -> None:
    """What is written as `Name <e-mail>; …` is read as it was."""
    text = "; ".join(f"{p.name} <{p.email}>" if p.email else p.name for p in people)
    assert participants_of(text) == tuple(people)


@given(st.text(max_size=40))
def test_any_text_is_people_or_refused(text: str) -> None:
    """No list of participants raises anything but the refusal."""
    try:
        people = participants_of(text)
    except BadValue:
        return
    assert all(p.name or p.email for p in people)


def test_sidecar(tmp_path: Path) -> None:
    """One object with the keys of a manifest; the path is not needed."""
    path = tmp_path / "a.json"
    content = {"path": "a.wav", "account": "Acme", "Started At": "2026-07-01T09:30:00", "consent": "no"}
    path.write_text(json.dumps(content), encoding="utf-8-sig")
    facts = read_sidecar(path, timezone="Europe/Berlin")
    assert facts == Facts(account="Acme", started_at="2026-07-01T07:30:00Z", consent="no")


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("", "cannot be read as JSON"),
        ("[" * 100_000, "cannot be read as JSON"),
        ("\xff", "cannot be read as JSON"),
        ("[]", "not a JSON object"),
        ('{"acount": "Acme", "type": "x"}', "unknown column 'acount' (did you mean 'account'?); type 'x'"),
        (" " * 1_000_001, "too large"),
    ],
)
def test_faulty_sidecars_are_refused(tmp_path: Path, content: str, fault: str) -> None:
    """A sidecar's faults are told at once, with the file's name."""
    path = tmp_path / "a.json"
    path.write_bytes(content.encode("latin-1"))
    with pytest.raises(UsageError) as caught:
        read_sidecar(path)
    assert caught.value.message.startswith("a.json: ")
    assert fault in caught.value.message
    assert caught.value.hint
    with pytest.raises(UsageError, match="cannot be read"):
        read_sidecar(tmp_path / "none.json")
