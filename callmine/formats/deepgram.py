"""Deepgram: seconds; utterances where they were asked for, else paragraphs, else words."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from callmine.domain import Facts, Segment, Word
from callmine.formats.base import ImportedCall, channel_number, finish, segment
from callmine.formats.text import Node, load_json
from callmine.formats.turns import Spoken, turns_of


class Deepgram:
    """The answer of ``/v1/listen``."""

    name = "deepgram"
    title = "Deepgram"
    extensions: tuple[str, ...] = (".json",)

    def sniff(self, head: bytes, path: Path) -> float:
        """Return a score by the nesting only Deepgram has."""
        marks = (b'"results"', b'"channels"', b'"alternatives"')
        return 0.95 if all(mark in head for mark in marks) else 0.0

    def read(self, path: Path) -> ImportedCall:
        """Read an answer. Where channels were transcribed apart, a speaker is a channel's speaker."""
        root, notes = load_json(path)
        results = root["results"]
        about = root.get("metadata")
        channels = list(results.items("channels"))
        stated = about.number_of("channels") if about else None
        many = max(len(channels), int(stated or 0)) > 1
        segments = [_utterance(node, many=many) for node in results.items("utterances")]
        if not segments:
            for index, channel in enumerate(channels):
                best = next(channel["alternatives"].items(), None)
                if best is not None:
                    segments += _from_words(best, index if many else None)
        language = channels[0].words_of("detected_language") if channels else None
        return finish(
            segments,
            path=path,
            name=self.name,
            language=language,
            duration_ms=about.ms_of("duration", 1000) if about else None,
            notes=notes,
            facts=Facts(external_id=about.key_of("request_id") if about else None),
        )


def _utterance(node: Node, *, many: bool) -> Segment:
    words = [_word(word) for word in node.items("words")]
    number = node.key_of("speaker")
    if number is None:
        heard = {word.key_of("speaker") for word in node.items("words")}
        number = heard.pop() if len(heard) == 1 else None
    stated = node.number_of("channel") if many else None
    channel = None if stated is None else channel_number(stated, where=f"{node.where}.channel")
    return segment(
        node["start"].ms(1000),
        node["end"].ms(1000),
        node["transcript"].text(),
        where=node.where,
        words=words,
        speaker=_speaker(number, channel),
    )


def _from_words(best: Node, channel: int | None) -> Sequence[Segment]:
    spoken = [
        Spoken(_word(node), _speaker(node.key_of("speaker"), channel)) for node in best.items("words")
    ]
    return turns_of(spoken, where=best.where)


def _word(node: Node) -> Word:
    text = node.words_of("punctuated_word") or node["word"].text()
    confidence = node.number_of("confidence")
    return Word(
        text, node["start"].ms(1000), node["end"].ms(1000), 1.0 if confidence is None else confidence
    )


def _speaker(number: str | None, channel: int | None) -> str | None:
    parts = [f"channel {channel}"] if channel is not None else []
    if number is not None:
        parts.append(f"speaker {number}")
    return " ".join(parts) or None
