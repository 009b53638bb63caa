"""Domain values that are valid by default: name only what the test is about."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from callmine.domain import (
    Call,
    Deal,
    Facts,
    Finding,
    Kind,
    Link,
    Mention,
    Outcome,
    Participant,
    Role,
    RoleSource,
    Segment,
    Speaker,
    SpokenWord,
    Transcript,
    Utterance,
    Word,
)
from callmine.extractors.base import CONTEXT_TURNS, Passage, Turn
from callmine.extractors.encoder import Encoder
from callmine.extractors.heads import Questions
from callmine.extractors.learned import Learned, replace
from callmine.payloads import Ingested, Source
from callmine.playbook import Playbook, parse_playbook
from callmine.spans import place, words_in
from callmine.stage import Job

CONTENT = "0123456789abcdef" * 4
"""A SHA-256 as calls carry it."""

MAYA = Participant("Maya Linden", "maya@larkmoor.example")
PETRA = Participant("Petra Voss", "petra@brennholt.example")
OUR_DOMAINS = ("larkmoor.example",)


def a_facts(**changes: Any) -> Facts:
    """A sales call of one of ours with one prospect, and consent."""
    values = {
        "external_id": "REC-1",
        "title": "Brennholt: discovery",
        "type": "sales",
        "started_at": "2026-09-29T08:00:00Z",
        "rep": MAYA.name,
        "rep_email": MAYA.email,
        "account": "Brennholt Bakeries",
        "deal_id": "D-1",
        "participants": (MAYA, PETRA),
        "rep_channel": "left",
        "language": "en",
        "consent": "yes",
    }
    return Facts(**{**values, **changes})


def a_call(**changes: Any) -> Call:
    """A minute of stereo; its id follows its content."""
    content = changes.get("content", CONTENT)
    values = {
        "call_id": content[:16],
        "source": "call.wav",
        "content": content,
        "recording": "/calls/call.wav",
        "transcript_file": None,
        "format": None,
        "duration_ms": 60_000,
        "channels": 2,
        "facts": a_facts(),
    }
    return Call(**{**values, **changes})


def a_source(path: object = "/calls/call.wav", **changes: Any) -> Source:
    """A file taken in, about which nothing is known."""
    return Source(**{"path": str(path), "size": 1, "mtime_ns": 1, **changes})


def an_ingested(**changes: Any) -> Ingested:
    """What ingest makes of a recording."""
    return Ingested(a_call(**changes))


def a_job(payload: Any = None, **changes: Any) -> Job:
    """A job whose key is ``k``."""
    return Job(**{"key": "k", "label": "k.wav", "payload": payload, "fingerprint": "f", **changes})


def words_of(text: str, start_ms: int = 0, each_ms: int = 250) -> tuple[Word, ...]:
    """The words of ``text``, one after the other without a gap."""
    return tuple(
        Word(w, start_ms + i * each_ms, start_ms + (i + 1) * each_ms) for i, w in enumerate(text.split())
    )


def a_segment(text: str = "That is more than we pay today.", start_ms: int = 0, **changes: Any) -> Segment:
    """Words of a quarter of a second each, with their times, on no channel."""
    words = words_of(text, start_ms)
    end_ms = words[-1].end_ms if words else start_ms
    return Segment(**{"start_ms": start_ms, "end_ms": end_ms, "text": text, "words": words, **changes})


def a_transcript(*segments: Segment, **changes: Any) -> Transcript:
    """A transcript of the segments, by default of rep (left) and prospect (right) in stereo."""
    said = segments or (
        a_segment("How do you plan the shifts today?", 0, channel=0),
        a_segment("Honestly, the price is too high for us.", 3000, channel=1),
        a_segment("I see. Let us look at it.", 6000, channel=0),
        a_segment("And the price went up again.", 9000, channel=1),
    )
    values = {
        "segments": said,
        "language": "en",
        "engine": "scripted",
        "engine_version": "1",
        "model": "paper",
        "channels": 2 if any(s.channel for s in said) else 1,
    }
    return Transcript(**{**values, **changes})


def a_speaker(key: str = "channel 2", **changes: Any) -> Speaker:
    """A prospect, known by the channel."""
    values = {
        "key": key,
        "name": PETRA.name,
        "role": Role.PROSPECT,
        "role_source": RoleSource.CHANNEL,
        "confidence": 0.97,
        "channel": 1,
    }
    return Speaker(**{**values, **changes})


def an_utterance(text: str = "Honestly, the price is too high for us.", **changes: Any) -> Utterance:
    """A prospect's utterance with word times, a quarter of a second a word."""
    start = changes.get("start_ms", 0)
    words: tuple[SpokenWord, ...] = words_in(text, words_of(text, start))
    values = {
        "index": 0,
        "speaker": "channel 2",
        "role": Role.PROSPECT,
        "role_source": RoleSource.CHANNEL,
        "role_confidence": 0.97,
        "start_ms": start,
        "end_ms": words[-1].end_ms if words else start,
        "text": text,
        "words": words,
    }
    return Utterance(**{**values, **changes})


