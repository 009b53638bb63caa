"""The kinds of array that the statistics take and return."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Flags = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


def flags(values: npt.ArrayLike, name: str) -> Flags:
    """Return values as a flat array of yes and no.

    Raises:
        ValueError: They are not flat, or not booleans.
    """
    array = np.asarray(values)
    if array.size == 0:
        array = array.astype(np.bool_)
    if array.ndim != 1 or array.dtype != np.bool_:
        raise ValueError(
            f"{name}: expected a flat array of booleans, got {array.dtype} of shape {array.shape}"
        )
    return array


def ints(values: npt.ArrayLike, name: str) -> Ints:
    """Return values as a flat array of whole numbers.

    Raises:
        ValueError: They are not flat, or not whole numbers.
    """
    array: npt.NDArray[Any] = np.asarray(values)
    if array.size == 0:
        array = array.astype(np.int64)
    if array.ndim != 1 or array.dtype.kind not in "iu":
        raise ValueError(
            f"{name}: expected a flat array of whole numbers, got {array.dtype} of shape {array.shape}"
        )
    return array.astype(np.int64)


def numbered(texts: Sequence[str]) -> tuple[tuple[str, ...], Ints]:
    """Return the distinct texts, sorted, and the place of each.

    As ``numpy.unique`` would; but an array of texts gives each of them the room of the longest.
    """
    names = tuple(sorted(set(texts)))
    place = {name: at for at, name in enumerate(names)}
    return names, np.array([place[text] for text in texts], dtype=np.int64)


def codes(columns: Sequence[Ints], length: int) -> Ints:
    """Return one code per distinct combination of several columns, counted from 0.

    Args:
        columns: Each of shape (``length``,); any whole numbers.
        length: Rows; needed where there is no column, when all rows are alike.
    """
    joint = np.zeros(length, dtype=np.int64)
    for column in columns:
        values, code = np.unique(column, return_inverse=True)
        _, joint = np.unique(joint * max(1, len(values)) + code, return_inverse=True)
    return joint.astype(np.int64)
