"""How many calls are tied to their deals, by what, how surely, and what keeps the others from it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from callmine.crm.people import account_keys
from callmine.crm.values import id_key
from callmine.domain import Unlinked
from callmine.reports.text import cut_name, plural, verb
from callmine.store.links import LinkRow

_K = TypeVar("_K")
_V = TypeVar("_V")

EXAMPLES = 5
"""How many calls are named as examples."""

REASONS = {
    Unlinked.NOTHING: "nothing to go on: no deal, no account, no participant from outside",
    Unlinked.NO_DEAL: "no deal fits",
    Unlinked.ANOTHER_TIME: "their companies' deals were not alive at the time",
    Unlinked.SEVERAL: "several deals fit about alike",
    Unlinked.BELOW: "the likeliest deal is not likely enough",
    Unlinked.UNKNOWN_ID: "a deal id that is not among the deals, and nothing else that helps",
    Unlinked.EXCLUDED: "only an excluded deal fits",
    Unlinked.INTERNAL: "internal calls, which belong to no deal",
    Unlinked.PERSON: "a person said that there is no deal",
}
"""How reasons are told to people."""

MEND_UNKNOWN = "mend the id in the manifest, or import the deal"
"""What helps where a deal is named that never was among the deals."""

MEND_GONE = (
    "if it was deleted, name another with `callmine correct --link`,"
    " if the export left it out, export it again"
)
"""What helps where a deal is named, or tied to by a person, that was among the deals once."""

_UNKNOWN = f"no import ever held it; {MEND_UNKNOWN}"
_GONE = f"it is gone from the last full import; {MEND_GONE}"


@dataclass(frozen=True, slots=True)
class RuleCount:
    """How many calls one rule linked, and how surely on average (0..1)."""

    rule: str
    calls: int
    confidence: float


@dataclass(frozen=True, slots=True)
class UnlinkedCount:
    """How many calls have no deal for one reason, the reason in words, and the first few calls."""

    reason: Unlinked
    text: str
    calls: int
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UnknownDeal:
    """A deal id that calls name and that no import ever held; ``linked``: of them, otherwise.

    A Salesforce id that calls give in both its lengths is one, told in the longer.
    """

    deal_id: str
    calls: int
    linked: int
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GoneDeal:
    """A deal that was imported once, and that the last full import did not hold.

    Attributes:
        deal_id: As the CRM gave it.
        calls: Calls that name it, or that a person tied to it.
        tied: Those among them that stay tied to it because a person said so.
        linked: Those that name it and that other evidence links to another deal.
        examples: The first few.
    """

    deal_id: str
    calls: int
    tied: int
    linked: int
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SkippedCount:
    """How many files were skipped for one reason, so that no deal was looked for."""

    reason: str
    calls: int


@dataclass(frozen=True, slots=True)
class Remedy:
    """Calls without a deal that one thing would help: what stands in the way, and which they are."""

    calls: int
    text: str
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LinkCoverage:
    """What is linked and what is not.

    Attributes:
        calls: Calls for which a deal was looked for: neither internal nor waiting for a run.
        linked: Calls among them with a deal.
        share: ``linked`` of ``calls``, 0..1; ``None`` without calls.
        confidence: Mean probability of the links, 0..1; ``None`` without links.
        rules: By rule, the most frequent first.
        reasons: Why the others have none, the most frequent first; internal calls are told here, too.
        unknown_deals: Ids that calls name and that no import ever held.
        gone_deals: Deals that calls name, or that people tied calls to, and that are gone.
        waiting: Calls that no run has looked at yet.
        skipped: Recordings and transcripts that became no call, by reason.
    """

    calls: int
    linked: int
    share: float | None
    confidence: float | None
    rules: tuple[RuleCount, ...]
    reasons: tuple[UnlinkedCount, ...]
    unknown_deals: tuple[UnknownDeal, ...]
    gone_deals: tuple[GoneDeal, ...]
    waiting: int
    skipped: tuple[SkippedCount, ...] = ()


def link_coverage(
    rows: Iterable[LinkRow], skipped: Mapping[str, int] | None = None, gone: Collection[str] = ()
) -> LinkCoverage:
    """Count links by rule, and calls without one by reason.

    Args:
        rows: The calls.
        skipped: How many files became no call, by reason.
        gone: Ids of the deals that the last full import did not hold.
    """
    rules: dict[str, list[float]] = defaultdict(list)
    reasons: dict[Unlinked, list[str]] = defaultdict(list)
    unknown: dict[str, list[LinkRow]] = defaultdict(list)
    lost: dict[str, list[LinkRow]] = defaultdict(list)
    was = {id_key(deal_id): deal_id for deal_id in gone}
    waiting = 0
    for row in rows:
        if row.unknown_id and row.rule != "person":
            key = id_key(row.unknown_id)
            (lost[was[key]] if key in was else unknown[key]).append(row)
        if row.deal_id is not None and row.rule is not None:
            rules[row.rule].append(row.confidence or 0.0)
            if row.is_gone and row.rule == "person":
                lost[row.deal_id].append(row)
        elif row.reason is not None:
            reasons[row.reason].append(row.source)
        else:
            waiting += 1
    sure = [confidence for found in rules.values() for confidence in found]
    missing = sum(len(s) for reason, s in reasons.items() if reason is not Unlinked.INTERNAL)
    calls = len(sure) + missing
    return LinkCoverage(
        calls=calls,
        linked=len(sure),
        share=round(len(sure) / calls, 4) if calls else None,
        confidence=_mean(sure) if sure else None,
        rules=tuple(RuleCount(r, len(found), _mean(found)) for r, found in _by_size(rules)),
        reasons=tuple(UnlinkedCount(r, REASONS[r], len(s), _few(s)) for r, s in _by_size(reasons)),
        unknown_deals=tuple(
            UnknownDeal(_longest(f), len(f), _linked(f), _few([r.source for r in f]))
            for _, f in _by_size(unknown)
        ),
        gone_deals=tuple(_gone(d, f) for d, f in _by_size(lost)),
        waiting=waiting,
        skipped=tuple(SkippedCount(*count) for count in sorted((skipped or {}).items())),
    )


def _gone(deal_id: str, found: Sequence[LinkRow]) -> GoneDeal:
    tied = sum(row.rule == "person" for row in found)
    return GoneDeal(deal_id, len(found), tied, _linked(found) - tied, _few([row.source for row in found]))


def _linked(found: Iterable[LinkRow]) -> int:
    return sum(row.deal_id is not None for row in found)


def _longest(found: Iterable[LinkRow]) -> str:
    """Return the id that calls name, in the longer of its forms: the CRM's pages have that one."""
    return max((row.unknown_id or "" for row in found), key=lambda named: (len(named), named))


