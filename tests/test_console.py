"""Progress: a line now and then off a terminal, bars on one, nothing when quiet."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap

import pytest

from callmine import console
from callmine.console import Meter


def test_off_a_terminal_a_stage_is_two_lines_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    """Beginning and end are said; steps in quick succession are not."""
    with Meter() as meter:
        meter.begin("extract", 3)
        for name in "abc":
            meter.step(name)
        meter.end("3 done in 1 s")
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == "extract: 3 to do\nextract: 3 done in 1 s\n"


def test_a_slow_stage_says_how_far_it_is(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Off a terminal a line comes now and then, with the last item."""
    monkeypatch.setattr(console, "LINE_EVERY_S", -1.0)
    with Meter() as meter:
        meter.begin("transcribe", 2)
        meter.step("first.ogg")
        meter.step("second.ogg")
    assert capsys.readouterr().err.splitlines()[1:] == ["transcribe: 1 of 2, last first.ogg"]


def test_a_stage_without_work_is_not_mentioned(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing to do, nothing said."""
    with Meter() as meter:
        meter.begin("link", 0)
        meter.end("nothing to do in 0 s")
    assert capsys.readouterr().err == ""


def test_quiet_is_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    """Not even remarks are shown."""
    with Meter(quiet=True) as meter:
        meter.begin("extract", 3)
        meter.say("fetching a model")
        meter.end("3 done")
    assert capsys.readouterr() == ("", "")


def test_lines_are_printed_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    """Markup and emoji names in file names mean nothing, and long lines are not broken."""
    text = "[red]x[/red] :phone: " + "very " * 40 + "long"
    with Meter() as meter:
        meter.say(text)
    assert capsys.readouterr().err == text + "\n"


def test_on_a_terminal_there_is_a_bar(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A terminal shows the stage and how many of its jobs are done; it is left in order."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    with Meter() as meter:
        meter.begin("extract", 2)
        meter.step("[bold]a.ogg")
        meter.step("b.ogg")
        meter.say("a remark")
        meter.end("2 done in 1 s")
    said = capsys.readouterr().err
    assert "extract" in said
    assert "2/2" in said
    assert "a remark" in said


GONE = """
    import os, sys
    from callmine.console import Meter

    reader, writer = os.pipe()
    os.dup2(writer, sys.stderr.fileno())
    os.close(writer)
    with Meter() as meter:
        meter.say("heard")
        os.close(reader)
        for _ in range(3):
            meter.say("unheard " * 10_000)
    print("the run goes on")
"""


@pytest.mark.parametrize("colour", ["", "1"], ids=["lines", "bar"])
def test_a_run_does_not_end_because_nobody_reads_its_progress(colour: str) -> None:
    """``callmine run 2>&1 | head``: the work is done all the same."""
    env = {**os.environ, "FORCE_COLOR": colour} if colour else dict(os.environ)
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(GONE)], capture_output=True, text=True, env=env, check=False
    )
    assert (done.returncode, done.stdout) == (0, "the run goes on\n")
