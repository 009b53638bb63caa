"""openai-whisper: the reference implementation, on the same weights as the default engine."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from callmine.audio.types import Samples
from callmine.domain import Json, Segment, Word
from callmine.engines.convert import load_whisper
from callmine.engines.faults import cannot_compute
from callmine.engines.whisper_base import WhisperEngine
from callmine.errors import ModelError


class OpenAIWhisper(WhisperEngine):
    """OpenAI's own code on torch; float32 on a CPU, float16 on a GPU unless told otherwise.

    It computes in no other types. ``default`` is float32, also on a GPU.
    ``model`` may also be the path of a ``.pt`` file in OpenAI's format.
    """

    name = "openai_whisper"
    library = "openai-whisper"

    def _open(self, path: Path) -> Any:
        import torch
        from whisper.tokenizer import get_tokenizer

        device = self.runs_on()
        possible = {"float32", "float16"} if device == "cuda" else {"float32"}
        if self.compute_type not in {"auto", "default", *possible}:
            raise cannot_compute(self.compute_type, device, possible, engine=self.name)
        if self.threads:
            torch.set_num_threads(self.threads)
        try:
            model = load_whisper(path) if path.is_dir() else _from_file(path)
        except (RuntimeError, KeyError, TypeError, ValueError, OSError) as error:
            raise ModelError(
                f"{path} is not a model in OpenAI's format",
                hint="Give a .pt file made by OpenAI's code, or the whole folder of a CTranslate2 model.",
            ) from error
        # The library reads its vocabulary once and leaves the file open; not the caller's business.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)
            get_tokenizer(model.is_multilingual, num_languages=model.num_languages)
        # Only now, and not above: what is wrong with a GPU is no fault of the file.
        return model.to(device)

    def _sees_gpu(self) -> bool:
        import torch

        return bool(torch.cuda.is_available())

    def settings(self) -> Json:
        """Return what changes the output, as configured; this engine falls back to other temperatures."""
        return {**super().settings(), "temperatures": list(self.temperatures)}

    def _decode(self, sounds: Sequence[Samples], language: str, prompt: str | None) -> list[list[Segment]]:
        return [self._transcribe(sound, language, prompt) for sound in sounds]

    def _decode_slowly(self, samples: Samples, language: str) -> list[Segment]:
        return self._transcribe(samples, language, None)

    def _batch_size(self) -> int:
        return 1  # the library reads one window at a time

    def _transcribe(self, samples: Samples, language: str, prompt: str | None) -> list[Segment]:
        import torch
        import whisper

        # The fallback temperatures draw at random; the same call must give the same text.
        torch.manual_seed(0)
        result = whisper.transcribe(
            self._model,
            samples,
            verbose=None,
            language=language,
            beam_size=self.beam_size,
            best_of=self.beam_size,
            temperature=self.temperatures,
            condition_on_previous_text=False,
            word_timestamps=True,
            no_speech_threshold=None,
            initial_prompt=prompt,
            fp16=self._half(),
        )
        return [
            Segment(
                start_ms=round(s["start"] * 1000),
                end_ms=round(s["end"] * 1000),
                text=s["text"],
                words=tuple(
                    Word(
                        w["word"],
                        round(w["start"] * 1000),
                        round(w["end"] * 1000),
                        round(float(w["probability"]), 4),
                    )
                    for w in s.get("words", ())
                ),
                avg_logprob=round(s["avg_logprob"], 4),
                no_speech_prob=round(s["no_speech_prob"], 4),
                compression_ratio=round(s["compression_ratio"], 4),
            )
            for s in result["segments"]
        ]

    def _detect(self, samples: Samples) -> tuple[str, float]:
        import whisper

        mel = whisper.log_mel_spectrogram(whisper.pad_or_trim(samples), self._model.dims.n_mels)
        _, probabilities = self._model.detect_language(mel.to(self._model.device))
        return max(((lang, float(p)) for lang, p in probabilities.items()), key=lambda item: item[1])

    def _is_multilingual(self) -> bool:
        return bool(self._model.is_multilingual)

    def _knows(self, language: str) -> bool:
        from whisper.tokenizer import get_tokenizer

        tokenizer = get_tokenizer(self._is_multilingual(), num_languages=self._model.num_languages)
        return language in tokenizer.all_language_codes

    def _count_tokens(self, text: str) -> int:
        from whisper.tokenizer import get_tokenizer

        tokenizer = get_tokenizer(self._is_multilingual(), num_languages=self._model.num_languages)
        return len(tokenizer.encode(" " + text))

    def _half(self) -> bool:
        return self._model.device.type == "cuda" and self.compute_type in ("auto", "float16")

    def _computed_as(self) -> str:
        return f"{'float16' if self._half() else 'float32'} on {self._model.device.type}"

    def _install_hint(self) -> str:
        return "Run `pip install -c constraints.txt '.[reference]'` in callmine's checkout."


def _from_file(path: Path) -> Any:
    """Return the model in a ``.pt`` file.

    Raises:
        ValueError: It does not hold one.
    """
    import whisper

    try:
        # It reads with weights_only: a .pt file cannot run code.
        return whisper.load_model(str(path), "cpu").eval()
    except MemoryError:
        raise
    except Exception as error:
        # Unpickling bytes that are no pickle raises whatever they happen to stand for.
        raise ValueError(f"{path} does not hold a model") from error
