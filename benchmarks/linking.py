"""``python -m benchmarks.linking``: how well calls are tied to their deals, on a generated year.

The year (:mod:`benchmarks.year`) was written by somebody who had not seen the linker; the linker was not
written to it. Seeds 1 to 9 are for development, 2026 is the test. Calls are linked by the real stage, in a
workspace made for it. A right link names the call's own deal: another deal of the same account is wrong.

A call whose deal the CRM does not hold at the year's end (deleted, or on a damaged row) counts as one
without a deal. Internal calls and those without consent are not taken in, and so in no row.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from importlib import metadata
from pathlib import Path

from benchmarks.tables import origin, put, table
from benchmarks.year import load_year, make_year
from benchmarks.year.load import call_id, is_kept
from benchmarks.year.values import TrueDeal, Year, YearCall
from callmine.operations.workspaces import init_workspace
from callmine.store import Store
from callmine.workspace import Workspace

INTERVAL = 0.95
"""Of the Wilson intervals."""

PAGE = Path(__file__).parents[1] / "docs" / "quality.md"

BANDS = (0.0, 0.7, 0.8, 0.9, 0.95, 0.98, 1.0)
"""Lower ends of the bands of confidence; in the last one it is exactly 1."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A call with its true deal and the one it was tied to; ids of 15 characters, ``None`` for no deal.

    ``mistake`` says what is wrong with the link, empty where nothing is or there is none. ``beside`` is how
    many other deals of the same account the CRM had open on that day, or opened within two weeks; ``alike``
    how many of these neither the owner nor a contact in the CRM tells from the call's own.
    """

    call: YearCall
    truth: str | None
    linked: str | None
    confidence: float
    rule: str
    mistake: str
    beside: int
    alike: int

    @property
    def right(self) -> bool:
        """Whether it is tied to its own deal."""
        return self.linked is not None and self.linked == self.truth

    @property
    def by_id(self) -> bool:
        """Whether the recorder names a deal."""
        return bool(self.call.metadata.deal_id)

    @property
    def named(self) -> bool:
        """Whether it carries an account name or a domain; see :mod:`benchmarks.year.metadata`."""
        return bool(self.call.carries & {"account", "domain"})


@dataclass(frozen=True, slots=True)
class Linking:
    """What the linker did with a year."""

    seed: int
    deals: int
    judged: tuple[Judged, ...]

    def precision(self) -> tuple[int, int]:
        """Return right links and links, of calls without an id."""
        made = [one for one in self.judged if one.linked and not one.by_id]
        return sum(one.right for one in made), len(made)

    def recall(self) -> tuple[int, int]:
        """Return rightly linked calls and all, of those with a deal and an account or domain but no id."""
        there = [one for one in self.judged if one.truth and one.named and not one.by_id]
        return sum(one.right for one in there), len(there)


def measure(seed: int, deals: int) -> Linking:
    """Make a year, link it in a workspace of its own, and compare."""
    year = make_year(seed, deals=deals)
    with tempfile.TemporaryDirectory() as folder:
        workspace, _ = init_workspace(Path(folder) / "workspace")
        load_year(year, workspace)
        return judge(year, workspace)


def judge(year: Year, workspace: Workspace) -> Linking:
    """Compare a workspace's links with the truth of the year that was loaded into it."""
    with Store(workspace.database) as store:
        held = {row["deal_id"][:15] for row in store.table_rows("deals")}
        links = {row["call_id"]: row for row in store.table_rows("links")}
    accounts = {deal.deal_id: deal.account for deal in year.deals}
    by_account: dict[int, list[TrueDeal]] = {}
    for known in year.deals:
        by_account.setdefault(known.account, []).append(known)
    copies = {deal.deal_id: deal.copy_of for deal in year.deals if deal.copy_of is not None}
    judged = []
    for call in filter(is_kept, year.calls):
        deal = year.deals[call.deal] if call.deal is not None else None
        truth = deal.deal_id if deal and deal.deal_id in held else None
        row: Mapping[str, object] = links.get(call_id(call), {})
        linked = str(row["deal_id"])[:15] if row.get("deal_id") else None
        mistake = ""
        if linked and linked != truth:
            same = deal is not None and accounts.get(linked) == deal.account
            mistake = "another deal of the account" if same else "another account's deal"
            mistake = "a duplicate of its deal" if copies.get(linked) == call.deal else mistake
            if truth is None:
                mistake = f"has no deal in the CRM; {mistake}" if deal else "belongs to no deal"
        beside = _beside(call, deal, by_account[deal.account]) if deal else []
        alike = sum(_alike(year, call, deal, other) for other in beside) if deal else 0
        confidence, rule = float(str(row.get("confidence", 0.0))), str(row.get("rule", ""))
        judged.append(Judged(call, truth, linked, confidence, rule, mistake, len(beside), alike))
    return Linking(year.seed, len(year.deals), tuple(judged))


