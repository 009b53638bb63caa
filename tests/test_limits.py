"""What a report is limited to, as part of its file's name: no report writes over another one."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import pytest
from commands import callmine
from pydantic import ValidationError

from callmine.delivery_settings import Recipient
from callmine.domain import digest_of
from callmine.errors import UsageError
from callmine.operations.sendable import sendable
from callmine.operations.sendable_values import Ask
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
    Limits("smb product=rota"),
    Limits("smb", "rota"),
    Limits("smb", '"rota"'),
    Limits('"smb', "rota"),
    Limits("smb", "rota persona=cfo"),
    Limits("smb", "rota", "cfo"),
    Limits("smb", persona="rota product=cfo"),
    Limits("客" * 41, "客" * 40, "客" * 40),
    Limits("客" * 40, "客" * 41, "客" * 40),
    Limits(f"mid market {digest_of('mid-market')[:12]}"),
    Limits(f"{digest_of('(—)')[:12]}"),
)


def test_other_limits_have_another_name() -> None:
    """Whatever signs their names are of; and each is a name that any file may have."""
    slugs = [limits.slug for limits in DIFFERENT]
    assert [(a, b) for a, b in combinations(slugs, 2) if a == b] == []
    assert all(slug.startswith("-") and slug.replace("-", "").replace("_", "").isalnum() for slug in slugs)
    assert (Limits().slug, Limits("Mid Market").slug) == ("", "-mid-market")


def test_other_limits_have_another_key() -> None:
    """Of what is kept, built and sent for whom: nobody gets what another one is limited to."""
    keys = [limits.key for limits in DIFFERENT]
    assert [(a, b) for a, b in combinations(keys, 2) if a == b] == []
    more = (
        ("product rota", "", ""),
        ("", "rota", ""),
        ("a; persona b", "", ""),
        ("a", "", "b"),
        ("", "", "b"),
        ("", "a; persona b", ""),
        ("", "a", "b"),
        ("a; product", "", "b"),
        ("a; product b", "", ""),
        ("a", "b", ""),
        ('"product rota"', "", ""),
    )
    names = {(one.segment or "", one.product or "", one.persona or "") for one in DIFFERENT} | {*more}
    recipients = [Recipient(email="a@b.example", segment=s, product=p, persona=k) for s, p, k in names]
    assert [(a, b) for a, b in combinations([one.within for one in recipients], 2) if a == b] == []


def test_keys_of_ordinary_names_stay_as_they_are() -> None:
    """What was sent and kept under them is found again."""
    assert Limits("Mid-Market ", "Larkmoor Rota").key == "segment=mid-market product=larkmoor rota"
    asked = {"segment": " R&D; Labs", "product": "Product Insight", "persona": "CFO"}
    who = Recipient(email="a@b.example", **asked)
    assert who.within == "r&d; labs; product product insight; persona cfo"


def test_a_blank_name_limits_nobody() -> None:
    """It is refused: it read as everything in one place, and as deals without a segment in another."""
    with pytest.raises(ValidationError, match="is blank"):
        Recipient(email="a@b.example", segment=" ")


def test_the_longest_names_fit_into_the_name_of_a_file() -> None:
    """Of 255 bytes, whatever letters they are of, with what comes before and behind."""
    name = f"review-lost-2026-01-01-to-2026-12-31{Limits('客' * 99, '𝔊' * 99, 'x' * 99).slug}.json"
    assert len(name.encode()) <= 255


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


@pytest.mark.parametrize(
    ("words", "others", "about"),
    [
        (
            ("battlecard", "Lantern"),
            (
                ("--since", "2026-03-01"),
                ("--until", "2026-08-01"),
                ("--since", "2026-03-01", "--until", "2026-08-01"),
            ),
            "Lantern",
        ),
        (
            ("brief", "--since", "2026-02-01", "--until", "2026-07-31", "--as-of", "2026-07-31"),
            (("--since", "2026-03-01"), ("--as-of", "2026-08-05")),
            "2026-02-01/2026-07-31",
        ),
    ],
    ids=["battlecard", "brief"],
)
def test_a_page_that_is_sent_is_not_written_over_by_one_of_other_days(
    place: Workspace, words: tuple[str, ...], others: tuple[tuple[str, ...], ...], about: str
) -> None:
    """Where days are asked for they stand in the name; a message links to the page of what it tells."""
    paths = []
    for more in ((), *others):
        made = callmine(*words, *more, at=place.root)
        assert made.code == 0, made.err
        paths.append(Path(made.out.splitlines()[0].removeprefix("wrote ")))
    assert len(set(paths)) == 1 + len(others)
    how = sendable(words[0])
    assert how.page(how.build(place, Ask(subject=about))) == paths[0].name


def test_messages_that_end_before_they_begin_say_so(place: Workspace) -> None:
    """And not that there was no later call."""
    with pytest.raises(UsageError, match="ends on 2026-W20, before it begins on 2026-W30"):
        sendable("messages").build(place, Ask(subject="2026-W30/2026-W20"))
