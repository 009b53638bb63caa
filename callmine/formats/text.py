"""Reading foreign files: bytes to text, text to JSON, and JSON values that know their place."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from callmine.errors import UnreadableTranscript
from callmine.formats.base import BROKEN, milliseconds
from callmine.validation import YEARS

MAX_BYTES = 64 * 1024 * 1024
"""Largest transcript file that is read."""

_MAX_DEPTH = 60
_NAMES = {dict: "an object", list: "a list", str: "text", bool: "true or false", type(None): "empty"}


def load_text(path: Path) -> tuple[str, list[str]]:
    """Return a file's text with Unix line ends, and remarks about its encoding.

    Raises:
        UnreadableTranscript: Missing, empty, too large, or not text.
    """
    try:
        size = path.stat().st_size
        if not path.is_file():
            raise UnreadableTranscript(
                f"{path.name} is not a file", hint="Give the transcript file itself."
            )
        if size > MAX_BYTES:
            raise UnreadableTranscript(
                f"{path.name} is larger than {MAX_BYTES // 1024**2} MB", hint="Export the calls one by one."
            )
        data = path.read_bytes()
    except OSError as error:
        raise UnreadableTranscript(
            f"{path.name} cannot be opened: {error.strerror}", hint="Check the name and the permissions."
        ) from error
    if not data.strip():
        raise UnreadableTranscript(f"{path.name} is empty", hint="Export the transcript again.")
    text, notes = _decoded(data)
    if text.count("\0") > len(text) // 100:
        raise UnreadableTranscript(f"{path.name} is not text", hint="Give the transcript as text or JSON.")
    return text.replace("\r\n", "\n").replace("\r", "\n"), notes


def _decoded(data: bytes) -> tuple[str, list[str]]:
    for mark, encoding in (
        (b"\xef\xbb\xbf", "utf-8-sig"),
        (b"\xff\xfe", "utf-16"),
        (b"\xfe\xff", "utf-16"),
    ):
        if data.startswith(mark):
            text = data.decode(encoding, "replace")
            break
    else:
        text = data.decode("utf-8", "replace")
    bad = text.count("\N{REPLACEMENT CHARACTER}")
    return text, [f"{bad} characters could not be read and were replaced"] if bad else []


def load_json(path: Path) -> tuple[Node, list[str]]:
    """Return a JSON file's value, and remarks about its encoding.

    Raises:
        UnreadableTranscript: Not JSON, nested too deeply, or with numbers that are none.
    """
    text, notes = load_text(path)
    try:
        value = json.loads(text, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise UnreadableTranscript(
            f"{path.name}:{error.lineno}: not valid JSON: {error.msg.lower()} (column {error.colno})",
            hint="The file may be cut off; export it again.",
        ) from error
    except (ValueError, RecursionError) as error:
        what = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise UnreadableTranscript(f"{path.name}: not usable JSON: {what}", hint=BROKEN) from error
    if _deeper_than(value, _MAX_DEPTH):
        raise UnreadableTranscript(f"{path.name}: not usable JSON: nested too deeply", hint=BROKEN)
    return Node(value, path.name, ""), notes


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is not a number that JSON allows")


def _deeper_than(value: Any, limit: int) -> bool:
    layer = [value]
    for _ in range(limit):
        layer = [
            inner
            for outer in layer
            if isinstance(outer, (dict, list))
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
        if not layer:
            return False
    return True


def utc_instant(text: str | None) -> str | None:
    """Return an ISO time with a zone as ``2026-10-02T08:30:00Z``; ``None`` for anything less."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text.strip())
        if moment.tzinfo is None or moment.year not in YEARS:
            return None
        return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError):
        return None


class Node:
    """A JSON value that knows where it is, so that every complaint names the place.

    Every accessor raises :class:`UnreadableTranscript` when the value is of another kind.
    """

    __slots__ = ("_file", "_place", "value")

    def __init__(self, value: Any, file: str, place: str) -> None:
        self.value = value
        self._file = file
        self._place = place

    @property
    def where(self) -> str:
        """File and place, for messages."""
        return f"{self._file}: {self._place}" if self._place else self._file

    def wrong(self, wanted: str) -> UnreadableTranscript:
        """Return the error for a value of the wrong kind."""
        kind = next((name for cls, name in _NAMES.items() if isinstance(self.value, cls)), "a number")
        return UnreadableTranscript(f"{self.where} should be {wanted}, not {kind}", hint=BROKEN)

    def __contains__(self, key: str) -> bool:
        return isinstance(self.value, dict) and self.value.get(key) is not None

    def __getitem__(self, key: str) -> Node:
        """Return a required member."""
        if not isinstance(self.value, dict):
            raise self.wrong("an object")
        if self.value.get(key) is None:
            raise UnreadableTranscript(f"{self.where} has no {key!r}", hint=BROKEN)
        return Node(self.value[key], self._file, f"{self._place}.{key}" if self._place else key)

    def get(self, key: str) -> Node | None:
        """Return a member that may be missing or null."""
        if not isinstance(self.value, dict):
            raise self.wrong("an object")
        return None if self.value.get(key) is None else self[key]

    def items(self, key: str | None = None) -> Iterator[Node]:
        """Yield the elements of this list, or of the optional list ``key``."""
        node = self if key is None else self.get(key)
        if node is None:
            return
        if not isinstance(node.value, list):
            raise node.wrong("a list")
        for index, value in enumerate(node.value):
            yield Node(value, self._file, f"{node._place}[{index}]")

    def text(self) -> str:
        """Return this as text."""
        if not isinstance(self.value, str):
            raise self.wrong("text")
        return self.value

    def key(self) -> str:
        """Return text, or a whole number as text: how vendors name speakers and records."""
        if isinstance(self.value, int) and not isinstance(self.value, bool):
            return str(self.value)
        return self.text()

    def number(self) -> float:
        """Return a finite number; numbers written as text count."""
        value = self.value
        if isinstance(value, str):
            try:
                value = float(value)
            except ValueError:
                raise self.wrong("a number") from None
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise self.wrong("a number")
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if not math.isfinite(number):
            raise UnreadableTranscript(f"{self.where} is not a usable number", hint=BROKEN)
        return number

    def ms(self, unit: float) -> int:
        """Return a time in milliseconds; ``unit`` is 1000 for seconds, 1 for milliseconds."""
        return milliseconds(self.number(), unit=unit, where=self.where)

    def words_of(self, key: str) -> str | None:
        """Return the optional text ``key``."""
        node = self.get(key)
        return None if node is None else node.text()

    def key_of(self, key: str) -> str | None:
        """Return the optional name or number ``key`` as text."""
        node = self.get(key)
        return None if node is None else node.key()

    def number_of(self, key: str) -> float | None:
        """Return the optional number ``key``."""
        node = self.get(key)
        return None if node is None else node.number()

    def ms_of(self, key: str, unit: float) -> int | None:
        """Return the optional time ``key`` in milliseconds."""
        node = self.get(key)
        return None if node is None else node.ms(unit)
