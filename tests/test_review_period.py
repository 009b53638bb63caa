"""The review of a period: who counts where, interviews apart, the other side beside it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from callmine.domain import Outcome
from callmine.errors import UsageError
from callmine.operations.outcomes import outcome_report
from callmine.operations.reviewing import period_review
from callmine.outcomes.rates import rate
from callmine.reports.render.period_pages import render_html, render_markdown
from callmine.reports.render.period_summary import period_summary
from callmine.reports.render.period_words import ending_facts, raised_most, ranked, standfirst
from callmine.reports.review_period_values import PeriodReview, Share
from callmine.store import Store
from callmine.workspace import Workspace
from tests.builders import a_deal
from tests.closed_store import PRICE, TRUST, VALUE, buyer, make_workspace, put_call, rep, small_year
from tests.review_store import CONTRACT

NOW = datetime(2026, 11, 1, tzinfo=UTC)
YEAR = {"since": "2026-01-01", "until": "2026-10-01", "now": NOW}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    made = small_year(tmp_path_factory.mktemp("year") / "workspace")
    with Store(made.database) as store:
        for deal in ("D-01", "D-03"):
            wish = buyer("We wanted [[to be home by six]].", "success", **VALUE)
            turns = rep("Why did you choose as you did?"), buyer(*CONTRACT), wish
            put_call(
                store, f"{deal}.vtt", *turns, deal=deal, type="interview", started_at="2026-09-20T08:00:00Z"
            )
        put_call(store, "dumb.vtt", rep("Why?"), deal="D-05", type="interview")
    return made


@pytest.fixture(scope="module")
def lost(place: Workspace) -> PeriodReview:
    return period_review(place, side="lost", **YEAR)


@pytest.fixture(scope="module")
def won(place: Workspace) -> PeriodReview:
    return period_review(place, side="won", **YEAR)


def test_both_sides_are_those_of_the_report_on_outcomes(
    place: Workspace, lost: PeriodReview, won: PeriodReview
) -> None:
    """What counts is decided once: as many deals, with as many calls that count, as on that page."""
    known = outcome_report(place, since="2026-01-01", until="2026-10-01", now=NOW)
    assert lost.basis == won.basis == known.basis
    assert (len(lost.deals), len(won.deals)) == (known.basis.deals.total - known.basis.deals.successes, 14)
    assert (won.here.successes, lost.here.successes) == (
        known.basis.compared.successes,
        known.basis.compared.total - known.basis.compared.successes,
    )
    assert lost.here == won.there
    for family, rows in (("objection", lost.reasons), ("competitor", lost.competitors)):
        heard = next(one for one in known.families if one.family == family)
        counts = {line.label: line.association.with_it for line in heard.lines}
        for row in rows:
            assert row.there.successes == counts[row.label].successes
            assert row.here.successes == counts[row.label].total - counts[row.label].successes


def test_a_sum_says_what_it_leaves_out(lost: PeriodReview, won: PeriodReview) -> None:
    """One lost deal has no amount: in the whole, and in the ending that it had; all won ones have one."""
    assert sum(deal.amount is None for deal in lost.deals) == 1
    assert next(line for line in standfirst(lost) if "Together" in line).endswith(", 1 without an amount.")
    (lacking,) = (deal.outcome for deal in lost.deals if deal.amount is None)
    for one in lost.endings:
        assert ("1 without an amount" in ending_facts(one, lost)) is (one.outcome is lacking)
    assert "without an amount" not in " ".join(standfirst(won))


def test_a_column_of_few_deals_does_not_speak_of_a_hundred(lost: PeriodReview) -> None:
    """Of fewer deals than make a rate there are counts, and the head of the column says no more."""
    assert "in 100, with calls that count" in render_html(lost)
    few = replace(lost, settings=replace(lost.settings, min_deals=100))
    assert "in 100, with calls that count" not in render_html(few)
    assert '<span class="sub">with calls that count</span>' in render_html(few)
    assert "The two rates stand side by side" in render_html(lost)
    assert "The two counts stand side by side" in render_html(few)
    for page in (render_html, render_markdown, lambda report: str(period_summary(report))):
        assert "in 100" not in page(replace(few, reasons=(), pairs=None, agreement=None)), page


def test_reasons_open_their_deals_and_quotes(lost: PeriodReview) -> None:
    """As many deals as are counted; quotes of different accounts, of this side only."""
    known = {deal.deal_id for deal in lost.deals}
    for reason in (*lost.reasons, *lost.competitors):
        assert len(reason.deals) == reason.here.successes
        assert set(reason.deals) <= known
        accounts = [quote.account for quote in reason.quotes]
        assert len(set(accounts)) == len(accounts)
        assert all(quote.outcome is not None and quote.outcome.is_lost for quote in reason.quotes)
    price = lost.reasons[0]
    assert (price.label, len(price.quotes)) == ("price", 4)
    assert price.here.value is not None
    assert price.here.low < price.here.value < price.here.high or price.here.value == 1


def test_interviews_stand_apart(lost: PeriodReview, won: PeriodReview) -> None:
    """What was said in them is in no other number; one without a known buyer is told."""
    assert won.interviews is None
    assert lost.interviews is not None
    found = lost.interviews
    assert (found.interviews, found.unplaced, found.deals) == (2, 1, 2)
    assert [(one.label, one.deals, len(one.quotes)) for one in found.reasons] == [("contract", 2, 2)]
    assert {quote.text for quote in found.words} == {"to be home by six"}
    assert "contract" not in {reason.label for reason in lost.reasons}
    assert not any("Contract terms" in deal.heard for deal in lost.deals)


def test_endings_and_segments_add_up(lost: PeriodReview) -> None:
    """Each deal is in one ending and one segment; no decision is not a competitor's win."""
    assert {one.outcome for one in lost.endings} == {outcome for outcome in Outcome if outcome.is_lost}
    assert sum(one.deals for one in lost.endings) == len(lost.deals)
    assert sum(one.heard_from for one in lost.endings) == lost.here.successes
    assert sum(one.deals for one in lost.segments) == len(lost.deals)
    assert {one.segment for one in lost.segments} == {"SMB", "Enterprise", ""}
    for one in lost.endings:
        assert all(share.deals.total == one.heard_from for share in one.objections)


