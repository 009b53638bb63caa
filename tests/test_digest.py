"""The weekly digest: what counts, in which unit, and what may be said about it."""

from __future__ import annotations

import pytest
from digest_rows import TITLED, WEEK, call, digest, rich_week, said, some_deals
from hypothesis import given, settings
from hypothesis import strategies as st

from callmine.domain import RELATIONS, Kind, Outcome, Role
from callmine.errors import UsageError
from callmine.reports.digest_values import DigestSettings, LabelCount, Money
from callmine.reports.render.notes import coverage_lines, unplaced
from callmine.reports.tally import RELATION_STRENGTH, window_of
from callmine.reports.trends import trends
from callmine.store.rows import CallRow, EvidenceRow, WeekDeal

BEFORE = {n: f"2026-09-{23 - 7 * n:02d}T09:00:00Z" for n in range(3)} | {3: "2026-09-01T09:00:00Z"}
"""An instant in each of the four weeks before the tests' week, the last one first."""


def past(heard: int, out_of: int, label: str = "price") -> tuple[list[CallRow], list[EvidenceRow]]:
    """Four weeks with ``out_of`` deals each, of which ``heard`` raised ``label``."""
    calls = [
        call(f"past-{w}-{n}", started_at=BEFORE[w], deal_id=f"P-{w}-{n}", account=None)
        for w in range(4)
        for n in range(out_of)
    ]
    return calls, [said(c, label=label) for c in calls if int(c.source.split("-")[2][:-4]) < heard]


def now(heard: int, out_of: int, label: str = "price") -> tuple[list[CallRow], list[EvidenceRow]]:
    """This week with ``out_of`` deals, of which ``heard`` raised ``label``."""
    calls = [call(f"now-{n}", deal_id=f"N-{n}", account=f"Account {n}") for n in range(out_of)]
    return calls, [said(c, label=label) for c in calls[:heard]]


def label_of(calls: list[CallRow], rows: list[EvidenceRow], label: str = "price") -> LabelCount:
    return next(o for o in digest(calls, rows).objections if o.label == label)


def test_deals_are_the_unit_not_mentions() -> None:
    """Two calls and four mentions in one deal are one deal."""
    calls = [call("one"), call("two"), call("three", deal_id="D-2", account="Other")]
    rows = [said(calls[0]), said(calls[0], "It's [[far too much]]."), said(calls[1]), said(calls[2])]
    price = label_of(calls, rows)
    assert (price.heard, price.deals, price.calls, price.mentions, price.accounts) == (2, 2, 3, 4, 2)


def test_an_account_is_spelled_in_many_ways_and_counts_once_a_deal() -> None:
    """Accounts are never more than deals and unlinked calls."""
    names = ("Curadalis", "curadalis", "Cruadalis")
    calls = [call(f"{n}", account=name) for n, name in enumerate(names)]
    calls += [call("other", deal_id="D-2", account="Curadalis"), call("alone", deal_id=None, account="PTH")]
    made = digest(calls, [said(one) for one in calls])
    assert (made.heard_from, made.accounts) == (3, 2)
    assert next(o for o in made.objections if o.label == "price").accounts == 2


def test_call_without_a_deal_stands_for_itself_and_is_shown_apart() -> None:
    """Unlinked calls count once each, beside the deals."""
    calls = [
        call("one"),
        call("two", deal_id=None, outcome=None),
        call("three", deal_id=None, outcome=None),
    ]
    made = digest(calls, [said(c) for c in calls])
    price = made.objections[0]
    assert (price.heard, price.deals, price.unlinked_calls) == (3, 1, 2)
    assert (made.heard_from, made.deals, made.unlinked_calls) == (3, 1, 2)
    assert made.top_line[0] == "Price came up in 3 of 3 deals and unlinked calls."


