"""What stands below a report, and deals that are called like it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callmine.crm import tables
from callmine.crm.footers import footer_begins
from callmine.crm.read import read_deals
from callmine.operations.deals import import_deals
from callmine.workspace import Workspace
from tests.test_cli_deals import place  # noqa: F401 - a fixture
from tests.test_crm_read import read

LABELS = (
    "Grand Total Fitness",
    "Grand Totals (2 records)",
    "Grand Total",
    "Total General Motors upgrade",
    "Subtotal (3)",
    "Gesamtsumme",
    "Gesamtsumme GmbH",
    "Gesamtsummen (3 Datensätze)",
    "Zwischensumme: 3",
    "Total général",
    "Sous-total (2)",
    "Totales generales",
    "Confidential Information - Do Not Distribute",
    "Copyright (c) 2026 x",
    "Vertrauliche Informationen",
    "Generado por: x",
    "© 2026",
)
HEADER = ("name", "deal_id", "account", "outcome", "amount", "close_date")


@pytest.mark.parametrize(
    "last", [label for label in LABELS if label not in (LABELS[0], LABELS[3], LABELS[6])]
)
@pytest.mark.parametrize("header", ["deal_id,name,amount", "name,amount,deal_id"])
def test_what_crms_write_below_a_report_is_no_deal(tmp_path: Path, last: str, header: str) -> None:
    """In four languages, padded or not, with sums and the company's name among them."""
    row = "D-1,x,5" if header.startswith("deal_id") else "x,5,D-1"
    sums = ',"1.204,50 EUR",' if header.startswith("name") else ',,"USD 1,204.50"'
    for tail in (last, f"{last},,", f"{last},,\nLarkmoor,,\n{last}"):
        found = read(tmp_path, f"{header}\n{row}\n{tail}\n")
        assert [d.deal_id for d in found.deals] == ["D-1"]
        assert not any(p.lost for p in found.problems)
    found = read(tmp_path, f"{header}\n{row}\n{last}{sums}\n")
    assert [d.deal_id for d in found.deals] == ["D-1"]


@pytest.mark.parametrize(
    "row",
    [
        "Grand Total Fitness,K-2,Grand Total Fitness,lost,5,2026-09-01",
        "Total General Motors upgrade,K-2,General Motors,lost,5,2026-09-01",
        "Gesamtsumme,K-2,Gesamtsumme GmbH,lost,5,2026-09-01",
        "Gesamtsumme,K-2,,,,",
        "Gesamtsumme,K-2,,,5,",
        ",K-2,,,,",
        "Gesamtsumme GmbH,K-2,,,,\nLarkmoor\nCopyright (c) 2026 x",
        ",K-2,,,,\nCopyright (c) 2026 x",
    ],
)
def test_a_deal_is_one_however_it_is_called(tmp_path: Path, row: str) -> None:
    """It has an id, which no total has."""
    found = read(tmp_path, f"{','.join(HEADER)}\nAlpha,K-1,Alpha,won,1,2026-09-01\n{row}\n")
    assert [d.deal_id for d in found.deals] == ["K-1", "K-2"]


def test_half_a_row_below_the_others_is_a_fault(tmp_path: Path) -> None:
    """An id alone, above a report's last line: whatever deal it is, it is not gone."""
    found = read(tmp_path, "deal_id,name\nK-1,x\nK-2\nCopyright (c) 2026 x\n")
    assert [p.lost for p in found.problems] == [True, False]


names = st.one_of(st.sampled_from(LABELS), st.text(st.characters(codec="utf-8"), min_size=1, max_size=20))


@given(
    rows=st.lists(st.tuples(names, names, names, names), min_size=1, max_size=4),
    order=st.permutations(range(5)),
    tail=st.sampled_from([[], [["Gesamtsumme"]], [["Copyright (c) 2026 x", "", "", "", ""]]]),
)
def test_no_full_row_is_ever_dropped(
    rows: list[tuple[str, ...]], order: list[int], tail: list[list[str]]
) -> None:
    """Whatever its columns hold and wherever they stand, among them the id's."""
    full = [[[*row, "lost"][at] for at in order] for row in rows]
    # A name of nothing but blanks and signs of control is no name.
    full = [[cell if tables.clean(cell) else "x" for cell in cells] for cells in full]
    records = list(enumerate([*full, *tail]))
    assert footer_begins(records, 5, [order.index(0)]) >= len(full)


def test_a_known_deal_in_a_report_s_last_lines_is_not_gone(place: Workspace, tmp_path: Path) -> None:  # noqa: F811
    """Whatever its line was taken for, nothing counts as gone, and the line as left out."""
    export = tmp_path / "k.csv"
    export.write_text("deal_id,name\nK-1,x\nLarkmoor,y\n")
    import_deals(place, export)
    export.write_text("deal_id,name\nK-1,x\nGrand Totals (1)\nLarkmoor,\nCopyright (c) 2026 x\n")
    assert [d.deal_id for d in read_deals(export).deals] == ["K-1"]
    done = import_deals(place, export)
    assert (done.changes.gone, done.left_out) == (0, 1)
    export.write_text("deal_id,name\nK-1,x\nGrand Totals (1)\n")
    assert import_deals(place, export).changes.gone == 1
