"""Ids of findings in what is read: eight digits in every format but JSON."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TEMPLATES = Path(__file__).parents[1] / "callmine" / "reports" / "render" / "templates"


@pytest.mark.parametrize("name", ["quote.md.j2", "brief_quote.md.j2", "review_quote.md.j2"])
def test_markdown_has_the_page_s_ids(name: str) -> None:
    """A whole id of sixteen digits behind each quote made a page of ids; commands take eight."""
    text = (TEMPLATES / name).read_text(encoding="utf-8")
    assert "w.short_id(q)" in text
    assert not re.search(r"{{ *q\.finding_id", text)
