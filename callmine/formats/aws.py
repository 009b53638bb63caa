"""AWS Transcribe Call Analytics and Contact Lens: milliseconds, and the role is exact."""

from __future__ import annotations

from pathlib import Path

from callmine.domain import Facts, Role, Word
from callmine.formats.base import ImportedCall, clean_name, finish, segment
from callmine.formats.text import Node, load_json

_ROLES = {"AGENT": Role.REP, "CUSTOMER": Role.PROSPECT}


class CallAnalytics:
    """The output of a Call Analytics job."""

    name = "aws"
    title = "AWS Transcribe Call Analytics"
    extensions: tuple[str, ...] = (".json",)

    def sniff(self, head: bytes, path: Path) -> float:
        """Return a score by the keys of a turn."""
        return 0.95 if b'"BeginOffsetMillis"' in head and b'"Transcript"' in head else 0.0

    def read(self, path: Path) -> ImportedCall:
        """Read a job's output; agent is the rep, customer the prospect."""
        root, notes = load_json(path)
        people = {
            key: node.words_of("ParticipantRole")
            for node in root.items("Participants")
            if (key := node.key_of("ParticipantId"))
        }
        segments = []
        for turn in root["Transcript"].items():
            role = turn.words_of("ParticipantRole") or people.get(turn.key_of("ParticipantId") or "")
            segments.append(
                segment(
                    turn["BeginOffsetMillis"].ms(1),
                    turn["EndOffsetMillis"].ms(1),
                    turn["Content"].text(),
                    where=turn.where,
                    words=[w for node in turn.items("Items") if (w := _word(node)) is not None],
                    speaker=clean_name(role or turn.key_of("ParticipantId")),
                    role=_ROLES.get((role or "").upper()),
                )
            )
        figures = root.get("ConversationCharacteristics")
        content = root.get("ContentMetadata")
        if content is not None and content.words_of("Output") == "Redacted":
            notes.append("AWS removed personal data from this transcript")
        return finish(
            segments,
            path=path,
            name=self.name,
            language=root.words_of("LanguageCode"),
            duration_ms=figures.ms_of("TotalConversationDurationMillis", 1) if figures else None,
            notes=notes,
            facts=Facts(external_id=root.key_of("JobName")),
        )


def _word(node: Node) -> Word | None:
    start, end = node.ms_of("BeginOffsetMillis", 1), node.ms_of("EndOffsetMillis", 1)
    if start is None or end is None:
        return None  # punctuation has no time
    confidence = node.number_of("Confidence")
    return Word(node["Content"].text(), start, end, 1.0 if confidence is None else confidence)
