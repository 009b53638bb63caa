"""What the encoder makes of an utterance or a name, and how that is kept, so that nothing is read twice.

Numbers are rounded when they are made, not when they are kept: what is found does not depend on whether a
reading came from the encoder or from the store. What is kept begins with its own SHA-256, so
that a bit that was lost is noticed before any number is believed.
"""

from __future__ import annotations

import hashlib
import io
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from callmine.extractors.heads import FEATURES, MEANING, TOKEN_LABELS, Floats
from callmine.extractors.spans import Span, overlap
from callmine.extractors.windows import Place, Range

FORMAT = "2"
"""Version of the numbers and of how they are kept."""

SEAL = hashlib.sha256().digest_size
"""Bytes of the SHA-256 that what is kept begins with; there is never less."""

Places = Mapping[Place, Floats | None]
"""Features of places, rounded by :func:`half`; ``None`` at the end of a turn too long to be read whole."""

_MEANING_STEP = 1.0 / 127.0  # parts of unit vectors
_DAMAGED = (OSError, ValueError, KeyError, IndexError, EOFError, TypeError, BadZipFile, zlib.error)
_SHOWN_STEP = 0.1  # log-odds, kept from -12.7 to 12.7
_READING_TYPES: Mapping[str, type[np.generic]] = {
    "features": np.float16,
    "shown": np.int8,
    "offsets": np.int32,
    "tokens": np.int32,
    "sentences": np.int32,
    "parts": np.int32,
    "meanings": np.int8,
}
_PLACE_TYPES: Mapping[str, type[np.generic]] = {
    "places": np.int32,
    "read": np.bool_,
    "features": np.float16,
}


@dataclass(frozen=True, slots=True)
class Reading:
    """What the encoder makes of one utterance in its conversation.

    Attributes:
        features: What the questions are asked of, shape (192,).
        shown: Log-odds that a token shows a label, shape (tokens, labels); no token where the
            utterance hardly says anything that is looked for.
        offsets: For each of these tokens the characters of the utterance.
        sentences: The utterance's sentences, as ranges of characters.
        meanings: What each of them says, whatever the context; about unit vectors, shape (sentences, 128).
    """

    features: Floats
    shown: Floats
    offsets: tuple[Range, ...]
    sentences: tuple[Range, ...]
    meanings: Floats


def rounded(
    features: Floats,
    shown: Floats,
    offsets: tuple[Range, ...],
    sentences: tuple[Range, ...],
    meanings: Floats,
) -> Reading:
    """Return a reading with its numbers as they can be kept."""
    return Reading(
        half(features),
        _eighth(shown, _SHOWN_STEP).astype(np.float32) * np.float32(_SHOWN_STEP),
        offsets,
        sentences,
        _eighth(meanings, _MEANING_STEP).astype(np.float32) * np.float32(_MEANING_STEP),
    )


def half(features: Floats) -> Floats:
    """Return features as they can be kept."""
    return features.astype(np.float16).astype(np.float32)


def _eighth(values: Floats, step: float) -> npt.NDArray[np.int8]:
    return np.clip(np.round(values / step), -127, 127).astype(np.int8)


def meaning_at(reading: Reading, span: Span) -> Floats:
    """Return what the sentence says that holds most of a span; about a unit vector, shape (128,)."""
    shared = [overlap(span, sentence) for sentence in reading.sentences]
    found: Floats = reading.meanings[int(np.argmax(shared))]
    return found


def pack_readings(readings: Sequence[Reading]) -> bytes:
    """Return the readings of a call as the bytes of a compressed NumPy archive, behind their SHA-256."""
    if not readings:
        return _sealed(b"")
    out = io.BytesIO()
    np.savez_compressed(
        out,
        features=np.stack([r.features for r in readings]).astype(np.float16),
        shown=_eighth(np.concatenate([r.shown for r in readings]), _SHOWN_STEP),
        offsets=_ranges([r.offsets for r in readings]),
        tokens=np.asarray([len(r.offsets) for r in readings], dtype=np.int32),
        sentences=_ranges([r.sentences for r in readings]),
        parts=np.asarray([len(r.sentences) for r in readings], dtype=np.int32),
        meanings=_eighth(np.concatenate([r.meanings for r in readings]), _MEANING_STEP),
    )
    return _sealed(out.getvalue())


def unpack_readings(data: bytes) -> list[Reading]:
    """Return the readings that :func:`pack_readings` packed.

    Raises:
        ValueError: The bytes are not those that were packed, or their parts do not fit together.
    """
    try:
        archive = _unsealed(data)
        if not archive:
            return []
        part = _unpacked(archive, _READING_TYPES)
        tokens, parts = np.cumsum(part["tokens"]), np.cumsum(part["parts"])
        features = part["features"].astype(np.float32)
        shown = part["shown"].astype(np.float32) * np.float32(_SHOWN_STEP)
        meanings = part["meanings"].astype(np.float32) * np.float32(_MEANING_STEP)
        fits = (
            features.shape == (len(tokens), FEATURES)
            and bool(np.isfinite(features).all())
            and len(parts) == len(tokens)
            # Every utterance has a sentence, be it all of it; hardly any has tokens that are kept.
            and bool((part["tokens"] >= 0).all() and (part["parts"] > 0).all())
            and shown.shape == (tokens[-1], len(TOKEN_LABELS)) == (len(part["offsets"]), shown.shape[1])
            and meanings.shape == (parts[-1], MEANING) == (len(part["sentences"]), MEANING)
            and _are_ranges(part["offsets"])
            and _are_ranges(part["sentences"])
        )
    except _DAMAGED as error:
        raise ValueError(f"not the readings of a call: {error}") from error
    if not fits:
        raise ValueError("not the readings of a call: its parts do not fit together")
    offsets, sentences = (list(map(tuple, part[name].tolist())) for name in ("offsets", "sentences"))
    found = []
    for row, (at, of) in enumerate(zip(_slices(tokens), _slices(parts), strict=True)):
        found.append(
            Reading(features[row], shown[at], tuple(offsets[at]), tuple(sentences[of]), meanings[of])
        )
    return found


