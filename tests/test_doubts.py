"""What Whisper drops is noticed, and only its surroundings are heard again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from callmine.domain import Segment, Word
from callmine.engines import doubts
from callmine.engines.packing import Piece
from tests.hearing import SPEECH, said, words


def test_speech_without_words_is_counted() -> None:
    """A gap of a second and more counts; the margins of the detector do not."""
    heard = [said("one two three", start_ms=11_300), said("ten eleven", start_ms=29_000)]
    assert doubts.unheard_ms(heard, SPEECH) == 29_000 - 12_200
    assert doubts.unheard_ms(heard, [(11_000, 12_900), (28_300, 30_000)]) == 0
    assert doubts.unheard_ms([], [(0, 600), (2_000, 3_500)]) == 1_500
    assert doubts.unheard_ms(heard, [(40_000, 40_900)]) == 900, "a short answer of which nothing is there"


def test_a_stretched_word_hides_no_dropped_sentence() -> None:
    """Aligners lay the word before a dropped sentence over all of it."""
    heard = (Word("Yes.", 11_000, 29_700, 0.9), Word("Bye.", 29_700, 30_000, 0.9))
    assert doubts.unheard_ms([Segment(11_000, 30_000, "Yes. Bye.", heard)], SPEECH) > 17_000


@pytest.mark.parametrize(
    ("segments", "why"),
    [
        ([], "speech without words"),
        ([said("now " * 40, start_ms=11_000, each_ms=470, compression_ratio=6.0)], "round in circles"),
        ([said(words(60), start_ms=11_000, each_ms=310, avg_logprob=-1.3)], "unsure"),
        ([said(words(310), start_ms=11_000, each_ms=60)], "more words"),
    ],
)
def test_doubtful_pieces_are_heard_again(segments: list[Segment], why: str) -> None:
    """Each doubt says what it is."""
    found = doubts.doubt(segments, SPEECH)
    assert found is not None
    assert why in found.reason


def test_ordinary_speech_is_not_doubted() -> None:
    """Nor are repeats that people do say."""
    usual = said("no no no that is " * 12, start_ms=11_000, each_ms=310)
    assert doubts.doubt([usual], SPEECH) is None


def test_the_hearing_with_more_of_the_speech_wins() -> None:
    """More words for the same speech; a loop does not count as more; else the surer one."""
    part, whole = said("we do", start_ms=11_300), said(words(60), start_ms=11_000, each_ms=310)
    assert doubts.better([part], [whole], SPEECH)
    assert not doubts.better([whole], [part], SPEECH)
    loop = said("and " * 60, start_ms=11_000, each_ms=310, compression_ratio=7.0)
    assert not doubts.better([part], [loop], SPEECH)
    surer = replace(whole, words=tuple(replace(w, probability=0.95) for w in whole.words))
    assert doubts.better([whole], [surer], SPEECH)


def test_only_the_surroundings_of_a_gap_are_heard_again() -> None:
    """From the end of a sentence a second before it to one a second after it; what was clear stays."""
    first = said("We are here. And so are you. Now then", start_ms=11_000, each_ms=400)
    last = said("at all. That is all there is to say.", start_ms=24_000, each_ms=600)
    piece = Piece(0, 0, 10_900, 30_100, ((11_000, 30_000),))
    clear, ((part, inside),) = doubts.set_apart(piece, [first, last])
    assert " ".join(s.text for s in clear) == "We are here. That is all there is to say."
    assert " ".join(s.text for s in inside) == "And so are you. Now then at all."
    assert (part.start_ms, part.end_ms) == (12_200, 25_200)
    assert part.speech == ((12_200, 25_200),)


def test_a_clear_piece_is_not_heard_again() -> None:
    """And one that goes round in circles is, as a whole."""
    piece = Piece(0, 0, 10_900, 30_100, ((11_000, 30_000),))
    fine = said(words(60), start_ms=11_000, each_ms=310)
    assert doubts.set_apart(piece, [fine]) == ([fine], [])
    looping = said(" ".join(["now"] * 40), start_ms=11_000, each_ms=470, compression_ratio=6.0)
    clear, ((part, inside),) = doubts.set_apart(piece, [looping])
    assert (clear, part, inside) == ([], piece, [looping])
