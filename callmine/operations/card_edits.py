"""What people say of a battlecard: owner, notes, pins, bars, and which version is approved."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from callmine.domain import Kind
from callmine.errors import UsageError
from callmine.operations.correcting import who_says
from callmine.operations.picking import picks
from callmine.operations.receipts import receipts
from callmine.playbook import Competitor, load_playbook
from callmine.reports.battlecard_people import SECTIONS, holding, quoted_ids
from callmine.reports.weeks import long_day, zone
from callmine.store import Store
from callmine.store.cards import KIND, CardVersion, NewEdit, ReportEdit
from callmine.store.rows import EvidenceRow
from callmine.validation import did_you_mean
from callmine.workspace import Workspace

LONGEST_NOTE = 2000
"""Characters of a note at most: a card is no document."""


def edit_card(
    store: Store,
    workspace: Workspace,
    competitor: Competitor,
    *,
    owner: str | None = None,
    approve: str | None = None,
    version: int | None = None,
    note: tuple[str, str] | None = None,
    pin: str | None = None,
    bar: str | None = None,
    drop: int | None = None,
    by: str | None = None,
    progress: Callable[[str], None] = lambda text: None,
) -> None:
    """Remember what a person says of a card, all of it or nothing; it holds for every later version.

    Args:
        store: Where.
        workspace: Whose settings say who this is, and what time.
        competitor: Whose card.
        owner: Who answers for the card from now on.
        approve: Who freezes a version.
        version: Which one; by default the last that was built.
        note: A section and a text that stands there from now on.
        pin: A finding, or its quote's anchor, to be quoted first.
        bar: One not to be quoted.
        drop: Number of something said before that holds no longer.
        by: Who says so; by default as for corrections.
        progress: Is told what is kept as which number, and which version is approved.

    Raises:
        UsageError: There is no such section, finding, version or number; a text or name is empty or too
            long; no card of the competitor can show what is pinned or barred; or a version is approved in
            one breath with a change, which is not in it.
    """
    who = who_says(workspace, by) or "somebody"
    name = competitor.name
    approved = None
    said: list[NewEdit] = []
    if owner is not None:
        said.append(NewEdit("owner", who, text=_text(owner, "--owner")))
    if note is not None:
        section, text = note
        said.append(NewEdit("note", who, section=_section(section), text=_text(text, "--note")))
    said += picks(
        store,
        pin=pin,
        bar=bar,
        by=who,
        refused=lambda row: _not_on(row, name, store),
        not_barred=lambda row: "" if _is_kept(row, name, store) else _not_on(row, name, store),
    )
    if drop is not None:
        about = _known(drop, holding(store.report_edits(KIND, name)), name)
        said.append(NewEdit("drop", who, about=about))
    if approve is not None:
        if any(edit.what != "owner" for edit in said):
            raise UsageError(
                "a version is approved as it was built, and what changes with it would not be in it",
                hint="Change the card first, build and read it, then say --approve alone.",
            )
        approved = _version(version, store.card_versions(name), name)
        said.append(NewEdit("approve", _text(approve, "--approve"), about=approved.report_id))
    elif version is not None:
        raise UsageError(
            f"--version {version} says which version is approved, and not by whom",
            hint='Add --approve "Your Name", or leave --version out.',
        )
    store.edit_report(KIND, name, said)
    for line in receipts(store, KIND, name, len(said)):
        progress(line)
    if approved is not None:
        made_at = datetime.fromisoformat(approved.made_at).astimezone(zone(workspace.settings.timezone))
        built = f"{long_day(made_at.date().isoformat())} at {made_at:%H:%M}"
        progress(f"approved version {approved.number} of the card of {name}, built on {built}")


def competitor_of_edit(workspace: Workspace, names: Sequence[str]) -> Competitor:
    """Return the one competitor whose card is changed.

    Raises:
        UsageError: There are several, or the playbook has none of that name.
    """
    from callmine.operations.battlecards import competitor_of

    if len(names) != 1:
        raise UsageError("one card is changed at a time", hint="Name one competitor.")
    return competitor_of(names[0], load_playbook(workspace.playbook))


def _not_on(row: EvidenceRow, name: str, store: Store) -> str:
    """Say why a finding has nothing to do with a competitor's card; empty where it has."""
    if row.kind is Kind.COMPETITOR and row.label != name:
        return f"it names {row.label}, and this is the card of {name}"
    named = store.heard([row.call_id], kinds=(Kind.COMPETITOR,), detailed=())
    if not any(one.label == name and not one.is_struck_out for one in named):
        return f"{name} is not named in its call"
    return ""


def _is_kept(row: EvidenceRow, name: str, store: Store) -> bool:
    """Whether a version of a card quotes a finding, though it could come on no card that is built now."""
    versions = store.card_versions(name)
    return any(row.finding_id in quoted_ids(store.card_value(version)) for version in versions)


def _section(section: str) -> str:
    if section not in SECTIONS:
        raise UsageError(
            f"a card has no section {section!r}{did_you_mean(section, SECTIONS)}",
            hint=f"Sections: {', '.join(SECTIONS)}.",
        )
    return section


def _text(text: str, option: str) -> str:
    shown = " ".join(text.split())
    if not shown:
        raise UsageError(f"{option} is empty", hint="Write what it is to say.")
    if len(shown) > LONGEST_NOTE:
        raise UsageError(f"{option} has {len(shown):,} characters", hint=f"Write {LONGEST_NOTE:,} at most.")
    return shown


def _known(number: int, edits: Sequence[ReportEdit], name: str) -> int:
    if number not in {edit.edit_id for edit in edits}:
        raise UsageError(
            f"nothing with number {number} holds for the card of {name}",
            hint="The numbers stand on the card, under what people changed.",
        )
    return number


def _version(number: int | None, versions: Sequence[CardVersion], name: str) -> CardVersion:
    if not versions:
        raise UsageError(
            f"there is no card of {name} to approve",
            hint="Build and read it first: leave --approve out.",
        )
    wanted = versions[-1].number if number is None else number
    found = next((one for one in versions if one.number == wanted), None)
    if found is None:
        raise UsageError(
            f"the card of {name} has no version {wanted}",
            hint=f"Kept: {_numbers(versions)}. The number stands at the head of the card.",
        )
    return found


def _numbers(versions: Sequence[CardVersion]) -> str:
    """Return the numbers of versions, with gaps where some are deleted: ``1, 4 to 9``."""
    runs: list[list[int]] = []
    for one in versions:
        if runs and one.number == runs[-1][-1] + 1:
            runs[-1].append(one.number)
        else:
            runs.append([one.number])
    return ", ".join(f"{run[0]} to {run[-1]}" if run[1:] else str(run[0]) for run in runs)
