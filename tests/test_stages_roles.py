"""Who is the rep: every role with its source, nothing guessed."""

from __future__ import annotations

import json

import pytest

from callmine.domain import (
    ANCHORS,
    Facts,
    Participant,
    Role,
    RoleSource,
    Segment,
    Speaker,
    Transcript,
    VoiceMatch,
)
from callmine.stages.roles import CONFIDENCE, MIN_CONFIDENCE, after_decision, speaker_key, speakers_of
from callmine.voices.cues import Cues
from tests.builders import MAYA, OUR_DOMAINS, PETRA, a_facts, a_segment, a_transcript
from tests.talk import BUYER, SELLER, SMALL_TALK, talk

LEFT, RIGHT = a_segment("Hello.", channel=0), a_segment("Hi.", 2000, channel=1)
NOBODY = Facts()


def by(name: str | None, at: int = 0, **more: object) -> Segment:
    """A vendor's segment of a named voice."""
    return a_segment("Hello.", at, speaker=name, **more)


def said(
    facts: Facts, *segments: Segment, channels: int | None = None, **named: object
) -> dict[str, Speaker]:
    """The speakers by their keys."""
    more = {} if channels is None else {"channels": channels}
    transcript = a_transcript(*segments, **more)
    found = speakers_of(facts, transcript, **{"own_domains": OUR_DOMAINS, **named})  # type: ignore[arg-type]
    return {s.key: s for s in found}


def roles(facts: Facts, *segments: Segment, **named: object) -> dict[str, tuple[str, str]]:
    return {k: (s.role.value, s.role_source.value) for k, s in said(facts, *segments, **named).items()}  # type: ignore[arg-type]


@pytest.mark.parametrize(("side", "rep"), [("left", "channel 1"), ("right", "channel 2")])
def test_channels_decide_when_it_is_known_whose_they_are(side: str, rep: str) -> None:
    """By the call's facts, or by the setting where they say nothing; facts win."""
    other = "right" if side == "left" else "left"
    for facts, setting in ((Facts(rep_channel=side), other), (NOBODY, side)):
        found = roles(facts, LEFT, RIGHT, rep_channel=setting)
        assert found.pop(rep) == ("rep", "channel")
        assert list(found.values()) == [("prospect", "channel")]


def test_channels_alone_say_nothing() -> None:
    """Without knowing whose they are, both stay unknown, with no confidence."""
    found = said(NOBODY, LEFT, RIGHT)
    assert {(s.role, s.role_source, s.confidence) for s in found.values()} == {
        (Role.UNKNOWN, RoleSource.NONE, 0.0)
    }


def test_dual_mono_is_not_decided_by_channel() -> None:
    """The manifest says left, but both channels hold both voices and one was transcribed."""
    found = roles(Facts(rep_channel="left"), a_segment("Hello.", channel=0), channels=1)
    assert found == {"channel 1": ("unknown", "none")}
    assert roles(Facts(rep_channel="left"), a_segment("Hello.")) == {"unknown": ("unknown", "none")}


def test_vendors_word_then_names_then_elimination() -> None:
    """In this order of strength, each with its own confidence."""
    vendor = said(a_facts(), by("Maya Linden", role=Role.PROSPECT), by("X", 2000))
    assert vendor["Maya Linden"].role_source is RoleSource.VENDOR
    assert (vendor["X"].role, vendor["X"].confidence) == (Role.REP, 0.8)
    named = said(a_facts(), by(" maya  LINDEN "), by("Petra Voss", 2000))
    assert {s.role_source for s in named.values()} == {RoleSource.PARTICIPANTS}
    assert [s.role for s in named.values()] == [Role.REP, Role.PROSPECT]
    assert (
        CONFIDENCE[RoleSource.CHANNEL] > CONFIDENCE[RoleSource.VENDOR] > CONFIDENCE[RoleSource.PARTICIPANTS]
    )


