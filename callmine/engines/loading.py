"""A model on this machine: which one is set, which weights that is, where it runs, how it is loaded."""

from __future__ import annotations

import contextlib
from abc import ABC, abstractmethod
from importlib import metadata
from pathlib import Path
from typing import Any, ClassVar

from callmine import weights
from callmine.engines.faults import no_gpu, not_loaded
from callmine.errors import MissingDependency, ModelError


class LocalModel(ABC):
    """What engines share that load weights of their own with a library.

    Args:
        model: A model name, hub repository or path; see :func:`callmine.weights.resolve`.
        model_dir: The model folder; the default one when ``None``.
        device: ``auto``, ``cpu`` or ``cuda``.
        compute_type: ``auto`` or a type the library knows (``int8``, ``float16``, ``float32``).
    """

    name: str
    library: ClassVar[str]

    def __init__(self, model: str, model_dir: Path | None, *, device: str, compute_type: str) -> None:
        self.model = model
        self.model_dir = model_dir or weights.default_folder()
        self.device = device
        self.compute_type = compute_type
        self._model: Any = None

    def __getstate__(self) -> dict[str, Any]:
        # A loaded model does not cross processes; each worker loads its own.
        return {**self.__dict__, "_model": None}

    @property
    def version(self) -> str:
        """Version of the library that runs.

        Raises:
            callmine.errors.MissingDependency: The library is not there.
        """
        try:
            return metadata.version(self.library)
        except metadata.PackageNotFoundError as error:
            raise self._not_installed() from error

    def runs_on(self) -> str:
        """Return ``cuda`` or ``cpu``: what the setting ``device`` comes to on this machine.

        Raises:
            callmine.errors.MissingDependency: The library is not there.
        """
        if self.device != "auto":
            return self.device
        try:
            return "cuda" if self._sees_gpu() else "cpu"
        except ModuleNotFoundError as error:
            raise self._not_installed() from error

    def load(self) -> None:
        """Load the weights; a second call does nothing.

        Raises:
            callmine.errors.MissingDependency: The library, the model or what a GPU needs is not there.
            callmine.errors.UsageError: ``device`` or ``compute_type`` is not to be had on this machine,
                or the model is too large for it.
        """
        if self._model is not None:
            return
        path = weights.resolve(self.model, folder=self.model_dir)
        try:
            if self.device == "cuda" and not self._sees_gpu():
                raise no_gpu()
            self._model = self._open(path)
        except ModuleNotFoundError as error:
            raise self._not_installed() from error
        except (ValueError, RuntimeError, MemoryError) as error:
            raise not_loaded(error, model=self.model, path=path, device=self.runs_on()) from error

    def unload(self) -> None:
        """Free the memory."""
        self._model = None

    def _sha(self) -> str | None:
        """Return the SHA-256 of the weights, ``None`` while only the hub has them.

        Nothing is fetched for it: who plans must not wait for a download. A run fetches the model before
        it hands out the first call, so what is recorded of a call names the weights that heard it.
        """
        known = weights.weights_sha(self.model, folder=self.model_dir)
        if known is None:
            with contextlib.suppress(ModelError):  # what a person put there is pinned
                weights.resolve(self.model, folder=self.model_dir, fetch=False)
            known = weights.weights_sha(self.model, folder=self.model_dir)
        return known

    def _not_installed(self) -> MissingDependency:
        return MissingDependency(
            f"the engine {self.name} needs the package {self.library}", hint=self._install_hint()
        )

    def _install_hint(self) -> str:
        return f"Run `pip install {self.library}`."

    @abstractmethod
    def _open(self, path: Path) -> Any:
        """Return the model in a folder or file.

        A ``ValueError``, ``RuntimeError`` or ``MemoryError`` is told as the reason why it does not load.
        """

    @abstractmethod
    def _sees_gpu(self) -> bool:
        """Return whether the library can use a GPU here."""
