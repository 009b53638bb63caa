"""What every engine promises, on real audio with real weights, and what the helpers around them do."""

from __future__ import annotations

import json
import pickle
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.sample_truth import read_truth
from callmine.audio import content_hash, decode, find_speech
from callmine.audio.types import RATE, Recording
from callmine.canonical import transcript_to_json
from callmine.domain import Role, Transcript
from callmine.engines import replay
from callmine.engines.base import Hints, Transcriber
from callmine.engines.faster_whisper import FasterWhisper
from callmine.engines.openai_whisper import OpenAIWhisper
from callmine.engines.packing import plan
from callmine.engines.prompt import fit_vocabulary
from callmine.engines.replay import Replay
from callmine.errors import CallError, MissingDependency, UnreadableTranscript
from tests.builders import a_transcript
from tests.wer import wer, words

AUDIO = Path(__file__).parents[2] / "data" / "sample" / "audio"
ENGINES = ["faster_whisper", "openai_whisper", "replay"]


def recording(name: str, *, start_ms: int = 0, end_ms: int | None = 16_000) -> Recording:
    """A window of a sample call; dual-mono is not among them."""
    path = next(AUDIO.glob(f"{name}*"))
    _, channels = decode(path, start_ms=start_ms, end_ms=end_ms)
    speech = tuple(find_speech(c) for c in channels)
    return Recording(content_hash(path), path.name, tuple(channels), speech)


def text_of(transcript: Transcript) -> str:
    """The words, channel after channel."""
    ordered = sorted(transcript.segments, key=lambda s: (s.channel or 0, s.start_ms))
    return " ".join(s.text for s in ordered)


def said_in(name: str) -> str:
    """The script of a sample call, channel after channel (the rep speaks on the left one)."""
    turns = [t for t in read_truth(AUDIO.parent) if t["call"].startswith(name)]
    turns.sort(key=lambda t: (t["role"] != "rep", t["start_ms"]))
    return " ".join(t["text"] for t in turns)


@pytest.fixture(scope="module")
def call() -> Recording:
    return recording("01-")


@pytest.fixture(scope="module")
def fast(model_folder: Path) -> Iterator[FasterWhisper]:
    engine = FasterWhisper(model="tiny.en", model_dir=model_folder, compute_type="float32")
    yield engine
    engine.unload()


@pytest.fixture(scope="module")
def reference(model_folder: Path) -> Iterator[OpenAIWhisper]:
    pytest.importorskip("whisper", reason="openai-whisper is an extra")
    engine = OpenAIWhisper(model="tiny.en", model_dir=model_folder)
    yield engine
    engine.unload()


@pytest.fixture(params=ENGINES)
def engine(
    request: pytest.FixtureRequest, call: Recording, tmp_path_factory: pytest.TempPathFactory
) -> Transcriber:
    if request.param == "faster_whisper":
        return request.getfixturevalue("fast")
    if request.param == "openai_whisper":
        return request.getfixturevalue("reference")
    folder = tmp_path_factory.mktemp("recorded")
    replay.write(folder, call.content, request.getfixturevalue("fast").transcribe(call, Hints()))
    return Replay(folder=folder)


@pytest.mark.audio
def test_words_are_ordered_inside_and_there(engine: Transcriber, call: Recording) -> None:
    """Speech gives words, in order, inside the recording and their segment, on the right channel."""
    engine.load()
    transcript = engine.transcribe(call, Hints())
    assert len(words(text_of(transcript))) > 15
    assert transcript.language == "en"
    assert transcript.channels == len(call.channels)
    assert {s.channel for s in transcript.segments} == set(range(len(call.channels)))
    starts = [(s.start_ms, s.channel) for s in transcript.segments]
    assert starts == sorted(starts)
    for segment in transcript.segments:
        assert 0 <= segment.start_ms <= segment.end_ms <= call.duration_ms
        assert segment.text == segment.text.strip() != ""
        at = segment.start_ms
        for word in segment.words:
            assert at <= word.start_ms <= word.end_ms <= segment.end_ms
            assert word.text == word.text.strip() != ""
            at = word.start_ms
        assert "".join(w.text for w in segment.words) == segment.text.replace(" ", "")