def test_elimination_needs_exactly_two() -> None:
    """Of three voices, the other two may be anybody."""
    found = roles(a_facts(), by("Maya Linden"), by("A", 1000), by("B", 2000))
    assert [v[0] for v in found.values()] == ["rep", "unknown", "unknown"]


def test_a_vendors_unknown_is_no_word() -> None:
    """Names are asked then."""
    found = roles(a_facts(), by("Petra Voss", role=Role.UNKNOWN))
    assert found == {"Petra Voss": ("prospect", "participants")}


def test_a_name_on_both_sides_says_nothing() -> None:
    """Two people of one name, one of them ours."""
    people = (Participant("Sam", "sam@larkmoor.example"), Participant("Sam", "sam@brennholt.example"))
    assert roles(Facts(participants=people), by("Sam")) == {"Sam": ("unknown", "none")}


def test_without_our_domains_names_say_nothing() -> None:
    """But the rep's own name does."""
    found = roles(a_facts(), by("Petra Voss"), by("Maya Linden", 1000), own_domains=())
    assert found["Maya Linden"] == ("rep", "participants")
    assert found["Petra Voss"] == ("prospect", "participants"), "by elimination"
    assert roles(Facts(participants=(PETRA,)), by("Petra Voss"), own_domains=()) == {
        "Petra Voss": ("unknown", "none")
    }


def test_voices_on_channels_get_names_where_only_one_can_be_meant() -> None:
    """One rep, one prospect; with two prospects invited, the voice stays without a name."""
    found = said(a_facts(), LEFT, RIGHT)
    assert [s.name for s in found.values()] == ["Maya Linden", "Petra Voss"]
    twice = a_facts(participants=(Participant("maya  linden", ""), PETRA))
    assert [s.name for s in said(twice, LEFT, RIGHT).values()] == ["Maya Linden", "Petra Voss"]
    more = a_facts(participants=(MAYA, PETRA, Participant("Priya", "p@brennholt.example")))
    assert [s.name for s in said(more, LEFT, RIGHT).values()] == ["Maya Linden", None]
    assert [s.name for s in said(NOBODY, LEFT, RIGHT).values()] == [None, None]


def test_a_swap_moves_names_of_facts_not_of_voices() -> None:
    """What the transcript calls a voice stays with it; what the manifest says of a side does not."""
    voices = said(a_facts(), by("Maya Linden"), by("Petra Voss", 1000), decision="swap")
    assert {k: (s.name, s.role.value) for k, s in voices.items()} == {
        "Maya Linden": ("Maya Linden", "prospect"),
        "Petra Voss": ("Petra Voss", "rep"),
    }
    two = a_facts(participants=(MAYA, PETRA, Participant("Priya", "p@brennholt.example")))
    sides = said(two, LEFT, RIGHT, decision="swap")
    assert [s.name for s in sides.values()] == [None, "Maya Linden"]


def test_keys_and_order() -> None:
    """A channel's number, the vendor's name, or unknown; in the order in which they first speak."""
    assert speaker_key(a_segment("a", channel=1, speaker="X")) == "channel 2"
    assert speaker_key(by("X")) == "X"
    assert speaker_key(by(None)) == "unknown"
    assert list(said(NOBODY, by("B"), by("A", 10), by("B", 20))) == ["B", "A"]


def test_no_segments_no_speakers() -> None:
    """An empty transcript is no error."""
    from dataclasses import replace

    assert speakers_of(a_facts(), replace(a_transcript(), segments=()), own_domains=()) == ()


# -- voices told apart by their sound -------------------------------------------------------------

MATCH = {"voice 1": VoiceMatch("Maya Linden", 0.9)}
CUES = Cues(("Larkmoor",))


def sounding(*said: tuple[int, str]) -> list[Segment]:
    """Segments of voices that diarization told apart, five seconds each."""
    return [a_segment(text, 5000 * i, speaker=f"voice {n + 1}") for i, (n, text) in enumerate(said)]


