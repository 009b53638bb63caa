"""The pages on won and lost deals: harmless, true to the values, and careful with words."""

from __future__ import annotations

import json
import os
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from test_render_html import Page
from test_render_json import SCHEMA, check, passes
from test_render_markdown import inline

import callmine.reports.render as pages
from callmine.domain import Role
from callmine.errors import CallmineError
from callmine.operations.comparing import compare_things
from callmine.operations.outcomes import outcome_report
from callmine.outcomes.association import Association
from callmine.outcomes.bias import compare_coverage
from callmine.outcomes.rates import rate
from callmine.outcomes.strata import Stratified
from callmine.outcomes.verdicts import Verdict
from callmine.reports.comparison import CompareReport
from callmine.reports.outcome_values import OutcomeReport
from callmine.reports.render import outcome_words as o
from callmine.reports.render import section_words
from callmine.reports.render.compare import compare_json, compare_schema, render_text
from callmine.reports.render.compare import render_json as compare_text
from callmine.reports.render.method_words import looks
from callmine.reports.render.odds import odds_words, rate_words
from callmine.reports.render.outcome_pages import (
    outcomes_json,
    outcomes_schema,
    quotes_of,
    render_html,
    render_json,
    render_markdown,
    whisker,
)
from callmine.store import Store
from tests.builders import a_deal
from tests.closed_rows import lost
from tests.closed_store import PRICE, TRUST, buyer, make_workspace, put_call, rep, small_year
from tests.outcome_pages import renamed

