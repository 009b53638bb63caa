"""What a digest tells beyond its week: closed deals, twelve weeks, answers, requests, picks, limits."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from commands import callmine

from callmine.domain import Kind, Outcome
from callmine.errors import UsageError
from callmine.operations.pages import DIGEST, page_or_draft
from callmine.operations.reporting import digest_of_week, write_digest
from callmine.reports.digest_more_values import Recounted
from callmine.reports.digest_values import Digest, LabelCount
from callmine.reports.limits import Limits
from callmine.reports.render import all_quotes
from callmine.reports.render import digest_words as words
from callmine.reports.render.digest_post import digest_post
from callmine.store import Store
from callmine.store.removing import delete_call
from callmine.workspace import Workspace
from tests.builders import a_deal
from tests.closed_store import PLAYBOOK, an_answer, buyer, make_workspace, put_call, rep
from tests.edits import edit_digest

WEEK = "2026-W40"
PERSONA = '\n[[personas]]\nname = "finance"\ntitles = ["CFO", "Finance Director"]\n'
PRICE = "Well, [[the price is too high]] for us."


def in_week(week: int) -> str:
    """An instant in a week before the tests' week (0), by how many."""
    days = 7 * week
    month, day = (9, 29 - days) if days < 29 else (8, 60 - days) if days < 60 else (7, 91 - days)
    return f"2026-{month:02d}-{day:02d}T08:00:00Z"


@pytest.fixture
def place(tmp_path: Path) -> Workspace:
    """Eight deals that were closed in August, two that are open, and an answer that was never accepted."""
    made = make_workspace(tmp_path / "workspace", PLAYBOOK + PERSONA)
    ends = [Outcome.WON] * 3 + [Outcome.LOST_OTHER] * 5
    deals = [
        a_deal(f"C-{n}", account=f"Closed {n}", outcome=end, close_date="2026-08-28", name=f"Closed {n}")
        for n, end in enumerate(ends)
    ]
    deals += [
        a_deal("O-1", account="Vale", outcome=Outcome.OPEN, close_date=None, segment="SMB", amount=7000.0),
        a_deal(
            *("O-2",),
            account="Halden",
            outcome=Outcome.OPEN,
            close_date=None,
            segment="Enterprise",
            name="Larkmoor Rota for Halden",
            amount=9000.0,
        ),
    ]
    with Store(made.database) as store:
        store.import_deals(deals)
        for n in range(len(ends)):
            put_call(
                store,
                f"closed-{n}.vtt",
                buyer(PRICE, "price"),
                an_answer(
                    "[[It saves three days of planning]] each month.",
                    "evidence",
                    0,
                    accepted="yes",
                    shown_in=2,
                ),
                buyer("Fine, that helps."),
                deal=f"C-{n}",
                account=f"Closed {n}",
                started_at=in_week(6),
            )
        put_call(
            store,
            "vale.vtt",
            buyer(PRICE, "price"),
            rep("Let me see."),
            buyer("Could you [[send me a price list]] then?", "asked", kind=Kind.REQUEST),
            deal="O-1",
            account="Vale",
        )
        put_call(
            store,
            "halden.vtt",
            buyer("I'm the CFO here, and [[we pay half of that]] today.", "price"),
            rep("I see."),
            deal="O-2",
            account="Halden",
        )
    return made


def price(digest: Digest) -> LabelCount:
    """The objection of these tests."""
    return next(one for one in digest.objections if one.label == "price")


def test_the_win_rate_is_that_of_closed_deals_with_it(place: Workspace) -> None:
    """Three of eight, with the range; the week's own open deals are none of them."""
    found = price(digest_of_week(place, week=WEEK))
    assert found.won is not None
    assert (found.won.rate.successes, found.won.rate.total, found.won.enough) == (3, 8, True)
    assert words.won_cell(found) == "38 in 100 (14 to 69, 3 of 8)"
    page = str(page_or_draft(DIGEST, digest_of_week(place, week=WEEK), "html", place))
    assert 'class="ranking pushback"' in page


def test_deals_closed_later_do_not_count(place: Workspace) -> None:
    """Of the week before they closed nothing is known of how they end."""
    with Store(place.database) as store:
        put_call(store, "july.vtt", buyer(PRICE, "price"), deal="O-1", started_at="2026-08-26T08:00:00Z")
    found = price(digest_of_week(place, week="2026-W35", as_of="2026-08-27"))
    assert found.won is None