def remedies(rows: Iterable[LinkRow], gone: Collection[str] = ()) -> tuple[Remedy, ...]:
    """Say what would help most: calls without a deal, grouped by what stands in their way.

    Args:
        rows: The calls.
        gone: Ids of the deals that the last full import did not hold.
    """
    was = frozenset(map(id_key, gone))
    grouped: dict[tuple[Unlinked, str], list[LinkRow]] = defaultdict(list)
    for row in rows:
        if row.reason not in (None, Unlinked.INTERNAL, Unlinked.PERSON):
            grouped[row.reason, _key(row)].append(row)
    found = [
        Remedy(len(group), _remedy(reason, group, is_gone=key in was), _few([r.source for r in group]))
        for (reason, key), group in grouped.items()
    ]
    return tuple(sorted(found, key=lambda remedy: (-remedy.calls, remedy.text)))


def _key(row: LinkRow) -> str:
    """Return what calls that the same thing would help have in common."""
    if row.reason is Unlinked.UNKNOWN_ID:
        return id_key(row.unknown_id or "")
    # "Acme" and "ACME GmbH" lack one account, not two.
    keys = account_keys(row.account) if row.account else ()
    return min(keys) if keys else row.about or ""


def _remedy(reason: Unlinked, group: Sequence[LinkRow], *, is_gone: bool) -> str:
    count, row = len(group), group[0]
    calls = plural(count, "call")
    nobody = f"{calls} with neither an account nor an address"
    about = cut_name(row.about or "")
    at = f"{calls} with people at {about}" if about else nobody
    whose = f"{calls} of {about!r}" if row.account else at
    nearest = sorted({r.nearest for r in group if r.nearest})[:3]
    deals = f" ({', '.join(nearest)})" if nearest else ""
    if reason is Unlinked.NOTHING:
        return f"{calls} {verb(count, 'names', 'name')} no deal, account or participant: add a manifest"
    if reason is Unlinked.UNKNOWN_ID:
        named = f"{calls} {verb(count, 'names', 'name')} deal {_longest(group)}"
        return f"{named}: {_GONE if is_gone else _UNKNOWN}"
    if reason is Unlinked.NO_DEAL:
        lacking = "no such account among the deals" if row.account else "no deal has that domain"
        return f"{whose}: {lacking}"
    return (
        f"{whose}: "
        + {
            Unlinked.ANOTHER_TIME: f"deals{deals} are there, but none was alive then",
            Unlinked.SEVERAL: f"several deals fit{deals}, name one with `callmine correct --link`",
            Unlinked.BELOW: f"too little speaks for the nearest deal{deals}",
            Unlinked.EXCLUDED: f"only an excluded deal fits{deals}",
        }[reason]
    )


def _mean(values: Sequence[float]) -> float:
    return round(sum(values) / len(values), 4)


def _few(sources: Sequence[str]) -> tuple[str, ...]:
    return tuple(sorted(sources)[:EXAMPLES])


def _by_size(groups: dict[_K, list[_V]]) -> list[tuple[_K, list[_V]]]:
    return sorted(groups.items(), key=lambda group: (-len(group[1]), str(group[0])))
