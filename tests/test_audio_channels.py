"""Channels: one person each, the same sound twice, silence, leaks."""

from __future__ import annotations

import numpy as np
import pytest

from callmine.audio import analyse, separate, suppress_leaks
from tests import media


def conversation(seconds: float = 24.0, seed: int = 0) -> tuple[media.Sound, media.Sound]:
    """Return two people who take turns of three seconds, each on a channel of their own."""
    first, second = media.voice(seconds, seed=seed), media.voice(seconds, seed=seed + 1, pitch=210)
    turn = (np.arange(len(first)) // (3 * media.RATE)) % 2
    hiss = media.noise(seconds, 0.0005, seed=9), media.noise(seconds, 0.0005, seed=10)
    return (first * (turn == 0) + hiss[0]).astype(np.float32), (second * (turn == 1) + hiss[1]).astype(
        np.float32
    )


def delayed(sound: media.Sound, samples: int) -> media.Sound:
    return np.concatenate([np.zeros(samples, dtype=np.float32), sound])[: len(sound)]


def test_true_stereo_stays_apart() -> None:
    """Two people on two channels are transcribed apart, with their indices."""
    left, right = conversation()
    report = analyse([left, right])
    sides, indices, notes = separate([left, right])
    assert not report.dual_mono
    assert indices == (0, 1)
    assert notes == ()
    assert sides[0] is left
    assert report.crosstalk_db is None


@pytest.mark.parametrize("delay", [0, 5, 160])
@pytest.mark.parametrize("gain_db", [0.0, -4.0])
def test_the_same_sound_twice_is_one(delay: int, gain_db: float) -> None:
    """A small delay and a small level difference do not make a second person."""
    left, right = conversation()
    both = left + right
    copy = delayed(both, delay) * np.float32(10 ** (gain_db / 20)) + media.noise(24.0, 0.0005, seed=3)
    report = analyse([both, copy])
    sides, indices, notes = separate([both, copy])
    assert report.dual_mono
    assert abs(report.delay_ms - delay / 16) < 0.1
    assert len(sides) == 1
    assert indices == (0,)
    assert "same sound" in notes[0]
    assert np.corrcoef(sides[0], both)[0, 1] > 0.99


def test_heavy_crosstalk_is_not_dual_mono() -> None:
    """Each side hears the other well; who is louder still changes with who speaks."""
    left, right = conversation()
    mixed = [left + 0.4 * right, right + 0.4 * left]
    report = analyse(mixed)
    assert not report.dual_mono
    assert separate(mixed)[1] == (0, 1)


def test_a_silent_channel_is_left_out_and_the_index_kept() -> None:
    """Only the sounding channel is read, under its true index, and the note warns of roles."""
    left, _ = conversation()
    _, indices, notes = separate([np.zeros_like(left), left])
    assert indices == (1,)
    assert notes == ("the left channel is silent; everybody may be on the other one",)


def test_one_word_in_a_long_silence_is_not_silent() -> None:
    """A prospect who only says yes is still heard."""
    left = media.voice(120.0)
    right = np.zeros_like(left)
    right[800_000:805_000] = media.voice(1.0, 0.1)[:5000]
    assert analyse([left, right]).silent == (False, False)


def test_two_silent_channels_give_one() -> None:
    """An empty recording is one channel without speech, not an error."""
    zero = np.zeros(16_000, dtype=np.float32)
    sides, indices, notes = separate([zero, zero])
    assert len(sides) == 1
    assert indices == (0,)
    assert len(notes) == 2


def test_mono_passes_through() -> None:
    """One channel is one channel."""
    sound = media.voice(3.0)
    sides, indices, notes = separate([sound])
    assert sides[0] is sound
    assert (indices, notes) == ((0,), ())


def test_a_very_quiet_channel_is_raised() -> None:
    """A voice at -50 dBFS becomes audible to the engine and does not clip."""
    left, right = conversation()
    sides, _, notes = separate([left, right * np.float32(0.01)])
    assert 0.02 < float(np.abs(sides[1]).max()) <= 0.99
    assert any("right channel was very quiet" in note for note in notes)


def test_level_difference_is_reported_in_decibels() -> None:
    """Half the amplitude is six decibels."""
    left, _ = conversation()
    _, right = conversation()
    louder = analyse([left, right]).imbalance_db
    assert abs(analyse([left, right * np.float32(0.5)]).imbalance_db - louder - 6.02) < 0.1


def test_a_leak_is_measured_and_removed() -> None:
    """Speech that is only the other's quieter copy goes; one's own stays."""
    left, right = conversation()
    leaky = right + delayed(left, 300) * np.float32(0.1)
    turns = [(s * 3000, s * 3000 + 3000) for s in range(8)]
    report = analyse([left, leaky])
    assert report.crosstalk_db is not None
    assert abs(report.crosstalk_db + 20) < 3
    kept_left, kept_right = suppress_leaks([left, leaky], [turns[0::2], [(0, 24_000)]])
    assert kept_left == tuple(turns[0::2])
    own = sum(max(0, min(e, t[1]) - max(s, t[0])) for s, e in kept_right for t in turns[1::2])
    others = sum(max(0, min(e, t[1]) - max(s, t[0])) for s, e in kept_right for t in turns[0::2])
    assert own > 0.95 * 12_000
    assert others < 0.2 * 12_000


def test_quiet_own_words_during_the_others_turn_stay() -> None:
    """A soft uh-huh is not a copy: its envelope is its own."""
    left = media.voice(12.0, seed=1)
    right = media.noise(12.0, 0.0003)
    right[64_000:80_000] += media.voice(1.0, 0.03, seed=5, pitch=220)
    assert suppress_leaks([left, right], [[(0, 12_000)], [(4000, 5000)]])[1] == ((4000, 5000),)


def test_leaks_of_one_channel_are_nothing() -> None:
    """Mono speech is returned as it came."""
    assert suppress_leaks([media.tone(1.0)], [[(0, 500)]]) == (((0, 500),),)


def test_very_short_sound_is_measured() -> None:
    """A few samples do not break the arithmetic."""
    for length in (0, 1, 100, 700):
        report = analyse([np.ones(length, dtype=np.float32) * 0.1] * 2)
        assert len(report.levels_db) == 2
        separate([np.ones(length, dtype=np.float32) * 0.1] * 2)
