"""Phrases of won against lost deals."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.sparse import csr_array
from statsmodels.stats.contingency_tables import Table2x2
from statsmodels.stats.proportion import samplesize_proportions_2indep_onetail

from callmine.outcomes.phrases import LEAST, PRIOR_DEALS, PhraseContrast, contrast_phrases
from callmine.outcomes.verdicts import Verdict
from callmine.outcomes.wording import PhraseCounts


def said(counts: np.ndarray) -> PhraseCounts:
    """Return phrases "p00", "p01", … with these counts, shape (deals, phrases)."""
    keys = tuple(f"p{number:02}" for number in range(counts.shape[1]))
    return PhraseCounts(keys, keys, csr_array(counts))


def talk(deals: int, phrases: int, seed: int = 1) -> np.ndarray:
    """Return counts of deals that differ in how much they say."""
    rng = np.random.default_rng(seed)
    return rng.poisson(rng.gamma(1, 1, (deals, 1)) * rng.uniform(0.1, 0.9, phrases))


def by_key(rows: tuple[PhraseContrast, ...]) -> dict[str, PhraseContrast]:
    return {row.key: row for row in rows}


def test_log_odds_are_those_of_the_table() -> None:
    """With the prior's counts added, Monroe's measure is the log-odds ratio of a table of two by two."""
    counts = talk(60, 8)
    won = np.arange(60) < 25
    found = by_key(contrast_phrases(said(counts), won, min_deals=1))
    heard = np.minimum(counts, 1)
    prior = heard.sum(0) / heard.sum() * PRIOR_DEALS * heard.sum() / 60
    for number, key in enumerate(sorted(found)):
        one, other = (heard[deals][:, number].sum() + prior[number] for deals in (won, ~won))
        rest = [heard[deals].sum() + prior.sum() + LEAST for deals in (won, ~won)]
        table = Table2x2([[one, rest[0] - one], [other, rest[1] - other]], shift_zeros=False)
        assert found[key].log_odds == pytest.approx(table.log_oddsratio)
        assert found[key].standard_error >= np.sqrt(1 / one + 1 / other) - 1e-12


def test_standard_error_is_the_bootstraps() -> None:
    """Where one deal's mentions hang together, scipy's bootstrap over deals finds the same error."""
    rng = np.random.default_rng(3)
    bursts = (rng.random((400, 1)) < 0.3) * 3 * np.ones((1, 2), dtype=int)
    counts = np.hstack([bursts, rng.poisson(1.0, (400, 6))]).astype(float)
    won = np.arange(400) < 150
    row = by_key(contrast_phrases(said(counts), won, cap=3, min_deals=1, resamples=2000))["p00"]
    capped = np.minimum(counts, 3)
    weights = capped.sum(0) / capped.sum() * PRIOR_DEALS * capped.sum() / 400

    def log_odds(one: np.ndarray, other: np.ndarray) -> float:
        odds = []
        for deals, group in ((one, capped[won]), (other, capped[~won])):
            here = group[deals].sum(0)
            odds.append(
                (here[0] + weights[0]) / (here.sum() + weights.sum() + LEAST - here[0] - weights[0])
            )
        return float(np.log(odds[0] / odds[1]))

    samples = (np.arange(150), np.arange(250))
    peer = stats.bootstrap(
        samples,
        log_odds,
        n_resamples=2000,
        vectorized=False,
        method="percentile",
        rng=np.random.default_rng(5),
    )
    assert row.standard_error == pytest.approx(peer.standard_error, rel=0.08)
    assert row.p == pytest.approx(2 * stats.norm.sf(abs(row.z)))


def test_never_said_in_a_lost_deal_is_not_certain() -> None:
    """Six of six deals are won: by chance that happens once in 64 times, and the measure knows it."""
    rng = np.random.default_rng(0)
    counts = (rng.random((200, 30)) < 0.4).astype(int)
    counts[:, 0] = 0
    won = np.arange(200) % 2 == 0
    counts[np.flatnonzero(won)[:6], 0] = 1
    row = by_key(contrast_phrases(said(counts), won))["p00"]
    assert (row.won, row.lost) == (6, 0)
    assert row.p > 1 / 64
    assert row.verdict in (Verdict.NOT_ENOUGH, Verdict.NO_DIFFERENCE)


def test_planted_phrase_is_found() -> None:
    """What 60 % of won and 20 % of lost deals say goes with winning; the reverse with losing."""
    rng = np.random.default_rng(0)
    won = np.arange(300) < 120
    counts = (rng.random((300, 40)) < 0.3).astype(int)
    counts[:, 0] = rng.random(300) < np.where(won, 0.6, 0.2)
    counts[:, 1] = rng.random(300) < np.where(won, 0.2, 0.6)
    rows = contrast_phrases(said(counts), won)
    assert [rows[0].key, rows[-1].key] == ["p00", "p01"]
    assert [rows[0].verdict, rows[-1].verdict] == [Verdict.WINS, Verdict.LOSSES]
    assert {row.verdict for row in rows[1:-1]} == {Verdict.NOT_ENOUGH}


def test_interval_within_what_matters() -> None:
    """Where 2,000 deals say it alike, there is no difference that matters and nothing more is needed."""
    counts = np.zeros((2000, 2), dtype=int)
    counts[::2, 0] = counts[1::3, 1] = 1
    rows = contrast_phrases(said(counts), np.arange(2000) % 4 < 2)
    assert {row.verdict for row in rows} == {Verdict.NO_DIFFERENCE}
    assert {row.needed for row in rows} == {0}


def test_needed_comes_from_the_effect_that_matters() -> None:
    """The size that statsmodels gives for 10 points above the lost deals' share, less what there is."""
    counts = np.zeros((40, 2), dtype=int)
    counts[:15, 0] = counts[5:35, 1] = 1
    won = np.arange(40) % 4 == 0
    row = by_key(contrast_phrases(said(counts), won))["p00"]
    base = row.lost / 30
    group = samplesize_proportions_2indep_onetail(0.10, base, 0.8, ratio=3, alpha=0.05)
    assert row.needed == pytest.approx(4 * group - 40, abs=2)


