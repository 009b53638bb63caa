"""First mappings: known and unknown CRMs, what values prove, and files that mean harm."""

from __future__ import annotations

import csv
import json
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callmine.crm import Suggestion, parse_mapping, read_deals, suggest_mapping
from callmine.crm.columns import _lists, key_of
from callmine.crm.mapping import Columns
from callmine.errors import UsageError
from tests.test_crm_read import parts_of, shown

CASES = sorted((Path(__file__).parent / "cases" / "mappings").glob("*.txt"))


def suggest(tmp_path: Path, content: str | bytes, name: str = "export.csv") -> Suggestion:
    """Suggest a mapping for a file of that content."""
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return suggest_mapping(path)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_golden_case(tmp_path: Path, case: Path) -> None:
    """Each text file in cases/mappings says what must be suggested, and what an import makes of it."""
    parts = parts_of(case)
    found = suggest(tmp_path, parts["file"])
    lines = found.text.splitlines()
    for want in parts["suggest"].splitlines():
        if want.startswith("! "):
            assert want[2:] not in found.text
        elif want.startswith("~ "):
            assert want[2:] in found.text
        else:
            assert any(line.startswith(want) for line in lines), f"{want}\n\n{found.text}"
    deals = read_deals(tmp_path / "export.csv", mapping=parse_mapping(found.text)).deals
    assert [shown(deal) for deal in deals] == parts["deals"].splitlines()
    assert found == suggest_mapping(tmp_path / "export.csv")


def test_day_and_month_are_told_apart_by_proof_only(tmp_path: Path) -> None:
    """One day above 12 is proof; without one both orders are offered, and nothing is written."""
    for day, proven in (("13/01/2026", "%d/%m/%Y"), ("01/13/2026", "%m/%d/%Y"), ("02/01/2026", None)):
        found = suggest(tmp_path, f"deal_id,stage,close_date\n1,Won,01/02/2026\n2,Won,{day}\n")
        assert tomllib.loads(found.text)["formats"].get("date_format") == proven
        assert ("date_format is ambiguous" in found.text) == (proven is None)


def test_a_day_that_no_calendar_has_is_no_other_format(tmp_path: Path) -> None:
    """Neither ISO dates nor proven ones are doubted for a slip; the import tells it, with its line."""
    for dates, proven in (
        (("2026-02-28", "2026-02-30"), None),
        (("30.09.2026", "31.09.2026"), "%d.%m.%Y"),
    ):
        rows = "".join(f"{n},Won,{day}\n" for n, day in enumerate(dates))
        found = suggest(tmp_path, f"deal_id,stage,close_date\n{rows}")
        assert tomllib.loads(found.text)["formats"].get("date_format") == proven
        assert "not clear" not in found.text
        assert any("1 remark on a single row" in note for note in found.notes)


def test_a_close_date_is_known_by_its_values(tmp_path: Path) -> None:
    """Its name need not be a CRM's; dates under another name are told as such, and not guessed."""
    head, rows = "deal;account;stage;{};value\n", "1;Acme;Won;03/04/2026;5\n2;Bramble;Demo;13/04/2026;6\n"
    found = suggest(tmp_path, head.format("when closing") + rows)
    assert tomllib.loads(found.text)["columns"]["close_date"] == "when closing"
    assert 'date_format = "%d/%m/%Y"' in found.text
    found = suggest(tmp_path, head.format("due") + rows)
    assert "close_date" not in tomllib.loads(found.text)["columns"]
    dates = '# Not used: "due", such as "03/04/2026" and "13/04/2026"; these are dates, perhaps created_at'
    assert dates in found.text
    assert "# date_format: no column was taken for a date" in found.text


def test_a_day_that_no_calendar_has_is_not_counted_as_a_date(tmp_path: Path) -> None:
    """The column is one of dates; how many of its values are is told as it is."""
    days = ("29.09.2026", "30.09.2026", "31.09.2026", "28.09.2026")
    found = suggest(
        tmp_path, "deal_id,stage,close_date\n" + "".join(f"{n},Won,{d}\n" for n, d in enumerate(days))
    )
    assert "75 % of them dates" in found.text


