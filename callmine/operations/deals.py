"""Take in deals from the CRM's tables."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from callmine.crm import load_mapping, read_deals
from callmine.errors import NothingReadable
from callmine.operations.troubles import Trouble, troubles
from callmine.playbook import load_playbook
from callmine.store import Store
from callmine.store.deals import DealChanges
from callmine.workspace import Workspace


@dataclass(frozen=True, slots=True)
class DealsImport:
    """What an import of deals brought; a warning is a note that somebody has to look at."""

    deals: int
    changes: DealChanges
    problems: tuple[Trouble, ...]
    notes: tuple[str, ...]
    warnings: tuple[str, ...] = ()


def import_deals(
    workspace: Workspace, path: Path, *, mapping: Path | None = None, delta: bool = False
) -> DealsImport:
    """Import deals from CSV or JSON.

    Raises:
        UsageError: The file, the mapping or the playbook cannot be used at all.
        NothingReadable: Not one row could be read.
    """
    # A loss reason may name a competitor. Without a playbook nobody knows their names.
    playbook = load_playbook(workspace.playbook) if workspace.playbook.exists() else None
    rivals = [name for c in playbook.competitors for name in (c.name, *c.aliases)] if playbook else []
    found = read_deals(path, mapping=load_mapping(mapping) if mapping else None, rivals=rivals)
    problems = troubles(path, found.problems)
    if not found.deals:
        reasons = "".join(f"\n  {p.where}: {p.what}" for p in problems[:5])
        raise NothingReadable(f"{path}: no deal could be read{reasons}", hint="Mend the rows named.")
    with Store(workspace.database) as store:
        changes = store.import_deals(found.deals, delta=delta)
    return DealsImport(len(found.deals), changes, problems, found.notes, _warnings(changes))


def _warnings(changes: DealChanges) -> tuple[str, ...]:
    """Warn of a partial export: it would quietly take most deals out of every count."""
    known = changes.changed + changes.unchanged + changes.gone
    if changes.gone < 2 or changes.gone * 2 <= known:
        return ()
    return (
        f"{changes.gone} of {known} deals are not in this file and count as gone; use --delta if the file"
        " holds only changes. Importing the full export again brings them back",
    )
