"""Whisper and its relatives: openai-whisper, faster-whisper, whisperX (seconds), whisper.cpp (ms)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from callmine.domain import Segment, Word
from callmine.formats.base import ImportedCall, clean_name, finish, segment
from callmine.formats.text import Node, load_json


class WhisperFamily:
    """JSON of the Whisper family, told apart by their keys."""

    name = "whisper"
    title = "Whisper, faster-whisper, whisperX or whisper.cpp JSON"
    extensions: tuple[str, ...] = (".json",)

    def sniff(self, head: bytes, path: Path) -> float:
        """Return a score by the keys of the family."""
        if head.lstrip()[:1] not in (b"{", b"[") or b'"start_ms"' in head:
            return 0.0
        if b'"transcription"' in head and b'"offsets"' in head:
            return 0.9
        timed = b'"start"' in head and b'"end"' in head and b'"text"' in head
        if not (b'"segments"' in head and timed):
            return 0.0
        marks = (b'"avg_logprob"', b'"no_speech_prob"', b'"word_segments"', b'"language"', b'"words"')
        return 0.85 if any(mark in head for mark in marks) else 0.6

    def read(self, path: Path) -> ImportedCall:
        """Read a result; what a later check for invented text needs is kept."""
        root, notes = load_json(path)
        if "transcription" in root:
            segments = [_cpp(node) for node in root["transcription"].items()]
            result, params = root.get("result"), root.get("params")
            language = result.words_of("language") if result else None
            model = params.key_of("model") if params else None
        else:
            holder = root if isinstance(root.value, list) else root["segments"]
            segments = [_segment(node) for node in holder.items()]
            whole = isinstance(root.value, dict)
            language = root.words_of("language") if whole else None
            model = root.key_of("model") if whole and isinstance(root.value.get("model"), str) else None
        duration = root.ms_of("duration", 1000) if isinstance(root.value, dict) else None
        return finish(
            segments,
            path=path,
            name=self.name,
            language=language,
            duration_ms=duration,
            notes=notes,
            settings={"made_by_model": model} if model else None,
        )


def _segment(node: Node) -> Segment:
    start, end = node["start"].ms(1000), node["end"].ms(1000)
    made = segment(
        start,
        end,
        node["text"].text(),
        where=node.where,
        words=_words(list(node.items("words")), start, end),
        speaker=clean_name(node.key_of("speaker")),
    )
    return replace(
        made,
        avg_logprob=node.number_of("avg_logprob"),
        no_speech_prob=node.number_of("no_speech_prob"),
        compression_ratio=node.number_of("compression_ratio"),
    )


def _words(nodes: list[Node], start_ms: int, end_ms: int) -> list[Word]:
    """Return the words; whisperX leaves numbers without times, which come from their neighbours."""
    times = [(node.ms_of("start", 1000), node.ms_of("end", 1000)) for node in nodes]
    words = []
    before = start_ms
    for index, (node, (begin, end)) in enumerate(zip(nodes, times, strict=True)):
        following = next((t[0] for t in times[index + 1 :] if t[0] is not None), end_ms)
        if begin is None:
            begin = before
        if end is None:
            waiting = 1 + next(
                (n for n, t in enumerate(times[index + 1 :]) if t[0] is not None), len(nodes) - index - 1
            )
            end = begin + max(0, following - begin) // waiting
        before = max(begin, end)
        score = node.number_of("probability")
        score = node.number_of("score") if score is None else score
        words.append(Word(node["word"].text(), begin, before, 1.0 if score is None else score))
    return words


def _cpp(node: Node) -> Segment:
    offsets = node["offsets"]
    return segment(
        offsets["from"].ms(1),
        offsets["to"].ms(1),
        node["text"].text(),
        where=node.where,
        speaker=clean_name(node.key_of("speaker")),
    )
