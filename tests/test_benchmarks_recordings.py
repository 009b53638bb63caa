"""The sounds of the benchmarks are what they are said to be, and weights go over whole."""

from __future__ import annotations

import io
import struct
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks import child, ggml, measure, side_by_side
from benchmarks.invention import THANKS
from benchmarks.nonspeech import KINDS, RATE
from benchmarks.options import Setup
from benchmarks.recordings import (
    Clip,
    Recorded,
    channels_of,
    clips,
    lay,
    sample_calls,
    telephone,
    two_sided,
    variant,
    write,
)
from benchmarks.side_by_side import read_all
from callmine.audio import decode, find_speech


@pytest.mark.parametrize("name", KINDS)
def test_sounds_without_speech_are_the_same_every_time(name: str) -> None:
    """Another seed is another sound, except of silence; none clips, none is empty."""
    make = KINDS[name]
    one, again, other = make(5.0), make(5.0), make(5.0, seed=99)
    assert one.dtype == np.float32
    assert len(one) == 5 * RATE
    assert np.array_equal(one, again)
    assert np.abs(one).max() < 0.999
    assert (name == "silence") == np.array_equal(one, other) == (not one.any())


def test_turns_are_laid_with_the_silence_that_was_asked_for() -> None:
    """The share of silence is right, the turns are where the truth says, also on two sides."""
    tone = np.sin(np.arange(2 * RATE) * 0.2).astype(np.float32) * 0.3
    said = [Clip(tone, "left", 0, 40), Clip(tone, "right", 1, 40)]
    blocks, turns = lay(said, 300.0, silence=0.4, pauses=(5.0, 10.0), sides=2)
    sound = np.concatenate(list(blocks), axis=1)
    assert sound.shape == (2, 300 * RATE)
    spoken = sum(t.end_ms - t.start_ms for t in turns) / 300_000
    assert spoken == pytest.approx(0.6, abs=0.05)
    assert max(b.start_ms - a.end_ms for a, b in pairwise(turns)) >= 5_000
    for turn in turns:
        piece = sound[:, turn.start_ms * 16 + 320 : turn.end_ms * 16 - 320]
        level = np.sqrt((piece**2).mean(axis=1))
        assert level[turn.channel] > 0.2 > 0.01 > level[1 - turn.channel]


def test_recordings_are_written_and_read_back(tmp_path: Path) -> None:
    """Blocks follow each other without a seam; a telephone passes no bass."""
    t = np.arange(3 * RATE) / RATE
    low, mid = (0.3 * np.sin(2 * np.pi * f * t).astype(np.float32) for f in (100, 1000))
    write(tmp_path / "a.wav", [low[None, :RATE], low[None, RATE:]])
    _, (back,) = decode(tmp_path / "a.wav")
    assert np.abs(back - low).max() < 1e-3
    phone = telephone(np.stack([low, mid]))
    write(tmp_path / "b.mulaw.wav", [phone], rate=8_000)
    info, (bass, voice) = decode(tmp_path / "b.mulaw.wav")
    assert (info.sample_rate, info.codec, channels_of(tmp_path / "b.mulaw.wav")) == (8_000, "pcm_mulaw", 2)
    assert np.abs(voice).max() > 0.25 > 0.02 > np.abs(bass[RATE:]).max()


def test_the_thank_you_is_where_it_is_cut() -> None:
    """The clip lies in a turn that says so, and is speech."""
    call, channel, start, end = THANKS
    (recorded,) = sample_calls([call])
    turn = next(t for t in recorded.turns if t.start_ms <= start and end <= t.end_ms + 50)
    assert "Thank you, Maya." in turn.text
    assert turn.channel == channel
    _, channels = decode(recorded.path)
    assert find_speech(channels[channel][start * 16 : end * 16])


def test_which_sample_calls_are_compared(tmp_path: Path) -> None:
    """Without the two that callmine skips; dual mono is one channel; sides are the manifest's."""
    calls = {r.key[:2]: r for r in sample_calls()}
    assert len(calls) == 19
    assert not {"20", "21"} & set(calls)
    assert not two_sided(calls["09"])
    assert two_sided(calls["01"])
    assert calls["04"].turns[0].channel == 1  # the rep begins, on the right
    assert calls["01"].turns[0].channel == 0
    assert [r.key[:2] for r in variant("stereo", tmp_path, ["03", "09", "19"])] == ["19"]
    (mixed,) = variant("mono-telephone", tmp_path, ["19"])
    assert channels_of(mixed.path) == 1
    assert mixed.turns == calls["19"].turns


