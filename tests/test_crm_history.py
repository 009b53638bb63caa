"""The CRM's own history: Salesforce's dialects, HubSpot's columns, and rows that cannot be used."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callmine.crm import parse_mapping
from callmine.crm.history import HistoryFile, instant_of, read_history
from callmine.crm.values import BadValue
from callmine.errors import UsageError


def read(tmp_path: Path, content: str, mapping: str = "", zone: str = "UTC") -> HistoryFile:
    """Read a history of that content."""
    path = tmp_path / "history.csv"
    path.write_text(content, "utf-8")
    return read_history(path, mapping=parse_mapping(mapping) if mapping else None, timezone=zone)


def told(found: HistoryFile) -> list[tuple[object, ...]]:
    """What moments say, without their lines."""
    return [(m.deal_id, m.at, m.stage, m.amount, m.close_date) for m in found.moments]


def test_opportunity_history_by_api(tmp_path: Path) -> None:
    """Each row is a whole state; no mapping is needed."""
    found = read(
        tmp_path,
        "Id,OpportunityId,StageName,Amount,CloseDate,CreatedDate\n"
        "008A,D-1,Demo,100,2026-12-01,2026-09-02T09:00:00.000+0000\n"
        "008B,D-1,Closed Won,120,2026-10-01,2026-10-01T15:30:00.000+0200\n",
    )
    assert told(found) == [
        ("D-1", "2026-09-02T09:00:00Z", "Demo", 100.0, "2026-12-01"),
        ("D-1", "2026-10-01T13:30:00Z", "Closed Won", 120.0, "2026-10-01"),
    ]
    assert found.problems == ()


def test_field_history_is_one_field_a_row(tmp_path: Path) -> None:
    """Two fields saved at once are one moment; other fields are counted and not kept."""
    found = read(
        tmp_path,
        "OpportunityId,Field,OldValue,NewValue,CreatedDate\n"
        "D-1,StageName,Demo,Negotiation,2026-09-02T09:00:00Z\n"
        "D-1,Amount,100,120,2026-09-02T09:00:00Z\n"
        "D-1,NextStep,,Call,2026-09-03T09:00:00Z\n"
        "D-1,CloseDate,2026-10-01,2026-11-01,2026-09-04T09:00:00Z\n",
    )
    assert told(found) == [
        ("D-1", "2026-09-02T09:00:00Z", "Negotiation", 120.0, None),
        ("D-1", "2026-09-04T09:00:00Z", None, None, "2026-11-01"),
    ]
    assert found.notes == ("1 changes of other fields than stage, amount and close date not kept",)


def test_a_report_with_local_dates(tmp_path: Path) -> None:
    """Labels of a report, its date format, its footer; a date stands for the end of its day."""
    found = read(
        tmp_path,
        "Opportunity ID,From Stage,To Stage,Last Modified\n"
        "D-1,Demo,Negotiation,02/09/2026\nD-1,Negotiation,Won,28/09/2026 14:05\n"
        "Grand Totals (2 records),,,\nConfidential Information - Do Not Distribute\n",
        '[formats]\ndate_format = "%d/%m/%Y"',
        "Europe/Berlin",
    )
    assert [m[1:3] for m in told(found)] == [
        ("2026-09-02T21:59:59Z", "Negotiation"),
        ("2026-09-28T12:05:00Z", "Won"),
    ]
    assert [p.line for p in found.problems] == [4, 5]


def test_hubspots_date_entered_columns(tmp_path: Path) -> None:
    """Each filled one is a moment of the stage in its name, the pipeline aside."""
    found = read(
        tmp_path,
        'Record ID,"Date entered ""Contract sent (Sales Pipeline)""","Date entered ""Closed Won (Sales'
        ' Pipeline)""",hs_v2_date_entered_4711\n7,2026-09-02 10:00,,\n8,2026-09-03 10:00,2026-10-01 09:00,'
        "2026-10-02T08:00:00Z\n",
        '[columns]\ndeal_id = "Record ID"',
    )
    assert [m[:3] for m in told(found)] == [
        ("7", "2026-09-02T10:00:00Z", "Contract sent"),
        ("8", "2026-09-03T10:00:00Z", "Contract sent"),
        ("8", "2026-10-01T09:00:00Z", "Closed Won"),
        ("8", "2026-10-02T08:00:00Z", "4711"),
    ]


