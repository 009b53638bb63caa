"""Makes the recordings the tests need: tones, noise, things like speech, in any container."""

from __future__ import annotations

import io
import struct
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

RATE = 16_000
Sound = npt.NDArray[np.float32]

KINDS: Mapping[str, tuple[str, str, int]] = {
    "wav": ("wav", "pcm_s16le", 16_000),
    "mulaw.wav": ("wav", "pcm_mulaw", 8_000),
    "alaw.wav": ("wav", "pcm_alaw", 8_000),
    "u8.wav": ("wav", "pcm_u8", 11_025),
    "s24.wav": ("wav", "pcm_s24le", 96_000),
    "f32.wav": ("wav", "pcm_f32le", 48_000),
    "adpcm.wav": ("wav", "adpcm_ms", 22_050),
    "aiff": ("aiff", "pcm_s16be", 44_100),
    "caf": ("caf", "pcm_s16le", 44_100),
    "au": ("au", "pcm_mulaw", 8_000),
    "mp3": ("mp3", "libmp3lame", 44_100),
    "low.mp3": ("mp3", "libmp3lame", 8_000),
    "m4a": ("mp4", "aac", 44_100),
    "mp4": ("mp4", "aac", 48_000),
    "aac": ("adts", "aac", 32_000),
    "ogg": ("ogg", "libopus", 48_000),
    "webm": ("webm", "libopus", 48_000),
    "mka": ("matroska", "pcm_s16le", 16_000),
    "flac": ("flac", "flac", 44_100),
    "ts": ("mpegts", "aac", 44_100),
}
"""Name ending to (container, codec, rate in Hz)."""


def tone(seconds: float, hertz: float = 440.0, level: float = 0.3, *, rate: int = RATE) -> Sound:
    """Return a sine."""
    return (level * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)).astype(np.float32)


def noise(seconds: float, level: float = 0.05, *, seed: int = 0, rate: int = RATE) -> Sound:
    """Return white noise."""
    return np.random.default_rng(seed).normal(0, level, round(seconds * rate)).astype(np.float32)


def chirp(seconds: float, level: float = 0.3, *, rate: int = RATE) -> Sound:
    """Return a rising tone whose every moment is different, to find where a window came from."""
    t = np.arange(round(seconds * rate)) / rate
    return (level * np.sin(2 * np.pi * (200 * t + 600 * t**2 / seconds))).astype(np.float32)


@lru_cache
def voice(seconds: float, level: float = 0.3, *, seed: int = 0, pitch: float = 120.0) -> Sound:
    """Return something with the build of speech: a wandering pitch, formants, syllables, pauses.

    It is made for envelopes and levels; the detector of speech takes it for a voice too.
    """
    rng = np.random.default_rng(seed)
    out = np.zeros(round(seconds * RATE) + RATE, dtype=np.float64)
    at = 0
    vowels = ((730, 1090, 2440), (270, 2290, 3010), (530, 1840, 2480), (570, 840, 2410), (300, 870, 2240))
    while at < round(seconds * RATE):
        length = int(rng.uniform(0.12, 0.28) * RATE)
        t = np.arange(length) / RATE
        base = pitch * rng.uniform(0.85, 1.2) * (1 + 0.08 * np.sin(2 * np.pi * rng.uniform(1, 3) * t))
        phase = 2 * np.pi * np.cumsum(base) / RATE
        formants = vowels[rng.integers(len(vowels))]
        glide = np.linspace(1.0, rng.uniform(0.85, 1.15), length)
        syllable = np.zeros(length)
        for harmonic in range(1, 30):
            gain = sum(1 / (1 + ((harmonic * base - f * glide) / 90) ** 2) for f in formants)
            syllable += gain * np.sin(harmonic * phase) / harmonic**0.5
        syllable *= np.hanning(length) ** 0.5 * rng.uniform(0.4, 1.0)
        hiss = rng.normal(0, 0.25, int(0.06 * RATE)) * np.hanning(int(0.06 * RATE))
        out[at : at + length] += syllable[: len(out) - at]
        tail = out[at + length - 300 : at + length - 300 + len(hiss)]
        tail += hiss[: len(tail)]
        at += length + int(
            (rng.uniform(0.02, 0.08) if rng.random() < 0.8 else rng.uniform(0.3, 0.7)) * RATE
        )
    out = out[: round(seconds * RATE)]
    sound = (out / np.abs(out).max() * level).astype(np.float32)
    sound.flags.writeable = False  # it is shared
    return sound


