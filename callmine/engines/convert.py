"""Load CTranslate2 Whisper weights into openai-whisper.

A CTranslate2 ``model.bin`` holds OpenAI's tensors in half precision under other names: query, key
and value are fused (the key's bias is zero, OpenAI's model has none), and the output projection is
an alias of the token embedding. The container is little-endian: version, specification name and
revision, then name, shape, type and bytes of each variable, then aliases
(CTranslate2, ``python/ctranslate2/specs/model_spec.py``, ``_serialize``).
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from callmine.errors import ModelError

if TYPE_CHECKING:
    from whisper.model import Whisper

Array = npt.NDArray[Any]

_TYPES = {0: "<f4", 1: "|i1", 2: "<i2", 3: "<i4", 4: "<f2"}
_HEAD = 64  # every Whisper attention head has 64 dimensions


def read_variables(path: Path) -> dict[str, Array]:
    """Read every variable of a CTranslate2 model file, without copying it into memory.

    Raises:
        ModelError: The file is not a CTranslate2 Whisper model, or is damaged.
    """
    try:
        data = np.memmap(path, np.uint8, mode="r")
    except (OSError, ValueError) as error:
        raise ModelError(f"{path} is not a CTranslate2 model", hint="Fetch the model again.") from error
    at = 0

    def take(code: str) -> int:
        nonlocal at
        (value,) = struct.unpack_from("<" + code, data.data, at)
        at += struct.calcsize("<" + code)
        return int(value)

    def text() -> str:
        nonlocal at
        length = take("H")
        at += length
        return bytes(data[at - length : at - 1]).decode("utf-8")

    variables: dict[str, Array] = {}
    try:
        take("I")
        spec = text()
        take("I")
        for _ in range(take("I")):
            name = text()
            shape = [take("I") for _ in range(take("B"))]
            dtype = np.dtype(_TYPES[take("B")])
            size = take("I")
            variables[name] = data[at : at + size].view(dtype).reshape(shape)
            at += size
    except (struct.error, KeyError, ValueError, UnicodeDecodeError) as error:
        raise ModelError(f"{path} is not a CTranslate2 model", hint="Fetch the model again.") from error
    if spec != "WhisperSpec":
        raise ModelError(f"{path} holds a {spec}, not a Whisper model", hint="Choose a Whisper model.")
    return variables


def dimensions(variables: Mapping[str, Array]) -> dict[str, int]:
    """Return openai-whisper's ``ModelDimensions`` from the shapes of the tensors."""
    conv = variables["encoder/conv1/weight"].shape
    vocabulary, text_state = variables["decoder/embeddings/weight"].shape
    return {
        "n_mels": conv[1],
        "n_audio_ctx": variables["encoder/position_encodings/encodings"].shape[0],
        "n_audio_state": conv[0],
        "n_audio_head": conv[0] // _HEAD,
        "n_audio_layer": _layers(variables, "encoder"),
        "n_vocab": vocabulary,
        "n_text_ctx": variables["decoder/position_encodings/encodings"].shape[0],
        "n_text_state": text_state,
        "n_text_head": text_state // _HEAD,
        "n_text_layer": _layers(variables, "decoder"),
    }


def _layers(variables: Mapping[str, Array], side: str) -> int:
    return len(
        {
            name.split("/")[1]
            for name in variables
            if name.startswith(f"{side}/layer_") and name.split("/")[1][6:].isdigit()
        }
    )


def state_dict(variables: Mapping[str, Array]) -> dict[str, Array]:
    """Return the tensors under openai-whisper's names, as float32."""
    named: dict[str, Array] = {
        "decoder.token_embedding.weight": variables["decoder/embeddings/weight"],
        **_norm(variables, "encoder/layer_norm", "encoder.ln_post"),
        **_norm(variables, "decoder/layer_norm", "decoder.ln"),
    }
    for side in ("encoder", "decoder"):
        named[f"{side}.positional_embedding"] = variables[f"{side}/position_encodings/encodings"]
        for layer in range(_layers(variables, side)):
            named.update(_block(variables, f"{side}/layer_{layer}", f"{side}.blocks.{layer}"))
    for conv in ("conv1", "conv2"):
        for part in ("weight", "bias"):
            named[f"encoder.{conv}.{part}"] = variables[f"encoder/{conv}/{part}"]
    return {name: np.ascontiguousarray(value, dtype=np.float32) for name, value in named.items()}


def _block(variables: Mapping[str, Array], old: str, new: str) -> Iterator[tuple[str, Array]]:
    def linear(source: str, *targets: str) -> Iterator[tuple[str, Array]]:
        for part in ("weight", "bias"):
            pieces = np.split(variables[f"{old}/{source}/{part}"], len(targets))
            for target, piece in zip(targets, pieces, strict=True):
                if not (target.endswith(".key") and part == "bias"):
                    yield f"{new}.{target}.{part}", piece

    yield from linear("self_attention/linear_0", "attn.query", "attn.key", "attn.value")
    yield from linear("self_attention/linear_1", "attn.out")
    yield from _norm(variables, f"{old}/self_attention/layer_norm", f"{new}.attn_ln").items()
    if f"{old}/attention/linear_0/weight" in variables:
        yield from linear("attention/linear_0", "cross_attn.query")
        yield from linear("attention/linear_1", "cross_attn.key", "cross_attn.value")
        yield from linear("attention/linear_2", "cross_attn.out")
        yield from _norm(variables, f"{old}/attention/layer_norm", f"{new}.cross_attn_ln").items()
    yield from linear("ffn/linear_0", "mlp.0")
    yield from linear("ffn/linear_1", "mlp.2")
    yield from _norm(variables, f"{old}/ffn/layer_norm", f"{new}.mlp_ln").items()


def _norm(variables: Mapping[str, Array], old: str, new: str) -> dict[str, Array]:
    return {f"{new}.weight": variables[f"{old}/gamma"], f"{new}.bias": variables[f"{old}/beta"]}


def load_whisper(folder: Path, *, device: str = "cpu") -> Whisper:
    """Build an openai-whisper model from a CTranslate2 model folder.

    Raises:
        ModelError: The weights are quantised, or do not have a Whisper model's shapes.
    """
    import torch
    from whisper.model import ModelDimensions, Whisper

    variables = read_variables(folder / "model.bin")
    if any(name.endswith("weight_scale") for name in variables):
        raise ModelError(
            f"{folder} is quantised", hint="Use the half-precision model; see docs/engines.md."
        )
    model = Whisper(ModelDimensions(**dimensions(variables)))
    tensors = {name: torch.from_numpy(value) for name, value in state_dict(variables).items()}
    try:
        model.load_state_dict(tensors)
    except RuntimeError as error:
        raise ModelError(
            f"{folder} does not fit openai-whisper: {error}", hint="Fetch it again."
        ) from error
    # The same heads as whisper._ALIGNMENT_HEADS[name], but also there for a model of one's own.
    heads = torch.zeros(model.dims.n_text_layer, model.dims.n_text_head, dtype=torch.bool)
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    for layer, head in config["alignment_heads"]:
        heads[layer, head] = True
    model.register_buffer("alignment_heads", heads.to_sparse(), persistent=False)
    return model.to(device).eval()
