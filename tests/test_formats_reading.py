"""Transcript readers in detail: names, units, hostile files, round trips."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callmine import formats
from callmine.crm import facts, values
from callmine.domain import Facts, Participant, Role, Segment, Word
from callmine.errors import UnreadableTranscript, UsageError
from callmine.formats import base, text
from callmine.formats import text as text_module
from callmine.formats.base import clean_name, finish, language_of, segment
from callmine.formats.own import to_json
from callmine.formats.text import utc_instant


def put(tmp_path: Path, content: str | bytes | object, name: str = "call.json") -> Path:
    path = tmp_path / name
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def refused(path: Path, name: str | None = None) -> str:
    with pytest.raises(UnreadableTranscript) as caught:
        formats.read(path, name)
    assert path.name in caught.value.message
    assert caught.value.hint
    return caught.value.message


def whisper(**changes: object) -> dict[str, object]:
    first = {"start": 1.0, "end": 2.0, "text": " Hello.", **changes}
    return {"language": "en", "segments": [first, {"start": 3.0, "end": 4.0, "text": " Bye."}]}


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"start": -1.0}, "segments[0].start is negative"),
        ({"start": 5.0}, "segments[0] ends (2000 ms) before it starts"),
        ({"start": "soon"}, "segments[0].start should be a number, not text"),
        ({"end": None}, "segments[0] has no 'end'"),
        ({"text": 7}, "segments[0].text should be text, not a number"),
        ({"start": True}, "segments[0].start should be a number, not true or false"),
        ({"end": 1e9}, "later than 24 hours"),
        ({"end": 10**400}, "not a usable number"),
        ({"words": {"a": 1}}, "segments[0].words should be a list, not an object"),
        ({"words": [{"start": 1.0}]}, "segments[0].words[0] has no 'word'"),
    ],
)
def test_a_fault_is_named_with_its_place(tmp_path: Path, changes: dict[str, object], place: str) -> None:
    """Whoever made the file can find the fault."""
    assert place in refused(put(tmp_path, whisper(**changes)), "whisper")


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_numbers_that_are_none_are_refused(tmp_path: Path, number: str) -> None:
    """JSON as Python writes it may hold NaN; a time may not."""
    text = json.dumps(whisper(start="?")).replace('"?"', number)
    path = put(tmp_path, text)
    refused(path, "whisper")


def test_deep_nesting_is_refused(tmp_path: Path) -> None:
    """Neither a stack overflow nor a hang."""
    for depth in (100, 100_000):
        assert "deep" in refused(put(tmp_path, "[" * depth + "]" * depth), "whisper")
    assert "deep" in refused(put(tmp_path, '{"a":' * 90 + "1" + "}" * 90), "whisper")


def test_very_long_numbers_are_refused(tmp_path: Path) -> None:
    """A number of ten thousand digits is an error of the file."""
    refused(put(tmp_path, '{"segments":[{"start":' + "9" * 10_000 + "}]}"), "whisper")


def test_huge_files_are_refused_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit is checked before reading."""
    monkeypatch.setattr(text_module, "MAX_BYTES", 10)
    assert "larger than" in refused(put(tmp_path, whisper()), "whisper")


def test_unknown_files_get_the_list_of_formats(tmp_path: Path) -> None:
    """The hint names what is known."""
    path = put(tmp_path, "Just a letter.", "letter.txt")
    with pytest.raises(UnreadableTranscript) as caught:
        formats.read(path)
    assert all(known.name in caught.value.hint for known in formats.FORMATS)


def test_missing_empty_folder_and_binary_files(tmp_path: Path) -> None:
    """The usual mistakes each get a sentence."""
    assert "cannot be opened" in refused(tmp_path / "gone.json")
    assert "empty" in refused(put(tmp_path, b"  \n"))
    assert "not text" in refused(put(tmp_path, bytes(3000)))
    folder = tmp_path / "folder"
    folder.mkdir()
    refused(folder)


