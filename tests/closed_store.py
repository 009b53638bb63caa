"""A workspace with closed deals whose calls are written as if callmine had read them; no model runs."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from callmine.domain import (
    Deal,
    EndWords,
    Finding,
    Json,
    Kind,
    Link,
    Mention,
    Outcome,
    Role,
    RoleSource,
    Transcript,
)
from callmine.operations.workspaces import init_workspace
from callmine.payloads import Attribution, Extraction, Linking
from callmine.spans import place
from callmine.store import Store, writing
from callmine.store.database import upsert
from callmine.workspace import Workspace, find_workspace
from tests.builders import MAYA, PETRA, a_call, a_deal, a_facts, a_speaker, an_utterance

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

[[answers]]
objection = "price"
text = "Set it against three days of planning"
"""
SETTINGS = 'timezone = "Europe/Berlin"\n\n[digest]\nmin_score = 0.5\n'
"""A score of its own, so that no figure depends on the shipped model's thresholds."""


ACCOUNTS = (
    *("Kestrel Care", "Brennholt", "Castlemere", "Tamarack", "Ostrava Rail"),
    *("Mossgate", "Pinehurst", "Halden", "Northbrook", "Vale & Sons"),
)
NAMES = {Role.REP: MAYA.name, Role.PROSPECT: PETRA.name}
LOSSES = tuple(outcome for outcome in Outcome if outcome.is_lost)
VALUE = {"kind": Kind.POSITIONING, "detail": {"side": "prospect", "sort": "value"}}


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


def an_answer(words: str, kind: str, to: int, **detail: str) -> Said:
    """A rep's answer to the objection in turn ``to``."""
    return Said(Role.REP, words, kind, Kind.ANSWER, answers=(to,), detail={"type": kind, **detail})


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
        a_speaker(role.value, role=role, name=NAMES.get(role), channel=None)
        for role in {s.role for s in turns}
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


PRICE = ("Honestly, [[the price is too high]] for a chain of bakeries.", "price")
TRUST = ("Who else of our size uses it, [[I would want to talk to somebody]] first.", "trust")


def small_year(folder: Path, name: str = "", playbook: str = PLAYBOOK) -> Workspace:
    """Twenty-eight closed deals and two open ones, two calls for most: what a page can show, of each a bit.

    With ``name`` all that a stranger chose begins with it: accounts, deals, files, what was said.

    Price is heard in nearly all lost deals and in few others, trust in as many won as lost ones; every
    message, answer and rival has deals on both sides. Three deals have no call that counts.
    """
    made = make_workspace(folder, playbook)
    with Store(made.database) as store:
        deals = [_deal(n, name) for n in range(30)]
        early = [replace(deal, stage="Discovery", outcome=Outcome.OPEN, close_date=None) for deal in deals]
        store.import_deals(early, at="2026-01-10T08:00:00Z")
        reasons = {d.deal_id: EndWords(reason_labels=("price",)) for d in deals if d.outcome.is_lost}
        store.import_deals(deals, at="2026-09-30T08:00:00Z", words=reasons)
        for n in range(25):
            _calls(store, n, name)
        put_call(store, "late.vtt", buyer(*PRICE), deal="D-01", started_at="2026-09-20T08:00:00Z")
        put_call(store, "undated.vtt", buyer(*PRICE), deal="D-02", started_at=None)
        put_call(store, "alone.vtt", buyer(*TRUST), deal=None, started_at="2026-02-02T08:00:00Z")
    return made


def _deal(n: int, called: str) -> Deal:
    is_open, won = n >= 28, n % 2 == 0
    outcome = Outcome.OPEN if is_open else Outcome.WON if won else LOSSES[n // 2 % 4]
    return a_deal(
        f"D-{n:02d}",
        name=f"{called}Rollout {n}",
        account=f"{called}{ACCOUNTS[n % 10]} {n}",
        stage="Discovery" if is_open else "Closed Won" if won else "Closed Lost",
        outcome=outcome,
        amount=None if n == 7 else 10_000.0 + 1_500 * n,
        currency="GBP" if n % 5 == 4 else "EUR",
        created_at="2026-01-05",
        inquired_at=f"2026-01-{1 + n % 9:02d}",
        close_date=None if is_open else f"2026-{3 + n % 6:02d}-{1 + n:02d}",
        segment=(f"{called}SMB", f"{called}Enterprise", None)[n // 2 % 3],
        lead_source=(f"{called}fair", f"{called}web")[n % 2],
    )


def _calls(store: Store, n: int, name: str) -> None:
    won = n % 2 == 0
    says_price = not won or n % 8 == 0
    first = [
        rep("How do you plan the shifts today?"),
        buyer(*PRICE) if says_price else buyer("We plan on paper, and it takes all day."),
    ]
    if says_price:
        kind = ("evidence", "discount")[n // 3 % 2]
        ours = {"playbook": "Set it against three days of planning"} if n % 3 == 0 else {}
        first.append(an_answer("[[Compare it with three days of planning]], every month.", kind, 1, **ours))
    second = [rep("You get [[a rota in an hour]], not in a day.", ("fast-rota", "fewer-calls")[n // 2 % 2])]
    second.append(buyer(*TRUST) if n // 2 % 2 else buyer("That is [[less work]].", "value", **VALUE))
    if n % 3 == 0:
        second.append(buyer("We had [[Lantern]] before.", f"{name}Lantern", kind=Kind.COMPETITOR))
    day = 12 + n % 10
    for at, turns in ((f"2026-01-{day}", first), (f"2026-02-{day}", second)):
        said = [replace(turn, words=name + turn.words) for turn in turns]
        put_call(store, f"{name}{at}-{n:02d}.vtt", *said, deal=f"D-{n:02d}", started_at=f"{at}T09:00:00Z")
