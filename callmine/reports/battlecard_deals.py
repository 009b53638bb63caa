"""Closed deals in which a competitor is named: how they end, what was answered, what was said last."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

import numpy as np

from callmine.domain import Deal, Outcome, Role
from callmine.outcomes.association import associate
from callmine.reports.battlecard_ground import Ground, Read, voices_of
from callmine.reports.battlecard_named import BattlecardSettings
from callmine.reports.battlecard_values import (
    Landmines,
    LostDeal,
    Record,
    WonAnswer,
)
from callmine.reports.closed import Closed, Heard
from callmine.reports.closed_answers import kind_of
from callmine.reports.outcome_values import Family, Line
from callmine.reports.outcomes import deal_ref
from callmine.reports.quotes import QuoteMaker
from callmine.store.rows import EvidenceRow, HeardRow


def record_of(
    closed: Closed, heard: Heard, competitor: str, names: Collection[str], settings: BattlecardSettings
) -> Record | None:
    """Hold deals in which a competitor is named against all others, as the report on outcomes does.

    Args:
        closed: The closed deals and their calls.
        heard: The competitors heard in them: they are tested together.
        competitor: The competitor's name.
        names: All its names, case folded, as the CRM may have them.
        settings: What is enough.

    Returns:
        ``None`` where it is named in no closed deal, by calls or by the CRM.
    """
    firsts = {label: first for (family, label), first in heard.firsts.items() if family == "competitor"}
    named = firsts.setdefault(competitor, np.full(closed.cohort.deals, -1, dtype=np.int64)) >= 0
    spoken = {closed.deals[row].deal_id for row in closed.rows}
    told = {closed.deals[row].deal_id for row in closed.rows[named]}
    in_crm = {deal.deal_id for deal in closed.deals if (deal.competitor or "").casefold() in names}
    if not told and not in_crm:
        return None
    found = associate(
        closed.cohort,
        firsts,
        min_deals=settings.min_deals,
        smallest_effect=settings.smallest_effect,
        max_q=settings.max_q,
        sensitivity_days=settings.sensitivity_days,
    )
    won, lost = (_ids(closed, told, won=side) for side in (True, False))
    line = Line(
        family="competitor",
        label=competitor,
        title=competitor,
        association=next(row for row in found.rows if row.label == competitor),
        deals=(*won, *lost),
    )
    return Record(
        family=Family("competitor", (line,), found.strata, found.kinds),
        won=won,
        lost=lost,
        crm_names=len(in_crm),
        crm_only=len((in_crm & spoken) - told),
    )


def _ids(closed: Closed, chosen: Collection[str], *, won: bool) -> tuple[str, ...]:
    deals = [
        deal for deal in closed.deals if deal.deal_id in chosen and (deal.outcome is Outcome.WON) is won
    ]
    return tuple(deal.deal_id for deal in sorted(deals, key=_last_closed, reverse=True))


def _last_closed(deal: Deal) -> tuple[str, str]:
    return deal.close_date or "", deal.deal_id


def answers_that_won(
    rows: Iterable[HeardRow],
    objections: Iterable[HeardRow],
    calls: Collection[str],
    won: Collection[str],
    ground: Ground,
    titles: Mapping[str, str],
    read: Read,
    quotes: QuoteMaker,
) -> tuple[WonAnswer, ...]:
    """Return what reps answered in calls with the competitor, in deals that were won, and was not refused.

    What was accepted comes first, then the playbook's, then what was said in most deals; putting off comes
    last. Answers in the same words are one.

    Args:
        rows: Findings of answers that count.
        objections: What prospects objected in calls with the competitor.
        calls: Calls that are evidence for how their deals ended.
        won: Ids of the won deals in which the competitor is named.
        ground: The calls, and where it is named.
        titles: Label to what people call it.
        read: Reads findings to quote.
        quotes: Makes the quotes.
    """
    raised = {row.finding_id: row for row in objections}
    alike: dict[str, list[tuple[HeardRow, tuple[HeardRow, ...]]]] = defaultdict(list)
    for row in ground.by(Role.REP, rows):
        deal = ground.talks[row.call_id].deal_id
        if row.call_id not in ground.turns or row.call_id not in calls or deal not in won:
            continue
        if row.detail.get("accepted") == "no" or not ground.quotable(row):
            continue
        to = tuple(raised[str(one)] for one in row.detail.get("answers", ()) if str(one) in raised)
        if to and kind_of(row) is not None:
            alike[" ".join(row.text.casefold().split())].append((row, to))
    order = sorted(alike.values(), key=lambda same: _worth(same, ground))[: ground.settings.answers]
    best = [min(same, key=lambda pair: _accepted(pair[0])) for same in order]
    wanted = {row.finding_id for answer, to in best for row in (answer, to[0])}
    evidence = {row.finding_id: row for row in read(wanted)} if wanted else {}
    return tuple(
        _answer(answer, to, same, evidence, ground, titles, quotes)
        for (answer, to), same in zip(best, order, strict=True)
    )


def _accepted(row: HeardRow) -> int:
    """Return where an answer stands: what was accepted before what may have been."""
    return int(row.detail.get("accepted") != "yes")


def _worth(
    same: Sequence[tuple[HeardRow, tuple[HeardRow, ...]]], ground: Ground
) -> tuple[bool, int, bool, int, str]:
    deals = ground.deals_of(row.call_id for row, _ in same)
    by_playbook = any(row.detail.get("playbook") for row, _ in same)
    taken = min(_accepted(row) for row, _ in same)
    put_off = kind_of(same[0][0]) == "deferral"  # that answers nothing yet
    return put_off, taken, not by_playbook, -len(deals), same[0][0].text


def _answer(
    answer: HeardRow,
    to: Sequence[HeardRow],
    same: Sequence[tuple[HeardRow, tuple[HeardRow, ...]]],
    evidence: Mapping[str, EvidenceRow],
    ground: Ground,
    titles: Mapping[str, str],
    quotes: QuoteMaker,
) -> WonAnswer:
    labels = tuple(dict.fromkeys(row.label for row in to))
    return WonAnswer(
        labels=labels,
        titles=tuple(titles.get(label, label) for label in labels),
        kind=kind_of(answer) or "",
        accepted=str(answer.detail.get("accepted", "unclear")),
        playbook=answer.detail.get("playbook"),
        deals=len(ground.deals_of(row.call_id for row, _ in same)),
        raised=quotes.quote(evidence[to[0].finding_id]),
        quote=quotes.quote(evidence[answer.finding_id]),
    )


def landmines_of(
    lost: Sequence[str],
    closed: Closed,
    names: Collection[str],
    ground: Ground,
    read: Read,
    quotes: QuoteMaker,
    *,
    but: Collection[str] = (),
) -> Landmines | None:
    """Return praise of the competitor in lost deals, and what was said of it last in each of them.

    Args:
        lost: Ids of the lost deals in which it is named.
        closed: The closed deals, with the calls that are evidence for them.
        names: All its names, case folded.
        ground: The calls, and where it is named.
        read: Reads findings to quote.
        quotes: Makes the quotes.
        but: Turns that are quoted elsewhere.
    """
    evidence = frozenset(closed.call_ids)
    inside = [
        row
        for row in ground.mentions
        if ground.quotable(row)
        and row.call_id in evidence
        and ground.talks[row.call_id].deal_id in set(lost)
    ]
    buyers = ground.by(Role.PROSPECT, inside)
    theirs = {row.finding_id for row in buyers}
    praise = [row for row in buyers if row.detail.get("stance") == "positive"]
    praised = voices_of(praise, ground, read, quotes, but=but)
    last: dict[str, HeardRow] = {}
    # What a buyer said, if any did: our own last question says little.
    for row in sorted(inside, key=lambda row: (row.finding_id in theirs, *_when(row, ground))):
        last[ground.talks[row.call_id].deal_id or ""] = row
    deals = [ground.deals[one] for one in lost if one in last]
    deals.sort(key=lambda deal: not _to_them(deal, names))  # stable: else the last closed first
    shown = deals[: ground.settings.lost]
    rows = {row.finding_id: row for row in read({last[deal.deal_id].finding_id for deal in shown})}
    if praised is None and not shown:
        return None
    return Landmines(
        praised=praised,
        lost=tuple(
            LostDeal(
                deal=deal_ref(deal),
                reason=deal.loss_reason,
                to_them=_to_them(deal, names),
                last=quotes.quote(rows[last[deal.deal_id].finding_id]),
            )
            for deal in shown
        ),
        not_listed=len(deals) - len(shown),
    )


def _when(row: HeardRow, ground: Ground) -> tuple[str, int]:
    return ground.talks[row.call_id].started_at or "", row.utterance_index


def _to_them(deal: Deal, names: Collection[str]) -> bool:
    return deal.outcome is Outcome.LOST_COMPETITOR and (deal.competitor or "").casefold() in names
