"""Sounds in which nobody speaks, made from seeds: what a recogniser must stay silent on.

Every generator returns mono float32 samples in -1..1 at 16 kHz, the same ones every time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt
from scipy.signal import butter, sosfilt

RATE = 16_000
SECONDS = 60.0

Sound = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]

_DTMF_ROWS = (697.0, 770.0, 852.0, 941.0)
_DTMF_COLUMNS = (1209.0, 1336.0, 1477.0)
_CHORDS = ((261.6, 329.6, 392.0), (220.0, 261.6, 329.6), (174.6, 220.0, 261.6), (196.0, 246.9, 293.7))


def silence(seconds: float = SECONDS, *, seed: int = 0) -> Sound:
    """Return digital silence; ``seed`` changes nothing."""
    return np.zeros(round(seconds * RATE), np.float32)


def room(seconds: float = SECONDS, *, seed: int = 1, level_db: float = -50.0) -> Sound:
    """Return the noise of a room: low-passed hiss that swells a little, with mains hum."""
    rng = np.random.default_rng(seed)
    n = round(seconds * RATE)
    t = np.arange(n) / RATE
    hiss = sosfilt(butter(1, 900, fs=RATE, output="sos"), rng.standard_normal(n))
    hiss *= 1 + 0.3 * np.sin(2 * np.pi * 0.13 * t + rng.uniform(0, 6))
    hum = 0.1 * np.sin(2 * np.pi * 50 * t) + 0.05 * np.sin(2 * np.pi * 150 * t)
    return _at(hiss + hum * hiss.std(), level_db)


def ring(seconds: float = SECONDS, *, seed: int = 2) -> Sound:
    """Return a ring tone as heard by the caller: 440 and 480 Hz, two seconds on, four off (ITU-T E.180)."""
    t = np.arange(round(seconds * RATE)) / RATE
    tone = np.sin(2 * np.pi * 440 * t) + np.sin(2 * np.pi * 480 * t)
    return _floor(_loud(tone * (t % 6.0 < 2.0), -20.0), seed)


def music(seconds: float = SECONDS, *, seed: int = 3) -> Sound:
    """Return music: four chords, a bass, a melody drawn from each chord, and a beat of noise."""
    rng = np.random.default_rng(seed)
    step = RATE // 4
    t = np.arange(step) / RATE
    parts = []
    for number in range(int(np.ceil(seconds * RATE / step))):
        chord = _CHORDS[(number // 8) % 4]
        pad = sum((np.sin(2 * np.pi * f * (t + number * step / RATE)) for f in chord), np.zeros(step))
        note = chord[rng.integers(3)] * (2 if rng.random() < 0.7 else 4)
        melody = sum(np.sin(2 * np.pi * note * h * t) / h**1.5 for h in (1, 2, 3)) * np.exp(-4 * t)
        bass = np.sin(2 * np.pi * chord[0] / 2 * t) * np.exp(-3 * t)
        beat = rng.standard_normal(step) * np.exp(-60 * t) * (0.8 if number % 4 == 2 else 0.25)
        parts.append(0.2 * pad + 0.6 * melody + 0.5 * bass + 0.4 * beat)
    return _floor(_loud(np.concatenate(parts)[: round(seconds * RATE)], -22.0), seed)


def dtmf(seconds: float = SECONDS, *, seed: int = 4) -> Sound:
    """Return somebody dialling: key tones of 80 to 250 ms (ITU-T Q.23), in groups with pauses."""
    rng = np.random.default_rng(seed)
    out: Floats = np.zeros(round(seconds * RATE))
    at = RATE // 2
    while at < len(out):
        length = int(rng.uniform(0.08, 0.25) * RATE)
        t = np.arange(length) / RATE
        low, high = rng.choice(_DTMF_ROWS), rng.choice(_DTMF_COLUMNS)
        key = (np.sin(2 * np.pi * low * t) + np.sin(2 * np.pi * high * t))[: len(out) - at]
        out[at : at + len(key)] = key
        at += length + int((rng.uniform(0.06, 0.2) if rng.random() < 0.85 else rng.uniform(1, 4)) * RATE)
    return _floor(_loud(out, -18.0), seed)


def breathing(seconds: float = SECONDS, *, seed: int = 5) -> Sound:
    """Return somebody breathing into a headset: swelling bursts of filtered noise, in and out."""
    rng = np.random.default_rng(seed)
    out: Floats = np.zeros(round(seconds * RATE))
    at = RATE // 2
    inwards = True
    while at < len(out):
        length = int(rng.uniform(0.9, 1.6) * RATE)
        band = (500.0, 2600.0) if inwards else (250.0, 1400.0)
        sos = butter(2, [f * rng.uniform(0.9, 1.1) for f in band], "bandpass", fs=RATE, output="sos")
        breath = sosfilt(sos, rng.standard_normal(length)) * np.hanning(length) ** 1.5
        breath = (breath / max(1e-9, breath.std()) * rng.uniform(0.5, 1.0))[: len(out) - at]
        out[at : at + len(breath)] = breath
        at += length + int((rng.uniform(0.1, 0.4) if inwards else rng.uniform(0.8, 1.8)) * RATE)
        inwards = not inwards
    return _floor(_loud(out, -34.0), seed)


KINDS: Mapping[str, Callable[..., Sound]] = {
    "silence": silence,
    "room": room,
    "ring": ring,
    "music": music,
    "dtmf": dtmf,
    "breathing": breathing,
}
"""Name to generator; each takes ``seconds`` and ``seed``."""


def _at(sound: Floats, level_db: float) -> Sound:
    """Return the sound with this RMS level in dB below full scale."""
    rms = float(np.sqrt(np.mean(sound**2)))
    return np.clip(sound * 10 ** (level_db / 20) / max(rms, 1e-9), -1, 1).astype(np.float32)


def _loud(sound: Floats, level_db: float) -> Floats:
    """Return the sound with this RMS level over the moments in which it sounds."""
    active = sound[np.abs(sound) > 0.05 * np.abs(sound).max()]
    scaled: Floats = sound * (10 ** (level_db / 20) / np.sqrt(np.mean(active**2)))
    return scaled


def _floor(sound: Floats, seed: int) -> Sound:
    """Lay the sound over the faint noise of a line: nothing that is recorded is digitally silent."""
    noise = np.random.default_rng(seed + 1000).normal(0, 10 ** (-66 / 20), len(sound))
    return np.clip(sound + noise, -1, 1).astype(np.float32)
