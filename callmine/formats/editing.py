"""The transcript as a text file that a person corrects and gives back."""

from __future__ import annotations

import hashlib
import re
import textwrap
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from callmine.domain import Role
from callmine.errors import UnreadableTranscript
from callmine.formats.base import clean_name, clean_text
from callmine.formats.text import load_text

VERSION = 1
"""Of this file's form; a file of a later one is refused."""

MAX_LETTERS = 5_000
"""A corrected turn that is longer holds what was pasted into it, not what was said in it."""

_EXPORTED = re.compile(rb'\s*(?:\{\s*"call_id": "|WEBVTT\s+NOTE callmine call )([0-9a-f]{8,64})\b')
_FIRST = re.compile(r"# callmine transcript, version (\d{1,9})")
_HEAD_BYTES = 400
_CALL = re.compile(r"# call: *([0-9a-f]{6,64})")
_CORRECTIONS = re.compile(r"# corrections so far: *([0-9]{1,9})")
_TURN = re.compile(r"\[(\d+:\d\d\.\d)\] ?([^\s:(\[]*) ?(?:\(([^()]*)\))? ?:(.*)")
_CHECK = re.compile(r"(\d{1,9})([rpu])([0-9a-f]{6})")
_CHECKS = "# Leave the rest as it is. By it callmine sees what you changed:"
_LETTERS = {"r": Role.REP, "p": Role.PROSPECT, "u": Role.UNKNOWN}
_IN_NAMES = str.maketrans({"(": "[", ")": "]", ":": " "})
_TOO_LONG = (
    "the turn has {:,} letters, and a corrected one at most {:,}; leave in it only what was said there,"
    " or put back what stood there"
)
_AGAIN = "write the file again with `callmine transcript CALL --format txt`"

_HELP = """\
# Mend the words after the colon, or the side before it: rep, prospect or unknown. Where nothing was
# said, leave nothing after the colon. Keep each turn on its line, and times, names and order as
# they are. Then give the file back: `callmine add` it, and `callmine run`.
"""


@dataclass(frozen=True, slots=True)
class Turn:
    """A turn to write: ``name`` is the speaker's where it is known, ``text`` may be empty."""

    start_ms: int
    role: Role
    name: str | None
    text: str


@dataclass(frozen=True, slots=True)
class EditedTurn:
    """A line of the file, and what callmine had written there.

    Attributes:
        line: Number of the line, from 1.
        start_ms: Where the turn begins.
        role: What stands there now; ``was`` what callmine wrote.
        text: What stands there now.
        written: :func:`check_of` what callmine wrote.
        name: The name that stands there now; empty where there is none.
    """

    line: int
    start_ms: int
    role: Role
    was: Role
    text: str
    written: str
    name: str

    @property
    def is_changed(self) -> bool:
        """Whether the person changed words or role."""
        return self.role is not self.was or check_of(self.text) != self.written


@dataclass(frozen=True, slots=True)
class EditedTranscript:
    """A file that came back: its call, and how many corrections the call had when it was written."""

    call_id: str
    corrections: int
    turns: tuple[EditedTurn, ...]


def to_text(call_id: str, source: str, turns: Sequence[Turn], *, corrections: int = 0) -> str:
    """Return the file for a call's turns; ``corrections`` is how many were made before."""
    lines = [
        f"# callmine transcript, version {VERSION}",
        f"# call: {call_id}",
        f"# file: {clean_name(source) or ''}",
        f"# corrections so far: {corrections}",
        "#",
        _HELP,
    ]
    lines += [
        f"[{mark_of(t.start_ms)}] {t.role.value}{shown(t.name)}: {as_written(t.text)}".rstrip()
        for t in turns
    ]
    checks = " ".join(f"{t.start_ms}{t.role.value[0]}{check_of(t.text)}" for t in turns)
    lines += ["", _CHECKS, *(f"# {line}" for line in textwrap.wrap(checks, 96))]
    return "\n".join(lines) + "\n"


def shown(name: str | None) -> str:
    """Return how a name stands in the file: `` (Petra Voss)``, or nothing."""
    visible = " ".join((name or "").translate(_IN_NAMES).split())
    return f" ({visible})" if visible else ""


def mark_of(ms: int) -> str:
    """Return the time mark of a turn: minutes, seconds and tenths, ``75:03.2``."""
    return f"{ms // 60000}:{ms // 1000 % 60:02d}.{ms // 100 % 10}"


def as_written(text: str) -> str:
    """Return words as they are written and compared: on one line, composed letters."""
    return unicodedata.normalize("NFC", clean_text(text))


def check_of(text: str) -> str:
    """Return six hex digits by which changed words are seen."""
    return hashlib.sha256(as_written(text).encode("utf-8", "replace")).hexdigest()[:6]


def is_editable(path: Path) -> bool:
    """Return whether a file is such a transcript, by its first line."""
    head = _head(path)
    encoding = "utf-16" if head.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    return _FIRST.match(head.decode(encoding, "replace").lstrip()) is not None