SNAPSHOTS = Path(__file__).parent / "snapshots"
HOSTILE = (
    '<script>alert(1)</script>"><img src=x onerror=alert(1)> | a | `code` **bold** [click](javascript:x)\n'
    "# head\r\n- item \u202e {{ 7*7 }} https://evil.example @channel "
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[OutcomeReport, CompareReport]:
    place = small_year(tmp_path_factory.mktemp("shown") / "workspace")
    report = outcome_report(place, now=datetime(2026, 10, 1, tzinfo=UTC))
    return report, compare_things(place, "price", "on paper", role=Role.PROSPECT)


@pytest.fixture(scope="module")
def report(made: tuple[OutcomeReport, CompareReport]) -> OutcomeReport:
    return made[0]


@pytest.fixture(scope="module")
def compared(made: tuple[OutcomeReport, CompareReport]) -> CompareReport:
    return made[1]


@pytest.mark.parametrize("name", ["outcomes.md", "compare.txt"])
def test_snapshot(report: OutcomeReport, compared: CompareReport, name: str) -> None:
    """They look as they did; UPDATE_SNAPSHOTS=1 accepts a change on purpose.

    JSON has none: its last digits are those of the machine's mathematics library.
    """
    shown = render_markdown(report) if name == "outcomes.md" else render_text(compared) + "\n"
    file = SNAPSHOTS / name
    if os.environ.get("UPDATE_SNAPSHOTS") == "1":
        file.write_text(shown, encoding="utf-8")
    assert shown == file.read_text(encoding="utf-8")


def test_the_page_nests_and_its_links_lead_somewhere(report: OutcomeReport) -> None:
    """Tags nest, ids are unique, and no anchor is missing."""
    page = Page(render_html(report))
    ids = list(page.values("id"))
    assert len(ids) == len(set(ids))
    assert {href[1:] for href in page.values("href") if href.startswith("#")} <= set(ids)


def test_nothing_is_fetched_and_nothing_runs(report: OutcomeReport) -> None:
    """No script, no handler, no picture from anywhere; the policy forbids the rest."""
    page = Page(render_html(report))
    tags = {tag for tag, _ in page.tags}
    assert not tags & {"script", "iframe", "object", "embed", "link", "form", "base", "img"}
    assert not [a for _, attrs in page.tags for a in attrs if a.startswith("on")]
    assert all(href.startswith(("#", "file:///")) for href in page.values("href"))
    assert any(str(a.get("content", "")).startswith("default-src 'none'") for _, a in page.tags)


def test_hostile_names_are_only_names(report: OutcomeReport) -> None:
    """Accounts, deals, stages, segments, phrases, titles and months cannot become markup on the page."""
    source = render_html(renamed(report, HOSTILE))
    page = Page(source)
    assert source.count("alert(1)") > 100
    assert "<script" not in source.lower()
    assert "<img" not in source.lower()
    assert "{{ 7*7 }}" in page.words
    assert not [a for _, attrs in page.tags for a in attrs if a.startswith("on")]
    assert not [href for href in page.values("href") if "javascript:" in href]
    ids = list(page.values("id"))
    assert {href[1:] for href in page.values("href") if href.startswith("#")} <= set(ids)


def test_direction_overrides_stay_inside_their_block(report: OutcomeReport) -> None:
    """What turns the direction of text does so up to the end of its cell or sentence, no further."""
    source = render_html(renamed(report, "Ha\u202ecker "))
    while "<bdi" in source:
        source = re.sub(r"<bdi[^>]*>(?:(?!<bdi).)*?</bdi>", "", source, flags=re.DOTALL)
    source = re.sub(r"<title>.*?</title>|aria-label=\"[^\"]*\"", "", source, flags=re.DOTALL)
    assert "\u202e" not in source


def test_hostile_names_are_only_text_in_markdown(report: OutcomeReport) -> None:
    """No link, no HTML, no code, no emphasis, no further row or heading comes from a name."""
    plain, attacked = (inline(render_markdown(r)) for r in (report, renamed(report, HOSTILE)))
    kinds = {token.type for token in attacked}
    assert not kinds & {"link_open", "image", "html_inline", "html_block", "s_open", "fence", "code_inline"}
    for kind in ("tr_open", "th_open", "td_open", "heading_open", "list_item_open", "strong_open"):
        count = [sum(token.type == kind for token in page) for page in (plain, attacked)]
        assert count[0] == count[1], kind
    shown = render_markdown(renamed(report, HOSTILE))
    assert "@channel" not in shown
    assert "https://" not in shown
    assert "\u202e" not in shown


def test_long_names_do_not_break_a_page(report: OutcomeReport) -> None:
    """A name of ten thousand characters is one name; the page still nests."""
    long = renamed(report, "x" * 10_000)
    assert Page(render_html(long)).words
    assert "x" * 10_000 in render_markdown(long)


def test_tables_have_the_columns_they_announce(report: OutcomeReport) -> None:
    """Every row of a table has as many cells as its head."""
    rows: list[int] = []
    for line in [*render_markdown(renamed(report, "a | b ")).splitlines(), ""]:
        if line.startswith("|"):
            rows.append(len(re.findall(r"(?<!\\)\|", line)))
        elif rows:
            assert len(set(rows)) == 1, line
            assert len(rows) >= 3
            rows = []


def test_hostile_names_on_a_terminal(compared: CompareReport) -> None:
    """A name with line breaks is one line of what is printed."""
    lines = len(render_text(compared).splitlines())
    assert len(render_text(renamed(compared, "a\nb\r\u2028c ")).splitlines()) == lines


def test_totals_are_the_same_everywhere(report: OutcomeReport) -> None:
    """Text, table and JSON have one number, from one field."""
    page, text, value = Page(render_html(report)), render_markdown(report), outcomes_json(report)
    families = {family["family"]: family for family in value["families"]}
    for family in report.families:
        for line, told in zip(family.lines, families[family.family]["lines"], strict=True):
            a = line.association.with_it
            assert told["association"]["with_it"]["total"] == a.total
            assert f", {a.successes} of {a.total} |" in text
            assert o.raw_sentence(line) in page.words
            assert f"{a.successes} of {a.total}" in page.words
    deals = value["basis"]["deals"]
    assert f"{deals['successes']} of {deals['total']} closed deals were won" in page.words
    assert text.startswith(f"# {deals['successes']} of {deals['total']} closed deals were won")


def test_every_quote_is_on_every_page(report: OutcomeReport) -> None:
    """What is promised as proof is there, in one piece."""
    page, text = Page(render_html(report)), render_markdown(report)
    for quote in quotes_of(report):
        assert " ".join((quote.before + quote.marked + quote.after).split()) in page.words
        assert f"finding {quote.finding_id}" in text


@pytest.mark.parametrize("render", [render_html, render_markdown, render_json])
def test_a_quote_that_is_not_verbatim_stops_the_page(report: OutcomeReport, render: object) -> None:
    """A changed word is a bug and is never printed."""
    first = report.families[0]
    quote = replace(first.lines[0].quotes[0], marked="we love the price")
    line = replace(first.lines[0], quotes=(quote,))
    forged = replace(report, families=(replace(first, lines=(line,)), *report.families[1:]))
    with pytest.raises(CallmineError, match="not verbatim"):
        render(forged)  # type: ignore[operator]


def test_a_forged_quote_stops_a_comparison(compared: CompareReport) -> None:
    """There, too, in words and in JSON."""
    quote = replace(compared.a.quotes[0], marked="we love the price")
    forged = replace(compared, a=replace(compared.a, quotes=(quote,)))
    for render in (render_text, compare_json):
        with pytest.raises(CallmineError, match="not verbatim"):
            render(forged)


CLAIMS = re.compile(
    r"\b(because of|causes?|caused|due to|drives?|driven by|leads? to|led to|results? in|thanks to"
    r"|makes? (?:you |us )?(?:win|lose)|the reason (?:is|why|for))\b",
    re.IGNORECASE,
)


def shown_words() -> str:
    """Everything that pages on outcomes say of themselves."""
    folder = Path(str(pages.__file__)).parent
    names = ("outcome_words.py", "section_words.py", "method_words.py", "odds.py", "compare.py")
    names += ("templates/outcomes.html.j2", "templates/outcomes.md.j2")
    return "\n".join((folder / name).read_text("utf-8") for name in names)


def test_no_page_says_why() -> None:
    """Frequency is not cause: no words of cause in the templates or the sentences."""
    assert not [found[0] for found in CLAIMS.finditer(shown_words())]


def test_because_is_never_said(report: OutcomeReport) -> None:
    """Not on a page, and not where ways of comparing part."""
    line = report.families[0].lines[0]
    parted = replace(line, association=replace(line.association, disagree=True))
    page = render_markdown(replace(report, families=(replace(report.families[0], lines=(parted,)),)))
    assert o.warning(parted)
    assert o.warning(parted) in page
    assert "because" not in page.lower()
    assert "because" not in render_markdown(report).lower()


@pytest.mark.parametrize(
    ("successes", "total", "words"),
    [
        (0, 0, "none"),
        (0, 6, "0 in 100 (0 to 39)"),
        (6, 6, "100 in 100 (61 to 100)"),
        (1, 1000, "1 in 100 (1 to 1)"),
        (999, 1000, "99 in 100 (99 to 99)"),
        (1, 3, "33 in 100 (6 to 79)"),
    ],
)
def test_rates_in_words(successes: int, total: int, words: str) -> None:
    """Out of a hundred; only none is 0 and only all is 100, also at the ends."""
    assert rate_words(rate(successes, total)) == words


def test_a_chart_has_no_whisker_without_deals() -> None:
    """Of 0 deals there is no rate; of others it lies within the chart."""
    assert whisker(rate(0, 0)) is None
    for one in (rate(0, 5), rate(5, 5), rate(3, 7)):
        found = whisker(one)
        assert found is not None
        assert 0 <= found.low <= found.value <= found.high <= 160


def test_odds_without_a_limit() -> None:
    """Where all are won, the upper end is no number; without a table there is no odds ratio."""
    found = Stratified.__dataclass_fields__
    values = dict.fromkeys(found, 0.0) | {"odds_ratio": 2.5, "low": 1.25, "high": None}
    assert odds_words(Stratified(**values)) == "2.5 times the odds of winning (1.2 to no limit)"
    nothing = Stratified(**{**values, "odds_ratio": None})
    assert odds_words(nothing) == "too few like deals meet to say anything"


@pytest.mark.parametrize(
    ("verdict", "needed", "words"),
    [
        (Verdict.WINS, 3, ""),
        (Verdict.NO_DIFFERENCE, 0, ""),
        (Verdict.NOT_ENOUGH, None, "cannot be said"),
        (Verdict.NOT_ENOUGH, 0, "With so many deals, a difference of 10 points would have been found"),
        (Verdict.NOT_ENOUGH, 1, "With about 1 more closed deal that had calls"),
        (Verdict.NOT_ENOUGH, 1284, "With about 1,300 more closed deals that had calls"),
    ],
)
def test_what_it_would_take(
    report: OutcomeReport, verdict: Verdict, needed: int | None, words: str
) -> None:
    """A rough number, where there is one; nothing where it is settled."""
    a: Association = replace(report.families[0].lines[0].association, verdict=verdict, needed=needed)
    said = o.needed_sentence(a, 0.10)
    assert words in said
    assert bool(said) is bool(words)


def test_the_playbooks_answer_is_named_on_every_page(report: OutcomeReport) -> None:
    """By its text, in the table, above its quotes, in the sentence that sums up, and in JSON."""
    (price,) = report.answers
    (line,) = [line for line in price.lines if line.text]
    name = "playbook’s: “Set it against three days of planning”"
    assert render_markdown(report).count(f"the {name}") == 2
    words = Page(render_html(report)).words
    assert (words.count(f"the {name}"), words.count(f"The {name}")) == (1, 1)
    kept = json.loads(render_json(report))["answers"][0]["lines"]
    assert {one["kind"]: one["text"] for one in kept if one["text"]} == {"playbook": line.text}
    found = replace(line, comparison=replace(line.comparison, verdict=Verdict.WINS))
    said = o.standfirst(replace(report, answers=(replace(price, lines=(found,)),)))
    assert f"Of the answers to “Price”, the playbook’s “{line.text}” goes with winning." in said


def test_looks_are_declared(report: OutcomeReport, compared: CompareReport) -> None:
    """How many comparisons there were on the page, and how many such pages before."""
    assert looks(report).startswith("8 objections, competitors, messages and answers were compared")
    assert "look number" not in looks(report)
    assert "This is look number 3 " in render_markdown(replace(report, looks=3))
    assert "comparison number 4 " in render_text(replace(compared, looks=4))


def test_a_page_on_nothing_is_short(tmp_path: Path) -> None:
    """Two deals and no call: no empty heading, no empty table, in any format."""
    place = make_workspace(tmp_path / "w")
    with Store(place.database) as store:
        store.import_deals([a_deal("D-1"), lost("D-2")])
    empty = outcome_report(place)
    text, page = render_markdown(empty), Page(render_html(empty))
    assert "## Objections" not in text
    assert "nothing can yet be said" in page.words
    assert "Nothing that was heard could be compared" in text
    schema = outcomes_schema()
    check(json.loads(render_json(empty)), schema, schema)


@pytest.mark.parametrize(("wins", "said"), [(12, "12 of 12"), (0, "0 of 12")])
def test_pages_where_all_or_none_were_won(tmp_path: Path, wins: int, said: str) -> None:
    """Without anything to tell apart every page says so, and no number is endless."""
    place = make_workspace(tmp_path / "w")
    with Store(place.database) as store:
        deals = [(a_deal if n < wins else lost)(f"D-{n}") for n in range(12)]
        store.import_deals(deals)
        for n, deal in enumerate(deals):
            turns = (buyer(*PRICE) if n % 2 else buyer(*TRUST), rep("I see."))
            put_call(store, deal.deal_id, *turns, deal=deal.deal_id, account=deal.deal_id)
    report = outcome_report(place)
    text = render_markdown(report)
    assert f"# {said} closed deals were won" in text
    assert {line.association.verdict for line in report.families[0].lines} == {Verdict.NOT_ENOUGH}
    told = render_text(compare_things(place, "price", "trust"))
    assert told.startswith("Not enough evidence yet")
    for page in (text, told, render_html(report), render_json(report)):
        assert not re.search(r"\b(nan|inf|infinity)\b", page, re.IGNORECASE)


@pytest.mark.parametrize("name", ["outcomes", "compare"])
def test_published_schemas_are_the_schemas(name: str) -> None:
    """The files in docs are what the types say; UPDATE_SNAPSHOTS=1 writes them anew."""
    schema = {"outcomes": outcomes_schema, "compare": compare_schema}[name]()
    made = json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
    file = SCHEMA.with_name(f"{name}-schema.json")
    if os.environ.get("UPDATE_SNAPSHOTS") == "1":
        file.write_text(made, encoding="utf-8")
    assert file.read_text(encoding="utf-8") == made


def strictly(text: str) -> object:
    """Read JSON that has no number JSON does not know."""
    return json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))


