"""Decoding: the right samples at the right time, from every kind of file, and no silent loss."""

from __future__ import annotations

import struct
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callmine.audio import decode, decoding, probe
from callmine.errors import UnreadableRecording
from tests import media

LATE = {"aac": 520, "ts": 380}
"""Raw AAC does not say how long its encoder's run-in is (samples at 16 kHz)."""


def offset(a: media.Sound, b: media.Sound) -> int:
    """Return by how many samples ``a`` is later than ``b``."""
    size = 1 << (len(a) + len(b)).bit_length()
    cross = np.fft.irfft(np.fft.rfft(a, size) * np.conj(np.fft.rfft(b, size)), size)
    best = int(np.argmax(cross))
    return best - size if best > size // 2 else best


@pytest.mark.parametrize("kind", sorted(media.KINDS))
def test_every_kind_keeps_time_and_channels(tmp_path: Path, kind: str) -> None:
    """Both channels come back in order, at 16 kHz, where they were."""
    path = tmp_path / f"a.{kind}"
    left, right = media.chirp(4.0), media.chirp(4.0)[::-1].copy()
    media.encode(path, [left, right], kind=kind)
    info, channels = decode(path)
    assert len(channels) == info.channels == 2
    assert channels[0].dtype == np.float32
    assert abs(len(channels[0]) - 64_000) <= 1024
    assert 0 <= offset(channels[0], left) <= LATE.get(kind, 1)
    assert 0 <= offset(channels[1], right) <= LATE.get(kind, 1)


@pytest.mark.parametrize("kind", sorted(media.KINDS))
def test_a_window_is_the_same_as_that_part_of_the_whole(tmp_path: Path, kind: str) -> None:
    """Seeking lands on the sample (on the millisecond where the container counts in those)."""
    path = tmp_path / f"a.{kind}"
    media.encode(path, media.chirp(8.0), kind=kind)
    whole = decode(path)[1][0]
    window = decode(path, start_ms=5250, end_ms=6750)[1][0]
    assert len(window) == 24_000
    assert abs(offset(window, whole[84_000:108_000])) <= (16 if kind in ("webm", "mka") else 1)


def test_windows_at_the_edges(tmp_path: Path) -> None:
    """The first second, the last, and one beyond the end."""
    path = tmp_path / "a.flac"
    media.encode(path, media.chirp(3.0), kind="flac")
    assert len(decode(path, end_ms=1000)[1][0]) == 16_000
    assert abs(len(decode(path, start_ms=2500, end_ms=9000)[1][0]) - 8000) < 50
    assert len(decode(path, start_ms=5000, end_ms=6000)[1][0]) == 0


def test_blocks_join_to_the_whole(tmp_path: Path) -> None:
    """The stream in blocks and the array are the same sound."""
    path = tmp_path / "a.ogg"
    media.encode(path, [media.chirp(5.0), media.noise(5.0)], kind="ogg")
    with decoding(path, seconds=1.5) as (_, pieces):
        blocks = list(pieces)
    assert [len(b[0]) for b in blocks[:-1]] == [24_000] * 3
    for joined, whole in zip(
        (np.concatenate(c) for c in zip(*blocks, strict=True)), decode(path)[1], strict=True
    ):
        assert np.array_equal(joined, whole)


@pytest.mark.parametrize("count", [3, 4, 6, 8])
def test_more_than_two_channels_become_one(tmp_path: Path, count: int) -> None:
    """Microphone arrays and surround sound are mixed down."""
    path = tmp_path / "a.wav"
    layout = {3: "2.1", 4: "quad", 6: "5.1", 8: "7.1"}[count]
    media.encode(path, [media.tone(1.0, 200 + 100 * i, 0.2) for i in range(count)], layout=layout)
    info, channels = decode(path)
    assert info.channels == count
    assert len(channels) == 1
    assert 0.01 < float(np.abs(channels[0]).max()) <= 1.0


@pytest.mark.parametrize("kind", ["wav", "aiff", "caf", "mp3", "webm", "flac", "mka", "s24.wav"])
@pytest.mark.parametrize("share", [0.4, 0.9])
def test_a_cut_recording_is_refused(tmp_path: Path, kind: str, share: float) -> None:
    """What the header promised and the file does not hold is not passed over."""
    path = tmp_path / f"call.{kind}"
    media.encode(path, media.noise(20.0), kind=kind)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(UnreadableRecording, match=r"cut short: \d+ of 20 s could be read") as caught:
        decode(path)
    assert caught.value.hint


@pytest.mark.parametrize("options", [{"movflags": "+faststart"}, {}])
def test_a_cut_mp4_is_refused(tmp_path: Path, options: dict[str, str]) -> None:
    """With its index in front it is cut short, with its index at the end it is unreadable."""
    path = tmp_path / "call.mp4"
    media.encode(path, media.noise(20.0), kind="mp4", options=options)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    with pytest.raises(UnreadableRecording, match="cut short" if options else "index is missing"):
        decode(path)


def test_nearly_whole_recordings_pass(tmp_path: Path) -> None:
    """Two per cent missing at the end is no reason to lose a call."""
    path = tmp_path / "call.mp3"
    media.encode(path, media.noise(30.0), kind="mp3")
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * 0.98)])
    assert 28_800 < decode(path)[0].duration_ms < 29_900


@pytest.mark.parametrize("size", [0, 0xFFFFFFFF, 0x7FFFFFFF])
def test_a_wav_of_open_size_is_read_to_its_end(tmp_path: Path, size: int) -> None:
    """Recorders that stream leave the size open; that is not a cut."""
    path = tmp_path / "call.wav"
    media.encode(path, media.tone(3.0))
    data = bytearray(path.read_bytes())
    at = data.index(b"data")
    data[at + 4 : at + 8] = struct.pack("<I", size)
    path.write_bytes(data)
    assert abs(decode(path)[0].duration_ms - 3000) < 5


