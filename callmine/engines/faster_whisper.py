"""faster-whisper (CTranslate2): the default engine; OpenAI's weights without torch."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from callmine.audio.types import Samples
from callmine.domain import Segment, Word
from callmine.engines.whisper_base import WhisperEngine


class FasterWhisper(WhisperEngine):
    """Whisper on CTranslate2; int8 on a CPU, float16 on a GPU unless told otherwise."""

    name = "faster_whisper"
    library = "faster-whisper"

    def _open(self, path: Path) -> Any:
        import ctranslate2
        from faster_whisper import WhisperModel

        device = self.device
        if device == "auto":
            device = "cuda" if ctranslate2.get_cuda_device_count() else "cpu"
        compute_type = self.compute_type
        if compute_type == "auto":
            compute_type = "float16" if device == "cuda" else "int8"
        return WhisperModel(
            str(path),
            device=device,
            compute_type=compute_type,
            cpu_threads=self.threads,
            local_files_only=True,
        )

    def _decode(self, samples: Samples, language: str, prompt: str | None) -> list[Segment]:
        import ctranslate2

        # The fallback temperatures draw at random; the same call must give the same text.
        ctranslate2.set_random_seed(0)
        segments, _ = self._model.transcribe(
            samples,
            language=language,
            beam_size=self.beam_size,
            temperature=list(self.temperatures),
            condition_on_previous_text=False,
            word_timestamps=True,
            vad_filter=False,
            no_speech_threshold=None,  # doubtful text is suppressed with a note, never in silence
            # Not hotwords: given to every window, they lost sentences and put names into the text.
            initial_prompt=prompt,
        )
        return [
            Segment(
                start_ms=round(s.start * 1000),
                end_ms=round(s.end * 1000),
                text=s.text,
                words=tuple(
                    Word(w.word, round(w.start * 1000), round(w.end * 1000), round(w.probability, 4))
                    for w in s.words or ()
                ),
                avg_logprob=round(s.avg_logprob, 4),
                no_speech_prob=round(s.no_speech_prob, 4),
                compression_ratio=round(s.compression_ratio, 4),
            )
            for s in segments
        ]

    def _detect(self, samples: Samples) -> tuple[str, float]:
        language, probability, _ = self._model.detect_language(
            samples, language_detection_segments=2, language_detection_threshold=0.8
        )
        return str(language), float(probability)

    def _is_multilingual(self) -> bool:
        return bool(self._model.model.is_multilingual)

    def _count_tokens(self, text: str) -> int:
        return len(self._model.hf_tokenizer.encode(" " + text, add_special_tokens=False).ids)

    def _computed_as(self) -> str:
        return f"{self._model.model.compute_type} on {self._model.model.device}"