def _beside(call: YearCall, own: TrueDeal, siblings: Iterable[TrueDeal]) -> list[TrueDeal]:
    day = call.started.date()
    return [
        deal
        for deal in siblings
        if deal.number != own.number and deal.created - timedelta(days=14) <= day <= (deal.closed or day)
    ]


def _alike(year: Year, call: YearCall, own: TrueDeal, other: TrueDeal) -> bool:
    """Whether the CRM and the recorder together say nothing of a call that is true of one deal only.

    Not its owner, unless another rep made the call, nor a contact entered with this deal alone. Times may.
    """
    told = call.metadata
    by_owner = own.owner != other.owner and year.reps[own.owner].email in (
        told.rep_email,
        *(person.email for person in told.participants),
    )
    only = set(own.crm_emails) - set(other.crm_emails)
    return not by_owner and not any(person.email in only for person in told.participants)


def report(linking: Linking) -> list[str]:
    """Return the tables; shares have Wilson intervals of 95 %, over calls as if they were independent."""
    every = linking.judged
    free = [one for one in every if not one.by_id]
    title = (
        f"Seed {linking.seed}: {linking.deals} deals, {len(every)} calls, {len(free)} of them without an id"
    )
    return [
        title,
        "",
        *table(
            ("", "calls with a deal", "linked rightly (recall)", "links", "right (precision)"),
            _main(every, free),
        ),
        "",
        "By kind of call, without ids:",
        "",
        *_by(
            free,
            lambda one: f"{one.call.kind}{'' if one.truth or one.call.deal is None else ', deal deleted'}",
        ),
        "",
        "By rule:",
        "",
        *_by([one for one in every if one.linked], lambda one: one.rule),
        "",
        "Wrong links, without ids:",
        "",
        *table(("mistake", "links"), Counter(one.mistake for one in free if one.mistake).most_common()),
        "",
        "What is said of the call, where it went wrong or was missed (calls with a deal, without ids):",
        "",
        *table(("noise", "calls", "linked rightly", "wrongly", "not"), _by_noise(free)),
        "",
        "Confidence:",
        "",
        *table(("stated", "mean", "links", "right"), _reliability(every)),
    ]


def page_part(linking: Linking) -> list[str]:
    """Return what the quality page says."""
    free = [one for one in linking.judged if not one.by_id]
    return [
        "## Linking calls to deals",
        "",
        f"A generated year of {linking.deals:,} deals and {len(linking.judged):,} calls"
        " (`benchmarks/year`), by somebody who had not seen the linker: names as people type them,"
        " addresses of consultants, free mail, assistants, deals side by side, calls that belong to no"
        " deal. A link is right when it names the call's own deal; another deal of the same account is"
        " wrong. Development was on other seeds.",
        "",
        *table(
            ("calls", "with a deal", "linked rightly, %", "links", "right, %"), _main(linking.judged, free)
        ),
        "",
        "What the stated probability is worth:",
        "",
        *table(("stated", "mean", "links", "right, %"), _reliability(linking.judged)),
        "",
        "Most calls that are missed have two deals of their account alive at the time, and nothing that"
        " tells them apart: a wrong link spoils two deals, a missing one only coverage.",
        *origin(
            {"rapidfuzz": metadata.version("rapidfuzz")},
            f"python -m benchmarks.linking --seed {linking.seed} --write",
        ),
    ]


