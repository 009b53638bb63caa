"""What a report is limited to, as part of its file's name: no report writes over another one."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import pytest
from commands import callmine

from callmine.reports.limits import Limits
from callmine.workspace import Workspace
from tests.closed_store import small_year

DIFFERENT = (
    Limits("C"),
    Limits("C++"),
    Limits("(—)"),
    Limits("…"),
    Limits("Mid Market"),
    Limits("Mid-Market"),
    Limits("Mid  Market"),
    Limits("mid_market"),
    Limits("x" * 41),
    Limits("x" * 42),
    Limits(product="Mid Market"),
    Limits(persona="Mid Market"),
    Limits("product Mid Market"),
    Limits("Mid", "Market"),
    Limits("Mid", persona="Market"),
    Limits("Mid product Market"),
)


def test_other_limits_have_another_name() -> None:
    """Whatever signs their names are of; and each is a name that any file may have."""
    slugs = [limits.slug for limits in DIFFERENT]
    assert [(a, b) for a, b in combinations(slugs, 2) if a == b] == []
    assert all(slug.startswith("-") and slug.replace("-", "").replace("_", "").isalnum() for slug in slugs)
    assert (Limits().slug, Limits("Mid Market").slug) == ("", "-mid-market")


def test_the_same_limits_have_the_same_name() -> None:
    """In any case, as segments are compared."""
    assert Limits("ENTERPRISE ").slug == Limits("enterprise").slug == "-enterprise"
    assert Limits("C++").slug == Limits(" c++").slug


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return small_year(tmp_path_factory.mktemp("limits") / "workspace")


@pytest.mark.parametrize(
    ("words", "other"),
    [
        (("outcomes", "--until", "2026-08-01"), ("--since", "2026-02-01")),
        (("messages", "--format", "html", "--weeks", "40"), ("--weeks", "2")),
        (("review", "--lost", "--since", "2026-01-01", "--until", "2026-08-01"), ("--since", "2026-02-01")),
    ],
    ids=["outcomes", "messages", "review"],
)
def test_a_page_is_not_written_over_by_a_part_of_it(
    place: Workspace, words: tuple[str, ...], other: tuple[str, ...]
) -> None:
    """A segment's page, and one of fewer days up to the same one, have names of their own."""
    paths = []
    for more in ((), ("--segment", "smb"), other):
        made = callmine(*words, *more, at=place.root)
        assert made.code == 0, made.err
        paths.append(Path(made.out.strip().removeprefix("wrote ")))
    assert len(set(paths)) == 3
    assert paths[1].stem == f"{paths[0].stem}-smb"
