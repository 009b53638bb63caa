"""What every reader of a CRM's tables promises: documented errors only, and no row without a trace."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callmine.crm import Problem, read_deals, suggest_mapping
from callmine.crm.history import read_history
from callmine.errors import UsageError


@dataclass(frozen=True)
class Read:
    """What a reader made of a file: how many rows it kept, and what it says of others."""

    kept: int
    problems: tuple[Problem, ...]


def deals(path: Path) -> Read:
    """Rows that became deals."""
    found = read_deals(path)
    return Read(len(found.deals), found.problems)


def history(path: Path) -> Read:
    """Rows that became moments."""
    found = read_history(path)
    return Read(len(found.moments), found.problems)


def suggestion(path: Path) -> Read:
    """A suggestion keeps nothing and complains of nothing."""
    suggest_mapping(path)
    return Read(0, ())


HEADERS = {
    deals: ["deal_id", "stage", "amount", "close_date", "is_won"],
    history: ["deal_id", "stage", "amount", "close_date", "at"],
}
READERS = pytest.mark.parametrize(
    "reader", [deals, history, suggestion], ids=lambda reader: reader.__name__
)

CELL = st.sampled_from(
    [
        "D-1",
        "D-2",
        "006000000000001AAA",
        "",
        "n/a",
        "Closed Won",
        "1.234,56",
        "USD 5",
        "2026-03-28",
        "28.03.2026",
        "2026-03-28T10:00:00Z",
        "9999-99-99",
        "TRUE",
        "a\nb",
        'say "x"',
        ",;\t|",
        "Grand Totals (3)",
    ]
) | st.text(st.characters(exclude_categories=("Cs",)), max_size=10)


@READERS
@given(data=st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, reader: Callable[[Path], Read], data: bytes
) -> None:
    """One sentence with a way out is the only other end."""
    path = tmp_path_factory.getbasetemp() / f"{reader.__name__}.csv"
    path.write_bytes(b"deal_id,at,stage,amount\nD,2026-09-01,Won,5\n" + data)
    try:
        reader(path)
    except UsageError as error:
        if not error.hint:
            raise


def _cell(text: str) -> str:
    """A cell as it is read: without blanks, and "n/a" as nothing."""
    return "" if text.strip() == "n/a" else text.strip()


@pytest.mark.parametrize("reader", list(HEADERS), ids=lambda reader: reader.__name__)
@given(
    rows=st.lists(st.lists(CELL, min_size=5, max_size=5), max_size=6),
    dialect=st.tuples(
        st.sampled_from(",;\t|"), st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
    ),
)
def test_every_row_is_kept_or_told_with_its_line(
    tmp_path_factory: pytest.TempPathFactory,
    reader: Callable[[Path], Read],
    rows: list[list[str]],
    dialect: tuple[str, str],
) -> None:
    """Whatever separator, encoding and line breaks: what became nothing is a problem of its own line."""
    separator, encoding = dialect
    path = tmp_path_factory.getbasetemp() / f"{reader.__name__}-rows.csv"
    with path.open("w", newline="", encoding=encoding) as file:
        csv.writer(file, delimiter=separator).writerows([HEADERS[reader], *rows])
    found = reader(path)
    filled = [row for row in rows if any(cell.strip() for cell in row)]
    if reader is history:  # a change that is told twice is one
        filled = [list(row) for row in {tuple(_cell(cell) for cell in row) for row in filled}]
    assert found.kept + len({p.line for p in found.problems}) >= len(filled)
    lines = len(list(io.StringIO(path.read_bytes().decode(encoding), newline="")))
    assert all(1 < p.line <= lines for p in found.problems)
