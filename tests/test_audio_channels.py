"""Channels: one person each, the same sound twice, silence, leaks."""

from __future__ import annotations

import re

import numpy as np
import pytest

from callmine.audio import analyse, separate, suppress_leaks
from callmine.audio.leaks import is_copy
from callmine.audio.levels import Floats
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


@pytest.mark.parametrize("delay", [0, 5, 160])
@pytest.mark.parametrize("gain_db", [0.0, -4.0, -9.0, -11.5])
@pytest.mark.parametrize("polarity", [1, -1])
def test_the_same_sound_twice_is_one(delay: int, gain_db: float, polarity: int) -> None:
    """A delay, a steady level difference or swapped wires do not make a second person."""
    left, right = conversation()
    both = left + right
    gain = np.float32(polarity * 10 ** (gain_db / 20))
    copy = delayed(both, delay) * gain + media.noise(24.0, 0.0005, seed=3)
    report = analyse([both, copy])
    sides, indices, notes = separate([both, copy])
    assert report.dual_mono
    assert abs(report.delay_ms - delay / 16) < 0.1
    assert len(sides) == 1
    assert indices == (0,)
    assert "same sound" in notes[0]
    assert np.corrcoef(sides[0][:], both)[0, 1] > 0.99
    assert report.correlation * polarity > 0.98
    assert len(separate([copy, both])[0]) == 1, "whichever channel it is on"


@pytest.mark.parametrize("level", [0.3, 0.03], ids=["aloud", "softly"])
@pytest.mark.parametrize("side", [0, 1])
@pytest.mark.parametrize("whose", [0, 1], ids=["in the loud one", "in the leak"])
def test_one_word_of_ones_own_beside_a_leak_makes_two_channels(whose: int, side: int, level: float) -> None:
    """One channel is the other's leak at -9 dB, but for a word: they are not dual-mono."""
    talker, _ = conversation()
    both = [talker, talker * np.float32(10 ** (-9 / 20))]
    assert analyse(both).dual_mono
    both[whose][64_000:72_000] += media.voice(0.5, level, seed=5, pitch=220)
    both = both[:: 1 - 2 * side]
    assert not analyse(both).dual_mono
    assert separate(both)[1] == (0, 1)


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
    assert 0.02 < float(np.abs(sides[1][:]).max()) <= 0.99
    assert len(notes) == 1
    assert re.fullmatch(
        r"the right channel is \d\d dB quieter than the other and was very quiet"
        r" \(-\d\d dBFS\); it was raised",
        notes[0],
    )


@pytest.mark.parametrize("low", [0, 1])
def test_a_badly_unbalanced_channel_is_raised(low: int) -> None:
    """A side that would do alone, but is 21 dB below the other, is brought nearer to it."""
    sides = list(conversation())
    loud, quiet = 1 - low, low
    for side, level in ((loud, -13), (quiet, -34)):
        change = level - analyse([sides[side]]).levels_db[0]
        sides[side] = sides[side] * np.float32(10 ** (change / 20))
    before = analyse(sides)
    assert min(before.levels_db) > -35, "it is not raised for being very quiet"
    tracks, indices, notes = separate(sides)
    after = analyse(tracks)
    assert indices == (0, 1)
    assert tracks[loud] is sides[loud]
    assert abs(after.levels_db[quiet] + 23) < 0.1
    name = ("left", "right")[low]
    assert len(notes) == 1
    assert re.fullmatch(rf"the {name} channel is 21 dB quieter than the other; it was raised", notes[0])


def test_a_usual_difference_is_left_alone() -> None:
    """Ordinary differences between telephones are not touched."""
    left, right = conversation()
    sides, _, notes = separate([left, right * np.float32(10 ** (-8 / 20))])
    assert (sides[1].__class__, notes) == (np.ndarray, ())


def test_level_difference_is_reported_in_decibels() -> None:
    """Half the amplitude is six decibels."""
    left, _ = conversation()
    _, right = conversation()
    louder = analyse([left, right]).imbalance_db
    assert abs(analyse([left, right * np.float32(0.5)]).imbalance_db - louder - 6.02) < 0.1


def test_a_leak_is_removed() -> None:
    """Speech that is only the other's quieter copy goes; one's own stays."""
    left, right = conversation()
    leaky = right + delayed(left, 300) * np.float32(0.1)
    turns = [(s * 3000, s * 3000 + 3000) for s in range(8)]
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


def slow_is_copy(mine: Floats, other: Floats) -> Floats:
    """The definition of a copy, window by window and frame by frame, as plainly as it can be said."""
    count = min(len(mine), len(other))
    mine, other = mine[:count], other[:count]
    votes, windows = np.zeros(count), np.zeros(count)
    for start in range(0, max(1, count - 49), 10):
        piece = slice(start, min(start + 50, count))
        here = mine[piece]
        windows[piece] += 1
        levels = [max(1e-6, float(np.sqrt(np.mean(x[piece] ** 2)))) for x in (mine, other)]
        if 20 * np.log10(levels[0] / levels[1]) > -12 or here.std() == 0:
            continue
        for delay in range(6):
            first = max(0, start - delay)
            there = other[first : first + len(here)]
            if there.std() > 0 and np.corrcoef(here, there)[0, 1] > 0.8:
                votes[piece] += 1
                break
    copy = votes * 2 > windows
    below = [mine[i] < other[max(0, i - 5) : i + 1].max() * 10 ** (-12 / 20) for i in range(count)]
    for i in range(1, count):
        copy[i] |= copy[i - 1] and below[i]
    for i in range(count - 2, -1, -1):
        copy[i] |= copy[i + 1] and below[i]
    return copy


@pytest.mark.parametrize("seed", range(12))
def test_copies_are_found_as_they_are_defined(seed: int) -> None:
    """The quick way over whole calls gives, frame by frame, what the definition gives."""
    rng = np.random.default_rng(seed)
    count = [1, 4, 49, 50, 51, 59, 700, 3000, 3001, 3007, 5000, 9000][seed]
    other = np.repeat(rng.uniform(0, 0.3, count // 7 + 1) ** 2, 7)[:count] * (
        np.arange(count) // 150 % 2 + 0.001
    )
    leak = np.concatenate([np.zeros(min(3, count)), other])[:count] * 0.08
    own = np.repeat(rng.uniform(0, 0.02, count // 9 + 1), 9)[:count] * (np.arange(count) // 200 % 3 == 0)
    mine = leak + own + rng.uniform(0, 0.0005, count)
    found = is_copy(mine, other)
    assert np.array_equal(found, slow_is_copy(mine, other))
    if count > 600:
        assert 0.05 < found.mean() < 0.95, "both are in it"
