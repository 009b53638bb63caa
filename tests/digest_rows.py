"""Rows for digest tests: an invented company, its invented prospects, and one rich week.

``call()`` and ``said()`` are valid by default; ``rich_week()`` is what the snapshots show.
In ``said`` the finding's span is written between ``[[`` and ``]]``.
"""

from __future__ import annotations

import hashlib
import tomllib
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from callmine.domain import Kind, Outcome, Role, RoleSource, digest_of
from callmine.playbook import TITLES
from callmine.reports.digest import build_digest
from callmine.reports.digest_values import Digest
from callmine.reports.weeks import monday
from callmine.store.rows import CallRow, EvidenceRow, ReplyRow, RepRow, WeekDeal

WEEK = "2026-W40"
OWN = ("Larkmoor", "Larkmoor Rota", "Larkmoor Pulse")
TITLED = {**TITLES, "agency_rules": "Agency worker rules"}

NO_SURE_REP: tuple[dict[str, Any], ...] = (
    {"role": Role.UNKNOWN, "role_confidence": 0.0},
    {"role_confidence": 0.5},
    {"role": Role.PROSPECT},
    {"score": 0.4},
    {"verdict": "wrong"},
)
"""Changes of a rep's finding after which it counts for nothing."""


def call(name: str = "kestrel-care-discovery", **changes: Any) -> CallRow:
    """Return a read sales call on the Wednesday of the week, linked to an open deal."""
    values: dict[str, Any] = {
        "call_id": hashlib.sha256(name.encode()).hexdigest()[:16],
        "source": f"{name}.ogg",
        "title": None,
        "type": "sales",
        "started_at": "2026-09-30T08:30:00Z",
        "duration_ms": 1_800_000,
        "channels": 2,
        "account": "Kestrel Care",
        "rep": "Ines Okafor",
        "recording": f"/recordings/{name}.ogg",
        "deal_id": "D-1",
        "deal_name": "Kestrel Care, all sites",
        "outcome": Outcome.OPEN,
        "link_rule": "manifest",
        "link_confidence": 1.0,
        "status": "done",
        "stage": None,
        "reason": None,
        "hint": None,
        "language": "en",
        "engine": "replay",
        "model": "sample",
        "words": 3000,
        "words_by_role": {"rep": 1300, "prospect": 1500, "unknown": 200},
    }
    return CallRow(**{**values, **changes})


def said(
    on: CallRow,
    words: str = "Honestly, [[that is more than double what we pay today]].",
    label: str = "price",
    **changes: Any,
) -> EvidenceRow:
    """Return a finding in ``on``; its span is between ``[[`` and ``]]`` in ``words``."""
    start = words.index("[[")
    end = words.index("]]") - 2
    utterance = words.replace("[[", "", 1).replace("]]", "", 1)
    begins = changes.pop("at_ms", 83_000 + 7_000 * (len(utterance) % 97))
    kind = changes.get("kind", Kind.OBJECTION)
    values: dict[str, Any] = {
        "finding_id": digest_of(on.call_id, utterance, kind, label, start, end),
        "kind": kind,
        "label": label,
        "text": utterance[start:end],
        "start": start,
        "end": end,
        "score": 0.9,
        "detail": {},
        "extractor": f"{kind}s/3" if kind is not Kind.POSITIONING else "positioning/2",
        "playbook": "5f0c2ad11b7e9034",
        "verdict": None,
        "call_id": on.call_id,
        "source": on.source,
        "call_title": on.title,
        "call_type": on.type,
        "started_at": on.started_at,
        "recording": on.recording,
        "utterance_index": 12,
        "utterance": utterance,
        "speaker": "ch1",
        "speaker_name": None,
        "channel": 1,
        "role": Role.PROSPECT,
        "role_source": RoleSource.CHANNEL,
        "role_confidence": 0.98,
        "start_ms": begins + 60 * start,
        "play_ms": begins,
        "end_ms": begins + 60 * end,
        "utterance_start_ms": begins,
        "utterance_end_ms": begins + 60 * len(utterance),
        "account": on.account,
        "rep": on.rep,
        "deal_id": on.deal_id,
        "deal_name": on.deal_name,
        "outcome": on.outcome,
        "amount": 42_000.0 if on.deal_id else None,
        "currency": "EUR" if on.deal_id else None,
        "close_date": None,
        "segment": None,
    }
    return EvidenceRow(**{**values, **changes})


def answered(objection: EvidenceRow, words: str, kind: str = "evidence", **changes: Any) -> EvidenceRow:
    """Return a rep's answer two turns after ``objection``; accepted as the turn after it shows."""
    detail = {"type": kind, "answers": [objection.finding_id], "accepted": "yes", "shown_in": 15}
    values = {
        "kind": Kind.ANSWER,
        "role": Role.REP,
        "speaker": "ch0",
        "speaker_name": "Ines Okafor",
        "channel": 0,
        "utterance_index": 14,
        "extractor": "answers/1",
        "detail": {**detail, **changes.pop("detail", {})},
    }
    on = call(call_id=objection.call_id, source=objection.source)
    facts = ("account", "deal_id", "deal_name", "outcome", "started_at", "recording", "amount", "currency")
    same = {name: getattr(objection, name) for name in facts}
    return said(on, words, kind, **{**values, **same, **changes})


