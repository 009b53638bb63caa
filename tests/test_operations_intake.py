"""Taking in: which files count as calls, what the inbox holds, and consent."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from commands import SECOND, vtt

from callmine.errors import NothingReadable, UsageError
from callmine.operations.deals import import_deals
from callmine.operations.intake import add_paths, find_calls, scan_inbox
from callmine.operations.running import run_workspace
from callmine.operations.transcripts import write_transcript
from callmine.operations.workspaces import init_workspace
from callmine.store import Store
from callmine.workspace import Workspace, find_workspace


@pytest.fixture
def place(tmp_path: Path) -> Workspace:
    """An empty workspace."""
    init_workspace(tmp_path / "place")
    return find_workspace(tmp_path / "place")


def _sources(place: Workspace) -> dict[str, dict[str, object]]:
    with Store(place.database) as store:
        return {Path(row["path"]).name: row for row in store.table_rows("sources")}


def test_calls_in_a_folder(tmp_path: Path) -> None:
    """Recordings and transcripts count, at any depth; sidecars, hidden and other files do not."""
    for name in ("a.WAV", "a.json", "b/c.vtt", "b/.hidden.mp3", ".git/x.mp3", "notes.pdf", "d.json"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
    found = [path.relative_to(tmp_path).as_posix() for path in find_calls(tmp_path)]
    assert found == ["a.WAV", "b/c.vtt", "d.json"]


def test_facts_of_manifest_and_sidecar_are_merged(place: Workspace, tmp_path: Path) -> None:
    """The manifest wins over ``NAME.json`` beside the recording, key by key."""
    (tmp_path / "a.wav").touch()
    (tmp_path / "a.json").write_text(json.dumps({"account": "Side", "title": "From the sidecar"}))
    (tmp_path / "m.csv").write_text("path,account\na.wav,Main\n")
    taken = add_paths(place, [], manifest=tmp_path / "m.csv")
    assert (taken.new, taken.problems) == (1, ())
    facts = json.loads(str(_sources(place)["a.wav"]["facts"]))
    assert (facts["account"], facts["title"]) == ("Main", "From the sidecar")


def test_a_refused_row_keeps_its_file_out(place: Workspace, tmp_path: Path) -> None:
    """The fault may stand where "no consent" was meant, so the file waits until the row is mended."""
    (tmp_path / "in").mkdir()
    for name in ("a.vtt", "b.vtt"):
        (tmp_path / "in" / name).write_text(vtt(SECOND))
    (tmp_path / "m.csv").write_text("path,consent\nin/a.vtt,nein?\nin/b.vtt,yes\n")
    taken = add_paths(place, [tmp_path / "in"], manifest=tmp_path / "m.csv")
    assert set(_sources(place)) == {"b.vtt"}
    assert (taken.new, taken.problems[0].where) == (1, "m.csv:2")


def test_a_call_whose_row_turns_faulty_stays_and_is_told(place: Workspace, tmp_path: Path) -> None:
    """Somebody who meant "no" must see that the call is still there; the exit code says so, too."""
    (tmp_path / "a.vtt").write_text(vtt(SECOND))
    (tmp_path / "b.vtt").write_text(vtt(SECOND))
    manifest = tmp_path / "m.csv"
    manifest.write_text("path,external_id,deal_id,consent\na.vtt,REC-1,D-1,yes\nb.vtt,REC-2,D-2,yes\n")
    assert add_paths(place, [], manifest=manifest).exit_code == 0
    manifest.write_text("path,external_id,deal_id,consent\na.vtt,REC-1,D-1,nein\nb.vtt,REC-2,D-2,yes\n")
    taken = add_paths(place, [], manifest=manifest)
    assert (taken.exit_code, taken.left_out) == (6, 1)
    stays, row = taken.problems
    assert (
        "a.vtt: a row of it is faulty, so the call taken in before stays as it was (consent: yes)"
        in stays.what
    )
    assert row.where == "m.csv:2 (REC-1)"
    manifest.write_text("path,consent\na.vtt,nein\n")
    with pytest.raises(UsageError, match=r"no row of m\.csv could be used") as raised:
        add_paths(place, [tmp_path / "a.vtt"], manifest=manifest)
    assert "stays as it was (consent: yes)" in raised.value.message
    manifest.write_text('path,consent\na.vtt,"yes\n')
    with pytest.raises(UsageError, match="stays as it was"):
        add_paths(place, [tmp_path / "a.vtt"], manifest=manifest)


def test_a_sidecar_that_turns_faulty_is_told_likewise(place: Workspace, tmp_path: Path) -> None:
    """The file beside a recording may hold the "no", too."""
    (tmp_path / "a.wav").touch()
    assert add_paths(place, [tmp_path / "a.wav"]).new == 1
    (tmp_path / "a.json").write_text('{"consent": "nein"}')
    taken = add_paths(place, [tmp_path / "a.wav"])
    assert taken.exit_code == 2
    assert "the call taken in before stays as it was (consent: unknown)" in taken.problems[0].what


def test_a_faulty_row_in_the_inbox_is_told_likewise(place: Workspace) -> None:
    """Calls of the inbox stay, too, when their row can no longer be read."""
    (place.inbox / "a.vtt").write_text(vtt(SECOND))
    (place.inbox / "manifest.csv").write_text("path,consent\na.vtt,yes\n")
    with Store(place.database) as store:
        scan_inbox(place, store)
        (place.inbox / "manifest.csv").write_text("path,consent\na.vtt,nein\n")
        taken = scan_inbox(place, store)
    assert (taken.exit_code, taken.left_out) == (2, 1)
    assert "stays as it was (consent: yes)" in taken.problems[0].what


def test_competitors_in_loss_reasons_come_from_the_playbook(place: Workspace, tmp_path: Path) -> None:
    """Names and aliases; a playbook that is not there leaves the built-in words."""
    (tmp_path / "d.csv").write_text(
        "deal_id,outcome,loss_reason\n1,lost,Went with Lantern\n2,lost,Lost to LS Plan\n"
    )
    place.playbook.write_text(
        '[company]\nname = "X"\n[[competitors]]\nname = "Lantern"\naliases = ["LS Plan"]\n'
    )

    def outcomes() -> list[object]:
        with Store(place.database) as store:
            return [row["outcome"] for row in store.table_rows("deals")]

    assert import_deals(place, tmp_path / "d.csv").notes == ()
    assert outcomes() == ["lost_competitor"] * 2
    place.playbook.unlink()
    assert "not understood" in import_deals(place, tmp_path / "d.csv").notes[0]
    assert outcomes() == ["lost_other"] * 2


def test_an_import_that_takes_most_deals_away_warns(place: Workspace, tmp_path: Path) -> None:
    """More than half of the known deals, and two at least: that is a partial export rather than the CRM."""
    table = tmp_path / "d.csv"

    def warnings(*ids: int, delta: bool = False) -> tuple[str, ...]:
        table.write_text("deal_id,outcome\n" + "".join(f"{n},open\n" for n in ids))
        return import_deals(place, table, delta=delta).warnings

    assert warnings(1, 2, 3, 4) == ()
    assert warnings(1, delta=True) == ()
    assert warnings(1, 2, 3) == ()
    assert warnings(1, 2, 3, 4) == ()
    (warning,) = warnings(1)
    assert warning.startswith("3 of 4 deals are not in this file and count as gone; use --delta")
    assert warnings(5) == ()  # one of one: no pattern


def test_inbox_with_its_manifest(place: Workspace) -> None:
    """What lies in the inbox is taken in with the facts of the manifests there; those are no calls.

    A manifest that cannot be read may say "no consent" of any file that no other one names.
    """
    (place.inbox / "a.vtt").write_text(vtt(SECOND))
    (place.inbox / "b.vtt").write_text(vtt(SECOND))
    (place.inbox / "manifest-1.csv").write_text("path,account\na.vtt,Vellmore\n")
    (place.inbox / "manifest.json").write_text("[ broken")
    with Store(place.database) as store:
        taken = scan_inbox(place, store)
        again = scan_inbox(place, store)
        (place.inbox / "manifest.json").unlink()
        mended = scan_inbox(place, store)
    assert (taken.new, again.new, again.known) == (1, 0, 1)
    assert [p.where.split(":")[0] for p in taken.problems] == ["manifest.json", "b.vtt"]
    assert (mended.new, mended.known, mended.problems) == (1, 1, ())
    rows = _sources(place)
    assert set(rows) == {"a.vtt", "b.vtt"}
    assert json.loads(str(rows["a.vtt"]["facts"]))["account"] == "Vellmore"
    assert rows["a.vtt"]["origin"] == "inbox"


def test_no_inbox_is_no_fault(place: Workspace) -> None:
    """Somebody who removed the folder does not use it."""
    place.inbox.rmdir()
    with Store(place.database) as store:
        assert scan_inbox(place, store).new == 0


def test_nothing_is_added_when_a_path_is_wrong(place: Workspace, tmp_path: Path) -> None:
    """A misspelt path stops before anything is remembered; an empty folder is not readable."""
    (tmp_path / "a.vtt").write_text(vtt(SECOND))
    with pytest.raises(UsageError, match="does not exist"):
        add_paths(place, [tmp_path / "a.vtt", tmp_path / "b.vtt"])
    assert not place.database.exists() or not _sources(place)
    (tmp_path / "empty").mkdir()
    with pytest.raises(NothingReadable):
        add_paths(place, [tmp_path / "empty"])


def test_a_changed_file_is_new_again(place: Workspace, tmp_path: Path) -> None:
    """Size or time decide whether a file has to be looked at again."""
    path = tmp_path / "a.vtt"
    path.write_text(vtt(SECOND))
    assert add_paths(place, [path]).new == 1
    assert add_paths(place, [path]).known == 1
    path.write_text(vtt(SECOND + SECOND))
    assert add_paths(place, [path]).new == 1


@pytest.mark.parametrize("ending", ["json", "vtt"])
def test_a_transcript_that_callmine_wrote_is_not_taken_for_a_new_one(
    ending: str, own: Path, tmp_path: Path
) -> None:
    """It would count the call twice, or stand for what was heard; elsewhere it is one like any other."""
    place = find_workspace(own)
    with Store(place.database) as store:
        before = list(store.table_rows("sources"))
        call = next(store.table_rows("calls"))
    back = own / "inbox" / f"back.{ending}"
    write_transcript(place, call["call_id"], ending, back)
    with Store(place.database) as store:
        taken = scan_inbox(place, store)
        assert (taken.new, taken.left_out) == (0, 1)
        assert list(store.table_rows("sources")) == before
    (told,) = taken.problems
    assert told.what == f"callmine wrote this transcript itself, of {call['source']}; it was not taken in"
    assert f"callmine transcript {call['call_id']} -o call.txt" in told.hint
    init_workspace(tmp_path / "other")
    assert add_paths(find_workspace(tmp_path / "other"), [back]).new == 1


def test_a_manifest_in_a_folder_is_read_with_it(place: Workspace, tmp_path: Path) -> None:
    """As in the inbox: its "no" must not be passed over because the folder was named and not the file."""
    for name in ("a.vtt", "b.vtt", "c.vtt"):
        (tmp_path / "calls" / name).parent.mkdir(exist_ok=True)
        (tmp_path / "calls" / name).write_text(vtt(SECOND))
    manifest = tmp_path / "calls" / "manifest.csv"
    manifest.write_text("path,external_id,consent\na.vtt,A,yes\nb.vtt,B,no\nc.vtt,C,nein\n")
    taken = add_paths(place, [tmp_path / "calls"])
    assert (taken.new, taken.left_out, taken.exit_code) == (2, 1, 6)
    assert [json.loads(str(row["facts"]))["consent"] for row in _sources(place).values()] == ["yes", "no"]
    assert taken.problems[0].where == "manifest.csv:4 (C)"
    other = tmp_path / "other.csv"
    other.write_text("path,consent\ncalls/a.vtt,yes\ncalls/b.vtt,yes\n")
    assert add_paths(place, [tmp_path / "calls"], manifest=other).left_out == 1
    assert json.loads(str(_sources(place)["b.vtt"]["facts"]))["consent"] == "no", "a no is not overruled"
    told = add_paths(place, [tmp_path / "calls"], manifest=manifest)
    assert len(told.problems) == len({problem.what for problem in told.problems}), "it is read once"


def _files(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(vtt(SECOND) + name * name.endswith("wav"))


def test_two_recordings_with_one_external_id_are_left_out(place: Workspace, tmp_path: Path) -> None:
    """One would silently take the other's place; a transcript joins, and a copy is a copy."""
    _files(tmp_path, "mon/a.wav", "tue/a.wav", "b.wav", "b.vtt", "c.wav", "d.wav", "e.wav")
    (tmp_path / "e.wav").write_bytes((tmp_path / "d.wav").read_bytes())
    manifest = tmp_path / "m.csv"
    rows = "path,external_id\nmon/a.wav,A\ntue/a.wav,A\nb.wav,B\nb.vtt,B\nc.wav,\nd.wav,D\ne.wav,D\n"
    manifest.write_text(rows)
    taken = add_paths(place, [], manifest=manifest)
    assert (taken.new, taken.left_out, taken.exit_code) == (5, 2, 6)
    assert [told.where for told in taken.problems] == ["a.wav", "a.wav"]
    other = tmp_path / "tue" / "a.wav"
    assert taken.problems[0].what == (
        f"{other} is another recording with the same external_id, A; neither was taken in"
    )
    assert set(_sources(place)) == {"b.wav", "b.vtt", "c.wav", "d.wav", "e.wav"}
    manifest.write_text(rows.replace("tue/a.wav,A", "tue/a.wav,A2"))
    assert add_paths(place, [], manifest=manifest).new == 2
    manifest.write_text(rows)
    told = add_paths(place, [], manifest=manifest).problems
    assert all("stays as it was (consent: unknown)" in one.what for one in told)


