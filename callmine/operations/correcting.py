"""Corrections by people: findings, missed objections, roles, links."""

from __future__ import annotations

import re
from dataclasses import asdict
from typing import Any

from callmine.decisions import roles_now, stretches
from callmine.domain import Role, Speaker, Transcript
from callmine.errors import UsageError
from callmine.playbook import load_playbook
from callmine.stages.roles import after_decision
from callmine.store import Store
from callmine.store.rows import CallRow, EvidenceFilter, EvidenceRow
from callmine.validation import did_you_mean
from callmine.workspace import Workspace

QUEUE = 20
"""How many findings the queue shows."""

_UNCOUNTED = {
    Role.PROSPECT: "",
    Role.REP: "\nIt is kept, but not counted: our rep said it.",
    Role.UNKNOWN: "\nIt is kept, but not counted until it is known who said it.",
}


def queue(workspace: Workspace) -> list[EvidenceRow]:
    """Return the findings whose correction teaches most: the least certain, not yet judged.

    Those of speakers nobody knows come last: they are not counted, whatever is said of them.
    """
    with Store(workspace.database) as store:
        rows = store.evidence(EvidenceFilter(kind="objection"))
    open_rows = [row for row in rows if row.verdict is None]
    return sorted(
        open_rows, key=lambda row: (row.role is Role.UNKNOWN, abs(row.score - 0.5), row.finding_id)
    )[:QUEUE]


def doubted(workspace: Workspace) -> list[CallRow]:
    """Return the calls whose roles look inverted; nothing said in them is counted."""
    with Store(workspace.database) as store:
        return [row for row in store.calls() if row.role_doubt]


def whole_queue(workspace: Workspace) -> list[dict[str, Any]]:
    """Return the queue as one list for programs, in the order in which people see it.

    First the calls whose roles look inverted, as ``{"kind": "roles", "finding_id": null, "call_id",
    "source", "role_doubt"}``, then the findings with all of their fields.
    """
    calls = [
        {
            "kind": "roles",
            "finding_id": None,
            "call_id": call.call_id,
            "source": call.source,
            "role_doubt": call.role_doubt,
        }
        for call in doubted(workspace)
    ]
    return [*calls, *(asdict(row) for row in queue(workspace))]


def correct(
    workspace: Workspace,
    *,
    finding: str | None = None,
    right: bool = False,
    wrong: bool = False,
    label: str | None = None,
    missed: str | None = None,
    roles: str | None = None,
    swap: bool = False,
    link: tuple[str, str] | None = None,
) -> str:
    """Record one correction; return a sentence on what was done.

    Raises:
        UsageError: Not exactly one thing is corrected, or it does not exist.
    """
    said = sum((right, wrong, label is not None and finding is not None))
    ways = sum((finding is not None, missed is not None, roles is not None, link is not None))
    stray = (
        (finding is None and (right or wrong))
        or (finding is None and missed is None and label is not None)
        or (roles is None and swap)
    )
    if ways != 1 or stray or (finding is not None and said != 1) or (missed is not None and label is None):
        raise UsageError(
            "say one thing: FINDING with --right, --wrong or --label; --missed CALL:UTT with --label;"
            " --roles CALL [--swap]; or --link CALL DEAL",
            hint="Example: callmine correct 3f2a --wrong",
        )
    if label is not None:
        titles = load_playbook(workspace.playbook).titles()
        if label not in titles:
            raise UsageError(
                f"there is no objection {label!r}{did_you_mean(label, titles)}",
                hint=f"Known: {', '.join(titles)}.",
            )
    with Store(workspace.database) as store:
        if finding is not None:
            verdict = "right" if right else "wrong" if wrong else "label"
            row = store.judge(finding, verdict, label)
            return f"{row['finding_id']} ({row['kind']}:{row['label']}): {label or verdict}, noted"
        if missed is not None:
            ref, _, number = missed.rpartition(":")
            if not re.fullmatch("[0-9]{1,9}", number) or not ref:
                raise UsageError(f"--missed {missed!r}: write CALL:UTTERANCE, such as 3f2a:12")
            call = store.find_call(ref)
            text = store.add_missed(call.call_id, int(number), str(label))
            said_by = {u.index: u.role for u in store.transcript(call.call_id)[1]}[int(number)]
            return f"{call.source}, utterance {number} is {label}: “{text}”{_UNCOUNTED[said_by]}"
        if roles is not None:
            return _correct_roles(workspace, store, roles, swap=swap)
        assert link is not None
        call = store.find_call(link[0])
        deal = None if link[1].casefold() == "none" else link[1]
        store.fix_link(call.call_id, deal)
        return f"{call.source} belongs to {deal or 'no deal'}, for good"


def _correct_roles(workspace: Workspace, store: Store, ref: str, *, swap: bool) -> str:
    """Record that a call's roles are right or inverted; return who is who from now on."""
    call = store.find_call(ref)
    transcript, turns, known = store.transcript(call.call_id)
    if all(speaker.role is Role.UNKNOWN for speaker in known):
        raise UsageError(
            f"{call.source}: nobody's side is known, so there is nothing to confirm or swap",
            hint=_how_to_tell(call.call_id, transcript, known),
        )
    domains = load_playbook(workspace.playbook).company.domains
    store.set_roles(call.call_id, swap=swap)
    decided = roles_now(store.role_decision(call.call_id), stretches((t.speaker, t) for t in turns))
    speakers = after_decision(known, decided, call.facts, transcript, domains)
    what = "swapped" if swap else "confirmed"
    lines = "".join(f"\n  {line}" for line in _who_is_who(speakers))
    return f"{call.source}: roles {what}{lines}\nnext: callmine run"


def _who_is_who(speakers: tuple[Speaker, ...]) -> list[str]:
    """Return ``left: Tom Ashby, rep`` for each voice."""
    lines = []
    for speaker in sorted(speakers, key=lambda s: (s.channel is None, s.channel or 0)):
        side = {0: "left", 1: "right"}.get(-1 if speaker.channel is None else speaker.channel)
        role = "role not known" if speaker.role is Role.UNKNOWN else speaker.role.value
        name = speaker.name if speaker.name != speaker.key else None
        lines.append(f"{side or speaker.key}: {name + ', ' if name else ''}{role}")
    return lines


def _how_to_tell(call_id: str, transcript: Transcript, speakers: tuple[Speaker, ...]) -> str:
    """Return what would tell the sides of this call, which depends on how it was taken in."""
    if transcript.channels == 2 and any(speaker.channel is not None for speaker in speakers):
        return "State rep_channel (left or right) in a manifest and run again."
    if any(speaker.name for speaker in speakers):
        return (
            "Name the rep, and participants with their e-mail, in a manifest as the transcript names"
            " them, and your domains in the playbook; then run again."
        )
    if transcript.channels == 1:
        return (
            "Both sides are in one channel, and what the voices say did not tell them apart. Say it turn by"
            f" turn: `callmine transcript {call_id} -o call.txt`, write rep or prospect into the turns, and"
            " `callmine add call.txt`."
        )
    return "The transcript does not name its speakers; add one that does."