@pytest.mark.parametrize(
    ("change", "counts"),
    [
        ({}, True),
        ({"role": Role.REP}, False),
        ({"role": Role.UNKNOWN, "role_confidence": 0.0}, False),
        ({"role_confidence": 0.79}, False),
        ({"score": 0.49}, False),
        ({"verdict": "wrong"}, False),
        ({"second_verdict": "rejected"}, False),
        ({"second_verdict": "rejected", "verdict": "right"}, True),
        ({"second_verdict": "confirmed", "score": 0.1}, False),
        ({"verdict": "right", "score": 0.1}, True),
        ({"verdict": "right", "role": Role.REP}, False),
        ({"kind": Kind.TRACKER}, False),
    ],
)
def test_only_a_known_prospect_and_a_sure_finding_counts(change: dict[str, object], counts: bool) -> None:
    """The rule of who is counted, case by case."""
    row = said(call(), **change)
    assert bool(digest([call()], [row]).objections) is counts


def test_unknown_speakers_are_coverage() -> None:
    """Possible objections by nobody-knows-who are told, not counted; a rep's are neither."""
    rows = [
        said(call(), role=Role.UNKNOWN, role_confidence=0.0),
        said(call(), "It's [[too much]].", role_confidence=0.5),
        said(call(), "Maybe [[too much]]?", role=Role.UNKNOWN, score=0.2),
        said(call(), "People say [[it's too much]].", role=Role.REP),
    ]
    made = digest([call()], rows)
    assert made.coverage.unknown_speaker == 2
    assert not made.objections


@pytest.mark.parametrize(
    "change",
    [
        {"type": "internal"},
        {"type": "interview"},
        {"status": "skipped", "reason": "no_consent"},
        {"status": "failed", "words": 0, "reason": "truncated"},
        {"started_at": None},
        {"outcome": Outcome.EXCLUDED},
    ],
)
def test_calls_that_do_not_count(change: dict[str, object]) -> None:
    """Internal, interview, skipped, failed, undated and excluded-deal calls are in no count."""
    odd = call("odd", **change)
    made = digest([call(), odd], [said(call()), said(odd, label="timing")])
    assert [o.label for o in made.objections] == ["price"]
    assert made.calls == 1


def test_call_that_failed_again_keeps_what_was_read_before() -> None:
    """A failed second reading leaves the first transcript in place, and it counts."""
    odd = call("odd", status="failed", words=900, reason="disk full")
    made = digest([odd], [said(odd)])
    assert made.calls == 1
    assert made.coverage.failed[0].reason == "disk full"


def test_coverage_adds_up() -> None:
    """Read, pending, failed and skipped calls are the calls of the week."""
    made = digest(*rich_week()).coverage
    others = made.pending + sum(r.calls for r in (*made.failed, *made.skipped))
    assert made.read + others == made.calls == 17
    assert made.missing == 3
    assert made.undated == 1
    assert made.not_counted == 1
    assert made.failed[0].sources == ("13-broken.ogg", "14-silent.ogg")


@pytest.mark.parametrize(
    ("deals", "words"),
    [
        ((1234, 1000), "1,000 of 1,234 deals open at the end of the week, or closed in it,"),
        ((1, 0), "0 of 1 deal open at the end of the week, or closed in it,"),
        ((0, 0), ""),
    ],
)
def test_deals_with_a_call_so_far_are_told(deals: tuple[int, int], words: str) -> None:
    """In one sentence where there are deals, whatever this week's calls are; else not at all."""
    made = digest([call()], [], week_deals=some_deals(*deals))
    assert (made.coverage.deals, made.coverage.deals_with_call) == deals
    said_so = [line for line in coverage_lines(made.coverage, made) if "closed in it" in line]
    assert said_so == ([f"{words} had a sales call by then."] if words else [])
    empty = digest([], [], week_deals=some_deals(*deals))
    assert coverage_lines(empty.coverage, empty) == [], "without a call this is what the page has to say"