def encode(
    target: Path | io.BytesIO,
    channels: Sound | list[Sound],
    *,
    kind: str = "wav",
    rate: int = RATE,
    options: Mapping[str, str] | None = None,
    layout: str | None = None,
    video: bool = False,
) -> None:
    """Write channels (float32 at ``rate``) as one of :data:`KINDS`."""
    container_name, codec, codec_rate = KINDS[kind]
    rows = np.stack(channels) if isinstance(channels, list) else channels.reshape(1, -1)
    layout = layout or {1: "mono", 2: "stereo", 6: "5.1"}[len(rows)]
    place = str(target) if isinstance(target, Path) else target
    with av.open(place, "w", format=container_name, options=dict(options or {})) as container:
        stream = container.add_stream(codec, rate=codec_rate)
        stream.layout = layout
        if video:
            _add_picture(container)
        resampler = av.AudioResampler(
            format=stream.codec_context.format or "s16",
            layout=layout,
            rate=codec_rate,
            frame_size=stream.codec_context.frame_size or 1024,
        )
        for start in range(0, rows.shape[1], rate):
            packed = np.ascontiguousarray(rows[:, start : start + rate].T).reshape(1, -1)
            frame = av.AudioFrame.from_ndarray(packed, format="flt", layout=layout)
            frame.sample_rate = rate
            frame.pts = start
            for out in resampler.resample(frame):
                container.mux(stream.encode(out))
        for out in resampler.resample(None):
            container.mux(stream.encode(out))
        container.mux(stream.encode(None))


def _add_picture(container: av.container.OutputContainer) -> None:
    stream = container.add_stream("mpeg4", rate=1)
    stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
    for index in range(2):
        frame = av.VideoFrame.from_ndarray(np.full((64, 64, 3), 90, np.uint8), format="rgb24")
        frame.pts = index
        container.mux(stream.encode(frame))
    container.mux(stream.encode(None))


def silent_film(target: Path) -> None:
    """Write a video without an audio track."""
    with av.open(str(target), "w", format="mp4") as container:
        _add_picture(container)


def thinned(source: Path, target: Path, *, without: range) -> None:
    """Copy a recording's packets, leaving out those numbered in ``without``."""
    with av.open(str(source)) as old, av.open(str(target), "w") as new:
        stream = new.add_stream_from_template(old.streams.audio[0])
        for index, packet in enumerate(old.demux(old.streams.audio[0])):
            if packet.dts is None or index in without:
                continue
            packet.stream = stream
            new.mux(packet)


def tracks(target: Path, *sounds: Sound) -> None:
    """Write sounds (float32 at ``RATE``) as one track each, as programs do that record both ends apart."""
    with av.open(str(target), "w", format="matroska") as container:
        streams = []
        for _ in sounds:
            streams.append(container.add_stream("pcm_s16le", rate=RATE))
            streams[-1].layout = "mono"
        for at in range(0, len(sounds[0]), RATE // 10):
            for stream, sound in zip(streams, sounds, strict=True):
                _mux_at(container, stream, sound[at : at + RATE // 10], at)


def holed(target: Path, sound: Sound, jumps: Mapping[float, float]) -> None:
    """Write a mono recording whose clock jumps ahead: second of the sound to seconds left out there."""
    with av.open(str(target), "w", format="matroska") as container:
        stream = container.add_stream("pcm_s16le", rate=RATE)
        stream.layout = "mono"
        shift = 0
        for at in range(0, len(sound), RATE // 10):
            shift += round(jumps.get(at / RATE, 0.0) * RATE)
            _mux_at(container, stream, sound[at : at + RATE // 10], at + shift)


def _mux_at(container: av.container.OutputContainer, stream: av.AudioStream, sound: Sound, at: int) -> None:
    packed = np.round(sound * 32_767).astype(np.int16).reshape(1, -1)
    frame = av.AudioFrame.from_ndarray(packed, format="s16", layout="mono")
    frame.sample_rate, frame.pts = RATE, at
    container.mux(stream.encode(frame))


def wav(
    target: Path, data: bytes, *, channels: int = 1, rate: int = RATE, bits: int = 16, tag: int = 1
) -> None:
    """Write a WAV file byte by byte: also what no program would write. ``tag`` 3 is float."""
    block = channels * bits // 8
    head = struct.pack("<HHIIHH", tag, channels, rate, min(rate * block, 0xFFFFFFFF), block, bits)
    body = b"WAVEfmt " + struct.pack("<I", len(head)) + head + b"data" + struct.pack("<I", len(data)) + data
    target.write_bytes(b"RIFF" + struct.pack("<I", len(body)) + body)


def promising(target: Path, size: int, *, rate: int = 8_000, sound: bytes = bytes(16_000)) -> None:
    """Write a CAF or RF64 file (by its ending) of 8 bits whose header promises ``size`` bytes of sound."""
    if target.suffix == ".caf":
        about = struct.pack(">dIIIIII", float(rate), 0x6C70636D, 0, 1, 1, 1, 8)
        head = b"caff\0\1\0\0desc" + struct.pack(">Q", len(about)) + about
        target.write_bytes(head + b"data" + struct.pack(">QI", size, 0) + sound)
        return
    sizes = b"ds64" + struct.pack("<IQQQI", 28, size, size, size, 0)
    kind = b"fmt " + struct.pack("<IHHIIHH", 16, 1, 1, rate, rate, 1, 8)
    unknown = struct.pack("<I", 0xFFFFFFFF)
    target.write_bytes(b"RF64" + unknown + b"WAVE" + sizes + kind + b"data" + unknown + sound)
