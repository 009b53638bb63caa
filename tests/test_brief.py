"""The brief for the 1:1: the numbers of other reports, periods, questions, and what was agreed since."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path

import pytest

from callmine.domain import Kind, Outcome
from callmine.errors import UsageError
from callmine.operations.agreements import agree, end_agreement
from callmine.operations.brief import brief_report
from callmine.operations.outcomes import outcome_report
from callmine.operations.reporting import digest_of_week
from callmine.operations.sendable import sendable
from callmine.operations.sendable_values import Ask
from callmine.outcomes.conversion import Entries, Step
from callmine.outcomes.rates import difference, rate
from callmine.outcomes.verdicts import Verdict
from callmine.reports.brief_facts import before_of, since_fact, thing_fact
from callmine.reports.brief_questions import questions_of
from callmine.reports.brief_spans import Span, before_label, last_complete_month, span_label, spans_of
from callmine.reports.brief_values import Agreed, BriefReport, Jeopardy, Since
from callmine.reports.render.brief_words import counts
from callmine.reports.trend_values import Trend
from callmine.store import Store
from callmine.workspace import Workspace
from tests.builders import a_deal
from tests.closed_store import PRICE, TRUST, buyer, make_workspace, put_call, rep, small_year

NOW = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return small_year(tmp_path_factory.mktemp("year") / "workspace")


@pytest.fixture(scope="module")
def february(place: Workspace) -> BriefReport:
    return brief_report(place, since="2026-02-01", until="2026-02-28", now=NOW)


def days(first: str, last: str) -> Span:
    return Span(date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize(
    ("span", "earlier", "label", "before"),
    [
        (
            ("2026-01-01", "2026-01-31"),
            ("2025-10-01", "2025-10-31"),
            "January 2026",
            "the three months before",
        ),
        (
            ("2025-12-01", "2026-02-28"),
            ("2025-03-01", "2025-05-31"),
            "December 2025 to February 2026",
            "the nine months before",
        ),
        (
            ("2026-03-02", "2026-03-29"),
            ("2025-12-08", "2026-01-04"),
            "2 March 2026 to 29 March 2026",
            "the 84 days before",
        ),
        (("2026-03-02", "2026-03-02"), ("2026-02-27", "2026-02-27"), "2 March 2026", "the 3 days before"),
    ],
)
def test_a_period_is_held_against_three_as_long(
    span: tuple[str, str], earlier: tuple[str, str], label: str, before: str
) -> None:
    """Months against months, days against days, without a gap."""
    found = spans_of(days(*span))
    assert (len(found), found[0], found[-1]) == (4, days(*earlier), days(*span))
    assert all((b.first - a.last).days == 1 for a, b in pairwise(found))
    assert (span_label(found[-1]), before_label(found[-1], 3)) == (label, before)


def test_the_first_days_of_all_have_nothing_before() -> None:
    """A calendar begins in the year 1."""
    assert spans_of(days("0001-01-01", "0001-01-31")) == (days("0001-01-01", "0001-01-31"),)
    assert spans_of(days("0001-01-02", "0001-01-12")) == (days("0001-01-02", "0001-01-12"),)


def test_the_last_complete_month_is_one_with_something_in_it() -> None:
    """The running month never is; without a day in another there is none."""
    found = last_complete_month([date(2026, 8, 31), date(2026, 10, 2)], date(2026, 10, 20))
    assert found == days("2026-08-01", "2026-08-31")
    assert last_complete_month([date(2026, 10, 2)], date(2026, 10, 20)) is None


def test_a_week_has_the_numbers_of_its_digest(place: Workspace) -> None:
    """What counts as heard, and out of how many, is decided once."""
    brief = brief_report(place, since="2026-01-12", until="2026-01-18", now=NOW)
    digest = digest_of_week(place, week="2026-W03")
    assert digest.objections
    assert {one.label: one.now.successes for one in brief.objections} == {
        one.label: one.heard for one in digest.objections
    }
    assert {one.now.total for one in brief.objections} == {digest.objections[0].weekly[-1].out_of}
    later = brief_report(place, since="2026-02-16", until="2026-02-22", now=NOW)
    week = digest_of_week(place, week="2026-W08")
    assert {one.label: one.now.successes for one in later.competitors} == {
        one.name: one.heard for one in week.competitors
    }


def test_wins_and_conversion_points_are_those_of_outcomes(place: Workspace) -> None:
    """The same rates, intervals and verdicts as ``callmine outcomes`` prints for these days."""
    brief = brief_report(place, since="2026-07-01", until="2026-07-31", now=NOW)
    month = outcome_report(place, since="2026-07-01", until="2026-07-31", now=NOW)
    year = outcome_report(place, until="2026-07-31", now=NOW)
    assert brief.closed == month.basis.deals
    assert set(brief.closed_deals) <= {deal.deal_id for deal in brief.deals}
    assert (brief.steps, brief.won_since) == (year.steps, year.since)
    february = brief_report(place, since="2026-02-01", until="2026-08-31", now=NOW)
    until = outcome_report(place, until="2026-08-31", now=NOW)
    known = {(line.family, line.label): line.association for f in until.families for line in f.lines}
    things = (*february.objections, *february.competitors, *february.messages)
    assert len(things) == 4
    for one in things:
        line = known[one.family, one.label]
        assert (one.won, one.verdict) == (line.with_it, line.verdict)


def test_each_fact_opens_quotes_of_its_own_days(february: BriefReport) -> None:
    """Of different accounts; prospects' where a competitor is named; every deal named is known."""
    known = {deal.deal_id for deal in february.deals}
    for one in (*february.objections, *february.competitors, *february.messages):
        assert one.quotes
        assert all((quote.started_at or "").startswith("2026-02") for quote in one.quotes)
        assert len({quote.account for quote in one.quotes}) == len(one.quotes)
        assert set(one.deals) <= known
        assert len(one.deals) <= one.now.total
    assert [one.family for one in february.messages] == ["message", "message"]


