"""What is written as subtitles or JSON is read back: the same turns, names, roles, times, words."""

from __future__ import annotations

import json
import shutil
import textwrap
from collections.abc import Sequence
from pathlib import Path

import pytest
from commands import callmine
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from callmine import formats
from callmine.domain import Role, Segment, Speaker, Utterance
from callmine.formats.base import clean_name, clean_text
from callmine.formats.captions import LINE, LINES, speaker_names
from callmine.formats.srt import to_srt
from callmine.formats.vtt import to_vtt
from callmine.spans import words_in
from tests.builders import a_speaker, an_utterance, words_of

HOSTILE = (
    "look --> there",
    "00:00:01.000 --> 00:00:02.000",
    "<v Petra Voss>so</v> <b>bold</b> 1 < 2 > 0",
    "R&D &amp; &lt;i&gt; &nbsp;x",
    "NOTE to self",
    "well then " * 4 + "NOTE the price " * 9,
    "STYLE matters",
    "WEBVTT",
    "7",
    "Note: call them",
    "Petra Voss: I said so",
    "a\u202eb\x1b[31m c",
    "{\\an8}top",
    "Unknown:\u00a0me",
)


def joined(segments: Sequence[Segment], utterances: Sequence[Utterance]) -> list[tuple[object, ...]]:
    """What was read, its cues joined to the turns that they lie in, in the turns' order."""
    found, left = [], list(segments)
    for u in utterances:
        words: list[str] = []
        mine: list[Segment] = []
        for segment in list(left):
            rest = clean_text(u.text)[len(" ".join(words)) :].lstrip()
            if rest and rest.startswith(segment.text) and u.start_ms <= segment.start_ms:
                words.append(segment.text)
                mine.append(segment)
                left.remove(segment)
        if mine:
            last = max(s.end_ms for s in mine)
            found.append((mine[0].start_ms, last, mine[0].speaker, mine[0].role, " ".join(words)))
    assert left == []
    return found


def expected(
    utterances: Sequence[Utterance], names: dict[str, str], *, roles: bool
) -> list[tuple[object, ...]]:
    return [
        (
            u.start_ms,
            max(u.end_ms, u.start_ms + 1),
            names.get(u.speaker),
            u.role if roles and u.role is not Role.UNKNOWN else None,
            clean_text(u.text),
        )
        for u in utterances
    ]


def read(folder: Path, text: str, ending: str) -> Sequence[Segment]:
    path = folder / f"call.{ending}"
    path.write_text(text, "utf-8")
    assert formats.sniff(path).name == ending
    return formats.read(path).transcript.segments


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_words_are_harmless_and_come_back(tmp_path: Path, text: str) -> None:
    """Arrows, markup, entities, numbers and what looks like a name or a comment stay what was said."""
    for speaker in ("channel 2", "unknown"):
        said = [
            an_utterance("Before it.", speaker=speaker, role=Role.UNKNOWN),
            an_utterance(text, speaker=speaker, role=Role.UNKNOWN, start_ms=9000, end_ms=20_000, words=()),
            an_utterance(
                text, speaker=speaker, role=Role.UNKNOWN, start_ms=20_100, end_ms=30_000, words=()
            ),
            an_utterance("Behind it.", speaker=speaker, role=Role.UNKNOWN, start_ms=40_000),
        ]
        names = speaker_names([a_speaker(speaker, name="Petra Voss" if speaker != "unknown" else None,
                                         role=Role.UNKNOWN)])  # fmt: skip
        for ending, written in (("vtt", to_vtt(said, names)), ("srt", to_srt(said, names))):
            found = read(tmp_path, written, ending)
            assert joined(found, said) == expected(said, names, roles=ending == "vtt"), ending
            assert written.count("-->") == len(found)
            assert "\x1b" not in written
            assert "\u202e" not in written


_TEXT = st.lists(
    st.one_of(
        st.text(st.characters(codec="utf-8"), min_size=1, max_size=12),
        st.sampled_from(["-->", "<v", "A>", "&lt;", "NOTE", "price.", "7", "Petra:", "</v>", "ok?"]),
    ),
    min_size=1,
    max_size=70,
).map(lambda words: " ".join(words))
_NAME = st.none() | st.text(st.characters(codec="utf-8"), min_size=1, max_size=30)


