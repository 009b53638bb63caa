"""Redaction of reports that leave the workspace: who is known, from the store and the playbook."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from callmine.playbook import Playbook, load_playbook
from callmine.store import Store
from callmine.workspace import Workspace

if TYPE_CHECKING:
    from callmine.redaction import KnownPeople

Report = TypeVar("Report")

REMARK = (
    "names, addresses and numbers of persons were looked for and taken out;"
    " that helps, and guarantees nothing: read it before it goes out"
)

_log = logging.getLogger(__name__)


def leaves(workspace: Workspace, output: Path | None) -> bool:
    """Whether a report that is written there leaves the workspace.

    What is printed does not: it is read where the workspace is.

    Args:
        workspace: Where the report is from.
        output: The file; ``None`` for the workspace's own, ``-`` for standard output.
    """
    if output is None or output == Path("-"):
        return False
    return not output.resolve().is_relative_to(workspace.root.resolve())


def redact_report(
    report: Report, workspace: Workspace, *, progress: Callable[[str], None] = _log.info
) -> Report:
    """Return a report without what is found of personal data in it.

    Args:
        report: Any report's value.
        workspace: As in :func:`redact_reports`.
        progress: As in :func:`redact_reports`.

    Raises:
        ModelError: The language model cannot be had.
    """
    return redact_reports([report], workspace, progress=progress)[0]


def redact_reports(
    reports: Sequence[Report], workspace: Workspace, *, progress: Callable[[str], None] = _log.info
) -> list[Report]:
    """Return reports without what is found of personal data in them; each numbers names by itself.

    Args:
        reports: Any reports' values.
        workspace: Where it is from: its store knows who takes part in calls.
        progress: Is told of a model that is fetched, and that nothing is guaranteed.

    Raises:
        ModelError: The language model cannot be had.
    """
    # Imported late: most reports stay where they are, and all import this module.
    from callmine import weights
    from callmine.redaction import Redactor, SmallEnglish
    from callmine.reports.redacting import redacted

    playbook, settings = load_playbook(workspace.playbook), workspace.settings.redaction
    with Store(workspace.database, create=False) as store:
        known = known_people(workspace, store, playbook)
    model = weights.resolve("en_core_web_sm", folder=workspace.models, progress=progress)
    redactor = Redactor(known, SmallEnglish(model), keep_accounts=settings.keep_accounts)
    kept, reps_stay = _texts(playbook), settings.keep_reps
    done = [redacted(report, redactor, verbatim=kept, keep_reps=reps_stay) for report in reports]
    progress(REMARK)
    return done


def known_people(workspace: Workspace, store: Store, playbook: Playbook) -> KnownPeople:
    """Return who is known by name, and what is nobody's name."""
    from callmine.crm.people import domain_of, is_ours
    from callmine.redaction import KnownPeople, name_of_address, parts_of

    everybody: set[str] = set()
    of_call: dict[str, set[str]] = {}
    of_deal: dict[str, set[str]] = {}
    kept_of_call: dict[str, set[str]] = {}
    reps_stay = workspace.settings.redaction.keep_reps
    ours = {name for group in workspace.settings.messages.groups.values() for name in group}
    for row in store.people():
        names = {name for name in (row.name, name_of_address(row.email or "")) if name and "@" not in name}
        if row.name and "@" in row.name:
            names.add(name_of_address(row.name))
        if row.ours or is_ours(domain_of(row.email), playbook.company.domains):
            ours |= names
            if reps_stay and row.call_id:  # there also by first name alone
                parts = {part for name in names for part in parts_of(name)}
                kept_of_call.setdefault(row.call_id, set()).update(parts)
        everybody |= names
        if row.call_id:
            of_call.setdefault(row.call_id, set()).update(names)
        if row.deal_id and not (reps_stay and names <= ours):
            of_deal.setdefault(row.deal_id, set()).update(names)
    for call_id, heard in store.misheard():
        kept_of_call.setdefault(call_id, set()).add(heard)
    return KnownPeople(
        everywhere=tuple(sorted(everybody | ours)),
        of_call=_sorted(of_call),
        of_deal=_sorted(of_deal),
        accounts=tuple(store.accounts()),
        kept=(*_names(playbook), *(sorted(ours) if reps_stay else ())),
        kept_of_call=_sorted(kept_of_call),
        own_texts=(*playbook.vocabulary, *(one.text for one in playbook.messages)),
    )


def _sorted(names: dict[str, set[str]]) -> dict[str, tuple[str, ...]]:
    return {key: tuple(sorted(found)) for key, found in names.items()}


def _names(playbook: Playbook) -> tuple[str, ...]:
    """Return the playbook's names and how they are heard: never a person's."""
    heard = [spelling for rival in playbook.competitors for spelling in rival.heard_as]
    return (*playbook.vocabulary, *heard)


def _texts(playbook: Playbook) -> tuple[str, ...]:
    """Return the playbook's texts, which stay as they are."""
    titles = playbook.titles(all_labels=True).values()
    return (*titles, *(one.text for one in playbook.messages), *(one.text for one in playbook.answers))