def a_reply(to: EvidenceRow, text: str = "Fine, that helps.", **changes: Any) -> ReplyRow:
    """Return the prospect's turn right after an answer."""
    values = {
        "call_id": to.call_id,
        "utterance_index": to.detail.get("shown_in", to.utterance_index + 1),
        "text": text,
        "role": Role.PROSPECT,
        "role_confidence": 0.98,
        "start_ms": to.utterance_end_ms + 400,
        "speaker_name": None,
    }
    return ReplyRow(**{**values, **changes})


def a_rep(on: CallRow, **changes: Any) -> RepRow:
    """Return our voice in a call, which has the last word."""
    values = {
        "call_id": on.call_id,
        "speaker": "ch0",
        "name": on.rep,
        "email": None,
        "last_turn": 400,
    }
    return RepRow(**{**values, **changes})


def some_deals(deals: int, with_call: int) -> list[WeekDeal]:
    """So many deals of one kind, the first ones with a call."""
    return [WeekDeal("SMB", "Web form", n < with_call) for n in range(deals)]


def digest(calls: list[CallRow], evidence: list[EvidenceRow], **changes: Any) -> Digest:
    """Build a digest with the defaults of the tests; a fifth of the deals have no call."""
    deals = {on.deal_id for on in calls if on.deal_id and on.outcome is not Outcome.EXCLUDED}
    values: dict[str, Any] = {
        "week": WEEK,
        "playbook_titles": TITLED,
        "timezone": "Europe/Berlin",
        "own_names": OWN,
        "reps": [a_rep(on) for on in calls],
        "week_deals": some_deals(len(deals) + len(deals) // 4, len(deals)),
        "replies": [
            a_reply(row, text, speaker_name=who)
            for row in evidence
            if row.kind is Kind.ANSWER
            for said_, text, who in rich_replies()
            if row.text == said_
        ],
    }
    return build_digest(calls, evidence, **{**values, **changes})


# (account, deal, outcome, amount, currency, day of the week 0..6, who speaks)
_CAST: tuple[tuple[str, str | None, Outcome | None, float | None, str, int, str | None], ...] = (
    ("Kestrel Care", "D-101", Outcome.OPEN, 84_000, "EUR", 0, "Hanne Vollmer"),
    ("Brennholt Logistik", "D-102", Outcome.OPEN, 126_000, "EUR", 0, "Tomas Reiter"),
    ("Castlemere Hotels", "D-103", Outcome.LOST_COMPETITOR, 58_000, "GBP", 1, "Priya Nair"),
    ("Tamarack Foods", "D-104", Outcome.OPEN, 212_000, "EUR", 1, None),
    ("Ostrava Rail Services", "D-105", Outcome.LOST_NO_DECISION, 39_500, "EUR", 1, "Jana Kolářová"),
    ("Mossgate Clinics", "D-106", Outcome.OPEN, 71_000, "GBP", 2, "Dr Samuel Adeyemi"),
    ("Pinehurst Retail", "D-107", Outcome.WON, 48_000, "EUR", 2, "Lucía Ferrer"),
    ("Halden Shipping", "D-108", Outcome.OPEN, 155_000, "EUR", 2, "Erik Solheim"),
    ("Northbrook Cinemas", "D-109", Outcome.OPEN, None, "EUR", 3, None),
    ("Vale & Sons", "D-110", Outcome.OPEN, 22_000, "GBP", 3, "Owen Vale"),
    ("Quillfeather Books", "D-111", Outcome.OPEN, 17_500, "EUR", 4, "Mina Sato"),
    ("Redfern Security", None, None, None, "", 4, "Grace Mwangi"),
)


def cast() -> dict[str, CallRow]:
    """Return the twelve counted calls of the week by account."""
    rows = {}
    for number, (account, deal, outcome, _, _, day, _) in enumerate(_CAST):
        begins = datetime(2026, 9, 28, 7, 30, tzinfo=UTC) + timedelta(days=day, minutes=47 * (number % 5))
        slug = account.lower().replace(" & ", "-").replace(" ", "-")
        rows[account] = call(
            f"{number + 1:02d}-{slug}",
            account=account,
            deal_id=deal,
            deal_name=f"{account} rollout" if deal else None,
            outcome=outcome,
            started_at=begins.strftime("%Y-%m-%dT%H:%M:%SZ"),
            link_rule="manifest" if deal else None,
            link_confidence=1.0 if deal else None,
        )
    return rows


# Deals in which a label was heard, week by week from W29 to W39.
_HISTORY: dict[str, tuple[int, ...]] = {
    "price": (3, 2, 4, 3, 3, 2, 4, 3, 2, 4, 3),
    "implementation": (1, 0, 1, 2, 1, 1, 2, 1, 1, 0, 1),
    "security": (1, 1, 0, 1, 0, 0, 0, 0, 0, 1, 0),
    "integration": (2, 3, 2, 2, 3, 4, 3, 3, 4, 3, 3),
    "timing": (1, 2, 1, 0, 2, 1, 1, 2, 1, 2, 1),
    "authority": (0, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1),
    "no_need": (1, 0, 0, 1, 0, 0, 1, 0, 0, 0, 1),
    "contract": (1, 1, 2, 1, 2, 1, 1, 4, 5, 4, 4),
}


def _history() -> tuple[list[CallRow], list[EvidenceRow]]:
    calls, evidence = [], []
    for ago in range(11, 0, -1):
        begins = datetime.combine(monday(WEEK), datetime.min.time(), UTC) - timedelta(weeks=ago, hours=-9)
        week = [
            call(
                f"past-{ago:02d}-{n:02d}",
                started_at=(begins + timedelta(hours=7 * n)).strftime("%Y-%m-%dT%H:%M:%SZ"),
                account=f"Past account {ago}-{n}",
                deal_id=f"P-{ago}-{n}",
                deal_name=None,
            )
            for n in range(9 + ago % 4)
        ]
        calls += week
        for label, counts in _HISTORY.items():
            evidence += [said(week[n], label=label) for n in range(counts[11 - ago])]
        if ago in (2, 3):
            evidence += [said(week[5], "We left [[Rosterly]] in May.", "Rosterly", kind=Kind.COMPETITOR)]
        if ago < 6:
            evidence += [said(week[4], "We looked at [[Crewtide]].", "Crewtide", kind=Kind.COMPETITOR)]
            evidence += [said(week[3], "We have [[Dutymark]].", "Dutymark", kind=Kind.COMPETITOR)]
    return calls, evidence


@cache
def _words() -> dict[str, list[dict[str, Any]]]:
    return tomllib.loads((Path(__file__).parent / "digest_week.toml").read_text(encoding="utf-8"))


def rich_replies() -> list[tuple[str, str, str | None]]:
    """Return the answers of the rich week that were replied to: the answer, the reply and by whom."""
    people = {account: who for account, *_, who in _CAST}
    return [
        (e["words"].strip("[]"), e["reply"], people[e["account"]])
        for e in _words()["answer"]
        if "reply" in e
    ]


def rich_week() -> tuple[list[CallRow], list[EvidenceRow]]:
    """Return twelve weeks of calls and findings; the last one has everything a page can show."""
    rows = cast()
    people = {account: (amount, currency, who) for account, _, _, amount, currency, _, who in _CAST}

    def one(account: str, words: str, label: str, **changes: Any) -> EvidenceRow:
        amount, currency, who = people[account]
        values = {"amount": amount, "currency": currency or None, "speaker_name": who}
        return said(rows[account], words, label, **{**values, **changes})

    week = _words()
    evidence = [one(e["account"], e["words"], e["label"]) for e in week["objection"]]
    for e in week["answer"]:
        to = next(r for r in evidence if (r.account, r.label) == (e["account"], e["objection"]))
        shown = {"accepted": e["accepted"], "shown_in": 15 if "reply" in e else -1}
        evidence.append(answered(to, e["words"], e["kind"], detail=shown))
    for e in week["request"]:
        evidence.append(one(e["account"], e["words"], "content", kind=Kind.REQUEST))
    for e in week["competitor"]:
        rep = {"role": Role.REP, "speaker_name": "Ines Okafor"} if e["role"] == "rep" else {}
        evidence.append(
            one(e["account"], e["words"], e["name"], kind=Kind.COMPETITOR, detail=e["detail"], **rep)
        )
    for e in week["phrase"]:
        detail = {"side": "prospect"}
        evidence.append(one(e["account"], e["words"], "value", kind=Kind.POSITIONING, detail=detail))
    unsure = {"role": Role.UNKNOWN, "role_source": RoleSource.NONE, "role_confidence": 0.0}
    for words in ("[[That's too dear]].", "[[We can't sign for three years]].", "[[Not this quarter]]."):
        evidence.append(one("Northbrook Cinemas", words, "price", **unsure))
    evidence.append(one("Vale & Sons", "Price [[isn't a problem]].", "price", verdict="wrong"))
    evidence.append(
        one("Northbrook Cinemas", "[[Can I have the slides?]]", "content", kind=Kind.REQUEST, **unsure)
    )
    past_calls, past_evidence = _history()
    others = [
        call(
            "13-broken",
            status="failed",
            reason="the file is truncated",
            words=0,
            account=None,
            deal_id=None,
        ),
        call(
            "14-silent",
            status="failed",
            reason="the file is truncated",
            words=0,
            account=None,
            deal_id=None,
        ),
        call("15-forecast", type="internal", status="skipped", reason="internal", words=0, deal_id=None),
        call("16-waiting", status="pending", words=0, account="Ember Gyms", deal_id=None),
        call("17-undated", started_at=None, deal_id=None),
        call("18-twin", outcome=Outcome.EXCLUDED, deal_id="D-900"),
    ]
    return [*past_calls, *rows.values(), *others], [*past_evidence, *evidence]
