"""Which deals stand against which when A is held against B: with one only, and with one first."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from callmine.outcomes.arrays import Flags, Floats, Ints
from callmine.outcomes.cohort import Cohort
from callmine.outcomes.risk import Strata
from callmine.outcomes.strata import tables_by_code, tables_of


@dataclass(frozen=True, slots=True, eq=False)
class Groups:
    """Which deals stand against which.

    Attributes:
        a: Heard A and never B, shape (n,).
        b: Heard B and never A.
        a_first: Heard A in an earlier call than B, or never B.
        b_first: The same of B.
        at: Row of the call in which the first of the two was heard; -1: neither was.
    """

    a: Flags
    b: Flags
    a_first: Flags
    b_first: Flags
    at: Ints

    @property
    def either(self) -> int:
        """Deals with A or B."""
        return int((self.at >= 0).sum())


def groups_of(first_a: Ints, first_b: Ints) -> Groups:
    """Sort deals by what they heard, and what they heard first.

    Args:
        first_a: :meth:`Cohort.first_heard` of A, shape (n,).
        first_b: The same of B.

    Raises:
        ValueError: The two differ in length.
    """
    if first_a.shape != first_b.shape:
        raise ValueError(f"deals differ in number: {len(first_a)}, {len(first_b)}")
    has_a, has_b = first_a >= 0, first_b >= 0
    # Rows of calls rise within a deal, so the smaller row is the earlier call.
    at = np.where(has_a & has_b, np.minimum(first_a, first_b), np.maximum(first_a, first_b))
    return Groups(
        a=has_a & ~has_b,
        b=has_b & ~has_a,
        a_first=has_a & (~has_b | (first_a < first_b)),
        b_first=has_b & (~has_a | (first_b < first_a)),
        at=at,
    )


def call_tables(cohort: Cohort, strata: Strata, groups: Groups) -> Ints:
    """Return A first against B first, won against lost, within strata of calls."""
    rows = np.flatnonzero(groups.a_first | groups.b_first)
    return tables_by_code(
        groups.a_first[rows], cohort.won[rows], strata.code[groups.at[rows]], strata.count
    )


def deal_tables(cohort: Cohort, kinds: Ints, groups: Groups) -> Ints:
    """Return A only against B only, won against lost, within kinds of deals."""
    rows = np.flatnonzero(groups.a | groups.b)
    return tables_of(groups.a[rows], cohort.won[rows], kinds[rows])


def part_told(tables: Ints, crossed: Floats) -> float:
    """Return what part of what the deals could tell their strata leave, 0..1.

    Who heard what enters and never how deals ended: in two groups of five that says nothing yet. With one
    win rate everywhere it is what the part of the information (:func:`information`) is on average.

    Args:
        tables: A against B in strata.
        crossed: By how much a difference between deals with A alone and with B alone looks smaller in each.
            The information about it falls with the square (Lachin and Foulkes, Biometrics 42, 1986).
    """
    with_a, with_b = tables.sum(axis=2).T
    told = with_a * with_b / np.maximum(with_a + with_b, 1)
    if not told.any():
        return 0.0
    in_all = with_a.sum() * with_b.sum() / (with_a + with_b).sum()
    return float((told * (1 - crossed)).sum() ** 2 / told.sum() / in_all)


def crossed(strata: Strata, groups: Groups) -> Floats:
    """Return per stratum how much smaller a difference looks as some deals hear the other one later, 0..1.

    They stand half way between, so by half their share on either side.
    """
    crossed = np.zeros(strata.count)
    for first, only in ((groups.a_first, groups.a), (groups.b_first, groups.b)):
        crossed += _shares(first & ~only, first, strata, groups.at) / 2
    return crossed


def _shares(some: Flags, of: Flags, strata: Strata, at: Ints) -> Floats:
    """Return per stratum how many of the deals in ``of`` are in ``some``, 0..1; 0 where there are none."""
    counts = [np.bincount(strata.code[at[chosen]], minlength=strata.count) for chosen in (some, of)]
    shares: Floats = counts[0] / np.maximum(counts[1], 1)
    return shares