def test_loosely_worded_messages_are_told_with_their_number(february: BriefReport) -> None:
    """Calls in which a message was said in few of its own words are told beside their number."""
    one = next(one for one in february.messages if one.loose)
    assert 0 < one.loose <= one.now.successes
    few = replace(one, now=rate(6, 18), loose=3)
    assert counts(few, february).startswith("6 of 18 calls, 3 of them loosely worded")
    assert "in 6 of 18 calls, 3 of them loosely worded" in thing_fact(few, february)
    assert "loosely" not in counts(replace(few, loose=0), february)


def test_more_than_before_takes_more_than_chance(february: BriefReport) -> None:
    """Trust was never heard in January, price not in February."""
    words = {one.label: one.trend.word for one in february.objections}
    assert words == {"trust": "new"}
    assert february.objections[0].trend.before == 0


def test_the_default_is_the_last_month_with_something_in_it(place: Workspace) -> None:
    """Deals closed up to August, and a call that came late was in September."""
    found = brief_report(place, now=NOW)
    assert (found.period, found.before) == ("September 2026", "the three months before")
    assert (found.closed.total, found.calls[-1].out_of) == (0, 1)
    assert (found.as_of, found.known_until) == ("2026-11-01", "2026-10-31")
    assert brief_report(place, since="2026-02-01", now=NOW).until == "2026-10-31"


@pytest.mark.parametrize(
    ("asked", "what"),
    [
        ({"until": "2026-02-28"}, "--until needs --since"),
        ({"since": "February"}, "is not a date"),
        ({"since": "2026-03-01", "until": "2026-02-01"}, "before it begins"),
        ({"since": "2026-02-01", "until": "2099-12-31"}, "--until 2099-12-31 is to come"),
        ({"since": "2026-02-01", "until": "2026-02-28", "as_of": "2099-12-31"}, "--as-of 2099-12-31 is to"),
        ({"since": "2026-02-01", "until": "2026-02-28", "as_of": "2026-02-27"}, "is before 2026-02-28"),
        ({"since": "2026-02-01", "until": "2026-02-28", "as_of": "soon"}, "--as-of: 'soon' is not a date"),
        ({"since": "2020-03-01", "until": "2020-03-31"}, "no sales call that was read and no closed deal"),
    ],
)
def test_periods_that_cannot_be_are_refused(place: Workspace, asked: dict[str, str], what: str) -> None:
    """What is wrong, and what to write instead."""
    with pytest.raises(UsageError, match=what) as error:
        brief_report(place, now=NOW, **asked)
    assert error.value.hint


