"""The commands that change a workspace: init, add, deals, run, retry, correct, export."""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path

import pytest
from commands import DEALS, HOSTILE, SECOND, callmine, vtt

from callmine.errors import UsageError
from callmine.operations.checking import examine
from callmine.operations.correcting import correct
from callmine.operations.exporting import _harmless, export_tables
from callmine.workspace import find_workspace
from tests.builders import a_deal, a_segment, a_transcript
from tests.workbench import Workbench


def _one(place: Path, *filters: str) -> dict[str, object]:
    (row,) = callmine("findings", "--json", *filters, at=place).json
    return dict(row)


def test_init_makes_a_workspace_once(tmp_path: Path) -> None:
    """Settings, playbook and folders are made; a second time nothing is overwritten."""
    place = tmp_path / "a" / "calls"
    assert callmine("init", place).code == 0
    assert {p.name for p in place.iterdir()} == {"callmine.toml", "playbook.toml", "inbox", "reports"}
    assert callmine("playbook", "check", at=place).code == 0
    (place / "playbook.toml").write_text('[company]\nname = "Mine"\n')
    told = callmine("init", place)
    assert told.code == 2
    assert "is a workspace already" in told.err
    assert "Mine" in (place / "playbook.toml").read_text()


def test_what_is_new_and_not_yet_yours_is_said(tmp_path: Path) -> None:
    """A workspace in a workspace is made with a warning; a playbook that nobody edited is noticed."""
    assert callmine("init", tmp_path / "a").err == ""
    told = callmine("init", tmp_path / "a" / "b")
    assert (told.code, f"inside the workspace {tmp_path / 'a'}" in told.err) == (0, True)
    told = callmine("playbook", "check", at=tmp_path / "a")
    assert (told.code, "[company] is still the example" in told.err) == (0, True)
    (check,) = [c for c in examine(tmp_path / "a") if c.what == "playbook"]
    assert (check.ok, check.exit_code) == (False, 0)
    assert check.found == "[company] is still the example: Acme Analytics, Acme Insight and acme.example"
    playbook = tmp_path / "a" / "playbook.toml"
    playbook.write_text('[company]\nname = "Mine"\ndomains = ["acme.example"]\n')
    told = callmine("playbook", "check", at=tmp_path / "a")
    assert "[company] is still the example (acme.example)" in told.err
    playbook.write_text('[company]\nname = "Mine"\n')
    assert callmine("playbook", "check", at=tmp_path / "a").err == ""


def test_init_with_the_sample_takes_calls_and_deals_in(tmp_path: Path) -> None:
    """The sample's 21 recordings wait for the first run; its deals are there."""
    told = callmine("init", tmp_path / "demo", "--sample")
    assert told.code == 0
    assert "took in 21 sample calls" in told.out
    found = callmine("status", "--json", at=tmp_path / "demo").json
    assert (found["calls"], found["deals"]) == ({"pending": 21}, 16)


def test_add_counts_new_and_known_files(own: Path, tmp_path: Path) -> None:
    """The same file again is known; what is wrong with one row does not stop the others."""
    new = tmp_path / "new.vtt"
    new.write_text(vtt(SECOND))
    told = callmine("add", new, "--json", at=own)
    assert told.json == {"new": 1, "known": 0, "problems": [], "left_out": 0, "corrections": []}
    assert callmine("add", new, at=own).out == "0 new or changed, 1 known already\n"
    (tmp_path / "rows.csv").write_text("path,consent\nother.vtt,maybe\nnew.vtt,yes\n")
    told = callmine("add", "--manifest", tmp_path / "rows.csv", "--json", at=own)
    assert (told.json["new"], {p["where"] for p in told.json["problems"]}) == (1, {"rows.csv:2"})
    assert (told.code, told.json["left_out"]) == (6, 1)
    (tmp_path / "rows.csv").write_text("path,consent\nnew.vtt,nein\n")
    told = callmine("add", "--manifest", tmp_path / "rows.csv", at=own)
    assert told.code == 2
    assert "no row of rows.csv could be used" in told.err
    assert "stays as it was (consent: yes)" in told.err


