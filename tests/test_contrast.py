"""What sets meanings apart: what is said in any call counts less."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from callmine.errors import ModelError
from callmine.extractors.contrast import FILE, Contrast
from callmine.extractors.encoder import Encoder
from callmine.extractors.heads import MEANING


def test_what_all_share_tells_nothing() -> None:
    """Two that agree in what varies anyway are less alike than two that agree in what is rare."""
    rng = np.random.default_rng(3)
    ordinary = rng.normal(0.0, 0.01, (500, MEANING))
    ordinary[:, 0] += 0.8
    ordinary[:, 1] += rng.normal(0.0, 0.4, 500)
    contrast = Contrast.of(ordinary)
    one, often, rare = np.zeros((3, MEANING), np.float32)
    for vector, second, third in ((one, 0.5, 0.3), (often, 0.5, -0.3), (rare, -0.5, 0.3)):
        vector[:3] = 0.8, second, third
    assert one @ often > one @ rare
    apart = contrast.apart(np.stack([one, often, rare]))
    assert apart[0] @ apart[1] < 0 < apart[0] @ apart[2]
    assert np.linalg.norm(apart, axis=1) == pytest.approx(1.0, abs=1e-5)
    assert contrast.middle(np.stack([one, one])) == pytest.approx(apart[0], abs=1e-5)


def test_without_a_contrast_meanings_stay() -> None:
    """So it is while a model is being made."""
    meaning = np.eye(1, MEANING, dtype=np.float32)
    assert np.array_equal(Contrast.none().apart(meaning), meaning)


def test_it_is_kept_with_the_model(tmp_path: Path) -> None:
    """Written and read again it is the same; the shipped one is whole."""
    shipped = Encoder().contrast
    assert not np.allclose(shipped.whitening, np.eye(MEANING))
    shipped.save(tmp_path)
    again = Contrast.load(tmp_path)
    assert np.array_equal(again.mean, shipped.mean)
    assert np.array_equal(again.whitening, shipped.whitening)


@pytest.mark.parametrize("data", [None, b"", b"not an archive", {"mean": np.zeros(3)}, "other"])
def test_a_damaged_file_is_told(tmp_path: Path, data: object) -> None:
    """Which file it is and what to do is said."""
    if isinstance(data, bytes):
        (tmp_path / FILE).write_bytes(data)
    elif isinstance(data, dict):
        np.savez(tmp_path / FILE, **data)
    elif data:
        np.savez(tmp_path / FILE, mean=np.zeros(3), whitening=np.eye(3))
    with pytest.raises(ModelError, match=FILE) as told:
        Contrast.load(tmp_path)
    assert "Reinstall" in (told.value.hint or "")