@pytest.mark.audio
def test_loading_twice_and_unloading_do_no_harm(engine: Transcriber, call: Recording) -> None:
    """load() is idempotent, and an engine can be used again after unload()."""
    engine.load()
    engine.load()
    first = engine.transcribe(call, Hints())
    engine.unload()
    engine.load()
    assert engine.transcribe(call, Hints()) == first, "the same sound gives the same transcript"


@pytest.mark.audio
def test_engines_cross_processes(engine: Transcriber) -> None:
    """An engine is pickled before and after load(); the weights stay behind."""
    engine.load()
    sent = pickle.dumps(engine)
    assert len(sent) < 10_000
    other = pickle.loads(sent)  # noqa: S301 - made here
    assert other.settings() == engine.settings()
    assert isinstance(other, Transcriber)


@pytest.mark.audio
@pytest.mark.parametrize("kind", ["fast", "reference"])
def test_silence_gives_no_segments(kind: str, request: pytest.FixtureRequest) -> None:
    """Neither where no speech was found, nor where noise was taken for speech."""
    engine: Transcriber = request.getfixturevalue(kind)
    engine.load()
    rng = np.random.default_rng(0)
    noise = (rng.standard_normal(8 * RATE) * 1e-3).astype(np.float32)
    quiet = Recording("0" * 64, "silence.wav", (noise,), ((),))
    assert engine.transcribe(quiet, Hints()).segments == ()
    zeros = replace(
        quiet,
        channels=(np.zeros(8 * RATE, np.float32),),
        speech=(((1000, 5000),),),
    )
    transcript = engine.transcribe(zeros, Hints())
    assert transcript.segments == (), transcript.notes


@pytest.mark.audio
def test_names_are_offered_not_put_into_the_text(fast: FasterWhisper, call: Recording) -> None:
    """Vocabulary is recorded with the transcript, is no setting, and does not appear from nowhere."""
    transcript = fast.transcribe(call, Hints(vocabulary=("Zyxopoly", "Quandlemere")))
    assert transcript.settings["vocabulary"] == ["Zyxopoly", "Quandlemere"]
    assert "vocabulary" not in fast.settings()
    assert not {"zyxopoly", "quandlemere"} & set(words(text_of(transcript)))


@pytest.mark.audio
def test_a_language_the_model_does_not_know_is_refused(fast: FasterWhisper, call: Recording) -> None:
    """An English model would invent English for a German call."""
    with pytest.raises(CallError, match="knows English only"):
        fast.transcribe(call, Hints(language="de"))


@pytest.mark.audio
def test_a_multilingual_model_detects_the_language(model_folder: Path, call: Recording) -> None:
    """Base hears that the sample call is in English."""
    engine = FasterWhisper(model="base", model_dir=model_folder)
    transcript = engine.transcribe(
        replace(call, channels=call.channels[:1], speech=call.speech[:1]), Hints()
    )
    assert transcript.language == "en"
    assert transcript.model == "base@d01c3014881c"
    assert {s.channel for s in transcript.segments} == {None}


@pytest.mark.audio
def test_the_text_does_not_depend_on_threads_or_batches(model_folder: Path) -> None:
    """By one thread, by two, window by window, all at once: a call is the same to the millisecond."""
    call = recording("05-", end_ms=None)
    assert len(plan(call.channels, call.speech)) > 3, "or all of it is one batch anyway"
    ways: list[dict[str, int]] = [{"threads": 1}, {"threads": 2}]
    ways += [{"threads": 2, "batch_size": 1}, {"threads": 1, "batch_size": 8}]
    read = []
    for way in ways:
        engine = FasterWhisper(model="tiny.en", model_dir=model_folder, **way)
        read.append(engine.transcribe(call, Hints(vocabulary=("Larkmoor", "Maya Linden"))).segments)
        engine.unload()
    assert all(one == read[0] for one in read)


