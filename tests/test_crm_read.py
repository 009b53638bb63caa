"""Deals as CRMs export them: golden cases, encodings, separators, hostile files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callmine.crm import DealsFile, parse_mapping, read_deals, tables
from callmine.crm.rows import clean
from callmine.domain import Deal, Outcome
from callmine.errors import UsageError

CASES = sorted((Path(__file__).parent / "cases" / "deals").glob("*.txt"))


def parts_of(case: Path) -> dict[str, str]:
    sections: dict[str, str] = {}
    for chunk in case.read_text(encoding="utf-8").split("=== ")[1:]:
        name, _, body = chunk.partition("\n")
        sections[name.strip()] = body
    return sections


def shown(deal: Deal) -> str:
    amount = f"{'-' if deal.amount is None else deal.amount} {deal.currency or '-'}"
    return " | ".join([deal.deal_id, deal.outcome, amount, deal.created_at or "-", deal.close_date or "-"])


def read(tmp_path: Path, content: str | bytes, mapping: str = "", name: str = "deals.csv") -> DealsFile:
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_deals(path, mapping=parse_mapping(mapping) if mapping else None)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_golden_case(tmp_path: Path, case: Path) -> None:
    """Each text file in cases/deals says what must come out of one export."""
    parts = parts_of(case)
    found = read(tmp_path, parts["file"], parts.get("mapping", ""))
    lines = parts["expect"].splitlines()
    assert [shown(d) for d in found.deals] == [line for line in lines if line[0] not in "!#"]
    problems = [f"! {p.line}: {p.what}" for p in found.problems]
    expected = [line for line in lines if line.startswith("!")]
    assert len(problems) == len(expected), problems
    assert all(got.startswith(want) for got, want in zip(problems, expected, strict=True)), problems
    for want in (line[2:] for line in lines if line.startswith("#")):
        assert any(note.startswith(want) for note in found.notes), found.notes


def test_every_field_arrives(tmp_path: Path) -> None:
    """The 21 default columns fill the fields of a deal."""
    header = (
        "deal_id,name,account,owner,stage,outcome,is_won,is_closed,amount,currency,created_at,inquired_at,"
        "close_date,loss_reason,competitor,segment,lead_source,account_domain,contact_emails,pipeline,type"
    )
    row = (
        "D-1,N,A,O,S,won,true,true,5,EUR,2026-01-02,2026-01-01,2026-02-01,R,C,mid,web,"
        "WWW.A.example,x@a.example;Y@a.example,P,new"
    )
    (deal,) = read(tmp_path, f"{header}\n{row}\n").deals
    emails = ("x@a.example", "y@a.example")
    days = ("2026-01-02", "2026-01-01", "2026-02-01")
    expected = Deal(
        "D-1", "N", "A", "O", "S", Outcome.WON, 5.0, "EUR", *days, "R", "C", "mid", "web", "a.example",
        emails, "P", "new",
    )  # fmt: skip
    assert deal == expected


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32", "utf-8"])
def test_marked_encodings_are_read_without_a_note(tmp_path: Path, encoding: str) -> None:
    """A byte-order mark says the encoding; Excel's tab-separated Unicode text is one of these."""
    found = read(tmp_path, "deal_id\taccount\tstage\nD-1\tMüller\tOpen\n".encode(encoding))
    assert found.deals[0].account == "Müller"
    assert found.notes == ()


def test_cp1252_is_guessed_last_and_said(tmp_path: Path) -> None:
    """Bytes that are not UTF-8 are read as cp1252, with the line that showed it."""
    found = read(tmp_path, "deal_id,account,stage\nD-1,Ok,Open\nD-2,Müller € Co,Open\n".encode("cp1252"))
    assert found.deals[1].account == "Müller € Co"
    assert "line 3" in found.notes[0]
    assert "guess" in found.notes[0]


def test_declared_encoding_is_believed(tmp_path: Path) -> None:
    """What the mapping says is not second-guessed, and a wrong one stops the import."""
    data = "deal_id,account,stage\nD-1,Łódź,Open\n".encode("cp1250")
    found = read(tmp_path, data, '[formats]\nencoding = "cp1250"')
    assert found.deals[0].account == "Łódź"
    assert found.notes == ()
    with pytest.raises(UsageError, match="not utf-8 text"):
        read(tmp_path, data, '[formats]\nencoding = "utf-8"')


