"""The mapping file: what it can say, and how its faults are told."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from callmine.crm import load_mapping, parse_mapping
from callmine.crm.mapping import Columns, phrase
from callmine.crm.read import COLUMNS
from callmine.domain import Deal
from callmine.errors import SettingsError

DOCS = Path(__file__).parents[1] / "docs" / "deals.md"


def test_an_empty_mapping_is_the_default() -> None:
    """Every column defaults to its own name, and covers every field of a deal but the outcome's flags."""
    mapping = parse_mapping("")
    assert all(getattr(mapping.columns, name) == (name,) for name in Columns.model_fields)
    assert set(COLUMNS) == set(Deal.__dataclass_fields__) | {"is_won", "is_closed"}


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (
            '[columns]\nammount = "x"',
            "mapping.toml:2: columns.ammount: unknown key (did you mean 'amount'?)",
        ),
        ('[formats]\ndate_format = "dd.mm.yyyy"', "write one such as %d.%m.%Y"),
        ('[formats]\ndate_format = "%d.%m."', "does not describe a date"),
        ('[formats]\ndate_format = "%"', "does not describe a date"),
        ('[formats]\nencoding = "klingon"', "not a text encoding"),
        ('[formats]\nencoding = "rot13"', "not a text encoding"),
        ('[formats]\ndecimal = "x"', "decimal"),
        ('[formats]\ncurrency = "euro"', "currency"),
        ("[outcome]\nwon = [3]", "won"),
        ('[colums]\nx = "y"', "colums: unknown key (did you mean 'columns'?)"),
        ("[columns", "not valid TOML"),
    ],
)
def test_faults_are_told_with_line_and_suggestion(text: str, fault: str) -> None:
    """A fault names its line and key, and what to write instead."""
    with pytest.raises(SettingsError) as caught:
        parse_mapping(text)
    assert fault in caught.value.message
    assert caught.value.hint


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    """A missing or binary file is a usage error with the file's name."""
    with pytest.raises(SettingsError, match="no such mapping"):
        load_mapping(tmp_path / "none.toml")
    path = tmp_path / "m.toml"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError, match="cannot be read"):
        load_mapping(path)
    path.write_text('[columns]\namount = "Betrag"', encoding="utf-8")
    assert load_mapping(path).columns.amount == ("Betrag",)


def test_phrases_are_whole_words_with_stars() -> None:
    """A phrase is text, not an expression."""
    assert phrase("no  budget").search("There was No Budget.")
    assert not phrase("budget").search("budgetary")
    assert phrase("budget*").search("budgetary")
    assert not phrase("a.c").search("abc")


def test_the_documented_mappings_are_valid() -> None:
    """Every mapping shown in the documentation can be used as it stands."""
    blocks = re.findall(r"```toml\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    assert blocks
    for block in blocks:
        parse_mapping(block)


def test_the_documented_columns_are_the_columns() -> None:
    """The page lists exactly the default columns."""
    table = DOCS.read_text(encoding="utf-8").split("## Columns")[1].split("\n## ")[0]
    named = set(re.findall(r"`([a-z_]+)`", "".join(re.findall(r"^\| ([^|]+) \|", table, re.MULTILINE))))
    assert named == set(COLUMNS)
