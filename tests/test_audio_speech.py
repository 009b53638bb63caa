"""Speech is found, quiet telephone speech too; music, tones and noise are not speech."""

from __future__ import annotations

import sys
from itertools import pairwise

import numpy as np
import pytest

from callmine.audio import find_speech
from callmine.audio.speech import probabilities, spans_of
from callmine.errors import MissingDependency
from tests import media

SECONDS = 20.0


def note(hertz: float, seconds: float, harmonics: tuple[float, ...], vibrato: float = 0.0) -> media.Sound:
    t = np.arange(round(seconds * media.RATE)) / media.RATE
    phase = 2 * np.pi * hertz * t + vibrato * np.sin(2 * np.pi * 5.5 * t)
    sound = sum(gain * np.sin((i + 1) * phase) for i, gain in enumerate(harmonics))
    edge = np.minimum(1, t / 0.02) * np.minimum(1, (seconds - t) / 0.02) * np.exp(-t / 2)
    return np.asarray(sound * edge * 0.1, dtype=np.float32)


def chords() -> media.Sound:
    """Hold music: slow chords of a piano-like sound."""
    row = [(261.6, 329.6, 392.0), (220.0, 261.6, 329.6), (174.6, 220.0, 261.6), (196.0, 246.9, 293.7)]
    return np.concatenate([sum(note(f, 2.0, (1, 0.5, 0.3)) for f in row[i % 4]) for i in range(10)])


def arpeggio() -> media.Sound:
    """Hold music: broken chords."""
    row = (261.6, 329.6, 392.0, 523.3, 392.0, 329.6)
    return np.concatenate([note(row[i % 6], 0.25, (1, 0.5, 0.3, 0.2)) for i in range(80)])


def melody(vibrato: float = 0.5, harmonics: tuple[float, ...] = (1, 0.7, 0.5, 0.35, 0.2)) -> media.Sound:
    """Hold music: a tune with vibrato."""
    rng = np.random.default_rng(4)
    notes = [
        note(220 * 2 ** (rng.integers(0, 15) / 12), float(rng.choice([0.2, 0.4, 0.6])), harmonics, vibrato)
        for _ in range(60)
    ]
    return np.concatenate(notes)[: round(SECONDS * media.RATE)]


def drums() -> media.Sound:
    """Hold music: bursts of noise in time."""
    sound = np.zeros(round(SECONDS * media.RATE), dtype=np.float32)
    for beat in range(int(SECONDS * 4)):
        start = beat * media.RATE // 4
        sound[start : start + 4000] += media.noise(0.25, 0.2, seed=beat) * np.exp(-np.arange(4000) / 700)
    return sound


def ring() -> media.Sound:
    """Ring tone: 440 and 480 Hz, two seconds on and four off."""
    t = np.arange(round(SECONDS * media.RATE)) / media.RATE
    return ((media.tone(SECONDS, 440, 0.2) + media.tone(SECONDS, 480, 0.2)) * (t % 6 < 2)).astype(
        np.float32
    )


def keys() -> media.Sound:
    """Key tones: the digits dialled."""
    rng = np.random.default_rng(5)
    parts = []
    for _ in range(80):
        low, high = rng.choice([697, 770, 852, 941]), rng.choice([1209, 1336, 1477])
        parts += [
            media.tone(0.12, low, 0.2) + media.tone(0.12, high, 0.2),
            np.zeros(1600, dtype=np.float32),
        ]
    return np.concatenate(parts)


def pink() -> media.Sound:
    """Line noise, louder at low frequencies."""
    spectrum = np.fft.rfft(media.noise(SECONDS, 1.0))
    sound = np.fft.irfft(spectrum / np.sqrt(np.maximum(np.arange(len(spectrum)), 1)))
    return (sound / sound.std() * 0.05).astype(np.float32)


def telephone(sound: media.Sound) -> media.Sound:
    """Return the sound as a telephone line passes it: 300 to 3400 Hz, mu-law."""
    spectrum = np.fft.rfft(sound)
    hertz = np.fft.rfftfreq(len(sound), 1 / media.RATE)
    band = np.fft.irfft(spectrum * ((hertz > 300) & (hertz < 3400)), len(sound))
    coded = np.round(np.sign(band) * np.log1p(255 * np.minimum(1, np.abs(band))) / np.log(256) * 127) / 127
    return (np.sign(coded) * (256 ** np.abs(coded) - 1) / 255).astype(np.float32)


