"""Voices told apart: the encoder, its weights, how many voices there are, and who says which word."""

from __future__ import annotations

import json
import pickle
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from callmine import weights
from callmine.audio import decode
from callmine.domain import Segment, Transcript, Voices, Word
from callmine.errors import ModelError
from callmine.voices.checkpoint import read_checkpoint
from callmine.voices.clustering import voices_in
from callmine.voices.diarization import DOUBTFUL, diarize
from callmine.voices.encoder import FILE, FRAMES, MODEL, SIZE, VoiceEncoder, unit
from callmine.voices.smoothing import smooth
from callmine.voices.sound import levelled, mel_bands
from callmine.voices.windows import WINDOW_MS, spoken_in, windows_over

SAMPLE = Path(__file__).parent.parent / "data" / "sample"
RATE = 16_000

Sound = npt.NDArray[np.float32]


@pytest.fixture(scope="module")
def weights_folder(model_folder: Path) -> Path:
    return weights.resolve(MODEL, folder=model_folder)


@pytest.fixture(scope="module")
def encoder(weights_folder: Path) -> VoiceEncoder:
    return VoiceEncoder(weights_folder)


# -- sound and encoder -----------------------------------------------------------------------


@pytest.mark.audio
def test_embeddings_are_those_of_the_original(encoder: VoiceEncoder) -> None:
    """Resemblyzer 0.1.4 on torch 2.13, run once on eight seconds of a sample call, gave these."""
    _, channels = decode(SAMPLE / "audio" / "07-pinnockway-first.wav")
    found = encoder.stretch(channels[0][24_000:152_000])
    first = [0.0, 0.00491, 0.00955, 0.0, 0.0, 0.0, 0.0, 0.01723, 0.08028, 0.01114, 0.10624, 0.11713]
    assert found[:12] == pytest.approx(first, abs=2e-5)
    assert float(found.sum()) == pytest.approx(9.685813, abs=1e-3)
    assert int((found > 0).sum()) == 161
    short = encoder.stretch(channels[0][320_000:336_000])  # shorter than a window
    assert float(short.sum()) == pytest.approx(7.845218, abs=1e-3)


@pytest.mark.audio
def test_embeddings_have_length_one_whatever_the_batch(encoder: VoiceEncoder) -> None:
    rng = np.random.default_rng(0)
    windows = [rng.random((FRAMES, 40), dtype=np.float32) * 1e-3 for _ in range(70)]
    together = encoder.windows(windows)
    assert together.shape == (70, SIZE)
    assert np.linalg.norm(together, axis=1) == pytest.approx(1.0, abs=1e-5)
    assert together[69] == pytest.approx(encoder.windows(windows[69:])[0], abs=1e-5)
    assert encoder.windows([]).shape == (0, SIZE)


def test_the_level_is_raised_and_lowered_only_if_asked() -> None:
    tone = np.sin(np.arange(RATE) * 0.2).astype(np.float32)
    quiet, loud = tone * np.float32(0.001), tone * np.float32(0.5)
    assert float(np.sqrt(np.mean(levelled(quiet) ** 2))) == pytest.approx(10 ** (-30 / 20), rel=1e-3)
    assert levelled(loud) is loud
    assert levelled(loud, lower=True) == pytest.approx(levelled(quiet), abs=1e-4)
    assert not levelled(np.zeros(100, dtype=np.float32)).any()


def test_a_tone_is_loudest_in_the_band_it_lies_in() -> None:
    """One frame for every 10 ms; higher tones lie in higher bands."""
    time = np.arange(RATE) / RATE
    bands = [mel_bands(np.sin(2 * np.pi * hz * time).astype(np.float32)) for hz in (200, 1000, 4000)]
    assert [b.shape for b in bands] == [(101, 40)] * 3
    peaks = [int(b[50].argmax()) for b in bands]
    assert peaks == sorted(set(peaks))


# -- weights ---------------------------------------------------------------------------------