@st.composite
def _transcripts(draw: st.DrawFn) -> tuple[list[Speaker], list[Utterance]]:
    keys = draw(
        st.lists(st.sampled_from(["channel 1", "channel 2", "unknown", "Zoë O."]), min_size=1, unique=True)
    )
    speakers = [
        a_speaker(key, name=None if key == "unknown" else draw(_NAME), role=draw(st.sampled_from(Role)))
        for key in keys
    ]
    utterances, at = [], 0
    for _ in range(draw(st.integers(1, 5))):
        at += draw(st.integers(1, 9000))
        text = " ".join(draw(_TEXT).split())
        if not clean_text(text):
            text = "yes"
        speaker = draw(st.sampled_from(speakers))
        each = draw(st.integers(1, 900))
        words = words_in(text, words_of(text, at, each)) if draw(st.booleans()) else ()
        end = at + draw(st.integers(0, 20_000)) if not words else max(w.end_ms for w in words)
        utterances.append(
            an_utterance(text, speaker=speaker.key, role=speaker.role, start_ms=at, end_ms=end, words=words)
        )
        at = end
    return speakers, utterances


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(
    ([a_speaker("channel 1", name="rep\u00a0:", role=Role.REP)], [an_utterance("Hm.", speaker="channel 1")])
)
@given(_transcripts())
def test_subtitles_are_read_back(tmp_path: Path, given_: tuple[list[Speaker], list[Utterance]]) -> None:
    """Whatever is said by whomever: the same turns, in both formats; WebVTT keeps the roles, too."""
    speakers, said = given_
    names = speaker_names(speakers)
    unknown = {key for key, name in names.items() if name == "Unknown"}
    plain = {key: name for key, name in names.items() if key not in unknown}
    for ending, written in (("vtt", to_vtt(said, names)), ("srt", to_srt(said, names))):
        found = read(tmp_path, written, ending)
        assert joined(found, said) == expected(said, plain, roles=ending == "vtt")


def test_long_turns_are_cut_into_readable_cues() -> None:
    """Two lines and seven seconds at most, at sentence ends where one is near, by the words' times."""
    text = " ".join(f"word{i}" + ("." if i % 11 == 10 else "") for i in range(60))
    written = to_vtt([an_utterance(text)], {"channel 2": "Petra Voss"})
    cues = written.split("\n\n")[1:]
    assert len(cues) == 6  # five sentences of 77 letters, and what is left
    long = an_utterance("incomprehensibilities " * 9)
    cues += to_vtt([long], {"channel 2": "Petra Voss"}).split("\n\n")[1:]
    for cue in cues:
        _, *lines = cue.removesuffix("\n").removesuffix("</v>").split("\n")
        lines[0] = lines[0].removeprefix("<v.prospect Petra Voss>")
        assert len(lines) <= LINES
        assert all(len(line) <= LINE for line in lines)
    assert sum(cue.removesuffix("\n").endswith(".</v>") for cue in cues) == 5
    slow = an_utterance(
        "one two three",
        end_ms=12_000,
        words=words_in("one two three", words_of("one two three", 0, 4000)),
    )
    assert [line for line in to_srt([slow], {}).split("\n") if "-->" in line] == [
        "00:00:00,000 --> 00:00:04,000",
        "00:00:04,000 --> 00:00:08,000",
        "00:00:08,000 --> 00:00:12,000",
    ]


def test_each_format_looks_as_people_know_it() -> None:
    """Names as voices in WebVTT, in front of the words in SubRip; none where nobody is known."""
    said = [
        an_utterance("R&D is <small>."),
        an_utterance("I see.", speaker="channel 1", role=Role.REP, start_ms=5000),
    ]
    names = speaker_names([a_speaker(), a_speaker("channel 1", name=None, role=Role.REP)])
    assert to_vtt(said, names) == textwrap.dedent("""\
        WEBVTT

        00:00:00.000 --> 00:00:00.750
        <v.prospect Petra Voss>R&amp;D is &lt;small&gt;.</v>

        00:00:05.000 --> 00:00:05.500
        <v.rep Rep>I see.</v>
        """)
    assert to_srt(said, names) == textwrap.dedent("""\
        1
        00:00:00,000 --> 00:00:00,750
        Petra Voss:\u00a0R&amp;D is &lt;small&gt;.

        2
        00:00:05,000 --> 00:00:05,500
        Rep:\u00a0I see.
        """)
    mono = [an_utterance("Good morning.", speaker="unknown", role=Role.UNKNOWN)]
    assert to_srt(mono, {}) == "1\n00:00:00,000 --> 00:00:00,500\nGood morning.\n"


