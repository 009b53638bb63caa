"""The ``deals`` command: older exports, history, suggestions, the list, one deal, outcomes judged again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from commands import DEALS, PLAYBOOK, callmine

from callmine.errors import NothingReadable, UsageError
from callmine.operations.deals import import_deals, import_history, known_at
from callmine.store import Store
from callmine.workspace import Workspace, find_workspace

HEAD = "deal_id,name,account,stage,outcome,amount,currency,created_at,close_date,loss_reason\n"


def table(folder: Path, *rows: str, head: str = HEAD) -> Path:
    """Write an export of those rows."""
    path = folder / "export.csv"
    path.write_text(head + "".join(f"{row}\n" for row in rows))
    return path


@pytest.fixture
def place(own: Path) -> Workspace:
    """A workspace of two calls and two deals, and of nobody else."""
    return find_workspace(own)


def test_the_list_is_by_close_date(own: Path, tmp_path: Path) -> None:
    """Every deal with its money and its calls; filters by outcome and close date; the same in JSON."""
    rows = callmine("deals", "--json", at=own).json
    assert [(r["deal_id"], r["outcome"], r["calls"]) for r in rows] == [
        ("D-2", "lost_competitor", 1),
        ("D-1", "won", 1),
    ]
    told = callmine("deals", at=own).out.splitlines()
    header = "deal name account stage outcome amount closes calls loss reason"
    assert " ".join(told[0].split()) == header
    assert "€9,000" in told[1]
    for filters, expected in (
        (("--outcome", "lost"), ["D-2"]),
        (("--outcome", "WON"), ["D-1"]),
        (("--since", "2026-10-05"), ["D-1"]),
        (("--until", "2026-10-05"), ["D-2", "D-1"]),
        (("--until", "2026-10-04"), ["D-2"]),
        (("--since", "2026-10-03", "--until", "2026-10-04"), []),
    ):
        assert [r["deal_id"] for r in callmine("deals", "--json", *filters, at=own).json] == expected
    callmine("deals", table(tmp_path, DEALS.splitlines()[1]), at=own)
    told = callmine("deals", at=own)
    assert (told.out.count("D-2"), "1 deal more that the last full import no longer held" in told.err) == (
        0,
        True,
    )


def test_an_empty_list_says_what_to_do(tmp_path: Path) -> None:
    """No deal, no error."""
    callmine("init", tmp_path / "a")
    told = callmine("deals", at=tmp_path / "a")
    assert (told.code, "there are no deals yet" in told.err) == (0, True)


def test_one_deal_with_its_history_and_calls(own: Path) -> None:
    """All its fields, since when what was so, and which calls are tied to it by what."""
    shown = callmine("deals", "--show", "D-2", "--json", at=own).json
    assert (shown["deal"]["loss_reason"], shown["deal"]["is_gone"]) == ("Lantern", False)
    assert [h["stage"] for h in shown["history"]] == ["Closed Lost"]
    (call,) = shown["calls"]
    assert (call["rule"], call["confidence"], call["is_after_close"]) == ("deal_id", 1.0, False)
    told = callmine("deals", "--show", "D-2", at=own).out
    assert "loss_reason     Lantern\n" in told
    assert "by deal_id, 100% sure" in told
    told = callmine("deals", "--show", "D-22", at=own)
    assert (told.code, "there is no deal 'D-22' (did you mean 'D-2'?)" in told.err) == (2, True)


def test_a_call_after_the_close_is_marked(own: Path, tmp_path: Path) -> None:
    """By the close date that the CRM tells now; while a deal is open nothing is after its close."""
    row = "D-2,Vellmore,Vellmore Clinics,{},{},9000,EUR,2026-09-01,2026-09-29,"
    for stage, outcome, after in (("Closed Lost", "lost", True), ("Demo", "open", None)):
        callmine("deals", table(tmp_path, row.format(stage, outcome)), "--delta", at=own)
        (call,) = callmine("deals", "--show", "D-2", "--json", at=own).json["calls"]
        assert call["is_after_close"] is after


def test_a_deal_in_the_place_of_a_call_is_told(own: Path) -> None:
    """It is a deal; what to type instead is said."""
    for words in (("calls", "D-2"), ("transcript", "D-2")):
        told = callmine(*words, at=own)
        assert told.code == 2
        assert "D-2 is a deal, and no call" in told.err
        assert "callmine deals --show D-2" in told.err


@pytest.mark.parametrize(
    ("words", "match"),
    [
        (("--delta",), "--delta goes with a FILE"),
        (("--history",), "--history goes with a FILE"),
        (("x.csv", "--show", "D-1"), "--show lists deals"),
        (("--show", "D-1", "--outcome", "won"), "--outcome does not go with --show"),
        (("x.csv", "--history", "--delta"), "--delta does not go with --history"),
        (("x.csv", "--suggest-mapping", "--mapping", "m.toml"), "--mapping does not go with"),
        (("x.csv", "--suggest-mapping", "--json"), "prints TOML"),
        (("x.csv", "--as-of", "yesterday"), "'yesterday' is not a date"),
        (("x.csv", "--as-of", "2999-01-01"), "is not over yet"),
        (("--outcome", "wonn"), "did you mean 'won'"),
        (("--since", "May"), "'May' is not a date"),
        (("--since", "2026-10-05", "--until", "2026-10-04"), "before it begins on 2026-10-05"),
    ],
)
def test_options_that_do_not_go_together(own: Path, words: tuple[str, ...], match: str) -> None:
    """Each is wrong usage, and says so."""
    told = callmine("deals", *words, at=own)
    assert told.code == 2
    assert match in told.err


def test_a_suggestion_can_be_redirected_and_used(own: Path, tmp_path: Path) -> None:
    """The mapping alone is on stdout; it needs no workspace; an import with it works."""
    export = table(
        tmp_path,
        "1,x,Acme,Closed Won,1.200,28.03.2026",
        "2,y,Acme,Closed Lost,1.234,01.04.2026",
        head="Record ID;Deal Name;Company;Deal Stage;Amount in EUR;Close Date\n".replace(";", ","),
    )
    told = callmine("deals", export, "--suggest-mapping", at=tmp_path)
    assert told.code == 0
    assert "with this mapping 2 deals can be read (1 lost_unknown, 1 won)" in told.err
    assert "# decimal is ambiguous" in told.out
    (tmp_path / "crm.toml").write_text(told.out.replace('# decimal = ","', 'decimal = ","'))
    assert callmine("deals", export, "--mapping", tmp_path / "crm.toml", at=own).code == 0
    (row,) = [r for r in callmine("deals", "--json", at=own).json if r["deal_id"] == "1"]
    assert (row["amount"], row["currency"], row["close_date"]) == (1200.0, "EUR", "2026-03-28")


def test_an_older_export_says_what_was(place: Workspace, tmp_path: Path) -> None:
    """Known when that day ended in the workspace's zone; today's state stays; calls get their stage."""
    row = "D-1,Brennholt: ovens,Brennholt Bakeries,Demo,open,40000,EUR,2026-09-01,2026-12-31,"
    told = callmine("deals", table(tmp_path, row), "--as-of", "2026-09-20", "--delta", at=place.root)
    first, note = told.out.splitlines()[:2]
    assert (
        first == "1 deal as of 2026-09-20: 0 new, 0 changed, 0 unchanged, 0 gone, 1 in their history only"
    )
    assert note.startswith(
        "note: 1 deal is known from newer exports, which still say how things stand today;"
    )
    shown = callmine("deals", "--show", "D-1", "--json", at=place.root).json
    assert (shown["deal"]["stage"], shown["deal"]["amount"]) == ("Closed Won", 48000.0)
    first = shown["history"][0]
    assert (first["since"], first["stage"]) == (known_at("2026-09-20", place.settings.timezone), "Demo")
    calls = {c["deal_id"]: c for c in callmine("calls", "--json", at=place.root).json}
    assert (calls["D-1"]["stage_at_call"], calls["D-1"]["outcome_at_call"]) == ("Demo", "open")
    assert (calls["D-2"]["stage_at_call"], calls["D-2"]["outcome_at_call"]) == (None, None)


@pytest.mark.parametrize(
    ("text", "zone", "expected"),
    [
        ("2026-09-20", "Europe/Berlin", "2026-09-20T21:59:59Z"),
        ("2026-09-20", "UTC", "2026-09-20T23:59:59Z"),
        ("2026-09-20T18:00", "Europe/Berlin", "2026-09-20T16:00:00Z"),
        ("2026-09-20T18:00:00+00:00", "Europe/Berlin", "2026-09-20T18:00:00Z"),
    ],
)
def test_a_day_is_known_when_it_ends(text: str, zone: str, expected: str) -> None:
    """An export of a day tells what was so in the end; an instant is itself."""
    assert known_at(text, zone) == expected


@pytest.mark.parametrize("text", ["0001-01-01", "0900-01-01", "1969-12-31"])
def test_a_year_that_cannot_be_is_refused(text: str) -> None:
    """Kept as an instant it could not be read again, and every later report would end there."""
    with pytest.raises(UsageError, match="is not a date"):
        known_at(text, "UTC")


@pytest.mark.parametrize(
    ("content", "code", "match"),
    [
        (None, 2, "there is no such file"),
        (b"id\nD-1\n", 2, "--suggest-mapping > crm.toml` writes a first mapping"),
        (b"", 4, "the file is empty"),
        (b"\x89PNG\r\n\x1a\n\x81\x8d", 4, "not cp1252 text"),
        (b'[{"deal_id": "D-1"', 4, "not valid JSON"),
        (b"deal_id,stage\n", 4, "the file has a header and no rows\nExport it again"),
        (b"deal_id,stage\n,Demo\n", 4, "no deal could be read"),
    ],
)
def test_what_cannot_be_read_has_the_contracts_code(
    own: Path, tmp_path: Path, content: bytes | None, code: int, match: str
) -> None:
    """2: it is not there, or its columns are not known. 4: it is there, and nothing of it can be read."""
    path = tmp_path / "export.csv"
    if content is not None:
        path.write_bytes(content)
    told = callmine("deals", path, at=own)
    assert told.code == code, told.err
    assert match in told.err


def test_histories_and_suggestions_have_the_codes_of_an_import(own: Path, tmp_path: Path) -> None:
    """What is no table for an import is none for them."""
    (tmp_path / "empty.csv").write_bytes(b"")
    (tmp_path / "header.csv").write_text("deal_id,at,stage\n")
    for option in ("--history", "--suggest-mapping"):
        assert callmine("deals", tmp_path / "empty.csv", option, at=own).code == 4
        assert callmine("deals", tmp_path / "none.csv", option, at=own).code == 2
    told = callmine("deals", tmp_path / "header.csv", "--history", at=own)
    assert (told.code, "a header and no rows" in told.err) == (4, True)


def test_the_crms_history_is_taken_in(place: Workspace, tmp_path: Path) -> None:
    """Twice is once; unknown deals are named with their line; endings get the deal's own outcome."""
    path = tmp_path / "history.csv"
    path.write_text(
        "Opportunity ID,To Stage,Last Modified\nD-2,Demo,2026-09-02T09:00:00Z\n"
        "D-2,Closed Lost,2026-10-02T09:00:00Z\nD-9,Demo,2026-09-02T09:00:00Z\n"
    )
    told = callmine("deals", path, "--history", at=place.root)
    assert told.out.startswith("2 changes of deals: 2 new\n")
    assert "history.csv:4 (D-9): no such deal; the row is left out" in told.err
    assert (told.code, "1 row left out; mend what is named above" in told.err) == (6, True)
    told = callmine("deals", path, "--history", "--json", at=place.root)
    again = told.json
    assert (again["entries"], again["new"], len(again["problems"])) == (2, 0, 1)
    assert (again["left_out"], told.code) == (1, 6)
    history = callmine("deals", "--show", "D-2", "--json", at=place.root).json["history"]
    assert [(h["stage"], h["outcome"]) for h in history] == [
        ("Demo", "open"),
        ("Closed Lost", "lost_competitor"),
        ("Closed Lost", "lost_competitor"),
    ], "the import adds the amount"
    path.write_text("deal_id,at,stage\nD-9,2026-09-02,Demo\n")
    with pytest.raises(NothingReadable, match="no such deal"):
        import_history(place, path)