@pytest.mark.audio
@pytest.mark.parametrize("name", ["02-", "06-", "12-"])
def test_the_two_implementations_agree(name: str, model_folder: Path) -> None:
    """The same weights in float32: the libraries' own ways differ in at most 2 % of a call's words."""
    pytest.importorskip("whisper", reason="openai-whisper is an extra")
    call = recording(name, end_ms=None)
    windows = [chunk.samples(call.channels) for chunk in plan(call.channels, call.speech)]
    read = []
    for kind in (FasterWhisper, OpenAIWhisper):
        engine = kind(model="tiny.en", model_dir=model_folder, compute_type="float32", temperatures=[0.0])
        engine.load()
        read.append(" ".join(s.text for w in windows for s in engine._decode_slowly(w, "en")))
        engine.unload()
    one, other = read
    assert len(words(one)) > 200
    assert wer(one, other) <= 0.02


@pytest.mark.audio
def test_windows_side_by_side_lose_nothing_against_the_reference(
    model_folder: Path, reference: OpenAIWhisper
) -> None:
    """A whole call in the default engine's way is at least as near to what was said."""
    call = recording("06-", end_ms=None)
    engine = FasterWhisper(model="tiny.en", model_dir=model_folder)
    ours, theirs = (text_of(e.transcribe(call, Hints())) for e in (engine, reference))
    engine.unload()
    assert wer(said_in("06-"), ours) <= wer(said_in("06-"), theirs) + 0.01


def test_replay_of_an_unknown_recording_says_what_to_do(tmp_path: Path) -> None:
    """An unknown recording fails as one call, not as the run."""
    unknown = Recording("ab" * 32, "new.wav", (), ())
    with pytest.raises(CallError, match=r"new\.wav") as caught:
        Replay(folder=tmp_path).transcribe(unknown, Hints())
    assert "callmine retry" in caught.value.hint


@pytest.mark.parametrize("content", ["", "{", "[]", '{"segments": [{"text": "hi"}]}', '{"segments": 3}'])
def test_replay_of_a_broken_file_is_an_unreadable_transcript(content: str, tmp_path: Path) -> None:
    """Whatever is in the file, the message names it."""
    (tmp_path / f"{'ab' * 32}.json").write_text(content)
    with pytest.raises(UnreadableTranscript, match="abab"):
        Replay(folder=tmp_path).transcribe(Recording("ab" * 32, "new.wav", (), ()), Hints())


def recorded(**changes: Any) -> dict[str, Any]:
    """A recorded transcript; keys of its first segment stand among its own."""
    value = json.loads(json.dumps(transcript_to_json(a_transcript(speech_ms=9000))))
    for key, changed in changes.items():
        (value["segments"][0] if key in value["segments"][0] else value)[key] = changed
    return value


def replayed(folder: Path, content: str) -> Transcript:
    (folder / f"{'ab' * 32}.json").write_text(content, encoding="utf-8")
    return Replay(folder=folder).transcribe(Recording("ab" * 32, "new.wav", (), ()), Hints())