def a_conversation(*turns: tuple[Role, str]) -> list[Passage]:
    """The passages of a call, each with the turns before it that an extractor is shown."""
    said = [Turn(role, text) for role, text in turns]
    return [
        Passage(turn.text, turn.role, tuple(said[max(0, i - CONTEXT_TURNS) : i]))
        for i, turn in enumerate(said)
    ]


def a_mention(utterance: Utterance, quote: str, label: str = "price", **changes: Any) -> Mention:
    """An objection on the words ``quote`` of an utterance."""
    start = utterance.text.index(quote)
    values = {
        "kind": Kind.OBJECTION,
        "label": label,
        "start": start,
        "end": start + len(quote),
        "score": 0.9,
    }
    return Mention(**{**values, **changes})


def a_finding(
    utterance: Utterance | None = None, quote: str = "the price is too high", **changes: Any
) -> Finding:
    """A placed mention of call ``CONTENT``."""
    utterance = utterance or an_utterance()
    call_id = changes.pop("call_id", CONTENT[:16])
    mention = a_mention(utterance, quote, **changes)
    return place(call_id, utterance, mention, extractor="rules/1", playbook="p")


def a_deal(deal_id: str = "D-1", **changes: Any) -> Deal:
    """A won deal of Brennholt Bakeries."""
    values = {
        "deal_id": deal_id,
        "name": "Brennholt: ovens",
        "account": "Brennholt Bakeries",
        "owner": MAYA.name,
        "stage": "Closed Won",
        "outcome": Outcome.WON,
        "amount": 48_000.0,
        "currency": "EUR",
        "created_at": "2026-09-01",
        "inquired_at": None,
        "close_date": "2026-10-05",
        "loss_reason": None,
        "competitor": None,
        "segment": "SMB",
        "lead_source": None,
        "account_domain": "brennholt.example",
        "contact_emails": (str(PETRA.email),),
        "pipeline": None,
        "type": None,
    }
    return Deal(**{**values, **changes})


def a_link(deal_id: str = "D-1", **changes: Any) -> Link:
    """A link by the deal's id."""
    return Link(
        **{"deal_id": deal_id, "rule": "deal_id", "confidence": 1.0, "why": "it says so", **changes}
    )


def a_playbook(trackers: Sequence[str] = ()) -> Playbook:
    """Larkmoor's playbook, with a tracker for each word."""
    text = '[company]\nname = "Larkmoor"\ndomains = ["larkmoor.example"]\n'
    text += '[[competitors]]\nname = "Lantern"\n'
    return parse_playbook(
        text + "".join(f'[[trackers]]\nname = "{w}"\nwords = ["{w}"]\n' for w in trackers)
    )


def learn(folder: Path, questions: Questions, **changes: Any) -> Learned:
    """Put questions into ``folder`` as if a workspace had learned them for the shipped model."""
    file = io.BytesIO()
    questions.save(file)
    values = {
        "shipped": Encoder().shipped_version(),
        "questions": hashlib.sha256(file.getvalue()).hexdigest(),
        "thresholds": {"objection": 0.31, "digest": 0.77},
        "corrections": (1, 2),
        "made_at": "2026-10-01T00:00:00Z",
        "figures": {},
    }
    card = Learned(**{**values, **changes})
    replace(folder, file.getvalue(), card)
    return card
