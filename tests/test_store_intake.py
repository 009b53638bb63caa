"""Files become calls: known ones are not taken twice, versions and transcripts find their call."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from callmine.config import Settings
from callmine.domain import Edit, Facts, Participant
from callmine.operations.intake import add_paths
from callmine.store import Store
from callmine.workspace import Workspace
from tests.builders import MAYA, a_transcript
from tests.fakes import ScriptedEngine
from tests.workbench import Workbench, write_recording, write_vtt


def test_adding_twice_is_a_no_op(bench: Workbench) -> None:
    """The same file with the same facts is known, and the next run has nothing to do."""
    path = write_recording(bench.folder / "call.wav")
    assert bench.store.add_source(path, origin="add", facts=Facts(account="A"))
    bench.run()
    before = [bench.rows(t) for t in ("sources", "calls", "utterances", "findings", "stage_runs")]
    assert not bench.store.add_source(path, origin="add", facts=Facts(account="A"))
    assert not bench.store.add_source(path, origin="add")
    assert bench.did() == {}
    assert [bench.rows(t) for t in ("sources", "calls", "utterances", "findings", "stage_runs")] == before


def test_a_rehearsal_leaves_nothing_behind(bench: Workbench) -> None:
    """What is written within is seen there and gone afterwards, however it ends; then writing works."""
    bench.recording("a.wav")
    bench.run()
    tables = ("sources", "calls", "edits", "stage_runs")
    before = [bench.rows(t) for t in tables]
    with bench.store.rehearsal():
        bench.recording("b.wav")
        bench.store.add_edits(bench.only("calls")["call_id"], [Edit(0, 1, "heard", "said")])
        assert (len(bench.rows("sources")), len(bench.rows("edits"))) == (2, 1)
    assert [bench.rows(t) for t in tables] == before

    def stumbles() -> None:
        bench.recording("b.wav")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), bench.store.rehearsal():
        stumbles()
    assert [bench.rows(t) for t in tables] == before
    bench.recording("b.wav")
    assert len(bench.rows("sources")) == 2


def test_new_facts_win_key_by_key(bench: Workbench) -> None:
    """What is said later counts, what is not said stays."""
    path = bench.recording(account="A", rep="Maya", title="T")
    assert bench.store.add_source(path, origin="inbox", facts=Facts(account="B"))
    bench.run()
    call = bench.only("calls")
    assert (call["account"], call["rep"], call["title"]) == ("B", "Maya", "T")
    assert bench.only("sources")["origin"] == "add", "where it came from first"


def test_same_audio_under_two_names_is_one_call(bench: Workbench) -> None:
    """The content decides; both files point to the one call, and it is transcribed once."""
    bench.recording("a.wav", seed=1, account="A")
    bench.recording("b.wav", seed=1, rep="Maya")
    bench.run()
    call = bench.only("calls")
    assert {s["call_id"] for s in bench.rows("sources")} == {call["call_id"]}
    assert (call["account"], call["rep"], call["source"]) == ("A", "Maya", "a.wav")
    assert call["call_id"] == call["content"][:16]
    assert len(bench.engine.asked) == 1


def test_same_external_id_is_a_new_version(bench: Workbench) -> None:
    """The call keeps its id, and is transcribed again from the new recording."""
    bench.recording("a.wav", external_id="REC-1", account="A")
    bench.run()
    first = bench.only("calls")
    bench.recording("b.wav", external_id="REC-1")
    assert bench.did() == {"ingest": 1, "transcribe": 1}, "the words are the same, so nothing follows"
    call = bench.only("calls")
    assert call["call_id"] == first["call_id"]
    assert call["content"] != first["content"]
    assert (call["source"], call["account"]) == ("b.wav", "A")


def test_an_old_version_read_again_does_not_come_back(bench: Workbench) -> None:
    """Changed settings or facts re-read the older file, but the newer one stays the call's."""
    bench.recording("z.wav", external_id="REC-1")
    bench.run()
    bench.recording("a.wav", external_id="REC-1")
    bench.run()
    newer = bench.only("calls")
    bench.add(bench.folder / "z.wav", account="Late")
    bench.ingest = {"timezone": "Europe/Berlin"}
    assert bench.did() == {"ingest": 2, "link": 1}
    call = bench.only("calls")
    assert (call["content"], call["recording"]) == (newer["content"], newer["recording"])
    assert call["account"] == "Late"


