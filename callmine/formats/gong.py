"""Gong: the transcript of a call (ms), with the call's data and parties where they are bundled."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from callmine.domain import Facts, Participant, Role, Segment
from callmine.errors import UnreadableTranscript
from callmine.formats.base import ImportedCall, clean_name, finish, segment
from callmine.formats.text import Node, load_json, utc_instant

_SIDES = {"internal": Role.REP, "external": Role.PROSPECT}


@dataclass(frozen=True, slots=True)
class _Party:
    name: str | None
    email: str | None
    role: Role | None
    user: str | None


class Gong:
    """``/v2/calls/transcript``, alone or in one object with ``/v2/calls/extensive``."""

    name = "gong"
    title = "Gong call transcript"
    extensions: tuple[str, ...] = (".json",)

    def sniff(self, head: bytes, path: Path) -> float:
        """Return a score by Gong's own keys."""
        if b'"callTranscripts"' in head:
            return 0.95
        named = b'"sentences"' in head or b'"metaData"' in head
        return 0.8 if b'"speakerId"' in head and b'"transcript"' in head and named else 0.0

    def read(self, path: Path) -> ImportedCall:
        """Read one call; sentences are the segments, affiliation gives the role."""
        root, notes = load_json(path)
        spoken = _transcript(root)
        data = _call_data(root, spoken.key_of("callId"))
        parties = dict(_parties(data)) if data else {}
        segments = []
        unknown = set()
        for turn in spoken["transcript"].items():
            key = turn.key_of("speakerId")
            party = parties.get(key) if key else None
            if key and party is None:
                unknown.add(key)
            for sentence in turn["sentences"].items():
                segments.append(_sentence(sentence, key, party))
        if parties and unknown:
            notes.append(f"{len(unknown)} speakers are not among the call's parties")
        about = data.get("metaData") if data else None
        return finish(
            segments,
            path=path,
            name=self.name,
            language=about.words_of("language") if about else None,
            duration_ms=about.ms_of("duration", 1000) if about else None,
            notes=notes,
            facts=_facts(spoken, data, parties),
        )


def _transcript(root: Node) -> Node:
    if "callTranscripts" not in root:
        root["transcript"]
        return root
    calls = list(root["callTranscripts"].items())
    if len(calls) != 1:
        raise UnreadableTranscript(
            f"{root.where} holds {len(calls)} calls", hint="Save every call in a file of its own."
        )
    return calls[0]


def _call_data(root: Node, call_id: str | None) -> Node | None:
    """Return the object with ``metaData`` and ``parties``, wherever it was bundled."""
    if "calls" in root:
        for call in root["calls"].items():
            about = call.get("metaData")
            if about is not None and (call_id is None or about.key_of("id") == call_id):
                return call
        return None
    if "callData" in root:
        return root["callData"]
    return root if "parties" in root or "metaData" in root else None


def _parties(data: Node) -> Iterator[tuple[str, _Party]]:
    for index, node in enumerate(data.items("parties")):
        side = (node.words_of("affiliation") or "").lower()
        party = _Party(
            clean_name(node.words_of("name")),
            clean_name(node.words_of("emailAddress")),
            _SIDES.get(side),
            node.key_of("userId"),
        )
        yield node.key_of("speakerId") or f"silent party {index}", party


def _sentence(node: Node, key: str | None, party: _Party | None) -> Segment:
    speaker = (party.name or party.email if party else None) or clean_name(key)
    return segment(
        node["start"].ms(1),
        node["end"].ms(1),
        node["text"].text(),
        where=node.where,
        speaker=speaker,
        role=party.role if party else None,
    )


def _facts(spoken: Node, data: Node | None, parties: dict[str, _Party]) -> Facts:
    about = data.get("metaData") if data else None
    call_id = spoken.key_of("callId")
    if data is None or about is None:
        return Facts(external_id=call_id, participants=_people(parties))
    owner = about.key_of("primaryUserId")
    own = [p for p in parties.values() if p.role is Role.REP]
    rep = next((p for p in own if p.user and p.user == owner), own[0] if len(own) == 1 else None)
    return Facts(
        external_id=about.key_of("id") or call_id,
        title=clean_name(about.words_of("title")),
        type="internal" if (about.words_of("scope") or "").lower() == "internal" else None,
        started_at=utc_instant(about.words_of("started")),
        rep=rep.name if rep else None,
        rep_email=rep.email if rep else None,
        account=_field(data, "Account", "Name"),
        deal_id=_object_id(data, "Opportunity"),
        participants=_people(parties),
    )


def _people(parties: dict[str, _Party]) -> tuple[Participant, ...]:
    return tuple(
        Participant(p.name or p.email or "", p.email) for p in parties.values() if p.name or p.email
    )


def _objects(data: Node, kind: str) -> Iterator[Node]:
    for system in data.items("context"):
        for thing in system.items("objects"):
            if thing.words_of("objectType") == kind:
                yield thing


def _object_id(data: Node, kind: str) -> str | None:
    found = {thing.key_of("objectId") for thing in _objects(data, kind)}
    return found.pop() if len(found) == 1 else None  # two deals: the link rules decide, not this file


def _field(data: Node, kind: str, name: str) -> str | None:
    for thing in _objects(data, kind):
        for entry in thing.items("fields"):
            if entry.words_of("name") == name and "value" in entry:
                return clean_name(entry["value"].key())
    return None
