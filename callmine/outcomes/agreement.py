"""The CRM's reason for losing against what was heard in the calls."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from callmine.outcomes.rates import Rate, rate


@dataclass(frozen=True, slots=True)
class LostDeal:
    """A lost deal with calls: why it was lost, and what was heard.

    Attributes:
        deal: Its id.
        reasons: Labels that its reason in the CRM stands for; empty where it has none, or one that
            stands for no label.
        heard: For each label that was heard, in how many of its calls.
    """

    deal: str
    reasons: frozenset[str]
    heard: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class LabelAgreement:
    """How far reason and calls agree about one label.

    Attributes:
        label: What is said to be the reason, or was heard.
        both: Deals whose reason it is, and that heard it.
        reason_only: Whose reason it is, never heard.
        heard_only: That heard it, another reason.
        neither: The others.
        agreement: ``both`` and ``neither``, out of all.
        heard_of_reason: Deals that heard it, out of those whose reason it is.
        kappa: Cohen's kappa (Educational and Psychological Measurement 20, 1960): agreement beyond what
            chance alone would give, at most 1; 0 is none. ``None`` where all deals, or none, have it as
            reason or heard it: chance alone then agrees as often.
        low: Lower end of its interval, by its large-sample error; ``None`` without kappa or where ``few``.
        high: Upper end.
        few: Fewer deals than asked for have it as reason, or heard it: nothing to build on yet.
    """

    label: str
    both: int
    reason_only: int
    heard_only: int
    neither: int
    agreement: Rate
    heard_of_reason: Rate
    kappa: float | None
    low: float | None
    high: float | None
    few: bool


@dataclass(frozen=True, slots=True)
class Parting:
    """A deal whose reason and calls differ.

    Attributes:
        deal: Its id.
        never_heard: Labels of its reason that no call has.
        not_in_reason: Labels that several calls have and its reason does not, but for unsurprising ones;
            most calls first.
    """

    deal: str
    never_heard: tuple[str, ...]
    not_in_reason: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Agreement:
    """Reasons in the CRM against calls.

    Attributes:
        labels: The label with most deals first.
        confirmed: Deals that heard at least one label of their reason, out of those with a reason.
        without_reason: Deals that have no reason that stands for a label; left out of all else.
        parting: Deals whose reason and calls differ, in the order of ids.
    """

    labels: tuple[LabelAgreement, ...]
    confirmed: Rate
    without_reason: int
    parting: tuple[Parting, ...]


def agreement(
    deals: Sequence[LostDeal],
    *,
    several: int = 2,
    min_deals: int = 5,
    unsurprising: Collection[str] = (),
) -> Agreement:
    """Hold the reasons in the CRM against what was heard.

    A reason is one word for a whole deal, usually written by whoever lost it, while calls hold all that
    was said against: that something heard is not the reason is no contradiction, so a deal parts only
    when several calls have it. Neither side is taken for the truth.

    Args:
        deals: Lost deals with at least one call; their order does not matter.
        several: Calls that make something worth a look that is not in the reason, 1 or more.
        min_deals: Deals that have to have a label as reason or heard, else ``few``.
        unsurprising: Labels that many deals hear that end for another reason: that one is heard and no
            reason is nothing to look at.

    Raises:
        ValueError: A deal is there twice.
    """
    if len({deal.deal for deal in deals}) != len(deals):
        raise ValueError("a deal is there twice")
    known = sorted((deal for deal in deals if deal.reasons), key=lambda deal: deal.deal)
    labels = {label for deal in known for label in (*deal.reasons, *_heard(deal))}
    rows = [_agreement_on(label, known, min_deals) for label in labels]
    parting = (parting_of(deal, several, unsurprising) for deal in known)
    return Agreement(
        labels=tuple(sorted(rows, key=lambda row: (row.neither, row.label))),
        confirmed=rate(sum(not deal.reasons.isdisjoint(_heard(deal)) for deal in known), len(known)),
        without_reason=len(deals) - len(known),
        parting=tuple(row for row in parting if row.never_heard or row.not_in_reason),
    )


def _heard(deal: LostDeal) -> frozenset[str]:
    return frozenset(label for label, calls in deal.heard.items() if calls > 0)


def _agreement_on(label: str, deals: Sequence[LostDeal], min_deals: int) -> LabelAgreement:
    cells = [[0, 0], [0, 0]]
    for deal in deals:
        cells[label in deal.reasons][label in _heard(deal)] += 1
    (neither, heard_only), (reason_only, both) = cells
    few = len(deals) - neither < min_deals
    kappa, low, high = _kappa(cells)
    return LabelAgreement(
        label=label,
        both=both,
        reason_only=reason_only,
        heard_only=heard_only,
        neither=neither,
        agreement=rate(both + neither, len(deals)),
        heard_of_reason=rate(both, both + reason_only),
        kappa=kappa,
        low=None if few else low,
        high=None if few else high,
        few=few,
    )


def _kappa(cells: list[list[int]]) -> tuple[float, float, float] | tuple[None, None, None]:
    """Return Cohen's kappa and the ends of its interval, for a table of two by two."""
    if not all(map(sum, cells)) or not all(map(sum, zip(*cells, strict=True))):
        return None, None, None
    from statsmodels.stats.inter_rater import cohens_kappa

    found = cohens_kappa(cells)
    return float(found.kappa), max(-1.0, float(found.kappa_low)), min(1.0, float(found.kappa_upp))


def parting_of(deal: LostDeal, several: int = 2, unsurprising: Collection[str] = ()) -> Parting:
    """Return where the reason of one deal and its calls differ; see :func:`agreement`."""
    expected = {*deal.reasons, *unsurprising}
    often = [label for label, calls in deal.heard.items() if calls >= several and label not in expected]
    return Parting(
        deal=deal.deal,
        never_heard=tuple(sorted(deal.reasons - _heard(deal))),
        not_in_reason=tuple(sorted(often, key=lambda label: (-deal.heard[label], label))),
    )
