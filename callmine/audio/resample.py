"""From decoded frames of any kind to float32 at 16 kHz, one row a channel."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt

from callmine.audio.types import RATE
from callmine.errors import UnreadableRecording

Block = npt.NDArray[np.float32]


class Resampler:
    """Converts frames, also where their format, rate or layout changes on the way.

    Args:
        name: The recording's name, for messages.
        width: How many channels to give, 1 or 2; more in the recording are mixed into one.

    Attributes:
        used: Whether there was any frame.
    """

    def __init__(self, name: str, width: int) -> None:
        self._name = name
        self._width = width
        self._graph: Any = None
        self._shape: tuple[str, str, int] | None = None
        self._sound = ""
        self.used = False

    def convert(self, frame: Any) -> list[Block]:
        """Return what a frame, and what is left of those before it, comes to.

        Raises:
            UnreadableRecording: FFmpeg converts no sound of this kind.
        """
        import av

        self._sound = f"{frame.layout.nb_channels} channels at {frame.sample_rate} Hz"
        with self._told():
            shape = (frame.format.name, frame.layout.name, frame.sample_rate)
        before = [] if shape == self._shape else self.flush()
        with self._told():
            if self._graph is None:
                # Packed, not planar: PyAV reads beyond the planes of eight and more channels.
                self._graph = av.AudioResampler(format="flt", layout=frame.layout, rate=RATE)
                self._shape, self.used = shape, True
            frame.pts = None  # the clock is kept elsewhere
            return before + self._blocks(frame)

    def flush(self) -> list[Block]:
        """Return what is left of the frames so far; the next one begins anew.

        Raises:
            UnreadableRecording: As :meth:`convert`.
        """
        with self._told():
            left = [] if self._graph is None else self._blocks(None)
        self._graph, self._shape = None, None
        return left

    def _blocks(self, frame: Any | None) -> list[Block]:
        found = []
        for out in self._graph.resample(frame):
            width = out.layout.nb_channels
            packed = np.frombuffer(out.planes[0], dtype=np.float32, count=out.samples * width)
            found.append(_to_width(packed.reshape(-1, width).T, self._width))
        return found

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Tell what FFmpeg refuses as a fault of the recording."""
        import av

        try:
            yield
        except MemoryError:
            raise  # that is no fault of it
        except (av.error.FFmpegError, ValueError, RuntimeError) as error:
            raise UnreadableRecording(
                f"{self._name} cannot be read: nothing here converts its sound ({self._sound})",
                hint="Export it again with one or two channels, at 8 to 48 kHz.",
            ) from error


def _to_width(block: Block, width: int) -> Block:
    """Fit a block of any number of channels to ``width`` (1 or 2)."""
    have = block.shape[0]
    if have == width:
        return block
    if have > 2 or width == 1:
        # Root of the count, not the count: voices on single channels keep most of their level.
        with np.errstate(over="ignore", invalid="ignore"):  # damaged floats are mended with the others
            mixed = block.sum(axis=0, keepdims=True) / np.float32(np.sqrt(have))
        block = np.clip(mixed, -1.0, 1.0).astype(np.float32)
    return block if width == 1 else np.repeat(block[:1], 2, axis=0)