def test_ids_of_15_and_18_characters_are_one_deal(place: Workspace, tmp_path: Path) -> None:
    """Whichever was first is kept, in later exports and in histories; two long ids stay two."""
    long, short = "0061I00000ABCDEQAZ", "0061I00000ABCDE"
    head = "deal_id,stage\n"
    for deal_id, changes in ((long, (1, 0)), (short, (0, 0)), ("0061I00000ABCDEQAB", (1, 0))):
        done = import_deals(place, table(tmp_path, f"{deal_id},Demo", head=head), delta=True).changes
        assert (done.new, done.changed) == changes
    (tmp_path / "h.csv").write_text(f"deal_id,at,stage\n{short},2026-09-01,Demo\n")
    with pytest.raises(NothingReadable):
        import_history(place, tmp_path / "h.csv")  # it may be either of the two
    with Store(place.database) as store:
        assert {d.deal_id for d in store.deals()} >= {long, "0061I00000ABCDEQAB"}


def test_an_id_is_typed_in_either_length(own: Path, tmp_path: Path) -> None:
    """The short form of a long id and the long one of a short id open the deal, as ids in a file do."""
    pairs = (("0061I00000ABCDEQAZ", "0061I00000ABCDE"), ("0061I00000FGHIJ", "0061I00000FGHIJQAR"))
    for known, typed in pairs:
        callmine("deals", table(tmp_path, f"{known},Demo", head="deal_id,stage\n"), "--delta", at=own)
        assert callmine("deals", "--show", typed, "--json", at=own).json["deal"]["deal_id"] == known
        assert callmine("findings", "--deal", typed, "--json", at=own).json == []
        told = callmine("correct", "--link", "REC-1", typed, at=own)
        assert f"first.vtt belongs to {known}, whatever the rules say" in told.out, told.err
        assert len(callmine("findings", "--deal", typed, "--json", at=own).json) > 1
    assert (
        "there is no deal '0061I00000ABCDX'" in callmine("deals", "--show", "0061I00000ABCDX", at=own).err
    )