def test_tensors_are_written_as_whisper_cpp_reads_them() -> None:
    """Dimensions from the innermost, matrices in half, vectors and positions in single precision."""
    file = io.BytesIO()
    tensors = {
        "decoder.blocks.0.mlp.0.weight": np.arange(6, dtype=np.float32).reshape(2, 3),
        "encoder.conv1.bias": np.ones(4, np.float32),
        "encoder.positional_embedding": np.zeros((2, 2), np.float32),
    }
    ggml._tensors(file, tensors)
    file.seek(0)
    seen = {}
    for _ in tensors:
        dims, length, kind = struct.unpack("<3i", file.read(12))
        shape = struct.unpack(f"<{dims}i", file.read(4 * dims))
        name = file.read(length).decode()
        size = int(np.prod(shape)) * (2 if kind else 4)
        seen[name] = (shape, np.frombuffer(file.read(size), "<f2" if kind else "<f4"))
    assert not file.read()
    shape, matrix = seen["decoder.blocks.0.mlp.0.weight"]
    assert (shape, matrix.dtype, matrix.tolist()) == ((3, 2), np.float16, [0, 1, 2, 3, 4, 5])
    assert (seen["encoder.conv1.bias"][0], seen["encoder.conv1.bias"][1].dtype) == ((1, 4), np.float32)
    assert seen["encoder.positional_embedding"][1].dtype == np.float32


def test_the_vocabulary_is_whole() -> None:
    """Every ordinary token in order of its id, as bytes."""
    english, many = ggml._vocabulary(multilingual=False), ggml._vocabulary(multilingual=True)
    assert (len(english), len(many)) == (50_256, 50_257)
    assert b" the" in english
    assert len(set(english)) == len(english)
    assert ggml._mel_filters(80).shape == (80, 201)


@pytest.mark.audio
def test_recordings_are_read_side_by_side(tmp_path: Path, model_folder: Path) -> None:
    """Two processes; the wall time of the whole is shared out by length."""
    items = []
    for number, clip in enumerate(clips(["07-", "01-"])[:2]):
        path = tmp_path / f"{number}.wav"
        write(path, [clip.samples[None]])
        seconds = len(clip.samples) / RATE
        items.append(
            {
                "key": str(number),
                "path": str(path),
                "sha": "0" * 16,
                "seconds": seconds,
                "account": None,
                "people": [],
            }
        )
    request = {
        "tool": "callmine", "model": "tiny.en", "threads": 2, "vocabulary": ["Larkmoor"],
        "warm_up": items[0], "recordings": items,
    }  # fmt: skip
    lines = read_all(request, 2)
    assert [line["key"] for line in lines] == ["0", "1"]
    assert len({line["pid"] for line in lines}) == 2
    assert all(line["words"] for line in lines)
    share = [line["seconds"] / item["seconds"] for line, item in zip(lines, items, strict=True)]
    assert share[0] == pytest.approx(share[1])
    assert all(0 < line["engine_seconds"] < line["own_seconds"] for line in lines)
    assert sum(line["own_seconds"] for line in lines) < sum(line["seconds"] for line in lines)
    assert lines[0]["peak_mb"] == pytest.approx(sum(line["worker_mb"] for line in lines))


def test_the_longest_recording_is_read_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that no process reads a long one while the others have nothing left; told in the order asked."""
    order: list[str] = []

    def opener(request: child.Json) -> child.Listen:
        def listen(item: child.Json) -> child.Json:
            order.append(item["key"])
            return {"words": [], "engine_seconds": 0.0}

        return listen

    class Here(ThreadPoolExecutor):
        def __init__(self, workers: int, mp_context: object, **given: Any) -> None:
            super().__init__(workers, **given)

    monkeypatch.setitem(child.TOOLS, "fake", (opener, ()))
    monkeypatch.setattr(side_by_side, "ProcessPoolExecutor", Here)
    items = [{"key": key, "seconds": seconds} for key, seconds in (("a", 2.0), ("b", 9.0), ("c", 4.0))]
    request = {"tool": "fake", "threads": 1, "warm_up": {"key": "warm-up"}, "recordings": items}
    lines = read_all(request, 1)
    assert order == ["warm-up", "b", "c", "a"]
    assert [line["key"] for line in lines] == ["a", "b", "c"]
    assert lines[1]["seconds"] == pytest.approx(4.5 * lines[0]["seconds"])


@pytest.mark.audio
def test_a_pass_is_measured_once(tmp_path: Path, model_folder: Path) -> None:
    """Two processes of callmine, as the stamp says; a second look takes what is kept."""
    recordings = []
    for number, clip in enumerate(clips(["01-"])[:2]):
        path = tmp_path / f"{number}.wav"
        write(path, [clip.samples[None]])
        recordings.append(Recorded(str(number), path, len(clip.samples) / RATE, ()))
    setup = Setup(tmp_path, tmp_path / "none", repeats=1)
    first, second = (
        measure.measure(["callmine"], "tiny.en", "mono", recordings, setup)["callmine"] for _ in range(2)
    )
    assert not isinstance(first, str), first
    runs = [run for one in first for run in one.runs]
    assert len({run["pid"] for run in runs}) == 2
    assert [run["stamp"]["workers"] for run in runs] == [2, 2]
    assert len({run["at"] for run in runs}) == 1
    assert second == first