def test_few_deals_are_not_enough_evidence(place: Workspace) -> None:
    """Under the settings' number of deals there are counts and no share."""
    config = place.root / "callmine.toml"
    config.write_text(config.read_text() + "\n[outcomes]\nmin_deals = 9\n")
    from callmine.workspace import find_workspace

    digest = digest_of_week(find_workspace(place.root), week=WEEK)
    assert words.won_cell(price(digest)) == "not enough evidence yet (3 of 8)"
    assert "in 100" not in words.won_note(replace(digest, won=replace(price(digest).won)))
    page = page_or_draft(DIGEST, digest, "md", place)
    assert "in 100 won" not in page
    # Phones leave the column out, which says in each line that it cannot say anything.
    assert 'class="ranking pushback unrated"' in str(page_or_draft(DIGEST, digest, "html", place))
    assert "because" not in page


def test_all_amounts_stand_together(place: Workspace) -> None:
    """What the deals of the week are worth, however they stand."""
    found = price(digest_of_week(place, week=WEEK))
    assert words.heard_cell(found, digest_of_week(place, week=WEEK)) == "2 (€16,000)"


def test_twelve_weeks_are_told_beside_four(place: Workspace) -> None:
    """The calls of six weeks ago are in the one and not in the other; without older ones there is none."""
    with Store(place.database) as store:
        put_call(store, "last.vtt", buyer("Hello there."), deal="O-1", started_at=in_week(1))
    found = price(digest_of_week(place, week=WEEK))
    assert (found.trend.before, found.trend.before_out_of) == (0, 1)
    assert found.longer is not None
    assert (found.longer.before, found.longer.before_out_of, found.longer.weeks) == (8, 9, 2)
    assert "8 of 9 in two weeks" in words.longer(found)
    assert price(digest_of_week(place, week="2026-W34")).longer is None


def test_an_answer_of_a_won_deal_stands_where_none_was_accepted(place: Workspace) -> None:
    """Only of a deal that was won, with its reply; once on the page, and checked like every quote."""
    digest = digest_of_week(place, week=WEEK)
    (answer,) = digest.won_answers
    assert answer.quote.outcome is Outcome.WON
    assert answer.accepted == "yes"
    assert answer.reply is not None
    assert words.worked(price(digest), digest) is answer
    assert answer.quote in tuple(all_quotes(digest))
    page = page_or_draft(DIGEST, digest, "html", place)
    assert page.count(f'id="{answer.quote.quote_id}"') == 1
    assert "An answer from a deal that was won: evidence, accepted" in page


def test_an_answer_accepted_this_week_goes_first(place: Workspace) -> None:
    """Then no older one is looked for."""
    with Store(place.database) as store:
        put_call(
            store,
            "now.vtt",
            buyer(PRICE, "price"),
            an_answer("[[Take the smaller plan]] then.", "reframing", 0, accepted="yes", shown_in=2),
            buyer("Yes, that would do."),
            deal="O-1",
        )
    digest = digest_of_week(place, week=WEEK)
    assert digest.won_answers == ()
    found = words.worked(price(digest), digest)
    assert found is not None
    assert found.quote.text == "Take the smaller plan"


def test_what_was_asked_for_stands_with_the_objection(place: Workspace) -> None:
    """The nearest one in its call; it opens the request."""
    digest = digest_of_week(place, week=WEEK)
    (wanted,) = price(digest).wanted
    assert wanted.words == "send me a price list"
    assert wanted.quote_id == digest.requests[0].quotes[0].quote_id


def test_the_last_week_with_calls_is_compared(place: Workspace) -> None:
    """What came, what went, and which number changed most, marked as chance where it may be."""
    with Store(place.database) as store:
        put_call(
            store,
            "last.vtt",
            buyer("[[We do not trust it]] yet.", "trust"),
            deal="O-1",
            started_at=in_week(1),
        )
    since = digest_of_week(place, week=WEEK).since_last
    assert since is not None
    assert (since.week, since.entered, since.left) == ("2026-W39", ("Price",), ("Trust",))
    assert since.moved is not None
    assert not since.moved.beyond_chance
    assert digest_of_week(place, week="2026-W34").since_last is None, "there is no week before"


def test_numbers_that_are_others_today_are_told(place: Workspace) -> None:
    """The kept digest of that week said one deal, and a call that came late makes it two."""
    with Store(place.database) as store:
        put_call(store, "last.vtt", buyer(PRICE, "price"), deal="O-1", started_at=in_week(1))
    write_digest(place, week="2026-W39", formats=("json",))
    first = digest_of_week(place, week=WEEK).since_last
    assert first is not None
    assert first.recounted == ()
    with Store(place.database) as store:
        put_call(store, "late.vtt", buyer(PRICE, "price"), deal="O-2", started_at=in_week(1))
    digest = digest_of_week(place, week=WEEK)
    assert digest.since_last is not None
    assert digest.since_last.recounted == (Recounted("", 1, 2), Recounted("Price", 1, 2))
    assert any("Price 2 instead of 1" in line for line in words.since_lines(digest))