def test_file_name_that_is_no_text_is_told(own: Path, tmp_path: Path) -> None:
    """A name that is not UTF-8 cannot be kept; the file is named as far as possible, the rest goes on."""
    (tmp_path / "in").mkdir()
    Path(os.fsdecode(os.fsencode(tmp_path / "in") + b"/bad\xff.vtt")).write_text(vtt(SECOND))
    (tmp_path / "in" / "good.vtt").write_text(vtt(SECOND))
    told = callmine("add", tmp_path / "in", at=own)
    assert told.code == 6
    assert told.out.startswith("1 new or changed, 0 known")
    assert "bad?.vtt: the path is not valid UTF-8" in told.err


def test_withdrawn_consent_takes_the_call_away(own: Path, spoken: Path, tmp_path: Path) -> None:
    """Adding a file again with ``consent=no`` removes what was stored of the call at the next run."""
    assert callmine("search", "half price", "--json", at=own).json
    (tmp_path / "m.csv").write_text(f"path,consent\n{spoken.parent / 'calls' / 'first.vtt'},no\n")
    assert callmine("add", "--manifest", tmp_path / "m.csv", at=own).code == 0
    assert callmine("run", "--jobs", "1", at=own).code == 0
    calls = {row["source"]: row for row in callmine("calls", "--json", at=own).json}
    assert calls["first.vtt"]["status"] == "skipped"
    assert callmine("search", "half price", "--json", at=own).json == []
    assert callmine("findings", "--kind", "competitor", "--json", at=own).json == []


def test_unknown_format_is_refused_at_once(own: Path, tmp_path: Path) -> None:
    """A misspelt format is wrong usage, not a failed call of the next run."""
    (tmp_path / "new.vtt").write_text(vtt(SECOND))
    told = callmine("add", tmp_path / "new.vtt", "--format", "vt", at=own)
    assert told.code == 2
    assert "did you mean 'vtt'" in told.err


def test_deals_say_what_changed(own: Path, tmp_path: Path) -> None:
    """Each import counts new, changed and gone deals; a delta leaves absent ones alone."""
    table = tmp_path / "deals.csv"
    head, first, _ = DEALS.strip().splitlines()
    table.write_text(f"{head}\n{first.replace('48000', '50000')}\n")
    told = callmine("deals", table, "--delta", at=own)
    assert told.out.startswith("1 deal: 0 new, 1 changed, 0 unchanged, 0 gone\n")
    found = callmine("deals", table, "--json", at=own).json
    assert found["changes"] == {"new": 0, "changed": 0, "unchanged": 1, "gone": 1, "older": 0}


def test_dry_run_names_what_waits_and_does_nothing(own: Path) -> None:
    """``--dry-run`` lists the jobs of each stage; afterwards they still wait."""
    (own / "inbox" / "later.vtt").write_text(vtt((("A", "Hello there."), ("B", "Good day to you."))))
    waiting = callmine("run", "--dry-run", "--json", at=own).json
    assert waiting["ingest"] == ["later.vtt"]
    assert waiting == callmine("run", "--dry-run", "--json", at=own).json
    assert "ingest: 1 to do\n  later.vtt\n" in callmine("run", "--dry-run", at=own).out


def test_run_as_json_and_a_recipe_with_a_report(own: Path) -> None:
    """A recipe of the workspace limits the stages and writes its digest; JSON tells all of it."""
    (own / "pipelines").mkdir()
    (own / "pipelines" / "mine.toml").write_text(
        'stages = ["ingest", "link"]\nexecutor = "serial"\n'
        '[[reports]]\nkind = "digest"\nweek = "2026-W40"\nformats = ["md"]\n'
    )
    found = callmine("run", "mine", "--json", at=own).json
    assert [t["stage"] for t in found["tallies"]] == ["ingest", "link"]
    assert found["exit_code"] == 0
    assert found["reports"] == [str(own / "reports" / "digest-2026-W40.md")]


def test_retranscribe_one_call(own: Path) -> None:
    """Only the call named is transcribed again; nothing later runs, because nothing changed."""
    told = callmine("run", "--retranscribe", "--call", "REC-1", "--jobs", "1", at=own)
    assert told.code == 0
    assert told.out.startswith("transcribe 1 in ")


