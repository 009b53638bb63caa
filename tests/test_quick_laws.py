"""What is reckoned without importing scipy.stats and statsmodels is what these give."""

from __future__ import annotations

import math
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, binomtest, false_discovery_control, hypergeom
from statsmodels.stats.contingency_tables import StratifiedTable
from statsmodels.stats.proportion import (
    confint_proportions_2indep,
    proportion_confint,
    samplesize_proportions_2indep_onetail,
)

from callmine.outcomes.counts import compare_rates, q_values
from callmine.outcomes.exact import hypergeometric
from callmine.outcomes.power import deals_needed
from callmine.outcomes.rates import newcombe, wilson
from callmine.outcomes.strata import odds_ratio, stratified

COUNT = st.integers(0, 900)
SHARE = st.floats(0, 1)


@settings(deadline=None)
@given(COUNT, st.integers(1, 900), COUNT, st.integers(1, 3_000))
def test_changes_of_small_counts_are_scipys(now: int, out_of: int, before: int, earlier: int) -> None:
    """The mid-p value of the binomial law, and Clopper and Pearson's interval."""
    found = compare_rates(now, out_of, earlier_count=before, earlier_exposure=earlier)
    if not now + before:
        assert found is None
        return
    total, share = now + before, out_of / (out_of + earlier)
    half = 0.5 * binom.pmf(now, total, share)
    tails = binom.cdf(now, total, share) - half, binom.sf(now, total, share) + half
    theirs = binomtest(now, total, share).proportion_ci(0.9, method="exact")
    assert found is not None
    assert found.p_value == pytest.approx(min(1.0, 2 * min(tails)), abs=1e-12)
    ratio = found.low * out_of / earlier
    assert ratio / (1 + ratio) == pytest.approx(theirs.low, abs=1e-9)
    if found.high is None:
        assert theirs.high == 1
    else:
        ratio = found.high * out_of / earlier
        assert ratio / (1 + ratio) == pytest.approx(theirs.high, abs=1e-9)


@given(st.lists(SHARE, min_size=1, max_size=30))
def test_false_discovery_rates_are_scipys(p_values: list[float]) -> None:
    """To the last digit."""
    assert q_values(p_values) == tuple(float(q) for q in false_discovery_control(p_values, method="bh"))


def test_what_is_no_probability_is_refused() -> None:
    """As scipy does."""
    for wrong in (-0.1, 1.1, math.nan):
        with pytest.raises(ValueError, match="between 0 and 1"):
            q_values([0.5, wrong])


@given(st.integers(1, 3_000), SHARE, SHARE)
def test_hypergeometric_masses_are_scipys(total: int, won: float, exposed: float) -> None:
    """Over the whole support, to ten digits."""
    wins, drawn = int(won * total), int(exposed * total)
    seen = np.arange(max(0, wins + drawn - total), min(wins, drawn) + 1)
    all_of = [np.full_like(seen, number) for number in (total, wins, drawn)]
    theirs = hypergeom.pmf(seen, total, wins, drawn)
    np.testing.assert_allclose(hypergeometric(seen, *all_of), theirs, rtol=1e-10, atol=1e-300)


@given(st.integers(1, 5_000), SHARE, st.integers(1, 5_000), SHARE)
def test_intervals_of_rates_are_statsmodels(total: int, share: float, others: int, other: float) -> None:
    """Wilson's and Newcombe's."""
    a, b = int(share * total), int(other * others)
    assert wilson(a, total, 0.95) == pytest.approx(
        proportion_confint(a, total, alpha=0.05, method="wilson"), abs=1e-14
    )
    theirs = confint_proportions_2indep(a, total, b, others, method="newcomb", compare="diff", alpha=0.05)
    assert newcombe(a, total, b, others, 0.95) == pytest.approx(theirs, abs=1e-14)


@given(
    st.lists(st.tuples(*[st.integers(1, 40)] * 4), min_size=1, max_size=6),
)
def test_pooled_odds_ratios_are_statsmodels(cells: list[tuple[int, int, int, int]]) -> None:
    """Mantel and Haenszel's, with the interval of Robins, Breslow and Greenland."""
    tables = np.array(cells).reshape(-1, 2, 2)
    theirs = StratifiedTable(tables.transpose(1, 2, 0).astype(float))
    found = stratified(tables)
    assert odds_ratio(tables) == pytest.approx(theirs.oddsratio_pooled, rel=1e-12)
    assert (found.low, found.high) == pytest.approx(theirs.oddsratio_pooled_confint(0.05), rel=1e-12)


@given(SHARE, st.floats(0.01, 0.5), st.floats(0.01, 0.99))
def test_deals_needed_are_statsmodels(base: float, effect: float, share: float) -> None:
    """Rounded up in both groups."""
    ratio = (1 - share) / share
    change = effect if base <= 0.5 else -effect
    theirs = float(samplesize_proportions_2indep_onetail(change, base, 0.8, ratio=ratio, alpha=0.05))
    assert abs(deals_needed(base, effect, share) - math.ceil(theirs) - math.ceil(theirs * ratio)) <= 1


def test_reports_import_neither() -> None:
    """Nor pandas, which sqlite-utils imports wherever it is; and it can be imported afterwards."""
    code = (
        "import sys, callmine.operations.reporting, callmine.operations.battlecards\n"
        "print({'scipy.stats', 'statsmodels', 'pandas'} & set(sys.modules))\n"
        "import pandas"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