def test_outcomes_are_judged_again_when_the_playbook_learns_a_name(
    place: Workspace, tmp_path: Path
) -> None:
    """By the next run, without a new import, by the mapping of then; history keeps when it was learnt."""
    (tmp_path / "m.toml").write_text('[loss_reasons]\nlost_no_decision = ["chose rosterwick later"]\n')
    export = table(
        tmp_path,
        "L-1,x,A,Closed Lost,lost,1,EUR,,2026-09-01,Chose Rosterwick",
        "L-2,x,A,Closed Lost,lost,1,EUR,,2026-09-01,Chose Rosterwick later",
        "L-3,x,A,Closed Lost,lost,1,EUR,,2026-09-01,Price",
        "L-4,x,A,Closed Lost,lost,1,EUR,,2026-09-01,Chose Lantern",
    )
    told = callmine("deals", export, "--mapping", tmp_path / "m.toml", "--delta", at=place.root)
    assert "these sound like competitors that the playbook does not know: Rosterwick;" in told.out

    def outcomes() -> dict[str, str]:
        rows = callmine("deals", "--json", at=place.root).json
        return {r["deal_id"]: r["outcome"] for r in rows if r["deal_id"].startswith("L-")}

    assert outcomes() == {
        "L-1": "lost_other",
        "L-2": "lost_no_decision",
        "L-3": "lost_other",
        "L-4": "lost_competitor",
    }
    assert "judged again" not in callmine("run", "--quiet", at=place.root).out
    place.playbook.write_text(PLAYBOOK + '[[competitors]]\nname = "Rosterwick"\n')
    told = callmine("run", "--quiet", at=place.root)
    assert "1 outcome judged again: the playbook's competitors changed" in told.out
    assert outcomes()["L-1"] == "lost_competitor"
    assert "judged again" not in callmine("run", "--quiet", at=place.root).out
    with Store(place.database) as store:
        assert [(h["outcome"], h["origin"]) for h in store.history_of("L-1")] == [
            ("lost_other", "import"),
            ("lost_competitor", "playbook"),
        ]
    place.playbook.write_text(PLAYBOOK)
    assert callmine("run", "--quiet", "--json", at=place.root).json["judged"] == 1
    assert outcomes()["L-1"] == "lost_other"