def test_retry_tries_failures_again(own: Path, spoken: Path) -> None:
    """A mended file is read after ``retry``; ``--skipped`` takes skipped calls along."""
    assert callmine("retry", at=own).out == "1 to be tried again; next: callmine run\n"
    assert callmine("run", "--jobs", "1", at=own).code == 6
    assert callmine("retry", "--skipped", at=own).out.startswith("2 to be tried again")
    callmine("init", own / "empty")
    assert callmine("retry", at=own / "empty").out == "nothing to try again\n"


def test_wrong_and_relabelled_findings(own: Path) -> None:
    """A verdict is kept with the finding; a new label is what later questions see."""
    row = _one(own, "--kind", "objection", "--deal", "D-2")
    ref = str(row["finding_id"])[:8]
    assert callmine("correct", ref, "--label", "authority", at=own).code == 0
    assert _one(own, "--label", "authority")["finding_id"] == row["finding_id"]
    assert callmine("correct", ref, "--wrong", at=own).code == 0
    assert _one(own, "--kind", "objection", "--deal", "D-2")["verdict"] == "wrong"
    assert callmine("correct", ref, "--right", at=own).code == 0
    told = callmine("correct", ref, "--label", "pricee", at=own)
    assert told.code == 2
    assert "did you mean 'price'" in told.err
    assert callmine("correct", "zzz", "--wrong", at=own).code == 2


def test_missed_objection_becomes_a_finding(own: Path) -> None:
    """What a person heard is evidence like any other, and survives the next run."""
    assert callmine("correct", "--missed", "REC-1:2", "--label", "trust", at=own).code == 0
    listed = callmine("findings", "--json", "--label", "trust", at=own).json
    (found,) = [f for f in listed if f["extractor"] == "person/1"]
    assert found["text"] == "I see, let us look at what it saves."
    for bad in ("REC-1:99", "REC-1", "nobody:1"):
        assert callmine("correct", "--missed", bad, "--label", "trust", at=own).code == 2


def test_swapped_roles_apply_at_the_next_run(own: Path) -> None:
    """After ``--roles --swap`` and a run the other person is the rep, by a person's word."""
    assert callmine("correct", "--roles", "REC-2", "--swap", at=own).code == 0
    assert callmine("run", "--jobs", "1", at=own).code == 0
    shown = callmine("transcript", "REC-2", "--json", at=own).json
    first = shown["utterances"][0]
    assert (first["role"], first["role_source"], first["role_confidence"]) == ("prospect", "person", 1.0)


def test_roles_are_told_voice_by_voice(own: Path) -> None:
    """So that a second swap, which takes the first one back, is seen."""
    told = callmine("correct", "--roles", "REC-2", "--swap", at=own)
    assert told.out.splitlines() == [
        "second.json: roles swapped",
        "  Maya Linden: prospect",
        "  Petra Voss: rep",
        "next: callmine run",
    ]
    again = callmine("correct", "--roles", "REC-2", "--swap", at=own).out
    assert again.startswith("second.json: roles swapped\n  Maya Linden: rep\n")
    assert "roles confirmed" in callmine("correct", "--roles", "REC-2", at=own).out


@pytest.mark.parametrize(
    ("channels", "speaker", "hint"),
    [
        (1, None, "turn by turn"),
        (2, None, "rep_channel (left or right)"),
        (0, "Someone", "Name the rep, and participants"),
        (0, None, "does not name its speakers"),
    ],
)
def test_hint_of_unknown_sides_is_true(
    bench: Workbench, channels: int, speaker: str | None, hint: str
) -> None:
    """What helps depends on how the call was taken in; in one channel nothing in a manifest does."""
    segment = a_segment(speaker=speaker, channel=0 if channels == 2 else None)
    bench.engine.says = {"call.wav": a_transcript(segment, channels=channels)}
    bench.recording()
    bench.run()
    (bench.folder / "callmine.toml").write_text("")
    with pytest.raises(UsageError) as told:
        correct(find_workspace(bench.folder), roles="call.wav")
    assert hint in told.value.hint