def test_json_follows_the_published_schemas(report: OutcomeReport, compared: CompareReport) -> None:
    """Both validate, hold numbers only that JSON knows, and the text is the value."""
    for name, text, value in (
        ("outcomes", render_json(report), outcomes_json(report)),
        ("compare", compare_text(compared), compare_json(compared)),
    ):
        schema = json.loads(SCHEMA.with_name(f"{name}-schema.json").read_text("utf-8"))
        read = strictly(text)
        check(read, schema, schema)
        assert read == value
        assert isinstance(read, dict)
        assert not passes({**read, "extra": 1}, schema, schema, "$")
        assert not passes({**read, "format": "other/1"}, schema, schema, "$")
        assert not passes({k: v for k, v in read.items() if k != "since"}, schema, schema, "$")


def test_whole_turns_stay_out_of_json(report: OutcomeReport) -> None:
    """A passage is quoted, not the rest of the turn."""
    quote = outcomes_json(report)["families"][0]["lines"][0]["quotes"][0]
    assert not {"utterance", "clip"} & set(quote)
    assert quote["text"] in quote["before"] + quote["marked"] + quote["after"]


def test_a_stage_in_jeopardy_leads_the_page(report: OutcomeReport) -> None:
    """What fell beyond chance is told where the page begins; else nothing is."""
    (first, *others) = report.steps
    fallen = replace(report, steps=(replace(first, verdict=Verdict.LOSSES), *others))
    lead = f"{first.stage}: fewer deals go on from there than before, beyond chance."
    assert lead in render_markdown(fallen).split("## ")[0]
    assert lead in Page(render_html(fallen)).words.split("How to read this")[0]
    assert "fewer deals go on" not in render_markdown(report).split("## ")[0]