def test_kinds_of_deals_that_are_seldom_recorded_are_told() -> None:
    """Two in three enterprise deals have no call, and hardly any small one: the page says so."""
    deals = [WeekDeal("SMB", "Web form", n % 10 > 0) for n in range(120)]
    deals += [WeekDeal("enterprise", "Web form", n % 3 == 0) for n in range(60)]
    made = digest([call()], [], week_deals=deals)
    assert {level.value for level in made.coverage.differing} == {"SMB", "enterprise"}
    said = " ".join(coverage_lines(made.coverage, made))
    assert "Deals with a call are not like those without: segment “SMB”: 84 in 100" in said
    alike = digest([call()], [], week_deals=some_deals(180, 120))
    assert alike.coverage.differing == ()
    assert "not like those without" not in " ".join(coverage_lines(alike.coverage, alike))


def test_deal_with_two_objections_is_under_both() -> None:
    """Rows do not add up, and each has the deal's amount."""
    rows = [said(call()), said(call(), label="timing")]
    made = digest([call()], rows)
    assert [o.outcomes and o.outcomes.open.amounts for o in made.objections] == [
        (Money(42_000.0, "EUR"),),
        (Money(42_000.0, "EUR"),),
    ]


def test_amounts_are_per_currency_and_once_per_deal() -> None:
    """Two quotes of one deal are its amount once; currencies are never added."""
    calls = [
        call("one"),
        call("two", deal_id="D-2"),
        call("three", deal_id="D-3", outcome=Outcome.LOST_OTHER),
    ]
    rows = [
        said(calls[0]),
        said(calls[0], "It's [[too much]]."),
        said(calls[1], amount=10.0, currency="GBP"),
        said(calls[2], amount=None, currency=None),
    ]
    outcomes = label_of(calls, rows).outcomes
    assert outcomes is not None
    assert outcomes.open.amounts == (Money(42_000.0, "EUR"), Money(10.0, "GBP"))
    assert (outcomes.lost.deals, outcomes.lost.amounts, outcomes.lost.without_amount) == (1, (), 1)


def test_no_deals_imported_means_no_outcomes_at_all() -> None:
    """Without deals calls are counted, and outcome numbers are absent rather than zero."""
    calls = [call(f"c{n}", deal_id=None, outcome=None, account=f"A{n}") for n in range(3)]
    made = digest(calls, [said(c) for c in calls[:2]])
    assert (made.unit, made.has_outcomes, made.objections[0].outcomes) == ("calls", False, None)
    assert made.top_line[0] == "Price came up in 2 of 3 calls."


@pytest.mark.parametrize(
    ("this_week", "weeks_before", "word"),
    [
        ((3, 10), (0, 10), "new"),
        ((1, 10), (0, 10), "too few to say"),
        ((0, 10), (3, 4), "gone"),
        ((0, 6), (1, 3), "too few to say"),
        ((9, 10), (1, 10), "up"),
        ((1, 20), (9, 10), "down"),
        ((6, 10), (6, 10), "about the same"),
        ((8, 20), (4, 10), "about the same"),
        ((1, 10), (1, 10), "too few to say"),
        ((2, 10), (1, 10), "too few to say"),
    ],
)
def test_the_word_for_a_change(
    this_week: tuple[int, int], weeks_before: tuple[int, int], word: str
) -> None:
    """Up and down need evidence; little evidence is called little; a busy week is no change."""
    then, now_ = past(*weeks_before), now(*this_week)
    window = window_of(then[0] + now_[0], week=WEEK, timezone="Europe/Berlin", settings=DigestSettings())
    trend = trends({"price": window.counts(then[1] + now_[1])}, window, DigestSettings())["price"]
    assert trend.word == word
    assert (trend.before, trend.before_out_of) == (4 * weeks_before[0], 4 * weeks_before[1])
    assert (trend.usual, trend.usual_out_of) == weeks_before


def test_first_week_has_nothing_to_compare_with() -> None:
    """No earlier week, no trend, no news."""
    made = digest(*now(2, 3))
    assert made.first_week
    assert made.objections[0].trend.word == "no comparison"
    assert (made.new, made.gone, made.compared_with) == ((), (), ())


