"""What a person is told once something that they said of a report is kept."""

from __future__ import annotations

from callmine.reports.passages import cut_at_word
from callmine.store import Store
from callmine.store.cards import ReportEdit

LONGEST = 80
"""Characters of a quote or a note in a receipt, about."""


def receipts(store: Store, kind: str, subject: str, kept: int) -> tuple[str, ...]:
    """Return a line for each of the last changes of a report: its number, and what it says.

    Args:
        store: Where they are kept.
        kind: Kind of report.
        subject: A battlecard's competitor; empty for the digest.
        kept: How many of the last changes are meant.
    """
    said = store.report_edits(kind, subject)
    found = {
        row.finding_id: row.utterance
        for row in store.evidence(ids=[e.finding_id for e in said if e.finding_id])
    }
    lines = []
    for edit in said[len(said) - kept :]:
        if edit.what == "drop":
            was = next((_words(one, found) for one in said if one.edit_id == edit.about), "")
            lines.append(f"change {edit.about} is taken back: {was}")
        elif edit.what != "approve":  # of a version more is told than its number
            lines.append(f"kept as change {edit.edit_id}: {_words(edit, found)}")
    return tuple(lines)


def _words(edit: ReportEdit, found: dict[str, str]) -> str:
    finding = edit.finding_id or ""
    # Of the turn, as a competitor's mention is its bare name; the id tells which.
    quoted = f"{_cut(found.get(finding, ''))} (finding {finding[:8]})"
    return {
        "pin": f"pinned {quoted}",
        "bar": f"barred {quoted}",
        "note": f"a note in {edit.section}, {_cut(edit.text or '')}",
        "owner": f"its owner is {_plain(edit.text or '')}",
        "approve": f"approved by {_plain(edit.made_by)}",
    }.get(edit.what, edit.what)


def _plain(text: str) -> str:
    return " ".join(text.split())


def _cut(text: str) -> str:
    """Return a text in quotation marks, in one line; a long one is cut at a word."""
    plain = _plain(text)
    short = cut_at_word(plain, LONGEST)
    return f"“{short}”" if short == plain else f"“{short} …”"