def test_an_unknown_format_name_is_a_usage_error(tmp_path: Path) -> None:
    """The name came from the command line."""
    with pytest.raises(UsageError, match="no transcript format 'gongg'"):
        formats.read(put(tmp_path, whisper()), "gongg")


def test_bytes_that_are_no_utf8_are_replaced_with_a_note(tmp_path: Path) -> None:
    """One odd byte does not lose the call."""
    path = put(tmp_path, b"WEBVTT\n\n00:01.000 --> 00:02.000\nCaf\xe9 time\n", "a.vtt")
    transcript = formats.read(path).transcript
    assert transcript.segments[0].text == "Caf\N{REPLACEMENT CHARACTER} time"
    assert "1 characters" in transcript.notes[0]


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("Mira\u202eevil\u2066", "Miraevil"),
        ("  Deniz \x00\x07 Arslan\n", "Deniz Arslan"),
        ("\u200b\u200e", None),
        ("x" * 200, "x" * 200),
        ("x" * 999, "x" * 190 + "… 3256fefc"),
        ("\ud800", "\N{REPLACEMENT CHARACTER}"),
        (None, None),
    ],
)
def test_speaker_names_hold_visible_characters_only(name: str | None, clean: str | None) -> None:
    """A name cannot turn the page around or hide."""
    assert clean_name(name) == clean


def test_long_names_that_begin_alike_stay_two() -> None:
    """Two people, or two calls, that differ behind what is kept; cleaning twice changes nothing."""
    one, two = (clean_name("N" * 200 + end) or "" for end in "12")
    assert one != two
    assert (len(one), clean_name(one), clean_name(two)) == (200, one, two)


def printed(**more: object) -> dict[str, object]:
    said = [{"speaker": "A", "start_ms": 0, "end_ms": 900, "text": "Hello there."}]
    return {"call_id": "c1", "language": "en", "utterances": said, **more}


def stored(**more: object) -> dict[str, object]:
    said = [{"start_ms": 0, "end_ms": 900, "text": "Hello there.", "words": [], **more}]
    return {"engine": "x", "language": "en", "channels": 2, "segments": said}


@pytest.mark.parametrize("channel", [1e30, -1e30, -1, 64, 0.5, 1e308])
def test_a_channel_that_cannot_be_is_named_with_its_place(tmp_path: Path, channel: float) -> None:
    """The database could not take it, and two speakers of channel 0 and a half would become one."""
    told = refused(put(tmp_path, stored(channel=channel)), "callmine")
    assert told.startswith("call.json: segments[0]: the channel is ")
    assert formats.read(put(tmp_path, stored(channel=63)), "callmine").transcript.segments[0].channel == 63


def test_deepgrams_channels_are_whole_numbers(tmp_path: Path) -> None:
    """Of an answer with several, the channel becomes a part of the speaker's name."""
    said = {"start": 0, "end": 1, "transcript": "Hello.", "channel": 1e30, "speaker": 0}
    value = {"metadata": {"channels": 2}, "results": {"channels": [], "utterances": [said]}}
    assert "results.utterances[0].channel is 1e+30" in refused(put(tmp_path, value), "deepgram")


@pytest.mark.parametrize("word", ["No", "NO"])
def test_a_refusal_in_any_spelling_refuses(tmp_path: Path, word: str) -> None:
    """As in a manifest: who says No must not be heard."""
    for value in (printed(facts={"consent": word}), printed(consent=word)):
        assert formats.read(put(tmp_path, value)).facts.consent == "no"


@pytest.mark.parametrize(
    ("name", "word"), [("consent", "nein"), ("consent", "0"), ("type", "privat"), ("rep_channel", "top")]
)
def test_a_fact_that_is_no_known_word_keeps_the_file_out(tmp_path: Path, name: str, word: str) -> None:
    """It may be a refusal in another language; nobody guesses."""
    assert f"{name} '{word}' is not one of" in refused(put(tmp_path, printed(facts={name: word})))
    assert "facts.consent" in refused(put(tmp_path, printed(facts={"consent": False})))