def test_names_of_voices_without_a_person() -> None:
    """A side says more than a channel; of two on one side, the channel has to do."""
    rep, other = a_speaker("channel 1", name=None, role=Role.REP), a_speaker(name=None)
    nobody = a_speaker("unknown", name=None, role=Role.UNKNOWN)
    assert speaker_names([rep, other, nobody]) == {"channel 1": "Rep", "channel 2": "Prospect"}
    assert speaker_names([rep, a_speaker(name=None, role=Role.REP)])["channel 2"] == "Channel 2"


def test_words_that_begin_a_line_with_note_are_read(tmp_path: Path) -> None:
    """Only a block is a comment; other people's files have such lines in cues as well."""
    path = tmp_path / "call.vtt"
    path.write_text("WEBVTT\n\nNOTE a --> b\nmore\n\n00:01.000 --> 00:02.000\nplease take\nNOTE of that\n")
    assert [s.text for s in formats.read(path).transcript.segments] == ["please take NOTE of that"]


@pytest.mark.parametrize("ending", ["srt", "vtt", "json", "txt"])
def test_the_command_writes_what_the_ending_says(spoken: Path, tmp_path: Path, ending: str) -> None:
    """``-o`` names the format; what is printed is the same."""
    path = tmp_path / "out" / f"call.{ending}"
    told = callmine("transcript", "first.vtt", "-o", path, at=spoken)
    assert (told.code, told.out.splitlines()[0]) == (0, f"wrote {path}")
    assert ("next: correct it, then callmine add" in told.out) == (ending == "txt")
    printed = callmine("transcript", "first.vtt", "--format", ending, at=spoken)
    assert (printed.code, printed.out, printed.err) == (0, path.read_text("utf-8"), "")


def test_a_file_without_a_format_is_refused(spoken: Path, tmp_path: Path) -> None:
    """The known endings are named; nothing is written."""
    told = callmine("transcript", "first.vtt", "-o", tmp_path / "call.doc", at=spoken)
    assert (told.code, "Known: txt, srt, vtt, json;" in told.err) == (2, True)
    assert list(tmp_path.iterdir()) == []
    assert callmine("transcript", "first.vtt", "--format", "doc", at=spoken).code == 2


@pytest.mark.parametrize("ending", ["srt", "vtt", "json"])
def test_what_was_written_can_be_taken_in_elsewhere(
    spoken: Path, tmp_path: Path, ending: str, monkeypatch: pytest.MonkeyPatch, model_folder: Path
) -> None:
    """Another workspace has the same turns of the same people, and their roles by what it is told."""
    monkeypatch.setenv("CALLMINE_MODELS", str(model_folder))
    other = tmp_path / "other"
    callmine("init", other)
    shutil.copy(spoken / "callmine.toml", other)
    path = tmp_path / f"call.{ending}"
    callmine("transcript", "first.vtt", "-o", path, at=spoken)
    assert callmine("add", path, at=other).code == 0
    assert callmine("run", "--jobs", "1", at=other).code == 0
    before, after = (
        callmine("transcript", name, "--json", at=place).json["utterances"]
        for name, place in (("first.vtt", spoken), (path.name, other))
    )
    keys = ("index", "speaker", "start_ms", "end_ms", "text", *(("role",) if ending != "srt" else ()))
    assert [[u[k] for k in keys] for u in after] == [[u[k] for k in keys] for u in before]


def test_json_is_the_contract(spoken: Path) -> None:
    """``--format json`` and ``--json`` are one; every turn says whether it was corrected."""
    printed = callmine("transcript", "first.vtt", "--format", "json", at=spoken).out
    shown = json.loads(printed)
    assert printed == callmine("transcript", "first.vtt", "--json", at=spoken).out
    assert {(u["edited"], u["heard"]) for u in shown["utterances"]} == {(False, None)}
    assert shown["corrections_waiting"] == 0
    assert clean_name(shown["utterances"][1]["speaker_name"]) == "Petra Voss"