@pytest.mark.parametrize("first", ["recording", "transcript"])
def test_recording_and_transcript_merge_by_external_id(bench: Workbench, first: str) -> None:
    """In either order they are one call with both files; the imported words are used."""
    add = {
        "recording": lambda: bench.recording("call.wav", external_id="REC-1", account="A"),
        "transcript": lambda: bench.transcript("call.vtt", external_id="REC-1", rep="Maya Linden"),
    }
    for what in sorted(add, key=lambda k: k != first):
        add[what]()
        bench.run()
    call = bench.only("calls")
    assert (Path(call["recording"]).name, Path(call["transcript_file"]).name) == ("call.wav", "call.vtt")
    assert (call["account"], call["rep"], call["source"], call["channels"]) == (
        "A",
        "Maya Linden",
        "call.wav",
        2,
    )
    assert bench.only("transcripts")["engine"] == "replay"
    assert [u["text"] for u in bench.rows("utterances")] == [
        "How are you?",
        "The price is too high for us.",
    ]


def test_a_new_recording_of_a_merged_call_is_a_version(bench: Workbench) -> None:
    """A transcript that joined does not change whose id the external id is."""
    bench.recording("a.wav", external_id="REC-1")
    bench.transcript("b.vtt", external_id="REC-1")
    bench.run()
    bench.recording("c.wav", external_id="REC-1")
    bench.run()
    call = bench.only("calls")
    assert (call["source"], call["system"]) == ("c.wav", "file")
    assert call["transcript_file"]


def test_a_changed_transcript_is_read_again(bench: Workbench) -> None:
    """Also where a recording is the call's content."""
    bench.recording("a.wav", external_id="REC-1")
    path = bench.transcript("b.vtt", external_id="REC-1")
    bench.run()
    write_vtt(path, ("Petra Voss", "We have no budget."))
    assert bench.did() == {"ingest": 1, "transcribe": 1, "attribute": 1, "extract": 1}
    assert [u["text"] for u in bench.rows("utterances")] == ["We have no budget."]
    assert [f["text"] for f in bench.rows("findings")] == ["budget"]


def test_other_external_ids_are_other_calls(bench: Workbench) -> None:
    """Nor do two vendors' equal ids make one call of two transcripts."""
    bench.recording("a.wav", external_id="REC-1")
    bench.recording("b.wav", external_id="REC-2")
    bench.transcript("c.vtt", external_id="REC-3")
    path = bench.folder / "d.srt"
    path.write_text("1\n00:00:00,000 --> 00:00:02,000\nThe price.\n")
    bench.add(path, external_id="REC-3")
    bench.run()
    assert len(bench.rows("calls")) == 4


def test_a_touched_file_is_hashed_but_not_read_again(bench: Workbench) -> None:
    """Same content after a new modification time: only ingest looks."""
    path = bench.recording()
    bench.run()
    os.utime(path, ns=(1, 1))
    assert bench.did() == {"ingest": 1}
    assert len(bench.rows("calls")) == 1


def test_a_broken_clock_dates_files_as_it_likes(bench: Workbench) -> None:
    """Nanoseconds that SQLite cannot hold: such a file is taken in, looked at again, and found changed."""
    path = write_recording(bench.folder / "call.wav")
    date = 430 * 365 * 86_400  # in the year 2399
    os.utime(path, (date, date))
    if path.stat().st_mtime_ns < 2**63:
        pytest.skip("this file system knows no such dates")
    bench.add(path)
    assert bench.did()["ingest"] == 1
    assert bench.did() == {}
    os.utime(path, (date + 1, date + 1))
    assert bench.did() == {"ingest": 1}
    os.utime(path, (1, 1))
    assert bench.did() == {"ingest": 1}
    os.utime(path, (date, date))
    assert bench.did() == {"ingest": 1}


