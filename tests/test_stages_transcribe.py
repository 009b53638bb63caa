"""Transcription: decode, find speech, have it written; imported words are read instead."""

from __future__ import annotations

import pickle
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from callmine.domain import Call, Facts
from callmine.errors import SkipCall, UnreadableRecording, UnreadableTranscript
from callmine.stage import HEARD, fingerprint
from callmine.stages.transcribe import MUCH_SPEECH_MS, TranscribeStage
from tests.builders import PETRA, a_call, a_job, a_transcript
from tests.fakes import ScriptedEngine
from tests.media import encode, voice
from tests.workbench import Workbench, write_vtt


def call_of(path: Path, **changes: object) -> Call:
    return a_call(recording=str(path), source=path.name, facts=Facts(), **changes)


@pytest.fixture
def stereo(tmp_path: Path) -> Path:
    """Two voices, each on its channel."""
    path = tmp_path / "call.wav"
    encode(path, [voice(4.0), voice(4.0, seed=1, pitch=210.0)])
    return path


def test_the_engine_is_given_the_decoded_channels(stereo: Path) -> None:
    """True stereo: both sides, with the speech found in each, and the recording's name and hash."""
    engine = ScriptedEngine(needs_audio=True)
    done = TranscribeStage(engine).process(a_job(call_of(stereo)))
    assert done.output == a_transcript()
    ((recording, _),) = engine.asked
    assert (recording.source, recording.content) == ("call.wav", a_call().content)
    assert len(recording.channels) == len(recording.speech) == 2
    assert recording.speech_ms > 1000
    assert abs(recording.duration_ms - 4000) < 50


@pytest.mark.parametrize("fails", [False, True])
def test_the_sound_is_freed_when_the_engine_is_through(stereo: Path, fails: bool) -> None:
    """Memory or disk that holds the sound is given back, also when the engine fails."""
    says = {"call.wav": UnreadableRecording("too odd")} if fails else {}
    engine = ScriptedEngine(says, needs_audio=True)
    with suppress(UnreadableRecording):
        TranscribeStage(engine).process(a_job(call_of(stereo)))
    ((recording, _),) = engine.asked
    with pytest.raises(ValueError, match="closed file"):
        recording.channels[0][:100]


def test_dual_mono_is_heard_once(tmp_path: Path) -> None:
    """The same sound on both channels is one channel, and a note says so."""
    path = tmp_path / "call.wav"
    encode(path, [voice(4.0), voice(4.0)])
    engine = ScriptedEngine(needs_audio=True)
    TranscribeStage(engine).process(a_job(call_of(path)))
    ((recording, _),) = engine.asked
    assert len(recording.channels) == 1
    assert recording.notes


def test_silence_is_skipped_before_the_model_is_loaded(tmp_path: Path) -> None:
    """Nobody speaks: a stable reason, and no work for the engine."""
    path = tmp_path / "call.wav"
    encode(path, voice(3.0) * 0)
    engine = ScriptedEngine(needs_audio=True)
    with pytest.raises(SkipCall, match="nobody speaks") as caught:
        TranscribeStage(engine).process(a_job(call_of(path)))
    assert caught.value.reason == "silent"
    assert engine.asked == []
    assert engine.loads == 0


def test_no_words_are_silence(tmp_path: Path) -> None:
    """Also when the engine hears nothing in what looked like speech."""
    noticed = ("suppressed “Thank you.” at 0:03: its words take no time",)
    engine = ScriptedEngine({"call.wav": replace(a_transcript(), segments=(), notes=noticed)})
    with pytest.raises(SkipCall, match="nobody speaks") as caught:
        TranscribeStage(engine).process(a_job(call_of(tmp_path / "call.wav")))
    assert caught.value.notes == noticed


def test_much_speech_without_words_is_a_failure(bench: Workbench) -> None:
    """Else a transcript from before would go, and the call would look as if nobody had spoken in it."""
    bench.recording("call.wav")
    bench.run()
    before = bench.only("transcripts")
    noticed = ("suppressed “la la la” at 0:03: the recogniser heard no speech there",)
    nothing = replace(a_transcript(), segments=(), notes=noticed, speech_ms=MUCH_SPEECH_MS)
    bench.engine.says = {"call.wav": nothing}  # type: ignore[misc]
    assert bench.run(force={"transcribe": frozenset()}).exit_code == 6
    (problem,) = bench.store.problems()
    assert "30 s of it sound like speech, but no words" in problem["message"]
    assert "la la la" in problem["hint"]
    assert bench.only("transcripts") == before


