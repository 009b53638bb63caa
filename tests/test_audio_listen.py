"""From a file to tracks and speech: the same as from arrays, in memory that does not grow."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from pathlib import Path

import numpy as np
import pytest

from callmine.audio import analyse, decode, find_speech, listen, separate, suppress_leaks
from callmine.audio.levels import Meter, levels_of, slices
from callmine.audio.spool import MeanTrack, RaisedTrack, Spool, SpooledTrack
from callmine.audio.spool import spooled as in_a_spool
from callmine.audio.types import RATE, Recording, Samples, Span
from callmine.errors import CallError, UnreadableRecording
from callmine.stages.diarize import DiarizeStage
from tests import media
from tests.builders import a_call, a_job, a_segment, a_transcript

SAMPLE = Path(__file__).parents[1] / "data/sample/audio"
Spooled = Callable[..., tuple[SpooledTrack, ...]]
STEREO = SAMPLE / "16-vellmore-it-review.ogg"
HALF_BIT = 0.5 / 32_768


def heard(path: Path) -> Recording:
    return listen(path, content="0" * 64, source=path.name)


def written(channels: Sequence[Samples], *, memory_bytes: int = 64_000_000, block: int = 7001) -> Spool:
    """A spool that was written in blocks."""
    spool = Spool(len(channels), source="call.wav", memory_bytes=memory_bytes)
    for at in range(0, len(channels[0]), block):
        spool.write([c[at : at + block] for c in channels])
    return spool


@pytest.fixture
def spooled() -> Iterator[Spooled]:
    """Tracks of channels written to a spool that is closed after the test."""
    with ExitStack() as stack:

        def write(*channels: Samples) -> tuple[SpooledTrack, ...]:
            return stack.enter_context(closing(written(channels))).tracks()

        yield write


def in_common(first: Sequence[Span], second: Sequence[Span]) -> int:
    return sum(max(0, min(e, f) - max(s, t)) for s, e in first for t, f in second)


def total(spans: Sequence[Span]) -> int:
    return sum(end - start for start, end in spans)


@pytest.fixture(scope="module")
def stereo() -> list[Samples]:
    """A real call on two channels."""
    return decode(STEREO)[1]


# -- the spool -----------------------------------------------------------------------------------


@pytest.mark.parametrize("memory_bytes", [64_000_000, 1000], ids=["memory", "disk"])
def test_a_spool_gives_back_what_was_written(memory_bytes: int) -> None:
    """To half a bit, in any slice, like an array; what was 16 bit before comes back exactly."""
    first = np.round(media.voice(3.0) * 20_000).astype(np.float32) / 32_768
    second = media.noise(3.0, 0.2, seed=4)
    with_spool = written([first, second], memory_bytes=memory_bytes)
    one, two = with_spool.tracks()
    assert np.array_equal(one[:], first)
    assert np.abs(two[:] - second).max() <= HALF_BIT
    for part in (slice(5, 900), slice(-50, None), slice(47_990, 60_000), slice(9, 9), slice(9, 3)):
        assert np.array_equal(one[part], first[part])
        assert one[part].dtype == np.float32
    assert (len(one), len(two)) == (48_000, 48_000)
    with_spool.close()
    with_spool.close()
    with pytest.raises(ValueError, match="closed file"):
        one[:10]


def test_a_track_has_no_steps(spooled: Spooled) -> None:
    """Every tenth sample is not sound."""
    (track,) = spooled(media.tone(0.1))
    with pytest.raises(ValueError, match="not every 10"):
        track[::10]


def test_loud_samples_are_clipped_not_wrapped(spooled: Spooled) -> None:
    """Lossy codecs overshoot; an overflow would turn a peak into a click."""
    (track,) = spooled(np.array([1.5, -1.5, 1.0, 0.5], dtype=np.float32))
    assert np.allclose(track[:], [1, -1, 1, 0.5], atol=2 * HALF_BIT)


def test_levels_do_not_depend_on_blocks(spooled: Spooled) -> None:
    """Envelope and peak measured while writing are those of the whole."""
    sound = media.voice(65.0, seed=8)
    whole = levels_of(sound)
    assert len(whole.envelope) == 65 * 50
    assert whole.peak == float(np.abs(sound).max())
    meter = Meter()
    for at in range(0, len(sound), 777):
        meter.add(sound[at : at + 777])
    assert np.array_equal(meter.levels().envelope, whole.envelope)
    (track,) = spooled(sound)
    assert levels_of(track) is track.levels
    assert np.array_equal(track.levels.envelope, whole.envelope)


@pytest.mark.parametrize("delay", [0, 1, 37, 160, -1, -37, -160])
def test_the_mean_of_two_is_aligned(delay: int) -> None:
    """A channel that comes late, or early, is moved back, in every slice; beyond its end is silence."""
    first = media.noise(1.0, 0.2, seed=1)
    moved = np.zeros_like(first)
    if delay >= 0:
        moved[delay:] = first[: len(first) - delay]
    else:
        moved[:delay] = first[-delay:]
    track = MeanTrack(first, moved, delay)
    inside = slice(abs(delay), len(first) - abs(delay))
    assert np.allclose(track[inside], first[inside], atol=1e-6)
    joined = np.concatenate([track[at : at + 999] for at in range(0, len(track), 999)])
    assert np.array_equal(joined, track[:])
    assert np.allclose(track[:][: abs(delay)], first[: abs(delay)] * (0.5 if delay < 0 else 1))


def test_a_raised_track_is_louder() -> None:
    """Every sample times the gain."""
    sound = media.tone(0.2)
    track = RaisedTrack(sound, 2.5)
    assert np.allclose(track[10:90], sound[10:90] * 2.5)
    assert len(track) == len(sound)


FULL = """
    import resource, signal, sys
    from pathlib import Path
    import numpy as np
    from callmine.audio.spool import Spool
    from callmine.errors import CallError

    limit = int(sys.argv[1])
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    spool = Spool(2, source="call.mp3", memory_bytes=100_000)
    try:
        for _ in range(100):
            spool.write([np.zeros(8000, np.float32)] * 2)
    except CallError as error:
        spool.close()
        print(error.retryable, error.message, error.hint, sep="|")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="limits the size of files as Unix does")