def test_missed_of_an_unknown_speaker_is_said_not_to_count(own: Path) -> None:
    """It is kept; only what prospects said is counted."""
    call = next(c for c in callmine("calls", "--json", at=own).json if c["source"] == HOSTILE)
    unknown = callmine("correct", "--missed", f"{call['call_id']}:1", "--label", "price", at=own)
    assert "not counted until it is known who said it" in unknown.out
    rep = callmine("correct", "--missed", "REC-1:2", "--label", "trust", at=own)
    assert "not counted: our rep said it" in rep.out
    prospect = callmine("correct", "--missed", "REC-1:1", "--label", "trust", at=own)
    assert "not counted" not in prospect.out


def test_link_by_hand_stays(own: Path) -> None:
    """A link that a person made, or took away, is not made again by a run."""
    assert callmine("correct", "--link", "REC-2", "none", at=own).code == 0
    assert callmine("correct", "--link", "REC-1", "D-2", at=own).code == 0
    assert callmine("run", "--jobs", "1", at=own).code == 0
    deals = {row["source"]: row["deal_id"] for row in callmine("calls", "--json", at=own).json}
    assert (deals["first.vtt"], deals["second.json"]) == ("D-2", None)
    assert callmine("correct", "--link", "REC-1", "D-9", at=own).code == 2


def test_why_there_was_no_link_is_not_said_of_a_linked_call(own: Path) -> None:
    """What the link stage remarked is not shown once a person links the call; it stays for none."""

    def remarks() -> str:
        return "\n".join(callmine("calls", HOSTILE, "--json", at=own).json["notes"])

    why = "Nothing to go on: the call states no deal"
    assert why in remarks()
    callmine("correct", "--link", HOSTILE, "none", at=own)
    assert why in remarks()
    assert callmine("correct", "--link", HOSTILE, "D-1", at=own).code == 0
    assert why not in remarks()


def test_queue_shows_what_is_least_certain(own: Path) -> None:
    """The queue lists open objections; a judged one leaves it for good, until there are none."""
    lines = callmine("correct", "--queue", at=own).out.splitlines()
    rows = callmine("correct", "--queue", "--json", at=own).json
    assert [row["finding_id"] for row in rows] == [line.split()[0] for line in lines] != []
    assert len(callmine("correct", "--queue", "--limit", "1", at=own).out.splitlines()) == 1
    judged: list[str] = []
    while told := callmine("correct", "--queue", "--limit", "1", at=own).out:
        assert told.split()[0] not in judged
        judged.append(told.split()[0])
        callmine("correct", judged[-1], "--right", at=own)
    assert len(judged) == len(callmine("findings", "--kind", "objection", "--json", at=own).json)
    told = callmine("correct", "--queue", at=own)
    assert (told.code, told.out, told.err) == (0, "", "nothing is waiting for a look\n")


def test_queue_shows_who_spoke_and_those_nobody_knows_last(bench: Workbench) -> None:
    """What cannot be counted whatever is said of it is marked, and comes after what can."""
    bench.recording("a.wav", rep_channel="left")
    bench.engine.says = {"b.wav": a_transcript(a_segment("The price is too high."))}
    bench.recording("b.wav")
    bench.run()
    (bench.folder / "callmine.toml").write_text("")
    lines = callmine("correct", "--queue", at=bench.folder).out.splitlines()
    assert ["  prospect  a.wav @" in line for line in lines] == [True, True, False]
    assert "  speaker not known (not counted)  b.wav @" in lines[2]


@pytest.mark.parametrize("name", ["csv", "jsonl"])
def test_export_has_what_people_said_of_findings(own: Path, name: str) -> None:
    """Findings are exported with role and verdict, and with the label that a person gave."""
    objection = str(_one(own, "--kind", "objection", "--deal", "D-2")["finding_id"])
    rival = str(_one(own, "--kind", "competitor")["finding_id"])
    callmine("correct", objection, "--label", "authority", at=own)
    callmine("correct", rival, "--wrong", at=own)
    callmine("export", "out", "--format", name, at=own)
    text = (own / "out" / f"findings.{name}").read_text()
    rows = csv.DictReader(text.splitlines()) if name == "csv" else map(json.loads, text.splitlines())
    by_id = {row["finding_id"]: (row["label"], row["role"], row["verdict"]) for row in rows}
    assert by_id[objection] == ("authority", "prospect", "label")
    assert by_id[rival] == ("Lantern", "prospect", "wrong")
    listed = callmine("findings", "--json", at=own).json
    assert {key: value[0] for key, value in by_id.items()} == {
        row["finding_id"]: row["label"] for row in listed
    }


