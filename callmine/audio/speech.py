"""Where somebody speaks: Silero VAD, set to keep quiet telephone speech and refuse hold music.

The usual threshold of 0.5 loses up to a third of the words of telephone speech; 0.15 keeps them
but also fires on music. So what passes 0.15 must be borne out: either a third of a second of
likely speech in the stretch itself, or speech evidence within ten seconds around it. Music, ring
tones, key tones and noise give short weak blips with neither.

Model: Silero VAD (Silero Team, 2021 to 2025, MIT), as shipped with faster-whisper.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from callmine.audio.levels import slices
from callmine.audio.types import RATE, Samples, Span, Track
from callmine.errors import MissingDependency

Probabilities = npt.NDArray[np.float32]

FRAME = 512
"""Samples a probability stands for: 32 ms."""

_CONTEXT = 64
_BATCH = 64  # frames run at once: 2 s of sound; larger batches are not faster
_SILENCE = 0.001  # -60 dBFS at its loudest: 40 dB under a voice on a channel that has been raised
_LEAVE = 0.05  # a stretch goes on while the probability stays above this ...
_GAP = 16  # ... or returns to it within so many frames (half a second)
_STRONG, _STRONG_FRAMES = 0.5, 10
_AROUND = 312  # frames: ten seconds to each side
_EVIDENCE = 9.0  # sum of probabilities around: 0.3 s of certain speech
_PAD_MS = 200


def find_speech(track: Track, *, threshold: float = 0.15) -> tuple[Span, ...]:
    """Return where somebody speaks, in milliseconds, ordered and apart.

    Args:
        track: One channel, 16 kHz; read in slices.
        threshold: Probability at which a stretch of speech may begin, 0..1.

    Raises:
        MissingDependency: faster-whisper (which carries the model) or onnxruntime is missing.
    """
    # One array for all: small ones kept from between the model's large ones would stop those from
    # being used again, and memory would grow by 5 MB for every 16 s.
    scores = np.zeros(-(-len(track) // FRAME), dtype=np.float32)
    at = 0
    for some in probabilities(slices(track)):
        scores[at : at + len(some)] = some
        at += len(some)
    return spans_of(scores, len(track) * 1000 // RATE, threshold=threshold)


def probabilities(blocks: Iterable[Samples]) -> Iterator[Probabilities]:
    """Yield speech probabilities, one for each 32 ms, of a channel that comes in blocks.

    Memory does not depend on the length of the channel or of its blocks. Where a channel is as good
    as silent, as half of most two-sided calls is, nobody speaks and the model is not asked; it has
    heard two seconds of the silence by then.
    """
    session = _session()
    hidden = np.zeros((1, 1, 128), dtype=np.float32)
    cell = np.zeros((1, 1, 128), dtype=np.float32)
    context = np.zeros(_CONTEXT, dtype=np.float32)
    was_silent = False
    for chunk in _even(blocks, FRAME * _BATCH):
        frames = chunk.reshape(-1, FRAME)
        silent = max(float(chunk.max()), -float(chunk.min())) < _SILENCE
        if silent and was_silent:
            context = frames[-1, -_CONTEXT:].copy()
            yield np.zeros(len(frames), dtype=np.float32)
            continue
        was_silent = silent
        before = np.concatenate([context[None], frames[:-1, -_CONTEXT:]])
        inputs = {"input": np.concatenate([before, frames], axis=1), "h": hidden, "c": cell}
        scores, hidden, cell = session.run(None, inputs)
        context = frames[-1, -_CONTEXT:].copy()
        yield np.asarray(scores, dtype=np.float32).reshape(-1)


def spans_of(scores: Probabilities, length_ms: int, *, threshold: float = 0.15) -> tuple[Span, ...]:
    """Return the speech spans in a channel's probabilities, padded, in milliseconds."""
    if not len(scores):
        return ()
    evidence = np.concatenate([[0.0], np.cumsum(np.where(scores >= threshold, scores, 0.0))])
    smooth = np.convolve(scores, np.full(_STRONG_FRAMES, 1 / _STRONG_FRAMES), mode="same")[: len(scores)]
    spans: list[Span] = []
    for begin, end in _stretches(scores, threshold):
        if smooth[begin:end].max() < _STRONG:
            at = np.arange(begin, end)
            around = (
                evidence[np.minimum(at + _AROUND + 1, len(scores))] - evidence[np.maximum(at - _AROUND, 0)]
            )
            if around.max() < _EVIDENCE:
                continue
        start_ms = max(0, begin * FRAME * 1000 // RATE - _PAD_MS)
        end_ms = min(length_ms, end * FRAME * 1000 // RATE + _PAD_MS)
        if spans and start_ms <= spans[-1][1]:
            spans[-1] = (spans[-1][0], end_ms)
        elif start_ms < end_ms:
            spans.append((start_ms, end_ms))
    return tuple(spans)


def _stretches(scores: Probabilities, threshold: float) -> Iterator[tuple[int, int]]:
    """Yield frame ranges that begin at ``threshold`` and last until a real pause."""
    begin: int | None = None
    last = 0
    leave = min(_LEAVE, threshold)
    for index, score in enumerate(scores.tolist()):
        if begin is None:
            if score >= threshold:
                begin = last = index
        elif score >= leave:
            last = index
        elif index - last > _GAP:
            yield begin, last + 1
            begin = None
    if begin is not None:
        yield begin, last + 1


def _even(blocks: Iterable[Samples], size: int) -> Iterator[Samples]:
    """Cut blocks of any length into blocks of ``size``; the last is padded to whole frames."""
    rest = np.zeros(0, dtype=np.float32)
    for block in blocks:
        at = 0
        while at < len(block):
            take = min(size - len(rest), len(block) - at)
            rest = np.concatenate([rest, block[at : at + take].astype(np.float32, copy=False)])
            at += take
            if len(rest) == size:
                yield rest
                rest = np.zeros(0, dtype=np.float32)
    if len(rest):
        yield np.pad(rest, (0, -len(rest) % FRAME))


@cache
def _session() -> Any:
    """Load the model once a process."""
    package = find_spec("faster_whisper")
    if package is None or not package.submodule_search_locations:
        raise MissingDependency(
            "the speech detector needs the faster-whisper package, which is not installed",
            hint="Install it: pip install faster-whisper",
        )
    models = sorted((Path(package.submodule_search_locations[0]) / "assets").glob("silero_vad*.onnx"))
    try:
        import onnxruntime
    except ImportError as error:
        raise MissingDependency(
            "the speech detector needs the onnxruntime package, which is not installed",
            hint="Install it: pip install onnxruntime",
        ) from error
    if not models:
        raise MissingDependency(
            "the installed faster-whisper does not carry the speech detector's model",
            hint="Install a version that does: pip install 'faster-whisper>=1.2,<2'",
        )
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(
        str(models[-1]), providers=["CPUExecutionProvider"], sess_options=options
    )