def test_an_empty_workspace_says_what_to_take_in(tmp_path: Path) -> None:
    """Nothing to choose a month by; with one call this month, the days have to be said."""
    made = make_workspace(tmp_path)
    with pytest.raises(UsageError, match="no dated sales call"):
        brief_report(made, now=NOW)
    with Store(made.database) as store:
        put_call(store, "a.vtt", buyer(*PRICE), rep("So."), deal=None, started_at="2026-11-01T08:00:00Z")
    with pytest.raises(UsageError, match="no month") as error:
        brief_report(made, now=datetime(2026, 11, 3, tzinfo=UTC))
    assert error.value.hint == "Say the days: --since 2026-11-01 --until 2026-11-03."
    tiny = brief_report(made, since="2026-11-01", until="2026-11-01", now=NOW)
    assert (tiny.spoken, tiny.questions, tiny.agreed) == (1, (), ())


def test_the_same_brief_is_kept_once(place: Workspace) -> None:
    """It lay on a table where things were agreed on; built again it is the same."""
    asked = {"since": "2026-01-01", "until": "2026-01-31", "now": NOW}
    with Store(place.database) as store:
        before = store.reports_kept("brief")
    assert brief_report(place, **asked) == brief_report(place, **asked)
    with Store(place.database) as store:
        assert store.reports_kept("brief") == before + 1


# -- questions -------------------------------------------------------------------------------


def a_step(stage: str = "Demo") -> Step:
    now, before = rate(20, 60), rate(120, 180)
    quarters = (Entries("2026-Q1", 180, before, 0), Entries("2026-Q2", 60, now, 0))
    return Step(stage, 30, quarters, now, before, difference(20, 60, 120, 180), 0.01, Verdict.LOSSES, None)


def agreed(word: str, watch: str = "objection:price") -> Agreed:
    trend = Trend(word, before=40, before_out_of=100)  # type: ignore[arg-type]
    since = Since(rate(40, 100), rate(10, 100), trend, 6, 6, 6)
    return Agreed(7, "Send the price first.", "Jon", "2026-01-10", watch, "Price", since=since)


def changed(kind: str) -> Callable[[BriefReport], BriefReport]:
    """A report in which one thing is so."""
    quiet = Trend("too few to say")

    def change(report: BriefReport) -> BriefReport:
        flat = [
            tuple(replace(one, trend=quiet, verdict=Verdict.NOT_ENOUGH, now=rate(2, 60)) for one in things)
            for things in (report.objections, report.competitors, report.messages)
        ]
        said = tuple(replace(one, now=rate(40, 60)) for one in flat[2])
        made = replace(report, objections=flat[0], competitors=flat[1], messages=said, questions=())
        first = made.objections[0]
        return {
            "nothing": made,
            "jeopardy": replace(made, jeopardy=(Jeopardy(a_step()), Jeopardy(a_step("Trial")))),
            "agreed": replace(made, agreed=(agreed("down"),)),
            "won": replace(made, verdict=Verdict.WINS),
            "growing": replace(made, objections=(replace(first, trend=Trend("up")),)),
            "losing": replace(made, objections=(replace(first, verdict=Verdict.LOSSES, won=rate(2, 9)),)),
            "competitor": replace(made, competitors=(replace(made.competitors[0], trend=Trend("new")),)),
            "message": replace(made, messages=(replace(said[0], now=rate(0, 60)), said[1])),
            "most": replace(made, objections=(replace(first, now=rate(30, 60)),)),
        }[kind]

    return change


