"""The second reader as people meet it: settings, run, status, findings, corrections, the digest."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.commands import callmine
from tests.local_models import ASKED

pytestmark = pytest.mark.usefixtures("local_models")

MODEL, HEADLINES = "CALLMINE_SECOND_READER__MODEL", "CALLMINE_SECOND_READER__HEADLINES"


def run(root: Path) -> str:
    """Run; return what was printed, whether or not the broken file failed again."""
    told = callmine("run", "-w", root, "--jobs", "1", "--quiet")
    assert told.code in (0, 6), told.err
    return told.out


def test_without_a_model_nobody_is_asked(own: Path) -> None:
    """As a workspace is made: no stage, no line, no counts."""
    assert "second reader" not in run(own)
    assert "second_read" not in callmine("status", "-w", own).out
    assert callmine("status", "-w", own, "--json").json["second_reader"] == {}
    assert ASKED == []


def test_a_rejected_finding_is_left_out_and_shown_on_demand(
    own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counts and costs are told; JSON always has it; switched off, all is as before."""
    before = callmine("digest", "-w", own, "--week", "2026-W40", "--format", "md", "-o", "-").out
    monkeypatch.setenv(MODEL, "local-words")
    out = run(own)
    assert f"second reader: {len(ASKED)} asked" in out
    assert " tokens in, " in out
    status = callmine("status", "-w", own)
    assert f"second reader, all runs: {len(ASKED)} asked" in status.out
    rows = callmine("findings", "-w", own, "--kind", "objection", "--json").json
    rejected = [r for r in rows if r["second_verdict"] == "rejected"]
    assert rejected
    assert all("budget" in r["utterance"] for r in rejected)
    assert len(ASKED) == len([r for r in rows if r["second_verdict"]])
    short = callmine("findings", "-w", own, "--kind", "objection")
    assert not any(r["finding_id"] in short.out for r in rejected)
    assert f"{len(rejected)} rejected left out, --all shows" in short.err
    assert "[rejected by local-words]" in callmine("findings", "-w", own, "--all").out
    after = callmine("digest", "-w", own, "--week", "2026-W40", "--format", "md", "-o", "-").out
    assert rejected[0]["text"] in before.replace("**", "")
    assert rejected[0]["text"] not in after.replace("**", "")
    asked = len(ASKED)
    monkeypatch.setenv(MODEL, "")
    run(own)
    assert callmine("digest", "-w", own, "--week", "2026-W40", "--format", "md", "-o", "-").out == before
    monkeypatch.setenv(MODEL, "local-words")
    assert f"{asked} answered from earlier, 0 tokens in" in run(own)
    assert len(ASKED) == asked


def test_a_headline_is_shown_with_its_model(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In Markdown, HTML and JSON; asked for once; an invented one would have been dropped."""
    monkeypatch.setenv(MODEL, "local-words")
    monkeypatch.setenv(HEADLINES, "true")
    run(own)
    ASKED.clear()
    page = callmine("digest", "-w", own, "--week", "2026-W40", "--format", "md", "-o", "-").out
    assert "Buyers say that the price is too high (headline by local-words)" in page
    asked = len(ASKED)
    assert asked
    value = callmine("digest", "-w", own, "--week", "2026-W40", "--format", "json", "-o", "-").json
    assert {"text": "Buyers say that the price is too high", "model": "local-words"} in [
        o["headline"] for o in value["objections"]
    ]
    html = callmine("digest", "-w", own, "--week", "2026-W40", "--format", "html", "-o", "-").out
    assert "headline by <bdi>local-words</bdi>" in html
    assert len(ASKED) == asked
    assert callmine("status", "-w", own, "--json").json["second_reader"]["headlines"] == asked


def test_a_digest_comes_without_headlines_when_nobody_answers(
    own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And says so, on stderr."""
    monkeypatch.setenv(MODEL, "local-down")
    monkeypatch.setenv(HEADLINES, "true")
    told = callmine("digest", "-w", own, "--week", "2026-W40", "--format", "md", "-o", "-")
    assert told.code == 0
    assert "headlines are missing: the second reader failed: local-down" in told.err
    assert "headline by" not in told.out
    assert len(ASKED) == 1


@pytest.mark.parametrize(
    ("model", "code", "words"),
    [("local-wordz", 3, "llm models"), ("local-locked", 3, "llm keys set")],
)
def test_a_reader_that_cannot_be_had_stops_the_run(
    own: Path, monkeypatch: pytest.MonkeyPatch, model: str, code: int, words: str
) -> None:
    """Before anything is done, with the next step; other commands go on."""
    monkeypatch.setenv(MODEL, model)
    told = callmine("run", "-w", own, "--jobs", "1")
    assert told.code == code
    assert words in told.err
    assert callmine("findings", "-w", own).code == 0
    assert ASKED == []
