"""The reading commands: shapes of their JSON, filters, and what people see."""

from __future__ import annotations

import csv
import json
import re
import sqlite3
from pathlib import Path

import pytest
from commands import HOSTILE, PLAYBOOK, callmine, vtt

from callmine.domain import Kind

CALL = (
    "call_id",
    "source",
    "started_at",
    "duration_ms",
    "account",
    "deal_id",
    "outcome",
    "status",
    "reason",
)
FINDING = (
    *("finding_id", "kind", "label", "call_id", "utterance_index", "role", "start", "end", "text"),
    *("start_ms", "score", "extractor", "playbook"),
)
TRANSCRIPT = ("call_id", "source", "language", "engine", "utterances")
UTTERANCE = (
    *("index", "speaker", "role", "role_source", "role_confidence"),
    *("start_ms", "end_ms", "text"),
)


def _findings(place: Path, *filters: str) -> list[dict[str, object]]:
    told = callmine("findings", "--json", *filters, at=place)
    assert told.code == 0, told.err
    return list(told.json)


def test_calls_as_json(spoken: Path) -> None:
    """Every call and every refused file is there, under its file's name, with state and reason."""
    rows = {row["source"]: row for row in callmine("calls", "--json", at=spoken).json}
    assert set(rows) == {"first.vtt", "second.json", "broken.vtt", "refused.vtt", HOSTILE}
    assert all(set(CALL) <= set(row) for row in rows.values())
    first = rows["first.vtt"]
    assert len(first["call_id"]) == 16
    assert (first["started_at"], first["duration_ms"]) == ("2026-09-29T08:00:00Z", 24000)
    assert (first["deal_id"], first["outcome"], first["status"]) == ("D-1", "won", "done")
    assert (rows["broken.vtt"]["status"], rows["refused.vtt"]["status"]) == ("failed", "skipped")
    assert "no consent" in rows["refused.vtt"]["reason"]
    assert rows[HOSTILE]["started_at"] is None


def test_a_file_without_a_call_is_shown_with_its_reason(own: Path, tmp_path: Path) -> None:
    """What `calls` lists `calls FILE` knows: refused, failed and waiting files, by name or path."""
    told = callmine("calls", "refused.vtt", at=own).out
    assert told.startswith("call      none: this file did not become one\n")
    assert "status    skipped (ingest: refused.vtt: no consent to use this recording)" in told
    told = callmine("calls", "broken.vtt", at=own).out
    assert "status    failed (ingest: broken.vtt" in told
    assert "\nnext      " in told
    shown = callmine("calls", "broken.vtt", "--json", at=own).json
    assert (shown["call_id"], shown["source"], shown["speakers"]) == ("", "broken.vtt", [])
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "late.vtt").write_text(vtt((("Maya Linden", f"Hello {folder}."),)))
        callmine("add", tmp_path / folder / "late.vtt", at=own)
    told = callmine("calls", "late.vtt", at=own)
    assert (told.code, "'late.vtt' fits more than one file" in told.err) == (2, True)
    told = callmine("calls", tmp_path / "a" / "late.vtt", at=own)
    assert told.out.startswith("call      none yet: `callmine run` reads this file\n")
    assert callmine("calls", "nowhere.vtt", at=own).code == 2