def test_holiday_weeks_do_not_pull_the_mean_down() -> None:
    """The mean is over the weeks with calls."""
    then, now_ = past(2, 4), now(2, 4)
    keep = {c.call_id for c in then[0] if c.started_at in (BEFORE[1], BEFORE[3])}
    calls = [c for c in then[0] if c.call_id in keep] + now_[0]
    rows = [r for r in then[1] if r.call_id in keep] + now_[1]
    trend = label_of(calls, rows).trend
    assert (trend.weeks, trend.usual) == (2, 2.0)
    weekly = label_of(calls, rows).weekly
    assert [(w.heard, w.out_of) for w in weekly] == [(2, 4), (0, 0), (2, 4), (0, 0), (2, 4)]


def test_new_and_gone() -> None:
    """New and gone pass the same test as up and down: one deal more than none is chance."""
    made = digest(*rich_week())
    assert [(c.kind, c.title, c.deals) for c in made.new] == [
        ("objection", "Agency worker rules", 2),
    ]
    assert [(c.title, c.deals) for c in made.gone] == [("Contract terms", 17)]
    assert [(c.before, c.before_out_of) for c in (*made.new, *made.gone)] == [(0, 42), (17, 42)]
    assert not any(rival.new for rival in made.competitors)


def test_competitors_tell_prospects_from_reps() -> None:
    """Who named it is told; an unknown speaker is in no deal count; we are not our competitor."""
    calls = [call("one"), call("two", deal_id="D-2"), call("three", deal_id="D-3")]

    def named(on: CallRow, name: str = "Crewtide", **changes: object) -> EvidenceRow:
        return said(on, f"We know [[{name}]] well.", name, kind=Kind.COMPETITOR, **changes)

    rows = [
        named(calls[0], detail={"relation": "evaluating"}),
        named(calls[1], role=Role.REP),
        named(calls[2], role=Role.UNKNOWN, role_confidence=0.0, detail={"relation": "incumbent"}),
        named(calls[0], "Larkmoor"),
    ]
    (rival,) = digest(calls, rows).competitors
    assert (rival.deals, rival.calls) == (2, 2)
    assert (rival.prospect_calls, rival.rep_calls, rival.unknown_calls) == (1, 1, 1)
    assert [(r.relation, r.heard) for r in rival.relations] == [("evaluating", 1)]
    assert [q.role for q in rival.quotes] == [Role.PROSPECT]


@pytest.mark.parametrize(
    ("prospects", "reps", "line"),
    [
        ("AAB", "B", "A was the competitor that prospects named most, in 2 calls."),
        ("AB", "BB", "B and A were the competitors that prospects named most, in 1 call each."),
        ("ABCD", "A", "No competitor stood out: prospects named four of them in 1 call each."),
        ("A", "BB", "A was the only competitor that prospects named, in 1 call."),
        ("", "AB", None),
    ],
)
def test_the_headline_names_whom_prospects_named(prospects: str, reps: str, line: str | None) -> None:
    """As the section below counts, in which they stand first; a tie is one, and reps' words are none."""
    calls = [call(str(n), deal_id=f"D-{n}") for n in range(8)]
    rows = [
        said(on, f"We know [[{name}]].", name, kind=Kind.COMPETITOR, role=role)
        for role, names in ((Role.PROSPECT, prospects), (Role.REP, reps))
        for on, name in zip(calls, names, strict=False)
    ]
    made = digest(calls, rows)
    assert made.top_line[1:] == ((line,) if line else ())
    first = [rival.name for rival in made.competitors if rival.prospect_calls]
    assert [rival.name for rival in made.competitors][: len(first)] == first


def test_only_prospects_own_words_are_worth_stealing() -> None:
    """A rep's pitch is not a prospect's phrase."""
    row = said(
        call(), "I want [[my Sundays back]].", "value", kind=Kind.POSITIONING, detail={"side": "rep"}
    )
    own = said(
        call(), "I want [[my Mondays back]].", "value", kind=Kind.POSITIONING, detail={"side": "prospect"}
    )
    assert [q.text for q in digest([call()], [row, own]).phrases] == ["my Mondays back"]