@pytest.mark.parametrize(
    ("limit", "where"),
    [(300_000, "{} (File too large; "), (0, "any folder for temporary files (No usable ")],
    ids=["filled", "full before"],
)
def test_a_full_disk_is_said(limit: int, where: str, tmp_path: Path) -> None:
    """The message names the call, the folder and the way out; the next run tries again."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(FULL), str(limit)],
        env={**os.environ, "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    retryable, message, hint = done.stdout.strip().split("|")
    assert retryable == "True"
    assert message.startswith(f"call.mp3: its sound does not fit into {where.format(tmp_path)}")
    assert "TMPDIR" in hint
    assert list(tmp_path.iterdir()) == []


LATE = """
    import os, resource, signal, sys
    from functools import partial
    from pathlib import Path
    import numpy as np
    from callmine.audio import listen
    from callmine.audio.spool import Spool
    from callmine.errors import CallError

    def on_disk():
        return [n for n in os.listdir("/dev/fd") if (at := Path("/dev/fd", n)).is_symlink()
                and os.environ["TMPDIR"] in os.readlink(at)]

    how, path = sys.argv[1:]
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
    try:
        if how == "listening":  # to a call that is a little too long, in one block
            sys.modules["callmine.audio.spool"].Spool = partial(Spool, memory_bytes=100_000)
            with listen(Path(path), content="", source="call.mp3"):
                print("it went in")
        else:
            spool = Spool(1, source="call.mp3", memory_bytes=100_000)
            # The last 4 kB wait in the file's buffer: no write has failed yet.
            for length in [16_000] * 9 + [8_000]:
                spool.write([np.zeros(length, np.float32)])
            print(len(on_disk()) if sys.platform == "linux" else 1)
            if how == "reading":
                spool.read(0, 0, 100)
            else:
                spool.tracks()
    except CallError as error:
        if how != "listening":
            spool.close()
            spool.close()
        print(error.retryable, error.message, error.hint, len(on_disk()), sep="|")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="limits the size of files as Unix does")
