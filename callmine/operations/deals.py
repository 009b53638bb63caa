"""Take in deals from the CRM's tables, their history, and a first mapping for such a table."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from callmine.crm import Mapping, Suggestion, load_mapping, outcome_of, read_deals, suggest_mapping
from callmine.crm.history import Moment, read_history
from callmine.crm.ids import KnownIds
from callmine.crm.rows import Problem
from callmine.domain import Deal, Outcome, utc_now
from callmine.errors import NothingReadable, UnreadableTable, UsageError
from callmine.operations.rejudging import judge_again, rivals_of
from callmine.operations.troubles import Trouble, troubles
from callmine.playbook import Playbook, load_playbook
from callmine.store import Store
from callmine.store.deals import DealChanges, DealsSource, HistoryEntry
from callmine.validation import YEARS
from callmine.workspace import Workspace


@dataclass(frozen=True, slots=True)
class DealsImport:
    """What an import of deals brought.

    Attributes:
        deals: Deals that were read.
        changes: What they changed.
        problems: Rows left out and values left empty, by line.
        notes: Remarks about the file as a whole.
        warnings: Notes that somebody has to look at.
        left_out: Rows that were left out because of a fault.
    """

    deals: int
    changes: DealChanges
    problems: tuple[Trouble, ...]
    notes: tuple[str, ...]
    warnings: tuple[str, ...] = ()
    left_out: int = 0

    @property
    def exit_code(self) -> int:
        """The contract's code: 6 if rows were left out."""
        return 6 if self.left_out else 0


@dataclass(frozen=True, slots=True)
class HistoryImport:
    """What an import of the CRM's own history brought.

    Attributes:
        entries: Changes that the file tells, of deals that are known.
        new: Those of them that were not stored so before.
        problems: Rows left out, by line.
        notes: Remarks about the file as a whole.
        left_out: Rows that were left out because of a fault, or are of deals that are not known.
    """

    entries: int
    new: int
    problems: tuple[Trouble, ...]
    notes: tuple[str, ...]
    left_out: int = 0

    @property
    def exit_code(self) -> int:
        """The contract's code: 6 if rows were left out."""
        return 6 if self.left_out else 0


def import_deals(
    workspace: Workspace,
    path: Path,
    *,
    mapping: Path | None = None,
    delta: bool = False,
    as_of: str | None = None,
) -> DealsImport:
    """Import deals from CSV or JSON.

    Args:
        workspace: Where to.
        path: The file.
        mapping: Their names of columns, stages and reasons; the default names without it.
        delta: Whether deals that are not in the file stay as they are.
        as_of: The day (or instant) that the file tells of, where it is an older one.

    Raises:
        UsageError: The file is not there or lacks the id's column, the mapping or the playbook cannot be
            used, or ``as_of`` is no date.
        NothingReadable: Not one row could be read: the file is empty, no table, or all rows are faulty.
    """
    playbook = _playbook(workspace)
    rivals = rivals_of(playbook)
    at = known_at(as_of, workspace.settings.timezone) if as_of is not None else None
    used = load_mapping(mapping) if mapping else None
    with _table():
        found = read_deals(path, mapping=used, rivals=rivals, today=(at or utc_now())[:10])
    problems = troubles(path, found.problems)
    if not found.deals and not problems:
        raise _no_rows(path)
    if not found.deals:
        reasons = "".join(f"\n  {p.where}: {p.what}" for p in problems[:5])
        raise NothingReadable(f"{path}: no deal could be read{reasons}", hint="Mend the rows named.")
    with Store(workspace.database) as store:
        known = store.deal_rows()
        ids = KnownIds(row.deal.deal_id for row in known)
        deals = [replace(deal, deal_id=ids.known(deal.deal_id)) for deal in found.deals]
        absent = {row.deal.deal_id for row in known if not row.is_gone}.difference(d.deal_id for d in deals)
        # Whatever a row with its id was taken for, a deal that is known was left out with it.
        lost = sum(p.lost or ids.known(p.about or "") in absent for p in found.problems)
        # A deal whose row could not be read is absent, and not gone.
        unsure = bool(lost and absent and not delta)
        changes = store.import_deals(
            deals,
            delta=delta or unsure,
            at=at,
            words={ids.known(deal_id): words for deal_id, words in found.words.items()},
            source=DealsSource(path.name, _told(used), rivals),
        )
        if playbook:
            judge_again(store, playbook)
    warnings = (_unsure(lost, len(absent)),) if unsure else _warnings(changes)
    return DealsImport(len(deals), changes, problems, found.notes, warnings, lost)


def suggest(workspace: Workspace | None, path: Path) -> Suggestion:
    """Suggest a mapping for a CRM's export, as an import into the workspace would read it.

    Without a workspace no competitor is known by name.

    Raises:
        UsageError: The file is not there, or the playbook is not valid.
        NothingReadable: The file cannot be read as a table.
    """
    rivals = rivals_of(_playbook(workspace)) if workspace else ()
    with _table():
        return suggest_mapping(path, rivals=rivals)


