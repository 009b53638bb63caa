"""Reasons in the CRM against what was heard."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from callmine.outcomes.agreement import LabelAgreement, LostDeal, Parting, agreement
from callmine.outcomes.rates import rate

LABELS = ["price", "timing", "security"]


def lost(number: int, reasons: str, **heard: int) -> LostDeal:
    """Return a lost deal, with its reasons as words."""
    return LostDeal(f"D{number:03}", frozenset(reasons.split()), heard)


def deals(count: int, seed: int = 1) -> list[LostDeal]:
    """Return lost deals whose calls have their reason more often than not."""
    rng = np.random.default_rng(seed)
    made = []
    for number in range(count):
        reason = str(rng.choice(LABELS))
        heard = {label: int(rng.poisson(1.5 if label == reason else 0.5)) for label in LABELS}
        made.append(lost(number, reason, **heard))
    return made


def by_label(rows: tuple[LabelAgreement, ...]) -> dict[str, LabelAgreement]:
    """Return the rows by their label."""
    return {row.label: row for row in rows}


def test_table_of_two_by_two() -> None:
    """Reason and calls say it, only one of them, or neither."""
    found = by_label(
        agreement(
            [
                lost(1, "price", price=2),
                lost(2, "price", timing=1),
                lost(3, "timing", price=1),
                lost(4, "timing", timing=1),
                lost(5, "timing", price=0),
            ]
        ).labels
    )
    row = found["price"]
    assert (row.both, row.reason_only, row.heard_only, row.neither) == (1, 1, 1, 2)
    assert row.agreement == rate(3, 5)
    assert row.heard_of_reason == rate(1, 2)
    assert found["timing"].heard_of_reason == rate(1, 3)


def test_kappa_is_scikit_learns() -> None:
    """Another library has the same kappa, label by label."""
    made = deals(60)
    for row in agreement(made).labels:
        said = [row.label in deal.reasons for deal in made]
        heard = [deal.heard[row.label] > 0 for deal in made]
        assert row.kappa == pytest.approx(cohen_kappa_score(said, heard))
        assert row.low is not None
        assert row.high is not None
        assert row.low < row.kappa < row.high


def test_kappas_interval_is_the_bootstraps() -> None:
    """Deals drawn again and again spread as wide as the interval says."""
    made = deals(150)
    row = agreement(made).labels[0]
    said = np.array([row.label in deal.reasons for deal in made])
    heard = np.array([deal.heard[row.label] > 0 for deal in made])
    rng = np.random.default_rng(5)
    drawn = [cohen_kappa_score(said[at], heard[at]) for at in rng.integers(0, 150, (600, 150))]
    assert (row.high or 0) - (row.low or 0) == pytest.approx(2 * 1.96 * np.std(drawn), rel=0.12)


def test_kappa_needs_two_kinds_of_deal() -> None:
    """Where it is the reason of all deals, chance alone agrees as often."""
    row = agreement([lost(number, "price", price=1) for number in range(6)]).labels[0]
    assert (row.kappa, row.low, row.high) == (None, None, None)
    assert row.agreement == rate(6, 6)


@pytest.mark.parametrize("count", [6, 7, 30])
def test_full_agreement(count: int) -> None:
    """Where reason and calls always agree, kappa is 1 and so is its interval."""
    made = [lost(at, LABELS[at % 3], **{LABELS[at % 3]: 1}) for at in range(count)]
    row = agreement(made, min_deals=1).labels[0]
    assert (row.kappa, row.low, row.high) == (pytest.approx(1), pytest.approx(1), pytest.approx(1))


def test_deals_that_part() -> None:
    """A reason never heard, and something that several calls have and the reason does not."""
    found = agreement(
        [
            lost(3, "price", price=1, timing=1),
            lost(2, "price timing", security=2, timing=3, integration=4),
            lost(1, "price"),
        ]
    )
    assert found.parting == (
        Parting("D001", ("price",), ()),
        Parting("D002", ("price",), ("integration", "security")),
    )
    assert found.confirmed == rate(2, 3)


def test_what_is_unsurprising_parts_nothing() -> None:
    """It is counted like any other, and looked for where it is the reason; hearing it alone is nothing."""
    made = [lost(1, "rival"), lost(2, "rival", rival=1), lost(3, "price", price=1, rival=5)]
    found = agreement(made, unsurprising=("rival",))
    row = by_label(found.labels)["rival"]
    assert (row.both, row.reason_only, row.heard_only, row.neither) == (1, 1, 1, 0)
    assert found.parting == (Parting("D001", ("rival",), ()),)
    assert Parting("D003", (), ("rival",)) in agreement(made).parting


def test_deals_without_a_reason_are_told_apart() -> None:
    """An empty field is no disagreement."""
    found = agreement([lost(1, "", price=3), lost(2, "price", price=1)])
    assert found.without_reason == 1
    assert found.confirmed == rate(1, 1)
    assert found.parting == ()


def test_few_deals_are_marked() -> None:
    """A label of four deals is nothing to build on; one of five is."""
    made = [lost(number, "price", price=1, **({"timing": 1} if number < 4 else {})) for number in range(9)]
    assert {row.label: row.few for row in agreement(made).labels} == {"price": False, "timing": True}


def test_no_deals() -> None:
    """Nothing to compare."""
    found = agreement([])
    assert (found.labels, found.confirmed, found.parting) == ((), rate(0, 0), ())


def test_a_deal_counts_once() -> None:
    """The same deal twice is the caller's mistake."""
    with pytest.raises(ValueError, match="twice"):
        agreement([lost(1, "price"), lost(1, "timing")])


@settings(deadline=None, max_examples=40)
@given(
    st.lists(
        st.tuples(
            st.sets(st.sampled_from(LABELS)), st.dictionaries(st.sampled_from(LABELS), st.integers(0, 3))
        ),
        max_size=20,
    ),
    st.integers(0, 99),
)
def test_order_does_not_matter_and_cells_add_up(
    rows: list[tuple[set[str], dict[str, int]]], seed: int
) -> None:
    """Deals in another order give the same, and every deal with a reason is in one cell."""
    made = [LostDeal(f"D{at:02}", frozenset(reasons), heard) for at, (reasons, heard) in enumerate(rows)]
    found = agreement(made)
    order = np.random.default_rng(seed).permutation(len(made))
    assert agreement([made[at] for at in order]) == found
    for row in found.labels:
        assert row.both + row.reason_only + row.heard_only + row.neither == len(made) - found.without_reason
        assert row.neither < len(made)