def test_facts_have_the_words_of_a_manifest() -> None:
    """One list of words and of years, for both sides of the wall between formats and crm."""
    assert base.FACT_WORDS is facts.FACT_WORDS
    assert text.YEARS is values.YEARS is facts.YEARS


@pytest.mark.parametrize(("last", "outcome"), [(9.0, 0), (120.0, 1), (9_000.0, None), (20.0, 1)])
def test_times_are_checked_against_the_known_length(
    tmp_path: Path, last: float, outcome: int | None
) -> None:
    """A mix-up of units is an error; a somewhat wrong length is a note."""
    value = {**whisper(), "duration": 10.0}
    value["segments"][1].update(start=last - 1, end=last)  # type: ignore[index]
    path = put(tmp_path, value)
    if outcome is None:
        assert "the call lasts" in refused(path, "whisper")
    else:
        assert len(formats.read(path).transcript.notes) == outcome


def test_seconds_where_milliseconds_are_promised_are_refused(tmp_path: Path) -> None:
    """Gong's sentences are in milliseconds; a file with seconds is not rescaled in silence."""
    case = Path(__file__).parent / "cases" / "formats" / "gong_bundle.json"
    value = json.loads(case.read_text(encoding="utf-8"))
    value["calls"][0]["metaData"]["duration"] = 2400
    value["callTranscripts"][0]["transcript"] = [
        {
            "speakerId": "11",
            "sentences": [{"start": s, "end": s + 5, "text": "Hi."} for s in (1, 1200, 2300)],
        }
    ]
    assert "the call lasts 2400.0 s" in refused(put(tmp_path, value))


def test_a_colon_in_a_sentence_is_not_a_speaker(tmp_path: Path) -> None:
    """Only names that recur, or a file full of names, are believed."""
    body = "".join(f"00:0{i}.000 --> 00:0{i}.900\n{t}\n\n" for i, t in enumerate(
        ["Well", "Remember this: price matters", "Sure", "I see", "Ok"]
    ))  # fmt: skip
    segments = formats.read(put(tmp_path, "WEBVTT\n\n" + body, "a.vtt")).transcript.segments
    assert [s.speaker for s in segments] == [None] * 5
    assert segments[1].text == "Remember this: price matters"


def test_a_bad_time_line_is_named_by_its_number(tmp_path: Path) -> None:
    """A subtitle file is edited by hand; the line helps."""
    assert "a.vtt:3: this is not a time range" in refused(
        put(tmp_path, "WEBVTT\n\nnow --> later\nHi", "a.vtt")
    )
    assert "a.srt:2" in refused(put(tmp_path, "1\n00:00:05,000 --> 00:00:01,000\nHi", "a.srt"))


def test_several_calls_in_one_gong_file_are_refused(tmp_path: Path) -> None:
    """One file is one call."""
    one = {"callId": "1", "transcript": []}
    assert "holds 2 calls" in refused(put(tmp_path, {"callTranscripts": [one, {**one, "callId": "2"}]}))


def test_a_failed_assemblyai_job_says_why(tmp_path: Path) -> None:
    """The vendor's reason reaches the person."""
    value = {"id": "1", "status": "error", "error": "Audio too short", "text": None, "words": None,
             "audio_url": "x", "language_code": "en"}  # fmt: skip
    assert "Audio too short" in refused(put(tmp_path, value))


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-10-02T10:30:00+02:00", "2026-10-02T08:30:00Z"),
        ("2026-10-02T08:30:00.123Z", "2026-10-02T08:30:00Z"),
        ("2026-10-02T08:30:00", None),
        ("yesterday", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("0001-06-01T00:00:00Z", None),
        ("9999-12-31T23:59:59Z", None),
        (None, None),
    ],
)
def test_instants_are_utc_or_nothing(text: str | None, instant: str | None) -> None:
    """A time without a zone is not guessed."""
    assert utc_instant(text) == instant