@pytest.mark.parametrize(
    ("kind", "about"),
    [
        ("jeopardy", "stage:Demo"),
        ("agreed", "agreed:7"),
        ("won", "won"),
        ("growing", "objection:trust"),
        ("losing", "objection:trust"),
        ("competitor", "competitor:Lantern"),
        ("message", "message:fast-rota"),
        ("most", "objection:trust"),
    ],
)
def test_each_fact_raises_its_question(february: BriefReport, kind: str, about: str) -> None:
    """One question, with its fact; it ends in a question mark and recommends nothing."""
    report = changed(kind)(february)
    if kind == "message":
        about = f"message:{report.messages[0].label}"
    (question,) = questions_of(report)
    assert (question.kind, question.about) == (kind, about)
    assert question.text.endswith("?")
    assert question.fact.endswith(".")
    assert not {"should", "must", "need", "because", "stop", "start"} & set(question.text.lower().split())


def test_nothing_is_asked_where_there_is_nothing_to_ask(february: BriefReport) -> None:
    """No fourth question, none of the same sort twice, none at all of quiet months."""
    assert questions_of(changed("nothing")(february)) == ()
    report = changed("jeopardy")(february)
    first = replace(report.objections[0], trend=Trend("up"), verdict=Verdict.LOSSES, won=rate(2, 9))
    many = replace(
        report,
        objections=(first,),
        verdict=Verdict.LOSSES,
        agreed=(replace(agreed("up", "stage:Demo"), number=6), agreed("up")),
    )
    found = questions_of(many)
    assert [one.kind for one in found] == ["jeopardy", "agreed", "won"]


def test_what_is_asked_already_is_not_asked_of_its_agreement(february: BriefReport) -> None:
    """A stage in jeopardy that was watched is one question."""
    report = replace(changed("jeopardy")(february), agreed=(agreed("down", "stage:Demo"),))
    assert [one.kind for one in questions_of(report)] == ["jeopardy"]


# -- agreements ------------------------------------------------------------------------------


@pytest.fixture
def watched(tmp_path: Path) -> Workspace:
    """Price in every call up to 1 June, in none after; trust in all."""
    made = make_workspace(tmp_path)
    with Store(made.database) as store:
        deals = [a_deal(f"D-{n}", outcome=Outcome.OPEN, close_date=None) for n in range(6)]
        store.import_deals(deals, at="2026-02-01T08:00:00Z")
        for n in range(48):
            day = date(2026, 4, 6).toordinal() + n * 2
            turns = [buyer(*TRUST), rep("You get [[a rota in an hour]].", "fast-rota")]
            if date.fromordinal(day) < date(2026, 6, 1):
                turns.append(buyer(*PRICE))
            at = f"{date.fromordinal(day)}T09:00:00Z"
            put_call(store, f"{n}.vtt", *turns, deal=f"D-{n % 6}", started_at=at)
    return made


JUNE = {"since": "2026-06-01", "until": "2026-06-30"}


def test_what_was_agreed_is_followed_by_what_was_watched(watched: Workspace) -> None:
    """Weeks before the day against those since; what nobody watches is only told."""
    later = datetime(2026, 7, 10, tzinfo=UTC)
    texts = (("Price list first", "objection:Price"), ("Say the hour", "message:fast-rota"), ("Meet", None))
    for text, watch in texts:
        agree(watched, text, watch=watch, by="Jon", day="2026-06-01", now=later)
    report = brief_report(watched, **JUNE, now=later)
    assert [(one.number, one.text, one.by, one.day) for one in report.agreed] == [
        (3, "Meet", "Jon", "2026-06-01"),
        (2, "Say the hour", "Jon", "2026-06-01"),
        (1, "Price list first", "Jon", "2026-06-01"),
    ]
    meet, hour, price = report.agreed
    assert (meet.since, meet.title) == (None, None)
    assert price.since is not None
    assert (price.watch, price.title, price.since.trend.word) == ("objection:price", "Price", "gone")
    assert (price.since.before.value, price.since.after.value) == (1.0, 0.0)
    assert (price.since.weeks_before, price.since.weeks_after, price.since.quotes) == (4, 4, ())
    assert hour.since is not None
    assert (hour.since.before.value, hour.since.after.value) == (1.0, 1.0)
    assert hour.since.quotes
    assert [one.about for one in report.questions if one.kind == "agreed"] == ["agreed:1"]


