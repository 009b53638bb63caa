"""The format protocol, and what every transcript reader builds its result with."""

from __future__ import annotations

import hashlib
import math
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol, runtime_checkable

from callmine.domain import FACT_WORDS, Facts, Json, Participant, Segment, Transcript, Word
from callmine.errors import UnreadableTranscript
from callmine.validation import did_you_mean, language_code

LONGEST_MS = 24 * 3600 * 1000
"""A time beyond this is a mix-up of units or damage, not a call."""

MOST_CHANNELS = 64
"""A channel beyond these is damage, not somebody's microphone."""

NAME_LETTERS = 200
"""Longest name, id, title or model name that is kept; see :func:`clean_name`."""

NOTE_LETTERS = 1000
"""Longest remark that is kept."""


@dataclass(frozen=True, slots=True)
class ImportedCall:
    """A transcript from elsewhere, and what its file says about the call."""

    transcript: Transcript
    facts: Facts = Facts()

    @property
    def format(self) -> str:
        """Name of the format it was read from."""
        return self.transcript.model


@runtime_checkable
class Format(Protocol):
    """A reader of one vendor's transcripts.

    Attributes:
        name: Stable short name, as ``--format`` takes it.
        title: What people call it.
        extensions: Usual file endings, with the dot.
    """

    name: str
    title: str
    extensions: tuple[str, ...]

    def sniff(self, head: bytes, path: Path) -> float:
        """Return how sure (0..1) this is the format of a file that begins with ``head``."""
        ...

    def read(self, path: Path) -> ImportedCall:
        """Read a file.

        Raises:
            UnreadableTranscript: The file does not hold what the format promises; the message
                names the file and the place in it.
        """
        ...


_LANGUAGES = {
    "eng": "en", "deu": "de", "ger": "de", "fra": "fr", "fre": "fr", "spa": "es", "ita": "it", "por": "pt",
    "nld": "nl", "dut": "nl", "swe": "sv", "dan": "da", "nor": "no", "fin": "fi", "pol": "pl", "ces": "cs",
    "jpn": "ja", "zho": "zh", "chi": "zh", "kor": "ko", "rus": "ru", "ukr": "uk", "tur": "tr", "heb": "he",
    "ara": "ar", "hin": "hi", "english": "en", "german": "de", "french": "fr", "spanish": "es",
    "italian": "it", "portuguese": "pt", "dutch": "nl",
}  # fmt: skip
_CONTROL = {c: " " for c in (*range(32), *range(127, 160)) if c not in (9, 10, 13)}
_BIDI = dict.fromkeys((*range(8234, 8239), *range(8294, 8298)))
_INVISIBLE = {**_BIDI, **dict.fromkeys((8203, 8204, 8205, 8206, 8207, 8288, 65279, 173))}
_SURROGATES = re.compile("[\ud800-\udfff]")


def clean_text(text: str) -> str:
    """Return spoken text on one line: no control characters, direction overrides, odd spaces."""
    whole = _SURROGATES.sub("\N{REPLACEMENT CHARACTER}", text).translate({**_CONTROL, **_BIDI})
    return " ".join(whole.split())


def clean_name(name: str | None) -> str | None:
    """Return a name or an id as it may be shown and stored, or ``None`` where nothing of it is left.

    Visible characters only, at most :data:`NAME_LETTERS`. A longer one ends in a digest of the
    whole: two speakers, or two calls, that only differ further on stay two.
    """
    if name is None:
        return None
    visible = unicodedata.normalize("NFC", clean_text(name.translate(_INVISIBLE)))
    if len(visible) > NAME_LETTERS:
        digest = hashlib.sha256(visible.encode()).hexdigest()[:8]
        visible = f"{visible[: NAME_LETTERS - 10]}… {digest}"
    return visible.strip() or None


def language_of(code: str | None) -> str | None:
    """Return ISO 639-1 for ``en-US``, ``en_us``, ``eng`` or ``English``; ``None`` if unknown."""
    if not code:
        return None
    short = re.split(r"[-_]", code.strip().lower())[0]
    try:
        return language_code(_LANGUAGES.get(short, short))
    except ValueError:
        return None


def milliseconds(value: float, *, unit: float, where: str) -> int:
    """Return a time as integer milliseconds; ``unit`` is the length of 1 in milliseconds.

    Raises:
        UnreadableTranscript: Not finite, negative, or beyond a day.
    """
    if not math.isfinite(value):
        raise UnreadableTranscript(f"{where} is not a time: {value}", hint=BROKEN)
    if value < 0:
        raise UnreadableTranscript(f"{where} is negative: {value:g}", hint=BROKEN)
    if value * unit > LONGEST_MS:
        raise UnreadableTranscript(
            f"{where} is {value:g}, which would be later than 24 hours into the call",
            hint="Seconds and milliseconds were probably mixed up when the file was made.",
        )
    return round(value * unit)


def channel_number(value: float, *, where: str) -> int:
    """Return the number of a channel, counted from 0.

    Raises:
        UnreadableTranscript: Not a whole number, negative, or beyond :data:`MOST_CHANNELS`.
    """
    if not 0 <= value < MOST_CHANNELS or value != int(value):
        raise UnreadableTranscript(
            f"{where} is {value:g}; channels are whole numbers from 0 to {MOST_CHANNELS - 1}", hint=BROKEN
        )
    return int(value)