@pytest.mark.parametrize("how", ["tracks", "reading", "listening"])
def test_a_disk_that_fills_with_the_last_samples_is_said_too(how: str, tmp_path: Path) -> None:
    """What waits to be written fails later than a write: same message, and the file is gone."""
    folder = tmp_path / "spools"
    folder.mkdir()
    media.encode(tmp_path / "call.wav", media.noise(9.5))
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(LATE), how, str(tmp_path / "call.wav")],
        env={**os.environ, "TMPDIR": str(folder)},
        capture_output=True,
        text=True,
        check=True,
    )
    *before, said = done.stdout.splitlines()
    assert before == ([] if how == "listening" else ["1"])
    retryable, message, hint, left = said.split("|")
    assert (retryable, left) == ("True", "0")
    assert message.startswith(f"call.mp3: its sound does not fit into {folder} (File too large; 0 MB")
    assert "TMPDIR" in hint
    assert list(folder.iterdir()) == []


def test_no_folder_for_temporary_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that is gone is no fault of the recording: said, and tried again."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "gone"))
    with closing(Spool(1, source="call.wav", memory_bytes=1000)) as spool:
        with pytest.raises(CallError, match=r"call\.wav: its sound does not fit into .*gone") as caught:
            spool.write([media.tone(1.0)])
        assert caught.value.retryable