def test_findings_as_json_are_verbatim(spoken: Path) -> None:
    """Each finding has the contract's keys and is the very span of its utterance."""
    rows = _findings(spoken)
    assert all(set(FINDING) <= set(row) for row in rows)
    said = {}
    for source in ("first.vtt", "second.json"):
        shown = callmine("transcript", source, "--json", at=spoken).json
        said |= {(shown["call_id"], u["index"]): u["text"] for u in shown["utterances"]}
    for row in rows:
        assert said[row["call_id"], row["utterance_index"]][row["start"] : row["end"]] == row["text"]
    assert {"objection", "competitor", "tracker"} <= {row["kind"] for row in rows}


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (("--kind", "competitor"), {"Lantern"}),
        (("--kind", "tracker", "--label", "outage"), {"outage"}),
        (("--kind", "Tracker", "--label", "OUTAGE"), {"outage"}),
        (("--kind", "objection", "--label", "brush_off"), set()),
        (("--label", "lantern", "--deal", "d-1"), {"Lantern"}),
        (("--kind", "competitor", "--outcome", "lost"), set()),
        (("--kind", "objection", "--label", "price", "--outcome", "lost"), {"price"}),
        (("--kind", "competitor", "--role", "rep"), set()),
        (("--kind", "competitor", "--role", "prospect", "--deal", "D-1"), {"Lantern"}),
        (("--kind", "competitor", "--outcome", "lost_competitor"), set()),
        (("--kind", "competitor", "--since", "2026-09-30"), set()),
        (("--kind", "competitor", "--since", "2026-09-29", "--until", "2026-09-29"), {"Lantern"}),
        (("--kind", "competitor", "--until", "2026-09-28"), set()),
        (("--kind", "competitor", "--until", "2026-09-29T00:00"), set()),
        (("--kind", "objection", "--label", "price", "--deal", "D-2"), {"price"}),
        (("--kind", "competitor", "--call", "REC-2"), set()),
        (("--kind", "competitor", "--call", "REC-1"), {"Lantern"}),
        (("--kind", "competitor", "--min-score", "1"), set()),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_findings_are_filtered(spoken: Path, filters: tuple[str, ...], expected: set[str]) -> None:
    """Filters combine; dates are those of the workspace's time zone, the end is exclusive."""
    assert {row["label"] for row in _findings(spoken, *filters)} == expected


def test_findings_are_as_many_as_wanted(spoken: Path) -> None:
    """The first ones, and how many there are in all; JSON has as many."""
    whole = _findings(spoken)
    assert _findings(spoken, "--limit", "2") == whole[:2]
    told = callmine("findings", "--all", "--limit", "2", at=spoken)
    assert told.out.count("“") == 2
    assert told.err.startswith(f"2 of {len(whole)} findings, ")
    told = callmine("findings", "--all", "--limit", "1000", at=spoken)
    assert told.err.startswith(f"{len(whole)} findings, ")


