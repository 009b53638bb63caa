"""How windows are read: side by side, again where in doubt, with names first and then without."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from threading import Barrier
from typing import Any

import numpy as np
import pytest

from callmine.audio import decode, find_speech
from callmine.audio.types import RATE, Recording, Samples
from callmine.domain import Segment, Word
from callmine.engines.base import Hints
from callmine.engines.device import CPU_BATCH, GPU_BATCH, batch_size, free_gpu_mb
from callmine.engines.doubts import between
from callmine.engines.faster_whisper import FasterWhisper
from callmine.engines.whisper_base import SLAB_WINDOWS, WhisperEngine, fit_vocabulary
from callmine.errors import CallError

WORD_MS = 500
SAMPLE = Path(__file__).parents[1] / "data/sample/audio"


class Scripted(WhisperEngine):
    """Hears a word every half second, and drops what it is told to drop.

    The sound says where it is: each sample is its second, so a word is named after its time.
    """

    name = "scripted"
    library = "numpy"

    def __init__(self, *, drops: Sequence[str] = (), stubborn: bool = False, batch: int = 8) -> None:
        super().__init__(model="paper")
        self.drops, self.stubborn, self.batch = set(drops), stubborn, batch
        self.prompts: list[str | None] = []
        self.sizes: list[int] = []
        self.slowly = 0

    def load(self) -> None:
        """There is no model."""

    def _sha(self) -> str:
        return "0" * 64

    def _open(self, path: Path) -> Any:
        raise AssertionError("nothing is opened")

    def _words(self, samples: Samples, *, dropping: bool) -> list[Segment]:
        step = WORD_MS * RATE // 1000
        words = [
            Word(f" w{samples[at]:.0f}", at * 1000 // RATE, at * 1000 // RATE + WORD_MS, 0.9)
            for at in range(0, len(samples) - step + 1, step)
        ]
        said = [w for w in words if not (dropping and w.text.strip() in self.drops)]
        text = "".join(w.text for w in said)
        return (
            [Segment(said[0].start_ms, said[-1].end_ms, text, tuple(said), avg_logprob=-0.2)]
            if said
            else []
        )

    def _decode(self, sounds: Sequence[Samples], language: str, prompt: str | None) -> list[list[Segment]]:
        self.prompts.append(prompt)
        self.sizes.append(len(sounds))
        again = prompt is None and len(self.prompts) > 1
        return [self._words(s, dropping=self.stubborn or not again) for s in sounds]

    def _decode_slowly(self, samples: Samples, language: str) -> list[Segment]:
        self.slowly += 1
        return self._words(samples, dropping=False)

    def _detect(self, samples: Samples) -> tuple[str, float]:
        return "en", 1.0

    def _knows(self, language: str) -> bool:
        return True

    def _sees_gpu(self) -> bool:
        return False

    def _is_multilingual(self) -> bool:
        return True

    def _count_tokens(self, text: str) -> int:
        return len(text)

    def _batch_size(self) -> int:
        return self.batch

    def _computed_as(self) -> str:
        return "paper"


def sound(seconds: int) -> Samples:
    """Samples that say in which second they are."""
    return np.repeat(np.arange(seconds, dtype=np.float32), RATE)


def a_call(seconds: int = 20, *speech: tuple[int, int]) -> Recording:
    """One channel that speaks from beginning to end, or where said."""
    return Recording("ab" * 32, "a.wav", (sound(seconds),), (speech or ((0, seconds * 1000),),))


NAMES = Hints("en", ("Larkmoor", "Ozquivo"))


def test_names_go_into_every_window_and_the_transcript_says_which() -> None:
    """And what is clear is read once."""
    engine = Scripted()
    transcript = engine.transcribe(a_call(60), NAMES)
    assert engine.prompts == ["In this call: Larkmoor, Ozquivo."]
    assert transcript.settings["vocabulary"] == ["Larkmoor", "Ozquivo"]
    assert transcript.notes == ()
    assert (transcript.speech_ms, transcript.left_out_ms) == (60_000, 0)


@pytest.mark.parametrize(("stubborn", "slowly"), [(False, 0), (True, 1)])
def test_a_dropped_sentence_is_heard_again(stubborn: bool, slowly: int) -> None:
    """Without the names, in other company; and where that does not help, alone and slowly."""
    engine = Scripted(drops=["w12", "w13", "w14"], stubborn=stubborn)
    transcript = engine.transcribe(a_call(20, (0, 5_000), (10_000, 18_000)), NAMES)
    text = " ".join(s.text for s in transcript.segments)
    assert all(f"w{second}" in text.split() for second in (0, 4, 10, 12, 13, 14, 17))
    assert engine.prompts == ["In this call: Larkmoor, Ozquivo.", None]
    assert engine.slowly == slowly
    assert transcript.left_out_ms == 0
    assert transcript.notes == (
        "8 s of speech were read a second time, because the first left doubts: speech without words (1)",
    )


def test_what_stays_doubtful_is_heard_slowly_on_every_lane() -> None:
    """A lane has one thread: one after the other, the others would wait. The words stay in their places."""

    class Lanes(Scripted):
        together = Barrier(2)

        def _lanes(self) -> int:
            return 2

        def _decode_slowly(self, samples: Samples, language: str) -> list[Segment]:
            self.together.wait(timeout=10)
            return super()._decode_slowly(samples, language)

    engine = Lanes(drops=["w12", "w13", "w32", "w33"], stubborn=True)
    transcript = engine.transcribe(a_call(40, (10_000, 18_000), (30_000, 38_000)), NAMES)
    spoken = [w for s in transcript.segments for w in s.words]
    assert {"w12", "w13", "w32", "w33"} <= {w.text for w in spoken}
    assert all(abs(w.start_ms - 1000 * int(w.text[1:])) < 1000 for w in spoken)
    assert engine.slowly == 2


def test_a_loop_over_all_the_speech_does_not_stay() -> None:
    """The second reading is right and has a gap that the loop had not."""

    class Looping(Scripted):
        def _decode(
            self, sounds: Sequence[Samples], language: str, prompt: str | None
        ) -> list[list[Segment]]:
            if prompt is None:
                return [self._words(s, dropping=True) for s in sounds]
            return [[self._loop(h) for h in self._words(s, dropping=False)] for s in sounds]

        def _decode_slowly(self, samples: Samples, language: str) -> list[Segment]:
            return self._words(samples, dropping=True)

        def _loop(self, heard: Segment) -> Segment:
            words = tuple(replace(w, text=" again") for w in heard.words)
            return replace(heard, text=" again" * len(words), words=words, compression_ratio=7.0)

    transcript = Looping(drops=["w12", "w13"]).transcribe(a_call(), NAMES)
    spoken = {w.text for s in transcript.segments for w in s.words}
    assert spoken == {f"w{second}" for second in range(20) if second not in (12, 13)}
    assert "text that goes round in circles (1)" in transcript.notes[0]


def test_what_stays_without_words_is_counted() -> None:
    """Nothing is claimed to be complete that is not."""

    class Deaf(Scripted):
        def _decode_slowly(self, samples: Samples, language: str) -> list[Segment]:
            return self._words(samples, dropping=True)

    engine = Deaf(drops=["w12", "w13", "w14"], stubborn=True)
    assert engine.transcribe(a_call(), NAMES).left_out_ms == 3_000


class Forgetful(FasterWhisper):
    """Loses whatever is read in company, so that everything is read alone and slowly."""

    slowly = 0

    def _decode(self, sounds: Sequence[Samples], language: str, prompt: str | None) -> list[list[Segment]]:
        return [[] for _ in super()._decode(sounds, language, prompt)]

    def _decode_slowly(self, samples: Samples, language: str) -> list[Segment]:
        self.slowly += 1
        return super()._decode_slowly(samples, language)


@pytest.mark.audio
def test_the_slow_way_says_the_same_again(model_folder: Path) -> None:
    """Real weights on a real call, twice by one engine: nothing is drawn that remembers the time before."""
    _, channels = decode(SAMPLE / "13-lowbeck-support.flac", start_ms=0, end_ms=9_000)
    speech = tuple(find_speech(channel) for channel in channels)
    recording = Recording("ab" * 32, "a.flac", tuple(channels), speech)
    engine = Forgetful(model="tiny.en", model_dir=model_folder, threads=1)
    first, again = (engine.transcribe(recording, Hints("en")) for _ in range(2))
    assert engine.slowly >= 2
    assert sum(len(segment.words) for segment in first.segments) > 10
    assert again.segments == first.segments


def test_more_windows_than_are_held_at_once_come_in_order() -> None:
    """An hour is read in slabs; every word is there once, in its place."""
    seconds = (SLAB_WINDOWS + 3) * 25
    engine = Scripted(batch=5)
    spans = [(at, at + 20_000) for at in range(0, seconds * 1000 - 20_000, 25_000)]
    transcript = engine.transcribe(a_call(seconds, *spans), Hints("en"))
    starts = [w.start_ms for s in transcript.segments for w in s.words]
    assert starts == sorted(set(starts))
    assert max(engine.sizes) == 5
    assert transcript.left_out_ms == 0


def test_names_cannot_be_commands_to_the_recogniser() -> None:
    """Whatever is in a calendar: no special token, no line break, nothing twice, not without end."""
    names = ["<|endoftext|>", "Petra\nVoss", "Petra Voss", *(f"n{i}" for i in range(10_000))]
    used = fit_vocabulary(names, len, room=60)
    assert used[:2] == ("endoftext", "Petra Voss")
    assert len(", ".join(used)) <= 60


@pytest.mark.parametrize(
    ("said", "wanted"),
    [("24000\n16000\n", 64), ("2000\n", 14), ("900\n", 1), ("no devices", GPU_BATCH), (None, GPU_BATCH)],
)
def test_the_batch_fits_the_gpus_memory(
    said: str | None, wanted: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By what the driver's tool says is free; without it, a small GPU's batch."""
    if said is not None:
        tool = tmp_path / "nvidia-smi"
        tool.write_text(f"#!/bin/sh\necho '{said.strip()}'\n")
        tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin" if said is not None else str(tmp_path))
    assert batch_size("cuda", 140) == wanted
    assert batch_size("cpu", 140) == CPU_BATCH
    if said is None:
        assert free_gpu_mb() is None