KILLED = """
    import os, signal
    import numpy as np
    from callmine.audio.spool import Spool

    spool = Spool(1, source="call.wav", memory_bytes=1000)
    spool.write([np.ones(100_000, np.float32)])
    (track,) = spool.tracks()
    assert track[99_999:].tolist() == [32767 / 32768]
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_killed_process_leaves_nothing_behind(tmp_path: Path) -> None:
    """The file on disk has no name."""
    env = {**os.environ, "TMPDIR": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(KILLED)], env=env, check=False)
    assert done.returncode == -9
    assert list(tmp_path.iterdir()) == []


# -- listening -----------------------------------------------------------------------------------


def test_a_call_is_heard_as_from_arrays(stereo: list[Samples]) -> None:
    """Channels to half a bit, and the speech of the whole decoded arrays."""
    sides, _, notes = separate(stereo)
    speech = suppress_leaks(sides, [find_speech(side) for side in sides])
    with heard(STEREO) as recording:
        assert all(isinstance(c, SpooledTrack) for c in recording.channels)
        for track, side in zip(recording.channels, sides, strict=True):
            assert len(track) == len(side)
            assert np.abs(track[:] - side[:]).max() <= HALF_BIT * 1.01
        for mine, whole in zip(recording.speech, speech, strict=True):
            # 16 bits move the end of a breath by a frame of 32 ms at most places.
            assert in_common(mine, whole) > 0.99 * max(total(mine), total(whole))
        assert recording.notes == notes
        assert recording.duration_ms == len(stereo[0]) * 1000 // RATE


@pytest.mark.parametrize("gain", [0.7, -0.7, 0.35, -0.35])
def test_one_sound_on_two_channels_is_one_track(gain: float, tmp_path: Path) -> None:
    """A late, quieter, inverted copy is put together with the original, and said."""
    sound = media.voice(8.0, seed=2)
    late = np.concatenate([np.zeros(160, np.float32), sound])[: len(sound)] * np.float32(gain)
    path = tmp_path / "call.wav"
    media.encode(path, [sound, late])
    with heard(path) as recording:
        (track,) = recording.channels
        assert len(recording.speech) == 1
        assert recording.speech_ms > 4000
        assert np.corrcoef(track[: 7 * RATE], sound[: 7 * RATE])[0, 1] > 0.999
        assert recording.notes == ("both channels carry the same sound; it was read as one",)


def test_a_silent_side_is_left_out_and_not_listened_to(tmp_path: Path) -> None:
    """Everybody may be on the other side."""
    path = tmp_path / "call.wav"
    media.encode(path, [np.zeros(6 * RATE, np.float32), media.voice(6.0)])
    with heard(path) as recording:
        assert len(recording.channels) == len(recording.speech) == 1
        assert recording.speech_ms > 3000
        assert recording.notes == ("the left channel is silent; everybody may be on the other one",)


@pytest.mark.parametrize("value", [1e30, -1e30, np.inf, np.nan])
def test_a_damaged_sample_spoils_no_level(value: float, tmp_path: Path) -> None:
    """Else one channel is infinitely loud and the other "inf dB quieter"."""
    sound = np.stack([media.voice(6.0), media.voice(6.0, seed=1)], axis=1)
    sound[50_000, 0] = value
    path = tmp_path / "call.wav"
    media.wav(path, sound.astype("<f4").tobytes(), channels=2, bits=32, tag=3)
    with heard(path) as recording:
        assert recording.notes == ()
        assert len(recording.channels) == 2
        assert all(np.isfinite(levels_of(c).envelope).all() for c in recording.channels)


def test_a_hole_is_among_the_notes(tmp_path: Path) -> None:
    """A recorder that stood still for over a minute: what it did not hear was not silence."""
    path = tmp_path / "call.mka"
    media.holed(path, media.voice(6.0), {3.0: 75.0})
    with heard(path) as recording:
        assert recording.notes == (
            "the recording holds no sound for 1:15 from 0:03; silence was put in there",
        )
        assert recording.duration_ms == 81_000


def test_silence_has_no_speech(tmp_path: Path) -> None:
    """An empty recording is one channel without speech, also when it is a few samples long."""
    for seconds in (3.0, 0.01):
        path = tmp_path / "call.wav"
        media.encode(path, np.zeros(round(seconds * RATE), np.float32))
        with heard(path) as recording:
            assert (recording.speech, recording.speech_ms) == (((),), 0)


def diarized(path: Path) -> object:
    """What a mono call is put through to tell its voices apart."""
    stage = DiarizeStage(Path())
    stage._encoder = object()  # type: ignore[assignment] - it gets as far as the sound
    call = a_call(recording=str(path), source=path.name)
    return stage.process(a_job((call, a_transcript(a_segment()))))


@pytest.mark.parametrize("hear", [heard, diarized, lambda path: in_a_spool(path, source=path.name)])
def test_a_cut_recording_is_refused_and_its_spool_freed(
    hear: Callable[[Path], object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cut is only known at the end; what was written until then is given up, whoever listens."""
    path = tmp_path / "call.wav"
    media.encode(path, media.voice(40.0))
    path.write_bytes(path.read_bytes()[:600_000])
    freed = []
    close = Spool.close
    monkeypatch.setattr(Spool, "close", lambda self: (close(self), freed.append(self)))
    with pytest.raises(UnreadableRecording, match="cut short"):
        hear(path)
    assert len(freed) == 1


def test_a_recording_is_decoded_into_a_spool(tmp_path: Path) -> None:
    """With what its container says; the channels are as decoded, to half a bit."""
    path = tmp_path / "call.wav"
    media.encode(path, [media.voice(2.0), media.voice(2.0, seed=1)])
    info, spool = in_a_spool(path, source=path.name)
    whole = decode(path)[1]
    with closing(spool):
        assert (info.channels, info.container) == (2, "wav")
        for track, samples in zip(spool.tracks(), whole, strict=True):
            assert len(track) == len(samples)
            assert np.abs(track[:] - samples).max() <= HALF_BIT * 1.01


# -- crosstalk on a real call --------------------------------------------------------------------


@pytest.fixture(scope="module")
def spoken(stereo: list[Samples]) -> tuple[tuple[Span, ...], ...]:
    """The speech of the real call's channels."""
    return tuple(find_speech(side) for side in stereo)


