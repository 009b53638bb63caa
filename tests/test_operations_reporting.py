"""Reports: which week, which outcomes, and files as private as they were."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest
from commands import callmine

from callmine.errors import StoreError, UsageError
from callmine.operations.reporting import digest_of_week, remark_on, write_digest
from callmine.operations.workspaces import init_workspace
from callmine.reports.digest_values import Digest
from callmine.store import Store
from callmine.workspace import find_workspace


def _outcomes(digest: Digest) -> set[str]:
    """Return the outcomes of the quotes in a digest."""
    from callmine.reports.render.json import JSON

    value = JSON.value(digest)
    found: set[str] = set()

    def look(part: object) -> None:
        if isinstance(part, dict):
            if isinstance(part.get("outcome"), str):
                found.add(part["outcome"])
            for inner in part.values():
                look(inner)
        elif isinstance(part, list):
            for inner in part:
                look(inner)

    look(value)
    return found


def test_outcomes_are_those_of_the_weeks_sunday(spoken: Path) -> None:
    """A deal won on the Monday after is open in the week's digest, also west of Greenwich."""
    place = find_workspace(spoken)
    assert place.settings.timezone == "America/New_York"
    assert "won" not in _outcomes(digest_of_week(place, week="2026-W40"))
    assert "open" in _outcomes(digest_of_week(place, week="2026-W40"))


def test_outcomes_as_of_a_day_include_that_day(spoken: Path) -> None:
    """``--as-of`` the closing day knows the outcome, the day before does not."""
    place = find_workspace(spoken)
    assert "won" in _outcomes(digest_of_week(place, week="2026-W40", as_of="2026-10-05"))
    assert "won" not in _outcomes(digest_of_week(place, week="2026-W40", as_of="2026-10-04"))


def test_a_report_is_kept_once(own: Path) -> None:
    """Writing the same digest again keeps one copy of its value."""
    place = find_workspace(own)
    for _ in range(2):
        write_digest(place, week="2026-W40", formats=("md",))
    with Store(place.database) as store:
        rows = list(store.table_rows("reports"))
    assert [(row["kind"], row["subject"]) for row in rows] == [("digest", "2026-W40")]
    assert json.loads(rows[0]["value"])


def test_no_digest_without_a_run_or_a_date(tmp_path: Path) -> None:
    """Before the first run there is no database; without a dated call there is no week."""
    init_workspace(tmp_path / "place")
    place = find_workspace(tmp_path / "place")
    with pytest.raises(StoreError) as raised:
        digest_of_week(place)
    assert "callmine run" in raised.value.hint
    with Store(place.database):
        pass
    with pytest.raises(UsageError, match="no call has a date"):
        digest_of_week(place)


@pytest.mark.parametrize(
    ("today", "said"),
    [
        ("2026-10-05", "week 2026-W40 (28 September – 4 October 2026): the last complete week"),
        ("2026-10-13", "the last complete week with a call; there is none since, in 2026-W41"),
        ("2026-11-22", "the last complete week with a call; there is none since, in 2026-W41 to 2026-W46"),
        ("2026-10-01", "it is not over yet; no complete week has a call"),
    ],
)
def test_the_week_is_said_and_why_it_is_an_old_one(spoken: Path, today: str, said: str) -> None:
    """A digest of weeks ago says that no call came since."""
    now = datetime.fromisoformat(f"{today}T12:00:00+00:00")
    assert remark_on("2026-W40", find_workspace(spoken), now=now).endswith(said)


def test_the_commands_say_which_week_it_is(own: Path) -> None:
    """On stderr, when no week was named; ``run`` with a recipe as well."""
    told = callmine("digest", "--format", "json", "-o", "-", at=own)
    assert told.err.startswith("week 2026-W40 (28 September – 4 October 2026): ")
    assert json.loads(told.out)
    assert callmine("digest", "--week", "2026-W40", "--format", "json", "-o", "-", at=own).err == ""
    (own / "mine.toml").write_text('stages = []\n[[reports]]\nkind = "digest"\nformats = ["json"]\n')
    assert "week 2026-W40" in callmine("run", "mine.toml", at=own).err
    assert "week 2026-W40" not in callmine("run", "mine.toml", "--quiet", at=own).err


def test_a_report_stays_as_private_as_it_was(own: Path, tmp_path: Path) -> None:
    """The digest, the tables and a transcript are written over files that nobody else may read."""
    (own / "out").mkdir()
    files = [tmp_path / "digest.md", tmp_path / "call.txt", own / "out" / "calls.csv"]
    for file in files:
        file.write_text("old")
        file.chmod(0o600)
    assert callmine("digest", "--week", "2026-W40", "--format", "md", "-o", files[0], at=own).code == 0
    assert callmine("transcript", "first.vtt", "-o", files[1], at=own).code == 0
    assert callmine("export", "out", at=own).code == 0
    assert [(file.read_text() == "old", file.stat().st_mode & 0o777) for file in files] == [
        (False, 0o600)
    ] * 3
