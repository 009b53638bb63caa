"""What every engine promises, on real audio with real weights, and what the helpers around them do."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from callmine.audio import content_hash, decode, find_speech
from callmine.audio.types import RATE, Recording, Samples
from callmine.domain import Segment, Transcript, Word
from callmine.engines import checks, replay
from callmine.engines.base import Hints, Transcriber
from callmine.engines.faster_whisper import FasterWhisper
from callmine.engines.openai_whisper import OpenAIWhisper
from callmine.engines.packing import pack, unpack
from callmine.engines.replay import Replay
from callmine.engines.whisper_base import fit_vocabulary
from callmine.errors import CallError, MissingDependency, UnreadableTranscript
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
@pytest.mark.parametrize("name", ["02-", "06-", "12-"])
def test_the_two_implementations_agree(name: str, model_folder: Path) -> None:
    """On whole calls, the same weights in float32, at most 2 % of the words differ."""
    pytest.importorskip("whisper", reason="openai-whisper is an extra")
    window = recording(name, end_ms=None)
    one, other = (
        text_of(
            kind(
                model="tiny.en", model_dir=model_folder, compute_type="float32", temperatures=[0.0]
            ).transcribe(window, Hints())
        )
        for kind in (FasterWhisper, OpenAIWhisper)
    )
    assert len(words(one)) > 200
    assert wer(one, other) <= 0.02


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


def test_replay_without_its_folder_stops_the_run(tmp_path: Path) -> None:
    """A missing folder concerns every call."""
    with pytest.raises(MissingDependency):
        Replay(folder=tmp_path / "none").load()


# --- packing ---------------------------------------------------------------------------------------


def ramp(seconds: int) -> Samples:
    return np.arange(seconds * RATE, dtype=np.float32)


def test_packing_keeps_context_and_joins_what_is_close() -> None:
    """300 ms around each region; regions less than a second apart stay together."""
    packed = pack(ramp(20), [(1000, 2000), (2900, 3500), (9000, 9500), (19900, 20000)])
    assert [(p.at_ms, p.start_ms, p.end_ms) for p in packed.pieces] == [
        (0, 700, 3800),
        (3100, 8700, 9800),
        (4200, 19600, 20000),
    ]
    assert len(packed.samples) == packed.pieces[-1].stop_ms * 16
    assert packed.samples[3100 * 16] == 8700 * 16
    assert not pack(ramp(1), []).pieces


def test_a_segment_across_a_join_is_split_there() -> None:
    """Words return to their own side of the removed gap, and no segment spans it."""
    packed = pack(ramp(20), [(1000, 2000), (9000, 10000)])  # pieces 0..1600 and 1600..3200
    said = (
        Word(" We", 300, 700),
        Word(" know.", 700, 1450),
        Word(" Do", 1500, 2400),  # begins in the first piece, spoken in the second
        Word(" you?", 2400, 2900),
    )
    first, second = unpack([Segment(300, 2900, " We know. Do you?", said)], packed)
    assert (first.text, first.start_ms, first.end_ms) == ("We know.", 1000, 2150)
    assert (second.text, second.start_ms, second.end_ms) == ("Do you?", 8700, 10000)
    assert [w.text for w in first.words + second.words] == ["We", "know.", "Do", "you?"]


def test_a_segment_without_words_keeps_its_text() -> None:
    """An engine that gives no word times still gives text at its place."""
    packed = pack(ramp(20), [(9000, 10000)])
    (only,) = unpack([Segment(300, 900, " Yes.")], packed)
    assert (only.text, only.start_ms, only.end_ms, only.words) == ("Yes.", 9000, 9600, ())


def test_names_are_dropped_from_the_end_when_they_do_not_fit() -> None:
    """The most telling names come first and stay."""
    names = ("aa", "bbb", "c" * 50, "d")
    assert fit_vocabulary(names, len, room=8) == ("aa", "bbb")
    assert fit_vocabulary((), len) == ()


# --- checks ----------------------------------------------------------------------------------------


def said(
    text: str, *, start_ms: int = 12_000, p: float = 0.9, each_ms: int = 300, **scores: float
) -> Segment:
    times = [(start_ms + i * each_ms, start_ms + (i + 1) * each_ms) for i in range(len(text.split()))]
    heard = tuple(Word(w, *t, p) for w, t in zip(text.split(), times, strict=True))
    values = {"avg_logprob": -0.2, "no_speech_prob": 0.05, "compression_ratio": 1.2, **scores}
    return Segment(start_ms, times[-1][1], text, heard, **values)


SPEECH = [(11_000, 30_000)]


@pytest.mark.parametrize(
    ("segment", "why"),
    [
        (said("Thanks for watching!", no_speech_prob=0.9, avg_logprob=-1.4), "heard no speech"),
        (said("Thank you.", no_speech_prob=0.8, p=0.3), "often invented"),
        (said("we could do that", each_ms=10), "take no time"),
        (said("maybe then", start_ms=50_000, p=0.2), "outside the speech"),
        (said("..."), "no words"),
    ],
)
def test_invented_text_is_suppressed_with_a_note(segment: Segment, why: str) -> None:
    """Each rule takes its case out and says what, where and why."""
    kept, notes = checks.suppress([segment], SPEECH)
    assert kept == []
    assert why in notes[0]
    assert f"suppressed “{segment.text}” at 0:" in notes[0]


@pytest.mark.parametrize(
    "segment",
    [
        said("Thank you."),
        said("Thank you.", no_speech_prob=0.9),  # heard clearly, whatever the silence score says
        said("Thank you.", avg_logprob=-1.2, p=0.8),
        said("Bye.", start_ms=50_000),
        said("No no no no, that is too much."),
        said("uh", each_ms=0),
        said("It is rather dear.", avg_logprob=-1.5),
    ],
)
def test_real_speech_stays(segment: Segment) -> None:
    """One doubt alone takes nothing out."""
    assert checks.suppress([segment], SPEECH) == ([segment], [])


def test_a_loop_is_cut_to_one() -> None:
    """Four and more repeats become one; the text before and after stays."""
    looping = said("well " + "I see that " * 6 + "anyway", compression_ratio=3.1)
    (kept,), notes = checks.suppress([looping], SPEECH)
    assert kept.text == "well I see that anyway"
    assert [w.text for w in kept.words] == kept.text.split()
    assert len(notes) == 1
    assert "over and over" in notes[0]


def test_looping_segments_are_dropped_after_the_second() -> None:
    """The same sentence again and again keeps its first two."""
    loop = [
        said("I'm sorry about that.", start_ms=12_000 + i * 2000, compression_ratio=5.0) for i in range(5)
    ]
    kept, notes = checks.suppress(loop, SPEECH)
    assert kept == loop[:2]
    assert len(notes) == 3
