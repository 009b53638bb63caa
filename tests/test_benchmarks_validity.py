"""The simulation behind the claims of validity: it counts right, and its worlds are unfair."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.tables import block, percent, put
from benchmarks.validity.coverage import (
    Coverage,
    coverage_part,
    newcombe_coverage,
    odds_coverage,
    wilson_coverage,
)
from benchmarks.validity.nothing import Look, Null, look, null_part, without_effect
from benchmarks.validity.planted import LikePower, planted, planted_like, power_part
from benchmarks.validity.quarters import WORLDS, World, a_quarter
from callmine.outcomes.association import associate

HARD = World("hard", chatty=0.7, longer=2.5, segments=1.6, sizes=0.2, deals=(200, 300), labels=30)


def test_nothing_is_found_where_there_is_nothing() -> None:
    """Six quarters of confounding: the raw test claims in every one, like with like hardly ever."""
    (null,) = without_effect(6, [HARD], processes=1)
    assert sum(look.raw_claimed > 0 for look in null.looks) == 6
    assert null.false_quarters <= 1
    assert null.share < 0.1


def test_a_look_is_what_a_report_would_claim() -> None:
    """The short way of the simulation counts the verdicts and p-values of the whole one."""
    world = World("small", chatty=2.0, deals=(150, 150), labels=12)
    seen = look(world, (3, 1))
    quarter = a_quarter(world, np.random.default_rng((3, 1)))
    rows = [row for row in associate(quarter.cohort, quarter.firsts).rows if row.raw and row.p is not None]
    assert seen.tested == len(rows)
    assert seen.low_p == sum((row.p or 0) <= 0.05 for row in rows)
    assert seen.claimed == sum(row.verdict in ("wins", "losses") for row in rows)
    assert 0 < seen.raw_low_p == sum(row.raw.p_value <= 0.05 for row in rows if row.raw)


def test_the_same_quarters_come_again() -> None:
    """A figure can be had again: the quarters follow from their numbers."""
    again = [without_effect(2, [HARD], processes=1)[0].looks for _ in range(2)]
    assert again[0] == again[1]


@pytest.mark.parametrize("world", WORLDS, ids=lambda world: world.name)
def test_quarters_are_as_unfair_as_their_name(world: World) -> None:
    """Chatty deals win more or less, won deals have more calls, segments differ, small labels are small."""
    quarter = a_quarter(world, np.random.default_rng(1), 2_000)
    cohort = quarter.cohort
    words = np.bincount(cohort.deal, weights=cohort.words) / np.bincount(cohort.deal)
    calls = np.bincount(cohort.deal)
    chatty = words[cohort.won].mean() / words[~cohort.won].mean() - 1
    assert np.sign(world.chatty) == (np.sign(chatty) if abs(chatty) > 0.15 else 0)
    assert (calls[cohort.won].mean() > 1.4 * calls[~cohort.won].mean()) == (world.longer > 1)
    rates = [cohort.won[cohort.segment == s].mean() for s in range(3)]
    assert (max(rates) - min(rates) > 0.2) == (world.segments > 0)
    most = max((first >= 0).mean() for first in quarter.firsts.values())
    assert (most < 0.3) == world.rare


def test_a_part_of_a_page_is_kept(tmp_path: Path) -> None:
    """What is measured apart outlives a new page: its block can be taken over as it stands."""
    page = tmp_path / "quality.md"
    assert block(page, "validity") == []
    put(page, "validity", ["## Validity", "", "text"])
    kept = block(page, "validity")
    page.write_text("\n".join(["# New", "", *kept]), "utf-8")
    assert block(page, "validity") == kept
    assert page.read_text("utf-8").endswith("text\n\n<!-- end validity -->\n")


def test_bounds_are_those_of_clopper_and_pearson() -> None:
    """No false quarter of 59 leaves 5 % possible; the bound of the labels is wider than their share."""
    looks = [Look(tested=10, low_p=i % 2, claimed=0, raw_low_p=0, raw_claimed=0) for i in range(59)]
    null = Null(WORLDS[0], tuple(looks))
    assert null.upper == pytest.approx(1 - 0.05 ** (1 / 59))
    assert null.share == pytest.approx(29 / 590)
    assert null.share < null.share_upper < 0.1
    assert percent(null.upper) in null_part([null])[-1]


def test_planted_differences_are_found_as_often_as_said() -> None:
    """Eighty in a hundred, give or take."""
    rows = planted(200)
    assert all(abs(row.found / row.repeats - row.said) < 0.12 for row in rows)
    page = "\n".join(power_part(rows, [LikePower("2 to 10 %", 4, 0.5, 2)]))
    assert "| 2 to 10 % | 4 | 50.0 % | 50.0 % (15.0–85.0 %) |" in page


def test_planted_among_like_deals() -> None:
    """What is said of like with like is a chance, and something is found."""
    rows = planted_like(3, 800)
    assert all(0 < row.said < 1 for row in rows)
    assert sum(row.found for row in rows) > 0


def test_intervals_cover_what_they_should() -> None:
    """At 20 deals both exact intervals hold the truth 93 to 97 times in a hundred on average."""
    exact = [*wilson_coverage([20]), *newcombe_coverage([(20, 20)])]
    assert all(0.93 <= row.mean <= 0.97 for row in exact)
    assert all(row.lowest <= row.mean for row in exact)
    assert [row.name.split(",")[-1] for row in odds_coverage(20)] == [
        " 60 strata of 6",
        " 12 strata of 30",
        " 3 strata of 120",
    ]
    assert coverage_part([Coverage("x", 0.951, 0.92)])[-1] == "| x | 95.1 % | 92.0 % |"
