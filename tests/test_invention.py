"""No invention, no loss, no drift: real weights on sounds nobody speaks in, and on long pauses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.invention import laid, thanks
from benchmarks.nonspeech import KINDS
from benchmarks.recordings import write
from benchmarks.scoring import Heard, invented, one_stream
from callmine.domain import Facts, Transcript
from callmine.engines.faster_whisper import FasterWhisper
from callmine.errors import SkipCall
from callmine.stages.transcribe import TranscribeStage
from tests.builders import a_call, a_job

pytestmark = pytest.mark.audio


@pytest.fixture(scope="module")
def stage(model_folder: Path) -> Iterator[TranscribeStage]:
    """The default way through a recording, with the smallest weights."""
    engine = FasterWhisper(model="tiny.en", model_dir=model_folder)
    yield TranscribeStage(engine, vocabulary=("Larkmoor", "Lantern", "Ozquivo"))
    engine.unload()


def heard(stage: TranscribeStage, path: Path) -> Transcript:
    """The transcript of a recording."""
    call = replace(a_call(recording=str(path), source=path.name), facts=Facts())
    output = stage.process(a_job(call)).output
    assert isinstance(output, Transcript)
    return output


@pytest.mark.parametrize("kind", list(KINDS))
def test_a_minute_without_speech_gives_no_turn(kind: str, stage: TranscribeStage, tmp_path: Path) -> None:
    """Silence, room noise, ring tone, music, key tones, breathing: the call is skipped as silent."""
    path = tmp_path / f"{kind}.wav"
    write(path, [KINDS[kind]()[None]])
    with pytest.raises(SkipCall) as caught:
        heard(stage, path)
    assert caught.value.reason == "silent"


def test_a_real_thank_you_survives(stage: TranscribeStage, tmp_path: Path) -> None:
    """Alone between two silences, where Whisper likes to invent one."""
    transcript = heard(stage, thanks(tmp_path).path)
    assert "thank you" in " ".join(s.text for s in transcript.segments).lower()


def test_long_pauses_lose_and_invent_nothing_and_do_not_move_the_clock(
    stage: TranscribeStage, tmp_path: Path
) -> None:
    """Four minutes, 40 % of it silence: every sentence is there, where it was said, and nothing else."""
    recorded = laid(tmp_path, "gaps", 240.0, silence=0.4, pauses=(5.0, 30.0))
    transcript = heard(stage, recorded.path)
    words = [Heard(w.text, w.start_ms, w.end_ms) for s in transcript.segments for w in s.words]
    counts = one_stream(recorded.turns, words)
    assert counts.lost == 0
    assert counts.rate < 0.08
    assert invented(recorded.turns, words) <= 1
    off = [min(abs(w.start_ms - turn.start_ms) for w in words) for turn in recorded.turns]
    assert sorted(off)[len(off) // 2] <= 300
    assert off[-1] <= 1_000
    assert transcript.left_out_ms < 2_000