def test_one_bad_instant_costs_no_other_stage(tmp_path: Path) -> None:
    """The row's other stages are kept, and what was left out is named by its stage."""
    found = read(tmp_path, "deal_id,Date entered Demo,Date entered Offer\nD-1,soon,2026-09-03 10:00\n")
    assert [m[:3] for m in told(found)] == [("D-1", "2026-09-03T10:00:00Z", "Offer")]
    assert [(p.line, p.what.partition(":")[0]) for p in found.problems] == [(2, "Demo")]


def test_bad_rows_are_left_out_with_their_line(tmp_path: Path) -> None:
    """Half a moment is none; of two stages at one instant the later row counts, and that is said."""
    found = read(
        tmp_path,
        "deal_id,at,stage,amount\n,2026-09-01,Demo,\nD-1,,Demo,\nD-1,03.09.2026,Demo,\nD-1,2026-09-01,,\n"
        "D-1,2026-09-01,Demo,12k\nD-1,2026-09-05,Demo,\nD-1,2026-09-05,Won,\n"
        "D-1,2026-09-31 10:00,Lost,\n",
    )
    assert told(found) == [("D-1", "2026-09-05T23:59:59Z", "Won", None, None)]
    assert [(p.line, p.what.split(";")[0]) for p in found.problems] == [
        (2, "no deal_id"),
        (3, "it does not say when"),
        (4, "'03.09.2026' is not a date that can be read without guessing"),
        (5, "neither a stage nor an amount nor a close date"),
        (6, "'12k' is not an amount"),
        (8, "another stage at the same instant as in line 7"),
        (9, "'2026-09-31 10:00' is a date that does not exist"),
    ]


def test_what_is_no_history_is_refused(tmp_path: Path) -> None:
    """With what is missing, and where to say it."""
    with pytest.raises(UsageError, match="no column for at and stage") as caught:
        read(tmp_path, "deal_id,name\n1,x\n")
    assert "[history]" in caught.value.hint
    mapped = '[history]\ndeal_id = "Nr"\nat = "Wann"\nstage = "Phase"'
    assert told(read(tmp_path, "Nr,Wann,Phase\n1,2026-09-01T10:00:00Z,A\n", mapped))[0][2] == "A"


@pytest.mark.parametrize(
    ("text", "date_format", "expected"),
    [
        ("2026-09-02", None, "2026-09-02T21:59:59Z"),
        ("2026-09-02 10:15", None, "2026-09-02T08:15:00Z"),
        ("2026-09-02T10:15:00+00:00", None, "2026-09-02T10:15:00Z"),
        ("1774694100000", "epoch_ms", "2026-03-28T10:35:00Z"),
        ("9/2/2026, 3:15 PM", "%m/%d/%Y", "2026-09-02T13:15:00Z"),
        ("02.09.2026 10:15:30", "%d.%m.%Y %H:%M:%S", "2026-09-02T08:15:30Z"),
        ("", None, None),
    ],
)
def test_instants(text: str, date_format: str | None, expected: str | None) -> None:
    """With an offset as they are, else in the workspace's zone; a day ends it."""
    assert instant_of(text, zone=ZoneInfo("Europe/Berlin"), date_format=date_format) == expected


def test_years_that_cannot_be_are_refused() -> None:
    """Also behind a time."""
    with pytest.raises(BadValue):
        instant_of("0001-01-01T00:00:00", zone=ZoneInfo("Europe/Berlin"))


CELL = st.sampled_from(
    ["D-1", "", "2026-09-01", "03/04/2026", "9999999999999", "Won", "1,5", '"x', "StageName", "a\nb"]
) | st.text(max_size=8)


@given(
    st.lists(st.lists(CELL, min_size=4, max_size=4), max_size=5), st.sampled_from(["epoch_ms", "%d/%m/%Y"])
)
def test_any_history_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]], date_format: str
) -> None:
    """Whatever cells hold, moments or problems come of every row, or one sentence of the file."""
    path = tmp_path_factory.getbasetemp() / "fuzzed-history.csv"
    lines = [",".join('"' + c.replace('"', '""') + '"' for c in row) for row in rows]
    path.write_bytes("\n".join(["deal_id,at,field,new_value", *lines]).encode("utf-8", "replace"))
    mapping = parse_mapping(f'[formats]\ndate_format = "{date_format}"')
    try:
        found = read_history(path, mapping=mapping)
    except UsageError:
        return
    assert len({(m.deal_id, m.at) for m in found.moments}) == len(found.moments)