def test_reasons_are_kept_as_labels(place: Workspace, tmp_path: Path) -> None:
    """With the deal, so that reports need no mapping; a changed mapping changes them at the next import."""
    export = table(tmp_path, "L-1,x,A,Closed Lost,lost,1,EUR,,2026-09-01,Too expensive and no API")

    def labels() -> object:
        return callmine("deals", "--show", "L-1", "--json", at=place.root).json["deal"]["reason_labels"]

    import_deals(place, export, delta=True)
    assert labels() == ["integration", "price"]
    (tmp_path / "m.toml").write_text('[reason_labels]\nfeature_gap = ["no api"]\n')
    assert import_deals(place, export, mapping=tmp_path / "m.toml", delta=True).changes.unchanged == 1
    assert labels() == ["feature_gap"]


def test_stages_of_one_pipeline_only(place: Workspace, tmp_path: Path) -> None:
    """HubSpot's internal ids mean something with their pipeline; what names both goes first."""
    (tmp_path / "m.toml").write_text('[outcome]\nlost = ["4711"]\nwon = ["Renewals / 4711"]\n')
    rows = [
        {"deal_id": str(n), "stage": "4711", "pipeline": p} for n, p in enumerate(["sales", "RENEWALS"])
    ]
    (tmp_path / "d.json").write_text(json.dumps(rows))
    import_deals(place, tmp_path / "d.json", mapping=tmp_path / "m.toml", delta=True)
    with Store(place.database) as store:
        found = {d.deal_id: d.outcome for d in store.deals()}
    assert (found["0"], found["1"]) == ("lost_unknown", "won")