def test_other_text_as_prior() -> None:
    """A phrase that all the company's talk is full of is drawn towards its share there."""
    counts = talk(60, 6)
    won = np.arange(60) < 30
    own = by_key(contrast_phrases(said(counts), won, min_deals=1))
    text = np.array([1000, 0, 5, 5, 5, 5])
    other = by_key(contrast_phrases(said(counts), won, prior=text, min_deals=1))
    assert abs(other["p00"].log_odds) < abs(own["p00"].log_odds)
    assert all(np.isfinite(row.z) for row in other.values())


def test_one_deal_counts_no_more_than_the_cap() -> None:
    """Saying it twenty times in one deal is saying it once."""
    counts = talk(50, 5)
    louder = counts.copy()
    louder[7, counts[7] > 0] = 20
    won = np.arange(50) < 20
    assert contrast_phrases(said(counts), won) == contrast_phrases(said(louder), won)


@pytest.mark.parametrize("outcome", [True, False])
def test_one_outcome_only(outcome: bool) -> None:
    """Without a deal of the other outcome nothing can be said, and no number of deals given."""
    rows = contrast_phrases(said(talk(30, 4)), np.full(30, outcome), min_deals=1)
    assert {row.verdict for row in rows} == {Verdict.NOT_ENOUGH}
    assert {row.needed for row in rows} == {None}


@pytest.mark.parametrize("phrases", [1, 2])
def test_a_share_of_the_talk_needs_other_talk(phrases: int) -> None:
    """One phrase said alike in won and in lost deals does not go with winning because most were won."""
    rows = contrast_phrases(said(np.ones((200, phrases))), np.arange(200) < 180)
    assert [(row.verdict, row.p) for row in rows] == [(Verdict.NOT_ENOUGH, 1.0)] * phrases


def test_too_rare_phrases_are_not_looked_at() -> None:
    """They are not in the family, however many there are."""
    counts = np.hstack([talk(60, 5), np.eye(60, 40, dtype=int)])
    won = np.arange(60) < 30
    assert len(contrast_phrases(said(counts), won)) == 5
    assert contrast_phrases(said(np.eye(60, 40, dtype=int)), won) == ()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"won": np.zeros(3, bool)}, "3 deals"),
        ({"won": np.zeros(30)}, "booleans"),
        ({"prior": [1, 2]}, "prior"),
        ({"prior": [-1, 2, 3, 4]}, "below 0"),
        ({"cap": 0}, "at least 1"),
        ({"resamples": 1}, "at least 2"),
    ],
)
def test_mistakes_are_told(change: dict[str, object], message: str) -> None:
    """What does not fit together is refused."""
    given = {"won": np.zeros(30, bool), **change}
    with pytest.raises(ValueError, match=message):
        contrast_phrases(said(talk(30, 4)), given.pop("won"), min_deals=1, **given)


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 999), st.integers(6, 40), st.integers(1, 3))
def test_order_of_deals_does_not_matter(seed: int, deals: int, cap: int) -> None:
    """The same deals in another order give the same answer, to the last digit."""
    rng = np.random.default_rng(seed)
    counts, won = talk(deals, 6, seed), rng.random(deals) < 0.4
    order = rng.permutation(deals)
    one = contrast_phrases(said(counts), won, cap=cap, min_deals=2, resamples=30)
    other = contrast_phrases(said(counts[order]), won[order], cap=cap, min_deals=2, resamples=30)
    assert one == other


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 999), st.integers(6, 40))
def test_swap_of_won_and_lost_flips_signs(seed: int, deals: int) -> None:
    """What goes with winning would go with losing."""
    counts, won = talk(deals, 6, seed), np.random.default_rng(seed).random(deals) < 0.4
    one = by_key(contrast_phrases(said(counts), won, min_deals=2, resamples=30))
    other = by_key(contrast_phrases(said(counts), ~won, min_deals=2, resamples=30))
    for key, row in one.items():
        assert row.z == pytest.approx(-other[key].z, abs=1e-9)
        assert row.q == pytest.approx(other[key].q)
        assert row.low == pytest.approx(-other[key].high, abs=1e-12)
