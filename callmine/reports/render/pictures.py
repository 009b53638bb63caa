"""Small charts as PNG pictures, for e-mail clients that show no SVG."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from callmine.outcomes.rates import Rate
from callmine.reports.render.html import BAR, chart
from callmine.reports.trend_values import WeekCount

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

SCALE = 2
"""Pixels of a picture for each pixel that it is shown with: screens of phones are that sharp."""

RATE_WIDTH, RATE_HEIGHT = 110, 18
"""Sizes of the chart of one rate, pixels."""

_DOT = 8
"""Half the side of a rate's dot, in pixels of the picture."""

_COLOURS = {"now": (59, 117, 196, 255), "past": (139, 150, 168, 255), "none": (139, 150, 168, 110)}
"""Readable on white and on black: whether a client is in dark mode, a picture cannot know."""


def spark_png(counts: Sequence[WeekCount], *, tallest: int) -> bytes:
    """Return the small bar chart of a page, as :func:`callmine.reports.render.html.chart` lays it out."""
    import numpy as np

    laid = chart(counts, tallest=tallest)
    pixels = np.zeros((laid.height * SCALE, laid.width * SCALE, 4), np.uint8)
    for bar in laid.bars:
        left, top = bar.x * SCALE, bar.y * SCALE
        pixels[top : top + bar.height * SCALE, left : left + BAR * SCALE] = _COLOURS[bar.kind]
    return _png(pixels)


def rates_png(rates: Sequence[Rate]) -> bytes:
    """Return rates as dots with their intervals, below each other, from none on the left to all."""
    import numpy as np

    pixels = np.zeros((RATE_HEIGHT * len(rates) * SCALE, RATE_WIDTH * SCALE, 4), np.uint8)
    across = RATE_WIDTH * SCALE - 2 * _DOT
    for n, rate in enumerate(rates):
        middle = (n * RATE_HEIGHT + RATE_HEIGHT // 2) * SCALE
        pixels[middle - 1 : middle + 1] = _COLOURS["none"]
        if rate.value is None:
            continue
        colour = _COLOURS["past" if n else "now"]
        low, value, high = (_DOT + round(across * share) for share in (rate.low, rate.value, rate.high))
        pixels[middle - 4 : middle + 4, low : max(high, low + 1)] = colour
        pixels[middle - _DOT : middle + _DOT, value - _DOT : value + _DOT] = colour
    return _png(pixels)


def _png(pixels: npt.NDArray[np.uint8]) -> bytes:
    import av

    encoder = av.CodecContext.create("png", "w")
    height, width, _ = pixels.shape
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "rgba"
    encoder.time_base = Fraction(1)
    frame = av.VideoFrame.from_ndarray(pixels, format="rgba")
    return b"".join(bytes(packet) for packet in (*encoder.encode(frame), *encoder.encode(None)))