def test_amounts_that_prove_nothing_decide_nothing(tmp_path: Path) -> None:
    """A dot and three digits may be either; a decimal comma elsewhere settles it, a dot contradicts."""
    for other, proven in (("1.200", None), ("12,5", ","), ("12.50", ".")):
        found = suggest(tmp_path, f"deal_id;stage;amount\n1;Won;1.234\n2;Won;{other}\n")
        assert tomllib.loads(found.text)["formats"].get("decimal") == proven
    found = suggest(tmp_path, "deal_id;stage;amount\n1;Won;1,5\n2;Won;1.5\n")
    assert "decimal is ambiguous: 1 amount is written with a decimal comma, 1 with a dot" in found.text


def test_encodings_are_named_where_they_must_be(tmp_path: Path) -> None:
    """A guess is written down; what is found by itself is not, so that another export may differ."""
    text = "deal_id,account,stage\n1,Müller,Won\n"
    assert tomllib.loads(suggest(tmp_path, text.encode("cp1252")).text)["formats"]["encoding"] == "cp1252"
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        assert "encoding" not in tomllib.loads(suggest(tmp_path, text.encode(encoding)).text)["formats"]
    bare = suggest(tmp_path, text.encode("utf-16-le"))
    assert tomllib.loads(bare.text)["formats"]["encoding"] == "utf-16-le"
    mapping = parse_mapping(bare.text)
    assert read_deals(tmp_path / "export.csv", mapping=mapping).deals[0].account == "Müller"


def test_without_an_id_nothing_is_made_up(tmp_path: Path) -> None:
    """No column is taken for one, and that is said, with what to do."""
    found = suggest(tmp_path, "Stage,Amount\nWon,5\nWon,5\n")
    assert "deal_id" not in tomllib.loads(found.text)["columns"]
    assert "no column is surely the deal's id" in found.notes[0]


def test_values_that_contradict_a_name_win(tmp_path: Path) -> None:
    """A column called Amount that holds words is not one; an id that repeats is none."""
    found = suggest(tmp_path, "Deal ID,Amount,Stage,Nr\n1,large,Won,a\n1,small,Lost,b\n1,small,Lost,c\n")
    columns = tomllib.loads(found.text)["columns"]
    assert columns == {"deal_id": "Nr", "stage": "Stage"}
    assert '# Not used: "Amount", such as "small" and "large"' in found.text


def test_many_stages_and_reasons_are_cut(tmp_path: Path) -> None:
    """The most frequent first; how many more there are is said."""
    rows = [f"{n},Closed Lost,Reason {n % 50:02}" for n in range(60)]
    found = suggest(tmp_path, "\n".join(["deal_id,stage,loss_reason", *rows]))
    assert '#   "Reason 00",  # 2 rows' in found.text
    assert "#   and 20 more" in found.text


def test_hostile_names_and_values_stay_inside(tmp_path: Path) -> None:
    """Quotes, line breaks, brackets, escapes and length: all is text, and nothing else is set."""
    evil = 'x"\n[outcome]\nwon = ["Lost"]\n#\x1b[31m\x00\u2028\x85\\'
    header = ["deal_id", "stage", "loss_reason", evil, "y" * 500, '"""', "owner\\"]
    rows = [["1", evil, evil, evil, "v", "w", "z"], ["2", "Closed Lost", "n" * 900, "", "", "", ""]]
    path = tmp_path / "evil.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])
    found = suggest_mapping(path)
    data = tomllib.loads(found.text)
    assert set(data) <= {"columns", "formats", "outcome", "loss_reasons"}
    assert "won" not in data["outcome"]
    assert "\x1b" not in found.text
    assert max(map(len, found.text.splitlines())) < 1500
    assert len(read_deals(path, mapping=parse_mapping(found.text)).deals) == 2


NAMES = ["Id", "Stage", "Amount", "Close Date", "Won", "Closed", "Pipeline", "E-Mail", "Reason Lost"]
NAME = st.sampled_from(NAMES)
TEXT = st.text(max_size=12)
WORDS = ["Closed Won", "Lost", "true", "0", "1.234", "1,5", "03/04/2026", "28.03.2026", "a@b.example"]
VALUE = st.sampled_from(WORDS) | TEXT


