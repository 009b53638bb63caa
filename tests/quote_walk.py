"""Walk over all quotes of a report: its value, its page, and the store that both must agree with.

Nothing of callmine's own checks is used: what a sentence is and when it begins is worked out here again,
from the turns and words that the store holds.
"""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from callmine.domain import Utterance
from callmine.store import Store

MARK = re.compile(r"\[(?:name|account) \d+\]|\[(?:e-mail|phone|card|iban)\]")
"""What stands for what redaction took out."""

ANYTHING = ".{1,80}?"
"""What may stand where a mark is."""

SECOND = 1000
RATE = 8000
VOID = {"meta", "br", "img", "link", "hr", "input"}


@dataclass(slots=True)
class Shown:
    """What a page shows of one quote, or of words outside of any."""

    passages: list[str] = field(default_factory=list)
    replies: list[str] = field(default_factory=list)
    clips: list[bytes] = field(default_factory=list)


class QuotePage(HTMLParser):
    """What a page shows as quoted, by the id of the element that it stands in; ``""`` outside of one."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.shown: dict[str, Shown] = {}
        self.marks = 0
        self._open: list[tuple[str, dict[str, str | None]]] = []
        self._text: list[tuple[list[str], bool]] = []
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag not in VOID:
            self._open.append((tag, values))
        if tag == "bdi":
            self._text.append(([], False))
        elif tag == "mark":
            self.marks += 1
            if self._text:
                self._text[-1] = (self._text[-1][0], True)
        elif tag == "audio":
            self._of_quote.clips.append(base64.b64decode(str(values["src"]).partition(",")[2]))

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        if tag == "bdi":
            text, marked = self._text.pop()
            if marked:
                self._of_quote.passages.append("".join(text))
            elif self._is_in("reply") and self._is_in("line"):
                self._of_quote.replies.append("".join(text))
        self._open.pop()

    def handle_data(self, data: str) -> None:
        for text, _ in self._text:
            text.append(data)

    def _is_in(self, kind: str) -> bool:
        return any(kind in str(values.get("class", "")).split() for _, values in self._open)

    @property
    def _of_quote(self) -> Shown:
        ids = [str(values.get("id", "")) for _, values in self._open]
        inner = next((one for one in reversed(ids) if one.startswith("q-")), "")
        return self.shown.setdefault(inner, Shown())


def quotes_in(value: Any) -> Iterator[dict[str, Any]]:
    """Yield every quote of a report's JSON, wherever it stands."""
    if isinstance(value, dict):
        if "quote_id" in value and "marked" in value:
            yield value
        for part in value.values():
            yield from quotes_in(part)
    elif isinstance(value, list):
        for part in value:
            yield from quotes_in(part)