def test_a_deal_counts_once_before_and_once_since(watched: Workspace) -> None:
    """Six deals are spoken with in every week, and are six deals; over as many weeks on either side."""
    later = datetime(2026, 7, 10, tzinfo=UTC)
    agree(watched, "Price list first", watch="objection:price", day="2026-06-01", now=later)
    agree(watched, "Trust page", watch="objection:trust", day="2026-04-13", now=later)
    trust, price = sorted(brief_report(watched, **JUNE, now=later).agreed, key=lambda one: one.day)
    assert price.since is not None
    assert (price.since.before.total, price.since.after.total) == (6, 6)
    assert since_fact(price, price.since) == (
        "Price: in 0 of 6 deals in the 4 weeks since, in 6 of 6 in the 4 before: not heard any more."
    )
    assert trust.since is not None
    assert (trust.since.weeks_before, trust.since.weeks_after, trust.since.weeks_since) == (1, 11, 11)
    assert since_fact(trust, trust.since) == (
        "Trust: in 6 of 6 deals in the 11 weeks since, in 4 of 4 in the week before: calls before are known"
        " for 1 week only, too short to compare."
    )
    assert trust.since.trend.word == "no comparison"


def followed(made: Workspace, watch: str, day: str, up_to: str) -> tuple[Since, str]:
    """Agree on something, and return what is told of it by a day."""
    agree(made, "Page first", watch=watch, day=day, now=NOW)
    (one,) = brief_report(made, since=day, until=up_to, now=NOW).agreed
    assert one.since is not None
    return one.since, since_fact(one, one.since)


@pytest.mark.parametrize("up_to", ["2026-05-03", "2026-05-24", "2026-06-28"])
def test_a_gap_after_the_calls_leaves_what_was_said_since(tmp_path: Path, up_to: str) -> None:
    """Two weeks are known before, calls came in the two after, then none: these are told all along."""
    made = make_workspace(tmp_path)
    with Store(made.database) as store:
        deals = [a_deal(f"D-{n}", outcome=Outcome.OPEN, close_date=None) for n in range(4)]
        store.import_deals(deals, at="2026-02-01T08:00:00Z")
        for n, day in enumerate(("04-06", "04-15", "04-21", "04-30")):
            put_call(store, f"{n}.vtt", buyer(*TRUST), deal=f"D-{n}", started_at=f"2026-{day}T09:00:00Z")
    since, told = followed(made, "objection:trust", "2026-04-20", up_to)
    assert (since.before.total, since.after.total, len(since.quotes)) == (2, 2, 2)
    weeks = since.weeks_since
    assert (since.weeks_before, since.weeks_after) == (2, weeks)
    assert told.startswith(f"Trust: in 2 of 2 deals in the {weeks} weeks since, in 2 of 2 in the 2 ")
    assert told.endswith("too short to compare.") is (weeks > 2)
    assert (since.trend.word == "no comparison") is (weeks > 2)


def test_quotes_are_of_the_weeks_that_are_counted(watched: Workspace) -> None:
    """Long after the last call: none in the last twelve weeks, and no quote stands behind that."""
    since, told = followed(watched, "objection:trust", "2026-05-18", "2026-10-31")
    assert told == "Trust: no call in the last 12 weeks in which it could be heard."
    assert (since.weeks_before, since.weeks_after, since.weeks_since, since.quotes) == (6, 12, 23, ())


def test_the_last_weeks_end_with_the_last_day(watched: Workspace) -> None:
    """Calls up to 9 July are still in the last twelve weeks on 30 September, and on 1 October no more."""
    since, _ = followed(watched, "objection:trust", "2026-05-18", "2026-09-30")
    assert (since.after.total, len(since.quotes)) == (1, 1)
    (one,) = brief_report(watched, since="2026-06-01", until="2026-10-01", now=NOW).agreed
    assert one.since is not None
    assert (one.since.after.total, one.since.quotes) == (0, ())


