"""Segments become turns: whose, how long, in which order, with every word in its place."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callmine.domain import Facts, Segment, Utterance, Word
from callmine.stages.pieces import MAX_SIZE, MAX_WORDS, PAUSE_MS, size
from callmine.stages.roles import speakers_of
from callmine.stages.turns import utterances_from
from tests.builders import a_segment, a_transcript


def turns(*segments: Segment, rep_channel: str = "left") -> tuple[Utterance, ...]:
    """The utterances of segments, with roles by channel."""
    transcript = a_transcript(*segments)
    facts = Facts(rep_channel=rep_channel or None)
    return utterances_from(transcript, speakers_of(facts, transcript, own_domains=()))


def texts(*segments: Segment, **named: str) -> list[str]:
    return [u.text for u in turns(*segments, **named)]


def one(text: str, at: int, channel: int = 1) -> Segment:
    return a_segment(text, at, channel=channel)


def test_segments_of_one_voice_are_joined() -> None:
    """While it neither pauses nor hands over."""
    assert texts(one("That is", 0), one("too high.", 600), one("For us.", 1200)) == [
        "That is too high. For us."
    ]


def test_a_pause_ends_a_turn() -> None:
    """Also when nobody else speaks."""
    assert texts(one("One.", 0), one("Two.", 250 + PAUSE_MS)) == ["One. Two."]
    assert texts(one("One.", 0), one("Two.", 251 + PAUSE_MS)) == ["One.", "Two."]


def test_another_voice_ends_a_turn() -> None:
    """With more than a few words."""
    found = turns(one("It costs.", 0), one("I see what you mean.", 500, 0), one("Too much.", 1800))
    assert [(u.text, u.role.value) for u in found] == [
        ("It costs.", "prospect"),
        ("I see what you mean.", "rep"),
        ("Too much.", "prospect"),
    ]
    assert [u.index for u in found] == [0, 1, 2]


def test_a_back_channel_does_not_cut() -> None:
    """A "mm-hm" in the middle is an utterance of its own."""
    assert texts(one("It costs", 0), one("Mm-hm.", 500, 0), one("too much.", 800)) == [
        "It costs too much.",
        "Mm-hm.",
    ]


def test_long_turns_are_cut_at_sentences() -> None:
    """Over sixty words, and only there; nothing is lost."""
    sentence = " ".join(["word"] * 24 + ["end."])
    found = texts(a_segment(" ".join([sentence] * 5), channel=1))
    assert [len(t.split()) for t in found] == [50, 50, 25]
    assert all(t.endswith("end.") for t in found)


def unended(count: int, **said: str) -> str:
    """Return so many words without a stop; ``w31="and"`` says what the 31st is."""
    return " ".join(said.get(f"w{n}", "word") for n in range(1, count + 1))


@pytest.mark.parametrize(
    ("said", "lengths"),
    [
        (unended(60), [60]),
        (unended(61), [46, 15]),
        (unended(155), [60, 60, 35]),
        (unended(100, w34="budget,", w41="and", w45="um"), [34, 51, 15]),
        (unended(100, w41="and", w45="um"), [40, 60]),
        (unended(100, w45="um"), [45, 55]),
        (unended(100, w20="budget,", w25="and"), [60, 40]),
    ],
)
def test_what_has_no_sentence_ends_is_cut_at_the_best_place(said: str, lengths: list[int]) -> None:
    """After a comma, before a conjunction, after a filler, else late; the rest is no scrap."""
    for found in (texts(a_segment(said, channel=1)), texts(Segment(0, 9000, said, speaker="A"))):
        assert [len(t.split()) for t in found] == lengths
        assert " ".join(found) == said


def test_the_longest_pause_is_the_best_place() -> None:
    """Where words have times, silence says more than words do; each part has the times of its own."""
    late = [400 * (n >= 38) + 300 * (n >= 50) for n in range(80)]
    words = tuple(
        replace(w, start_ms=w.start_ms + by, end_ms=w.end_ms + by)
        for w, by in zip(a_segment(unended(80, w31="and", w45="well,")).words, late, strict=True)
    )
    text = " ".join(w.text for w in words)
    first, second = turns(Segment(0, words[-1].end_ms, text, words, channel=1))
    assert len(first.words) == 38
    assert (first.start_ms, first.end_ms) == (0, 38 * 250)
    assert (second.start_ms, second.end_ms) == (38 * 250 + 400, words[-1].end_ms)


def test_what_has_no_word_times_shares_them_by_length() -> None:
    """Parts follow each other without a gap but the blank's; a sentence end is the first choice."""
    sentence = unended(44, w44="end.")
    found = turns(Segment(1000, 1000 + 10 * 659, f"{sentence} {sentence} {sentence}", speaker="A"))
    assert [u.text for u in found] == [sentence] * 3
    length = len(sentence)
    duration, whole = 6590, 3 * length + 2
    assert [(u.start_ms, u.end_ms) for u in found] == [
        (1000 + duration * at // whole, 1000 + duration * (at + length) // whole)
        for at in (0, length + 1, 2 * length + 2)
    ]


def test_few_words_of_many_tokens_are_cut_too() -> None:
    """Read out numbers are few words and many tokens; what is no word stands alone."""
    numbers = " ".join(["48213-77190"] * 40)
    found = texts(a_segment(numbers, channel=1))
    assert " ".join(found) == numbers
    assert all(size(t) <= MAX_SIZE for t in found)
    absurd = "QmFzZTY0" * 90
    assert texts(a_segment(f"please paste {absurd} into it", channel=1)) == [
        "please paste",
        absurd,
        "into it",
    ]


def test_where_voices_are_not_told_apart_sentences_stand_alone() -> None:
    """Mono: two sentences in a row may be two people's."""
    assert texts(a_segment("How much? Too much. I see.")) == ["How much?", "Too much.", "I see."]


def test_segments_without_words_are_whole() -> None:
    """Imported ones with turn times only; blanks are evened out, empty ones dropped."""
    bare = Segment(1000, 500, "  Two \n sentences. Here. ", speaker="A")
    found = turns(bare, Segment(0, 900, " ", speaker="B"))
    assert [(u.text, u.start_ms, u.end_ms, u.words) for u in found] == [
        ("Two sentences. Here.", 1000, 1000, ())
    ]


def test_the_engines_spacing_is_kept() -> None:
    """The segment's text says what stands between words; else their own blanks, else one blank."""
    own = (Word(" It's", 0, 100), Word(" four", 100, 200), Word("-day", 200, 300), Word(" work.", 300, 400))
    assert texts(replace(a_segment("x", channel=1), words=own)) == ["It's four-day work."]
    bare = tuple(replace(w, text=w.text.strip()) for w in own)
    assert texts(replace(a_segment("It's four-day work.", channel=1), words=bare)) == [
        "It's four-day work."
    ]
    assert texts(replace(a_segment("x", channel=1), words=bare)) == ["It's four -day work."]
    money = (Word("$61", 0, 100), Word(",000,", 100, 300), Word("no?", 300, 400))
    assert texts(replace(a_segment("$61,000, no?", channel=1), words=money)) == ["$61,000, no?"]


def test_times_that_go_backwards_do_no_harm() -> None:
    """Somebody else's file may hold words that end before they begin."""
    words = (Word("Hello.", 5000, 1000), Word("You", 6000, 7000), Word("there.", 6500, 6600))
    found = turns(Segment(5000, 7000, "Hello. You there.", words, speaker="A"))
    assert all(u.start_ms <= u.end_ms for u in found)
    assert (found[0].start_ms, found[-1].end_ms) == (5000, 7000)


WORD = st.sampled_from(["the", "price", "is", "high.", "really?", "no!", "okay", "…", "3.5"])


@st.composite
def conversations(draw: st.DrawFn) -> list[Segment]:
    """Segments of up to two channels, in order of their start, words in order."""
    segments = []
    at = 0
    for _ in range(draw(st.integers(1, 8))):
        at += draw(st.integers(0, 3000))
        words = []
        clock = at
        for text in draw(st.lists(WORD, min_size=1, max_size=70)):
            clock += draw(st.integers(0, 2000))
            words.append(Word(text, clock, clock + draw(st.integers(0, 400))))
        text = " ".join(w.text for w in words)
        channel = draw(st.integers(0, 1))
        segments.append(Segment(words[0].start_ms, words[-1].end_ms, text, tuple(words), channel))
    return sorted(segments, key=lambda s: s.start_ms)


@given(conversations(), st.sampled_from(["left", ""]))
def test_nothing_is_lost_or_made_up(segments: list[Segment], rep_channel: str) -> None:
    """Every word is in one utterance of its voice, ordered, timed and numbered."""
    found = turns(*segments, rep_channel=rep_channel)
    assert [u.index for u in found] == list(range(len(found)))
    assert [u.start_ms for u in found] == sorted(u.start_ms for u in found)
    for channel in {s.channel for s in segments}:
        mine = [s for s in segments if s.channel == channel]
        spoken = sorted(w.text for s in mine for w in s.words)
        written = [u for u in found if u.speaker == f"channel {(channel or 0) + 1}"]
        assert sorted(t for u in written for t in u.text.split()) == spoken
    for u in found:
        assert u.start_ms <= u.end_ms
        assert len(u.words) == len(u.text.split()), "every word was placed"
        assert u.text == " ".join(u.text.split()) != ""
        assert len(u.words) <= MAX_WORDS