@contextmanager
def _table() -> Iterator[None]:
    """Tell a file that is no table as what it is here: the only thing given, and not readable."""
    try:
        yield
    except UnreadableTable as error:
        raise NothingReadable(error.message, hint=error.hint) from error


def _no_rows(path: Path) -> NothingReadable:
    what = "no rows" if path.suffix.lower() == ".json" else "a header and no rows"
    return NothingReadable(f"{path}: the file has {what}", hint="Export it again, with its rows.")


def _playbook(workspace: Workspace) -> Playbook | None:
    """Return the playbook: a loss reason may name a competitor, and only the playbook knows their names."""
    return load_playbook(workspace.playbook) if workspace.playbook.exists() else None


def import_history(workspace: Workspace, path: Path, *, mapping: Path | None = None) -> HistoryImport:
    """Import the CRM's own history of stages, of deals that were imported before.

    Where a stage is the deal's present one its outcome is the deal's; other stages are judged by name.

    Raises:
        UsageError: The file is not there or lacks a column, or the mapping cannot be used.
        NothingReadable: Not one row could be used: the file is empty, no table, or all rows are faulty.
    """
    used = load_mapping(mapping) if mapping else None
    with _table():
        found = read_history(path, mapping=used, timezone=workspace.settings.timezone)
    problems = list(found.problems)
    if "no rows" in found.notes and not problems:
        raise _no_rows(path)
    entries = []
    with Store(workspace.database) as store:
        deals = {row.deal.deal_id: row.deal for row in store.deal_rows()}
        ids = KnownIds(deals)
        for moment in found.moments:
            deal = deals.get(ids.known(moment.deal_id))
            if deal is None:
                hint = "Import the deals first, with `callmine deals FILE`."
                what = "no such deal; the row is left out"
                problems.append(Problem(moment.line, moment.deal_id, what, hint, lost=True))
            else:
                entries.append(_entry(moment, deal, used))
        told = troubles(path, sorted(problems, key=lambda p: p.line))
        if not entries:
            reasons = "".join(f"\n  {p.where}: {p.what}" for p in told[:5])
            raise NothingReadable(
                f"{path}: no history could be read{reasons}", hint="Import the deals first; mend the rows."
            )
        new = store.import_history(entries, source=DealsSource(path.name, _told(used)))
    left_out = len({problem.line for problem in problems if problem.lost})
    return HistoryImport(len(entries), new, told, found.notes, left_out)


def _entry(moment: Moment, deal: Deal, mapping: Mapping | None) -> HistoryEntry:
    outcome = None
    if moment.stage is not None:
        outcome, _ = outcome_of(stage=moment.stage, pipeline=deal.pipeline, mapping=mapping)
        # History tells no reason: the deal does.
        if moment.stage == deal.stage or (outcome is Outcome.LOST_UNKNOWN and deal.outcome.is_lost):
            outcome = deal.outcome
    return HistoryEntry(deal.deal_id, moment.at, moment.stage, outcome, moment.amount, moment.close_date)


def known_at(text: str, timezone: str) -> str:
    """Return the UTC instant at which an export of a day told what it tells: the end of that day.

    Args:
        text: An ISO date, or a date and time.
        timezone: Whose day it is.

    Raises:
        UsageError: It is neither, or not over yet, or of a year before any CRM.
    """
    try:
        moment = datetime.fromisoformat(text)
        if moment.year < YEARS.start:
            raise ValueError(f"the year {moment.year}")
        if len(text.strip()) <= len("2026-10-02"):
            moment += timedelta(hours=23, minutes=59, seconds=59)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(timezone))
        at = moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError) as error:
        raise UsageError(f"--as-of: {text!r} is not a date", hint="Write 2026-10-02.") from error
    if at > utc_now():
        raise UsageError(
            f"--as-of: {text} is not over yet", hint="Leave --as-of out for an export of today."
        )
    return at


def _told(mapping: Mapping | None) -> str:
    return (mapping or Mapping()).model_dump_json(exclude_defaults=True)


def _unsure(lost: int, absent: int) -> str:
    """Say why no deal counts as gone: it may be the one whose row could not be read."""
    rows = "a row" if lost == 1 else f"{lost:,} rows"
    deals = "a deal that was" if absent == 1 else f"{absent:,} deals that were"
    it = "it is" if absent == 1 else "they are"
    return (
        f"{rows} could not be read, so {deals} known before and not found in this file stay as {it}, and"
        " none counts as gone; mend the file and import it again"
    )


def _warnings(changes: DealChanges) -> tuple[str, ...]:
    """Warn of a partial export: it would quietly take most deals out of every count."""
    known = changes.changed + changes.unchanged + changes.gone
    if changes.gone < 2 or changes.gone * 2 <= known:
        return ()
    return (
        f"{changes.gone} of {known} deals are not in this file and count as gone; use --delta if the file"
        " holds only changes. Importing the full export again brings them back",
    )