def test_bytes_of_no_encoding_are_refused(tmp_path: Path) -> None:
    """A file that is neither UTF-8 nor cp1252 is not text."""
    with pytest.raises(UsageError, match="not cp1252"):
        read(tmp_path, b"deal_id,account\nD-1,\x81\x8d\xff\n")


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_separators_and_line_ends_are_found(tmp_path: Path, separator: str, end: str) -> None:
    """Each separator and line end gives the same deals, with other separators in the values."""
    rows = [["deal_id", "name", "stage"], ["D-1", "a.b c", "Open"], ["D-2", '"x,;|\ty\nz"', "Won"]]
    found = read(tmp_path, end.join(separator.join(row) for row in rows) + end)
    assert [d.name for d in found.deals] == ["a.b c", "x,;| y z"]
    assert found.problems == ()


def test_excels_separator_line_and_blank_lines_count_as_lines(tmp_path: Path) -> None:
    """Line numbers are those an editor shows, whatever stands before the header."""
    found = read(tmp_path, "sep=;\n\ndeal_id;name;stage\n\nD-1;a;Open\n;b;Open\n")
    assert found.deals[0].deal_id == "D-1"
    assert [p.line for p in found.problems] == [6]


def test_line_numbers_survive_line_breaks_in_values(tmp_path: Path) -> None:
    """A row is where it begins, after rows of several lines and odd Unicode line ends."""
    found = read(tmp_path, 'deal_id,name,stage\nD-1,"a\nb\u2028\x0cc\n\nd",Open\nD-2,,Open\n,x,Open\n')
    assert [d.deal_id for d in found.deals] == ["D-1", "D-2"]
    assert [p.line for p in found.problems] == [7]


def test_missing_id_column_names_what_was_found(tmp_path: Path) -> None:
    """Without a deal id nothing can be kept; the message shows the header and the way out."""
    with pytest.raises(UsageError, match="Opportunity, Stage") as caught:
        read(tmp_path, "Opportunity,Stage\n1,Open\n")
    assert "--mapping" in caught.value.hint
    with pytest.raises(UsageError, match="'Nr' or 'No'"):
        read(tmp_path, "deal_id,Stage\n1,Open\n", '[columns]\ndeal_id = ["Nr", "No"]')


def test_misspelt_mapped_column_is_said(tmp_path: Path) -> None:
    """A mapping that names a column which is not there gets a suggestion, not silence."""
    found = read(tmp_path, "deal_id,Betrag\n1,5\n", '[columns]\namount = "Betrug"')
    assert any("no column Betrug (did you mean 'Betrag'?)" in note for note in found.notes)
    assert "no column says how deals ended: all count as open" in found.notes


def test_first_filled_column_of_a_list_counts(tmp_path: Path) -> None:
    """A mapping may name several columns for one of ours."""
    mapping = '[columns]\nloss_reason = ["Reason", "Old reason"]'
    found = read(tmp_path, "deal_id,stage,Old Reason,reason\n1,lost,a,b\n2,lost,a,N/A\n", mapping)
    assert [d.loss_reason for d in found.deals] == ["b", "a"]


def test_column_that_never_reads_is_a_note(tmp_path: Path) -> None:
    """When every date fails the format is wrong, not the rows."""
    found = read(tmp_path, "deal_id,close_date,stage\n1,03.11.2026,won\n2,04.11.2026,won\n")
    assert "no value of close_date could be read (2 rows)" in found.notes
    assert [p.line for p in found.problems] == [2, 3]
    assert "date_format" in found.problems[0].hint


def test_domains_are_cleaned_or_refused(tmp_path: Path) -> None:
    """An address of a page gives its domain; a company's name in that column is a problem."""
    found = read(tmp_path, "deal_id,account_domain,stage\n1,https://acme.example/,Open\n2,Acme Inc,Open\n")
    assert [d.account_domain for d in found.deals] == ["acme.example", None]
    assert [p.what for p in found.problems] == ["account_domain: 'Acme Inc' is not a domain; left empty"]


def test_last_of_equal_ids_wins(tmp_path: Path) -> None:
    """An id that comes again replaces the earlier row, with a problem; case makes another id."""
    found = read(tmp_path, "deal_id,name,stage\nd,1,Open\nD,2,Open\nd,3,Open\n")
    assert [(d.deal_id, d.name) for d in found.deals] == [("D", "2"), ("d", "3")]
    assert [(p.line, p.about) for p in found.problems] == [(4, "d")]