def test_nothing_is_the_most_that_others_tie_with(lost: PeriodReview) -> None:
    """Who ties is named or counted, and what won deals raised as often is said to be."""

    def said(*counts: tuple[int, int]) -> str:
        rows = [replace(lost.reasons[0], title=f"R{n}", here=rate(a, 3), there=rate(b, 6))
                for n, (a, b) in enumerate(counts)]  # fmt: skip
        return raised_most(replace(lost, reasons=tuple(rows)))

    count = "with calls that count"
    assert said((2, 1), (1, 1)) == f"Raised most often: “R0”, in 2 of 3 {count}; in won ones: 1 of 6."
    assert said((2, 4), (1, 1)).endswith(f"in 2 of 3 {count}, as often as in won ones (4 of 6).")
    two = f"Raised most often: “R0” and “R1”, each in 2 of 3 {count}; in won ones: 1 of 6 and 0 of 6."
    assert said((2, 1), (2, 0), (1, 1)) == two
    assert said((1, 1), (1, 1), (1, 2)) == f"Raised: three objections, each in 1 of 3 {count}."
    level = [Share(one, one, rate(1, 2)) for one in ("A", "B")]
    assert ranked(level) == "Raised equally often: A (1), B (1)"
    assert ranked([Share("C", "C", rate(2, 2)), *level]) == "Raised most: C (2), A (1), B (1)"


def test_pairs_name_deals_that_the_page_knows(lost: PeriodReview) -> None:
    """The lost ones are the review's, the won ones stand beside."""
    assert lost.pairs is not None
    assert lost.pairs.pairs
    own, others = ({deal.deal_id for deal in found} for found in (lost.deals, lost.others))
    assert not own & others
    for pair in lost.pairs.pairs:
        assert pair.lost in own
        assert pair.won in others


def test_won_deals_have_no_loss_reasons(won: PeriodReview) -> None:
    """But their buyers' own words."""
    assert won.crm == ()
    assert won.agreement is None
    assert won.parting == ()
    assert [quote.text for quote in won.words][:1] == ["less work"]


def test_crm_reasons_are_counted_as_they_are_written(tmp_path: Path) -> None:
    """Capitals and blanks make no second reason; none given stands last."""
    made = make_workspace(tmp_path)
    reasons = ("Price", "price ", None, "Timing", None, None)
    with Store(made.database) as store:
        store.import_deals(
            [
                a_deal(f"D-{n}", outcome=Outcome.LOST_OTHER, loss_reason=reason)
                for n, reason in enumerate(reasons)
            ],
            at="2026-09-01T08:00:00Z",
        )
    found = period_review(made, side="lost", **{**YEAR, "until": "2026-10-31"})
    assert [(one.reason, one.deals) for one in found.crm] == [("Price", 2), ("Timing", 1), ("", 3)]
    assert (found.here.successes, found.reasons, found.pairs) == (0, (), None)


def test_one_side_alone_has_nothing_beside_it(tmp_path: Path) -> None:
    """A first, tiny period reads well: one lost deal, no won one."""
    made = make_workspace(tmp_path)
    with Store(made.database) as store:
        store.import_deals([a_deal("D-1", outcome=Outcome.LOST_NO_DECISION)], at="2026-09-01T08:00:00Z")
        put_call(store, "a.vtt", buyer(*TRUST), buyer(*PRICE), rep("So."))
    found = period_review(made, side="lost", **{**YEAR, "until": "2026-10-31"})
    assert (found.there.total, found.pairs, found.segments) == (0, None, ())
    assert [reason.there.value for reason in found.reasons] == [None, None]


def test_only_one_segment(place: Workspace) -> None:
    """Its deals, on both sides."""
    found = period_review(place, side="lost", segment="smb", **YEAR)
    assert {deal.segment for deal in (*found.deals,)} == {"SMB"}
    assert found.segments == ()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"since": "2026-09-30", "until": "2026-10-01"}, "no deal was lost from 2026-09-30 to 2026-10-01"),
        ({"segment": "smbb"}, "did you mean 'SMB'"),
        ({"since": "2026-12-01", "until": "2026-10-01"}, "before"),
        ({"since": "soon"}, "soon"),
    ],
)
def test_what_cannot_be_reviewed_is_told(place: Workspace, changes: dict[str, str], message: str) -> None:
    """An empty period, no such segment, a period that ends before it begins, and no day."""
    with pytest.raises(UsageError, match=message):
        period_review(place, side="lost", **{**YEAR, **changes})