def test_a_mapping_with_faults_is_refused_at_once(place: Workspace, tmp_path: Path) -> None:
    """Also in the new sections, with what is known."""
    (tmp_path / "m.toml").write_text('[history]\nstages = "x"\n[reason_labels]\nprise = "y"\n')
    with pytest.raises(UsageError) as caught:
        import_history(place, table(tmp_path, "D-1,2026-09-01,x"), mapping=tmp_path / "m.toml")
    assert "did you mean 'stage'" in caught.value.message
    assert "did you mean 'price'" in caught.value.message


def test_a_row_that_cannot_be_read_is_no_deal_that_is_gone(place: Workspace, tmp_path: Path) -> None:
    """A full export with a broken quote: that row may be any deal that is not found, so none is gone."""
    broken = table(tmp_path, 'D-1,"Brennholt,Brennholt Bakeries,Open,open,1,EUR,2026-09-01,,')
    good = 'D-3,"New",Acme,Open,open,1,EUR,2026-09-01,,\n'
    broken.write_text(broken.read_text() + good)
    done = import_deals(place, broken)
    assert done.changes.gone == 0
    (warning,) = done.warnings
    assert warning.startswith("a row could not be read, so 2 deals that were known before")
    mended = import_deals(place, table(tmp_path, good.strip()))
    assert mended.changes.gone == 2


@pytest.mark.parametrize("flags", [(), ("--json",)])
def test_rows_left_out_are_in_the_exit_code(
    place: Workspace, tmp_path: Path, flags: tuple[str, ...]
) -> None:
    """6 as everywhere, said on stderr; an empty value, a double and a report's footer leave none out."""
    whole = (
        "D-1,x,A,Won,won,12k,EUR,2026-02-30,,",
        "D-1,x,A,Won,won,1,EUR,,,",
        "Grand Totals (2),,,,,,,,,",
    )
    told = callmine("deals", table(tmp_path, *whole), "--delta", *flags, at=place.root)
    assert (told.code, "left out; mend" in told.err) == (0, False)
    told = callmine("deals", table(tmp_path, *whole, ",no id,A,Won,won,1,EUR,,,"), *flags, at=place.root)
    assert told.code == 6
    assert "1 row left out; mend what is named above and take the file in again" in told.err
    assert not flags or told.json["left_out"] == 1


def test_a_suggestion_asks_the_playbook(place: Workspace, tmp_path: Path) -> None:
    """In a workspace its competitors are known by name, as in an import; one that is none is told."""
    export = table(tmp_path, "1,Brenn,A,Closed Lost,lost,1,EUR,,2026-09-01,Lantern had it all")
    told = callmine("deals", export, "--suggest-mapping", at=place.root)
    assert "1 lost_competitor" in told.err
    assert "Lantern had" not in told.out
    assert "1 lost_other" in callmine("deals", export, "--suggest-mapping", at=tmp_path).err
    told = callmine("deals", export, "--suggest-mapping", "-w", tmp_path / "none", at=place.root)
    assert (told.code, "is not a callmine workspace" in told.err) == (2, True)
