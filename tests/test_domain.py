"""Spans, times, ids and round trips hold for whatever text people speak."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callmine.canonical import (
    facts_from_json,
    facts_to_json,
    transcript_from_json,
    transcript_to_json,
    utterance_from_row,
    words_to_json,
)
from callmine.domain import (
    Digesting,
    Facts,
    Kind,
    Mention,
    Outcome,
    Participant,
    Role,
    Segment,
    SpokenWord,
    Transcript,
    Utterance,
    Word,
    check_detail,
    digest_of,
)
from callmine.errors import CallError, SkipCall, StoreError
from callmine.spans import ends_sentence, place, sentence_start, span_times, words_in
from tests.builders import CONTENT, a_facts, a_finding, a_mention, an_utterance, words_of

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=80)
TOKEN = st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=8)
MS = st.integers(0, 4_000_000)


@st.composite
def utterances(draw: st.DrawFn) -> Utterance:
    """An utterance as attribution makes them: words in order, some without times."""
    tokens = draw(st.lists(TOKEN, min_size=1, max_size=12))
    text = " ".join(tokens)
    at = start = draw(MS)
    heard = []
    for token in tokens:
        at += draw(st.integers(0, 500))
        end = at + draw(st.integers(0, 900))
        if draw(st.booleans()):
            heard.append(Word(token, at, end))
        at = end
    return an_utterance(text, start_ms=start, end_ms=at, words=words_in(text, heard))


@st.composite
def spans(draw: st.DrawFn) -> tuple[Utterance, int, int]:
    """An utterance and a span of it that holds more than blanks."""
    utterance = draw(utterances())
    start = draw(st.integers(0, len(utterance.text) - 1))
    end = draw(st.integers(start + 1, len(utterance.text)))
    if not utterance.text[start:end].strip():
        start, end = 0, len(utterance.text)
    return utterance, start, end


@given(spans())
def test_span_times_are_inside(case: tuple[Utterance, int, int]) -> None:
    """A span's times are ordered and inside its utterance, with word times or without."""
    utterance, start, end = case
    for u in (utterance, replace(utterance, words=())):
        start_ms, end_ms = span_times(u, start, end)
        assert u.start_ms <= start_ms <= end_ms <= u.end_ms


@given(utterances(), st.data())
def test_span_of_one_word_has_its_times(utterance: Utterance, data: st.DataObject) -> None:
    """Exactly the word's, when nothing else is touched."""
    if utterance.words:
        word = data.draw(st.sampled_from(utterance.words))
        assert span_times(utterance, word.start, word.end) == (word.start_ms, word.end_ms)


@given(utterances())
def test_the_whole_text_takes_the_whole_time_without_words(utterance: Utterance) -> None:
    """Shared out by characters, nothing is left over."""
    bare = replace(utterance, words=())
    assert span_times(bare, 0, len(bare.text)) == (bare.start_ms, bare.end_ms)
    assert span_times(replace(bare, text=""), 0, 0) == (bare.start_ms, bare.start_ms)


@given(spans())
def test_placed_findings_are_verbatim(case: tuple[Utterance, int, int]) -> None:
    """The text is the span's, it plays from its sentence on, and never after its first word."""
    utterance, start, end = case
    mention = Mention(Kind.TRACKER, "x", start, end, 0.123456)
    finding = place(CONTENT[:16], utterance, mention, extractor="rules/1", playbook="p")
    assert finding.text == utterance.text[finding.start : finding.end]
    assert utterance.start_ms <= finding.play_ms <= finding.start_ms <= finding.end_ms <= utterance.end_ms
    assert finding.score == 0.1235


@given(TEXT, st.integers(0, 80))
def test_sentences_begin_at_or_before(text: str, position: int) -> None:
    """The start is never after the position, and there is no other sentence's end between."""
    position = min(position, len(text))
    start = sentence_start(text, position)
    assert 0 <= start <= position
    assert start == 0 or (text[start - 1].isspace() and text[start - 2] in ".?!")
    between = text[start : max(start, position - 1)]
    assert not any(a in ".?!" and b.isspace() for a, b in pairwise(between))


@pytest.mark.parametrize(
    ("text", "quote", "sentence"),
    [
        ("The price is high.", "price", "The"),
        ("Hello. The price is high.", "price", "The"),
        ("Really? No! The price.", "The", "The"),
        ("It is 3.5 times the price.", "price", "It"),
        ("Hello.The price.", "price", "Hello"),
        ("The price. And more.", "The", "The"),
    ],
)
def test_sentence_start_examples(text: str, quote: str, sentence: str) -> None:
    """Stops within numbers and words do not count."""
    assert text[sentence_start(text, text.index(quote)) :].startswith(sentence)


