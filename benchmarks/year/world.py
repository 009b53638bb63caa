"""Make a year: the one place where its parts are put together."""

from __future__ import annotations

from benchmarks.year import calls, effects, talk
from benchmarks.year.accounts import make_accounts, make_reps
from benchmarks.year.calls import Meeting
from benchmarks.year.chance import Chance
from benchmarks.year.deals import make_deals
from benchmarks.year.metadata import Known, Surroundings, known_of
from benchmarks.year.values import Account, TrueDeal, Turn, Year, YearCall

DEALS = 2000
LABELS = 80


def make_year(seed: int, *, deals: int = DEALS, labels: int = LABELS) -> Year:
    """Return a year; the same seed and sizes give the same year.

    Args:
        seed: Of everything. Each part has a stream of its own, so that a change of one part leaves what
            the others draw as it was.
        deals: How many the CRM holds over the year, duplicates and tests included; about seven calls each.
        labels: How many objection labels without any effect there are beside the twelve built-in ones.
    """
    themes = effects.theme_labels(labels)
    reps = make_reps(Chance(seed, "reps"))
    accounts = make_accounts(Chance(seed, "accounts"), max(60, deals))
    found = make_deals(Chance(seed, "deals"), Chance(seed, "crm"), accounts, reps, deals)
    accounts = accounts[: 1 + max(deal.account for deal in found)]
    others = _not_among(make_accounts(Chance(seed, "others"), max(40, deals // 8)), accounts)
    around = Surroundings(reps, accounts, _by_account(found), others[:8], others[8:20])
    when, words, noise = Chance(seed, "calls"), Chance(seed, "talk"), Chance(seed, "metadata")
    groups = [calls.meetings_of(when, deal, accounts[deal.account], reps) for deal in found]
    count = round(calls.STRANGE * sum(map(len, groups)))
    groups += [(m,) for m in calls.strangers(when, others, accounts, len(reps), count)]
    drafts: list[tuple[Meeting, Known, tuple[Turn, ...]]] = []
    for group in groups:
        known = [known_of(noise, meeting, around) for meeting in group]
        said = talk.talk_of(words, group, [len(one.voices) - 1 for one in known], themes)
        drafts += zip(group, known, said, strict=True)
    drafts.sort(key=lambda draft: draft[0].started)
    made = tuple(_call(number, *draft) for number, draft in enumerate(drafts, start=1))
    return Year(seed, themes, reps, accounts, found, made, effects.consequences(found))


def _not_among(companies: tuple[Account, ...], accounts: tuple[Account, ...]) -> tuple[Account, ...]:
    """Return the companies that share neither name nor domain with an account."""
    names = {account.plain.casefold() for account in accounts}
    domains = {domain for account in accounts for domain in account.domains}
    return tuple(
        c for c in companies if c.plain.casefold() not in names and not domains.intersection(c.domains)
    )


def _by_account(deals: tuple[TrueDeal, ...]) -> dict[int, list[TrueDeal]]:
    found: dict[int, list[TrueDeal]] = {}
    for deal in deals:
        found.setdefault(deal.account, []).append(deal)
    return found


def _call(number: int, meeting: Meeting, known: Known, turns: tuple[Turn, ...]) -> YearCall:
    return YearCall(
        external_id=f"REC-{number:06d}",
        started=meeting.started,
        minutes=meeting.minutes,
        kind=meeting.kind,
        deal=meeting.deal.number if meeting.deal else None,
        stage=meeting.stage,
        carries=known.carries,
        noise=known.noise,
        metadata=known.metadata,
        voices=known.voices,
        turns=turns,
    )
