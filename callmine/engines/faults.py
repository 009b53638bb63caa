"""Why a recogniser's model does not load. No call can be heard then: the run stops and says what to set."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from callmine.errors import MissingDependency, ModelError, RunError, UsageError, is_memory

_WHERE = "under [transcribe] in callmine.toml"
_GPU = re.compile(r"cuda|cublas|cudnn|nvidia", re.IGNORECASE)
_LONGEST = 300
_DEVICES = {"cpu": "processor", "cuda": "GPU"}


def no_gpu() -> UsageError:
    """Return the error for a GPU that is asked for where none can be used."""
    return UsageError(
        f'device = "cuda" is set {_WHERE}, and no GPU can be used here',
        hint='Write device = "auto" or "cpu"; or see whether `nvidia-smi` lists a GPU, and whether'
        " CUDA_VISIBLE_DEVICES hides it.",
    )


def cannot_compute(compute_type: str, device: str, possible: Iterable[str], *, engine: str) -> UsageError:
    """Return the error for a compute type that the engine does not have on this processor or GPU."""
    return UsageError(
        f'compute_type = "{compute_type}" is set {_WHERE}, and {engine} cannot compute so on this'
        f" {_DEVICES[device]}",
        hint=f'Write compute_type = "auto", or one of {", ".join(sorted({"default", *possible}))}.',
    )


def not_loaded(error: Exception, *, model: str, path: Path, device: str) -> RunError:
    """Return what a library's ``error`` on loading the ``model`` at ``path`` means, and what to write.

    Libraries raise the same types for everything, so their words are all there is to go by.
    """
    said = " ".join(str(error).split())[:_LONGEST] or type(error).__name__
    # The path is no word of the library's: a folder may be called cuda.
    words = said.replace(str(path), "")
    smaller = 'Choose a smaller model or, on a GPU, write device = "cpu", ' + _WHERE + "."
    if is_memory(error):
        return UsageError(f"the {_DEVICES[device]} has too little memory for {model}: {said}", hint=smaller)
    if device == "cuda" and _GPU.search(words):
        return MissingDependency(
            f"the GPU cannot be used: {said}",
            hint=f'Mend its driver and libraries, or write device = "cpu" {_WHERE}.',
        )
    return ModelError(
        f"the model {model} does not load: {said}",
        hint=f"See whether {path} is a Whisper model that this engine reads, or set another one {_WHERE}.",
    )
