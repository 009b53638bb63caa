"""Read a torch checkpoint without torch, and without running what it says.

A ``.pt`` file of torch before 1.6 is a row of pickles and then the bare numbers. A pickle can name
any function of Python and have it called, so this reader knows three names, which all stand for
something of its own, and refuses every other.

Format: ``torch/serialization.py``, ``_legacy_save``.
"""

from __future__ import annotations

import pickle
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

import numpy as np
import numpy.typing as npt

from callmine.errors import ModelError

Tensor = npt.NDArray[np.float32]

_MAGIC = 0x1950A86A20F9469CFC6C
_PROTOCOL = 1001
_LIMIT = 1 << 28
"""No tensor of a model read here is near this many numbers."""

_DAMAGED = (
    pickle.UnpicklingError,
    EOFError,
    AttributeError,
    ImportError,
    IndexError,
    KeyError,
    TypeError,
    ValueError,
    OverflowError,
    MemoryError,
    RecursionError,
    UnicodeDecodeError,
)


class _Float32:
    """Stands for ``torch.FloatStorage``, the only kind of numbers that is read."""

    __slots__ = ()


class _Storage:
    """The numbers of a tensor: named in the pickle, read after it."""

    __slots__ = ("count", "numbers")

    def __init__(self, count: int) -> None:
        self.count = count
        self.numbers: Tensor | None = None


class _View:
    """A tensor as the pickle describes it: where in its storage it lies, and its shape."""

    __slots__ = ("offset", "shape", "storage", "stride")

    def __init__(
        self, storage: Any, offset: Any, shape: Any, stride: Any, grad: Any = False, hooks: Any = None
    ) -> None:
        self.storage, self.offset, self.shape, self.stride = storage, offset, shape, stride

    def array(self) -> Tensor:
        """Return the tensor's numbers.

        Raises:
            ValueError: It does not lie in its storage in row order.
        """
        if not isinstance(self.storage, _Storage) or self.storage.numbers is None:
            raise ValueError("a tensor without numbers")
        shape = tuple(int(n) for n in self.shape)
        count = int(np.prod(shape, dtype=np.int64))
        rows = tuple(int(np.prod(shape[i + 1 :], dtype=np.int64)) for i in range(len(shape)))
        numbers = self.storage.numbers[self.offset : self.offset + count]
        if self.offset < 0 or len(numbers) != count or tuple(self.stride) != rows:
            raise ValueError("a tensor outside its storage")
        return numbers.reshape(shape)


_KNOWN: Mapping[tuple[str, str], Any] = {
    ("collections", "OrderedDict"): OrderedDict,
    ("torch._utils", "_rebuild_tensor_v2"): _View,
    ("torch", "FloatStorage"): _Float32,
}


class _Reader(pickle.Unpickler):
    """Knows :data:`_KNOWN` and nothing else; collects the storages that are named."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__(file)
        self.storages: dict[str, _Storage] = {}

    def find_class(self, module: str, name: str) -> Any:
        """Return what a name stands for.

        Raises:
            pickle.UnpicklingError: It is not one of the three.
        """
        if (module, name) not in _KNOWN:
            raise pickle.UnpicklingError(f"it asks for {module}.{name}")
        return _KNOWN[module, name]

    def persistent_load(self, pid: Any) -> _Storage:
        """Return the storage that a persistent id names.

        Raises:
            pickle.UnpicklingError: It is no storage of 32-bit numbers.
        """
        kind, numbers, key, _, count, view = pid
        if kind != "storage" or numbers is not _Float32 or view is not None or not 0 <= count <= _LIMIT:
            raise pickle.UnpicklingError("it holds something else than 32-bit numbers")
        return self.storages.setdefault(str(key), _Storage(int(count)))


def read_checkpoint(path: Path, *, part: str = "model_state") -> dict[str, Tensor]:
    """Return the tensors of a checkpoint by name, as read-only float32 arrays.

    Args:
        path: A ``.pt`` file as torch wrote it before version 1.6.
        part: Key of the checkpoint under which the tensors are.

    Raises:
        ModelError: It cannot be read, is no such file, or asks for anything but tensors.
    """
    try:
        with path.open("rb") as file:
            state = _state(file)[part]
            return {str(name): view.array() for name, view in state.items()}
    except OSError as error:
        _refuse(path, error.strerror or "it cannot be read", error)
    except _DAMAGED as error:
        _refuse(path, str(error) or "it is cut short", error)


def _state(file: BinaryIO) -> Any:
    if _Reader(file).load() != _MAGIC or _Reader(file).load() != _PROTOCOL:
        raise ValueError("it is no checkpoint of torch")
    if _Reader(file).load().get("little_endian") is not True:
        raise ValueError("its numbers are in another byte order")
    reader = _Reader(file)
    state = reader.load()
    for key in _Reader(file).load():
        storage = reader.storages[str(key)]
        if int.from_bytes(file.read(8), "little") != storage.count:
            raise ValueError("a tensor has another length than stated")
        storage.numbers = np.frombuffer(file.read(4 * storage.count), dtype="<f4")
        if len(storage.numbers) != storage.count:
            raise ValueError("it is cut short")
    return state


def _refuse(path: Path, reason: str, error: Exception) -> NoReturn:
    raise ModelError(
        f"{path} is not a model that can be read safely: {reason}",
        hint=f"Delete {path.parent} and run `callmine models get {path.parent.name}`.",
    ) from error