def test_one_external_id_is_noticed_wherever_it_stands(place: Workspace, tmp_path: Path) -> None:
    """In two manifests of a folder, in sidecars, in the inbox; with ``--format`` all are transcripts."""
    _files(tmp_path, "in/a.wav", "in/b.wav", "side/a.wav", "side/b.wav")
    for name in "ab":
        (tmp_path / "in" / f"manifest-{name}.csv").write_text(f"path,external_id\n{name}.wav,A\n")
        (tmp_path / "side" / f"{name}.json").write_text(json.dumps({"external_id": "A"}))
        (place.inbox / f"{name}.json").write_text(json.dumps({"external_id": "A"}))
        (place.inbox / f"{name}.wav").write_text(name)
    for folder in ("in", "side"):
        taken = add_paths(place, [tmp_path / folder])
        assert (taken.new, taken.left_out, len(taken.problems)) == (0, 2, 2), folder
    with Store(place.database) as store:
        assert scan_inbox(place, store).left_out == 2
    assert add_paths(place, [tmp_path / "side"], format="vtt").new == 2


@pytest.mark.parametrize("where", ["row", "sidecar", "folder"])
def test_a_no_speaks_for_the_call_wherever_it_stands(place: Workspace, tmp_path: Path, where: str) -> None:
    """A recording without consent refuses the other recording with its external id; nothing is kept."""
    _files(tmp_path, "in/a.vtt", "in/b.wav")
    consent = "no" if where == "row" else "yes"
    (tmp_path / "m.csv").write_text(f"path,external_id,consent\nin/a.vtt,A,yes\nin/b.wav,A,{consent}\n")
    if where == "sidecar":
        (tmp_path / "in" / "b.json").write_text(json.dumps({"consent": "no"}))
    if where == "folder":
        (tmp_path / "in" / "manifest.csv").write_text("path,consent\nb.wav,no\n")
    assert add_paths(place, [tmp_path / "in"], manifest=tmp_path / "m.csv").new == 2
    run_workspace(place)
    with Store(place.database) as store:
        assert list(store.table_rows("calls")) == []