class Hostile:
    """Runs a command when it is unpickled in the usual way."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (Path.touch, (self.target,))  # type: ignore[return-value]


def legacy(path: Path, state: object) -> Path:
    """Write the pickles of a checkpoint, as torch did before 1.6, without numbers."""
    with path.open("wb") as file:
        for part in (0x1950A86A20F9469CFC6C, 1001, {"little_endian": True}, state, []):
            pickle.dump(part, file, protocol=2)
    return path


def test_a_hostile_checkpoint_does_not_run(tmp_path: Path) -> None:
    """A pickle that would make a file when loaded is refused, and the file is not made."""
    made = tmp_path / "made"
    path = legacy(tmp_path / FILE, {"model_state": Hostile(made)})
    with pytest.raises(ModelError, match="asks for"):
        read_checkpoint(path)
    assert not made.exists()
    with path.open("rb") as file:  # the trap is real
        for _ in range(4):
            pickle.load(file)  # noqa: S301
    assert made.exists()


@pytest.mark.parametrize("name", ["os.system", "builtins.eval", "collections.OrderedDict.__init__"])
def test_names_beside_the_three_are_refused(tmp_path: Path, name: str) -> None:
    module, _, attribute = name.partition(".")
    code = b"\x80\x02c" + module.encode() + b"\n" + attribute.encode() + b"\nX\x02\x00\x00\x00id\x85R."
    path = tmp_path / FILE
    legacy(path, {})
    head = path.read_bytes().split(pickle.dumps({}, protocol=2))[0]
    path.write_bytes(head + code)
    with pytest.raises(ModelError, match="asks for"):
        read_checkpoint(path)


@pytest.mark.parametrize("damage", ["empty", "text", "cut", "no such part"])
def test_a_damaged_checkpoint_is_refused(tmp_path: Path, damage: str) -> None:
    path = legacy(tmp_path / FILE, {"step": 1})
    if damage == "empty":
        path.write_bytes(b"")
    elif damage == "text":
        path.write_text("<html>not found</html>")
    elif damage == "cut":
        path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(ModelError) as caught:
        read_checkpoint(path)
    assert "callmine models get" in caught.value.hint


@pytest.mark.audio
def test_cut_weights_are_refused(weights_folder: Path, tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes((weights_folder / FILE).read_bytes()[:1_000_000])
    with pytest.raises(ModelError, match=r"cut short|buffer"):
        VoiceEncoder(tmp_path)


# -- how many voices -------------------------------------------------------------------------


def voices_like(*sizes: int, spread: float, seed: int = 0) -> npt.NDArray[np.float32]:
    """Return windows of as many voices as there are sizes, of that many windows each."""
    rng = np.random.default_rng(seed)
    rows = []
    for size in sizes:
        centre = unit(np.maximum(rng.normal(size=SIZE), 0))
        rows.append(unit(np.maximum(centre + spread * rng.normal(size=(size, SIZE)), 0)))
    return np.concatenate(rows).astype(np.float32)


@pytest.mark.parametrize(("sizes", "count"), [((60,), 1), ((40, 40), 2), ((120, 8), 2), ((40, 30, 20), 3)])
def test_voices_are_counted(sizes: Sequence[int], count: int) -> None:
    rows = voices_like(*sizes, spread=0.03)
    lengths = np.full(len(rows), WINDOW_MS)
    found = voices_in(rows, lengths, most=6)
    assert len(found) == count
    labels = (rows @ found.T).argmax(axis=1)
    edges = np.cumsum((0, *sizes))
    groups = [set(labels[a:b].tolist()) for a, b in pairwise(edges)]
    assert all(len(g) == 1 for g in groups)
    assert len(set.union(*groups)) == count


def test_no_more_voices_than_allowed_and_none_for_a_passing_sound() -> None:
    rows = voices_like(40, 30, 20, spread=0.03)
    assert len(voices_in(rows, np.full(90, WINDOW_MS), most=2)) == 2
    assert len(voices_in(rows, np.full(90, WINDOW_MS), most=1)) == 1
    cough = voices_like(60, 1, spread=0.03)
    assert len(voices_in(cough, np.full(61, WINDOW_MS), most=6)) < 2
    assert len(voices_in(rows[:0], np.zeros(0, dtype=np.int64), most=6)) == 0


# -- words to voices -------------------------------------------------------------------------


def test_a_change_waits_for_a_pause_and_doubt_is_low_confidence() -> None:
    """Weak evidence within a sentence does not change the voice; the same evidence after one does."""
    evidence = np.array([[3.0, 0.0]] * 3 + [[0.0, 2.5]] + [[3.0, 0.0]] * 3)
    closed, _ = smooth(evidence, [True] + [False] * 6)
    opened, sure = smooth(evidence, [True, False, False, True, True, False, False])
    assert closed.tolist() == [0] * 7
    assert opened.tolist() == [0, 0, 0, 1, 0, 0, 0]
    assert sure[3].max() < sure[1].max()
    assert sure.sum(axis=1) == pytest.approx(np.ones(7))
    strong = evidence.copy()
    strong[3] = [0.0, 30.0]
    assert smooth(strong, [True] + [False] * 6)[0].tolist() == [0, 0, 0, 1, 0, 0, 0]


def test_windows_do_not_cross_pauses_or_sentence_ends() -> None:
    text = "Shall we start? Yes. Fine then let us look at the numbers of the last week in detail"
    said = text.split()
    words = tuple(Word(w, 300 * i, 300 * i + 280) for i, w in enumerate(said))
    transcript = Transcript((Segment(0, 6000, " ".join(said), words),), "en", "x", "1", "m")
    spoken = spoken_in(transcript)
    assert [i for i, w in enumerate(spoken) if w.opens] == [0, 3, 4]
    windows = windows_over(spoken)
    assert {(w.first, w.last) for w in windows if w.last <= 4} == {(0, 3), (3, 4)}
    assert all(w.first >= 4 for w in windows[2:])
    assert len(windows) > 3  # the long sentence is heard in several places
    assert windows[-1].end_ms == spoken[-1].end_ms
    assert all(0 < w.end_ms - w.start_ms <= WINDOW_MS for w in windows)


def truth(call: str) -> list[dict[str, object]]:
    rows = [json.loads(line) for line in (SAMPLE / "truth.jsonl").read_text("utf-8").splitlines()]
    return [row for row in rows if row["call"] == call]


def script(turns: Sequence[dict[str, object]]) -> Transcript:
    """Return the words of turns, spread evenly over their time, with nobody's name."""
    segments = []
    for turn in turns:
        text, start, end = str(turn["text"]), int(turn["start_ms"]), int(turn["end_ms"])  # type: ignore[call-overload]
        words = text.split()
        edges = [start + (end - start) * i // len(words) for i in range(len(words) + 1)]
        segments.append(
            Segment(
                start,
                end,
                text,
                tuple(Word(w, a, b) for w, a, b in zip(words, edges, edges[1:], strict=False)),
            )
        )
    return Transcript(tuple(segments), "en", "script", "1", "m")


def mixed(name: str) -> Sound:
    _, channels = decode(SAMPLE / "audio" / name)
    return np.asarray(np.mean(channels, axis=0), dtype=np.float32)


def right_share(turns: Sequence[dict[str, object]], voices: Voices) -> tuple[float, int]:
    """Return the share of turns' time given to the voice that mostly is their speaker's, and how many."""
    shared: dict[tuple[str, str], int] = {}
    for said in turns:
        for turn in voices.turns:
            both = min(turn.end_ms, int(said["end_ms"])) - max(turn.start_ms, int(said["start_ms"]))  # type: ignore[call-overload]
            if both > 0 and turn.confidence >= DOUBTFUL:
                key = turn.voice, str(said["speaker"])
                shared[key] = shared.get(key, 0) + both
    people: dict[str, str] = {}
    for (voice, person), _ in sorted(shared.items(), key=lambda item: item[1]):
        people[voice] = person
    right = sum(time for (voice, person), time in shared.items() if people[voice] == person)
    total = sum(int(t["end_ms"]) - int(t["start_ms"]) for t in turns)  # type: ignore[call-overload]
    return right / total, len(set(people.values()))


@pytest.mark.audio
@pytest.mark.parametrize(
    ("name", "people"), [("07-pinnockway-first.wav", 2), ("13-lowbeck-support.flac", 2)]
)
def test_two_people_of_a_mono_call_are_told_apart(encoder: VoiceEncoder, name: str, people: int) -> None:
    """Real sound at telephone quality and clean; nearly all speech goes to the right person."""
    turns = truth(name.rpartition(".")[0])
    voices = diarize(script(turns), mixed(name), encoder)
    share, told = right_share(turns, voices)
    assert told == people == len({t.voice for t in voices.turns})
    assert share > 0.9
    assert voices.turns[0].voice == "voice 1"
    starts = [t.start_ms for t in voices.turns]
    assert starts == sorted(starts)
    assert all(a.end_ms <= b.start_ms for a, b in zip(voices.turns, voices.turns[1:], strict=False))
    assert not voices.embeddings


@pytest.mark.audio
def test_one_voice_stays_one(encoder: VoiceEncoder) -> None:
    """One side of a stereo call by itself is one voice, or said to be undecided; never two."""
    _, channels = decode(SAMPLE / "audio" / "01-brennholt-discovery.ogg")
    turns = [t for t in truth("01-brennholt-discovery") if t["role"] == "rep"]
    voices = diarize(script(turns), channels[0], encoder, embeddings=True)
    assert {t.voice for t in voices.turns} == {"voice 1"}
    assert list(voices.embeddings) == ["voice 1"]
    assert np.linalg.norm(voices.embeddings["voice 1"]) == pytest.approx(1.0, abs=1e-4)


@pytest.mark.audio
def test_a_third_voice_is_found(encoder: VoiceEncoder) -> None:
    """Two buyers on one line and a rep, mixed to mono."""
    turns = truth("16-vellmore-it-review")
    voices = diarize(script(turns), mixed("16-vellmore-it-review.ogg"), encoder)
    share, told = right_share(turns, voices)
    assert told == 3
    assert share > 0.85


def test_nothing_said_is_nobody(encoder: VoiceEncoder) -> None:
    nothing = Transcript((), "en", "x", "1", "m")
    assert diarize(nothing, np.zeros(RATE, dtype=np.float32), encoder) == Voices()
