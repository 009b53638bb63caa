"""Opening recordings: what is refused, in which words, and that nothing else gets opened."""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest

from callmine.audio import content_hash, decode, probe, remarks
from callmine.errors import UnreadableRecording
from tests import media


def refused(path: Path) -> UnreadableRecording:
    with pytest.raises(UnreadableRecording) as caught:
        probe(path)
    with pytest.raises(UnreadableRecording):
        decode(path)
    assert path.name in caught.value.message
    assert caught.value.hint
    return caught.value


def test_hash_is_sha256_of_the_bytes(tmp_path: Path) -> None:
    """The hash is plain SHA-256, whatever the file holds."""
    path = tmp_path / "a.bin"
    path.write_bytes(b"x" * 3_000_000)
    assert content_hash(path) == hashlib.sha256(b"x" * 3_000_000).hexdigest()


def test_hash_of_a_missing_file_is_an_error_of_the_call(tmp_path: Path) -> None:
    """A file that vanished is one call's failure, not a bug."""
    with pytest.raises(UnreadableRecording, match="does not exist"):
        content_hash(tmp_path / "gone.wav")


@pytest.mark.parametrize("kind", sorted(media.KINDS))
def test_probe_reads_every_kind_whatever_its_name(tmp_path: Path, kind: str) -> None:
    """Channels and length come from the content; the ending is not looked at."""
    path = tmp_path / "recording.xyz"
    media.encode(path, [media.tone(2.0), media.tone(2.0, 300)], kind=kind)
    info = probe(path)
    assert info.channels == 2
    assert abs(info.duration_ms - 2000) < 130


def test_missing_file_folder_and_empty_file_are_told_apart(tmp_path: Path) -> None:
    """The three commonest mistakes each get their own sentence."""
    empty = tmp_path / "empty.mp3"
    empty.touch()
    assert "does not exist" in refused(tmp_path / "none.wav").message
    assert "folder" in refused(tmp_path).message
    assert "0 bytes" in refused(empty).message


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_is_refused_without_waiting(tmp_path: Path) -> None:
    """A named pipe would block for ever."""
    path = tmp_path / "pipe.wav"
    os.mkfifo(path)
    assert "ordinary file" in refused(path).message


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"Hello, this is a letter.\r\n" * 40, "text"),
        ("Grüße aus Köln\n".encode("utf-16"), "text"),
        (b"WEBVTT\n\n00:01.000 --> 00:02.000\nHi", "text"),
        (b"\x89PNG\r\n\x1a\n" + bytes(500), "picture"),
        (b"\xff\xd8\xff\xe0" + bytes(500), "picture"),
        (b"%PDF-1.7\n" + bytes(500), "PDF"),
        (np.random.default_rng(3).bytes(60_000), "not a recording"),
        (b"RIFF\x10\x00\x00\x00WAVEjunk", "damaged"),
        (b"\x00\x00\x00\x20ftypisom" + bytes(600), "index is missing"),
        (b"OggS" + bytes(400), "damaged"),
    ],
)
def test_what_is_no_recording_is_named(tmp_path: Path, content: bytes, word: str) -> None:
    """Whatever the name says, the message says what the file is."""
    path = tmp_path / "call.mp3"
    path.write_bytes(content)
    assert word in refused(path).message


def test_an_archive_is_named(tmp_path: Path) -> None:
    """A zipped recording asks to be unpacked."""
    path = tmp_path / "calls.wav"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("call.wav", bytes(1000))
    assert "Unpack" in refused(path).hint


def test_video_without_sound_is_named(tmp_path: Path) -> None:
    """A screen recording without audio says so."""
    path = tmp_path / "meeting.mp4"
    media.silent_film(path)
    assert "video without sound" in refused(path).message


def test_video_with_sound_is_a_recording(tmp_path: Path) -> None:
    """The picture of a meeting is ignored."""
    path = tmp_path / "meeting.mp4"
    media.encode(path, media.tone(2.0), kind="mp4", video=True)
    assert probe(path).codec == "aac"
    assert abs(len(decode(path)[1][0]) - 32_000) < 800


@pytest.mark.parametrize("name", ["list.m3u8", "list.ffconcat", "call.wav", "call.mp3"])
@pytest.mark.parametrize("lead", [b"", b"\xff\xfb\x90\x00"])
def test_a_hostile_playlist_opens_nothing(tmp_path: Path, name: str, lead: bytes) -> None:
    """A playlist that points at another file or address is refused before it is followed."""
    secret = tmp_path / "secret.ts"
    media.encode(secret, media.tone(2.0), kind="ts")
    for text in (
        f"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n{secret}\n#EXT-X-ENDLIST\n",
        "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nhttp://127.0.0.1:9/a.ts\n#EXT-X-ENDLIST\n",
        f"ffconcat version 1.0\nfile {secret.name}\n",
        f"v=0\no=- 0 0 IN IP4 127.0.0.1\nc=IN IP4 127.0.0.1\nm=audio 9 RTP/AVP 0\na={secret}\n",
    ):
        path = tmp_path / name
        path.write_bytes(lead + text.encode())
        refused(path)


