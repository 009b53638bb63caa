"""What the benchmarks keep holds only as long as nothing changes that it hangs on."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from benchmarks import child, diarization, kept
from benchmarks.kept import Pass, transcript_at
from benchmarks.options import Setup
from benchmarks.recordings import Recorded
from benchmarks.speakers import Reader
from callmine.audio.types import Recording
from callmine.domain import Facts, Participant
from callmine.engines.base import Hints
from callmine.stages.transcribe import MUCH_SPEECH_MS
from tests.builders import a_playbook, a_transcript
from tests.fakes import ScriptedEngine


@pytest.fixture
def calls(tmp_path: Path) -> list[Recorded]:
    """Three files of different content."""
    made = []
    for name in "abc":
        path = tmp_path / f"{name}.wav"
        path.write_bytes(Random(name).randbytes(100))
        made.append(Recorded(name, path, 1.0, ()))
    return made


def a_pass(tool: str, calls: Sequence[Recorded], folder: Path, **setup: int) -> Pass:
    """Return a pass over recordings, its results in a folder."""
    return Pass(tool, "tiny.en", "mono", calls, Setup(folder, folder / "peers", **setup))


def keep(one: Pass, calls: Sequence[Recorded], at: float = 1.0) -> None:
    """Write results of a pass, as far as it came."""
    for recorded in calls:
        path = one.path(recorded)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"stamp": one.stamp(recorded), "at": at}))


def test_results_hold_until_something_changes(
    calls: list[Recorded], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A kept result is taken; another recording or other code of callmine makes it void."""
    one = a_pass("callmine", calls, tmp_path)
    keep(one, calls)
    assert one.waiting() == []
    for name, other in (("code", "x"), ("vocabulary", ("Larkmoor",)), ("versions", "[('x', '2')]")):
        monkeypatch.setattr(kept, name, lambda *args, other=other: other)
        assert one.kept(calls[0]) is None, name
        monkeypatch.undo()
    assert one.waiting() == []
    calls[0].path.write_bytes(b"other")
    assert one.kept(calls[0]) is None
    assert one.kept(calls[1]) is not None


@pytest.mark.parametrize("tool", ["fw-sequential", "openai-whisper", "callmine-single"])
def test_results_of_one_process_hold_one_by_one(tool: str, calls: list[Recorded], tmp_path: Path) -> None:
    """In a part as in the whole, and under the same name and stamp as ever: they took hours."""
    part, whole = (a_pass(tool, some, tmp_path) for some in (calls[:1], calls))
    assert whole.path(calls[0]) == tmp_path / "results" / "tiny.en" / "mono" / tool / "a.0.json"
    assert set(whole.stamp(calls[0])) == {"sha", "threads", "versions", "code", "names"}
    keep(part, calls[:1])
    assert whole.waiting() == calls[1:]
    keep(whole, calls[1:], at=2.0)
    assert whole.waiting() == []


@pytest.mark.parametrize("tool", sorted(kept.PROCESSES))
def test_results_side_by_side_hold_only_together(tool: str, calls: list[Recorded], tmp_path: Path) -> None:
    """A recording that had all threads to itself is no part of a whole that was read side by side."""
    part, whole = (a_pass(tool, some, tmp_path) for some in (calls[:1], calls))
    stamps = [one.stamp(calls[0]) for one in (part, whole)]
    assert [(s["workers"], s["together"]) for s in stamps] == [(1, ["a"]), (2, ["a", "b", "c"])]
    keep(part, calls[:1])
    assert whole.waiting() == calls
    keep(whole, calls)
    assert whole.waiting() == part.waiting() == []  # neither takes the other's place
    assert a_pass(tool, calls[:2], tmp_path).waiting() == calls[:2]
    assert a_pass(tool, calls, tmp_path, threads=3).waiting() == calls


def test_a_pass_side_by_side_is_read_anew_as_a_whole(calls: list[Recorded], tmp_path: Path) -> None:
    """When one recording waits, and when results of two passes lie beside each other."""
    one = a_pass("callmine", calls, tmp_path)
    keep(one, calls)
    one.path(calls[1]).unlink()
    assert one.waiting() == calls
    keep(one, calls)
    keep(one, calls[:1], at=2.0)
    assert one.waiting() == calls
    keep(one, calls, at=2.0)
    assert one.waiting() == []


