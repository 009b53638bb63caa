"""Win rates by kind of deal: the columns that closed deals and their calls give."""

from __future__ import annotations

from callmine.domain import Deal
from callmine.reports.closed_views import NO_CALL, first_stages, groups_of
from callmine.reports.outcome_values import OutcomeSettings
from callmine.store.rows import TalkRow
from tests.builders import a_deal
from tests.closed_rows import a_talk, gathered, lost

STAGE = "stage at the first call"


def by_stage(deals: list[Deal], talks: list[TalkRow]) -> dict[str, tuple[int, int]]:
    """Return won and all deals by the stage at their first call; nothing where it is not told."""
    for grouping in groups_of(gathered(deals, talks), OutcomeSettings()):
        if grouping.by == STAGE:
            return {
                name: (group.won.successes, group.won.total)
                for group in grouping.groups
                for name in group.names[:1]
            }
    return {}


def test_the_stage_is_the_one_at_the_first_call() -> None:
    """Later calls change nothing; a stage nobody told, and deals without a call, stand for themselves."""
    deals = [a_deal(f"D-{n:02d}") if n % 2 else lost(f"D-{n:02d}") for n in range(44)]
    talks = []
    for n, stage in enumerate(["Discovery"] * 12 + ["Proposal"] * 11 + [None] * 10):
        first = a_talk(f"a-{n}", f"D-{n:02d}", stage=stage, started_at="2026-09-01T08:00:00Z")
        talks += [first, a_talk(f"b-{n}", f"D-{n:02d}", stage="Negotiation")]
    talks.append(a_talk("silent", "D-43", stage="Demo", prospect_words=0))
    found = by_stage(deals, talks)
    assert found == {"Discovery": (6, 12), "Proposal": (5, 11), "": (5, 10), NO_CALL: (6, 11)}


def test_one_stage_is_no_comparison() -> None:
    """Deals in one stage against those without a call would say nothing about stages."""
    deals = [a_deal("D-1"), lost("D-2"), lost("D-3")]
    assert by_stage(deals, [a_talk("a", "D-1"), a_talk("b", "D-2")]) == {}
    assert by_stage(deals, [a_talk("a", "D-1"), a_talk("b", "D-2", stage="Proposal")])
    assert by_stage(deals, []) == {}


def test_first_stages_are_those_of_the_cohort_in_its_order() -> None:
    """One for each deal with a call, whatever other deals there are; none at all without deals."""
    talks = [a_talk("a", "D-3", stage="Demo"), a_talk("b", "D-1", stage=None)]
    assert first_stages(gathered([a_deal("D-1"), a_deal("D-2"), a_deal("D-3")], talks)) == ["", "Demo"]
    assert first_stages(gathered([], [])) == []