@pytest.mark.parametrize("key", ["deals", "records", "results"])
def test_json_shapes(tmp_path: Path, key: str) -> None:
    """A list, or a list under the usual keys, with nested accounts and lists of addresses."""
    rows = [{"deal_id": 7, "Account": {"Name": "Acme"}, "contact_emails": ["a@x.example"], "is_won": True}]
    mapping = '[columns]\naccount = "Account.Name"'
    for content in (json.dumps(rows), json.dumps({key: rows})):
        (deal,) = read(tmp_path, content, mapping, name="deals.json").deals
        assert (deal.deal_id, deal.account, deal.outcome) == ("7", "Acme", Outcome.WON)
        assert deal.contact_emails == ("a@x.example",)


@pytest.mark.parametrize(
    ("content", "match"),
    [
        ("", "empty"),
        (" \n", "empty"),
        ("[" * 100_000, "not valid JSON"),
        ("[1" + "0" * 5000 + "]", "not valid JSON"),
        ('{"deals": 3}', "no list of rows"),
        (",,\n1,2,3\n", "no header"),
        ('"deal_id,\n1,2\n', "no header"),
    ],
)
def test_files_that_are_no_table(tmp_path: Path, content: str, match: str) -> None:
    """Each gets a sentence and a way out, never a traceback."""
    with pytest.raises(UsageError, match=match) as caught:
        read(tmp_path, content)
    assert caught.value.hint


def test_missing_folder_and_large_files_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What cannot be read is refused before it is opened."""
    with pytest.raises(UsageError, match="no such file"):
        read_deals(tmp_path / "none.csv")
    with pytest.raises(UsageError, match="cannot be read"):
        read_deals(tmp_path / ("x" * 5000))
    with pytest.raises(UsageError, match="not a file"):
        read_deals(tmp_path)
    monkeypatch.setattr(tables, "MAX_BYTES", 10)
    with pytest.raises(UsageError, match="more than"):
        read(tmp_path, "deal_id,stage\n1,Open\n")


def test_a_mapping_in_the_place_of_deals_is_told(tmp_path: Path) -> None:
    """Whoever forgot ``--mapping`` is not told to export again; broken JSON still is JSON."""
    for name, content in (("crm.toml", "# ours\n[columns]\n"), ("crm.txt", '[columns]\nname = "x"\n')):
        with pytest.raises(UsageError, match="this is TOML") as caught:
            read(tmp_path, content, name=name)
        assert "--mapping" in caught.value.hint
    with pytest.raises(UsageError, match="not valid JSON"):
        read(tmp_path, '[{"deal_id": 1}', name="deals.json")


def test_unknown_stages_of_deals_that_look_closed_are_told(tmp_path: Path) -> None:
    """A loss reason or a past close date betrays them; what a flag or the mapping says is not doubted."""
    path = tmp_path / "deals.csv"
    path.write_text(
        "deal_id,stage,close_date,loss_reason\n1,Fertig,2026-03-01,\n2,Fertig,2026-12-01,no budget\n"
        "3,Demo,2026-12-01,\n4,Closed Lost,2026-03-01,no budget\n5,Fertig,2026-12-01,\n"
    )
    (note,) = read_deals(path, today="2026-10-01").notes
    assert "a close date in the past: 'Fertig' (2); say under [outcome]" in note
    assert "'Fertig' (1)" in read_deals(path).notes[0], "without a day only reasons tell"
    mapping = parse_mapping('[outcome]\nopen = ["Fertig"]\n')
    assert read_deals(path, mapping=mapping, today="2026-10-01").notes == ()
    path.write_text("deal_id,stage,is_closed,close_date\n1,Fertig,no,2026-03-01\n")
    assert read_deals(path, today="2026-10-01").notes == ()


def test_a_suggested_column_is_not_plainly_another(tmp_path: Path) -> None:
    """Typing errors are suggested; a column that is read already, or shares one long word, is not."""
    mapping = (
        '[columns]\ndeal_id = "Opportunity ID"\nname = "Opportunity Name"\namount = "Amout"\n'
        'created_at = "Created"\n'
    )
    table = "Opportunity ID,Opportunity Owner,Amount,Created Date,Stage\n1,x,2,2026-01-01,Open\n"
    notes = {note.split(":")[0]: note for note in read(tmp_path, table, mapping).notes}
    assert notes["[columns] name"].endswith("the file has no column Opportunity Name")
    assert notes["[columns] amount"].endswith("(did you mean 'Amount'?)")
    assert notes["[columns] created_at"].endswith("(did you mean 'Created Date'?)")


def test_loss_reasons_not_understood_are_listed(tmp_path: Path) -> None:
    """With their number, the most frequent first; not those that decide nothing or are known."""
    table = (
        "deal_id,outcome,loss_reason\n1,lost,Price\n2,lost,Too late\n3,lost,Too late\n4,lost,went dark\n"
        "5,lost_other,Their own words\n6,won,Price\n7,lost,Went with Lantern\n"
    )
    note, unknown = read(tmp_path, table).notes
    assert note.startswith(
        "loss reasons not understood, counted as lost_other: 'Too late' (2), 'Price' (1), 'Went with"
    )
    assert unknown.startswith("these sound like competitors that the playbook does not know: Lantern;")
    mapping = '[loss_reasons]\nlost_other = ["price"]\nlost_no_decision = ["too late"]'
    path = tmp_path / "deals.csv"
    found = read_deals(path, mapping=parse_mapping(mapping), rivals=("Lantern",))
    assert found.notes == ()
    assert found.deals[6].outcome is Outcome.LOST_COMPETITOR


def test_stages_that_are_internal_ids_are_said(tmp_path: Path) -> None:
    """Unless flags, an outcome or the mapping tell what they mean, in their pipeline or in general."""
    table = "deal_id,stage,pipeline\n1,4711,sales\n2,4711,renewals\n3,12,sales\n4,Demo,sales\n"
    (note,) = read(tmp_path, table).notes
    assert note.startswith(
        "stages that look like internal ids count as open: 'sales / 4711' (1), 'renewals"
    )
    mapping = '[outcome]\nwon = ["renewals / 4711"]\nopen = ["12"]\nlost = ["sales / 4711"]'
    found = read(tmp_path, table, mapping)
    assert found.notes == ()
    assert [d.outcome for d in found.deals] == ["lost_unknown", "won", "open", "open"]
    assert read(tmp_path, "deal_id,stage,is_won\n1,4711,true\n").notes == ()


def test_several_competitors_or_none(tmp_path: Path) -> None:
    """Joined by semicolons they are kept as they are; nobody, however often, is nobody."""
    table = (
        "deal_id,outcome,competitor\n1,lost,Northwind; Lantern\n2,lost,None;none\n3,lost,None; Lantern\n"
    )
    deals = read(tmp_path, table).deals
    assert [d.competitor for d in deals] == ["Northwind; Lantern", None, "None; Lantern"]
    assert [d.outcome for d in deals] == ["lost_competitor", "lost_unknown", "lost_competitor"]


def test_a_reports_last_lines_are_no_deals(tmp_path: Path) -> None:
    """Totals, copyright, and the company's name among them; a single cell elsewhere is damage."""
    table = (
        "deal_id,stage,amount\nD-1,Open,5\nalone\nD-2,Open,5\nGrand Totals (2 records),,10\n\n"
        "Acme Inc\nCopyright (c) 2000-2026 salesforce.com\n"
    )
    found = read(tmp_path, table)
    assert [d.deal_id for d in found.deals] == ["D-1", "D-2"]
    assert [(p.line, p.what.split(" (")[0]) for p in found.problems] == [
        (3, "1 cells where the header has 3; the row is left out"),
        (5, "a report's last line"),
        (7, "a report's last line"),
        (8, "a report's last line"),
    ]