def test_that_a_digest_was_forgotten_is_told(place: Workspace) -> None:
    """A deleted call empties all kept digests; until that week's is built again, nothing is recounted."""
    with Store(place.database) as store:
        put_call(store, "last.vtt", buyer(PRICE, "price"), deal="O-1", started_at=in_week(1))
        gone = put_call(store, "gone.vtt", buyer(PRICE, "price"), deal="O-2", started_at=in_week(1))
    assert "not kept any more" not in " ".join(words.since_lines(digest_of_week(place, week=WEEK)))
    write_digest(place, week="2026-W39", formats=("json",))
    with Store(place.database) as store, store._writing():
        delete_call(store._db, gone)
    digest = digest_of_week(place, week=WEEK)
    assert digest.since_last is not None
    assert (digest.since_last.recounted, digest.since_last.forgotten) == ((), True)
    assert words.since_lines(digest)[-1].startswith("What that week's digest said is not kept any more")
    write_digest(place, week="2026-W39", formats=("json",))
    assert "not kept any more" not in " ".join(words.since_lines(digest_of_week(place, week=WEEK)))


def _ids(digest: Digest) -> list[str]:
    return [quote.finding_id for quote in price(digest).quotes]


def test_a_pinned_quote_is_first_and_says_who_chose_it(place: Workspace) -> None:
    """In the page, in Markdown and in letters; taking it back makes the order what it was."""
    before = _ids(digest_of_week(place, week=WEEK))
    edit_digest(place, pin=f"q-{before[-1]}", by="Ada Example")
    digest = digest_of_week(place, week=WEEK)
    assert _ids(digest)[0] == before[-1]
    for format in ("html", "md", "eml"):
        assert "chosen by Ada Example" in page_or_draft(DIGEST, digest, format, place).replace("=\n", "")
    edit_digest(place, drop=digest.picks[0].edit_id)
    assert _ids(digest_of_week(place, week=WEEK)) == before


def test_a_barred_quote_is_nowhere_and_still_counts(place: Workspace) -> None:
    """Neither page nor letter nor post shows it; the numbers stay, and the page says who left it out."""
    whole = digest_of_week(place, week=WEEK)
    out = price(whole).quotes[0]
    edit_digest(place, bar=out.finding_id, by="Ada Example")
    digest = digest_of_week(place, week=WEEK)
    assert price(digest).heard == price(whole).heard
    assert out.finding_id not in {quote.finding_id for quote in all_quotes(digest)}
    assert price(digest).not_listed == 1
    for format in ("html", "md"):
        assert "Left out by Ada Example" in page_or_draft(DIGEST, digest, format, place)
    assert out.marked not in json.dumps(digest_post(digest).blocks)


def test_what_is_barred_leaves_no_empty_places(place: Workspace) -> None:
    """A request, an answer of a won deal and the only quotes of an objection."""
    digest = digest_of_week(place, week=WEEK)
    for quote in (*all_quotes(digest),):
        edit_digest(place, bar=quote.finding_id)
    left = digest_of_week(place, week=WEEK)
    assert left.requests == ()
    assert price(left).wanted == ()
    assert price(left).quotes == ()
    assert {q.finding_id for q in all_quotes(left)}.isdisjoint(q.finding_id for q in all_quotes(digest))
    for format in ("html", "md", "json", "eml"):
        assert page_or_draft(DIGEST, left, format, place)


def test_only_what_is_there_is_pinned_or_taken_back(place: Workspace) -> None:
    """An unknown finding or number is a usage error, and nothing is written."""
    with pytest.raises(UsageError):
        edit_digest(place, pin="0123456789abcdef")
    with pytest.raises(UsageError, match="nothing with number 7"):
        edit_digest(place, drop=7)
    with Store(place.database) as store:
        assert store.report_edits("digest") == []


def test_a_pin_shows_what_a_digest_can_show(place: Workspace) -> None:
    """Nothing that is marked wrong or has no week, and nothing that is barred in the same breath."""
    one, two, *_ = _ids(digest_of_week(place, week=WEEK))
    with Store(place.database) as store:
        store.judge(one, "wrong", by="Ada Example")
        call = put_call(store, "undated.vtt", buyer(PRICE, "price"), deal=None, started_at=None)
        (undated,) = (row.finding_id for row in store.evidence() if row.call_id == call)
    for said, message in (
        ({"pin": one}, "it is marked wrong"),
        ({"pin": undated}, "its call has no date"),
        ({"pin": two, "bar": f"q-{two}"}, "both pinned and barred"),
    ):
        with pytest.raises(UsageError, match=message):
            edit_digest(place, **said)
    with Store(place.database) as store:
        assert store.report_edits("digest") == []


