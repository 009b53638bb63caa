"""Corrections by people: findings, missed objections, roles, links."""

from __future__ import annotations

import re

from callmine.config import Workspace
from callmine.domain import Role
from callmine.errors import UsageError
from callmine.playbook import load_playbook
from callmine.store import Store
from callmine.store.rows import EvidenceFilter, EvidenceRow
from callmine.validation import did_you_mean

QUEUE = 20
"""How many findings the queue shows."""


def queue(workspace: Workspace) -> list[EvidenceRow]:
    """Return the findings whose correction teaches most: the least certain, not yet judged."""
    with Store(workspace.database) as store:
        rows = store.evidence(EvidenceFilter(kind="objection"))
    open_rows = [row for row in rows if row.verdict is None]
    return sorted(open_rows, key=lambda row: (abs(row.score - 0.5), row.finding_id))[:QUEUE]


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
            return f"{call.source}, utterance {number} is {label}: “{text}”"
        if roles is not None:
            call = store.find_call(roles)
            if not any(speaker.role is not Role.UNKNOWN for speaker in store.transcript(call.call_id)[2]):
                raise UsageError(
                    f"{call.source}: nobody's side is known, so there is nothing to confirm or swap",
                    hint="State rep, participants or rep_channel in a manifest and run again.",
                )
            store.set_roles(call.call_id, swap=swap)
            return f"{call.source}: roles {'swapped' if swap else 'confirmed'}; next: callmine run"
        assert link is not None
        call = store.find_call(link[0])
        deal = None if link[1].casefold() == "none" else link[1]
        store.fix_link(call.call_id, deal)
        return f"{call.source} belongs to {deal or 'no deal'}, for good"