def test_replay_gives_back_what_was_recorded(tmp_path: Path) -> None:
    """Every value that an engine may return, settings and doubts included."""
    first, *rest = a_transcript().segments
    first = replace(
        first, speaker="Zoë 🙂", channel=1, role=Role.REP, avg_logprob=-0.25, no_speech_prob=0.0
    )
    heard = a_transcript(
        first,
        *rest,
        settings={"vocabulary": ["Larkmoor"], "beam_size": 5, "weights": None},
        notes=("the right channel is silent",),
        speech_ms=9000,
        left_out_ms=500,
    )
    replay.write(tmp_path, "ab" * 32, heard)
    assert Replay(folder=tmp_path).transcribe(Recording("ab" * 32, "new.wav", (), ()), Hints()) == heard


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"start_ms": -65_000, "words": []}, "segments[0].start_ms"),
        ({"start_ms": 2**70, "end_ms": 2**70}, "segments[0].start_ms"),
        ({"end_ms": 24 * 3_600_000 + 1}, "segments[0].end_ms"),
        ({"start_ms": 5000, "end_ms": 1000}, "segments[0]: the segment ends before it starts"),
        ({"start_ms": "0:05"}, "segments[0].start_ms"),
        ({"start_ms": 0.25}, "segments[0].start_ms"),
        ({"start_ms": True}, "segments[0].start_ms"),
        ({"avg_logprob": float("nan")}, "NaN is not a number"),
        ({"text": 5}, "segments[0].text"),
        ({"text": "plan \ud800 it"}, "half a character"),
        ({"settings": {"made\udc00": 1}}, "half a character"),
        ({"text": "plan \x1b[31m it"}, "segments[0].text: it holds the control character '\\x1b'"),
        ({"words": [["How", 0, 2**70, 0.9]]}, "segments[0].words[0][2]"),
        ({"words": [["How", 90, 20, 0.9]]}, "segments[0].words[0]: the word ends before it starts"),
        ({"words": [[None, 0, 300, 0.9]]}, "segments[0].words[0][0]"),
        ({"words": [["How", 0, 300, 1e308]]}, "segments[0].words[0][3]"),
        ({"words": [["How", 0]]}, "segments[0].words[0]"),
        ({"channel": 2**70}, "segments[0].channel"),
        ({"channel": -1}, "segments[0].channel"),
        ({"speaker": ["A"]}, "segments[0].speaker"),
        ({"role": "buyer"}, "segments[0].role"),
        ({"notes": "a note"}, "notes"),
        ({"settings": ["x"]}, "settings"),
        ({"settings": {"vocabulary": 5}}, "settings.vocabulary"),
        ({"settings": {"beam": float("inf")}}, "Infinity is not a number"),
        ({"language": "\x1b[31m"}, "language"),
        ({"model": ""}, "model"),
        ({"channels": 99}, "channels"),
        ({"speech_ms": 2**70}, "speech_ms"),
        ({"left_out_ms": 9001}, "left_out_ms is more than speech_ms"),
        ({"more": 1}, "more"),
    ],
)  # fmt: skip
def test_replay_refuses_values_that_cannot_be(changes: dict[str, Any], place: str, tmp_path: Path) -> None:
    """One failed call, which names the file and the place; never the end of the run."""
    assert replayed(tmp_path, json.dumps(recorded())).segments
    with pytest.raises(UnreadableTranscript) as caught:
        replayed(tmp_path, json.dumps(recorded(**changes)))
    assert "abab" in caught.value.message
    assert place in caught.value.message


def test_replay_of_brackets_without_end_is_an_unreadable_transcript(tmp_path: Path) -> None:
    """Too deep for any reader of JSON."""
    with pytest.raises(UnreadableTranscript, match=r"abab.*nested too deeply"):
        replayed(tmp_path, "[" * 100_000)


def test_replay_without_its_folder_stops_the_run(tmp_path: Path) -> None:
    """A missing folder concerns every call."""
    with pytest.raises(MissingDependency):
        Replay(folder=tmp_path / "none").load()


def test_names_are_dropped_from_the_end_when_they_do_not_fit() -> None:
    """The likeliest names come first and stay; a long one leaves room to the next."""
    names = ("aa", "bbb", "c" * 50, "d")
    assert fit_vocabulary(names, len, room=8) == ("aa", "bbb")
    assert fit_vocabulary(names, len, room=10) == ("aa", "bbb", "d")
    assert fit_vocabulary((), len) == ()
