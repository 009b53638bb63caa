"""``compare``: what is meant by a name, what was said of it, and what cannot be compared."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
from commands import callmine

from callmine.domain import Role
from callmine.errors import UsageError
from callmine.operations.comparing import PREFIXES, compare_things
from callmine.playbook import load_playbook
from callmine.reports.comparison import CompareReport
from callmine.store import Store
from callmine.workspace import Workspace
from tests.builders import a_deal
from tests.closed_rows import lost
from tests.closed_store import PLAYBOOK, PRICE, buyer, make_workspace, put_call, rep, small_year


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return small_year(tmp_path_factory.mktemp("compared") / "workspace")


@pytest.mark.parametrize(
    ("name", "side"),
    [
        ("fast-rota", "message fast-rota"),
        ("FAST-ROTA", "message fast-rota"),
        ("message:fast-rota", "message fast-rota"),
        ("a rota in an  hour instead of a day", "message fast-rota"),
        ("price", "objection price"),
        ("objection: price", "objection price"),
        ("Trust", "objection trust"),
        ("lantern", "competitor Lantern"),
        ("Lantern Shift", "competitor Lantern"),
        ("competitor:LANTERN", "competitor Lantern"),
        ("a rota in an hour", "phrase a rota in an hour"),
        ("phrase:three days", "phrase three days"),
        ("Mail: three days", "phrase"),
    ],
)
def test_what_is_meant_by_a_name(year: Workspace, name: str, side: str) -> None:
    """A message, an objection, a competitor, in that order, in any case; else words."""
    if side == "phrase":
        with pytest.raises(UsageError, match="none of our reps is known to say it"):
            compare_things(year, name, "fewer-calls")
        return
    report = compare_things(year, name, "fewer-calls")
    assert f"{report.a.what} {report.a.label}" == side
    assert report.b.label == "fewer-calls"


def test_a_prefix_says_which_of_several_is_meant(tmp_path: Path) -> None:
    """A message and an objection with one name: the message, unless it is said otherwise."""
    place = make_workspace(tmp_path / "w", PLAYBOOK + '[[messages]]\nid = "price"\ntext = "Half of it"\n')
    with Store(place.database) as store:
        store.import_deals([a_deal("D-1"), lost("D-2")])
        put_call(store, "a", buyer(*PRICE), rep("It is [[half the price]].", "price"), deal="D-1")
        put_call(store, "b", rep("Half [[the price]], really.", "price"), deal="D-2")
    assert [compare_things(place, "price", "objection:price").a.what for _ in "a"] == ["message"]
    assert compare_things(place, "objection:price", "price").a.what == "objection"
    assert compare_things(place, "phrase:the price", "price").a.what == "phrase"


@pytest.mark.parametrize(
    ("a", "b", "message"),
    [
        ("", "price", "there is nothing to compare"),
        ("!!!", "...", "there are no words in '!!!'"),
        ("price", " \t", "there is nothing to compare"),
        ("price", "objection:Price", "are the same objection"),
        ("fast-rota", "A rota in an hour instead of a day", "are the same message"),
        ("Lantern", "lantern shift", "are the same competitor"),
        ("three days", "Three days!", "are the same phrase"),
        ("price", "security", "the objection 'security' was never heard in the deals of this period"),
        ("price", "phrase:unicorns", "none of our reps is known to say 'phrase:unicorns'"),
        (
            "price",
            "fast-rotas",
            "no message, objection or competitor is called 'fast-rotas', and none of our",
        ),
        (
            "message:fast-rotas",
            "price",
            r"the playbook has no message 'fast-rotas' \(did you mean 'fast-rota'",
        ),
        ("answer:evidence", "price", "answers are not compared here"),
        ("theme:x", "price", "emerging themes are not compared here"),
        ("tracker:x", "price", "trackers are not compared here"),
        ("message:nothing", "price", "the playbook has no message 'nothing'"),
        ("objection:unicorn", "price", "the playbook has no objection 'unicorn'"),
        ("competitor:Nobody", "price", "the playbook has no competitor 'Nobody'"),
        ("\0", "price", "there are no words in"),
        ('" OR "', "price", "none of our reps is known to say"),
    ],
)
def test_what_cannot_be_compared(year: Workspace, a: str, b: str, message: str) -> None:
    """What is wrong with which of the two, and what to do next."""
    with pytest.raises(UsageError, match=message) as error:
        compare_things(year, a, b)
    assert error.value.hint


LONG = "unicorn " * 11_000


@pytest.mark.parametrize("family", ["", "phrase:", "message:", "objection:", "answer:", "theme:"])
def test_a_long_argument_is_cut_in_the_error(year: Workspace, family: str) -> None:
    """What was typed is named by its beginning, in the message and in the hint."""
    with pytest.raises(UsageError) as error:
        compare_things(year, f"{family}{LONG}", "price")
    assert "unicorn unicorn" in error.value.message
    assert len(error.value.message) + len(error.value.hint or "") < 2_000
    with pytest.raises(UsageError, match="are the same phrase") as error:
        compare_things(year, LONG, LONG)
    assert len(error.value.message) < 200


def test_words_of_a_prospect(year: Workspace) -> None:
    """Who has to have said the words is chosen; rep's words are no prospect's."""
    report = compare_things(year, "on paper", "talk to somebody", role=Role.PROSPECT)
    assert {quote.role for side in (report.a, report.b) for quote in side.quotes} == {Role.PROSPECT}
    with pytest.raises(UsageError, match=r"none of our reps is known to say it .* `--said-by prospect`"):
        compare_things(year, "on paper", "price")
    with pytest.raises(UsageError, match=r"no prospect is known to say it .* `--said-by rep`"):
        compare_things(year, "three days of planning", "on paper", role=Role.PROSPECT)


@pytest.mark.parametrize(
    ("name", "hints"),
    [
        (
            "fast-rotas",
            ("Near it: fast-rota", "2 messages", "objections", "competitor", "phrase:", "--themes"),
        ),
        ("an hour for a rota instead of a day", ("Near it: a rota in an hour instead of a day",)),
        ("message:fastest", ("Its messages: fast-rota", "`phrase:fastest` means the words")),
        ("phrase:unicorns", ("callmine search",)),
        ("security", ("Heard in it: ", "price", "--since")),
    ],
)
def test_unknown_names_are_told_with_what_was_looked_up(
    year: Workspace, name: str, hints: tuple[str, ...]
) -> None:
    """The nearest names, where they were looked for, and how to say what is meant."""
    with pytest.raises(UsageError) as error:
        compare_things(year, name, "price")
    assert [hint for hint in hints if hint not in (error.value.hint or "")] == [], error.value.hint


def test_help_says_how_to_say_what_is_meant(year: Workspace) -> None:
    """Every prefix is in ``--help``."""
    told = callmine("compare", "--help", at=year.root).out
    assert [prefix for prefix in PREFIXES if f"{prefix}:" not in told] == []


def test_the_examples_are_about_the_sample() -> None:
    """What docs and ``--help`` compare can be pasted into the sample workspace: its messages, and words."""
    root = Path(__file__).parents[1]
    playbook = load_playbook(root / "data" / "sample" / "playbook.toml")
    known = {message.id for message in playbook.messages} | set(playbook.titles(all_labels=True))
    said = " ".join(
        path.read_text("utf-8") for path in (root / "data" / "sample").glob("truth.jsonl")
    ).lower()
    pages = [
        (root / "docs" / name).read_text("utf-8") for name in ("outcomes.md", "commands.md", "tutorial.md")
    ]
    lines = {line for page in pages for line in page.splitlines() if line.startswith("$ callmine compare")}
    assert len(lines) > 1
    for line in lines:
        for name in shlex.split(line.partition("#")[0])[3:5]:
            assert name in known or (name.startswith("phrase:") and name[7:].lower() in said), line


def sides(report: CompareReport) -> dict[str, set[str]]:
    return {
        name: {one.deal.deal_id for one in side.deals} for name, side in (("a", report.a), ("b", report.b))
    }


def test_quotes_are_verbatim_and_of_the_deals_that_are_named(year: Workspace) -> None:
    """Findings and words alike: what the store holds, of deals that have one of the two only."""
    pairs = (("price", "trust"), ("three days", "fast-rota"), ("phrase:a rota", "price"))
    with Store(year.database) as store:
        for pair in pairs:
            report = compare_things(year, *pair)
            assert not sides(report)["a"] & sides(report)["b"]
            for side in (report.a, report.b):
                assert bool(side.quotes) is bool(side.deals)
                for quote in side.quotes:
                    text = next(
                        u.text for u in store.utterances(quote.call_id) if u.index == quote.utterance_index
                    )
                    assert text[quote.start : quote.end] == quote.text
                    assert quote.deal_id in {one.deal.deal_id for one in side.deals}


def test_words_that_many_calls_have_are_quoted_of_the_right_deals(tmp_path: Path) -> None:
    """However many other places there are, those of the deals with one of the two are looked at."""
    place = make_workspace(tmp_path / "w")
    with Store(place.database) as store:
        store.import_deals([a_deal("D-1"), lost("D-2"), lost("D-3")])
        days, rota = rep("It saves days, you see."), rep("You get [[a rota]].", "fast-rota")
        for n in range(120):
            put_call(store, f"both-{n}", days, rota, buyer("I see."))
        put_call(store, "only", days, buyer("I see."), deal="D-2")
        put_call(store, "other", rota, buyer("I see."), deal="D-3")
    report = compare_things(place, "saves days", "fast-rota")
    assert [quote.source for quote in report.a.quotes] == ["only"]


def test_each_comparison_is_a_look(tmp_path: Path) -> None:
    """Another pair, or the same turned round, is another one; the same again is not."""
    place = small_year(tmp_path / "w")
    pairs = (("price", "trust"), ("price", "trust"), ("price", "fast-rota"), ("trust", "price"))
    assert [compare_things(place, *pair).looks for pair in pairs] == [1, 1, 2, 3]


def test_the_command(year: Workspace) -> None:
    """One screen of text, the same as JSON, and usage errors with exit code 2."""
    words = ("compare", "price", "on paper", "--said-by", "prospect")
    told = callmine(*words, at=year.root)
    assert told.code == 0
    assert told.err.endswith(" wait to be linked: callmine run\n")  # the year was linked without a run
    assert told.out.startswith("Deals with A were won less often than like deals with B, beyond what")
    value = callmine(*words, "--json", at=year.root).json
    a = value["comparison"]["a"]
    assert f"{a['total']} deals with it and not the other, {a['successes']} " in told.out
    assert f"{value['neither']} have neither. In all {value['closed']} deals with calls" in told.out
    for words in (("price", "price"), ("price", "security"), ("price", "trust", "--since", "soon")):
        told = callmine("compare", *words, at=year.root)
        assert (told.code, told.out) == (2, "")
        assert told.err.strip()


def test_what_is_behind_a_number_can_be_opened(year: Workspace) -> None:
    """Ids beside quotes open what is stored; JSON has all deals with what was heard in each."""
    words = ("compare", "price", "on paper", "--said-by", "prospect")
    told, value = callmine(*words, at=year.root), callmine(*words, "--json", at=year.root).json
    with Store(year.database) as store:
        for quote in value["a"]["quotes"]:
            assert f"   {quote['finding_id'][:8]}  “" in told.out
            assert callmine("findings", quote["finding_id"], at=year.root).code == 0
        for quote in value["b"]["quotes"]:
            assert f"   {quote['call_id']}:{quote['utterance_index']}  “" in told.out
            assert callmine("transcript", quote["call_id"], at=year.root).code == 0
        for side, label in (("a", "price"), ("b", None)):
            assert len(value[side]["deals"]) == value["comparison"][side]["total"]
            for one in value[side]["deals"]:
                rows = store.evidence(ids=frozenset(one["finding_ids"]))
                assert {row.deal_id for row in rows} <= {one["deal"]["deal_id"]}
                assert {row.label for row in rows} == ({label} if label else set())
                assert one["turns"]
                assert {"account", "outcome", "amount", "close_date"} <= one["deal"].keys()


def test_the_command_takes_whose_words(year: Workspace) -> None:
    """``--said-by``, and nobody else than these two."""
    words = ("compare", "on paper", "talk to somebody", "--said-by")
    assert callmine(*words, "prospect", at=year.root).code == 0
    assert callmine(*words, "unknown", at=year.root).code == 2


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("--since", "2026-09-01", "--until", "2026-08-01"), 2, "before it begins"),
        (("--since", "soon"), 2, "is not a date"),
        (("--until", "1999-12-31"), 2, "no deal was won or lost"),
        (("-o", "report.docx"), 2, "docx"),
        (("--format", "docx"), 2, "docx"),
        (("-o", "-", "--format", "md"), 0, ""),
        (("-o", "-", "--format", "json"), 0, ""),
        (("-o", "-"), 0, ""),
    ],
)
def test_the_outcomes_command(year: Workspace, words: tuple[str, ...], code: int, told: str) -> None:
    """Exit codes by the contract; what was written is on stdout only where that is asked for."""
    found = callmine("outcomes", *words, at=year.root)
    assert found.code == code
    assert told in found.err
    assert bool(found.out) is (code == 0)


def test_no_deals_is_usage(tmp_path: Path) -> None:
    """Before any export was taken in, the way on is told."""
    place = make_workspace(tmp_path / "w")
    for words in (("outcomes",), ("compare", "price", "trust")):
        told = callmine(*words, at=place.root)
        assert told.code == 2
        assert "there are no deals" in told.err
        assert "callmine deals FILE" in told.err