@pytest.mark.parametrize(
    ("code", "short"),
    [
        ("en-US", "en"),
        ("en_us", "en"),
        ("eng", "en"),
        ("German", "de"),
        ("und", None),
        ("xx", None),
        ("", None),
    ],
)
def test_language_codes(code: str, short: str | None) -> None:
    """Vendors spell languages in five ways."""
    assert language_of(code) == short


_WORDS = st.text(st.characters(codec="utf-8", categories=("L", "N", "P")), min_size=1, max_size=8)
_TIMES = st.integers(0, 3_600_000)


@st.composite
def _segments(draw: st.DrawFn) -> Segment:
    start, length = draw(_TIMES), draw(st.integers(0, 60_000))
    spoken = draw(st.lists(_WORDS, min_size=1, max_size=5))
    words = tuple(Word(w, start, start + length, draw(st.floats(0, 1))) for w in spoken)
    return segment(
        start, start + length, " ".join(spoken), where="x", words=words,
        speaker=clean_name(draw(st.none() | _WORDS)), role=draw(st.none() | st.sampled_from(Role)),
        channel=draw(st.none() | st.integers(0, 1)), avg_logprob=draw(st.none() | st.floats(-5, 0)),
    )  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(segments=st.lists(_segments(), min_size=1, max_size=6), title=st.none() | _WORDS)
def test_own_format_round_trip(segments: list[Segment], title: str | None, tmp_path: Path) -> None:
    """What callmine writes it reads back, words, channels and roles included."""
    facts = Facts(title=clean_name(title), started_at="2026-10-02T08:30:00Z", external_id="7",
                  participants=(Participant("Mira Holt", "mira@acme.example"),))  # fmt: skip
    call = finish(segments, path=tmp_path / "x", name="callmine", language="de", facts=facts)
    again = formats.read(put(tmp_path, to_json(call)))
    assert again.transcript.segments == call.transcript.segments
    assert again.facts == call.facts
    assert again.transcript.language == "de"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    turns=st.lists(
        st.tuples(_TIMES, st.integers(0, 9000), st.sampled_from(["Mira Holt", "Deniz (Contoso)"]),
                  st.lists(st.text("abcdefgh", min_size=1), min_size=1, max_size=5)),
        min_size=1, max_size=6,
    )
)  # fmt: skip
def test_subtitles_round_trip(turns: list[tuple[int, int, str, list[str]]], tmp_path: Path) -> None:
    """Times to the millisecond, names and words survive both subtitle formats."""

    def clock(ms: int, mark: str) -> str:
        return f"{ms // 3_600_000:02d}:{ms // 60_000 % 60:02d}:{ms // 1000 % 60:02d}{mark}{ms % 1000:03d}"

    wanted = sorted(((s, s + n, who, " ".join(said)) for s, n, who, said in turns), key=lambda t: t[0])
    cues = [(f"{i}", s, e, who, said) for i, (s, e, who, said) in enumerate(wanted, 1)]
    zoom = [f"{i}\n{clock(s, '.')} --> {clock(e, '.')}\n{w}: {t}\n\n" for i, s, e, w, t in cues]
    teams = [f"{clock(s, '.')} --> {clock(e, '.')}\n<v {w}>{t}</v>\n\n" for _, s, e, w, t in cues]
    srt = [f"{i}\n{clock(s, ',')} --> {clock(e, ',')}\n{w}: {t}\n\n" for i, s, e, w, t in cues]
    files = {
        "z.vtt": "WEBVTT\n\n" + "".join(zoom),
        "t.vtt": "WEBVTT\n\n" + "".join(teams),
        "s.srt": "".join(srt),
    }
    for name, content in files.items():
        found = formats.read(put(tmp_path, content, name)).transcript.segments
        assert [(s.start_ms, s.end_ms, s.speaker, s.text) for s in found] == wanted
