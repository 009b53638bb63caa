"""Clips: the right seconds, playable, the same bytes every time."""

from __future__ import annotations

import io
from pathlib import Path

import av
import numpy as np
import pytest

from callmine.audio import CLIP_MIME, clip, decode
from callmine.errors import UnreadableRecording
from tests import media


def unclip(data: bytes, tmp_path: Path) -> media.Sound:
    path = tmp_path / "clip.ogg"
    path.write_bytes(data)
    return decode(path)[1][0]


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    path = tmp_path / "call.mp3"
    steps = [media.tone(1.0, 300 + 100 * i, 0.2) for i in range(10)]
    media.encode(path, [np.concatenate(steps), media.tone(10.0, 2500, 0.05)], kind="mp3")
    return path


def test_a_clip_is_the_same_every_time(recording: Path) -> None:
    """Two runs give the same bytes, so that reports do."""
    assert clip(recording, 2000, 5000) == clip(recording, 2000, 5000)


def test_a_clip_is_mono_opus_in_ogg(recording: Path) -> None:
    """Any browser plays it, and it is small."""
    data = clip(recording, 2000, 8000)
    with av.open(io.BytesIO(data)) as container:
        assert container.streams.audio[0].codec_context.name == "opus"
        assert container.streams.audio[0].codec_context.channels == 1
    assert CLIP_MIME == "audio/ogg; codecs=opus"
    assert len(data) < 30_000


def test_a_clip_holds_the_wanted_seconds(recording: Path, tmp_path: Path) -> None:
    """The tone of the third second is heard, after the lead."""
    sound = unclip(clip(recording, 3000, 4000, channel=0), tmp_path)
    assert abs(len(sound) - 18_400) < 400
    middle = sound[8000:16_000]
    peak = np.argmax(np.abs(np.fft.rfft(middle * np.hanning(len(middle))))) * 2
    assert abs(peak - 600) <= 4


def test_a_channel_can_be_played_alone(recording: Path, tmp_path: Path) -> None:
    """Channel 1 is the high tone; an unknown channel is the mix."""
    sound = unclip(clip(recording, 3000, 4000, channel=1), tmp_path)
    assert abs(np.argmax(np.abs(np.fft.rfft(sound[4000:12_000]))) * 2 - 2500) <= 4
    assert clip(recording, 3000, 4000, channel=7) == clip(recording, 3000, 4000)


def test_a_clip_is_never_longer_than_allowed(recording: Path, tmp_path: Path) -> None:
    """A long quote is cut at the limit."""
    assert abs(len(unclip(clip(recording, 0, 9000, max_ms=2000), tmp_path)) - 32_000) < 400


def test_quiet_is_raised_and_edges_fade(tmp_path: Path) -> None:
    """A quiet voice is audible, and the clip does not click."""
    path = tmp_path / "quiet.wav"
    media.encode(path, media.tone(3.0, level=0.05))
    sound = unclip(clip(path, 1000, 2000), tmp_path)
    assert 0.15 < float(np.abs(sound[4000:-4000]).max()) < 0.3
    assert float(np.abs(sound[:40]).max()) < 0.05


def test_silence_stays_silence(tmp_path: Path) -> None:
    """Nothing is amplified into noise."""
    path = tmp_path / "silence.wav"
    media.encode(path, np.zeros(32_000, dtype=np.float32))
    assert float(np.abs(unclip(clip(path, 0, 1500), tmp_path)).max()) < 1e-3


def test_a_clip_beyond_the_end_is_an_error(recording: Path) -> None:
    """A transcript longer than its recording is told so."""
    with pytest.raises(UnreadableRecording, match="no sound at 1:00"):
        clip(recording, 60_000, 61_000)


@pytest.mark.parametrize(("start", "end"), [(5, 5), (9, 3), (-1, 3)])
def test_an_empty_range_is_a_value_error(recording: Path, start: int, end: int) -> None:
    """A caller's mistake is not a damaged recording."""
    with pytest.raises(ValueError, match="not a range"):
        clip(recording, start, end)