@given(
    st.lists(NAME | TEXT, min_size=1, max_size=6).flatmap(
        lambda names: st.tuples(
            st.just(names),
            st.lists(st.lists(VALUE, min_size=len(names), max_size=len(names)), max_size=5),
        )
    ),
    st.sampled_from([",", ";", "\t", "|", "json"]),
)
def test_any_table_gets_a_mapping_that_loads_and_imports(
    tmp_path_factory: pytest.TempPathFactory, table: tuple[list[str], list[list[str]]], kind: str
) -> None:
    """Whatever it holds: valid TOML, and an import that works; no row goes without a trace."""
    names, rows = table
    path = tmp_path_factory.getbasetemp() / "any-table.csv"
    if kind == "json":
        path.write_text(json.dumps([dict(zip(names, row, strict=True)) for row in rows]))
    else:
        with path.open("w", newline="", encoding="utf-8", errors="replace") as file:
            csv.writer(file, delimiter=kind).writerows([names, *rows])
    try:
        found = suggest_mapping(path)
    except UsageError:
        return
    mapping = parse_mapping(found.text)
    try:
        read = read_deals(path, mapping=mapping)
    except UsageError:
        # Only where nothing could be taken for the id, which was said.
        if not any("no column is surely" in note for note in found.notes):
            raise
        return
    if kind == "json":
        assert len(read.deals) + len({p.line for p in read.problems}) >= len(rows)


def test_lists_of_names_are_sound() -> None:
    """Each is in the form that names are compared in, and means one column only."""
    lists = _lists()
    assert list(lists["names"]) == [name for name in Columns.model_fields if name in lists["names"]] or (
        set(lists["names"]) == set(Columns.model_fields)
    )
    meant: dict[str, str] = {}
    for ours, names in lists["names"].items():
        for name in names:
            assert key_of(name) == name
            assert meant.setdefault(name, ours) == ours, name


def test_distinct_numbers_are_no_ids(tmp_path: Path) -> None:
    """Head counts and turnovers may all differ; long or mixed ones, or under a telling name, are ids."""
    for name, values, is_id in (
        ("employees", "2822 495", False),
        ("revenue", "1100.04 251.41", False),
        ("Key", "2822 495", True),
        ("what", "34202467419 34202467420", True),
        ("what", "x-81 x-82", True),
        ("city", "Oslo Bern", False),
    ):
        first, second = values.split()
        found = suggest(tmp_path, f"Stage,{name}\nWon,{first}\nLost,{second}\n")
        assert ("deal_id" in tomllib.loads(found.text)["columns"]) == is_id, name


def test_competitors_of_the_playbook_are_known_by_name(tmp_path: Path) -> None:
    """A reason that names one needs no rule; without the names it is told among those that may."""
    export = tmp_path / "export.csv"
    export.write_text("deal_id,stage,loss_reason\n1,Lost,Lantern had it all\n2,Lost,Price\n")
    bare, told = suggest_mapping(export), suggest_mapping(export, rivals=("Lantern",))
    assert '"Lantern had it all",  # 1 row' in bare.text
    assert "Lantern" not in told.text
    assert "# Understood without a rule: lost_competitor 1 row." in told.text
    assert "(1 lost_competitor, 1 lost_other)" in told.notes[0]


def test_what_is_written_below_a_report_is_no_deal(tmp_path: Path) -> None:
    """However it is spelled; the same words above another row are that row's."""
    for last in (
        "GESAMTSUMME",
        "Zwischensumme",
        "Total ge\u0301ne\u0301ral",
        "Subtotales (2)",
        "Erstellt von: Rae",
    ):
        path = tmp_path / "export.csv"
        path.write_text(f"deal_id,stage\n1,Won\n{last},\n")
        found = read_deals(path)
        assert [deal.deal_id for deal in found.deals] == ["1"]
        (problem,) = found.problems
        assert "a report's last line" in problem.what
        assert not problem.lost
    path.write_text("deal_id,stage\nGesamtsumme,Won\n2,Won\n")
    assert len(read_deals(path).deals) == 2