def test_an_agreement_of_the_first_week_has_nothing_before(watched: Workspace) -> None:
    """Two days of calls are no week to hold anything against."""
    since, told = followed(watched, "objection:trust", "2026-04-08", "2026-05-10")
    assert (since.weeks_before, since.weeks_after, since.before.total) == (0, 4, 0)
    assert told == (
        "Trust: in 6 of 6 deals in the 4 weeks since: no whole week of calls before is known,"
        " so nothing is compared."
    )
    assert since.quotes


def test_what_is_in_no_share_is_not_quoted(tmp_path: Path) -> None:
    """A rep names a competitor where no prospect is known to speak: no call, and so no quote."""
    made = make_workspace(tmp_path)
    with Store(made.database) as store:
        put_call(store, "a.vtt", buyer(*TRUST), deal=None, started_at="2026-04-01T09:00:00Z")
        named = rep("We met [[Lantern]] there.", label="Lantern", kind=Kind.COMPETITOR)
        put_call(store, "b.vtt", named, deal=None, started_at="2026-04-21T09:00:00Z")
    since, told = followed(made, "competitor:lantern", "2026-04-20", "2026-04-26")
    assert told.startswith("Lantern: no call in the week since")
    assert since.quotes == ()


def test_weeks_without_a_call_have_none(watched: Workspace) -> None:
    """Nothing is a share of no deals in no weeks."""
    later = datetime(2026, 8, 20, tzinfo=UTC)
    agree(watched, "Price list first", watch="objection:price", day="2026-07-12", now=later)
    (one,) = brief_report(watched, since="2026-07-01", now=later).agreed
    assert one.since is not None
    assert since_fact(one, one.since) == "Price: no call in the 5 weeks since in which it could be heard."


def test_few_deals_before_are_told_month_by_month(watched: Workspace) -> None:
    """The same six deals in two months are no twelve."""
    report = brief_report(watched, **JUNE, now=datetime(2026, 7, 10, tzinfo=UTC))
    (trust,) = report.objections
    assert before_of(trust) == "6 of 6 and 6 of 6"
    assert thing_fact(trust, report).endswith("; 6 of 6 and 6 of 6 in the three months before.")


def test_a_new_agreement_has_nothing_to_tell_yet(watched: Workspace) -> None:
    """Its week is not over; of one that was made after the last day nothing is told at all."""
    agree(watched, "Later", watch="objection:price", day="2026-07-01", now=NOW)
    agree(watched, "Trust first", watch="objection:trust", day="2026-06-28", now=NOW)
    (one,) = brief_report(watched, **JUNE, now=NOW).agreed
    assert (one.known, one.since) == (True, None)
    both = brief_report(watched, since="2026-06-01", now=datetime(2026, 7, 9, tzinfo=UTC)).agreed
    assert [one.text for one in both] == ["Later", "Trust first"]
    later = both[1]
    assert later.since is not None
    assert later.since.trend.word in ("too few to say", "about the same")


def test_what_is_watched_may_leave_the_playbook(watched: Workspace) -> None:
    """Then nothing is counted, and the agreement stays."""
    agree(watched, "Lantern page", watch="competitor:lantern shift", day="2026-05-01", now=NOW)
    file = watched.root / "playbook.toml"
    file.write_text(file.read_text("utf-8").replace("Lantern", "Dutymark"), "utf-8")
    (one,) = brief_report(watched, **JUNE, now=NOW).agreed
    assert (one.watch, one.known, one.since) == ("competitor:Lantern", False, None)


def test_a_stage_is_followed_by_its_deals(place: Workspace) -> None:
    """Those that entered it in the weeks before, and since; too few to say anything here."""
    agree(place, "One demo each", watch="stage:discovery", day="2026-01-20", now=NOW)
    (one,) = brief_report(place, since="2026-02-01", until="2026-02-28", now=NOW).agreed
    assert (one.watch, one.known) == ("stage:Discovery", True)
    assert one.since is not None
    assert one.since.trend.word == "too few to say"
    end_agreement(place, one.number, "dropped")


