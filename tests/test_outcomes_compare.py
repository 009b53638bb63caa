"""Questions decided at one call: A against B, deals with both left out, several questions one family."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import fisher_exact

from callmine.outcomes.compare import Comparison, Question, compare_many
from callmine.outcomes.power import deals_needed
from callmine.outcomes.strata import stratified, tables_of
from callmine.outcomes.verdicts import Verdict


def compare_groups(
    won: np.ndarray, a: np.ndarray, b: np.ndarray, strata: dict[str, np.ndarray], *, min_deals: int = 5
) -> Comparison:
    """Answer one question."""
    return compare_many([Question(won, a, b, strata)], min_deals=min_deals)[0]


def groups(
    a: tuple[int, int], b: tuple[int, int], both: int = 0
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return outcomes and two groups, each written as won and lost, some deals in both."""
    won = [True] * a[0] + [False] * a[1] + [True] * b[0] + [False] * b[1] + [True] * both
    in_a = [True] * sum(a) + [False] * sum(b) + [True] * both
    in_b = [False] * sum(a) + [True] * sum(b) + [True] * both
    return np.array(won), np.array(in_a), np.array(in_b)


def test_deals_with_both_say_nothing() -> None:
    """Only deals with one and not the other are compared; those with both are counted apart."""
    result = compare_groups(*groups((40, 20), (20, 40), both=30), {})
    assert ((result.a.successes, result.a.total), (result.b.successes, result.b.total)) == (
        (40, 60),
        (20, 60),
    )
    assert result.both == 30
    assert result.base == pytest.approx(0.5)
    assert result.verdict is Verdict.WINS
    assert result.adjusted is not None
    assert result.raw_odds_ratio == pytest.approx(4)
    tail = fisher_exact([[40, 20], [20, 40]], alternative="greater")[1]
    assert result.adjusted.strict_p == pytest.approx(2 * tail)
    assert result.q == result.adjusted.p_value


def test_b_is_better_the_other_way_round() -> None:
    """Swapping A and B turns the answer, not the evidence."""
    won, a, b = groups((40, 20), (20, 40))
    there, back = compare_groups(won, a, b, {}), compare_groups(won, b, a, {})
    assert back.verdict is Verdict.LOSSES
    assert there.adjusted is not None
    assert back.adjusted is not None
    assert back.adjusted.p_value == pytest.approx(there.adjusted.p_value)


def test_the_sample_size_that_would_settle_it() -> None:
    """Not enough deals: how many more, at the share that A has."""
    result = compare_groups(*groups((12, 18), (10, 20)), {})
    assert result.verdict is Verdict.NOT_ENOUGH
    assert result.needed == deals_needed(22 / 60, 0.1, 0.5) - 60


def test_a_group_too_small_to_test() -> None:
    """Rates are shown, nothing is tested; an empty comparison is none."""
    small = compare_groups(*groups((3, 0), (10, 20)), {})
    assert (small.adjusted, small.q, small.verdict) == (None, None, Verdict.NOT_ENOUGH)
    assert small.needed is not None
    empty = compare_groups(*groups((0, 0), (0, 0)), {"segment": np.array([], dtype=np.int64)})
    assert (empty.raw, empty.base, empty.needed) == (None, None, None)


def test_strata_are_dropped_from_the_end() -> None:
    """A column that leaves every deal alone is dropped, those before it stay, and the names tell."""
    segment = np.repeat([0, 1], 100)
    won = (
        np.concatenate([np.repeat([1, 0, 1, 0], [49, 21, 21, 9]), np.repeat([1, 0, 1, 0], [9, 21, 21, 49])])
        > 0
    )
    in_a = np.concatenate([np.arange(100) < 70, np.arange(100) < 30])
    strata = {"segment": segment, "deal": np.arange(200)}
    result = compare_groups(won, in_a, ~in_a, strata)
    assert result.strata == ("segment",)
    assert result.adjusted == stratified(tables_of(in_a, won, segment))
    assert result.adjusted.odds_ratio == pytest.approx(1)
    assert result.disagree
    assert compare_groups(won, in_a, ~in_a, {"deal": np.arange(200)}).strata == ()


def test_questions_asked_together_are_one_family() -> None:
    """Each has its own deals and strata, and each is judged among all that could be tested."""
    rng = np.random.default_rng(3)
    kind = rng.integers(0, 4, 400)
    won = rng.random(400) < np.where(kind == 1, 0.8, 0.35)
    strata = {"segment": rng.integers(0, 2, 400)}
    questions = [Question(won, kind == n, (kind > 0) & (kind != n), strata) for n in (1, 2, 3)]
    nothing = np.zeros(400, dtype=bool)
    rows = compare_many([*questions, Question(won, nothing, nothing, strata)])
    assert rows[0].verdict is Verdict.WINS
    assert (rows[3].q, rows[3].adjusted) == (None, None)
    strict = sorted(row.adjusted.strict_p for row in rows if row.adjusted)
    assert rows[0].q == pytest.approx(min(p * 3 / i for i, p in enumerate(strict, 1)))
    assert compare_many([]) == ()


def test_the_sample_size_goes_by_all_deals() -> None:
    """Deals with neither tell the win rate too: two small groups that were lost do not."""
    won = np.repeat([True, False], [50, 50])
    in_a, in_b = np.arange(100) >= 95, (np.arange(100) >= 90) & (np.arange(100) < 95)
    row = compare_groups(won, in_a, in_b, {}, min_deals=6)
    assert row.base == 0
    assert row.needed == deals_needed(0.5, 0.1, 0.5) - 10


def test_deals_that_differ_in_number_are_refused() -> None:
    """Every array has one entry per deal."""
    won, a, b = groups((6, 6), (6, 6))
    with pytest.raises(ValueError, match="differ in number"):
        compare_groups(won[:-1], a, b, {})
    with pytest.raises(ValueError, match="segment has 3 deals"):
        compare_groups(won, a, b, {"segment": np.array([0, 1, 2])})
    with pytest.raises(ValueError, match="minimum support"):
        compare_groups(won, a, b, {}, min_deals=0)