def test_week_without_calls_says_so() -> None:
    """A quiet week is a page, not an error, and points at the last week with a call."""
    made = digest(past(1, 2)[0], past(1, 2)[1])
    assert made.top_line == (
        "There was no sales call this week.",
        "The last week with one is 21–27 September 2026.",
    )
    assert (made.calls, made.objections, made.new, made.gone) == (0, (), (), ())


def test_nothing_at_all() -> None:
    """An empty workspace has a digest."""
    assert digest([], []).top_line == ("There was no sales call this week.",)


def test_week_whose_calls_all_failed_says_why() -> None:
    """No count is no evidence of calm when the calls could not be read."""
    calls = [call("a", status="failed", words=0, reason="damaged"), call("b", status="pending", words=0)]
    assert digest(calls, []).top_line == (
        "No sales call of this week could be counted: 1 call failed and 1 call not read yet.",
    )


def test_one_call() -> None:
    """One call makes a sentence, not a statistic."""
    made = digest([call()], [said(call()), said(call(), label="no_need")])
    assert made.top_line[0] == "One call was counted this week, with 2 objections: no need and price."


def test_calls_without_objections() -> None:
    """Hearing nothing is said as such."""
    assert digest(*now(0, 3)).top_line == (
        "No objection by a prospect was found in the 3 calls of this week.",
    )


def test_ties_are_named_together() -> None:
    """Two equally frequent objections share the top line."""
    calls, rows = now(2, 3)
    made = digest(calls, [*rows, *(said(c, label="agency_rules") for c in calls[1:])])
    assert made.top_line[0] == "Agency worker rules and price each came up in 2 of 3 deals."


def test_money_of_tied_objections_is_that_of_all_their_deals() -> None:
    """What is said of the deals holds for every objection named, each deal once."""
    calls, _ = now(3, 4)
    rows = [
        said(calls[0], amount=10.0),
        said(calls[1], amount=20.0),
        *(said(c, label="timing", amount=a) for c, a in ((calls[1], 20.0), (calls[2], 40.0))),
    ]
    assert digest(calls, rows).top_line == (
        "Price and timing each came up in 2 of 4 deals.",
        "All three deals where they came up are still open (€70).",
    )


def test_objections_that_are_not_named_have_no_money() -> None:
    """Where too many are tied to be named, no deals are either."""
    calls, _ = now(4, 4)
    rows = [
        said(c, label=label)
        for c, label in zip(calls, ("price", "timing", "trust", "security"), strict=True)
    ]
    assert digest(calls, rows).top_line == (
        "No objection stood out: four of them each came up in 1 of 4 deals.",
    )


def test_long_lists_in_the_top_line_say_how_many_more() -> None:
    """Five that rose are three by name and two more, in the second and last sentence."""
    then, now_ = past(1, 10), now(9, 10)
    others = ("timing", "trust", "contract", "authority", "no_need")
    rows = [said(c, label=label) for c in now_[0][:8] for label in others]
    rows += [said(c, label=label) for c in then[0][:1] for label in others]
    lines = digest(then[0] + now_[0], [*then[1], *now_[1], *rows]).top_line
    assert len(lines) == 2
    assert lines[1].endswith(
        "; authority, contract terms, no need and two more are up on the four weeks before."
    )


def test_call_in_which_nobody_is_known_is_in_no_denominator() -> None:
    """Where no objection can be found, its absence says nothing; it is told, not counted."""
    calls, rows = now(2, 3)
    dark = call("dark", deal_id="N-9", words_by_role={"unknown": 3000})
    rep_only = call("rep", deal_id="N-8", words_by_role={"rep": 800, "unknown": 900})
    made = digest([*calls, dark, rep_only], rows)
    assert made.top_line[0] == "Price came up in 2 of 3 deals."
    assert (made.calls, made.heard_from, made.coverage.read, made.coverage.unplaced) == (3, 3, 5, 2)
    assert made.objections[0].weekly[-1].out_of == 3
    assert unplaced(made) == "In 2 of 5 calls we cannot tell who spoke; they are not counted."