@pytest.mark.parametrize("text", ["2026-03-28 10:15 PM", "2026/03/28", "28.03.2026, 10:15", "28.03.2026"])
def test_days_with_odd_times(tmp_path: Path, text: str) -> None:
    """The day is what counts, whatever clock stands behind it."""
    mapping = '[formats]\ndate_format = "%d.%m.%Y"'
    found = read(tmp_path, f'deal_id,stage,close_date\n1,Open,"{text}"\n', mapping)
    assert found.deals[0].close_date == "2026-03-28"


def test_header_alone_is_no_error(tmp_path: Path) -> None:
    """An export of no deals is an import of no deals."""
    found = read(tmp_path, "deal_id,stage\n")
    assert found.deals == ()
    assert "no rows" in found.notes


def test_huge_fields_cost_one_row(tmp_path: Path) -> None:
    """A field beyond the limit is listed; the rows around it are kept."""
    huge = "x" * 200_000
    found = read(tmp_path, f"deal_id,name,stage\nD-1,a,Open\nD-2,{huge},Open\nD-3,b,Open\n")
    assert [d.deal_id for d in found.deals] == ["D-1", "D-3"]
    assert found.problems[0].line == 3
    assert found.problems[0].what.startswith("a field of more than 131,072 characters")
    rows = [{"deal_id": "D-1", "name": huge, "amount": 1e400, "stage": "Open"}]
    found = read(tmp_path, json.dumps(rows))
    assert found.deals[0].name is None
    assert len(found.problems) == 2


