"""Clips: short pieces of recordings that a page carries, within a size limit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from callmine.reports.asked_values import AnswerGiven, RequestGroup
from callmine.reports.digest_values import CompetitorCount, Digest, LabelCount
from callmine.reports.emerging_values import Theme
from callmine.reports.quote_values import Clip, Quote
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
    """Return the digest with clips for its quotes, the best first, as many as fit.

    First quotes of all objections come before second ones, and those shown in full before those
    listed below them, so that a small limit still lets every objection be heard. What did not
    fit is counted in ``clips_left_out``.

    Args:
        digest: What :func:`callmine.reports.digest.build_digest` returned.
        evidence: The rows it was built from.
        clips: Cuts one clip; see :data:`Clips`.
        max_bytes: Total size; by default the digest's ``max_clip_bytes``. With 0 there are no
            clips, and none is said to be missing.
    """
    rows = {row.finding_id: row for row in evidence}
    left = digest.settings.max_clip_bytes if max_bytes is None else max_bytes
    made: dict[str, Clip] = {}
    left_out = 0
    for quote in _in_turn(digest) if left > 0 else ():
        row = rows.get(quote.finding_id)
        if row is None or row.recording is None:
            continue
        # Cutting is slow: after the first clip that does not fit, the rest are only counted.
        data = None if left_out else clips(row, quote.play_ms, quote.clip_end_ms)
        if data and len(data) <= left:
            made[quote.finding_id] = Clip(data, media_type(data))
            left -= len(data)
        elif data or left_out:
            left_out += 1

    def heard(quotes: Iterable[Quote]) -> tuple[Quote, ...]:
        return tuple(replace(q, clip=made.get(q.finding_id)) for q in quotes)

    def answered(answers: Iterable[AnswerGiven]) -> tuple[AnswerGiven, ...]:
        return tuple(replace(a, quote=replace(a.quote, clip=made.get(a.quote.finding_id))) for a in answers)

    return replace(
        digest,
        objections=tuple(
            replace(o, quotes=heard(o.quotes), others=heard(o.others)) for o in digest.objections
        ),
        competitors=tuple(
            replace(c, quotes=heard(c.quotes), others=heard(c.others)) for c in digest.competitors
        ),
        requests=tuple(replace(r, quotes=heard(r.quotes), others=heard(r.others)) for r in digest.requests),
        answers=answered(digest.answers),
        won_answers=answered(digest.won_answers),
        phrases=heard(digest.phrases),
        emerging=tuple(replace(t, quotes=heard(t.quotes), others=heard(t.others)) for t in digest.emerging),
        clips_left_out=left_out,
    )


def _in_turn(digest: Digest) -> Iterator[Quote]:
    """Yield the quotes in the order in which they get a clip."""
    counts: list[LabelCount | CompetitorCount | RequestGroup | Theme]
    counts = [*digest.objections, *digest.competitors, *digest.requests, *digest.emerging]
    best = [*(count.quotes for count in counts), *((phrase,) for phrase in digest.phrases)]
    best.append(tuple(answer.quote for answer in (*digest.won_answers, *digest.answers)))
    more = [tuple(sorted(count.others, key=lambda q: (-q.score, q.finding_id))) for count in counts]
    for groups in (best, more):
        for place in range(max((len(group) for group in groups), default=0)):
            yield from (group[place] for group in groups if place < len(group))


def media_type(data: bytes) -> str:
    """Return the media type of a clip, by its first bytes."""
    for offset, magic, mime in _MAGIC:
        if data[offset : offset + len(magic)] == magic:
            return mime
    return "application/octet-stream"
