"""What a CRM makes of deals: entered late, by half, twice, under a wrong reason, or not any more."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from benchmarks.year import effects
from benchmarks.year.chance import Chance, short_id
from benchmarks.year.values import FIRST_DAY, LAST_DAY, Account, TrueDeal

REASONS = {
    "lost_competitor": ("Lost to competitor", "Went with another vendor", "Competitor - {rival}"),
    "lost_no_decision": (
        "No decision",
        "No budget this year",
        "Went dark",
        "Project stopped",
        "Status quo",
    ),
    "lost_other": ("Price", "Missing feature", "Contract terms", "Security review failed", "Other"),
}
"""Loss reasons as reps pick or type them; ``{rival}`` is the competitor."""

REASON_MISSING, REASON_WRONG = 0.25, 0.12
COMPETITOR_FILLED, COMPETITOR_WRONG = 0.6, 0.1


def enter(habits: Chance, deal: TrueDeal, account: Account) -> TrueDeal:
    """Return a deal as its owner keeps it in the CRM."""
    deal = replace(deal, crm_account=_spelling(habits, account), crm_emails=_emails(habits, deal, account))
    deal = replace(deal, crm_path=_entered(habits, deal), name=_name(habits, deal))
    if deal.outcome.startswith("lost"):
        deal = replace(deal, loss_reason=_reason(habits, deal), crm_competitor=_competitor(habits, deal))
    if habits.hit(0.015):
        return _excluded(habits, deal, "Test" if habits.hit(0.35) else "Disqualified")
    if habits.hit(0.015):
        day = deal.created + timedelta(days=habits.between(20, 150))
        return replace(deal, vanished=max(day, FIRST_DAY)) if day < LAST_DAY else deal
    return deal


def duplicate(habits: Chance, deal: TrueDeal, number: int, account: Account) -> TrueDeal:
    """Return a second entry of a deal, marked as such after some days."""
    created = deal.created + timedelta(days=habits.between(0, 12))
    copy = replace(
        deal,
        number=number,
        deal_id=short_id("0067S0000", number),
        hubspot_id=str(34_000_000_000 + number * 7_717),
        crm_account=account.crm_names[-1],
        created=created,
        copy_of=deal.number,
        path=(("Discovery", created),),
        vanished=None,
    )
    return _excluded(habits, copy, "Duplicate")


def _excluded(habits: Chance, deal: TrueDeal, stage: str) -> TrueDeal:
    day = deal.created + timedelta(days=habits.between(8, 25))
    path: tuple[tuple[str, date], ...] = (("Discovery", deal.created), (stage, min(day, LAST_DAY)))
    return replace(
        deal,
        name=f"TEST {deal.name} - please ignore" if stage == "Test" else deal.name,
        path=path,
        crm_path=path,
        outcome="excluded",
        closed=path[-1][1],
        loss_reason="",
        crm_competitor="",
        traits=frozenset(t for t in deal.traits if t.startswith(("segment:", "source:"))),
        chance=0.0,
        rival="",
    )


def _spelling(habits: Chance, account: Account) -> str:
    return account.crm_names[0] if habits.hit(0.6) else account.crm_names[-1]


def _emails(habits: Chance, deal: TrueDeal, account: Account) -> tuple[str, ...]:
    """Return the contacts that the owner has entered, most often the keenest of the group."""
    if habits.hit(0.3):
        return ()
    return tuple(account.contacts[number].email for number in deal.group[: habits.between(1, 3)])


def _name(habits: Chance, deal: TrueDeal) -> str:
    style = habits.weighted(("plain", "seats", "line break", "quotes"), (0.7, 0.2, 0.05, 0.05))
    if style == "seats":
        return f"{deal.name} ({habits.between(2, 90) * 10} seats)"
    if style == "line break":
        return f"{deal.name}\nphase {habits.between(1, 3)}"
    return f'{deal.name} "pilot"' if style == "quotes" else deal.name


def _entered(habits: Chance, deal: TrueDeal) -> tuple[tuple[str, date], ...]:
    """Return the path as entered: a stage skipped, others some days late, never before what came before."""
    path = list(deal.path)
    if len(path) > 3 and habits.hit(0.12):
        del path[habits.between(1, len(path) - 2)]
    entered: list[tuple[str, date]] = []
    for at, (stage, day) in enumerate(path):
        late = habits.between(1, 9) if habits.hit(0.3) and 0 < at < len(path) - 1 else 0
        following = path[at + 1][1] if at + 1 < len(path) else LAST_DAY
        entered.append((stage, min(day + timedelta(days=late), max(following, day))))
    return tuple(entered)


def _reason(habits: Chance, deal: TrueDeal) -> str:
    if habits.hit(REASON_MISSING):
        return ""
    outcome = habits.pick(tuple(REASONS)) if habits.hit(REASON_WRONG) else deal.outcome
    rival = deal.rival or habits.pick(tuple(effects.RIVALS))
    return habits.pick(REASONS[outcome]).format(rival=rival)


def _competitor(habits: Chance, deal: TrueDeal) -> str:
    if not deal.rival or not habits.hit(COMPETITOR_FILLED):
        return "None" if habits.hit(0.05) else ""
    return habits.pick(tuple(effects.RIVALS)) if habits.hit(COMPETITOR_WRONG) else deal.rival