def test_the_demuxer_itself_refuses_playlists(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The allowlist holds even where the look at the first bytes is fooled."""
    home = sys.modules["callmine.audio.probe"]
    monkeypatch.setattr(home, "not_a_recording", lambda head: None)
    media.encode(tmp_path / "secret.ts", media.tone(2.0), kind="ts")
    for name, text in (
        ("a.m3u8", "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nsecret.ts\n#EXT-X-ENDLIST\n"),
        ("a.wav", "ffconcat version 1.0\nfile secret.ts\n"),
    ):
        (tmp_path / name).write_text(text)
        refused(tmp_path / name)


def test_length_is_counted_where_the_header_only_guesses(tmp_path: Path) -> None:
    """An MP3 without a length header is as long as its packets."""
    path = tmp_path / "a.mp3"
    media.encode(path, media.tone(5.0), kind="mp3", options={"write_xing": "0"})
    assert abs(probe(path).duration_ms - 5000) < 60


def test_remarks_name_mixed_channels_and_missing_end(tmp_path: Path) -> None:
    """What was done to the sound is said in plain words."""
    six, cut = tmp_path / "six.wav", tmp_path / "cut.ogg"
    media.encode(six, [media.tone(1.0)] * 6)
    media.encode(cut, media.noise(3.0), kind="ogg")
    assert remarks(cut, probe(cut)) == ()
    cut.write_bytes(cut.read_bytes()[:-2000])
    assert "6 channels" in remarks(six, probe(six))[0]
    assert "no end mark" in remarks(cut, probe(cut))[0]


@pytest.mark.parametrize(
    ("name", "size", "rate"),
    [
        ("a.caf", 2**62, 8_000),
        ("a.caf", 2**64 - 16, 8_000),
        ("a.caf", 2**40, 8_000),
        ("a.wav", 2**63 - 17, 8_000),
        ("a.wav", 2**60, 8_000),
        ("a.wav", 8 * 3600 * 8_000 + 8_000, 8_000),
        ("a.wav", 2**60, 1),
        ("a.caf", 2**62, 1),
    ],
)
def test_a_promise_of_years_is_refused(tmp_path: Path, name: str, size: int, rate: int) -> None:
    """A length that no database can hold must not get as far as one."""
    media.promising(tmp_path / name, size, rate=rate)
    told = refused(tmp_path / name).message
    assert ("longer than 8 hours by its header" if rate > 1 else "its beginning is damaged") in told


@pytest.mark.parametrize("name", ["a.caf", "a.wav"])
def test_a_promise_that_is_kept_is_believed(tmp_path: Path, name: str) -> None:
    """The same files, with the size that they have."""
    media.promising(tmp_path / name, 16_000 + 4 * (name == "a.caf"))
    assert probe(tmp_path / name).duration_ms == 2000


def test_a_part_of_any_size_is_stepped_over(tmp_path: Path) -> None:
    """Where it would end there is no file, and the system seeks no such place."""
    path = tmp_path / "a.caf"
    media.promising(path, 16_004)
    data = path.read_bytes()
    at = data.index(b"data")
    for size in (2**62, 2**64 - 1):
        path.write_bytes(data[:at] + b"free" + size.to_bytes(8, "big") + data[at:])
        with contextlib.suppress(UnreadableRecording):
            probe(path)


def test_a_timestamp_of_years_is_no_length(tmp_path: Path) -> None:
    """Packets are counted where the header says nothing; a damaged one does not count."""
    path, damaged = tmp_path / "a.ts", tmp_path / "damaged.ts"
    media.encode(path, media.tone(3.0), kind="ts")
    with av.open(str(path)) as old, av.open(str(damaged), "w", format="mpegts") as new:
        stream = new.add_stream_from_template(old.streams.audio[0])
        packets = [packet for packet in old.demux(old.streams.audio[0]) if packet.dts is not None]
        for packet in packets:
            late = 9 * 3600 * 90_000 if packet is packets[-1] else 0
            packet.stream, packet.pts, packet.dts = stream, packet.pts + late, packet.dts + late
            new.mux(packet)
    assert abs(probe(damaged).duration_ms - 3000) < 200


@pytest.mark.parametrize("rate", [1, 99, 100_000_000, 2**31 - 1])
def test_a_rate_that_no_recording_has_is_refused(tmp_path: Path, rate: int) -> None:
    """Bringing it to 16 kHz would take gigabytes."""
    path = tmp_path / "a.wav"
    media.wav(path, bytes(20_000), rate=rate)
    assert "its beginning is damaged" in refused(path).message


def test_further_sound_tracks_are_told(tmp_path: Path) -> None:
    """One track is read; that there are others is said, for one may be the other side of the call."""
    path = tmp_path / "both.mka"
    media.tracks(path, media.tone(1.0), media.tone(1.0, 300))
    info = probe(path)
    assert (info.track, info.tracks) == (1, 2)
    assert remarks(path, info) == (
        "the recording has 2 sound tracks, and only track 1 was read; who is on another one is missing",
    )
    media.tracks(path, media.tone(1.0))
    assert remarks(path, probe(path)) == ()


def test_long_holes_are_told(tmp_path: Path) -> None:
    """The first three by their places, the others by their number."""
    path = tmp_path / "a.wav"
    media.encode(path, media.tone(1.0))
    hole = (10_000, 310_000)
    info = replace(probe(path), holes=(hole,))
    assert remarks(path, info) == (
        "the recording holds no sound for 5:00 from 0:10; silence was put in there",
    )
    (told,) = remarks(path, replace(info, holes=(hole,) * 5))
    assert told.endswith("5:00 from 0:10 and in 2 more places; silence was put in there")
