"""faster-whisper (CTranslate2): the default engine; OpenAI's weights without torch."""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from callmine import weights
from callmine.audio.types import RATE, Samples
from callmine.domain import Segment, Word
from callmine.engines.device import batch_size
from callmine.engines.faults import cannot_compute
from callmine.engines.packing import encoded_ms
from callmine.engines.whisper_base import WhisperEngine
from callmine.errors import ModelError

WINDOW_S = 30
"""Seconds of sound that Whisper reads at once."""

FRAMES = 3_000
"""Spectrum frames of a window: one every ten milliseconds."""

LONGEST_REPEAT = 8
"""Tokens that the slow way lets nobody say twice in one window."""

_LAST_WORD = "<|notimestamps|>"
"""The last token that is no time: its number differs between English, older and newer other models."""

_HOP = RATE // 100
_TOKEN_S = 0.02  # a timestamp token's step
_PREPENDED, _APPENDED = "\"'“¿([{-", "\"'.。,，!！?？:：”)]}、"


class FasterWhisper(WhisperEngine):
    """Whisper on CTranslate2; int8 on a CPU, float16 on a GPU unless told otherwise."""

    name = "faster_whisper"
    library = "faster-whisper"

    def _open(self, path: Path) -> Any:
        import ctranslate2
        import numpy as np
        from faster_whisper import WhisperModel

        device = self.runs_on()
        possible = ctranslate2.get_supported_compute_types(device)
        compute_type = self.compute_type
        if compute_type == "auto":
            half = "float16" if "float16" in possible else "float32"  # old GPUs do not have it
            compute_type = half if device == "cuda" else "int8"
        elif compute_type not in {"default", *possible}:
            raise cannot_compute(compute_type, device, possible, engine=self.name)
        _check_folder(path)
        model = WhisperModel(
            str(path),
            device=device,
            compute_type=compute_type,
            # Workers of one thread each: two threads on one small beam search gain a third only.
            cpu_threads=1 if device == "cpu" else self.threads,
            num_workers=self._threads() if device == "cpu" else 1,
            local_files_only=True,
        )
        # With the first sound a GPU's libraries are looked for, memory to compute in is taken, and the
        # spectrum of another model does not fit. That concerns every call, so it has to come out here.
        frames = FRAMES if device == "cuda" else FRAMES // 6
        model.encode(np.zeros((1, model.feature_extractor.mel_filters.shape[0], frames), np.float32))
        return model

    def _sees_gpu(self) -> bool:
        import ctranslate2

        return bool(ctranslate2.get_cuda_device_count())

    def _decode(self, sounds: Sequence[Samples], language: str, prompt: str | None) -> list[list[Segment]]:
        """Decode windows side by side, with timestamps.

        Not with the library's own batched pipeline: where the text of a window does not end with a
        timestamp, that throws the words after the last one away without a word.
        """
        import numpy as np
        from faster_whisper.tokenizer import Tokenizer
        from faster_whisper.transcribe import get_suppressed_tokens

        model = self._model
        tokenizer = Tokenizer(
            model.hf_tokenizer, model.model.is_multilingual, task="transcribe", language=language
        )
        # Not hotwords: as such they lost sentences and put names into the text.
        names = tokenizer.encode(" " + prompt.strip()) if prompt else []
        start = model.get_prompt(tokenizer, previous_tokens=names, without_timestamps=False)
        frames = encoded_ms(max(map(len, sounds)) * 1000 // RATE) // 10
        features = np.zeros((len(sounds), model.feature_extractor.mel_filters.shape[0], frames), np.float32)
        for row, sound in zip(features, sounds, strict=True):
            spectrum = model.feature_extractor(sound)[:, :frames]
            row[:, : spectrum.shape[1]] = spectrum
        encoded = model.encode(features)
        results = model.model.generate(
            encoded,
            [start] * len(sounds),
            beam_size=self.beam_size,
            max_length=model.max_length,
            suppress_blank=True,
            suppress_tokens=get_suppressed_tokens(tokenizer, [-1]),
            return_scores=True,
            return_no_speech_prob=True,
            sampling_temperature=0,
        )
        # Each window has a minute of a common clock to itself: the aligner looks at the time since
        # the last word before, and no word's time may depend on which windows stand beside it.
        windows = [_window(index, result, tokenizer) for index, result in enumerate(results)]
        model.add_word_timestamps(
            windows,
            tokenizer,
            encoded,
            [len(sound) // _HOP for sound in sounds],
            _PREPENDED,
            _APPENDED,
            0.0,
        )
        return [
            [
                _segment(SimpleNamespace(**part), 2 * WINDOW_S * (index + 1))
                for part in window
                if part["text"].strip()
            ]
            for index, window in enumerate(windows)
        ]

    def _decode_slowly(self, samples: Samples, language: str) -> list[Segment]:
        # No temperature above 0: CTranslate2 draws from a generator that remembers the calls before,
        # and the same call must give the same text. What stops a loop here is that no eight
        # tokens may come twice.
        segments, _ = self._model.transcribe(
            samples,
            language=language,
            beam_size=self.beam_size,
            temperature=0.0,
            no_repeat_ngram_size=LONGEST_REPEAT,
            condition_on_previous_text=False,
            word_timestamps=True,
            vad_filter=False,
            no_speech_threshold=None,  # doubtful text is suppressed with a note, never in silence
        )
        return [_segment(s, 0.0) for s in segments]

    def _detect(self, samples: Samples) -> tuple[str, float]:
        language, probability, _ = self._model.detect_language(
            samples, language_detection_segments=2, language_detection_threshold=0.8
        )
        return str(language), float(probability)

    def _is_multilingual(self) -> bool:
        return bool(self._model.model.is_multilingual)

    def _knows(self, language: str) -> bool:
        # The library lists the languages of every Whisper; Cantonese has a token in the newest only.
        token = self._model.hf_tokenizer.token_to_id(f"<|{language}|>")
        return language in self._model.supported_languages and token is not None

    def _count_tokens(self, text: str) -> int:
        return len(self._model.hf_tokenizer.encode(" " + text, add_special_tokens=False).ids)

    def _computed_as(self) -> str:
        return f"{self._model.model.compute_type} on {self._model.model.device}"

    def _threads(self) -> int:
        return self.threads or os.cpu_count() or 1

    def _lanes(self) -> int:
        return self._threads() if self._model.model.device == "cpu" else 1

    def _batch_size(self) -> int:
        if not self.batch_size:  # once a model: later its own batches are part of what is taken
            self.batch_size = batch_size(self._model.model.device, self._model_mb())
        return self.batch_size

    def _model_mb(self) -> int:
        path = weights.resolve(self.model, folder=self.model_dir)
        return (path / "model.bin").stat().st_size // 2**20


def _check_folder(folder: Path) -> None:
    """Check what faster-whisper would miss at the first call only, or not at all.

    Without ``tokenizer.json`` it asks the hub for another model's, which is the network and a guess;
    with another model's, tokens mean something else, and the aligner never ends or reads beyond its memory.

    Raises:
        ModelError: A file is not there.
        ValueError: A file is damaged, or of another model.
    """
    from tokenizers import Tokenizer

    for name in ("config.json", "tokenizer.json"):
        if not (folder / name).is_file():
            raise ModelError(
                f"{folder} holds no {name}",
                hint="Give the folder of a CTranslate2 model, with the tokenizer.json of the model it was"
                " made from; `ct2-transformers-converter --copy_files tokenizer.json` makes one.",
            )
    if not isinstance(_parsed(folder / "config.json"), dict):
        raise ValueError("its config.json is damaged")
    try:
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    except Exception as error:
        # The library raises nothing narrower, and there is no call in this that could have a bug of ours.
        raise ValueError(f"its tokenizer.json is damaged ({error})") from error
    place = tokenizer.token_to_id(_LAST_WORD)
    if place is None:
        raise ValueError("its tokenizer.json is not a Whisper model's")
    tokens = _tokens(folder)
    if tokens is not None and tokens[place : place + 1] != [_LAST_WORD]:
        raise ValueError("its tokenizer.json is another model's")


def _tokens(folder: Path) -> list[Any] | None:
    """Return the weights' tokens in order, from either of the files that CTranslate2 writes them to."""
    if (folder / "vocabulary.json").is_file():
        tokens = _parsed(folder / "vocabulary.json")
        return tokens if isinstance(tokens, list) else None
    if (folder / "vocabulary.txt").is_file():
        return (folder / "vocabulary.txt").read_text("utf-8", errors="replace").split("\n")
    return None


def _parsed(file: Path) -> Any:
    try:
        return json.loads(file.read_bytes())
    except (ValueError, RecursionError) as error:
        raise ValueError(f"its {file.name} is damaged") from error


def _window(index: int, result: Any, tokenizer: Any) -> list[dict[str, Any]]:
    """Return the segments of one window as the library's aligner takes them.

    Cut where two timestamps stand side by side. Text after the last timestamp is a segment, too.
    """
    tokens: list[int] = result.sequences_ids[0]
    begin: int = tokenizer.timestamp_begin
    first = 2 * WINDOW_S * (index + 1)
    cuts = [i for i in range(1, len(tokens)) if tokens[i] >= begin and tokens[i - 1] >= begin]
    parts = []
    for low, high in pairwise([0, *cuts, len(tokens)]):
        part = tokens[low:high]
        times = [(token - begin) * _TOKEN_S for token in part if token >= begin]
        text = tokenizer.decode([token for token in part if token < tokenizer.eot])
        parts.append(
            {
                "seek": 2 * FRAMES * (index + 1),
                "start": first + (times[0] if times else 0.0),
                "end": first + (times[-1] if len(times) > 1 else WINDOW_S),
                "tokens": part,
                "text": text,
                "avg_logprob": result.scores[0] * len(tokens) / (len(tokens) + 1),
                "no_speech_prob": result.no_speech_prob,
                "compression_ratio": len(text.encode()) / len(zlib.compress(text.encode())),
            }
        )
    return parts


def _segment(heard: Any, offset: float) -> Segment:
    """Return what the library calls a segment as ours, ``offset`` seconds earlier."""
    words = [SimpleNamespace(**w) if isinstance(w, dict) else w for w in heard.words or ()]
    return Segment(
        start_ms=round((heard.start - offset) * 1000),
        end_ms=round((heard.end - offset) * 1000),
        text=heard.text,
        words=tuple(
            Word(
                w.word,
                round((w.start - offset) * 1000),
                round((w.end - offset) * 1000),
                round(float(w.probability), 4),
            )
            for w in words
        ),
        avg_logprob=round(heard.avg_logprob, 4),
        no_speech_prob=round(heard.no_speech_prob, 4),
        compression_ratio=round(heard.compression_ratio, 4),
    )
