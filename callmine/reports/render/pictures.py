"""Small charts as PNG pictures, for e-mail clients that show no SVG."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from callmine.reports.render.html import BAR, chart
from callmine.reports.trend_values import WeekCount

SCALE = 2
"""Pixels of a picture for each pixel that it is shown with: screens of phones are that sharp."""

_COLOURS = {"now": (59, 117, 196, 255), "past": (139, 150, 168, 255), "none": (139, 150, 168, 110)}
"""Readable on white and on black: whether a client is in dark mode, a picture cannot know."""


def spark_png(counts: Sequence[WeekCount], *, tallest: int) -> bytes:
    """Return the small bar chart of a page, as :func:`callmine.reports.render.html.chart` lays it out."""
    import av
    import numpy as np

    laid = chart(counts, tallest=tallest)
    pixels = np.zeros((laid.height * SCALE, laid.width * SCALE, 4), np.uint8)
    for bar in laid.bars:
        left, top = bar.x * SCALE, bar.y * SCALE
        pixels[top : top + bar.height * SCALE, left : left + BAR * SCALE] = _COLOURS[bar.kind]
    encoder = av.CodecContext.create("png", "w")
    encoder.width, encoder.height, encoder.pix_fmt = laid.width * SCALE, laid.height * SCALE, "rgba"
    encoder.time_base = Fraction(1)
    frame = av.VideoFrame.from_ndarray(pixels, format="rgba")
    return b"".join(bytes(packet) for packet in (*encoder.encode(frame), *encoder.encode(None)))