def test_week_in_which_nobody_is_known_says_so() -> None:
    """A week of unattributed calls is not a calm week."""
    made = digest([call(words_by_role={"unknown": 3000})], [])
    assert made.top_line == (
        "No sales call of this week could be counted: 1 call in which we cannot tell who spoke.",
    )


def test_deal_counts_once_under_its_strongest_relation() -> None:
    """Two deals never make three."""
    calls = [call("one"), call("two"), call("three", deal_id="D-2")]
    rows = [
        said(
            on,
            f"We {n} know [[Crewtide]].",
            "Crewtide",
            kind=Kind.COMPETITOR,
            detail={"relation": relation},
        )
        for n, (on, relation) in enumerate(
            [
                (calls[0], "evaluating"),
                (calls[1], "incumbent"),
                (calls[2], "evaluating"),
                (calls[2], "mentioned"),
            ]
        )
    ]
    (rival,) = digest(calls, rows).competitors
    assert [(r.relation, r.heard) for r in rival.relations] == [("incumbent", 1), ("evaluating", 1)]


def test_every_relation_has_a_strength() -> None:
    """A new relation cannot be forgotten in the order."""
    assert set(RELATION_STRENGTH) == set(RELATIONS)


def test_a_rise_is_in_the_top_line() -> None:
    """The most heard objection's change is told with what it is compared with."""
    then, now_ = past(1, 10), now(9, 10)
    assert digest(then[0] + now_[0], then[1] + now_[1]).top_line == (
        "Price came up in 9 of 10 deals, up from 4 of 40 in the four weeks before.",
        "All nine deals where it came up are still open (€378,000).",
    )


def test_title_of_an_unknown_label_is_readable() -> None:
    """A label that the playbook has since dropped still has a name."""
    made = digest([call()], [said(call(), label="old_label")], playbook_titles=TITLED)
    assert made.objections[0].title == "Old label"


def test_settings_limit_what_is_listed_and_tell_how_much_is_not() -> None:
    """Nothing disappears without being counted."""
    calls, rows = now(9, 9)
    made = digest(
        calls, rows, settings=DigestSettings(quotes_per_label=2, evidence_per_label=3)
    ).objections[0]
    assert (len(made.quotes), len(made.others), made.not_listed, made.mentions) == (2, 3, 4, 9)


def test_week_and_zone_are_checked() -> None:
    """A wrong week is a usage error even without calls."""
    with pytest.raises(UsageError):
        digest([], [], week="2026-W99")


def test_week_begins_at_local_midnight() -> None:
    """A call late on Sunday in London is in Berlin's next week."""
    late = call(started_at="2026-10-04T22:30:00Z")
    assert digest([late], [], timezone="Europe/London").calls == 1
    assert digest([late], [], timezone="Europe/Berlin").calls == 0


def test_versions_are_those_of_the_evidence() -> None:
    """The footer can explain an old digest."""
    made = digest(*rich_week())
    assert made.playbooks == ("5f0c2ad11b7e9034",)
    known = ("answers/1", "competitors/3", "objections/3", "positioning/2", "requests/3")
    assert made.extractors == known


@settings(max_examples=25, deadline=None)
@given(st.randoms(use_true_random=False))
def test_order_of_rows_does_not_matter(random: object) -> None:
    """The same facts make the same digest, whatever order the store returns them in."""
    calls, rows = rich_week()
    mixed_calls, mixed_rows = calls[-20:], rows[-35:]
    expected = digest(mixed_calls, mixed_rows)
    shuffle = random.shuffle  # type: ignore[attr-defined]
    shuffle(mixed_calls)
    shuffle(mixed_rows)
    assert digest(mixed_calls, mixed_rows) == expected