def share(hits: int, total: int) -> str:
    """Return a share in per cent with its interval: two of them may differ by half a point."""
    from statsmodels.stats.proportion import proportion_confint

    if not total:
        return "–"
    low, high = proportion_confint(hits, total, alpha=1 - INTERVAL, method="wilson")
    return f"{100 * hits / total:.1f} ({100 * low:.1f}–{100 * high:.1f})"


def _main(every: Sequence[Judged], free: Sequence[Judged]) -> list[tuple[object, ...]]:
    def row(name: str, of: Iterable[Judged]) -> tuple[object, ...]:
        chosen = list(of)
        there, made = [one for one in chosen if one.truth], [one for one in chosen if one.linked]
        right = sum(one.right for one in there)
        return name, len(there), share(right, len(there)), len(made), share(right, len(made))

    return [
        row("account or domain, no id", (one for one in free if one.named)),
        row("... the account's only deal then", (one for one in free if one.named and not one.beside)),
        row("... one of several", (one for one in free if one.named and one.beside)),
        row(
            "... of which owner or contacts tell it",
            (o for o in free if o.named and o.beside and not o.alike),
        ),
        row(
            "... before or during the deal", (one for one in free if one.named and one.call.kind != "after")
        ),
        row("only a title, no id", (one for one in free if not one.named and "title" in one.call.carries)),
        row("nothing, no id", (one for one in free if not one.call.carries)),
        row("all without an id", free),
        row("all with an id", (one for one in every if one.by_id)),
        row("all", every),
    ]


def _by(of: Sequence[Judged], what: Callable[[Judged], str]) -> list[str]:
    groups: dict[str, list[Judged]] = {}
    for one in of:
        groups.setdefault(what(one), []).append(one)
    rows = [
        (
            name,
            len(group),
            sum(one.linked is not None for one in group),
            sum(one.right for one in group),
            sum(bool(one.mistake) for one in group),
        )
        for name, group in sorted(groups.items(), key=lambda item: -len(item[1]))
    ]
    return table(("", "calls", "linked", "right", "wrong"), rows)


def _by_noise(free: Sequence[Judged]) -> list[tuple[object, ...]]:
    named = [one for one in free if one.truth and one.named]
    rows = []
    for noise in sorted({n for one in named for n in one.call.noise}):
        group = [one for one in named if noise in one.call.noise]
        right, wrong = sum(one.right for one in group), sum(bool(one.mistake) for one in group)
        rows.append((noise, len(group), right, wrong, len(group) - right - wrong))
    return rows


def _reliability(every: Sequence[Judged]) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    for low, high in zip(BANDS, (*BANDS[1:], 1.01), strict=True):
        group = [one for one in every if one.linked and low <= one.confidence < high]
        if group:
            name = "1" if low == 1 else f"{low:g} to {high:g}"
            mean = sum(one.confidence for one in group) / len(group)
            rows.append(
                (name, f"{mean:.3f}", len(group), share(sum(one.right for one in group), len(group)))
            )
    return rows


def main() -> None:
    """Print the tables for a seed."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--seed", type=int, default=1, help="2026 is the test; 1 to 9 are for development")
    parser.add_argument("--deals", type=int, default=2000)
    parser.add_argument("--write", action="store_true", help="write the main tables to docs/quality.md")
    chosen = parser.parse_args()
    found = measure(chosen.seed, chosen.deals)
    sys.stdout.write("\n".join(report(found)) + "\n")
    if chosen.write:
        put(PAGE, "linking", page_part(found))


if __name__ == "__main__":
    main()
