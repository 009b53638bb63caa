"""Every page that callmine writes: the one list that tests of all pages go through."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

from tests.commands import callmine

PAGES = {
    "digest": "digest --week {week}",
    "battlecard": "battlecard {competitor} --since {since} --until {until}",
    "messages": "messages --since {since}",
    "outcomes": "outcomes --since {since} --until {until}",
    "messages": "messages --weeks 40",
    "review": "review {deal}",
    "brief": "brief --since {since} --until {until}",
    "period": "review --lost --since {since} --until {until}",
}
"""Name of a page to the command that writes it. A new report is one line here."""

FORMATS = ("html", "md", "json", "pdf")
"""What each is written as."""


@dataclass(frozen=True, slots=True)
class About:
    """What pages of a workspace are about."""

    week: str
    deal: str
    since: str
    until: str
    competitor: str = "Lantern"


SMALL_YEAR = About(week="2026-W03", deal="D-01", since="2026-01-01", until="2026-10-31")
"""Of :func:`tests.closed_store.small_year`."""

SAMPLE = About(week="2026-W40", deal="L-2102", since="2026-01-01", until="2026-10-31")
"""Of the sample."""


def write(name: str, format: str, workspace: Path, about: About, folder: Path, *extra: str) -> Path:
    """Write a page into ``folder`` and return the file; nothing is redacted unless ``extra`` says so."""
    file = folder / f"{name}.{format}"
    words = [word.format(**asdict(about)) for word in PAGES[name].split()]
    told = callmine(*words, *(extra or ("--no-redact",)), "-o", file, "-w", workspace)
    assert told.code == 0, told.err
    return file