def test_the_gpu_that_may_be_used_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first one that is not hidden; with all of them hidden, none."""
    tool = tmp_path / "nvidia-smi"
    tool.write_text('#!/bin/sh\ncase "$*" in *--id=3*) echo 5000;; *) echo 900;; esac\n')
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    assert free_gpu_mb() == 900
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "3,1")
    assert free_gpu_mb() == 5000
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    assert free_gpu_mb() is None


class Polyglot(Scripted):
    """Knows a few of Whisper's languages, hears the one it is told, and keeps which it was asked for."""

    def __init__(self, heard: str) -> None:
        super().__init__()
        self.heard = heard
        self.asked: set[str] = set()

    def _decode(self, sounds: Sequence[Samples], language: str, prompt: str | None) -> list[list[Segment]]:
        self.asked.add(language)
        return super()._decode(sounds, language, prompt)

    def _detect(self, samples: Samples) -> tuple[str, float]:
        return self.heard, 0.4

    def _knows(self, language: str) -> bool:
        return language in {"en", "no", "nn", "jw"}


@pytest.mark.parametrize(
    ("stated", "heard", "asked", "kept"),
    [
        ("nb", "en", "no", "nb"),
        ("no", "en", "no", "no"),
        ("nn", "en", "nn", "nn"),
        ("jv", "en", "jw", "jv"),
        (None, "no", "no", "no"),
        (None, "jw", "jw", "jv"),
    ],
)
def test_whisper_is_asked_in_its_codes_and_the_transcript_keeps_iso(
    stated: str | None, heard: str, asked: str, kept: str
) -> None:
    """Norwegian and Javanese have other codes there; the note on a guess speaks as the transcript does."""
    engine = Polyglot(heard)
    transcript = engine.transcribe(a_call(), Hints(stated))
    assert (engine.asked, transcript.language) == ({asked}, kept)
    assert [n for n in transcript.notes if "guess" in n] == (
        [] if stated else [f"language {kept} is a guess (40%)"]
    )