@pytest.mark.parametrize("source", [0, 1], ids=["left leaks", "right leaks"])
@pytest.mark.parametrize("delay_ms", [0, 60])
def test_a_leak_of_a_real_voice_is_not_heard_twice(
    stereo: list[Samples],
    spoken: tuple[tuple[Span, ...], ...],
    source: int,
    delay_ms: int,
    tmp_path: Path,
) -> None:
    """One channel in the other at -20 dB: each side's speech stays what it was."""
    late = np.concatenate([np.zeros(delay_ms * RATE // 1000, np.float32), stereo[source]])
    mixed = list(stereo)
    mixed[1 - source] = mixed[1 - source] + late[: len(mixed[0])] * np.float32(0.1)
    raw = find_speech(mixed[1 - source])
    others = total(spoken[source])
    assert in_common(raw, spoken[source]) > 0.5 * others, "the leak is loud enough to be taken for speech"
    path = tmp_path / "call.wav"
    media.encode(path, mixed)
    with heard(path) as recording:
        assert len(recording.channels) == 2
        assert in_common(recording.speech[source], spoken[source]) > 0.99 * others
        (told,) = (note for note in recording.notes if "leaking in" in note)
        assert f"of the {('right', 'left')[source]} channel" in told
        mine = recording.speech[1 - source]
    own = spoken[1 - source]
    assert in_common(mine, own) > 0.97 * total(own), "what the person said stays"
    assert total(mine) - in_common(mine, own) < 0.1 * others, (
        "what leaked goes, but for the ends of breaths"
    )


def test_a_channel_with_nothing_but_a_leak_falls_silent(stereo: list[Samples], tmp_path: Path) -> None:
    """It is raised, being quiet; its leak is still known by how quiet it was."""
    hiss = media.noise(len(stereo[0]) / RATE, 0.0005, seed=7)[: len(stereo[0])]
    path = tmp_path / "call.wav"
    media.encode(path, [stereo[0], stereo[0] * np.float32(0.1) + hiss])
    assert not analyse(decode(path)[1]).dual_mono
    with heard(path) as recording:
        assert any("right channel" in note and "raised" in note for note in recording.notes)
        left, right = recording.speech
    assert total(left) > 10_000
    assert total(right) < 0.1 * total(left)


# -- memory --------------------------------------------------------------------------------------

PEAK = """
    import sys
    from pathlib import Path
    from callmine.audio import listen

    with listen(Path(sys.argv[1]), content="", source="call") as recording:
        track = recording.channels[-1]
        for at in range(0, len(track), 480_000):
            track[at : at + 480_000]
        # Not ru_maxrss: a new program takes that over from the one that started it.
        status = Path("/proc/self/status").read_text()
        peak = int(status.split("VmHWM:")[1].split()[0]) // 1024
        print(len(track), recording.speech_ms, peak)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads memory as Linux tells it")
def test_memory_does_not_grow_with_the_call(tmp_path: Path) -> None:
    """Ten times the call, the same memory: what is longer than the spool's share is on disk."""
    sound = [media.voice(60.0, seed=3), media.voice(60.0, seed=4, pitch=200.0)]
    peaks = []
    for minutes in (2, 20):
        path = tmp_path / f"{minutes}.wav"
        media.encode(path, [np.tile(s, minutes) for s in sound])
        out = subprocess.run(
            [sys.executable, "-c", textwrap.dedent(PEAK), str(path)],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.split()
        assert int(out[0]) == minutes * 60 * RATE
        assert int(out[1]) > minutes * 60_000
        peaks.append(int(out[2]))
    decoded_mb = 20 * 60 * RATE * 2 * 4 / 1e6
    assert decoded_mb > 150
    assert peaks[1] - peaks[0] < 110, "the spool's 64 MB, and their move to disk"


def test_slices_cover_a_track() -> None:
    """Half-minute pieces join to the whole."""
    sound = media.noise(61.0)
    assert [len(p) for p in slices(sound)] == [480_000, 480_000, 16_000]
    assert np.array_equal(np.concatenate(list(slices(sound))), sound)
