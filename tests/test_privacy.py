"""Nothing leaves the machine, and nothing is written where nobody looks for it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = "import numpy; from callmine.audio import find_speech; find_speech(numpy.zeros(16000, 'float32'))"
IN_A_WORKER = """
import multiprocessing
import numpy
from callmine.audio import find_speech
if __name__ == "__main__":
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        pool.apply(find_speech, [numpy.zeros(16000, "float32")])
"""


@pytest.mark.parametrize("program", [HERE, IN_A_WORKER], ids=["here", "worker"])
def test_onnxruntime_keeps_no_diary(tmp_path: Path, program: str) -> None:
    """A session of onnxruntime leaves no device id and no usage events in the user's home."""
    home = tmp_path / "home"
    home.mkdir()
    script = tmp_path / "program.py"
    script.write_text(program)
    around = {k: v for k, v in os.environ.items() if k not in ("XDG_CACHE_HOME", "ORT_DISABLE_TELEMETRY")}
    root = str(Path(__file__).parent.parent)
    subprocess.run(
        [sys.executable, str(script)], env={**around, "HOME": str(home), "PYTHONPATH": root}, check=True
    )
    assert list(home.rglob("*")) == []