@pytest.mark.parametrize(
    ("words", "ends"),
    [
        ("Hello.", True),
        (" so? ", True),
        ("no…\")'", True),
        ("3.5", False),
        ("Hello. The", False),
        ("", False),
    ],
)
def test_where_a_sentence_ends(words: str, ends: bool) -> None:
    """Behind the stop, and what closes with it; blanks around the words are no matter."""
    assert ends_sentence(words) is ends


@given(st.lists(TOKEN, max_size=10), st.lists(st.tuples(TOKEN, MS, MS), max_size=10), TEXT)
def test_words_in_are_found_in_order(
    tokens: list[str], strange: list[tuple[str, int, int]], text: str
) -> None:
    """Each placed word is in the text as it was said, in order, none over another."""
    own = [Word(f" {t}", i, i + 1) for i, t in enumerate(tokens)]
    spoken = " ".join(tokens)
    placed = words_in(spoken, own)
    assert [spoken[w.start : w.end] for w in placed] == tokens
    for found, whole in ((placed, spoken), (words_in(text, [Word(*s) for s in strange]), text)):
        at = 0
        for word in found:
            assert at <= word.start < word.end <= len(whole)
            at = word.end


def test_words_that_are_not_there_are_left_out() -> None:
    """Blanks, empty words, and what was not written."""
    found = words_in("a b", [Word("a", 0, 1), Word(" ", 1, 2), Word("x", 2, 3), Word("b", 3, 4)])
    assert found == (SpokenWord(0, 1, 0, 1), SpokenWord(2, 3, 3, 4))


@pytest.mark.parametrize(
    ("start", "end", "score"),
    [(3, 3, 0.5), (5, 3, 0.5), (-1, 3, 0.5), (0, 999, 0.5), (9, 10, 0.5)]
    + [(0, 3, s) for s in (-0.1, 1.1, float("nan"))],
)
def test_wrong_mentions_are_refused(start: int, end: int, score: float) -> None:
    """Empty, reversed, outside, blank; scores that are no probability."""
    utterance = an_utterance("Honestly, the price.")
    mention = Mention(Kind.OBJECTION, "price", start, end, score)
    with pytest.raises(ValueError, match=r"span|score"):
        place("c", utterance, mention, extractor="x/1", playbook="p")


def test_detail_is_checked() -> None:
    """Unknown keys and values are refused, and the message says what is known."""
    check_detail(Kind.COMPETITOR, {"relation": "incumbent", "stance": "neutral", "heard": "tip Alti"})
    check_detail(Kind.TRACKER, {})
    with pytest.raises(ValueError, match=r"no key 'mood'; known: \['heard'"):
        check_detail(Kind.COMPETITOR, {"mood": "x"})
    with pytest.raises(ValueError, match="'friend' is not one of incumbent"):
        check_detail(Kind.COMPETITOR, {"relation": "friend"})


def test_finding_ids_depend_on_place_and_meaning_only() -> None:
    """So that corrections survive another score, extractor and playbook."""
    utterance = an_utterance()
    one = a_finding(utterance)
    again = place(
        CONTENT[:16],
        utterance,
        a_mention(utterance, "the price is too high", score=0.2),
        extractor="other/2",
        playbook="q",
    )
    assert again.finding_id == one.finding_id
    others = {
        a_finding(utterance, "the price").finding_id,
        a_finding(utterance, label="trust").finding_id,
        a_finding(utterance, call_id="x").finding_id,
        a_finding(replace(utterance, index=1)).finding_id,
        a_finding(utterance, kind=Kind.TRACKER).finding_id,
    }
    assert len(others | {one.finding_id}) == 6


@given(st.dictionaries(TEXT, st.integers() | TEXT, max_size=5))
def test_digests_do_not_depend_on_order(value: dict[str, object]) -> None:
    """Of keys; but of everything else."""
    turned = dict(reversed(value.items()))
    assert digest_of(value) == digest_of(turned)
    assert digest_of(value) != digest_of(value, 1)
    assert len(digest_of(value)) == 16


FACTS = st.builds(
    Facts,
    **{
        name: st.none() | st.sampled_from(["a", "b"])
        for name in Facts.__dataclass_fields__
        if name not in ("participants", "consent")
    },
    consent=st.sampled_from([None, "yes", "no", "unknown"]),
    participants=st.lists(st.builds(Participant, TOKEN, st.none() | TOKEN), max_size=2).map(tuple),
)


