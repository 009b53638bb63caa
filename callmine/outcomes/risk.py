"""Risk sets: at each call, the deals that hear something first against those that might have.

As in the log-rank test (Mantel, Cancer Chemotherapy Reports 50, 1966), with hearing as the event and
the number of the call as the time. A deal is at risk until it has heard the thing; one that ends
leaves, as a patient who is censored does. So a deal that was won, and therefore had more calls, is
compared call by call, and having lasted is never mistaken for what was heard.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from callmine.outcomes.arrays import Flags, Ints, codes
from callmine.outcomes.cohort import Cohort, bands
from callmine.outcomes.strata import information, tables_by_code, tables_of, variances

KEPT_INFORMATION = 0.4
"""A scheme has to keep this much of what the number of the call alone could tell."""


@dataclass(frozen=True, slots=True)
class Scheme:
    """Which variables make like out of like; the number of the call always does.

    Attributes:
        words: How many bands of prospect words in the call.
        stage: Whether the stage at the call counts.
        segment: Whether the segment counts.
        size: Whether the band of the amount counts.
    """

    words: int
    stage: bool = True
    segment: bool = True
    size: bool = True

    @property
    def variables(self) -> tuple[str, ...]:
        """The variables in plain words."""
        return (
            "number of the call",
            *(("segment",) if self.segment else ()),
            *(("stage at the call",) if self.stage else ()),
            *(("size",) if self.size else ()),
            *((f"prospect words in the call ({self.words} bands)",) if self.words > 1 else ()),
        )

    def strata(self, cohort: Cohort) -> Ints:
        """Return the stratum of each call, numbered from 0, shape (m,)."""
        columns = [cohort.number]
        if self.segment:
            columns.append(cohort.segment[cohort.deal])
        if self.stage:
            columns.append(cohort.stage)
        if self.size:
            columns.append(cohort.size[cohort.deal])
        if self.words > 1:
            columns.append(bands(cohort.words, self.words))
        return codes(columns, cohort.calls)


SCHEMES: tuple[Scheme, ...] = (
    Scheme(words=32),
    Scheme(words=16),
    Scheme(words=8),
    Scheme(words=16, size=False),
    Scheme(words=8, size=False),
    Scheme(words=6, size=False),
    Scheme(words=4, size=False),
)
"""From fine to coarse. The stage, the segment and the words are never given up, however few deals there
are: without one of them simulated quarters without any effect show effects all the same, and with too
few deals in each cell nothing is found, which is then the truth. Many deals need, and allow, more bands:
what differs within a band shows as soon as there are deals enough to see it."""

NUMBER_ONLY = Scheme(words=1, stage=False, segment=False, size=False)
"""The least that risk sets need."""


@dataclass(frozen=True, slots=True, eq=False)
class Strata:
    """A scheme at work.

    Attributes:
        scheme: Which variables.
        code: The stratum of each call, 0..``count`` - 1, shape (m,).
        count: How many there are.
    """

    scheme: Scheme
    code: Ints
    count: int


def strata_of(cohort: Cohort, scheme: Scheme) -> Strata:
    """Return the strata that a scheme makes of a cohort's calls."""
    code = scheme.strata(cohort)
    return Strata(scheme, code, int(code.max()) + 1 if len(code) else 0)


def risk_tables(cohort: Cohort, strata: Strata, first: Ints) -> Ints:
    """Count, per stratum of calls, the deals that hear something for the first time and those at risk.

    Args:
        cohort: Deals and calls.
        strata: Which calls are alike.
        first: :meth:`Cohort.first_heard` of the thing.

    Returns:
        Shape (k, 2, 2): hears it first at this call or has not heard it yet, won or lost.

    Raises:
        ValueError: ``first`` has not one entry per deal.
    """
    heard_at, at_risk = _risk_set(cohort, first)
    return tables_by_code(
        (np.arange(cohort.calls) == heard_at)[at_risk],
        cohort.won[cohort.deal[at_risk]],
        strata.code[at_risk],
        strata.count,
    )


def effective_information(cohort: Cohort, strata: Strata, first: Ints) -> float:
    """Return what risk sets tell of a difference between deals that hear something and those that never do.

    Some of those that have not heard it yet will hear it later. Whatever goes with hearing it goes with
    them too, so the difference seen at this call is smaller by their share (Lachin and Foulkes,
    Biometrics 42, 1986, on patients who cross over). The information about an effect falls with its
    square. Only margins enter.
    """
    heard_at, at_risk = _risk_set(cohort, first)
    waiting = at_risk & (np.arange(cohort.calls) != heard_at)
    code = strata.code[waiting]
    others = np.bincount(code, minlength=strata.count)
    later = np.bincount(code, weights=heard_at[waiting] < cohort.calls, minlength=strata.count)
    told = variances(risk_tables(cohort, strata, first))
    if not told.any():
        return 0.0
    contrast = float((told * (1 - later / np.maximum(others, 1))).sum())
    return contrast**2 / float(told.sum())


def _risk_set(cohort: Cohort, first: Ints) -> tuple[Ints, Flags]:
    """Return, per call, the call in which its deal hears it first, and whether it is at risk until then."""
    if first.shape != cohort.won.shape:
        raise ValueError(f"{len(first)} first calls for {cohort.deals} deals")
    heard_at = np.where(first >= 0, first, cohort.calls)[cohort.deal]
    return heard_at, np.arange(cohort.calls) <= heard_at


def choose_scheme(cohort: Cohort, firsts: Mapping[str, Ints]) -> Scheme:
    """Return the finest scheme that still lets deals be compared.

    Finer cells are fairer, until most hold deals of one kind only. So the finest is taken that keeps
    ``KEPT_INFORMATION``; failing all, the coarsest of ``SCHEMES``. Margins alone decide: how many
    heard it and how many were won in each cell, never who heard what, so that the choice cannot
    favour a result.

    Args:
        cohort: Deals and calls.
        firsts: :meth:`Cohort.first_heard` of everything looked at together, by name.
    """
    enough = KEPT_INFORMATION * _told(cohort, NUMBER_ONLY, firsts)
    for scheme in SCHEMES[:-1]:
        if _told(cohort, scheme, firsts) >= enough:
            return scheme
    return SCHEMES[-1]


def _told(cohort: Cohort, scheme: Scheme, firsts: Mapping[str, Ints]) -> float:
    strata = strata_of(cohort, scheme)
    return sum(information(risk_tables(cohort, strata, first)) for first in firsts.values())


def deal_strata(cohort: Cohort, firsts: Mapping[str, Ints]) -> tuple[Ints, tuple[str, ...]]:
    """Return the kind of each deal, by what is known of it before its first call, and what that is.

    Segment and size, as long as that leaves enough to compare; margins alone decide, as in
    :func:`choose_scheme`.

    Args:
        cohort: Deals and calls.
        firsts: :meth:`Cohort.first_heard` of everything looked at together, by name.

    Returns:
        Codes of shape (n,), and the variables in plain words.
    """
    columns = {"segment": cohort.segment, "size": cohort.size}
    alike = np.zeros(cohort.deals, dtype=np.int64)
    coarsest = _told_of_deals(cohort, alike, firsts)
    for names in (("segment", "size"), ("segment",)):
        kinds = codes([columns[name] for name in names], cohort.deals)
        if _told_of_deals(cohort, kinds, firsts) >= KEPT_INFORMATION * coarsest:
            return kinds, names
    return alike, ()


def _told_of_deals(cohort: Cohort, kinds: Ints, firsts: Mapping[str, Ints]) -> float:
    return sum(information(tables_of(first >= 0, cohort.won, kinds)) for first in firsts.values())
