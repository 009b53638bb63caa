"""A workspace with closed deals whose calls are written as if callmine had read them; no model runs."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from callmine.domain import Finding, Json, Kind, Link, Mention, Role, RoleSource, Transcript
from callmine.operations.workspaces import init_workspace
from callmine.payloads import Attribution, Extraction, Linking
from callmine.spans import place
from callmine.store import Store, writing
from callmine.store.database import upsert
from callmine.workspace import Workspace, find_workspace
from tests.builders import a_call, a_facts, a_speaker, an_utterance

PLAYBOOK = """\
[company]
name = "Larkmoor"
products = ["Larkmoor Rota"]
domains = ["larkmoor.example"]

[[competitors]]
name = "Lantern"
aliases = ["Lantern Shift"]

[[messages]]
id = "fast-rota"
text = "A rota in an hour instead of a day"

[[messages]]
id = "fewer-calls"
text = "Fewer calls at the last minute"
"""
SETTINGS = '[workspace]\ntimezone = "Europe/Berlin"\n\n[digest]\nmin_score = 0.5\n'
"""A score of its own, so that no figure depends on the shipped model's thresholds."""


@dataclass(frozen=True, slots=True)
class Said:
    """A turn; the span of its finding, if it has one, is between ``[[`` and ``]]``.

    ``answers`` names the turns of the call, by index, whose findings it answers.
    """

    role: Role
    words: str
    label: str = ""
    kind: Kind = Kind.OBJECTION
    score: float = 0.9
    detail: Json = field(default_factory=dict)
    confidence: float = 0.97
    answers: tuple[int, ...] = ()


def buyer(words: str, label: str = "", **changes: Any) -> Said:
    """A prospect's turn, with an objection where a label is given."""
    return Said(Role.PROSPECT, words, label, **changes)


def rep(words: str, message: str = "", **changes: Any) -> Said:
    """A rep's turn, with a claim where the id of a message is given."""
    detail = {"side": "rep", "message": message} if message else {}
    said = {"kind": Kind.POSITIONING, "label": "value" if message else "", "detail": detail}
    return Said(Role.REP, words, **{**said, **changes})


def an_answer(words: str, kind: str, to: int) -> Said:
    """A rep's answer to the objection in turn ``to``."""
    return Said(Role.REP, words, kind, Kind.ANSWER, answers=(to,), detail={"type": kind})


def make_workspace(folder: Path, playbook: str = PLAYBOOK) -> Workspace:
    """An empty workspace with that playbook."""
    init_workspace(folder)
    (folder / "callmine.toml").write_text(SETTINGS, "utf-8")
    (folder / "playbook.toml").write_text(playbook, "utf-8")
    return find_workspace(folder)


def put_call(store: Store, name: str, *turns: Said, deal: str | None = "D-1", **facts: Any) -> str:
    """Write a call and return its id.

    Args:
        store: Where.
        name: The file's; another name is another call.
        turns: What was said.
        deal: The deal that it is linked to.
        facts: What differs from :func:`a_facts`; ``role_doubt`` and ``language`` of the transcript, too.
    """
    content = hashlib.sha256(name.encode()).hexdigest()
    key, doubt = content[:16], facts.pop("role_doubt", "")
    told = {"external_id": name, "account": None, "deal_id": None, **facts}
    call = a_call(source=name, content=content, recording=None, facts=a_facts(**told), channels=0)
    marks = [said.words.replace("[[", "", 1).replace("]]", "", 1) for said in turns]
    utterances = tuple(
        an_utterance(
            text,
            index=n,
            start_ms=10_000 * n,
            speaker=said.role.value,
            role=said.role,
            role_source=RoleSource.VENDOR,
            role_confidence=said.confidence,
        )
        for n, (said, text) in enumerate(zip(turns, marks, strict=True))
    )
    found: dict[int, Finding] = {}
    for n, said in enumerate(turns):
        if said.label:
            start = said.words.index("[[")
            detail = dict(said.detail)
            if said.answers:
                detail["answers"] = [found[at].finding_id for at in said.answers]
            mention = Mention(said.kind, said.label, start, said.words.index("]]") - 2, said.score, detail)
            found[n] = place(key, utterances[n], mention, extractor="tests/1", playbook="p")
    speakers = [
        a_speaker(role.value, role=role, name=role.value, channel=None) for role in {s.role for s in turns}
    ]
    language = call.facts.language or "en"
    with store._writing():
        db = store._db
        upsert(db, "calls", writing.call_to_row(call, "test"), "call_id")
        writing.write_transcript(db, key, Transcript((), language, "replay", "1", "test", channels=0))
        writing.write_attribution(db, key, Attribution(tuple(speakers), utterances, doubt))
        writing.write_findings(db, key, Extraction(tuple(found.values()), "p", "{}"))
        if deal is not None:
            writing.write_link(db, key, Linking(Link(deal, "deal_id", 1.0, "it says so"), "it says so"))
    return key