@pytest.mark.parametrize(
    "more",
    [
        ("--week", "2026-W60"),
        ("--as-of", "friday"),
        ("--as-of", "2999-12-31"),
        ("--segment", "nowhere"),
        ("-o", "week.docx"),
        ("-o", "."),
        ("--drop", "99"),
    ],
)
def test_no_pick_is_kept_of_a_command_that_fails(
    place: Workspace, more: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A week, a day, a segment, a file or a number: refused before anything is kept."""
    one = _ids(digest_of_week(place, week=WEEK))[0]
    monkeypatch.chdir(place.root)
    told = callmine("digest", "--bar", one, *more)
    assert (told.code, told.out) == (2, "")
    with Store(place.database) as store:
        assert store.report_edits("digest") == []


@pytest.mark.parametrize(
    ("limits", "heard", "name"),
    [
        (Limits(segment="enterprise"), 1, "-enterprise"),
        (Limits(product="larkmoor rota"), 1, "-product-larkmoor-rota"),
        (Limits(persona="finance"), 1, "-persona-finance"),
        (Limits("SMB", "Larkmoor Rota"), 0, "-smb-product-larkmoor-rota"),
    ],
)
def test_a_digest_is_limited_and_says_so(place: Workspace, limits: Limits, heard: int, name: str) -> None:
    """By the deal's segment, by a product that its name says, by a title that the speaker says."""
    written = write_digest(place, week=WEEK, limits=limits, formats=("md",))
    assert written.paths[0].name == f"digest-{WEEK}{name}.md"
    found = written.report
    assert sum(one.heard for one in found.objections) == heard
    page = written.paths[0].read_text("utf-8")
    limited = [
        f"{what} {known}"
        for what, asked, known in (
            ("deals of", limits.segment, found.segment),
            ("calls about", limits.product, found.product),
            ("the words of", limits.persona, found.persona),
        )
        if asked
    ]
    assert words.limited(found) == f"only {', '.join(limited)}"
    assert words.limited(found) in page
    assert ("There was no sales call this week within" in page) is (heard == 0)
    assert (f"That is {found.calls} of the " in page) is (limits != Limits(segment="enterprise"))


def test_win_rates_are_those_of_the_segment(place: Workspace) -> None:
    """All closed deals are small ones, so the others have no rate; a persona has none at all."""
    assert price(digest_of_week(place, week=WEEK, limits=Limits(segment="Enterprise"))).won is None
    small = price(digest_of_week(place, week=WEEK, limits=Limits(segment="SMB"))).won
    assert small is not None
    assert small.rate.total == 8
    assert price(digest_of_week(place, week=WEEK, limits=Limits(persona="finance"))).won is None


@pytest.mark.parametrize(
    ("option", "name", "said"),
    [
        ("--segment", "Entreprise", "Enterprise"),
        ("--product", "Larkmor Rota", "Larkmoor Rota"),
        ("--persona", "finanse", "finance"),
    ],
)
def test_unknown_names_are_usage_errors(place: Workspace, option: str, name: str, said: str) -> None:
    """With the nearest one, and exit code 2."""
    told = callmine("digest", "--week", WEEK, option, name, at=place.root)
    assert told.code == 2
    assert said in told.err


def test_names_hold_no_markup(place: Workspace) -> None:
    """Whoever chooses a quote may be called anything."""
    edit_digest(
        place, pin=price(digest_of_week(place, week=WEEK)).quotes[0].finding_id, by="<script>x</script>"
    )
    page = page_or_draft(DIGEST, digest_of_week(place, week=WEEK), "html", place)
    assert "<script>" not in page
    assert "<script>" not in page_or_draft(DIGEST, digest_of_week(place, week=WEEK), "md", place)


def test_a_pick_is_receipted(place: Workspace) -> None:
    """With its number, and the week whose digest shows it."""
    told: list[str] = []
    first, *_ = digest_of_week(place, week=WEEK).objections[0].quotes
    edit_digest(place, pin=first.finding_id, progress=told.append)
    assert told[0].startswith("kept as change 1: pinned “")
    assert f"callmine digest --week {WEEK}" in told[1]
    edit_digest(place, drop=1, progress=told.append)
    assert told[2].startswith("change 1 is taken back: pinned “")