def test_what_was_noticed_in_a_skipped_call_is_kept(bench: Workbench) -> None:
    """There most of all a person wants to know what was taken out."""
    noticed = ("suppressed “Thank you.” at 0:03: its words take no time",)
    bench.engine.says = {"call.wav": replace(a_transcript(), segments=(), notes=noticed)}  # type: ignore[misc]
    bench.recording("call.wav")
    bench.run()
    call_id = bench.only("calls")["call_id"]
    assert bench.store.problems()[0]["reason"] == "silent"
    assert noticed[0] in bench.store.notes(call_id)


def test_a_recording_that_is_gone(tmp_path: Path) -> None:
    """It says where to put it back; an engine that needs no sound does not mind."""
    call = call_of(tmp_path / "call.wav")
    with pytest.raises(UnreadableRecording, match="not there any more") as caught:
        TranscribeStage(ScriptedEngine(needs_audio=True)).process(a_job(call))
    assert str(tmp_path) in caught.value.hint
    with pytest.raises(UnreadableRecording):
        TranscribeStage(ScriptedEngine(needs_audio=True)).process(a_job(replace(call, recording=None)))
    assert TranscribeStage(ScriptedEngine()).process(a_job(call)).output == a_transcript()


def test_imported_words_are_read_and_need_no_engine(tmp_path: Path) -> None:
    """Also where there is a recording; a broken file is told."""
    path = write_vtt(tmp_path / "call.vtt")
    engine = ScriptedEngine()
    call = replace(call_of(tmp_path / "call.wav"), transcript_file=str(path), format="vtt")
    found = TranscribeStage(engine).process(a_job(call)).output
    assert [s.text for s in found.segments] == ["How are you?", "The price is too high for us."]
    assert (found.engine, found.model, engine.asked, engine.loads) == ("replay", "vtt", [], 0)
    path.write_text("nothing")
    with pytest.raises(UnreadableTranscript):
        TranscribeStage(engine).process(a_job(call))


def test_it_says_when_the_engine_is_loaded(stereo: Path, tmp_path: Path) -> None:
    """Not for an imported transcript or silence, and not in a worker that a copy of it travels to."""
    stage = TranscribeStage(ScriptedEngine(needs_audio=True))
    path = write_vtt(tmp_path / "call.vtt")
    stage.process(a_job(replace(call_of(path), transcript_file=str(path), format="vtt")))
    encode(tmp_path / "silence.wav", voice(2.0) * 0)
    with pytest.raises(SkipCall):
        stage.process(a_job(call_of(tmp_path / "silence.wav")))
    assert not stage.loaded
    stage.process(a_job(call_of(stereo)))
    assert stage.loaded
    stage.engine = ScriptedEngine()  # without the sound it was asked for, which cannot travel
    assert not pickle.loads(pickle.dumps(stage)).loaded  # noqa: S301 - our own


def test_hints_and_notes(tmp_path: Path) -> None:
    """The call's names, then the playbook's, none twice; the transcript's notes are the result's."""
    engine = ScriptedEngine({"call.wav": a_transcript(notes=("odd",))})
    stage = TranscribeStage(engine, language="en", vocabulary=("Lantern", "Larkmoor"))
    facts = Facts(account="Lantern", participants=(PETRA,))
    call = replace(call_of(tmp_path / "call.wav"), facts=facts)
    assert stage.process(a_job(call)).notes == ("odd",)
    stage.process(a_job(replace(call, facts=Facts(language="de"))))
    assert [(h.language, h.vocabulary) for _, h in engine.asked] == [
        ("en", ("Petra Voss", "Lantern", "Larkmoor")),
        ("de", ("Lantern", "Larkmoor")),
    ]


def test_the_vocabulary_is_not_in_the_fingerprint() -> None:
    """A changed playbook does not transcribe again; engine, settings and language do: what was heard."""
    engine = ScriptedEngine()

    class Other(ScriptedEngine):
        name = "other"

    stages = [
        TranscribeStage(engine),
        TranscribeStage(engine, vocabulary=("X",)),
        TranscribeStage(ScriptedEngine(take=2)),
        TranscribeStage(Other()),
        TranscribeStage(engine, language="de"),
    ]
    heard = [fingerprint(s, traits=frozenset({HEARD})) for s in stages]
    assert heard[0] == heard[1]
    assert len(set(heard)) == 4
    assert len({fingerprint(s) for s in stages}) == 1, "of imported words nothing is the engine's"
    TranscribeStage(engine).setup()
    assert engine.loads == 0
