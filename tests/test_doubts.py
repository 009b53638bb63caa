"""What Whisper drops is noticed, and only its surroundings are heard again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from callmine.domain import Segment, Word
from callmine.engines import doubts
from callmine.engines.packing import Piece
from tests.hearing import SPEECH, said, spelt, words

LOOP = said(" ".join(["now"] * 40), start_ms=11_000, each_ms=470, compression_ratio=6.0)
RUSH = said(words(310), start_ms=11_000, each_ms=60)


def test_speech_without_words_is_counted() -> None:
    """A gap of a second and more counts; the margins of the detector do not."""
    heard = [said("one two three", start_ms=11_300), said("ten eleven", start_ms=29_000)]
    assert doubts.unheard_ms(heard, SPEECH) == 29_000 - 12_200
    assert doubts.unheard_ms(heard, [(11_000, 12_900), (28_300, 30_000)]) == 0
    assert doubts.unheard_ms([], [(0, 600), (2_000, 3_500)]) == 1_500
    assert doubts.unheard_ms(heard, [(40_000, 40_900)]) == 900, "a short answer of which nothing is there"


def test_a_person_is_told_where_speech_has_no_words() -> None:
    """So that they can listen there; a long list is cut."""
    assert doubts.unheard_note([]) is None
    few = doubts.unheard_note([(3_723_000, 3_724_500), (61_000, 62_000)])
    assert few == "2.5 s taken for speech have no words, perhaps only a breath: 1:01, 1:02:03"
    many = doubts.unheard_note([(n * 10_000, n * 10_000 + 1_000) for n in range(20)])
    assert many is not None
    assert many.endswith(", 1:50 and 8 more places")


def test_a_stretched_word_hides_no_dropped_sentence() -> None:
    """Aligners lay the word before a dropped sentence over all of it."""
    heard = (Word("Yes.", 11_000, 29_700, 0.9), Word("Bye.", 29_700, 30_000, 0.9))
    assert doubts.unheard_ms([Segment(11_000, 30_000, "Yes. Bye.", heard)], SPEECH) > 17_000


@pytest.mark.parametrize(
    ("segments", "why"),
    [
        ([], "speech without words"),
        ([LOOP], "round in circles"),
        ([said("now " * 20, start_ms=11_000, each_ms=470, compression_ratio=6.0)], "round in circles"),
        ([said(words(60), start_ms=11_000, each_ms=310, avg_logprob=-1.3)], "unsure"),
        ([RUSH], "more words"),
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
    assert not doubts.better([], [loop], SPEECH), "not even than nothing"
    surer = replace(whole, words=tuple(replace(w, probability=0.95) for w in whole.words))
    assert doubts.better([whole], [surer], SPEECH)


@pytest.mark.parametrize("nonsense", [LOOP, RUSH], ids=["a loop", "a rush"])
def test_nonsense_without_a_gap_does_not_beat_what_was_said(nonsense: Segment) -> None:
    """It lies over all the speech, and what was said has a gap. Nothing at all beats neither."""
    right = [said(words(20), start_ms=11_000), said(words(35), start_ms=18_500, each_ms=320)]
    assert doubts.unheard_ms([nonsense], SPEECH) == 0
    assert doubts.unheard_ms(right, SPEECH) == 1_500
    assert doubts.better([nonsense], right, SPEECH)
    assert not doubts.better(right, [nonsense], SPEECH)
    assert not doubts.better([nonsense], [], SPEECH)


def test_somebody_may_say_a_word_four_times() -> None:
    """Without a text that compresses well that is no loop, and more of the speech wins, either way."""
    refusing = [said("no no no no " + words(56), start_ms=11_000, each_ms=310)]
    less = [said(words(40), start_ms=11_000, each_ms=310)]
    assert not doubts.better(refusing, less, SPEECH)
    assert doubts.better(less, refusing, SPEECH)


def test_what_was_said_before_a_loop_is_not_given_up_for_a_word() -> None:
    """The loop at the end will be cut; fifteen seconds of talk stay."""
    talk = said(words(48), start_ms=11_000, each_ms=310)
    loop = said("and " * 13, start_ms=26_000, each_ms=300, compression_ratio=7.0)
    assert not doubts.better([talk, loop], [said("yes", start_ms=11_300)], SPEECH)
    assert doubts.better([talk, loop], [said(words(60), start_ms=11_000, each_ms=310)], SPEECH)
    assert doubts.better([said("yes", start_ms=11_300)], [talk, loop], SPEECH)


def test_languages_without_blanks_are_not_doubted_for_their_many_characters() -> None:
    """Engines time them one by one: ten a second are an ordinary speaker. A rush in English is one."""
    spelling = "".join(chr(0x4E00 + i) for i in range(186))
    assert doubts.doubt([spelt(spelling, start_ms=11_100)], SPEECH) is None
    found = doubts.doubt([said(" ".join(spelling), start_ms=11_100, each_ms=100)], SPEECH)
    assert found is not None
    assert "more words" in found.reason


def test_a_person_is_told_why_speech_was_read_twice() -> None:
    """How much, and each reason with its number; the most frequent first."""
    piece = Piece(0, 0, 10_900, 30_100, ((11_000, 30_000),))
    again = [d for heard in ([LOOP], [], []) for d in doubts.set_apart(piece, heard)[1]]
    assert doubts.again_note(again) == (
        "57 s of speech were read a second time, because the first left doubts:"
        " speech without words (2), text that goes round in circles (1)"
    )
    assert doubts.again_note([]) is None


def test_only_the_surroundings_of_a_gap_are_heard_again() -> None:
    """From the end of a sentence a second before it to one a second after it; what was clear stays."""
    first = said("We are here. And so are you. Now then", start_ms=11_000, each_ms=400)
    last = said("at all. That is all there is to say.", start_ms=24_000, each_ms=600)
    piece = Piece(0, 0, 10_900, 30_100, ((11_000, 30_000),))
    clear, (again,) = doubts.set_apart(piece, [first, last])
    assert " ".join(s.text for s in clear) == "We are here. That is all there is to say."
    assert " ".join(s.text for s in again.heard) == "And so are you. Now then at all."
    assert (again.piece.start_ms, again.piece.end_ms) == (12_200, 25_200)
    assert again.piece.speech == ((12_200, 25_200),)


def test_a_clear_piece_is_not_heard_again() -> None:
    """And one that goes round in circles is, as a whole."""
    piece = Piece(0, 0, 10_900, 30_100, ((11_000, 30_000),))
    fine = said(words(60), start_ms=11_000, each_ms=310)
    assert doubts.set_apart(piece, [fine]) == ([fine], [])
    clear, (again,) = doubts.set_apart(piece, [LOOP])
    assert (clear, again.piece, again.heard) == ([], piece, [LOOP])


def test_a_loop_with_a_gap_is_heard_again_as_a_whole() -> None:
    """What stands around the gap is no better than what is left of it."""
    piece = Piece(0, 0, 10_900, 30_100, ((11_000, 30_000),))
    looping = said(" ".join(["So we are."] * 10), start_ms=11_000, each_ms=300, compression_ratio=6.0)
    rest = said("And that is all there is. Good bye.", start_ms=27_200, each_ms=330)
    clear, (again,) = doubts.set_apart(piece, [looping, rest])
    assert (clear, again.piece, again.heard) == ([], piece, [looping, rest])


def test_gaps_without_a_word_between_them_are_one() -> None:
    """Three readings left them; what is shorter than a short sentence stays a gap."""
    heard = [said("one two three", start_ms=11_000), said("nine ten", start_ms=26_000)]
    speech = [(11_000, 15_000), (16_000, 20_000), (25_500, 26_700), (26_900, 28_200)]
    assert doubts.gaps_left(heard, speech) == [(11_900, 20_000)]
    assert doubts.unheard(heard, speech)[-1] == (26_900, 28_200), "told, and not read by itself"


def test_what_a_gap_holds_lies_between_what_was_heard_around_it() -> None:
    around = said("one two three four", start_ms=11_000, each_ms=4_000)
    more = [said("there it is", start_ms=16_000)]
    parted = doubts.with_gap([around], more, (15_500, 18_500))
    assert [s.text for s in parted] == ["one two", "there it is", "three four"]
    assert doubts.with_gap([around], [], (15_500, 18_500)) == [around]


@pytest.mark.parametrize(
    "heard",
    [
        said("Thank you.", start_ms=12_000),
        said("and " * 20, start_ms=12_000, compression_ratio=6.0),
        said(words(200), start_ms=11_500, each_ms=20),
        said("we do not know", start_ms=12_000, avg_logprob=-1.4),
        said("we do not know", start_ms=12_000, p=0.3),
        said("we do not know", start_ms=23_000),
    ],
    ids=["a phrase for silence", "a loop", "a rush", "unsure", "no likely word", "elsewhere"],
)
def test_not_all_that_is_heard_in_a_gap_is_believed(heard: Segment) -> None:
    """Three readings heard nothing there."""
    gap = (11_000, 20_000)
    assert doubts.in_gap([heard], gap, SPEECH) == []
    fine = said("we do not know", start_ms=12_000)
    assert doubts.in_gap([fine], gap, SPEECH) == [fine]
