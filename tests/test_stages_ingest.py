"""A file becomes a call: its identity, what is known of it, and what is refused."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from callmine.domain import Facts
from callmine.errors import SkipCall, UnreadableRecording, UnreadableTranscript
from callmine.payloads import Ingested
from callmine.stage import fingerprint
from callmine.stages.ingest import IngestStage
from tests.builders import MAYA, OUR_DOMAINS, a_job, a_source
from tests.workbench import write_recording, write_vtt

STAGE = IngestStage(OUR_DOMAINS, min_seconds=0.1)


def ingested(path: Path, stage: IngestStage = STAGE, **source: Any) -> Ingested:
    """What the stage makes of a file."""
    output = stage.process(a_job(a_source(path, **source))).output
    assert isinstance(output, Ingested)
    return output


def test_a_recording(tmp_path: Path) -> None:
    """Id and content from the bytes, the name without its folder, length and channels."""
    path = write_recording(tmp_path / "call.wav")
    sha = hashlib.sha256(path.read_bytes()).hexdigest()
    found = ingested(path, facts=Facts(account="A"))
    call = found.call
    assert (call.call_id, call.content, call.source, found.system) == (sha[:16], sha, "call.wav", "file")
    assert (call.recording, call.transcript_file, call.format) == (str(path), None, None)
    assert (call.duration_ms, call.channels, call.facts) == (200, 2, Facts(account="A"))


def test_a_transcript(tmp_path: Path) -> None:
    """It is read for its format, length and facts; it has no channels."""
    found = ingested(write_vtt(tmp_path / "call.vtt"))
    call = found.call
    assert (call.recording, call.format, call.channels, call.duration_ms) == (None, "vtt", 0, 9000)
    assert found.system == call.format


def test_the_format_asked_for_is_used(tmp_path: Path) -> None:
    """Whatever the file is called."""
    path = write_vtt(tmp_path / "call.bin")
    assert ingested(path, format="vtt").call.format == "vtt"
    with pytest.raises(UnreadableTranscript):
        ingested(path, format="deepgram")


def test_known_content_is_believed(tmp_path: Path) -> None:
    """An unchanged file is not hashed again."""
    assert ingested(write_recording(tmp_path / "a.wav"), content="f" * 64).call.call_id == "f" * 16


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        (Facts(consent="no"), "no_consent"),
        (Facts(type="internal"), "internal"),
        (Facts(participants=(MAYA,)), "internal"),
        (Facts(consent="no", type="internal"), "no_consent"),
    ],
)
@pytest.mark.parametrize("there", [True, False], ids=["there", "gone"])
def test_refused(tmp_path: Path, facts: Facts, reason: str, there: bool) -> None:
    """By what is known already, whether the file is there or not; the message names the file."""
    path = tmp_path / "call.wav"
    if there:
        write_recording(path)
    with pytest.raises(SkipCall, match=r"^call\.wav: ") as caught:
        ingested(path, facts=facts)
    assert caught.value.reason == reason


def test_a_transcripts_own_facts_can_refuse_it(tmp_path: Path) -> None:
    """What the vendor's file says counts, where nobody said otherwise."""
    path = tmp_path / "call.json"
    path.write_text(
        '{"engine": "x", "language": "en", "facts": {"type": "internal"},'
        '"segments": [{"start_ms": 0, "end_ms": 900, "text": "Hello."}]}'
    )
    with pytest.raises(SkipCall, match="internal"):
        ingested(path)
    assert ingested(path, facts=Facts(type="sales")).call.facts.type == "sales"


def test_too_short(tmp_path: Path) -> None:
    """Shorter than the setting, which the message names."""
    path = write_recording(tmp_path / "call.wav", seconds=0.5)
    with pytest.raises(SkipCall, match=r"0\.5 s long, shorter than 5 s") as caught:
        ingested(path, IngestStage())
    assert caught.value.reason == "too_short"


@pytest.mark.parametrize("content", [b"", b"\x00" * 100, b"RIFF....WAVEfmt ", b"<html>404</html>"])
def test_unreadable(tmp_path: Path, content: bytes) -> None:
    """Empty, zeros, cut off, not audio: the file is named, and what to do."""
    path = tmp_path / "call.wav"
    path.write_bytes(content)
    with pytest.raises(UnreadableRecording, match=r"call\.wav") as caught:
        ingested(path)
    assert caught.value.hint


def test_a_file_that_is_gone(tmp_path: Path) -> None:
    """The hint says where it should be."""
    with pytest.raises(UnreadableRecording, match="not there any more") as caught:
        ingested(tmp_path / "call.wav")
    assert str(tmp_path / "call.wav") in caught.value.hint


def test_every_setting_is_in_the_fingerprint() -> None:
    """And domains in any order and case are the same."""
    stages = [
        IngestStage(),
        IngestStage(("a.example",)),
        IngestStage(min_seconds=1),
        IngestStage(file_pattern="{account}"),
        IngestStage(timezone="Europe/Berlin"),
    ]
    assert len({fingerprint(s) for s in stages}) == len(stages)
    assert fingerprint(IngestStage(("b", "A"))) == fingerprint(IngestStage(("a", "B")))
    assert IngestStage().setup() is None