def belong_to(readings: Sequence[Reading], texts: Sequence[str]) -> bool:
    """Whether readings may be those of texts: as many, and none speaks of characters that are not there."""
    return len(readings) == len(texts) and all(
        end <= len(text)
        for reading, text in zip(readings, texts, strict=True)
        for _, end in (*reading.offsets, *reading.sentences)
    )


def unpack_features(data: bytes, count: int) -> Floats:
    """Return only the features of readings that :func:`pack_readings` packed.

    Args:
        data: What was kept of a call.
        count: How many utterances it has.

    Returns:
        Shape (utterances, 192); of no utterance where nothing was read: in another language.

    Raises:
        ValueError: The bytes are not those that were packed, or are of another number of utterances.
    """
    try:
        archive = _unsealed(data)
        if not archive:
            return np.zeros((0, FEATURES), dtype=np.float32)
        with np.load(io.BytesIO(archive), allow_pickle=False) as kept:
            features: Floats = kept["features"].astype(np.float32)
    except _DAMAGED as error:
        raise ValueError(f"not the readings of a call: {error}") from error
    if features.shape != (count, FEATURES) or not np.isfinite(features).all():
        raise ValueError("not the readings of a call: its parts do not fit together")
    return features


def pack_places(places: Places) -> bytes:
    """Return what the encoder made of the names in a call, packed as :func:`pack_readings` packs."""
    ordered = sorted(places)
    read = [features for place in ordered if (features := places[place]) is not None]
    out = io.BytesIO()
    np.savez_compressed(
        out,
        places=np.asarray(ordered, dtype=np.int32).reshape(len(ordered), 3),
        read=np.asarray([places[place] is not None for place in ordered], dtype=np.bool_),
        features=np.asarray(read, dtype=np.float16).reshape(len(read), FEATURES),
    )
    return _sealed(out.getvalue())


def unpack_places(data: bytes) -> Places:
    """Return the places that :func:`pack_places` packed.

    Raises:
        ValueError: The bytes are not those that were packed, or their parts do not fit together.
    """
    try:
        part = _unpacked(_unsealed(data), _PLACE_TYPES)
        places, read = part["places"], part["read"]
        features = part["features"].astype(np.float32)
        fits = (
            places.shape == (len(read), 3)
            and features.shape == (read.sum(), FEATURES)
            and bool(np.isfinite(features).all() and (places[:, 0] >= 0).all())
            and _are_ranges(places[:, 1:])
        )
    except _DAMAGED as error:
        raise ValueError(f"not the names of a call: {error}") from error
    if not fits:
        raise ValueError("not the names of a call: its parts do not fit together")
    known = iter(features)
    return {
        (number, start, end): next(known) if was_read else None
        for (number, start, end), was_read in zip(places.tolist(), read.tolist(), strict=True)
    }


def is_whole(data: object) -> bool:
    """Whether bytes are those that were packed; quick, for nothing is unpacked."""
    try:
        _unsealed(data)
    except _DAMAGED:
        return False
    return True


def _sealed(archive: bytes) -> bytes:
    return hashlib.sha256(archive).digest() + archive


def _unsealed(data: object) -> bytes:
    """Return what was sealed; nothing but its SHA-256 says that it is still what it was."""
    if not isinstance(data, bytes):  # SQLite keeps text in a column of bytes as well
        raise TypeError("no bytes")
    archive = data[SEAL:]
    if hashlib.sha256(archive).digest() != data[:SEAL]:
        raise ValueError("its SHA-256 is another one")
    return archive


def _unpacked(archive: bytes, types: Mapping[str, type[np.generic]]) -> dict[str, npt.NDArray[Any]]:
    with np.load(io.BytesIO(archive), allow_pickle=False) as kept:
        parts = {name: kept[name] for name in types}
    if wrong := [name for name, part in parts.items() if part.dtype != types[name]]:
        raise ValueError(f"{wrong[0]} are numbers of another kind")
    return parts


def _are_ranges(pairs: npt.NDArray[np.int32]) -> bool:
    starts, ends = pairs.reshape(-1, 2).T
    return bool((starts >= 0).all() and (starts <= ends).all())


def _slices(ends: npt.NDArray[np.int64]) -> list[slice]:
    """Return the slices that end where each number says, and begin where the one before ended."""
    stops = ends.tolist()
    return list(map(slice, [0, *stops], stops))


def _ranges(groups: Sequence[Sequence[Range]]) -> npt.NDArray[np.int32]:
    flat = [pair for group in groups for pair in group]
    return np.asarray(flat, dtype=np.int32).reshape(len(flat), 2)