@pytest.mark.parametrize("kind", ["ogg", "webm", "mka"])
def test_lost_packets_leave_silence(tmp_path: Path, kind: str) -> None:
    """What follows a hole stays at its time."""
    whole, holed = tmp_path / f"a.{kind}", tmp_path / f"b.{kind}"
    media.encode(whole, media.chirp(10.0), kind=kind)
    media.thinned(whole, holed, without=range(60, 90))
    before, after = decode(whole)[1][0], decode(holed)[1][0]
    assert abs(offset(after[-48_000:], before[-48_000:])) <= 16
    assert np.abs(len(after) - len(before)) <= 32
    assert float(np.mean(np.abs(after) < 1e-4)) > 0.03


def test_some_corrupt_packets_are_tolerated(tmp_path: Path) -> None:
    """Three damaged places in a minute do not lose the call or shift its end."""
    path = tmp_path / "a.flac"
    media.encode(path, media.noise(60.0), kind="flac")
    before = decode(path)[1][0]
    data = bytearray(path.read_bytes())
    for part in (0.2, 0.5, 0.8):
        at = int(len(data) * part)
        data[at : at + 40] = b"\x55" * 40
    path.write_bytes(data)
    after = decode(path)[1][0]
    assert abs(len(after) - len(before)) < 100
    assert abs(offset(after[-80_000:], before[-80_000:])) <= 1


def test_a_recording_in_ruins_is_refused(tmp_path: Path) -> None:
    """Where most of it is noise to the decoder there is no transcript to be had."""
    path = tmp_path / "a.mp3"
    media.encode(path, media.noise(20.0), kind="mp3")
    data = bytearray(path.read_bytes())
    rubbish = np.random.default_rng(1).integers(0, 255, len(data) - 3000, dtype=np.uint8).tobytes()
    data[3000:] = rubbish
    path.write_bytes(data)
    with pytest.raises(UnreadableRecording):
        decode(path)


def test_probe_and_decode_agree(tmp_path: Path) -> None:
    """The declared and the decoded length are the same within a packet."""
    for kind in ("mp3", "m4a", "ogg", "aac"):
        path = tmp_path / f"a.{kind}"
        media.encode(path, media.tone(4.0), kind=kind)
        assert abs(probe(path).duration_ms - decode(path)[0].duration_ms) < 60


@pytest.mark.parametrize("channels", [65, 100, 255])
def test_channels_that_ffmpeg_does_not_convert_are_no_bug(tmp_path: Path, channels: int) -> None:
    """The layout has no name that it knows."""
    path = tmp_path / "a.wav"
    media.wav(path, bytes(channels * 2 * 1000), channels=channels)
    with pytest.raises(
        UnreadableRecording, match=rf"a\.wav cannot be read: .*{channels} channels at"
    ) as caught:
        decode(path)
    assert "one or two channels" in caught.value.hint


def test_too_little_memory_is_no_fault_of_the_recording(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not refused for good."""

    class Full:
        def __init__(self, **kwargs: object) -> None:
            raise av.error.MemoryError(12, "Cannot allocate memory")

    path = tmp_path / "a.wav"
    media.encode(path, media.tone(1.0))
    monkeypatch.setattr("av.AudioResampler", Full)
    with pytest.raises(MemoryError):
        decode(path)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e30, 3e38, 7.0])
@pytest.mark.parametrize("channels", [1, 2, 6])
def test_a_damaged_sample_costs_its_own_moment(tmp_path: Path, value: float, channels: int) -> None:
    """Every sample is a number in -1..1, and the others are what they were."""
    path = tmp_path / "a.wav"
    sound = np.repeat(media.tone(1.0, level=0.1)[:, None], channels, axis=1)
    media.wav(path, sound.astype("<f4").tobytes(), channels=channels, bits=32, tag=3)
    before = np.stack(decode(path)[1])
    sound[8000] = value
    sound[8000, 0] = -value
    media.wav(path, sound.astype("<f4").tobytes(), channels=channels, bits=32, tag=3)
    after = np.stack(decode(path)[1])
    assert np.abs(after).max() <= 1
    assert np.array_equal(np.delete(after, 8000, axis=1), np.delete(before, 8000, axis=1))


def test_long_holes_are_counted(tmp_path: Path) -> None:
    """Where more than a minute was filled with silence the caller hears of it; the rest is in its place."""
    path = tmp_path / "a.mka"
    media.holed(path, media.chirp(4.0), {1.0: 5.0, 2.0: 70.0, 3.0: 61.0})
    holes: list[tuple[int, int]] = []
    with decoding(path, holes=holes) as (_, blocks):
        sound = np.concatenate([block[0] for block in blocks])
    assert holes == [(7000, 77_000), (78_000, 139_000)]
    assert len(sound) == 140 * 16_000
    assert not sound[7 * 16_000 : 77 * 16_000].any()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_random_damage_never_is_a_bug(tmp_path: Path, data: st.DataObject) -> None:
    """Whatever bytes are broken, the answer is sound or an error of the call."""
    kind = data.draw(st.sampled_from(["wav", "mp3", "m4a", "ogg", "flac", "webm", "aiff", "caf"]))
    path = tmp_path / f"a.{kind}"
    media.encode(path, media.noise(1.0), kind=kind)
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at] = data.draw(st.integers(0, 255))
    path.write_bytes(content[: data.draw(st.integers(1, len(content)))])
    try:
        _, channels = decode(path)
    except UnreadableRecording:
        pass  # any other exception is the bug this test looks for
    else:
        assert all(np.isfinite(c).all() for c in channels)