def test_parted_ways_are_an_answer_of_their_own(report: OutcomeReport) -> None:
    """Where call by call and deal by deal part, no number of further deals is promised."""
    family = report.families[0]
    line = next(x for x in family.lines if x.association.verdict is Verdict.NOT_ENOUGH)
    parted = replace(line, association=replace(line.association, disagree=True, needed=120))
    page = render_markdown(replace(report, families=(replace(family, lines=(parted,)),)))
    assert f"### {line.title}: depends on how one compares" in page
    assert "it depends on how one compares" in page.split("## ")[0]
    found = replace(line.association, disagree=True, verdict=Verdict.LOSSES)
    assert o.answer_words(found) == o.VERDICTS[Verdict.LOSSES]


@pytest.mark.parametrize(("deals", "words"), [(19, "Too few deals"), (20, "In nothing that the CRM tells")])
def test_no_difference_found_among_few_deals_says_nothing(deals: int, words: str) -> None:
    """That deals with calls are like those without is said of enough of both only."""
    has_call = [n < 40 for n in range(40 + deals)]
    levels = compare_coverage({"segment": ["SMB", "enterprise"] * 20 + ["SMB"] * deals}, has_call)
    alike = tuple(replace(level, differs=False) for level in levels)
    assert section_words.bias_summary(alike).startswith(words)
