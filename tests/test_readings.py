"""What is kept of readings: whole, or noticed not to be."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from callmine.extractors.heads import FEATURES, MEANING, TOKEN_LABELS
from callmine.extractors.readings import (
    SEAL,
    Reading,
    belong_to,
    half,
    pack_places,
    pack_readings,
    rounded,
    unpack_features,
    unpack_places,
    unpack_readings,
)

RNG = np.random.default_rng(3)
TEXTS = ["Hello there.", "No. We have no money."]


def a_reading(*sentences: tuple[int, int], tokens: int = 0) -> Reading:
    """A reading with these sentences and so many tokens."""
    return rounded(
        RNG.normal(size=FEATURES).astype(np.float32),
        RNG.normal(size=(tokens, len(TOKEN_LABELS))).astype(np.float32),
        tuple((n, n + 1) for n in range(tokens)),
        sentences,
        RNG.normal(size=(len(sentences), MEANING)).astype(np.float32),
    )


READINGS = [a_reading((0, 12)), a_reading((0, 3), (4, 21), tokens=5)]
PLACES = {(0, 0, 5): half(READINGS[0].features), (1, 4, 6): None}


def sealed(**parts: np.ndarray) -> bytes:
    """An archive of other content behind a SHA-256 that is right."""
    out = io.BytesIO()
    np.savez_compressed(out, **parts)  # type: ignore[arg-type]
    return hashlib.sha256(out.getvalue()).digest() + out.getvalue()


def test_what_is_kept_comes_back() -> None:
    """Number by number; of nothing, too, which is not the same as no bytes."""
    again = unpack_readings(pack_readings(READINGS))
    assert pack_readings(again) == pack_readings(READINGS)
    assert np.array_equal(unpack_features(pack_readings(READINGS), 2), [r.features for r in READINGS])
    assert unpack_readings(pack_readings([])) == []
    assert unpack_features(pack_readings([]), 2).shape == (0, FEATURES)
    for count in (0, 1, 3):
        with pytest.raises(ValueError, match="do not fit together"):
            unpack_features(pack_readings(READINGS), count)
    assert len(pack_readings([])) == SEAL


@pytest.mark.parametrize(
    ("data", "unpack"),
    [
        (pack_readings(READINGS), unpack_readings),
        (pack_readings(READINGS), partial(unpack_features, count=2)),
        (pack_readings([]), unpack_readings),
        (pack_places(PLACES), unpack_places),
    ],
)
def test_any_lost_bit_is_noticed(data: bytes, unpack: Callable[[bytes], object]) -> None:
    """Wherever it is, in the archive or in its SHA-256; and bytes that are cut short, or are none."""
    unpack(data)
    places = range(len(data)) if len(data) < 2000 else RNG.integers(0, len(data), 2000).tolist()
    for place in places:
        spoilt = bytearray(data)
        spoilt[place] ^= 1 << (place % 8)
        with pytest.raises(ValueError, match="not the"):
            unpack(bytes(spoilt))
    for wrong in (b"", data[:-1], data[:SEAL], b"no archive", "text", None, 1.5):
        if wrong != data:
            with pytest.raises(ValueError, match="not the"):
                unpack(wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "wrong",
    [
        replace(READINGS[1], features=np.full(FEATURES, np.nan, np.float32)),
        replace(READINGS[1], features=np.full(FEATURES, np.inf, np.float32)),
        replace(READINGS[1], features=np.zeros(7, np.float32)),
        replace(READINGS[1], sentences=((0, 3), (21, 4))),
        replace(READINGS[1], offsets=((-1, 1),) * 5),
        replace(READINGS[1], sentences=(), meanings=READINGS[1].meanings[:0]),
    ],
)
def test_numbers_that_no_encoder_makes_are_refused(wrong: Reading) -> None:
    """Whatever their SHA-256 says."""
    with pytest.raises(ValueError, match="do not fit together"):
        unpack_readings(pack_readings([wrong]))


def test_counts_and_kinds_of_numbers_are_looked_at() -> None:
    """A count below nothing, letters for numbers, and a part that is missing."""
    with np.load(io.BytesIO(pack_readings(READINGS)[SEAL:])) as kept:
        parts = {name: kept[name] for name in kept.files}
    unpack_readings(sealed(**parts))
    changes: list[dict[str, np.ndarray]] = [
        {"tokens": np.asarray([-1, 6], np.int32)},
        {"parts": np.asarray([0, 3], np.int32)},
        {"features": parts["features"].astype(str)},
        {"meanings": parts["meanings"].astype(np.float64)},
    ]
    for change in changes:
        with pytest.raises(ValueError, match="not the readings"):
            unpack_readings(sealed(**{**parts, **change}))
    del parts["parts"]
    with pytest.raises(ValueError, match="not the readings"):
        unpack_readings(sealed(**parts))


def test_places_have_to_be_places() -> None:
    """Of a passage, with a beginning before the end, and features that are numbers."""
    for wrong in (
        {(-1, 0, 5): None},
        {(0, 5, 0): None},
        {(0, 0, 5): np.full(FEATURES, np.nan, np.float32)},
    ):
        with pytest.raises(ValueError, match="do not fit together"):
            unpack_places(pack_places(wrong))


def test_readings_belong_to_texts() -> None:
    """As many as there are, and of characters that are there."""
    assert belong_to(READINGS, TEXTS)
    assert not belong_to(READINGS, TEXTS[:1])
    assert not belong_to(READINGS, [TEXTS[0], "No."])
    assert not belong_to([READINGS[0], a_reading((100_000, 100_012))], TEXTS)
