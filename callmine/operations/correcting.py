"""Corrections by people: findings, what was missed, roles, links; and what was corrected so far."""

from __future__ import annotations

import getpass
import re
from dataclasses import asdict
from typing import Any

from callmine.decisions import roles_now, stretches
from callmine.domain import Role, Speaker, Transcript
from callmine.errors import SettingsError, UsageError
from callmine.extractors.sounds import words_of
from callmine.operations.deal_ids import known_deal
from callmine.playbook import load_playbook
from callmine.reports.quotes import misheard
from callmine.stages.roles import after_decision
from callmine.store import Store
from callmine.store.corrections import BY_RULES
from callmine.store.rows import EvidenceFilter, EvidenceRow
from callmine.validation import did_you_mean
from callmine.workspace import Workspace

_UNCOUNTED = {
    Role.PROSPECT: "",
    Role.REP: "\nIt is kept, but not counted: our rep said it.",
    Role.UNKNOWN: "\nIt is kept, but not counted until it is known who said it.",
}


def correct(
    workspace: Workspace,
    *,
    finding: str | None = None,
    right: bool = False,
    wrong: bool = False,
    label: str | None = None,
    missed: str | None = None,
    words: str | None = None,
    nothing: bool = False,
    roles: str | None = None,
    swap: bool = False,
    link: tuple[str, str] | None = None,
    by: str | None = None,
) -> str:
    """Record one correction; return a sentence on what was done.

    Args:
        workspace: Where.
        finding: Id of a finding, or its beginning; with ``right``, ``wrong`` or ``label``.
        right: It is what it was found to be.
        wrong: It is not.
        label: The objection that it is instead, or that was missed.
        missed: ``CALL:UTTERANCE`` in which nobody found an objection; with ``label`` or ``nothing``.
        words: The part of that utterance that says it; ``None`` for all of it. With ``right``, the
            part that says the finding.
        nothing: There is no objection in that utterance.
        roles: A call whose roles are right, or with ``swap`` the wrong way round.
        swap: See ``roles``.
        link: A call and its deal, ``none``, or ``auto`` for the one that the rules find.
        by: Who says so; see :func:`who_says`.

    Raises:
        UsageError: Not exactly one thing is corrected, or it does not exist.
    """
    said = sum((right, wrong, label is not None and finding is not None))
    ways = sum((finding is not None, missed is not None, roles is not None, link is not None))
    stray = (
        (finding is None and (right or wrong))
        or (finding is None and missed is None and label is not None)
        or (missed is None and nothing)
        or (words is not None and not (right if missed is None else label is not None))
        or (roles is None and swap)
    )
    unsaid = (finding is not None and said != 1) or (missed is not None and (label is None) != nothing)
    if ways != 1 or stray or unsaid:
        raise UsageError(
            "say one thing: FINDING with --right [--words], --wrong or --label; --missed CALL:UTT with"
            " --label [--words] or --nothing; --roles CALL [--swap]; or --link CALL DEAL|none|auto",
            hint="Example: callmine correct 3f2a --wrong",
        )
    if label is not None:
        titles = load_playbook(workspace.playbook).titles()
        if label not in titles:
            raise UsageError(
                f"there is no objection {label!r}{did_you_mean(label, titles)}",
                hint=f"Known: {', '.join(titles)}.",
            )
    who = who_says(workspace, by)
    with Store(workspace.database) as store:
        if finding is not None and words is not None:
            new = store.reword(finding, words, by=who)
            return f"{new.finding_id} ({new.kind}:{new.label}): right, in the words “{new.text}”, noted"
        if finding is not None:
            verdict = "right" if right else "wrong" if wrong else "label"
            row, withdrawn = store.judge(finding, verdict, label, by=who)
            told = f"{row['finding_id']} ({row['kind']}:{row['label']}): {label or verdict}, noted"
            # One turn does not hold the same objection twice.
            if withdrawn:
                return f"{told}; {withdrawn}, the same in other words, is withdrawn"
            (now,) = store.evidence(EvidenceFilter(finding_id=row["finding_id"]))
            return told + (_spelling(workspace, now) if right else "")
        if missed is not None:
            return _correct_turn(store, missed, label, words, by=who)
        if roles is not None:
            return _correct_roles(workspace, store, roles, swap=swap, by=who)
        assert link is not None
        return _correct_link(store, *link, by=who)


