"""How well approved messages are found by meaning, and prospects' echoes of what a rep claimed."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.quality.gold import DATA, Labels
from benchmarks.quality.tables import HEADER, label_line, share
from callmine.domain import Mention, Role
from callmine.extractors.approved import PLAINLY, SAME_MESSAGE
from callmine.extractors.base import Passage
from callmine.extractors.encoder import Encoder
from callmine.extractors.positioning import ECHO, PositioningExtractor
from callmine.playbook import Playbook


@dataclass(frozen=True, slots=True)
class Said:
    """A line of the messages' file.

    Attributes:
        company: Whose messages it may say.
        passage: Who says what.
        message: The message that it says or takes up; ``None`` for none.
    """

    company: str
    passage: Passage
    message: str | None


@dataclass(frozen=True, slots=True)
class Matched:
    """What was found in lines of one speaker and one company or more, aligned with what they say.

    Attributes:
        wanted: The message of each line.
        found: The message that callmine names for it.
        taken: Whether it takes the line for positioning at all.
    """

    wanted: Labels
    found: Labels
    taken: tuple[bool, ...]


def messages_part(encoder: Encoder, folder: Path = DATA) -> list[str]:
    """Return the section on approved messages."""
    said = read_said(folder / "messages.jsonl")
    playbooks = read_playbooks(folder / "messages_playbooks.json")
    companies = [playbook.company.name for playbook in playbooks]
    matched = {
        (role, p.company.name): match(encoder, p, [one for one in said if one.company == p.company.name])
        for p in playbooks
        for role, match in ((Role.REP, match_claims), (Role.PROSPECT, match_echoes))
    }
    quiet = Counter(one.passage.role for one in said if not one.message)
    out = [
        f"## Approved messages ({len(said)} lines, {len(playbooks)} companies)",
        "",
        "Found by meaning, from the cosine on that the product takes: which of the company's messages"
        f" a rep's claim says ({SAME_MESSAGE:g}), each line read by itself; and which claim a prospect's"
        f" words take up ({ECHO:g}), after one claim of each message in a rep's words. What is not taken"
        f" for positioning is no echo, and a claim only from {PLAINLY:g} on, or nearly word for word."
        f" {quiet[Role.REP]} lines of reps, near misses, and"
        f" {quiet[Role.PROSPECT]} of prospects say no message.",
        "",
        HEADER,
    ]
    for role, title in ((Role.REP, "reps"), (Role.PROSPECT, "prospects")):
        one = joined([matched[role, name] for name in companies])
        out.append(label_line(title, one.wanted, one.found))
    taken = []
    for role in (Role.REP, Role.PROSPECT):
        one = joined([matched[role, name] for name in companies])
        at = [i for i, wanted in enumerate(one.wanted) if wanted]
        taken.append(share(sum(one.taken[i] for i in at), len(at)))
    return [
        *out,
        "",
        f"Of the claims {taken[0]} are taken for positioning, of the echoes {taken[1]}.",
    ]


def read_said(path: Path) -> list[Said]:
    """Return the lines of the messages' file."""
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
    return [Said(r["company"], Passage(r["text"], Role(r["role"])), r["message"]) for r in rows]


def read_playbooks(path: Path) -> list[Playbook]:
    """Return a playbook for each company with messages."""
    return [
        Playbook.model_validate({"company": {"name": one["company"]}, "messages": one["messages"]})
        for one in json.loads(path.read_text("utf-8"))
    ]


def match_claims(encoder: Encoder, playbook: Playbook, said: Sequence[Said]) -> Matched:
    """Return which message is found in each of a company's reps' lines."""
    lines = [one for one in said if one.passage.role is Role.REP]
    mentions = _extractor(encoder, playbook).extract([one.passage for one in lines])
    named = [frozenset(str(m.detail["message"]) for m in ms if "message" in m.detail) for ms in mentions]
    return Matched(_wanted(lines), named, tuple(map(bool, mentions)))


def match_echoes(encoder: Encoder, playbook: Playbook, said: Sequence[Said]) -> Matched:
    """Return which message's claim each of a company's prospects' lines is found to take up."""
    extractor = _extractor(encoder, playbook)
    lines, found, taken = [], [], []
    for claims, line in conversations(said):
        *_, mentions = extractor.extract([*(claim.passage for claim in claims), line.passage])
        lines.append(line)
        found.append(echoed(mentions, claims))
        taken.append(bool(mentions))
    return Matched(_wanted(lines), found, tuple(taken))


def conversations(said: Sequence[Said]) -> Iterator[tuple[list[Said], Said]]:
    """Yield each line of a prospect with what a rep claimed before: each message once.

    Which of the claims of a message that is goes round, so that each line has others before it.
    """
    claims: dict[str, list[Said]] = {}
    for one in said:
        if one.passage.role is Role.REP and one.message:
            claims.setdefault(one.message, []).append(one)
    turn: Counter[str | None] = Counter()
    for one in said:
        if one.passage.role is Role.PROSPECT:
            yield [alike[turn[one.message] % len(alike)] for alike in claims.values()], one
            turn[one.message] += 1


def echoed(mentions: Sequence[Mention], claims: Sequence[Said]) -> frozenset[str]:
    """Return the messages of the claims that mentions are found to take up."""
    at = [m.detail["echoes"] for m in mentions if "echoes" in m.detail]
    return frozenset(str(claims[number].message) for number in at)


def joined(parts: Sequence[Matched]) -> Matched:
    """Return what was found in several companies' lines as one."""
    return Matched(
        [wanted for part in parts for wanted in part.wanted],
        [found for part in parts for found in part.found],
        tuple(taken for part in parts for taken in part.taken),
    )


def _extractor(encoder: Encoder, playbook: Playbook) -> PositioningExtractor:
    extractor = PositioningExtractor(encoder)
    extractor.setup(playbook)
    return extractor


def _wanted(lines: Sequence[Said]) -> Labels:
    return [frozenset({one.message} if one.message else ()) for one in lines]