def test_a_stage_nobody_came_to_is_told_so(place: Workspace) -> None:
    """No deal came there in eight weeks: none of them lacked the time to go on."""
    agree(place, "One demo each", watch="stage:discovery", day="2026-09-06", now=NOW)
    (one,) = brief_report(place, since="2026-08-01", until="2026-10-31", now=NOW).agreed
    assert one.since is not None
    assert since_fact(one, one.since) == "Discovery: no deal came there in the 8 weeks since."
    waiting = replace(one.since, entered=3)
    assert since_fact(one, waiting).endswith(
        "no deal that came there in the 8 weeks since has had time to go on."
    )
    end_agreement(place, one.number, "dropped")


def test_weeks_before_of_a_stage_are_no_more_than_are_known(place: Workspace) -> None:
    """Deals are known for two weeks before; where the sides differ, both are told in weeks."""
    agree(place, "One demo each", watch="stage:discovery", day="2026-01-20", now=NOW)
    (one,) = brief_report(place, since="2026-02-01", until="2026-08-31", now=NOW).agreed
    assert one.since is not None
    assert (one.since.weeks_before, one.since.weeks_after) == (2, 32)
    some = replace(one.since, before=rate(30, 40), after=rate(20, 40), weeks_before=12)
    told = since_fact(one, some)
    assert " in the 32 weeks since, " in told
    assert " in the 12 weeks before: " in told
    end_agreement(place, one.number, "dropped")


def test_a_stage_that_no_deal_goes_through_is_refused(place: Workspace) -> None:
    """Closed Won is where deals end: nothing could ever be told of it."""
    with Store(place.database) as store:
        ends = {row.stage for row in store.stage_history()} - {"Discovery"}
        kept = len(store.agreements())
    stage = sorted(one for one in ends if one and one.startswith("Closed"))[0]
    with pytest.raises(UsageError, match="cannot be followed, as no deal") as error:
        agree(place, "Close", watch=f"stage:{stage}", now=NOW)
    assert "Discovery" in (error.value.hint or "")
    with Store(place.database) as store:
        assert len(store.agreements()) == kept


def test_a_day_of_long_ago_that_is_kept_breaks_no_brief(watched: Workspace) -> None:
    """A slip of an earlier version stands in the table."""
    with Store(watched.database) as store:
        store.agree("Old", by="Jon", day="0001-01-01", watch="objection:price")
        store.agree("Old", by="Jon", day="0001-01-01", watch="stage:Discovery")
    stage, price = brief_report(watched, **JUNE, now=NOW).agreed
    assert (stage.watch, stage.day, stage.since) == ("stage:Discovery", "0001-01-01", None)
    assert (price.watch, price.day, price.title) == ("objection:price", "0001-01-01", "Price")
    assert price.since is not None
    assert (price.since.before.total, price.since.trend.word) == (0, "no comparison")
    assert {quote.label for quote in price.since.quotes} == {"price"}


def test_done_is_told_once_more_and_dropped_is_gone(watched: Workspace) -> None:
    """What was done before the period is history; the words of what was dropped are nowhere."""
    for text in ("First", "Second", "Third"):
        agree(watched, text, day="2026-05-01", by="Jon", now=NOW)
    end_agreement(watched, 1, "done", by="Mara")
    told = brief_report(watched, **JUNE, now=NOW).agreed
    assert [one.text for one in told if one.number == 2] == ["Second"]
    with Store(watched.database) as store:
        assert "Second" in str(list(store.table_rows("reports")))
    end_agreement(watched, 2, "dropped", by="Mara")
    found = brief_report(watched, since="2026-06-01", now=NOW).agreed
    assert [(one.number, one.done_by, bool(one.done_on)) for one in found] == [
        (3, None, False),
        (1, "Mara", True),
    ]
    far = datetime(2099, 2, 1, tzinfo=UTC)
    with Store(watched.database) as store:
        put_call(store, "far.vtt", buyer(*TRUST), rep("So."), started_at="2099-01-05T08:00:00Z")
        assert [row["text"] for row in store.table_rows("agreements")] == ["First", "", "Third"]
        assert "Second" not in str(list(store.table_rows("reports")))
    assert [one.number for one in brief_report(watched, now=far).agreed] == [3]
    assert agree(watched, "Fourth", now=NOW) == 4


