"""AssemblyAI: times in milliseconds, ``audio_duration`` in seconds, channels counted from 1."""

from __future__ import annotations

from pathlib import Path

from callmine.domain import Facts, Segment, Word
from callmine.errors import UnreadableTranscript
from callmine.formats.base import ImportedCall, clean_name, clean_text, finish, segment
from callmine.formats.text import Node, load_json
from callmine.formats.turns import Spoken, turns_of


class AssemblyAI:
    """The answer of ``/v2/transcript/{id}``."""

    name = "assemblyai"
    title = "AssemblyAI"
    extensions: tuple[str, ...] = (".json",)

    def sniff(self, head: bytes, path: Path) -> float:
        """Return a score by the keys only AssemblyAI has."""
        marks = (b'"audio_duration"', b'"language_code"', b'"audio_url"', b'"acoustic_model"', b'"status"')
        timed = b'"words"' in head or b'"utterances"' in head
        return min(0.95, 0.35 * sum(mark in head for mark in marks)) if timed and b'"text"' in head else 0.0

    def read(self, path: Path) -> ImportedCall:
        """Read an answer: utterances, or words where speakers were not asked for."""
        root, notes = load_json(path)
        if root.words_of("status") in ("error", "queued", "processing"):
            reason = clean_text(root.words_of("error") or f"its status is {root.words_of('status')}")
            raise UnreadableTranscript(
                f"{path.name}: AssemblyAI has no transcript of this call: {reason}",
                hint="Fetch it again when the job has finished.",
            )
        segments = [_utterance(node) for node in root.items("utterances")]
        if not segments:
            spoken = [Spoken(_word(node), _speaker(node)) for node in root.items("words")]
            segments = turns_of(spoken, where=root.where)
        return finish(
            segments,
            path=path,
            name=self.name,
            language=root.words_of("language_code"),
            duration_ms=root.ms_of("audio_duration", 1000),
            notes=notes,
            facts=Facts(external_id=root.key_of("id")),
        )


def _utterance(node: Node) -> Segment:
    return segment(
        node["start"].ms(1),
        node["end"].ms(1),
        node["text"].text(),
        where=node.where,
        words=[_word(word) for word in node.items("words")],
        speaker=_speaker(node),
    )


def _word(node: Node) -> Word:
    confidence = node.number_of("confidence")
    return Word(
        node["text"].text(),
        node["start"].ms(1),
        node["end"].ms(1),
        1.0 if confidence is None else confidence,
    )


def _speaker(node: Node) -> str | None:
    name, channel = clean_name(node.key_of("speaker")), node.key_of("channel")
    if channel is None or channel == name:
        return name if channel is None else f"channel {channel}"
    return f"channel {channel} speaker {name}" if name else f"channel {channel}"