@pytest.mark.parametrize(
    ("filters", "hint"),
    [
        (("--kind", "competitors"), "there is no kind 'competitors' (did you mean 'competitor'?)"),
        (("--label", "prices"), "there is no label 'prices' (did you mean 'price'?)"),
        (
            ("--kind", "competitor", "--label", "LANTREN"),
            "no competitor 'LANTREN' (did you mean 'Lantern'?)",
        ),
        (("--kind", "tracker", "--label", "nobody-has-this"), "Known: outage."),
        (("--deal", "D-9"), "there is no deal 'D-9' (did you mean 'D-"),
        (("--outcome", "loss"), "(did you mean 'lost'?)"),
        (("--call", "frist.vtt"), "there is no call 'frist.vtt' (did you mean 'first.vtt'?)"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_nobody_can_find_is_told(spoken: Path, filters: tuple[str, ...], hint: str) -> None:
    """A filter that fits nothing there is would look like no findings; what was meant is named."""
    told = callmine("findings", *filters, at=spoken)
    assert (told.code, told.out) == (2, "")
    assert hint in told.err


@pytest.mark.parametrize(
    "option", ["--label", "--kind", "--deal", "--outcome", "--call", "--since", "--until"]
)
def test_a_long_filter_is_cut_in_the_error(spoken: Path, option: str) -> None:
    """A paste gone wrong is named by its beginning, not printed again."""
    told = callmine("findings", option, "x" * 90_000, at=spoken)
    assert told.code == 2
    assert "x" * 20 in told.err
    assert len(told.err) < 2_000


def _say(place: Path, kind: Kind, label: str, detail: dict[str, str]) -> str:
    """Store one more finding; return its id."""
    with sqlite3.connect(place / "callmine.db") as db:
        db.row_factory = sqlite3.Row
        old = dict(db.execute("SELECT * FROM findings LIMIT 1").fetchone())
        made = {"finding_id": f"f{len(detail)}{label}".ljust(16, "0"), "kind": kind.value, "label": label}
        row = {**old, **made, "detail": json.dumps(detail)}
        marks = ", ".join("?" * len(row))
        db.execute(f"INSERT INTO findings ({', '.join(row)}) VALUES ({marks})", list(row.values()))
    db.close()
    return str(made["finding_id"])


def test_what_the_playbook_gives_to_say_can_be_listed(own: Path) -> None:
    """Messages by their ids, said or taken up, also some that the playbook has no more; answers by text."""
    with (own / "playbook.toml").open("a") as playbook:
        playbook.write('[[messages]]\nid = "price"\ntext = "It costs little"\n')
        playbook.write('[[messages]]\nid = "never-said"\ntext = "It flies"\n')
    rep = _say(own, Kind.POSITIONING, "rep", {"side": "rep", "message": "fast-close"})
    prospect = _say(
        own, Kind.POSITIONING, "prospect", {"side": "prospect", "a": "", "echoes": "fast-close"}
    )
    answer = _say(own, Kind.ANSWER, "reframing", {"type": "reframing", "playbook": "Compare it, please"})

    def listed(*filters: str) -> set[object]:
        return {row["finding_id"] for row in _findings(own, *filters)}

    assert listed("--label", "fast-close") == {rep, prospect}
    assert listed("--kind", "positioning", "--label", "FAST-CLOSE") == {rep, prospect}
    assert listed("--label", "compare it, please") == {answer}
    assert listed("--label", "never-said") == set()
    assert {row["kind"] for row in _findings(own, "--label", "price")} == {"objection"}
    assert callmine("findings", "--kind", "objection", "--label", "fast-close", at=own).code == 2
    told = callmine("findings", "--kind", "positioning", "--label", "fast-cloze", at=own)
    assert (told.code, "(did you mean 'fast-close'?)" in told.err) == (2, True)
    assert "never-said" in told.err


def test_of_many_labels_the_nearest_are_named(own: Path) -> None:
    """Three hundred names in one line help nobody; how many others there are is said by kind."""
    rivals = "".join(f'[[competitors]]\nname = "Rivalco {n:03}"\n' for n in range(300))
    with (own / "playbook.toml").open("a") as playbook:
        playbook.write(rivals)
    told = callmine("findings", "--label", "Rivalco 0400", at=own)
    assert told.code == 2
    assert "(did you mean 'Rivalco 040'?)" in told.err
    hint = told.err.splitlines()[-1]
    near, others = hint.removeprefix("Nearest: ").split(". Others: ")
    assert near.startswith("Rivalco 040, ")
    assert len(near.split(", ")) == 5
    assert "competitor 296" in others
    assert "objection 1" in others
    nothing = callmine("findings", "--kind", "competitor", "--label", "zzz", at=own).err
    assert nothing.splitlines()[-1] == "Known: competitor 301."


def test_labels_are_known_without_a_playbook_that_can_be_read(own: Path) -> None:
    """What was found can be listed while the playbook is being mended."""
    (own / "playbook.toml").write_text("[company\n")
    assert {row["label"] for row in _findings(own, "--label", "lantern")} == {"Lantern"}


def test_help_names_every_kind_of_finding() -> None:
    """What can be asked for is what there is."""
    told = callmine("findings", "--help").out
    assert {kind for kind in Kind if kind not in told} == set()


def test_findings_for_people(spoken: Path) -> None:
    """With the call's day in the workspace's zone and the outcome; of a name, what was said of it."""
    told = callmine("findings", "--kind", "competitor", at=spoken)
    line, quote = told.out.splitlines()
    assert "  prospect  first.vtt @ 0:15  2026-09-29  " in line
    assert line.endswith("  won")
    assert quote.startswith("    “We also looked at [Lantern] last year, and they were half the price.")
    assert told.err == "1 finding, 1 counted in reports\n"


def test_findings_show_what_was_misheard_and_only_that(own: Path) -> None:
    """By the digest's rule: an alias was heard right, with capitals or without."""
    playbook = own / "playbook.toml"
    alias = 'aliases = ["Lantern Shift"]'
    playbook.write_text(playbook.read_text().replace(alias, f'{alias}\nheard_as = ["lamp turn"]'))
    turns = (
        ("Maya Linden", "What do you use today?"),
        ("Petra Voss", "Today we use Lantern Shift."),
        ("Petra Voss", "Before that we used lantern shift."),
        ("Petra Voss", "And my colleague has used lamp turn."),
    )
    (own / "inbox" / "names.vtt").write_text(vtt(turns))
    assert callmine("run", "-q", "--jobs", "1", at=own).code == 0
    told = callmine("findings", "--call", "names.vtt", "--kind", "competitor", at=own).out
    shown = [line.split("  ")[1] for line in told.splitlines() if not line.startswith(" ")]
    assert shown == ["competitor:Lantern", "competitor:Lantern", "competitor:Lantern [heard: lamp turn]"]


def test_findings_marked_wrong_are_left_out_and_said(own: Path) -> None:
    """People see them with ``--all`` only, and marked; JSON has all of them, with the verdict."""
    ref = _findings(own, "--kind", "competitor")[0]["finding_id"]
    callmine("correct", str(ref), "--wrong", "--by", "Ada Ribeiro", at=own)
    told = callmine("findings", "--kind", "competitor", at=own)
    assert (told.out, told.err) == ("", "0 findings; 1 marked wrong left out, --all shows it\n")
    told = callmine("findings", "--kind", "competitor", "--all", at=own)
    assert "competitor:Lantern [marked wrong by Ada Ribeiro]" in told.out
    assert told.err == "1 finding, none counted in reports\n"
    assert [row["verdict"] for row in _findings(own, "--kind", "competitor")] == ["wrong"]


def test_findings_say_which_of_them_count(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By score or by a person's word, in the list, its last line, JSON and exports alike."""
    row = next(r for r in _findings(own, "--kind", "objection") if r["role"] == "prospect")
    ref = str(row["finding_id"])

    def told(min_score: str) -> tuple[str, str, object, str]:
        monkeypatch.setenv("CALLMINE_DIGEST__MIN_SCORE", min_score)
        listed = callmine("findings", ref, at=own)
        assert callmine("export", own / "out", at=own).code == 0
        with (own / "out" / "findings.csv").open(newline="", encoding="utf-8") as file:
            (exported,) = [r for r in csv.DictReader(file) if r["finding_id"] == ref]
        (shown,) = _findings(own, ref)
        return listed.out.split("  ")[3], listed.err, shown["counts"], exported["counts"]

    assert told("0.01") == ("counts", "1 finding, 1 counted in reports\n", True, "True")
    assert told("1") == ("–", "1 finding, none counted in reports\n", False, "False")
    callmine("correct", ref, "--right", at=own)
    assert told("1")[0] == "counts"
    callmine("correct", ref, "--wrong", at=own)
    assert told("0.01")[0] == "–"


def test_calls_for_people(spoken: Path) -> None:
    """Times are those of the workspace's zone (New York here); what is not known is a dash."""
    lines = {line.split()[-1]: line for line in callmine("calls", at=spoken).out.splitlines()}
    assert "  2026-09-29 04:00  0:24  " in lines["first.vtt"]
    assert "  2026-09-30 06:00  –  " in lines["broken.vtt"]


def test_copies_are_told(own: Path, spoken: Path) -> None:
    """A file with another's content is that call; calls and status say so, rather than nothing."""
    text = (spoken.parent / "calls" / "first.vtt").read_text()
    (own / "inbox" / "copy.vtt").write_text(text)
    (own / "inbox" / "first.vtt").write_text(text)
    assert callmine("run", "--jobs", "1", at=own).code in (0, 6)
    rows = {row["source"]: row for row in callmine("calls", "--json", at=own).json}
    assert len(rows) == 5
    assert {Path(path).name for path in rows["first.vtt"]["copies"]} == {"copy.vtt", "first.vtt"}
    assert rows["second.json"]["copies"] == []
    for words in (("calls",), ("status",)):
        told = callmine(*words, at=own).out.splitlines()
        assert "copy.vtt is the same transcript as first.vtt" in told
        (other,) = [
            line for line in told if line.endswith("/first.vtt is the same transcript as first.vtt")
        ]
        assert other.startswith("/"), "of two files with one name the folder tells which it is"


def test_nobody_known_is_said_in_words(own: Path) -> None:
    """Not ``unknown (unknown)``."""
    (own / "inbox" / "plain.srt").write_text("1\n00:00:01,000 --> 00:00:09,000\nThe zeppelin was late.\n")
    callmine("run", "--jobs", "1", at=own)
    assert "0:01  speaker not known: The zeppelin" in callmine("transcript", "plain.srt", at=own).out
    assert "@ 0:01  speaker not known: The [zeppelin]" in callmine("search", "zeppelin", at=own).out


def test_transcript_as_json_and_text(spoken: Path) -> None:
    """Both ways of asking for JSON agree; roles come with source and confidence."""
    shown = callmine("transcript", "first.vtt", "--format", "json", at=spoken).json
    assert shown == callmine("transcript", "REC-1", "--json", at=spoken).json
    assert set(TRANSCRIPT) <= set(shown)
    assert all(set(UTTERANCE) <= set(u) for u in shown["utterances"])
    roles = {(u["speaker"], u["role"], u["role_source"]) for u in shown["utterances"]}
    assert roles == {("Maya Linden", "rep", "participants"), ("Petra Voss", "prospect", "participants")}
    text = callmine("transcript", shown["call_id"][:6], at=spoken).out
    assert "   1    0:05  Petra Voss (prospect): Honestly, your price is far too high for us." in text


def test_search_takes_words_literally(spoken: Path) -> None:
    """Every word has to be there; operators of the full-text engine mean nothing."""
    rows = callmine("search", "half price", "--json", at=spoken).json
    assert [row["source"] for row in rows] == ["first.vtt"]
    assert rows[0]["start_ms"] == 15000
    for hostile in ('"', "price OR lantern", "text:price", "NEAR(", "*", "'; DROP TABLE calls;--"):
        assert callmine("search", hostile, "--json", at=spoken).json == []
    told = callmine("search", "lantern", at=spoken)
    assert "first.vtt @ 0:15  Petra Voss (prospect)" in told.out
    assert told.err == "1 found\n"


def test_status_as_json(spoken: Path) -> None:
    """Counts, problems with their hints, and the last run's exit code."""
    found = callmine("status", "--json", at=spoken).json
    assert found["calls"] == {"done": 3, "failed": 1, "skipped": 1}
    assert (found["deals"], found["linked"]) == (2, 2)
    assert found["stages"]["ingest"] == {"done": 3, "failed": 1, "skipped": 1}
    assert {p["source"] for p in found["problems"]} == {"broken.vtt", "refused.vtt"}
    assert all(p["hint"] for p in found["problems"] if p["status"] == "failed")
    assert found["last_run"]["exit_code"] == 6


def test_status_of_an_empty_workspace(tmp_path: Path) -> None:
    """Before anything was added, there are no calls, and that is what it says."""
    callmine("init", tmp_path / "place")
    assert callmine("status", at=tmp_path / "place").out.startswith("calls: none yet\n")


def test_digest_in_each_format(own: Path) -> None:
    """The week with calls is chosen; files go to reports/, ``-o -`` to stdout."""
    for name in ("html", "md", "json"):
        told = callmine("digest", "--format", name, at=own)
        path = own / "reports" / f"digest-2026-W40.{name}"
        assert told.out == f"wrote {path}\n"
        assert path.is_file()
    printed = callmine("digest", "--week", "2026-W40", "--format", "json", "-o", "-", at=own)
    assert printed.json == json.loads((own / "reports" / "digest-2026-W40.json").read_text())
    by_ending = {"a.md": "#", "a.json": "{", "a.html": "<!"}
    for name, begins in by_ending.items():
        callmine("digest", "-o", name, at=own)
        assert Path(own, name).read_text().lower().startswith(begins), name
    told = callmine("digest", "-o", "a.docx", at=own)
    assert (told.code, "Known: html, md, json" in told.err, Path(own, "a.docx").exists()) == (
        2,
        True,
        False,
    )
    callmine("digest", "--format", "md", "-o", "a.json", at=own)
    assert Path(own, "a.json").read_text().startswith("#"), "what is said counts more than an ending"
    callmine("digest", "--format", "md", "-o", "deep/er/this.md", at=own)
    assert (own / "deep" / "er" / "this.md").is_file()


def test_playbook_check_as_text_and_json(spoken: Path, tmp_path: Path) -> None:
    """A sound playbook is counted and has a version; a file can be named outside a workspace."""
    mine = tmp_path / "mine.toml"
    mine.write_text(PLAYBOOK + '[[competitors]]\nname = "R"\naliases = ["R studio", "!!!"]\n')
    odd = callmine("playbook", "check", mine, at=tmp_path)
    assert odd.code == 0
    assert re.findall(r"ever found by the name ('.+?'):", odd.err) == ["'R'", "'!!!'"]
    mine.write_text(PLAYBOOK + '[[objections]]\nlabel = "data_residency"\nexamples = ["no"]\n')
    short = callmine("playbook", "check", mine, at=tmp_path)
    assert short.code == 0
    assert "note: objection label 'data_residency': 'no' is not compared" in short.err
    mine.write_text(PLAYBOOK)
    told = callmine("playbook", "check", mine, at=tmp_path)
    assert told.err == ""
    assert "1 competitor, 12 objection labels, 0 messages, 1 tracker " in told.out
    found = callmine("playbook", "check", "--json", at=spoken).json
    assert found["playbook"] in told.out
    assert found["company"]["name"] == "Larkmoor"


def test_models_and_doctor_as_json(spoken: Path) -> None:
    """Models tell whether they are here and intact; every check tells what it found."""
    models = {m["name"]: m for m in callmine("models", "list", "--json", at=spoken).json}
    assert {"base", "tiny.en", "en_core_web_sm"} <= set(models)
    assert set(models["base"]) >= {"kind", "size", "licence", "present", "verified", "sources"}
    table = callmine("models", "list", at=spoken).out.splitlines()
    assert next(line.split()[2] for line in table if line.startswith("large-v3 ")) == "–"
    checks = {c["what"]: c for c in callmine("doctor", "--json", at=spoken).json}
    assert {"Python", "playbook", "database", "recordings", "dates", "disk"} <= set(checks)
    assert checks["dates"]["ok"] is False
    assert checks["database"]["found"] == "3 calls"


def test_evaluate_as_json(tmp_path: Path, model_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Gold lines are measured outside of any workspace; without a playbook competitors are null."""
    monkeypatch.setenv("CALLMINE_MODELS", str(model_folder))
    monkeypatch.delenv("CALLMINE_WORKSPACE", raising=False)
    line = {"role": "prospect", "before": [], "objections": [], "competitors": [], "positioning": None}
    gold = tmp_path / "gold.jsonl"
    gold.write_text(
        json.dumps(
            {"id": "1", "text": "That is far too expensive for us.", **line, "objections": ["price"]}
        )
        + "\n"
        + json.dumps({"id": "2", "text": "See you on Monday then.", **line})
        + "\n"
    )
    out = tmp_path / "predictions.jsonl"
    told = callmine("evaluate", gold, "--predictions", out, "--json", at=tmp_path)
    assert told.code == 0, told.err
    assert told.json["n"] == 2
    assert set(told.json["objection_any"]) == {"support", "predicted", "precision", "recall", "f1"}
    assert told.json["competitor_any"] is None
    lines = [json.loads(text) for text in out.read_text().splitlines()]
    assert [set(p) for p in lines] == [{"id", "objections", "competitors", "positioning"}] * 2
