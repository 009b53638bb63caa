"""Mixing and encoding of the sample calls: timing, room noise, telephone band, hold music, containers."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from scipy.signal import butter, resample_poly, sosfilt

RATE = 24_000
SPEECH_DB = -23.0  # RMS of speech at a person's neutral loudness, dB below full scale
NOISE_DB = -62.0
CROSSTALK_DB = -35.0
ENCODERS = {  # file suffix -> encoder, sample rate, sample format
    ".ogg": ("libopus", 24_000, "flt"),
    ".webm": ("libopus", 24_000, "flt"),
    ".m4a": ("aac", 24_000, "fltp"),
    ".mp3": ("libmp3lame", 24_000, "fltp"),
    ".flac": ("flac", 16_000, "s16"),
    ".wav": ("pcm_mulaw", 8_000, "s16"),
}


@dataclass(slots=True)
class Turn:
    """One turn to place on the time line; ``side`` 0 is the rep's line, 1 the prospect's."""

    audio: np.ndarray
    side: int
    gain_db: float = 0.0
    gap_ms: int | None = None
    overlap_ms: int = 0
    start_ms: int = field(default=0, init=False)
    end_ms: int = field(default=0, init=False)


@dataclass(slots=True)
class Pause:
    """Hold music or silence between turns; ``side`` is the line that the music comes from."""

    seconds: float
    music: bool
    side: int = 0


def _db(value: float) -> float:
    """Return the amplitude factor of ``value`` decibels."""
    return float(10.0 ** (value / 20.0))


def _loud(audio: np.ndarray, level_db: float) -> np.ndarray:
    """Scale ``audio`` to an RMS of ``level_db`` over its voiced samples."""
    voiced = np.abs(audio) > 0.05 * np.abs(audio).max()
    scaled: np.ndarray = audio * (_db(level_db) / np.sqrt(np.mean(audio[voiced] ** 2)))
    return scaled


def hold_music(seconds: float) -> np.ndarray:
    """Return simple chords (C, A minor, F, G; two seconds each) with a soft melody, at 24 kHz."""
    chords = [(261.6, 329.6, 392.0), (220.0, 261.6, 329.6), (174.6, 220.0, 261.6), (196.0, 246.9, 293.7)]
    beat = np.arange(RATE // 2) / RATE
    fall = np.exp(-2.5 * beat)
    bars = []
    for number in range(int(np.ceil(seconds / 2))):
        chord = chords[number % 4]
        for step in range(4):
            pad = sum(np.sin(2 * np.pi * f * beat) for f in chord)
            note = chord[(step * 2 + number) % 3] * 2
            bars.append((0.25 * pad + 0.6 * np.sin(2 * np.pi * note * beat)) * fall)
    return _loud(np.concatenate(bars)[: int(seconds * RATE)], SPEECH_DB - 6)


def _room(rng: np.random.Generator, samples: int, level_db: float) -> np.ndarray:
    """Return low-passed noise: what an office line sounds like when nobody speaks."""
    noise = sosfilt(butter(1, 900, fs=RATE, output="sos"), rng.standard_normal(samples))
    scaled: np.ndarray = noise * (_db(level_db) / np.sqrt(np.mean(noise**2)))
    return scaled


def mix(items: list[Turn | Pause], rng: np.random.Generator, *, layout: str, quality: str) -> np.ndarray:
    """Lay the turns on a time line and return samples of shape (channels, n) at 24 kHz.

    Every ``Turn`` gets its true ``start_ms`` and ``end_ms``. A turn starts ``gap_ms`` (or 0.1 to
    0.8 s, drawn) after all before it have ended, or ``overlap_ms`` before the previous one ends.

    Args:
        items: Turns and pauses in order.
        rng: Source of gaps and noise, seeded per call.
        layout: ``stereo`` (rep left), ``stereo_swapped`` (rep right), ``dual_mono`` or ``mono``.
        quality: ``clean``, ``crosstalk`` or ``telephone`` (300 to 3400 Hz, more noise).
    """
    clock = int(0.4 * RATE)
    placed: list[tuple[int, int, np.ndarray]] = []
    for item in items:
        if isinstance(item, Pause):
            start, clock = clock + RATE // 4, clock + int((item.seconds + 0.5) * RATE)
            if item.music:
                placed.append((start, item.side, hold_music(item.seconds)))
            continue
        drawn = int(rng.triangular(100, 300, 800))
        gap = item.gap_ms if item.gap_ms is not None else drawn
        start = clock + (-item.overlap_ms if item.overlap_ms else gap) * RATE // 1000
        end = start + len(item.audio)
        item.start_ms, item.end_ms = start * 1000 // RATE, end * 1000 // RATE
        placed.append((start, item.side, _loud(item.audio, SPEECH_DB + item.gain_db)))
        clock = max(clock, end)
    lines = np.zeros((2, clock + int(0.6 * RATE)))
    for start, side, audio in placed:
        lines[side, start : start + len(audio)] += audio
    noise_db = NOISE_DB + (14 if quality == "telephone" else 0)
    for line in lines:
        line += _room(rng, lines.shape[1], noise_db)
    if quality == "crosstalk":
        lines = lines + _db(CROSSTALK_DB) * lines[::-1]
    if quality == "telephone":
        lines = sosfilt(butter(4, (300, 3400), "bandpass", fs=RATE, output="sos"), lines, axis=1)
    channels = {
        "stereo": lines,
        "stereo_swapped": lines[::-1],
        "mono": lines.sum(axis=0, keepdims=True),
        "dual_mono": np.repeat(lines.sum(axis=0, keepdims=True), 2, axis=0),
    }[layout]
    peak = np.abs(channels).max()
    samples: np.ndarray = (channels * min(1.0, 0.89 / peak)).astype(np.float32)
    return samples


def encode(path: Path, samples: np.ndarray, *, bit_rate: int) -> None:
    """Write samples of shape (channels, n) at 24 kHz into the container that the suffix names."""
    codec, rate, sample_format = ENCODERS[path.suffix]
    if rate != RATE:
        samples = resample_poly(samples, rate, RATE, axis=1).astype(np.float32)
    layout = "mono" if len(samples) == 1 else "stereo"
    with av.open(str(path), "w", options={"fflags": "+bitexact"}) as container:
        options = {"application": "voip", "vbr": "on"} if codec == "libopus" else {}
        stream = container.add_stream(codec, rate=rate, options=options)
        assert isinstance(stream, av.AudioStream)
        stream.layout = layout
        stream.format = sample_format
        stream.time_base = Fraction(1, rate)
        if codec not in ("flac", "pcm_mulaw"):
            stream.bit_rate = bit_rate * len(samples)
        stream.codec_context.flags |= av.codec.context.Flags.bitexact
        resampler = av.AudioResampler(format=stream.codec_context.format, layout=layout, rate=rate)
        block = rate
        for first in range(0, samples.shape[1], block):
            chunk = np.ascontiguousarray(samples[:, first : first + block])
            frame = av.AudioFrame.from_ndarray(chunk, format="fltp", layout=layout)
            frame.sample_rate, frame.pts, frame.time_base = rate, first, Fraction(1, rate)
            for ready in resampler.resample(frame):
                container.mux(stream.encode(ready))
        for ready in resampler.resample(None):
            container.mux(stream.encode(ready))
        container.mux(stream.encode(None))