def by_words(*voices: tuple[str, ...], **named: object) -> dict[str, Speaker]:
    """The speakers of a mono call in which each voice says its texts."""
    segments = sounding(*((n, text) for n, texts in enumerate(voices) for text in texts))
    return said(NOBODY, *segments, **{"cues": CUES, **named})


def test_words_tell_the_roles_of_voices() -> None:
    """Above the confidence limit, with the probability as confidence, and no name."""
    found = by_words(SELLER, BUYER)
    assert [(s.role, s.role_source, s.name) for s in found.values()] == [
        (Role.REP, RoleSource.TEXT, None),
        (Role.PROSPECT, RoleSource.TEXT, None),
    ]
    assert all(MIN_CONFIDENCE <= s.confidence <= CONFIDENCE[RoleSource.TEXT] for s in found.values())
    assert [s.role.value for s in by_words(BUYER, SELLER).values()] == ["prospect", "rep"]


def test_words_below_the_limit_tell_nothing() -> None:
    """Small talk, a few words, a limit out of reach, or no cues at all."""
    for voices, named in (
        ((SMALL_TALK, SMALL_TALK[::-1]), {}),
        (([SELLER[0]], [BUYER[0]]), {}),
        ((SELLER, BUYER), {"min_confidence": 0.99999}),
        ((SELLER, BUYER), {"cues": None}),
    ):
        found = by_words(*voices, **named)
        assert {(s.role, s.role_source, s.confidence) for s in found.values()} == {
            (Role.UNKNOWN, RoleSource.NONE, 0.0)
        }


def test_more_than_two_voices_are_judged_one_by_one() -> None:
    """Two buyers may be there, and one who says nothing of weight stays unknown."""
    found = by_words(SELLER, BUYER, BUYER[::-1], SMALL_TALK)
    assert [s.role.value for s in found.values()] == ["rep", "prospect", "prospect", "unknown"]


def test_only_voices_told_by_sound_are_judged() -> None:
    """A vendor's names, channels without a side and nameless words stay unknown."""
    for segments in (
        [a_segment(text, 5000 * i, speaker="AB"[n]) for i, (n, text) in enumerate(talk(SELLER, BUYER))],
        [a_segment(text, 5000 * i, channel=n) for i, (n, text) in enumerate(talk(SELLER, BUYER))],
        [a_segment(text, 5000 * i) for i, (_, text) in enumerate(talk(SELLER, BUYER))],
    ):
        assert {v[0] for v in roles(NOBODY, *segments, cues=CUES).values()} == {"unknown"}


def test_an_enrolled_voice_is_the_rep_and_the_other_follows() -> None:
    """With the rep's name; the other by elimination, also beside words that are nobody's."""
    segments = [*sounding(*talk(SELLER, BUYER)), by(None, 99_000)]
    found = said(a_facts(rep="Maya Linden"), *segments, matched=MATCH)
    one, two, nobody = found["voice 1"], found["voice 2"], found["unknown"]
    assert (one.name, one.role, one.role_source, one.confidence) == ("Maya Linden", Role.REP, "voice", 0.9)
    assert (two.name, two.role, two.role_source, two.confidence) == (
        "Petra Voss",
        Role.PROSPECT,
        "voice",
        0.8,
    )
    assert nobody.role is Role.UNKNOWN


def test_a_match_goes_before_words_and_behind_names() -> None:
    """Channels, vendor and names are surer; what is not in the call is no match."""
    assert (
        said(NOBODY, LEFT, RIGHT, rep_channel="right", matched={"channel 1": MATCH["voice 1"]})[
            "channel 1"
        ].role_source
        is RoleSource.CHANNEL
    )
    found = by_words(SELLER, BUYER, matched={**MATCH, "voice 9": MATCH["voice 1"]})
    assert found["voice 1"].role_source is RoleSource.VOICE
    assert "voice 9" not in found


