"""What the benchmark scripts have in common on the command line."""

from __future__ import annotations

import argparse
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
TITLES = {
    "callmine": "callmine",
    "callmine-unbiased": "callmine, no names given",
    "callmine-single": "callmine, one process",
    "fw-sequential": "faster-whisper, sequential",
    "fw-sequential-vad": "faster-whisper, sequential, its VAD",
    "fw-batched": "faster-whisper, batched (8, its VAD)",
    "openai-whisper": "openai-whisper, fp32",
    "whisper-ctranslate2": "whisper-ctranslate2",
    "whisper.cpp": "whisper.cpp (pywhispercpp), f16",
}
"""Tools in the order of the tables."""


@dataclass(frozen=True, slots=True)
class Setup:
    """How to measure: where results and built recordings go, where the peers are, how often.

    Tools in ``again`` are measured anew, those in ``once`` are not repeated.
    """

    work: Path
    peers: Path
    threads: int = 2
    repeats: int = 3
    again: frozenset[str] = frozenset()
    once: frozenset[str] = frozenset()

    def times(self, tool: str) -> int:
        """Return how often a tool is run."""
        return 1 if tool in self.once else self.repeats


def arguments(description: str) -> argparse.ArgumentParser:
    """Return the options that all benchmark scripts share."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--work", type=Path, default=ROOT / "build" / "bench", help="results, recordings")
    parser.add_argument("--peers", type=Path, help="environment of the peers (default: WORK/peers)")
    parser.add_argument("--models", default="tiny.en,base", help="comma between them")
    parser.add_argument("--tools", default=",".join(TITLES), help="comma between them")
    parser.add_argument("--calls", default="", help="beginnings of call names, comma between; empty: all")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--once", default="", help="slow tools that are run only once")
    parser.add_argument("--again", default="", help="tools to measure again although results are there")
    parser.add_argument(
        "--out", type=Path, default=ROOT / "docs" / "benchmarks.md", help="page to write to"
    )
    return parser


def setup_of(args: argparse.Namespace) -> Setup:
    """Return the set-up that the options describe; say so when the machine is busy with other things."""
    if os.getloadavg()[0] > 0.5:
        say(f"the machine is busy (load {os.getloadavg()[0]:.1f}): speeds will be too low")
    work = args.work.resolve()
    peers = (args.peers or work / "peers").absolute()
    return Setup(
        work, peers, args.threads, args.repeats, frozenset(listed(args.again)), frozenset(listed(args.once))
    )


def listed(text: str) -> list[str]:
    """Return the parts of a list with commas."""
    return [part.strip() for part in text.split(",") if part.strip()]


def say(text: str) -> None:
    """Tell of progress."""
    print(f"[{time.strftime('%H:%M:%S')}] {text}", file=sys.stderr, flush=True)
