"""How many windows are decoded side by side: by the processor, and by the memory of a GPU."""

from __future__ import annotations

import os
import shutil
import subprocess

CPU_BATCH = 2
"""On a CPU more windows at once are no faster, and each takes memory: with base, half an hour read by two
threads peaked at 2.0 GB with eight at once, 1.4 with four, 0.95 with two, and two were the quickest."""

GPU_BATCH = 8
"""On a GPU whose free memory nobody can tell: as many as a small one has room for."""

_MOST = 64
_KEEP_FREE_MB = 1_024


def batch_size(device: str, model_mb: int) -> int:
    """Return the number of windows for one batch.

    Args:
        device: ``cpu`` or ``cuda``.
        model_mb: Size of the model file in half precision, MB.

    A window with five hypotheses takes about a fifth of the model's size for the decoder's caches,
    and 40 MB for the encoder. A GPU whose free memory nobody can tell gets :data:`GPU_BATCH`.
    """
    if device != "cuda":
        return CPU_BATCH
    free = free_gpu_mb()
    if free is None:
        return GPU_BATCH
    room = free - _KEEP_FREE_MB
    return max(1, min(_MOST, room // (40 + model_mb // 5)))


def free_gpu_mb() -> int | None:
    """Return the free memory of the first GPU that may be used, MB; ``None`` if nobody can tell.

    Whether there is one to compute on, the engine's library knows: this tool shows GPUs that a process
    may not use, and is not there in every container that has one.
    """
    tool = shutil.which("nvidia-smi")
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if tool is None or visible == "":
        return None
    command = [tool, "--query-gpu=memory.free", "--format=csv,noheader,nounits"]
    if visible:
        command.append(f"--id={visible.split(',')[0]}")
    try:
        said = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True).stdout
        return int(said.split()[0])
    except (OSError, subprocess.SubprocessError, ValueError, IndexError):
        return None