def test_a_faulty_row_keeps_out_the_other_files_of_its_call(place: Workspace, tmp_path: Path) -> None:
    """It may be the one that was to say "no consent"; a row that says so is kept, and refuses the call."""
    _files(tmp_path, "a.wav", "a.vtt", "b.wav", "b.vtt", "c.wav")
    rows = "path,external_id,consent\na.wav,A,nein\na.vtt,A,yes\nb.wav,B,no\nb.vtt,B,jein\nc.wav,C,yes\n"
    (tmp_path / "m.csv").write_text(rows)
    taken = add_paths(place, [], manifest=tmp_path / "m.csv")
    assert set(_sources(place)) == {"b.wav", "c.wav"}
    assert [(told.where, told.what) for told in taken.problems][1] == (
        "m.csv:3 (A)",
        "a.vtt: the row of this call in line 2 is faulty",
    )
    assert (taken.new, taken.left_out) == (2, 3)


def test_a_corrected_transcript_is_no_second_recording(place: Workspace, tmp_path: Path) -> None:
    """A manifest may name it beside the recording of its call."""
    _files(tmp_path, "a.vtt")
    add_paths(place, [tmp_path / "a.vtt"])
    run_workspace(place)
    with Store(place.database) as store:
        (call,) = store.table_rows("calls")
    write_transcript(place, call["call_id"], "txt", tmp_path / "call.txt")
    _files(tmp_path, "b.wav")
    (tmp_path / "m.csv").write_text("path,external_id\nb.wav,A\ncall.txt,A\n")
    taken = add_paths(place, [], manifest=tmp_path / "m.csv")
    assert (taken.new, len(taken.corrections), taken.problems) == (1, 1, ())


def test_a_file_that_goes_while_it_is_taken_in_costs_no_other(
    place: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is told and left out; the others are remembered."""
    _files(tmp_path, "in/a.vtt", "in/b.vtt")
    monkeypatch.setattr(
        "callmine.operations.intake._own_export", lambda _, path: path.name == "a.vtt" and path.unlink()
    )
    taken = add_paths(place, [tmp_path / "in"])
    assert (taken.new, taken.left_out, set(_sources(place))) == (1, 1, {"b.vtt"})
    assert "No such file" in taken.problems[0].what
