"""Remarks about a table of deals as a whole: what was not used, not found, or not understood."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from callmine.crm.outcome import chosen_in
from callmine.crm.people import domain_of, labels_of, mixed_scripts
from callmine.crm.rows import Problem, Table, fold
from callmine.domain import Deal, Outcome

_SHOWN = 12
_ALIKE = 0.6

FEW = 5
"""Deals that end before they begin that are told one by one; more are told in one line."""

MOVED = "If the deals came from another CRM, map created_at to the column with the day they began there."
"""What to do about them."""


def about_columns(
    table: Table, wanted: Mapping[str, tuple[str, ...]], sources: Mapping[str, list[str]], *, mapped: bool
) -> list[str]:
    """Say which columns were not used, and which the mapping names but the file lacks.

    Args:
        table: The table.
        wanted: Their names for each of ours.
        sources: Those of them, folded, that are there.
        mapped: Whether somebody wrote a mapping.
    """
    notes = []
    if not table.rows:
        notes.append("no rows")
    used = {source for names in sources.values() for source in names}
    ignored = [written for folded, written in table.columns.items() if folded not in used]
    if ignored:
        notes.append(f"columns not used: {some(ignored)}")
    for ours, names in wanted.items() if mapped else ():
        missing = [name for name in names if fold(name) not in table.columns]
        if len(missing) == len(names) and names != (ours,):
            guess = _guess(missing[0], ignored)
            notes.append(f"[columns] {ours}: the file has no column {some(missing)}{guess}")
    if table.rows and not any(sources[c] for c in ("outcome", "is_won", "is_closed", "stage")):
        notes.append("no column says how deals ended: all count as open")
    return notes


def won_but_open(deal: Deal, *, is_won: bool | None, is_closed: bool | None) -> str | None:
    """Say that the CRM's flags cannot both be true; the deal is kept, and counts as what it was judged."""
    if not is_won or is_closed is not False or deal.outcome is Outcome.EXCLUDED:
        return None
    return f"is_won is yes, but is_closed is no; it counts as {deal.outcome}"


def closed_before_created(deal: Deal) -> str | None:
    """Say that a deal ends before it begins; both dates are kept."""
    if not deal.close_date or not deal.created_at or deal.close_date >= deal.created_at:
        return None
    return f"close_date {deal.close_date} is before created_at {deal.created_at}; both are kept"


def looks_like_another(deal: Deal) -> str | None:
    """Say that a domain of a deal mixes scripts, as one that is made to be taken for another's does."""
    for domain in filter(None, (deal.account_domain, *map(domain_of, deal.contact_emails))):
        for scripts in filter(None, map(mixed_scripts, labels_of(domain))):
            shown = ".".join(labels_of(domain))
            return (
                f"the domain {shown[:60]!r} ({domain[:60]}) mixes {' and '.join(scripts)} letters;"
                " it is kept, and stands for no company by its name"
            )
    return None


def about_early_closes(early: Sequence[Problem]) -> list[str]:
    """Say of many deals at once that they end before they begin: a CRM's own first day, mostly."""
    first = early[0]
    return [
        f"{len(early)} deals have a close_date before their created_at, such as {first.about} in line"
        f" {first.line}; both dates are kept. {MOVED}"
    ]


def about_stages(numbered: Counter[str]) -> list[str]:
    """Say which stages are numbers that nothing explains: internal ids, as HubSpot's API tells them."""
    if not numbered:
        return []
    stages = [f"{stage[:60]!r} ({n})" for stage, n in numbered.most_common()]
    return [
        f"stages that look like internal ids count as open: {some(stages)};"
        " say under [outcome] in a mapping file what they mean, or map is_won and is_closed"
    ]


def about_unknown_stages(suspect: Counter[str]) -> list[str]:
    """Say which stages that no rule knows count as open, though their deals look closed."""
    if not suspect:
        return []
    stages = [f"{stage[:60]!r} ({n})" for stage, n in suspect.most_common()]
    return [
        "stages not known, counted as open though these deals have a loss reason or a close date in the"
        f" past: {some(stages)}; say under [outcome] in a mapping file what they mean"
    ]


def about_reasons(unexplained: Counter[str]) -> list[str]:
    """Say which loss reasons no rule understood, and which of them name somebody unknown."""
    if not unexplained:
        return []
    reasons = [f"{reason[:40]!r} ({n})" for reason, n in unexplained.most_common()]
    notes = [
        f"loss reasons not understood, counted as lost_other: {some(reasons)};"
        " say under [loss_reasons] in a mapping file what they mean"
    ]
    chosen = dict.fromkeys(name for reason in unexplained if (name := chosen_in(reason)))
    if chosen:
        notes.append(
            f"these sound like competitors that the playbook does not know: {some(chosen)};"
            " add them under [[competitors]] there, and the next run judges these deals again"
        )
    return notes


def some(names: Iterable[str]) -> str:
    """Return names in a list, the first of them where they are many."""
    listed = list(names)
    more = f" and {len(listed) - _SHOWN} more" if len(listed) > _SHOWN else ""
    return ", ".join(name[:60] for name in listed[:_SHOWN]) + more


def _guess(missing: str, unused: Iterable[str]) -> str:
    """Suggest a column for a missing one: never one that is read already, or plainly another.

    ``Opportunity ID`` is not ``Opportunity Name`` misspelt, however long the word they share.
    """
    ours = set(missing.casefold().split())
    for near in difflib.get_close_matches(missing, list(unused), n=5):
        theirs = set(near.casefold().split())
        mine, other = (" ".join(sorted(words)) for words in (ours - theirs, theirs - ours))
        if not (mine and other) or difflib.SequenceMatcher(None, mine, other).ratio() >= _ALIKE:
            return f" (did you mean {near!r}?)"
    return ""