NOT_SPEECH = {
    "chords": chords,
    "arpeggio": arpeggio,
    "melody": melody,
    "strings": lambda: melody(1.2, (1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4)),
    "flute": lambda: melody(0.8, (1, 0.2, 0.05)),
    "drums": drums,
    "ring": ring,
    "keys": keys,
    "white": lambda: media.noise(SECONDS),
    "pink": pink,
    "hiss": lambda: media.noise(SECONDS, 0.001),
    "silence": lambda: np.zeros(round(SECONDS * media.RATE), dtype=np.float32),
}


@pytest.mark.parametrize("line", ["direct", "telephone"])
@pytest.mark.parametrize("name", sorted(NOT_SPEECH))
def test_hold_music_tones_and_noise_are_not_speech(name: str, line: str) -> None:
    """What callers hear while they wait gives nothing to transcribe."""
    sound = NOT_SPEECH[name]()
    assert find_speech(telephone(sound) if line == "telephone" else sound) == ()


@pytest.mark.parametrize("level", [0.3, 0.03])
def test_speech_is_found_where_it_is(level: float) -> None:
    """A voice between two silences is found, loud or quiet, on a telephone line too."""
    quiet = media.noise(5.0, 0.0002)
    sound = np.concatenate([quiet, media.voice(6.0, level, seed=2), quiet])
    for heard in (sound, telephone(sound)):
        spans = find_speech(heard)
        assert spans
        assert 4000 <= spans[0][0] <= 5600
        assert 10_000 <= spans[-1][1] <= 12_000


def test_spans_are_ordered_apart_and_inside() -> None:
    """Spans are what the engine can rely on."""
    spans = find_speech(media.voice(9.0, seed=3))
    assert all(a < b for a, b in spans)
    assert all(first[1] < second[0] for first, second in pairwise(spans))
    assert spans[-1][1] <= 9000


def test_streaming_gives_the_same_probabilities() -> None:
    """How the sound is cut into blocks makes no difference."""
    sound = media.voice(20.0, seed=6)
    whole = np.concatenate(list(probabilities([sound])))
    pieces = np.concatenate(list(probabilities(sound[i : i + 7001] for i in range(0, len(sound), 7001))))
    assert np.allclose(whole, pieces, atol=1e-5)


@pytest.mark.parametrize("floor", [0.0, 0.0001])
def test_silence_costs_nothing_and_changes_nothing(floor: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other side speaks for half a minute: the model hears two seconds of it, and then the answer."""
    home = sys.modules["callmine.audio.speech"]
    sound = media.noise(45.0, floor)
    for at in (3.0, 38.2):
        voice = media.voice(4.0, seed=int(at))
        sound[round(at * media.RATE) :][: len(voice)] += voice
    monkeypatch.setattr(home, "_SILENCE", 0.0)
    asked = find_speech(sound)
    monkeypatch.undo()
    heard: list[int] = []
    session = home._session()

    class Counting:
        def run(self, names: None, inputs: dict[str, np.ndarray]) -> object:
            heard.append(len(inputs["input"]))
            return session.run(names, inputs)

    monkeypatch.setattr(home, "_session", Counting)
    found = find_speech(sound)
    assert len(found) == len(asked) >= 2
    assert all(
        abs(a - b) <= 64
        for one, two in zip(found, asked, strict=True)
        for a, b in zip(one, two, strict=True)
    )
    assert sum(heard) * 0.032 < 45 - 24, "of thirty seconds of silence"


def test_nothing_gives_nothing() -> None:
    """No samples, no speech."""
    assert find_speech(np.zeros(0, dtype=np.float32)) == ()
    assert len(find_speech(np.zeros(3, dtype=np.float32))) == 0


def test_a_weak_blip_needs_company() -> None:
    """Weak evidence counts near speech, and not alone."""
    alone = np.zeros(3000, dtype=np.float32)
    alone[100:110] = 0.3
    assert spans_of(alone, 96_000) == ()
    near = alone.copy()
    near[300:340] = 0.9
    assert [s for s in spans_of(near, 96_000) if s[0] < 4000]
    far = alone.copy()
    far[2000:2040] = 0.9
    assert len(spans_of(far, 96_000)) == 1


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the model the message says what to install."""
    home = sys.modules["callmine.audio.speech"]
    home._session.cache_clear()
    monkeypatch.setattr(home, "find_spec", lambda name: None)
    with pytest.raises(MissingDependency, match="faster-whisper"):
        find_speech(media.tone(1.0))
    home._session.cache_clear()
