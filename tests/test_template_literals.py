"""Literals of Markdown templates: what they print is escaped, and escaping strips blanks at the ends."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files

import pytest
from jinja2 import nodes

from callmine.reports.render.markdown import environment

TEMPLATES = sorted(
    one.name
    for one in files("callmine.reports.render").joinpath("templates").iterdir()
    if one.name.endswith(".md.j2")
)


def printed(node: nodes.Node) -> Iterator[str]:
    """Yield the literals that an expression prints as they are."""
    if isinstance(node, nodes.Const) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, nodes.CondExpr):
        yield from printed(node.expr1)
        if node.expr2 is not None:
            yield from printed(node.expr2)
    elif isinstance(node, nodes.Or | nodes.And):
        yield from printed(node.left)
        yield from printed(node.right)


@pytest.mark.parametrize("name", TEMPLATES)
def test_no_literal_begins_or_ends_with_a_blank(name: str) -> None:
    """It would be lost: ``23 days;Demo``. What is between values is joined in Python instead."""
    made = environment()
    assert made.loader is not None
    source = made.loader.get_source(made, name)[0]
    for output in made.parse(source).find_all(nodes.Output):
        for child in output.nodes:
            assert [text for text in printed(child) if text != text.strip()] == []