def test_a_file_of_broken_quotes_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After many damaged rows the rest is given up, and that is said."""
    monkeypatch.setattr(tables, "MAX_DAMAGED", 20)
    found = read(tmp_path, "deal_id,name\n" + '1,"a" b\n' * 100)
    assert len(found.problems) == 21
    assert "the rest of the file is not read" in found.problems[-1].what


def test_values_hold_no_control_characters(tmp_path: Path) -> None:
    """Escapes, overrides, NUL and lone surrogates never reach a terminal or the database."""
    rows = [{"deal_id": "D\x1b[31m-1\x00", "name": "a\ud800\u202eb\r\nc", "stage": "Open"}]
    (deal,) = read(tmp_path, json.dumps(rows)).deals
    assert (deal.deal_id, deal.name) == ("D[31m-1", "ab c")


@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda t: t.encode("utf-8", "ignore")))
def test_any_bytes_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    """Whatever the file holds, deals come out or one sentence does."""
    path = tmp_path_factory.getbasetemp() / "fuzz.csv"
    path.write_bytes(b"deal_id,amount,created_at,stage,is_won,contact_emails\nD,1,,,,\n" + data)
    try:
        found = read_deals(path)
    except UsageError:
        return
    assert len({d.deal_id for d in found.deals}) == len(found.deals)


LINE = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cf", "Cs", "Z")), max_size=12)


@given(st.lists(st.tuples(LINE, LINE), min_size=1, max_size=6), st.sampled_from(",;\t|"))
def test_csv_round_trip(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]], separator: str
) -> None:
    """What a spreadsheet quotes properly comes back, row by row and line by line."""
    path = tmp_path_factory.getbasetemp() / "trip.csv"
    quoted = [[f"D{n}", *('"' + v.replace('"', '""') + '"' for v in row)] for n, row in enumerate(rows)]
    lines = [separator.join(["deal_id", "name", "account"]), *(separator.join(cells) for cells in quoted)]
    path.write_text("\n".join(lines), encoding="utf-8", newline="")
    found = read_deals(path)
    assert [d.deal_id for d in found.deals] == [f"D{n}" for n in range(len(rows))]
    for deal, (name, account) in zip(found.deals, rows, strict=True):
        assert deal.name == clean(name) or deal.name is None
        assert deal.account == clean(account) or deal.account is None


def test_flags_that_cannot_both_be_true_are_told(tmp_path: Path) -> None:
    """Won and not closed: the row is kept, and what it counts as is said; of excluded ones nothing is."""
    found = read(
        tmp_path,
        "deal_id,stage,is_won,is_closed\n1,Signed,yes,no\n2,Signed,yes,yes\n3,Demo,no,no\n4,Duplicate,yes,no\n",
    )
    assert [deal.outcome.value for deal in found.deals] == ["won", "won", "open", "excluded"]
    (problem,) = found.problems
    assert (problem.line, problem.about, problem.lost) == (2, "1", False)
    assert problem.what == "is_won is yes, but is_closed is no; it counts as won"


def test_a_close_before_the_beginning_is_told(tmp_path: Path) -> None:
    """A few one by one; many at once, as all deals of a new CRM begin on its first day."""
    head = "deal_id,outcome,created_at,close_date\n"
    rows = [f"D-{n},won,2026-03-02,2026-03-01\n" for n in range(6)]
    few = read(tmp_path, head + rows[0] + "D-9,won,2026-03-02,2026-03-02\n")
    (problem,) = few.problems
    assert problem.what == "close_date 2026-03-01 is before created_at 2026-03-02; both are kept"
    assert (problem.line, problem.lost, few.deals[0].close_date) == (2, False, "2026-03-01")
    many = read(tmp_path, head + "".join(rows))
    assert not many.problems
    (note,) = many.notes
    assert note.startswith("6 deals have a close_date before their created_at, such as D-0 in line 2;")


@pytest.mark.parametrize("column", ["account_domain", "contact_emails"])
def test_a_domain_that_mixes_scripts_is_told(tmp_path: Path, column: str) -> None:
    """The deal keeps it; whoever imports sees both ways of writing it."""
    found = read(tmp_path, f"deal_id,{column}\n1,a@\u0430cme.example\n2,a@m\u00fcller.example\n")
    (problem,) = found.problems
    assert (problem.line, problem.about, problem.lost) == (2, "1", False)
    assert "'\u0430cme.example' (xn--cme-5cd.example) mixes Cyrillic and Latin letters" in problem.what