def test_again_measures_what_an_earlier_run_left(calls: list[Recorded], tmp_path: Path) -> None:
    """Results of this very run are not measured a second time."""
    one = a_pass("fw-sequential", calls, tmp_path)
    again = replace(one, setup=replace(one.setup, again=frozenset({"fw-sequential"})))
    keep(one, calls[:2])
    keep(one, calls[2:], at=kept._STARTED + 1)
    assert one.waiting() == []
    assert again.waiting() == calls[:2]


def test_versions_that_cannot_be_told_are_not_the_same_versions(
    calls: list[Recorded], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An environment that is broken now, and was then, vouches for nothing; the message names it."""
    monkeypatch.setitem(child.TOOLS, "whisper.cpp", (child.whisper_cpp, ("no-such-package",)))
    monkeypatch.setattr(kept, "FROM_PEERS", {})
    one = a_pass("whisper.cpp", calls, tmp_path)
    kept.versions.cache_clear()
    with pytest.raises(RuntimeError, match=r"whisper.cpp: .*python.* no-such-package \(.*Not") as caught:
        one.stamp(calls[0])
    assert one.python in str(caught.value)


def test_a_kept_transcript_is_made_again_when_it_may_be_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another recording, code or library; what is there and still holds is not made."""
    made: list[str] = []

    def read(sha: str) -> int:
        transcript = transcript_at(tmp_path, "a", (sha,), lambda: made.append(sha) or a_transcript())
        assert transcript == a_transcript()
        return len(made)

    assert (read("1"), read("1"), read("2"), read("1")) == (1, 1, 2, 2)
    for count, (name, other) in enumerate((("code", "x"), ("versions", "[('x', '2')]")), 3):
        monkeypatch.setattr(kept, name, lambda *args, other=other: other)
        assert read("1") == count, name
        monkeypatch.undo()
    assert read("1") == 4


def test_transcripts_of_speakers_hang_on_names_and_facts(tmp_path: Path, calls: list[Recorded]) -> None:
    """The recogniser is given the playbook's names and the call's people; others are another transcript."""
    engine = ScriptedEngine({"a.wav": a_transcript(channels=0)})

    def read(recorded: Recorded, names: Sequence[str] = ("Larkmoor",), threads: int = 2) -> int:
        reader = Reader("tiny.en", threads, a_playbook(), tmp_path / "kept")
        reader.transcribe.engine, reader.transcribe.vocabulary = engine, names
        assert reader.read("mono", recorded).transcript.segments
        return len(engine.asked)

    first = calls[0]
    petra = replace(first, facts=Facts(participants=(Participant("Petra"),)))
    assert (read(first), read(first)) == (1, 1)
    assert read(first, ("Larkmoor", "Lantern")) == 2
    assert read(petra) == 3
    assert read(first, threads=1) == 4
    first.path.write_bytes(b"other")
    assert read(first) == 5


def test_transcripts_of_voices_hang_on_the_recording(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A recording of the same name, built anew, is heard anew."""
    engine = ScriptedEngine()
    monkeypatch.setattr(diarization.registry, "load", lambda group, name: lambda **given: engine)
    one, other = (Recording(content * 64, "a.wav", (), ()) for content in "01")
    for recording in (one, one, other, one):
        assert diarization.transcribed(recording, tmp_path, "a.mono") == a_transcript()
    assert [asked for asked, _ in engine.asked] == [one, other]
    assert engine.asked[0][1] == Hints(language="en")


@pytest.mark.parametrize(("speech_ms", "said"), [(0, "nobody speaks"), (MUCH_SPEECH_MS, "no words came")])
def test_a_sound_without_words_is_a_result(
    speech_ms: int, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where half a minute of it passes for speech: writing nothing is the best there is."""
    wordless = replace(a_transcript(), segments=(), speech_ms=speech_ms)
    engine = ScriptedEngine({"music.wav": wordless})
    monkeypatch.setattr("callmine.engines.faster_whisper.FasterWhisper", lambda **given: engine)
    listen = child.callmine({"model": "tiny.en", "threads": 1, "vocabulary": []})
    item = {"key": "music", "path": str(tmp_path / "music.wav"), "sha": "0" * 16, "account": None}
    result = listen(item | {"people": []})
    assert result["words"] == []
    assert result["engine_seconds"] >= 0
    assert said in result["notes"][0]
