"""Write a CTranslate2 Whisper model in whisper.cpp's format, so that it runs on the same weights.

The container (whisper.cpp, ``src/whisper.cpp``, ``whisper_model_load``), little-endian: magic;
eleven sizes; the mel filter bank; the vocabulary as byte strings in order of their ids; then each
tensor with the count of its dimensions, length of its name, type, dimensions from the innermost,
name and data. Tensor names are openai-whisper's.
"""

from __future__ import annotations

import struct
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

import numpy as np

from callmine.engines.convert import Array, dimensions, read_variables, state_dict

MAGIC = 0x67676D6C
_FLOAT32, _FLOAT16 = 0, 1
_ORDER = (
    "n_vocab",
    "n_audio_ctx",
    "n_audio_state",
    "n_audio_head",
    "n_audio_layer",
    "n_text_ctx",
    "n_text_state",
    "n_text_head",
    "n_text_layer",
    "n_mels",
)


def convert(folder: Path, target: Path) -> Path:
    """Write the model in ``folder`` to ``target``, in half precision; needs openai-whisper's assets."""
    variables = read_variables(folder / "model.bin")
    sizes = dimensions(variables)
    part = target.with_suffix(".part")
    part.parent.mkdir(parents=True, exist_ok=True)
    with part.open("wb") as file:
        file.write(struct.pack("<12i", MAGIC, *(sizes[n] for n in _ORDER), _FLOAT16))
        filters = _mel_filters(sizes["n_mels"])
        file.write(struct.pack("<2i", *filters.shape))
        file.write(filters.tobytes())
        words = _vocabulary(multilingual=sizes["n_vocab"] >= 51_865)
        file.write(struct.pack("<i", len(words)))
        for word in words:
            file.write(struct.pack("<i", len(word)) + word)
        _tensors(file, state_dict(variables))
    part.replace(target)
    return target


def _tensors(file: BinaryIO, tensors: Mapping[str, Array]) -> None:
    for name, tensor in tensors.items():
        if name in ("encoder.conv1.bias", "encoder.conv2.bias"):
            tensor = tensor.reshape(-1, 1)  # whisper.cpp adds them to a matrix
        # Vectors and positions stay in single precision, as whisper.cpp expects them.
        single = tensor.ndim < 2 or name.endswith(("positional_embedding", "conv1.bias", "conv2.bias"))
        label = name.encode()
        file.write(struct.pack("<3i", tensor.ndim, len(label), _FLOAT32 if single else _FLOAT16))
        file.write(struct.pack(f"<{tensor.ndim}i", *reversed(tensor.shape)))
        file.write(label)
        file.write(tensor.astype("<f4" if single else "<f2").tobytes())


def _mel_filters(n_mels: int) -> Array:
    import whisper

    with np.load(Path(whisper.__file__).parent / "assets" / "mel_filters.npz") as stored:
        return np.ascontiguousarray(stored[f"mel_{n_mels}"], dtype="<f4")


def _vocabulary(*, multilingual: bool) -> list[bytes]:
    """Return the ordinary tokens; whisper.cpp makes the special ones itself."""
    from whisper.tokenizer import get_encoding

    # The library leaves its vocabulary open; not the caller's business.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        encoding = get_encoding("multilingual" if multilingual else "gpt2")
    ordinary = encoding.n_vocab - len(encoding.special_tokens_set)
    return [encoding.decode_single_token_bytes(i) for i in range(ordinary)]
