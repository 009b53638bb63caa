"""Speech is laid into windows so that none is lost, and words come back where they were said."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from callmine.audio.types import RATE, Samples, Span
from callmine.domain import Segment, Word
from callmine.engines.packing import (
    CONTEXT_MS,
    WINDOW_MS,
    Chunk,
    Piece,
    encoded_ms,
    grouped,
    plan,
    repack,
    unpack,
)


def ramp(seconds: int) -> Samples:
    """Samples that say where they are."""
    return np.arange(seconds * RATE, dtype=np.float32)


def laid(chunks: list[Chunk]) -> list[tuple[int, int, int, int]]:
    """Channel, place, start and end of every piece."""
    return [(p.channel, p.at_ms, p.start_ms, p.end_ms) for c in chunks for p in c.pieces]


def test_packing_keeps_context_and_joins_what_is_close() -> None:
    """100 ms around each region; regions closer than 600 ms keep what is between them."""
    track = ramp(20)
    (chunk,) = plan([track], [[(1000, 2000), (2500, 3500), (9000, 9500), (19_950, 20_000)]])
    assert laid([chunk]) == [(0, 0, 900, 3600), (0, 2700, 8900, 9600), (0, 3400, 19_850, 20_000)]
    sound = chunk.samples([track])
    assert len(sound) == chunk.length_ms * 16
    assert sound[2700 * 16] == 8900 * 16
    assert plan([ramp(1)], [[]]) == []


def test_no_window_holds_both_channels() -> None:
    """Two sides that speak in turn fill no more than they say, and no word can change sides."""
    tracks = [ramp(60), ramp(60)]
    speech = [[(0, 8000), (20_000, 24_000)], [(9000, 14_000), (30_000, 33_000)]]
    left, right = plan(tracks, speech)
    assert [p.channel for p in left.pieces + right.pieces] == [0, 0, 1, 1]
    assert left.length_ms + right.length_ms < 21_000
    assert len(repack(left.pieces + right.pieces)) == 2


def test_a_window_closes_at_the_longest_pause_near_its_end() -> None:
    """Not in the middle of what somebody says, where it can be helped."""
    spans = [(i * 2_150, i * 2_150 + 2_000) for i in range(20)]
    spans = [(s + (0 if i < 13 else 5_000), e + (0 if i < 13 else 5_000)) for i, (s, e) in enumerate(spans)]
    first, second, *_ = plan([ramp(60)], [spans])
    assert first.pieces[-1].end_ms == spans[12][1] + CONTEXT_MS
    assert second.pieces[0].start_ms == spans[13][0] - CONTEXT_MS


def test_speech_longer_than_a_window_is_cut_where_it_is_quiet() -> None:
    """A monologue without a pause is cut between words, and nothing of it is lost."""
    track = np.full(70 * RATE, 0.1, np.float32)
    for quiet in (22, 47):
        track[quiet * RATE : quiet * RATE + 4800] = 0.0
    chunks = plan([track], [[(0, 70_000)]])
    edges = [(p.start_ms, p.end_ms) for c in chunks for p in c.pieces]
    assert (edges[0][0], edges[-1][1]) == (0, 70_000)
    assert all(a[1] == b[0] for a, b in pairwise(edges))
    assert all(any(0 < end - q * 1000 < 300 for q in (22, 47)) for _, end in edges[:-1])


spans = st.lists(
    st.tuples(st.integers(0, 4_000), st.integers(1, 70_000)), max_size=12
)  # pause before, length


@given(spans, spans)
def test_no_speech_is_lost_and_no_window_is_too_long(
    left: list[tuple[int, int]], right: list[tuple[int, int]]
) -> None:
    """Whatever is said when: each millisecond of speech lies in exactly one window."""
    speech: list[list[Span]] = []
    for side in (left, right):
        at, found = 0, []
        for pause, length in side:
            found.append((at + pause + 1, at + pause + 1 + length))
            at = found[-1][1]
        speech.append(found)
    longest = max((s[-1][1] for s in speech if s), default=0)
    tracks = [np.zeros((longest + 500) * 16, np.float32)] * 2
    chunks = plan(tracks, speech)
    assert all(0 < c.length_ms <= WINDOW_MS for c in chunks)
    for channel in (0, 1):
        kept = [span for c in chunks for p in c.pieces if p.channel == channel for span in p.speech]
        assert sum(e - s for s, e in kept) == sum(e - s for s, e in speech[channel])
        inside = [p for c in chunks for p in c.pieces if p.channel == channel]
        assert all(p.start_ms <= s < e <= p.end_ms for p in inside for s, e in p.speech)


about_a_window = st.one_of(st.integers(1, 70_000), st.integers(WINDOW_MS - 400, WINDOW_MS + 400))
pauses = st.one_of(st.integers(0, 700), st.integers(0, 4_000))


@settings(deadline=None)
@given(st.lists(st.tuples(pauses, about_a_window), min_size=1, max_size=4))
@example([(0, WINDOW_MS - 250), (500, 1_000)])
@example([(500, WINDOW_MS + 100), (0, 1)])
def test_the_speech_of_the_pieces_is_the_speech_that_was_given(said: list[tuple[int, int]]) -> None:
    """In order, in its piece, none empty or backwards, wherever it is quiet: here always later."""
    speech: list[Span] = []
    for pause, length in said:
        start = (speech[-1][1] if speech else 0) + pause + 1
        speech.append((start, start + length))
    track = np.linspace(1, 0.1, (speech[-1][1] + 500) * 16, dtype=np.float32)
    pieces = [p for c in plan([track], [speech]) for p in c.pieces]
    assert all(p.start_ms <= s < e <= p.end_ms for p in pieces for s, e in p.speech)
    kept = [span for p in pieces for span in p.speech]
    joined: list[Span] = []
    for start, end in kept:
        if joined and start == joined[-1][1]:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    assert joined == speech


def test_a_segment_across_a_join_is_split_there() -> None:
    """Words return to their own side of the removed gap, and no segment spans it."""
    (chunk,) = plan([ramp(20)], [[(1000, 2000), (9000, 10_000)]])  # pieces 0..1200 and 1200..2400
    said = (
        Word(" We", 100, 500),
        Word(" know.", 500, 1050),
        Word(" Do", 1100, 1900),  # begins in the first piece, spoken in the second
        Word(" you?", 1900, 2300),
    )
    (first,), (second,) = unpack([Segment(100, 2300, " We know. Do you?", said)], chunk)
    assert (first.text, first.start_ms, first.end_ms) == ("We know.", 1000, 1950)
    assert (second.text, second.start_ms, second.end_ms) == ("Do you?", 8900, 10_000)
    assert [w.text for w in first.words + second.words] == ["We", "know.", "Do", "you?"]


def test_a_segment_without_words_keeps_its_text() -> None:
    """An engine that gives no word times still gives text at its place."""
    (chunk,) = plan([ramp(20)], [[(9000, 10_000)]])
    ((only,),) = unpack([Segment(300, 900, " Yes.")], chunk)
    assert (only.text, only.start_ms, only.end_ms, only.words) == ("Yes.", 9200, 9800, ())


def test_what_is_heard_again_lies_in_new_windows() -> None:
    """In order, end to end, none too long."""
    pieces = [Piece(0, 500, 0, 12_000, ((0, 12_000),)) for _ in range(5)]
    chunks = repack(pieces)
    assert [len(c.pieces) for c in chunks] == [2, 2, 1]
    assert [p.at_ms for c in chunks for p in c.pieces] == [0, 12_000, 0, 12_000, 0]
    assert repack([]) == []


@pytest.mark.parametrize(
    ("lengths", "most", "lanes", "wanted"),
    [
        ([5, 28, 20, 27], 8, 1, [[1, 3], [2], [0]]),
        ([28, 28, 27, 28, 5], 8, 2, [[0, 1], [2, 3], [4]]),
        ([28, 28, 28], 1, 2, [[0], [1], [2]]),
        ([], 8, 2, []),
    ],
)
def test_windows_are_grouped_by_length(
    lengths: list[int], most: int, lanes: int, wanted: list[list[int]]
) -> None:
    """Those encoded at one length together, and something for every lane."""
    assert grouped([seconds * 1000 for seconds in lengths], most=most, lanes=lanes) == wanted


@given(st.integers(1, WINDOW_MS))
def test_a_window_is_encoded_with_silence_at_its_end(length: int) -> None:
    """A second of it at least, whatever else is decoded beside it; a full one at full length."""
    assert length + 1_000 <= encoded_ms(length) <= 30_000
    assert encoded_ms(length) % 5_000 == 0