def who_says(workspace: Workspace, by: str | None = None) -> str | None:
    """Return the name to keep with a correction: the one given, the setting's, or the account's.

    Raises:
        UsageError: The one given is empty.
    """
    if by is not None and not by.strip():
        raise UsageError("--by has no name", hint='Write --by "Your Name", or leave it out.')
    name = (by or workspace.settings.user).strip()
    if name:
        return name
    try:
        return getpass.getuser()
    except (ImportError, KeyError, OSError):  # a container's user may have no name
        return None


def made(workspace: Workspace) -> list[dict[str, Any]]:
    """Return what people corrected, newest first."""
    with Store(workspace.database) as store:
        return [asdict(row) for row in store.corrections()]


def _spelling(workspace: Workspace, name: EvidenceRow) -> str:
    """Say of a competitor's name that is right, and was recognised as another word, what comes of it."""
    try:
        playbook = load_playbook(workspace.playbook)
    except SettingsError:  # what a person says is kept all the same
        return ""
    heard = misheard(name.kind, name.label, name.detail)
    rival = next((one for one in playbook.competitors if one.name == name.label), None)
    if heard is None or rival is None:
        return ""
    known = {"".join(words_of(form)) for form in (rival.name, *rival.aliases, *rival.heard_as)}
    if "".join(words_of(heard)) in known:
        return f"; “{heard}” is among {rival.name}'s names in the playbook already, nothing is to be added"
    return f"; see `callmine playbook suggest`, which collects such spellings for {rival.name}"


def _correct_turn(
    store: Store, missed: str, label: str | None, words: str | None, *, by: str | None
) -> str:
    """Record an objection that was missed in a turn, or with no label that there is none."""
    ref, _, number = missed.rpartition(":")
    if not re.fullmatch("[0-9]{1,9}", number) or not ref:
        raise UsageError(f"--missed {missed!r}: write CALL:UTTERANCE, such as 3f2a:12")
    call = store.find_call(ref)
    where = f"{call.source}, utterance {number}"
    if label is None:
        turn = store.add_nothing(call.call_id, int(number), by=by)
        return f"{where} holds no objection: “{turn.text}”"
    turn = store.add_missed(call.call_id, int(number), label, words=words, by=by)
    return f"{where} is {label}: “{words or turn.text}”{_UNCOUNTED[turn.role]}"


def _correct_link(store: Store, ref: str, deal: str, *, by: str | None) -> str:
    """Record which deal a call belongs to, or that the rules shall say so again."""
    call = store.find_call(ref)
    if deal.casefold() == BY_RULES:
        if not store.free_link(call.call_id, by=by):
            return f"{call.source}: nobody tied it by hand, the rules decide; nothing is to be taken back"
        return f"{call.source}: the rules decide again which deal it belongs to\nnext: callmine run"
    wanted = None if deal.casefold() == "none" else known_deal(store, deal)
    store.fix_link(call.call_id, wanted, by=by)
    undo = f"`callmine correct --link {call.call_id} {BY_RULES}` takes it back"
    return f"{call.source} belongs to {wanted or 'no deal'}, whatever the rules say; {undo}"


def _correct_roles(workspace: Workspace, store: Store, ref: str, *, swap: bool, by: str | None) -> str:
    """Record that a call's roles are right or inverted; return who is who from now on."""
    call = store.find_call(ref)
    transcript, turns, known = store.transcript(call.call_id)
    if all(speaker.role is Role.UNKNOWN for speaker in known):
        raise UsageError(
            f"{call.source}: nobody's side is known, so there is nothing to confirm or swap",
            hint=_how_to_tell(call.call_id, transcript, known),
        )
    domains = load_playbook(workspace.playbook).company.domains
    store.set_roles(call.call_id, swap=swap, by=by)
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
