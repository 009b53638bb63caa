"""Clips: short pieces of recordings that a page carries, within a size limit."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from callmine.reports.digest_values import Clip, Digest, Quote
from callmine.store.rows import EvidenceRow

Clips = Callable[[EvidenceRow, int, int], bytes | None]
"""Cuts a clip of a call from ``start_ms`` to ``end_ms``, or ``None`` where it cannot."""

_MAGIC = (
    (0, b"OggS", "audio/ogg"),
    (0, b"RIFF", "audio/wav"),
    (0, b"fLaC", "audio/flac"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"\xff\xfb", "audio/mpeg"),
    (0, b"\xff\xf3", "audio/mpeg"),
    (0, b"\x1aE\xdf\xa3", "audio/webm"),
    (4, b"ftyp", "audio/mp4"),
)


def attach_clips(
    digest: Digest, evidence: Iterable[EvidenceRow], clips: Clips, *, max_bytes: int | None = None
) -> Digest:
    """Return the digest with clips for its best quotes, as many as fit.

    First quotes of all objections come before second ones, so that a small limit still lets
    every objection be heard.

    Args:
        digest: What :func:`callmine.reports.digest.build_digest` returned.
        evidence: The rows it was built from.
        clips: Cuts one clip; see :data:`Clips`.
        max_bytes: Total size; by default the digest's ``max_clip_bytes``.
    """
    rows = {row.finding_id: row for row in evidence}
    left = digest.settings.max_clip_bytes if max_bytes is None else max_bytes
    groups = [
        *(o.quotes for o in digest.objections),
        *(c.quotes for c in digest.competitors),
        *((phrase,) for phrase in digest.phrases),
    ]
    made: dict[str, Clip] = {}
    for place in range(max((len(group) for group in groups), default=0)):
        for quote in (group[place] for group in groups if place < len(group)):
            row = rows.get(quote.finding_id)
            data = clips(row, quote.play_ms, quote.clip_end_ms) if row and left > 0 else None
            if data and len(data) <= left:
                made[quote.finding_id] = Clip(data, _mime(data))
                left -= len(data)

    def heard(quotes: Iterable[Quote]) -> tuple[Quote, ...]:
        return tuple(replace(q, clip=made.get(q.finding_id)) for q in quotes)

    return replace(
        digest,
        objections=tuple(replace(o, quotes=heard(o.quotes)) for o in digest.objections),
        competitors=tuple(replace(c, quotes=heard(c.quotes)) for c in digest.competitors),
        phrases=heard(digest.phrases),
    )


def _mime(data: bytes) -> str:
    """Name the media type of a clip by its first bytes."""
    for offset, magic, mime in _MAGIC:
        if data[offset : offset + len(magic)] == magic:
            return mime
    return "application/octet-stream"