@pytest.mark.parametrize("name", ["csv", "jsonl"])
def test_export_writes_writes_every_table(own: Path, name: str) -> None:
    """One file a table, with the number of rows said."""
    told = callmine("export", "out", "--format", name, at=own)
    files = {p.name for p in (own / "out").iterdir()}
    tables = ("calls", "utterances", "findings", "deals", "deal_history", "links")
    assert files == {f"{t}.{name}" for t in tables}
    assert told.out.count("wrote ") == len(tables)


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=1+1", "'=1+1"),
        (" =1+1", "' =1+1"),
        ("\n=1+1", "'\n=1+1"),
        ("\x0bplain", "'\x0bplain"),
        ("\ufeff=1+1", "'\ufeff=1+1"),
        ("\u200b@x", "'\u200b@x"),
        ("\uff1d1+1", "'\uff1d1+1"),
        ("\uff0b1", "'\uff0b1"),
        ("", ""),
        ("  ", "  "),
        (" we = they", " we = they"),
        (-5, -5),
    ],
)
def test_cells_that_begin_oddly_are_harmless(cell: object, written: object) -> None:
    """Whatever stands before the sign, and whatever its width."""
    assert _harmless(cell) == written


def test_export_cannot_run_formulas(own: Path) -> None:
    """Text that a spreadsheet would run as a formula begins with an apostrophe in CSV."""
    callmine("export", "out", at=own)
    with (own / "out" / "calls.csv").open(newline="") as file:
        accounts = {row["account"] for row in csv.DictReader(file)}
    assert '\'=HYPERLINK("http://x")' in accounts
    for path in (own / "out").iterdir():
        with path.open(newline="") as file:
            cells = [cell for row in csv.reader(file) for cell in row]
        assert not [cell for cell in cells if cell.startswith(("=", "+", "@", "\t", "\r"))]


def test_what_deals_were_since_when_is_exported(own: Path) -> None:
    """A row for each change, since when, and from where it is known; no spreadsheet runs it."""
    (own / "march.csv").write_text(
        "deal_id,stage,outcome,amount,close_date\nD-1,=Demo,open,500,2026-11-30\n"
    )
    callmine("deals", "march.csv", "--delta", "--as-of", "2026-03-31", at=own)
    callmine("export", "out", at=own)
    with (own / "out" / "deal_history.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["deal_id"] == "D-1"]
    first, *others = rows
    assert first == {
        "deal_id": "D-1",
        "since": "2026-04-01T03:59:59Z",
        "origin": "import",
        "stage": "'=Demo",
        "outcome": "open",
        "amount": "500.0",
        "close_date": "2026-11-30",
        "is_gone": "0",
    }
    assert [row["outcome"] for row in others] == ["won"]


def test_no_beginning_hides_a_formula(bench: Workbench) -> None:
    """Whatever a spreadsheet passes over; words after blanks, and signs inside them, stay as they are."""
    (bench.folder / "callmine.toml").write_text("")
    skipped = ("", " ", "\n", "\r\n", "\t", "\x0b", "\x00", "\ufeff", "\u00a0", "\u200b")
    names = [f"{before}{sign}1+1" for before in skipped for sign in "=+-@＝＋－＠"]
    plain = [" a = b", "5 - 1", "(-1)"]
    deals = [a_deal(deal_id=f"D-{n:03}", name=name) for n, name in enumerate([*names, *plain])]
    bench.import_deals(*deals)
    export_tables(find_workspace(bench.folder), bench.folder / "out")
    with (bench.folder / "out" / "deals.csv").open(newline="") as file:
        cells = [row["name"] for row in csv.DictReader(file)]
    assert cells == [*(f"'{name}" for name in names), *plain]
