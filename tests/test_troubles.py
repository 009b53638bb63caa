"""How failed and skipped calls are told."""

from __future__ import annotations

from callmine.cli.troubles import MOST, CallTrouble, trouble_lines


def failed(source: str, message: str, hint: str = "Mend it.") -> CallTrouble:
    """Return a call that failed."""
    return CallTrouble("failed in read", source, message, hint)


def test_one_message_is_told_once() -> None:
    """However many calls it is about: five are named, and how many more there are is said."""
    lines = list(trouble_lines(failed(f"{n}.json", f"{n}.json: cannot be read") for n in range(1200)))
    assert lines == [
        "failed in read: 1,200 calls: cannot be read",
        "  0.json, 1.json, 2.json, 3.json, 4.json and 1,195 more (`--json`)",
        "  Mend it.",
    ]


def test_few_are_all_named_and_one_keeps_its_words() -> None:
    """A message may name its file, or not; nothing is told as left out where nothing is."""
    told = [failed("a.vtt", "a.vtt: no turns", ""), failed("b.vtt", "b.vtt: no turns", "")]
    assert list(trouble_lines([*told, failed("c.vtt", "it is gone")])) == [
        "failed in read: 2 calls: no turns",
        "  a.vtt, b.vtt",
        "failed in read: c.vtt: it is gone",
        "  Mend it.",
    ]


def test_many_messages_are_cut() -> None:
    """Calls that all fail in their own way do not flood a terminal."""
    lines = list(trouble_lines(failed("x.vtt", f"x.vtt: at byte {n}", "") for n in range(MOST + 7)))
    assert len(lines) == MOST + 1
    assert lines[-1] == "… and 7 calls more, with other messages (`--json`)"