def test_who_talks_like_a_rep_is_no_prospect_by_elimination() -> None:
    """Two of ours, or a match that is wrong: better nobody than the wrong one."""
    found = by_words(SELLER, SELLER[::-1], matched=MATCH)
    assert (found["voice 2"].role, found["voice 2"].role_source) != (Role.PROSPECT, RoleSource.VOICE)


def test_with_colleagues_in_the_call_words_tell_the_other() -> None:
    """Elimination would guess; the buyer's words do not."""
    two = a_facts(participants=(MAYA, Participant("Tom", "tom@larkmoor.example"), PETRA))
    found = said(two, *sounding(*talk(SELLER, BUYER)), matched=MATCH, cues=CUES)
    assert (found["voice 2"].role, found["voice 2"].role_source) == (Role.PROSPECT, RoleSource.TEXT)


def test_a_decision_on_voices() -> None:
    """By voice, whatever is computed; a voice it was not said of stays, a rep's name does not follow."""
    times = {"voice 1": 500, "voice 2": 5000 * len(SELLER) + 500}
    decision = json.dumps({"voice 1": "prospect", "voice 2": "rep", ANCHORS: times})
    found = by_words(SELLER, BUYER, SMALL_TALK, matched=MATCH, decision=decision)
    assert [(s.role.value, s.role_source.value) for s in found.values()] == [
        ("prospect", "person"),
        ("rep", "person"),
        ("unknown", "none"),
    ]
    assert found["voice 1"].name is None
    segments = sounding(*talk(SELLER, BUYER))
    known = tuple(said(a_facts(), *segments, cues=CUES).values())
    decided = {"voice 1": Role.PROSPECT, "voice 2": Role.REP}
    told = after_decision(known, decided, a_facts(), a_transcript(*segments), OUR_DOMAINS)
    assert [(s.name, s.role.value) for s in told] == [("Petra Voss", "prospect"), ("Maya Linden", "rep")]


def test_hostile_words_do_no_harm() -> None:
    """Nothing, control characters, and half a million letters."""
    found = by_words(("",), ("\x00\x1b" * 500,), ("what " * 100_000,))
    assert {s.role for s in found.values()} == {Role.UNKNOWN}


def numbered(first: str, second: str | None) -> Transcript:
    """A mono call of two voices, numbered either way."""
    return a_transcript(
        a_segment("Hello, this is about the shifts.", 0, speaker=first),
        a_segment("We plan them on paper, and nobody likes it at all.", 4_000, speaker=second),
        a_segment("I can show you how others do that every week.", 9_000, speaker=first),
        channels=1,
    )


DECIDED = '{" @": {"voice 1": 10000, "voice 2": 5000}, "voice 1": "rep", "voice 2": "prospect"}'


@pytest.mark.parametrize(("first", "second"), [("voice 1", "voice 2"), ("voice 2", "voice 1")])
def test_a_decision_follows_the_voice_not_its_number(first: str, second: str) -> None:
    """Voices that are told apart again may be numbered the other way round."""
    found = {
        s.key: s for s in speakers_of(Facts(), numbered(first, second), own_domains=(), decision=DECIDED)
    }
    assert (found[first].role, found[second].role) == (Role.REP, Role.PROSPECT)
    assert found[first].role_source is RoleSource.PERSON


def test_a_decision_whose_voices_are_not_there_any_more_stands_no_longer() -> None:
    """One voice where there were two: nobody is given a role that no person meant."""
    one = numbered("voice 1", "voice 1")
    assert {s.role for s in speakers_of(Facts(), one, own_domains=(), decision=DECIDED)} == {Role.UNKNOWN}


def test_a_decision_gives_no_role_to_words_of_nobody() -> None:
    """The voice it was about is in doubt now: those words may be several people's."""
    decided = '{" @": {"voice 2": 5000}, "voice 2": "prospect"}'
    found = speakers_of(Facts(), numbered("voice 1", None), own_domains=(), decision=decided)
    assert {(s.key, s.role) for s in found} == {("voice 1", Role.UNKNOWN), ("unknown", Role.UNKNOWN)}
