"""callmine's own JSON: the stored transcript, and what ``callmine transcript --format json`` prints."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from callmine.canonical import facts_to_json, transcript_to_json
from callmine.domain import Facts, Participant, Role, Segment, Word
from callmine.formats.base import ImportedCall, clean_name, finish, segment
from callmine.formats.text import Node, load_json, utc_instant

_FACTS = tuple(name for name in Facts.__dataclass_fields__ if name not in ("participants", "started_at"))


class Own:
    """The canonical transcript, with all its words, and the printed one with utterances."""

    name = "callmine"
    title = "callmine's own JSON"
    extensions: tuple[str, ...] = (".json",)

    def sniff(self, head: bytes, path: Path) -> float:
        """Return a score by the keys only callmine's files have."""
        if not head.lstrip().startswith(b"{") or b'"start_ms"' not in head:
            return 0.0
        if b'"utterances"' in head and b'"call_id"' in head:
            return 0.95
        return 0.95 if b'"segments"' in head and b'"engine"' in head else 0.0

    def read(self, path: Path) -> ImportedCall:
        """Read either shape. Segments keep their words and their channel."""
        root, notes = load_json(path)
        if "utterances" in root:
            segments = [_utterance(node) for node in root.items("utterances")]
            channels = 0
        else:
            segments = [_segment(node) for node in root["segments"].items()]
            channels = int(root.number_of("channels") or 0)
        kept = ("engine", "engine_version", "model")
        imported = finish(
            segments,
            path=path,
            name=self.name,
            language=root.words_of("language"),
            duration_ms=root.ms_of("duration_ms", 1),
            notes=[*(node.text() for node in root.items("notes")), *notes],
            settings={f"made_by_{k}": v for k in kept if (v := root.words_of(k))},
            facts=_facts(root),
        )
        transcript = replace(imported.transcript, channels=min(max(channels, 0), 2))
        return replace(imported, transcript=transcript)


def _segment(node: Node) -> Segment:
    words = []
    for word in node.items("words"):
        text, start, end, *rest = [*word.items(), *[None] * 3][:4]
        if text is None or start is None or end is None:
            raise word.wrong("[text, start_ms, end_ms, probability]")
        probability = rest[0].number() if rest and rest[0] is not None else 1.0
        words.append(Word(text.text(), start.ms(1), end.ms(1), probability))
    made = segment(
        node["start_ms"].ms(1),
        node["end_ms"].ms(1),
        node["text"].text(),
        where=node.where,
        words=words,
        channel=node.number_of("channel"),
        speaker=clean_name(node.key_of("speaker")),
        role=_role(node),
    )
    return replace(
        made,
        avg_logprob=node.number_of("avg_logprob"),
        no_speech_prob=node.number_of("no_speech_prob"),
        compression_ratio=node.number_of("compression_ratio"),
    )


def _utterance(node: Node) -> Segment:
    role = _role(node)
    return segment(
        node["start_ms"].ms(1),
        node["end_ms"].ms(1),
        node["text"].text(),
        where=node.where,
        speaker=clean_name(node.key_of("speaker")),
        role=None if role is Role.UNKNOWN else role,
    )


def _role(node: Node) -> Role | None:
    value = node.words_of("role")
    if value is None:
        return None
    if value not in [role.value for role in Role]:
        raise node["role"].wrong("rep, prospect or unknown")
    return Role(value)


def _facts(root: Node) -> Facts:
    """Return the facts, whether they are in an object of their own or beside the transcript."""
    holder = root.get("facts") or root
    stated = {name: clean_name(value) for name in _FACTS if (value := holder.key_of(name)) is not None}
    stated.pop("language", None)
    people = tuple(
        Participant(clean_name(node.words_of("name")) or "", clean_name(node.words_of("email")))
        for node in holder.items("participants")
    )
    facts = Facts(**stated, participants=people, started_at=utc_instant(holder.words_of("started_at")))
    return facts if facts.external_id else replace(facts, external_id=root.key_of("call_id"))


def to_json(imported: ImportedCall) -> dict[str, object]:
    """Return an imported call in the shape this format reads with all its words."""
    return {**transcript_to_json(imported.transcript), "facts": facts_to_json(imported.facts)}