def replies_in(value: Any) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Yield the quote of an answer and the reply to it."""
    if isinstance(value, dict):
        if value.get("reply") and value.get("quote"):
            yield value["quote"], value["reply"]
        for part in value.values():
            yield from replies_in(part)
    elif isinstance(value, list):
        for part in value:
            yield from replies_in(part)


class Walk:
    """The store's words, and what is held against them."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._calls: dict[str, dict[int, Utterance]] = {}
        self._sound: dict[str, NDArray[np.float32]] = {}

    def faults(self, value: Any, page: str) -> list[str]:
        """Return what is wrong with a report: its JSON value, and the page that shows it."""
        quotes = list(quotes_in(value))
        shown = QuotePage(page)
        whole = not value.get("redacted")
        found = [fault for quote in quotes for fault in self._of_value(quote, whole=whole)]
        for quote, reply in replies_in(value):
            turns = self._turns(quote["call_id"]).values()
            if not any(_is_said(reply["text"], turn.text, starts=True) for turn in turns):
                found.append(f"reply to {quote['quote_id']} was not said: {reply['text']!r}")
        return [*found, *self._of_page(quotes, shown, {r["text"] for _, r in replies_in(value)})]

    def _of_value(self, quote: dict[str, Any], *, whole: bool) -> Iterator[str]:
        """Yield what is wrong with a quote's words, place and time; ``whole``: nothing is taken out."""
        name = quote["quote_id"]
        turn = self._turns(quote["call_id"]).get(quote["utterance_index"])
        if turn is None:
            yield f"{name}: the store has no such turn"
            return
        passage = quote["before"] + quote["marked"] + quote["after"]
        if not quote["marked"] or not _is_said(passage, turn.text):
            yield f"{name}: {passage!r} is not verbatim in {turn.text!r}"
        if not _is_said(quote["text"], turn.text):
            yield f"{name}: {quote['text']!r} is not verbatim in {turn.text!r}"
        if whole and turn.text[quote["start"] : quote["end"]] != quote["text"]:
            yield f"{name}: {quote['text']!r} is not at {quote['start']} of {turn.text!r}"
        starts = _sentence_starts(turn, quote["text"])
        if not starts or min(abs(quote["play_ms"] - start) for start in starts) > SECOND:
            yield f"{name}: plays from {quote['play_ms']} ms, its sentence begins at {starts} ms"
        if quote["clip_end_ms"] <= quote["play_ms"]:
            yield f"{name}: its clip ends before it begins"
        if (
            quote["href"]
            and abs(int(quote["href"].rpartition("#t=")[2]) * SECOND - quote["play_ms"]) >= SECOND
        ):
            yield f"{name}: its link leads to {quote['href']}"

    def _of_page(self, quotes: list[dict[str, Any]], page: QuotePage, replies: set[str]) -> Iterator[str]:
        """Yield what is wrong with what is shown: quotes of the value only, word for word, with sound."""
        known: dict[str, list[dict[str, Any]]] = {}
        for quote in quotes:
            known.setdefault(quote["quote_id"], []).append(quote)
        passages = {q["before"] + q["marked"] + q["after"] for q in quotes}
        shown = sum(len(one.passages) for one in page.shown.values())
        if shown != page.marks:
            yield f"{page.marks} marks and {shown} quotes"
        for name, one in page.shown.items():
            mine = (
                {q["before"] + q["marked"] + q["after"] for q in known.get(name, [])} if name else passages
            )
            if name and not mine:
                yield f"{name} is on the page and not in the value"
            for passage in one.passages:
                # What stands outside a list of quotes may be a part of one.
                if passage not in mine and (name or not any(passage in whole for whole in mine)):
                    yield f"{name or 'outside'}: shows {passage!r}, the value has {mine!r}"
            for reply in one.replies:
                if reply not in replies:
                    yield f"{name}: shows the reply {reply!r}"
            for clip in one.clips:
                yield from self._of_clip(known[name][0], clip) if name in known else (f"{name}: plays",)

    def _of_clip(self, quote: dict[str, Any], clip: bytes) -> Iterator[str]:
        """Yield what is wrong with a clip: where in the recording its sound is, and how long it is."""
        name, turn = quote["quote_id"], self._turns(quote["call_id"])[quote["utterance_index"]]
        sound = _decoded(io.BytesIO(clip))
        at, likeness = _place_in(sound, self._recording(quote["call_id"]))
        starts = _sentence_starts(turn, quote["text"])
        if likeness < 0.5:
            yield f"{name}: its clip is not in the recording (likeness {likeness:.2f})"
        elif not starts or min(abs(at - start) for start in starts) > SECOND:
            yield f"{name}: its clip begins at {at} ms, its sentence at {starts} ms"
        seconds = len(sound) / RATE
        if not 0.3 <= seconds <= 15.2:
            yield f"{name}: its clip has {seconds:.1f} seconds"

    def _turns(self, call_id: str) -> dict[int, Utterance]:
        if call_id not in self._calls:
            self._calls[call_id] = {turn.index: turn for turn in self._store.utterances(call_id)}
        return self._calls[call_id]

    def _recording(self, call_id: str) -> NDArray[np.float32]:
        if call_id not in self._sound:
            call = self._store.call(call_id)
            assert call is not None
            assert call.recording is not None
            self._sound[call_id] = _decoded(Path(call.recording))
        return self._sound[call_id]


def _is_said(words: str, turn: str, *, starts: bool = False) -> bool:
    """Whether words are in a turn as they stand; a mark may be anything, the text around it may not."""
    pattern = ANYTHING.join(re.escape(part) for part in MARK.split(words))
    return re.search(("\\A" if starts else "") + pattern, turn, re.DOTALL) is not None


def _sentence_starts(turn: Utterance, text: str) -> list[int]:
    """Return when the sentences begin that hold these words, in ms, wherever the turn has them."""
    pattern = ANYTHING.join(re.escape(part) for part in MARK.split(text))
    found = []
    for said in re.finditer(pattern, turn.text, re.DOTALL):
        ends = [end.end() for end in re.finditer(r"[.?!]\s", turn.text[: said.start()])]
        begin = ends[-1] if ends else 0
        words = [word for word in turn.words if word.end > begin]
        if words:
            found.append(words[0].start_ms)
        else:
            share = begin / max(len(turn.text), 1)
            found.append(round(turn.start_ms + share * (turn.end_ms - turn.start_ms)))
    return found


def _decoded(file: Path | io.BytesIO) -> NDArray[np.float32]:
    """Return a recording's sound, all channels mixed, at :data:`RATE`."""
    source = str(file) if isinstance(file, Path) else file
    parts = []
    with av.open(source) as container:
        resampler = av.AudioResampler(format="flt", layout="mono", rate=RATE)
        for frame in container.decode(audio=0):
            parts += [out.to_ndarray().ravel() for out in resampler.resample(frame)]
        parts += [out.to_ndarray().ravel() for out in resampler.resample(None)]
    return np.concatenate(parts).astype(np.float32)


def _place_in(clip: NDArray[np.float32], whole: NDArray[np.float32]) -> tuple[int, float]:
    """Return where a recording sounds like a clip, in milliseconds, and how much (0 to 1)."""
    size = 1 << (len(clip) + len(whole)).bit_length()
    product = np.fft.irfft(np.fft.rfft(whole, size) * np.conj(np.fft.rfft(clip, size)), size)
    product = product[: max(len(whole) - len(clip) // 2, 1)]
    at = int(np.argmax(np.abs(product)))
    part = whole[at : at + len(clip)]
    strength = float(np.linalg.norm(part) * np.linalg.norm(clip)) or 1.0
    return at * SECOND // RATE, abs(float(product[at])) / strength