def exported_call(path: Path) -> str | None:
    """Return the id of the call that callmine wrote a file of, as JSON or WebVTT; else ``None``.

    SubRip has no place for it.
    """
    found = _EXPORTED.match(_head(path))
    return found[1].decode() if found else None


def _head(path: Path) -> bytes:
    """Return how a file begins; nothing of what is no regular file, or cannot be read."""
    try:
        if not path.is_file():  # a pipe would keep the reader waiting for ever
            return b""
        with path.open("rb") as file:
            return file.read(_HEAD_BYTES)
    except OSError:
        return b""


def read_edited(path: Path) -> EditedTranscript:
    """Read a file that came back.

    Raises:
        UnreadableTranscript: It is not whole; the message names the line and what to do.
    """
    text, _ = load_text(path)
    lines = text.split("\n")
    first = next(n for n, line in enumerate(lines) if line.strip())
    version = _FIRST.match(lines[first].strip())
    if version is None:
        raise _wrong(path, first + 1, f"this is no transcript to correct; {_AGAIN}")
    if int(version[1]) != VERSION:
        raise _wrong(path, first + 1, "another version of callmine wrote it; use that one, or " + _AGAIN)
    end = next((n for n, line in enumerate(lines) if line.strip() == _CHECKS), None)
    if end is None:
        raise _wrong(path, len(lines), f"the end of the file is missing: put it back, or {_AGAIN}")
    call, corrections = (_stated(what, lines[first:end]) for what in (_CALL, _CORRECTIONS))
    if call is None:
        what = "the line that names the call is missing or damaged"
        raise _wrong(path, first + 1, f"{what}; put it back, or {_AGAIN}")
    if corrections is None:
        raise _wrong(path, first + 1, f"the line “corrections so far” is damaged; put it back, or {_AGAIN}")
    checks = list(_checks(path, lines, end))
    turns = tuple(_turns(path, lines[:end], checks))
    return EditedTranscript(call, int(corrections), turns)


def _stated(what: re.Pattern[str], lines: Sequence[str]) -> str | None:
    """Return what the first such line says: callmine's stand on top, and a note may begin like one."""
    return next((match[1] for line in lines if (match := what.fullmatch(line.strip()))), None)


def _checks(path: Path, lines: Sequence[str], end: int) -> Iterator[tuple[int, Role, str]]:
    for number, line in enumerate(lines[end + 1 :], end + 2):
        for word in line.strip().removeprefix("#").split():
            match = _CHECK.fullmatch(word)
            if match is None:
                raise _wrong(path, number, f"{word[:20]!r} does not belong here; take it out, or {_AGAIN}")
            yield int(match[1]), _LETTERS[match[2]], match[3]


def _turns(
    path: Path, lines: Sequence[str], checks: Sequence[tuple[int, Role, str]]
) -> Iterator[EditedTurn]:
    marks = [mark_of(start) for start, _, _ in checks]
    at = 0
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        match = _TURN.fullmatch(" ".join(line.split()))
        if match is None:
            raise _wrong(
                path,
                number,
                "this is no turn such as “[0:12.3] prospect: words”; mend it, or join it to the line above",
            )
        mark, side, name, text = match.groups()
        if at >= len(marks) or mark != marks[at]:
            raise _wrong(path, number, _misplaced(mark, marks, at))
        if side.lower() not in [role.value for role in Role]:
            raise _wrong(path, number, f"{side!r} is no side; write rep, prospect or unknown")
        start, was, written = checks[at]
        turn = EditedTurn(
            number, start, Role(side.lower()), was, as_written(text), written, (name or "").strip()
        )
        if turn.is_changed and "\N{REPLACEMENT CHARACTER}" in turn.text:
            raise _wrong(path, number, "a letter cannot be read; save the file as UTF-8, or write it again")
        if len(turn.text) > MAX_LETTERS and check_of(turn.text) != written:
            raise _wrong(path, number, _TOO_LONG.format(len(turn.text), MAX_LETTERS))
        yield turn
        at += 1
    if at < len(marks):
        raise _wrong(path, len(lines), _missing(marks[at]))


def _misplaced(mark: str, marks: Sequence[str], at: int) -> str:
    """Say what is wrong with a turn that is not the next one."""
    if mark in marks[at:]:
        return _missing(marks[at])
    if mark in marks[:at]:
        return f"[{mark}] is there twice, or out of order; put every turn back where it was"
    wanted = f"was [{marks[at]}]" if at < len(marks) else "is one that callmine did not write"
    return f"the time [{mark}] {wanted}; times and order stay as they are, so put it back"


def _missing(mark: str) -> str:
    return (
        f"the turn at [{mark}] is missing before this line, or out of order; put it back, and leave nothing"
        " after its colon if nothing was said"
    )


def _wrong(path: Path, line: int, what: str) -> UnreadableTranscript:
    return UnreadableTranscript(f"{path.name}:{line}: {what}", hint="Nothing of the file was taken.")