def test_a_language_that_whisper_has_not_fails_that_call_only() -> None:
    """Irish is in ISO 639-1 and so in manifests; the hint says what can be done."""
    with pytest.raises(
        CallError, match=r"a\.wav is in 'ga', a language that paper does not know"
    ) as caught:
        Polyglot("en").transcribe(a_call(), Hints("ga"))
    assert "Leave `language` empty" in caught.value.hint


class EndsEarly(Scripted):
    """Ends after the second that it is told, as often as it reads it; what begins later it reads."""

    def _words(self, samples: Samples, *, dropping: bool) -> list[Segment]:
        heard = super()._words(samples, dropping=False)
        first, last = int(samples[0]), int(self.drops_after)
        if not heard or first > last:
            return heard
        return [between(heard[0], 0, (last + 1 - first) * 1000)[0]]

    drops_after = 6


def test_what_a_window_leaves_out_every_time_is_read_by_itself() -> None:
    """Whisper takes the rest of a window for silence after a sentence; nothing of it is lost."""
    engine = EndsEarly(stubborn=True)
    found = engine.transcribe(a_call(20), NAMES)
    texts = " ".join(s.text for s in found.segments).split()
    assert texts == [f"w{second}" for second in range(20) for _ in range(2)]
    assert found.left_out_ms == 0
    assert engine.slowly == 2, "the doubtful piece, and the gap in it"
