"""Progress: rich bars on a terminal, a plain line now and then elsewhere."""

from __future__ import annotations

import os
import sys
import time
from contextlib import suppress
from types import TracebackType
from typing import Self, TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

LINE_EVERY_S = 15.0
"""Off a terminal, at most one progress line in this time."""


def discard(stream: TextIO) -> None:
    """Let what is still to be printed on a stream go nowhere: nobody reads it, or nothing takes it."""
    with suppress(OSError, ValueError):  # a stream without a descriptor holds nothing back
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


class _Console(Console):
    """A console that ends no run because nobody reads it any more (``callmine run 2>&1 | head``)."""

    def on_broken_pipe(self) -> None:
        self.quiet = True
        discard(sys.stderr)


class Meter:
    """Shows how far something is, on stderr; a context manager.

    Args:
        quiet: Show nothing.
    """

    def __init__(self, *, quiet: bool = False) -> None:
        self._console = _Console(stderr=True, highlight=False)
        self._quiet = quiet
        self._progress: Progress | None = None
        self._task: TaskID | None = None
        self._name, self._total, self._done, self._said = "", 0, 0, 0.0

    def __enter__(self) -> Self:
        """Begin to show."""
        if not self._quiet and self._console.is_terminal:
            self._progress = Progress(
                TextColumn("{task.description:<12}"),
                BarColumn(),
                MofNCompleteColumn(),
                TimeElapsedColumn(),
                TextColumn("{task.fields[item]}", markup=False),
                console=self._console,
            )
            self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the terminal as it was."""
        if self._progress is not None:
            self._progress.stop()

    def begin(self, name: str, total: int) -> None:
        """Begin a part with ``total`` steps."""
        self._name, self._total, self._done, self._said = name, total, 0, time.monotonic()
        if self._progress is not None:
            self._task = self._progress.add_task(name, total=total, item="")
        elif total:
            self.say(f"{name}: {total} to do")

    def step(self, item: str) -> None:
        """Count one step done."""
        self._done += 1
        if self._progress is not None and self._task is not None:
            self._progress.update(self._task, advance=1, item=item)
        elif time.monotonic() - self._said > LINE_EVERY_S and self._done < self._total:
            self.say(f"{self._name}: {self._done} of {self._total}, last {item}")
            self._said = time.monotonic()

    def end(self, remark: str) -> None:
        """End a part, with a word on how it went."""
        if self._progress is not None and self._task is not None:
            self._progress.update(self._task, item=remark)
        elif self._total:
            self.say(f"{self._name}: {remark}")

    def say(self, text: str) -> None:
        """Print a line among the progress."""
        if not self._quiet:
            console = self._progress.console if self._progress else self._console
            console.print(text, markup=False, emoji=False, soft_wrap=True)