@given(FACTS, FACTS, FACTS)
def test_facts_over_facts(a: Facts, b: Facts, c: Facts) -> None:
    """The stronger win where they speak; order of merging does not matter; a refusal stays."""
    merged = a.over(b)
    for name in Facts.__dataclass_fields__:
        if name != "consent":
            assert getattr(merged, name) == (getattr(a, name) or getattr(b, name))
    assert a.over(b.over(c)) == a.over(b).over(c)
    assert a.over(a) == a.over(Facts()) == Facts().over(a) == a
    if a.consent != "yes" and b.consent == "no":
        assert merged.consent == "no"


@given(FACTS)
def test_facts_round_trip(facts: Facts) -> None:
    """To JSON and back, without what is not said."""
    value = json.loads(json.dumps(facts_to_json(facts)))
    assert facts_from_json(value) == facts
    assert all(value.values())


SEGMENTS = st.builds(
    Segment,
    start_ms=MS,
    end_ms=MS,
    text=TEXT,
    words=st.lists(st.builds(Word, TEXT, MS, MS, st.floats(0, 1)), max_size=4).map(tuple),
    channel=st.none() | st.integers(0, 1),
    speaker=st.none() | TEXT,
    role=st.none() | st.sampled_from(Role),
    avg_logprob=st.none() | st.floats(-5, 0),
    no_speech_prob=st.none() | st.floats(0, 1),
    compression_ratio=st.none() | st.floats(0, 9),
)


@given(
    st.builds(
        Transcript,
        segments=st.lists(SEGMENTS, max_size=4).map(tuple),
        language=st.sampled_from(["en", "de"]),
        engine=TEXT,
        engine_version=TEXT,
        model=TEXT,
        settings=st.dictionaries(TEXT, st.integers() | TEXT | st.lists(TEXT, max_size=2), max_size=3),
        channels=st.integers(0, 2),
        notes=st.lists(TEXT, max_size=2).map(tuple),
        speech_ms=MS,
    )
)
def test_transcripts_round_trip(transcript: Transcript) -> None:
    """Through JSON text, with every field of every word."""
    assert transcript_from_json(json.loads(json.dumps(transcript_to_json(transcript)))) == transcript


@given(utterances())
def test_utterances_round_trip(utterance: Utterance) -> None:
    """Through a row and its words."""
    row = {
        "utterance_index": utterance.index,
        "speaker": utterance.speaker,
        "role": utterance.role.value,
        "role_source": utterance.role_source.value,
        "role_confidence": utterance.role_confidence,
        "start_ms": utterance.start_ms,
        "end_ms": utterance.end_ms,
        "text": utterance.text,
    }
    assert utterance_from_row(row, json.loads(json.dumps(words_to_json(utterance)))) == utterance


def test_lost_is_every_way_of_losing() -> None:
    """And nothing else."""
    assert {o.value for o in Outcome if o.is_lost} == {
        "lost_competitor",
        "lost_no_decision",
        "lost_other",
        "lost_unknown",
    }


@pytest.mark.parametrize(
    "error",
    [
        CallError("what", hint="next", retryable=True, kept=("answer",), counts={"asked": 2}),
        SkipCall("what", hint="next", reason="internal"),
        StoreError("what", hint="next"),
    ],
)
def test_errors_cross_processes_whole(error: CallError) -> None:
    """Message, hint and what else they carry."""
    import pickle

    other = pickle.loads(pickle.dumps(error))  # noqa: S301 - made here
    assert type(other) is type(error)
    assert (str(other), other.__dict__) == (str(error), error.__dict__)


def test_builders_are_valid() -> None:
    """What they build passes the checks there are."""
    assert a_facts().over(Facts()) == a_facts()
    assert a_finding().text == "the price is too high"
    assert [w.text for w in words_of("a b")] == ["a", "b"]


@pytest.mark.parametrize(
    "texts",
    [
        (),
        ("",),
        ("a", "b"),
        ('"quoted"', "back\\slash", "line\nbreak\x00\x7f"),
        ("Škoda", "\udcff", "\u2028"),
    ],
)
def test_digests_with_a_last_part_are_those_of_all_parts(texts: tuple[str, ...]) -> None:
    """Whatever is in the texts, lone surrogates too: fingerprints of an older callmine stay valid."""
    assert Digesting("stage", {"a": 1}).with_last(texts) == digest_of("stage", {"a": 1}, texts)