def test_a_brief_as_of_a_day_is_the_one_of_that_day(watched: Workspace) -> None:
    """What was agreed on later is left out; it is followed up to the day before, as it was then."""
    agree(watched, "Price list first", watch="objection:price", day="2026-06-01", now=NOW)
    then = brief_report(watched, **JUNE, as_of="2026-07-11", now=datetime(2026, 7, 11, tzinfo=UTC))
    assert (then.as_of, then.known_until) == ("2026-07-11", "2026-07-10")
    agree(watched, "Later", day="2026-07-12", now=NOW)
    end_agreement(watched, 1, "done", by="Mara")
    assert brief_report(watched, **JUNE, as_of="2026-07-11", now=NOW) == then
    day_itself = brief_report(watched, **JUNE, as_of="2026-06-30", now=NOW)
    assert day_itself == brief_report(watched, **JUNE, now=NOW)


def test_what_is_sent_is_what_is_sent_again(watched: Workspace) -> None:
    """The default month and its days make one report, without what was agreed on or done later."""
    agree(watched, "Price list first", watch="objection:price", day="2026-06-01", now=NOW)
    agree(watched, "Later", day="2026-08-20", now=NOW)
    end_agreement(watched, 1, "done", by="Mara")
    how, ask = sendable("brief"), Ask(progress=lambda text: None)
    first = how.build(watched, ask)
    again = how.build(watched, replace(ask, subject=how.subject(first)))
    assert first == again
    (one,) = first.agreed
    assert (one.number, one.done_on, one.done_by) == (1, None, None)
    seen = brief_report(watched, now=NOW)
    assert [(row.number, row.done_by) for row in seen.agreed] == [(2, None), (1, "Mara")]


@pytest.mark.parametrize(
    ("text", "asked", "what"),
    [
        (" \n", {}, "--agree is empty"),
        ("x" * 201, {}, "201 characters"),
        ("A", {"day": "2026-12-24"}, "is to come"),
        ("A", {"day": "1026-10-05"}, "more than a year before 2026-04-06"),
        ("A", {"day": "soon"}, "--on: 'soon' is not a date"),
        ("A", {"by": " "}, "--by has no name"),
        ("A", {"watch": "price"}, "does not say what is watched"),
        ("A", {"watch": "phrase:price"}, "does not say what is watched"),
        ("A", {"watch": "objection:"}, "does not say what is watched"),
        ("A", {"watch": "objection:prise"}, "did you mean 'price'"),
        ("A", {"watch": "competitor:Lanter"}, "did you mean 'Lantern'"),
        ("A", {"watch": "message:slow"}, "there is no message 'slow'"),
        ("A", {"watch": "stage:Demo"}, "there is no stage 'Demo'"),
    ],
)
def test_agreements_that_cannot_be_kept_are_refused(
    watched: Workspace, text: str, asked: dict[str, str], what: str
) -> None:
    """What is wrong and what is known; nothing is kept."""
    with pytest.raises(UsageError, match=what) as error:
        agree(watched, text, now=NOW, **asked)
    assert error.value.hint
    with Store(watched.database) as store:
        assert store.agreements() == []


def test_only_what_is_open_can_be_done(watched: Workspace) -> None:
    """No other number, and nothing twice; what is done can be taken back."""
    with pytest.raises(UsageError, match="no agreement 1"):
        end_agreement(watched, 1, "done")
    agree(watched, "Meet", now=NOW)
    end_agreement(watched, 1, "done")
    with pytest.raises(UsageError, match="done already"):
        end_agreement(watched, 1, "done")
    end_agreement(watched, 1, "dropped")
    with pytest.raises(UsageError, match="no agreement 1"):
        end_agreement(watched, 1, "dropped")
