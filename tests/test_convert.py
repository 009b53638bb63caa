"""CTranslate2 weights in openai-whisper: names, shapes, and the refusal of everything else."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest

from callmine import weights
from callmine.engines.convert import dimensions, load_whisper, read_variables, state_dict
from callmine.errors import ModelError


def container(
    path: Path, *, spec: str = "WhisperSpec", name: str = "a/b", value: np.ndarray | None = None
) -> Path:
    """Write a CTranslate2 file with one float16 variable."""
    value = np.arange(6, dtype=np.float16).reshape(2, 3) if value is None else value
    out = struct.pack("<I", 6)
    out += struct.pack("<H", len(spec) + 1) + spec.encode() + b"\0" + struct.pack("<I", 3)
    out += struct.pack("<I", 1) + struct.pack("<H", len(name) + 1) + name.encode() + b"\0"
    out += struct.pack("<B", value.ndim) + struct.pack(f"<{value.ndim}I", *value.shape)
    out += struct.pack("<BI", 4, value.nbytes) + value.tobytes() + struct.pack("<I", 0)
    path.write_bytes(out)
    return path


def test_variables_are_read_with_their_shapes(tmp_path: Path) -> None:
    """Names, shapes, types and values come back."""
    (name, value), *rest = read_variables(container(tmp_path / "m")).items()
    assert (name, rest, value.dtype) == ("a/b", [], np.float16)
    assert value.tolist() == [[0, 1, 2], [3, 4, 5]]


@pytest.mark.parametrize("size", [0, 3, 20, 40])
def test_a_cut_file_is_refused(size: int, tmp_path: Path) -> None:
    """Wherever it is cut, the message names the file."""
    path = container(tmp_path / "m")
    path.write_bytes(path.read_bytes()[:size])
    with pytest.raises(ModelError, match="not a CTranslate2 model"):
        read_variables(path)


def test_another_kind_of_model_is_refused(tmp_path: Path) -> None:
    """A translation model is not a recogniser."""
    with pytest.raises(ModelError, match="TransformerSpec"):
        read_variables(container(tmp_path / "m", spec="TransformerSpec"))


@pytest.mark.audio
@pytest.mark.parametrize("name", ["tiny.en", "base"])
def test_real_weights_fit_openai_whisper(name: str, model_folder: Path) -> None:
    """Every parameter is set, half precision becomes float32, alignment heads are OpenAI's own."""
    whisper = pytest.importorskip("whisper", reason="openai-whisper is an extra")
    folder = weights.resolve(name, folder=model_folder)
    model = load_whisper(folder)
    assert model.is_multilingual == (name == "base")
    converted = state_dict(read_variables(folder / "model.bin"))
    assert converted.keys() == model.state_dict().keys()
    assert all(value.dtype == np.float32 for value in converted.values())
    ours = model.alignment_heads.to_dense()
    model.set_alignment_heads(whisper._ALIGNMENT_HEADS[name])
    assert (ours == model.alignment_heads.to_dense()).all()
    assert dimensions(read_variables(folder / "model.bin")) == vars(model.dims)
