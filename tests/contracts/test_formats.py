"""One contract for every transcript format: what any reader promises, on any file.

A golden case is a file in ``tests/cases/formats`` and beside it ``NAME.expected`` with what it
should be read as; adding a case is adding those two.
"""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callmine import formats
from callmine.canonical import facts_to_json, transcript_from_json, transcript_to_json
from callmine.errors import CallmineError, UnreadableTranscript
from callmine.formats import FORMATS, Format, ImportedCall

CASES = sorted(
    path
    for path in (Path(__file__).parents[1] / "cases" / "formats").iterdir()
    if path.suffix != ".expected"
)


def shown(call: ImportedCall) -> str:
    """Return an imported call as the lines of an ``.expected`` file."""
    transcript = call.transcript
    lines = [f"format {transcript.model}", f"language {transcript.language}"]
    lines += [f"{key} {json.dumps(value)}" for key, value in sorted(facts_to_json(call.facts).items())]
    lines += [f"note {note}" for note in transcript.notes]
    for s in transcript.segments:
        lines.append(f"{s.start_ms}-{s.end_ms} {s.speaker or '-'} [{s.role or '-'}] {s.text}")
        lines += [f"    {w.start_ms}-{w.end_ms} {w.probability:g} {w.text}" for w in s.words]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("path", CASES, ids=lambda p: p.name)
def test_golden_case(path: Path) -> None:
    """Every file is recognised by its content and read as its neighbour says."""
    assert shown(formats.read(path)) == path.with_name(path.name + ".expected").read_text(encoding="utf-8")


@pytest.mark.parametrize("known", FORMATS, ids=lambda f: f.name)
def test_every_format_has_a_golden_case(known: Format) -> None:
    """A format without an example is not a format."""
    assert isinstance(known, Format)
    assert known.title
    assert all(ending.startswith(".") for ending in known.extensions)
    assert known.name in {formats.sniff(path).name for path in CASES}


@pytest.mark.parametrize("path", CASES, ids=lambda p: p.name)
def test_what_is_read_is_canonical(path: Path) -> None:
    """Ordered, on the clock, from replay, and the same after a trip through JSON."""
    transcript = formats.read(path).transcript
    assert transcript.engine == "replay"
    assert transcript.segments
    starts = [s.start_ms for s in transcript.segments]
    assert starts == sorted(starts)
    assert all(0 <= s.start_ms <= s.end_ms and s.text == s.text.strip() for s in transcript.segments)
    assert transcript_from_json(json.loads(json.dumps(transcript_to_json(transcript)))) == transcript


@pytest.mark.parametrize("path", CASES, ids=lambda p: p.name)
def test_byte_order_mark_and_line_ends_do_not_matter(path: Path, tmp_path: Path) -> None:
    """A file that went through Windows reads the same, in UTF-16 too."""
    text = path.read_text(encoding="utf-8-sig").replace("\r\n", "\n")
    wanted = shown(formats.read(path))
    for index, data in enumerate(
        (
            text.encode("utf-8-sig"),
            text.replace("\n", "\r\n").encode(),
            text.encode("utf-16"),
        )
    ):
        copy = tmp_path / f"{index}{path.suffix}"
        copy.write_bytes(data)
        assert shown(formats.read(copy)) == wanted


@pytest.mark.parametrize("path", CASES, ids=lambda p: p.name)
def test_a_file_cut_anywhere_is_an_error_or_a_transcript(path: Path, tmp_path: Path) -> None:
    """No cut gives anything but a transcript or an error that names the file."""
    data = path.read_bytes()
    copy = tmp_path / path.name
    for length in range(0, len(data), max(1, len(data) // 40)):
        copy.write_bytes(data[:length])
        try:
            assert formats.read(copy, formats.sniff(path).name).transcript.segments
        except UnreadableTranscript as error:
            assert path.name in error.message  # noqa: PT017 - either outcome is right
            assert error.hint  # noqa: PT017


_ODD = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**30), 10**30), st.floats(), st.text(max_size=5),
    st.just([]), st.just({}), st.just(["x"]), st.just({"x": 1}),
)  # fmt: skip


def _places(value: object, here: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
    out = [here] if here else []
    pairs = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for key, inner in pairs:
        out += _places(inner, (*here, key))
    return out


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_wrong_types_and_missing_keys_never_are_a_bug(data: st.DataObject, tmp_path: Path) -> None:
    """Any value replaced by anything, or gone: a transcript or an error of the call."""
    path = data.draw(st.sampled_from([p for p in CASES if p.suffix == ".json"]))
    root = json.loads(path.read_text(encoding="utf-8"))
    place = data.draw(st.sampled_from(_places(root)))
    holder = root
    for key in place[:-1]:
        holder = holder[key]
    if data.draw(st.booleans()) and isinstance(holder, dict):
        del holder[place[-1]]
    else:
        holder[place[-1]] = data.draw(_ODD)
    copy = tmp_path / path.name
    copy.write_text(json.dumps(root), encoding="utf-8")
    try:
        formats.read(copy, formats.sniff(path).name)
    except UnreadableTranscript as error:
        assert path.name in error.message  # noqa: PT017 - either outcome is right


@pytest.mark.parametrize("value", ["REC-\ud800\x1b[31m\u202e", "x" * 5000, 1e30, -1e30, 2**70])
@pytest.mark.parametrize("path", [p for p in CASES if p.suffix == ".json"], ids=lambda p: p.name)
def test_whatever_stands_anywhere_can_be_stored_and_shown(
    path: Path, value: str | float, tmp_path: Path
) -> None:
    """Half a character, an endless name or an absurd number: cleaned, or an error of the call."""
    root = json.loads(path.read_text(encoding="utf-8"))
    copy = tmp_path / path.name
    for place in _places(root):
        changed = json.loads(path.read_text(encoding="utf-8"))
        holder = changed
        for key in place[:-1]:
            holder = holder[key]
        holder[place[-1]] = value
        copy.write_text(json.dumps(changed), encoding="utf-8")
        try:
            call = formats.read(copy, formats.sniff(path).name)
        except UnreadableTranscript as error:
            assert path.name in error.message  # noqa: PT017 - either outcome is right
            continue
        transcript, facts = call.transcript, facts_to_json(call.facts)
        kept = [transcript.settings, facts, transcript.notes, [s.speaker for s in transcript.segments]]
        shown = json.dumps(kept, ensure_ascii=False)
        assert not any(unicodedata.category(c) in ("Cc", "Cs", "Cf") for c in shown), place
        names = [*_texts([transcript.settings, facts]), *(s.speaker or "" for s in transcript.segments)]
        assert max(map(len, names)) <= 200, place
        assert max(map(len, transcript.notes), default=0) <= 1000, place
        json.dumps(transcript_to_json(transcript), ensure_ascii=False).encode()
        assert all(s.channel is None or 0 <= s.channel < 64 for s in transcript.segments), place
        assert all(0 <= w.probability <= 1 for s in transcript.segments for w in s.words), place


def _texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for one in inner for text in _texts(one)]


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(junk=st.binary(max_size=300), known=st.sampled_from(FORMATS))
def test_junk_never_is_a_bug(junk: bytes, known: Format, tmp_path: Path) -> None:
    """Bytes of any kind are refused by every format with an error of the call."""
    path = tmp_path / "junk.dat"
    path.write_bytes(junk)
    for name in (None, known.name):
        try:
            formats.read(path, name)
        except CallmineError as error:
            assert isinstance(error, UnreadableTranscript)  # noqa: PT017 - any other is the bug