def test_a_known_file_is_not_hashed_again(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Path, size and time known: new facts are taken in without reading the file."""
    path = bench.recording()
    bench.run()
    monkeypatch.setattr("callmine.stages.ingest.content_hash", lambda path: pytest.fail("hashed"))
    bench.add(path, account="New")
    assert bench.did()["ingest"] == 1
    assert bench.only("calls")["account"] == "New"


def test_manifest_over_sidecar_over_file_name(bench: Workbench) -> None:
    """The strongest that says something counts, key by key."""
    name = "2026-09-29_Name_Rita_Title"
    write_recording(bench.folder / f"{name}.wav")
    (bench.folder / f"{name}.json").write_text('{"account": "Sidecar", "rep": "Sidecar"}')
    manifest = bench.folder / "calls.csv"
    manifest.write_text(f"path,account\n{name}.wav,Manifest\n")
    add_paths(Workspace(bench.folder, Settings()), [bench.folder / f"{name}.wav"], manifest=manifest)
    bench.ingest = {"file_pattern": "{date}_{account}_{rep}_{title}", "timezone": "Europe/Berlin"}
    bench.run()
    call = bench.only("calls")
    assert (call["account"], call["rep"], call["title"]) == ("Manifest", "Sidecar", "Title")
    assert call["started_at"] == "2026-09-28T22:00:00Z"


def test_facts_of_a_transcript_are_the_weakest(bench: Workbench) -> None:
    """What the vendor's file says fills up what nobody else said."""
    path = bench.folder / "Acme.json"
    path.write_text(
        '{"engine": "x", "language": "en", "facts": {"title": "Vendor", "account": "Vendor"},'
        '"segments": [{"start_ms": 0, "end_ms": 900, "text": "Hello there."}]}'
    )
    bench.ingest = {"file_pattern": "{account}"}
    bench.add(path, rep="Maya")
    bench.run()
    call = bench.only("calls")
    assert (call["rep"], call["account"]) == ("Maya", "Acme")


SKIPPED: dict[str, Facts] = {
    "no_consent": Facts(consent="no"),
    "internal": Facts(type="internal"),
    "internal, nobody from outside": Facts(participants=(MAYA, Participant("Tom", "tom@larkmoor.example"))),
}


@pytest.mark.parametrize("why", list(SKIPPED))
def test_skipped_files_are_never_decoded(
    bench: Workbench, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No consent and internal: neither probed nor transcribed, and told so.

    A file without consent is hashed, so that a copy of it is known.
    """
    for reader in ("probe", "content_hash") if why != "no_consent" else ("probe",):
        monkeypatch.setattr(f"callmine.stages.ingest.{reader}", lambda path: pytest.fail("read"))
    path = write_recording(bench.folder / "call.wav")
    bench.store.add_source(path, origin="add", facts=SKIPPED[why])
    assert bench.did() == {"ingest": 1}
    assert bench.rows("calls") == bench.engine.asked == []
    (row,) = bench.store.problems()
    assert (row["status"], row["reason"]) == ("skipped", why.partition(",")[0])
    assert bench.did() == {}, "it waits"


@pytest.mark.parametrize("facts", list(SKIPPED.values()), ids=list(SKIPPED))
def test_what_was_stored_goes_when_it_must_not_be_used(bench: Workbench, facts: Facts) -> None:
    """Consent withdrawn, or found to be internal: the call and all made from it are removed."""
    path = bench.recording(account="A")
    bench.import_deals()
    bench.run()
    call_id = bench.only("calls")["call_id"]
    bench.store.set_roles(call_id, swap=True)
    assert bench.store.search("price")
    bench.store.add_source(path, origin="add", facts=facts)
    bench.run()
    for table in ("calls", "transcripts", "speakers", "utterances", "findings", "links", "corrections"):
        assert bench.rows(table) == [], table
    assert bench.store.search("price") == []
    assert [r["stage"] for r in bench.rows("stage_runs")] == ["ingest"]


def test_consent_is_refused_for_a_file_that_is_gone(bench: Workbench) -> None:
    """Who withdraws consent and deletes the file has the stored call removed."""
    path = bench.recording()
    bench.run()
    bench.add(path, consent="no")
    path.unlink()
    bench.run()
    assert bench.rows("calls") == []


def test_not_knowing_does_not_lift_a_refusal(bench: Workbench) -> None:
    """A weaker or later "unknown" leaves "no" in place; only "yes" lifts it."""
    path = bench.recording(consent="no")
    bench.add(path, consent="unknown")
    bench.run()
    assert bench.rows("calls") == []
    bench.add(path, consent="yes")
    bench.run()
    assert bench.only("calls")["consent"] == "yes"


Adder = Callable[[Workbench], Path]
OTHERS: dict[str, tuple[Adder, Adder]] = {
    "the same audio": (
        lambda b: b.recording("a.wav", seed=1),
        lambda b: b.recording("b.wav", seed=1),
    ),
    "its transcript": (
        lambda b: b.recording("a.wav", external_id="REC-1"),
        lambda b: b.transcript("b.vtt", external_id="REC-1"),
    ),
}


@pytest.mark.parametrize("other", list(OTHERS))
@pytest.mark.parametrize("refused", [0, 1])
def test_one_refusal_counts_for_every_file_of_a_call(bench: Workbench, other: str, refused: int) -> None:
    """A call that is known under two names is gone under both when one withdraws consent."""
    paths = [add(bench) for add in OTHERS[other]]
    bench.run()
    bench.add(paths[refused], consent="no")
    bench.run()
    assert bench.rows("calls") == bench.rows("utterances") == []
    assert {r["reason"] for r in bench.store.problems()} == {"no_consent"}
    bench.ingest = {"timezone": "Europe/Berlin"}
    bench.run()
    assert bench.rows("calls") == [], "nor does it come back when the other is read again"
    bench.add(paths[refused], consent="yes")
    bench.run()
    assert len(bench.rows("calls")) == 1


@pytest.mark.parametrize("refused", ["a.wav", "z.wav"])
def test_a_refused_recording_keeps_its_transcript_out(bench: Workbench, refused: str) -> None:
    """Whichever of the two is read first."""
    bench.recording(refused, external_id="REC-1", consent="no")
    bench.transcript("m.vtt", external_id="REC-1")
    report = bench.run()
    assert bench.rows("calls") == []
    assert report.tallies[0].skipped == 2
    assert report.exit_code == 0


def test_one_unreadable_file_is_a_row(bench: Workbench) -> None:
    """The others go on; the row names the file and what to do; it waits for a change."""
    bad = bench.folder / "bad.wav"
    bad.write_bytes(b"RIFF not audio")
    bench.add(bad)
    bench.add(write_vtt(bench.folder / "ok.vtt"))
    report = bench.run()
    assert report.exit_code == 6
    ((label, message, hint),) = report.tallies[0].failures
    assert label == "bad.wav"
    assert "bad.wav" in message
    assert hint
    assert len(bench.rows("calls")) == 1
    assert bench.did() == {}
    write_recording(bad)
    assert bench.did() == {"ingest": 1, "transcribe": 1, "attribute": 1, "extract": 1, "link": 1}
    assert len(bench.rows("calls")) == 2


def test_a_file_that_vanished_fails_only_itself(bench: Workbench) -> None:
    """It was taken in and is gone before the run."""
    bench.recording("a.wav").unlink()
    bench.recording("b.wav")
    report = bench.run()
    assert report.tallies[0].failed == 1
    assert bench.only("calls")["source"] == "b.wav"


def test_calls_lists_files_that_became_none(bench: Workbench) -> None:
    """Every file taken in shows up, with why it is no call."""
    bench.recording("a.wav", consent="no", account="A")
    bench.add(write_recording(bench.folder / "b.wav"))
    before = {c.source: c.status for c in bench.store.calls()}
    assert before == {"a.wav": "pending", "b.wav": "pending"}
    bench.run()
    after = {c.source: (c.status, c.account) for c in bench.store.calls()}
    assert after == {"a.wav": ("skipped", "A"), "b.wav": ("done", None)}


def test_the_imported_ones_need_no_model(bench: Workbench) -> None:
    """Only a call that is to be heard loads the engine."""
    bench.transcript("a.vtt")
    bench.run()
    assert bench.engine.loads == 0
    bench.recording("b.wav")
    bench.run()
    assert bench.engine.loads == 1


def test_vocabulary_comes_from_playbook_and_facts(bench: Workbench) -> None:
    """The call's people and account first, then ours, then competitors; the language is passed on."""
    bench.engine = ScriptedEngine({"call.wav": a_transcript()})
    bench.recording(account="Brennholt", participants=(MAYA,), language="de", type="interview")
    bench.ingest = {"own_domains": ()}
    bench.run()
    ((_, hints),) = bench.engine.asked
    assert hints.vocabulary == ("Maya Linden", "Brennholt", "Larkmoor", "Lantern")
    assert hints.language == "de"


def test_sources_survive_reopening(bench: Workbench) -> None:
    """What was taken in is on disk when add returns."""
    bench.recording(account="A")
    with Store(bench.folder / "callmine.db") as other:
        assert [r["account"] for r in map(vars_of, other.calls())] == ["A"]


def vars_of(row: object) -> dict[str, object]:
    """The fields of a slotted dataclass."""
    return {k: getattr(row, k) for k in row.__dataclass_fields__}  # type: ignore[attr-defined]
