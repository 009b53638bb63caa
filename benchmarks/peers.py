"""Put the peers that are no dependency of callmine into a folder of their own.

``python -m benchmarks.peers DIR`` makes DIR a virtual environment with whisper-ctranslate2 and
pywhispercpp. openai-whisper and faster-whisper come with ``pip install -c constraints.txt '.[reference]'``.
Nothing of this needs torch; should a peer come to need it, make DIR yourself with a CPU build.
"""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

from benchmarks.options import ROOT, say

CONSTRAINTS = ROOT / "constraints.txt"
PACKAGES = ("whisper-ctranslate2>=0.5,<1", "pywhispercpp>=1.4,<2")


def install(folder: Path) -> bool:
    """Install each peer; one that cannot be had is told of and left out of the tables as such."""
    python = folder / "bin" / "python"
    if not python.exists():
        say(f"making {folder} for the peers")
        venv.create(folder, with_pip=True)
    right = True
    for package in PACKAGES:
        # The same versions of what we share, so that the tools differ and not what is below them.
        given = [
            "--disable-pip-version-check",
            "--quiet",
            "install",
            "--constraint",
            str(CONSTRAINTS),
            package,
        ]
        if subprocess.run([str(python), "-m", "pip", *given]).returncode:
            say(f"{package} cannot be installed; its rows will say so")
            right = False
    return right


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m benchmarks.peers DIR")
    install(Path(sys.argv[1]).absolute())