BROKEN = "Export the transcript again; if it comes out the same, name its format with --format."


def segment(
    start_ms: int,
    end_ms: int,
    text: str,
    *,
    where: str,
    words: Iterable[Word] = (),
    channel: float | None = None,
    **more: object,
) -> Segment:
    """Build a cleaned segment; ``more`` are its other fields.

    Raises:
        UnreadableTranscript: The range is reversed, or the channel is none.
    """
    if end_ms < start_ms:
        raise UnreadableTranscript(
            f"{where} ends ({end_ms} ms) before it starts ({start_ms} ms)", hint=BROKEN
        )
    heard = tuple(
        replace(w, text=cleaned, probability=min(max(w.probability, 0.0), 1.0))
        for w in words
        if (cleaned := clean_text(w.text))
    )
    side = None if channel is None else channel_number(channel, where=f"{where}: the channel")
    made = Segment(start_ms, end_ms, clean_text(text), heard, side)
    return replace(made, **more) if more else made  # type: ignore[arg-type]


def finish(
    segments: Sequence[Segment],
    *,
    path: Path,
    name: str,
    version: str = "1",
    language: str | None = None,
    duration_ms: int | None = None,
    notes: Iterable[str] = (),
    settings: Mapping[str, object] | None = None,
    facts: Facts | None = None,
) -> ImportedCall:
    """Order the segments, check them against the known length, and wrap them up.

    The one place that every value of a foreign file passes: speakers, remarks, settings and facts
    come out as they may be stored and shown, whatever the reader did.

    Args:
        segments: In any order; those without text are dropped.
        path: The file, for messages.
        name: The format's name.
        version: The reader's version, part of the transcript.
        language: The vendor's language code; English where it states none.
        duration_ms: Length of the call where the file knows it.
        notes: Remarks.
        settings: What the file says about how it was made.
        facts: What it says about the call.

    Raises:
        UnreadableTranscript: There is no text, the times are in another unit than promised, or a
            fact, such as the consent, is no known word.
    """
    spoken = sorted(
        (replace(s, speaker=clean_name(s.speaker)) for s in segments if s.text),
        key=lambda s: (s.start_ms, s.channel or 0),
    )
    if not spoken:
        raise UnreadableTranscript(
            f"{path.name} holds no spoken text",
            hint="Check that the call was transcribed before it was exported.",
        )
    remarks = [clean_text(note)[:NOTE_LETTERS] for note in notes]
    remarks += _check_units(spoken, duration_ms, path)
    known = language_of(language)
    stated = {key: clean_name(v) if isinstance(v, str) else v for key, v in (settings or {}).items()}
    made: Json = {"format": name, **{key: v for key, v in stated.items() if v is not None}}
    transcript = Transcript(
        segments=tuple(spoken),
        language=known or "en",
        engine="replay",
        engine_version=version,
        model=name,
        settings=made,
        channels=0,
        notes=tuple(filter(None, remarks)),
        speech_ms=sum(s.end_ms - s.start_ms for s in spoken),
    )
    about = _cleaned(facts or Facts(), path)
    return ImportedCall(transcript, replace(about, language=about.language or known))


def _cleaned(facts: Facts, path: Path) -> Facts:
    """Return the facts of a file as they may be stored.

    Raises:
        UnreadableTranscript: A fact is none of its :data:`FACT_WORDS`. As with a manifest, the file
            stays out: the word that nobody understands may be a refusal.
    """
    found: dict[str, str | None] = {}
    for name in Facts.__dataclass_fields__:
        if name == "participants":
            continue
        value = clean_name(getattr(facts, name))
        if value and (words := FACT_WORDS.get(name)):
            if value.casefold() not in words:
                near = did_you_mean(value, words)
                raise UnreadableTranscript(
                    f"{path.name}: {name} {value[:60]!r} is not one of {', '.join(words)}{near}",
                    hint=f"Write {' or '.join(words)} in the file, or leave it out.",
                )
            value = value.casefold()
        found[name] = language_of(value) if name == "language" else value
    people = (Participant(clean_name(p.name) or "", clean_name(p.email)) for p in facts.participants)
    return Facts(**found, participants=tuple(p for p in people if p.name or p.email))


def _check_units(segments: Sequence[Segment], duration_ms: int | None, path: Path) -> list[str]:
    """Compare the last word with the call's known length: far off is a mix-up of units."""
    if not duration_ms:
        return []
    last = max(s.end_ms for s in segments)
    ratio = last / duration_ms
    if ratio > 20 or (ratio < 0.05 and duration_ms > 60_000 and len(segments) > 1):
        raise UnreadableTranscript(
            f"{path.name}: the last words are at {last / 1000:.1f} s, but the call lasts"
            f" {duration_ms / 1000:.1f} s",
            hint="Seconds and milliseconds were probably mixed up when the file was made.",
        )
    if last > duration_ms * 1.05 + 2000:
        return [
            f"the transcript goes on to {last // 1000} s, the call is said to last {duration_ms // 1000} s"
        ]
    if ratio < 0.5:
        return [f"the transcript ends at {last // 1000} s of {duration_ms // 1000} s"]
    return []
