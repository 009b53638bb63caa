"""The command contract: help, exit codes, streams, and how the workspace is found."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from commands import HOSTILE, callmine, leaves

from callmine import errors
from callmine.pipeline import only_run

HEAVY = ("torch", "faster_whisper", "spacy", "sklearn", "distributed", "datasette", "sqlite_utils", "llm")


@pytest.mark.parametrize("words", leaves(), ids=" ".join)
def test_help_of_every_command_has_an_example(words: tuple[str, ...]) -> None:
    """``--help`` goes to stdout and shows one real command line of this very command."""
    told = callmine(*words, "--help")
    assert (told.code, told.err) == (0, "")
    assert f"Example: callmine {' '.join(words)}" in " ".join(told.out.split())


def test_version_is_told() -> None:
    """For bug reports: one line on stdout."""
    from importlib import metadata

    told = callmine("--version")
    assert (told.code, told.out) == (0, f"callmine {metadata.version('callmine')}\n")


def test_help_imports_nothing_heavy() -> None:
    """``callmine --help`` is quick because no model library is loaded for it."""
    program = (
        "import sys; sys.argv = ['callmine', '--help']\n"
        "from callmine import cli\n"
        "code = cli._run()\n"
        f"found = [name for name in {HEAVY!r} if name in sys.modules]\n"
        "print('FOUND', code, found)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.rstrip().endswith("FOUND 0 []")


@pytest.mark.parametrize(
    "words",
    [
        ("nonsense",),
        ("findings", "--nonsense"),
        ("findings", "--kind", "objektion"),
        ("findings", "--since", "last week"),
        ("digest", "--format", "docx"),
        ("digest", "--week", "2026-W60"),
        ("digest", "--as-of", "friday"),
        ("transcript",),
        ("transcript", "no-such-call"),
        ("run", "--jobs", "0"),
        ("run", "no-such-recipe"),
        ("run", "--call", "abc"),
        ("correct",),
        ("correct", "abc", "--right", "--wrong"),
        ("correct", "abc", "--right", "--swap"),
        ("correct", "--roles", "REC-1", "--wrong"),
        ("correct", "--link", "REC-1", "D-1", "--label", "price"),
        ("correct", "--missed", "REC-1:1"),
        ("add",),
        ("add", "no-such-file.wav"),
        ("deals", "no-such-file.csv"),
    ],
    ids=" ".join,
)
def test_wrong_usage_is_2_and_says_so_on_stderr(spoken: Path, words: tuple[str, ...]) -> None:
    """A wrong command line prints nothing on stdout, is no bug, and changes nothing."""
    told = callmine(*words, at=spoken)
    assert (told.code, told.out) == (2, "")
    assert told.err.startswith(("Error: ", "Usage: "))
    assert "bug" not in told.err
    assert "Traceback" not in told.err


@pytest.mark.parametrize(
    "words",
    [
        ("calls", "?"),
        ("transcript", "?"),
        ("findings", "--call", "?"),
        ("findings", "--label", "?"),
        ("run", "--retranscribe", "--call", "?"),
        ("run", "--dry-run", "--retranscribe", "--call", "?"),
        ("correct", "?", "--wrong"),
        ("correct", "--roles", "?"),
        ("correct", "--missed", "?:1", "--label", "price"),
        ("correct", "--link", "?", "D-1"),
        ("correct", "--link", "REC-1", "?"),
        ("forget", "--voice", "?"),
        ("forget", "--voice", "?", "--undo"),
        ("add", "?"),
    ],
    ids=" ".join,
)
def test_an_argument_that_is_no_text_is_wrong_usage(spoken: Path, words: tuple[str, ...]) -> None:
    """An old file name that a shell completed: there is nothing of that name, and that is no bug."""
    told = callmine(*(word.replace("?", "Gespr\udce4ch.wav") for word in words), at=spoken)
    assert (told.code, told.out) == (2, "")
    assert told.err.startswith("Error: ")
    assert "Traceback" not in told.err


@pytest.mark.parametrize("words", [(), ("models",), ("playbook",)], ids=str)
def test_no_command_shows_the_help(words: tuple[str, ...]) -> None:
    """Without a command the list of commands is shown, as wrong usage."""
    told = callmine(*words)
    assert told.code == 2
    assert "Commands:" in told.out + told.err


def test_missing_model_is_3(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An unknown model, and a workspace whose model is not there, exit with 3."""
    monkeypatch.setenv("CALLMINE_MODELS", str(tmp_path / "models"))
    told = callmine("models", "get", "bse")
    assert told.code == 3
    assert "base" in told.err
    callmine("init", tmp_path / "place")
    told = callmine("doctor", at=tmp_path / "place")
    assert told.code == 3
    assert "FAIL model base" in told.out


def test_nothing_readable_is_4(spoken: Path, tmp_path: Path) -> None:
    """A folder without calls, and a table without deals, exit with 4."""
    (tmp_path / "empty").mkdir()
    assert callmine("add", tmp_path / "empty", "-w", spoken).code == 4
    (tmp_path / "deals.csv").write_text("deal_id,name\n,nobody\n")
    told = callmine("deals", tmp_path / "deals.csv", "-w", spoken)
    assert told.code == 4
    assert "deals.csv:2" in told.err


def test_store_error_is_5(own: Path) -> None:
    """A second run names the first's process; a damaged database is told."""
    with only_run(own):
        told = callmine("run", at=own)
    assert told.code == 5
    assert "process" in told.err
    (own / "callmine.db").write_bytes(b"not a database" * 100)
    told = callmine("status", at=own)
    assert told.code == 5
    assert "callmine.db" in told.err


def test_failed_call_is_6_and_interrupted_is_130(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run with a failed call ends with 6, the next one, with nothing new, with 0; Ctrl-C is 130."""
    (own / "inbox" / "other.vtt").write_text("nothing of the kind")
    told = callmine("run", "--jobs", "1", at=own)
    assert told.code == 6
    assert "failed: other.vtt" in told.err
    assert "1 failed" in told.out
    assert callmine("run", "--jobs", "1", at=own).code == 0

    def stop(*args: object, **kwargs: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("callmine.operations.running.run_workspace", stop)
    told = callmine("run", at=own)
    assert told.code == 130
    assert "run again to go on" in told.err


def test_a_bug_is_1_and_asks_for_a_report(spoken: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error that nobody expected shows its traceback and asks to report it."""

    def burst(workspace: object) -> None:
        raise RuntimeError("unforeseen")

    monkeypatch.setattr("callmine.operations.listing.list_calls", burst)
    told = callmine("calls", at=spoken)
    assert told.code == 1
    assert "unforeseen" in told.err
    assert "please report it" in told.err


def test_every_error_has_its_exit_code() -> None:
    """The exception tree carries the contract's codes."""
    codes = {
        errors.UsageError: 2,
        errors.SettingsError: 2,
        errors.NoWorkspace: 2,
        errors.MissingDependency: 3,
        errors.ModelError: 3,
        errors.NothingReadable: 4,
        errors.StoreError: 5,
        errors.CallError: 6,
        errors.DeliveryError: 7,
    }
    assert {kind: kind.exit_code for kind in codes} == codes


def test_reader_that_goes_away_is_no_error() -> None:
    """``callmine … | head`` ends quietly with 0 when the reader has seen enough."""
    command = [sys.executable, "-m", "callmine", "models", "list", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        said = process.stderr.read()
        assert (process.wait(), said) == (0, b"")


def test_results_go_to_stdout_and_progress_to_stderr(own: Path) -> None:
    """A run prints one line for scripts on stdout; what was going on is on stderr, or nowhere."""
    (own / "playbook.toml").write_text(
        (own / "playbook.toml").read_text() + '\n[[personas]]\nname = "CFO"\n'
    )
    told = callmine("run", "--jobs", "1", at=own)
    assert told.out.startswith("extract 3 in ")
    assert told.out.count("\n") == 1
    assert "extract: 3 to do" in told.err
    told = callmine("run", "--quiet", at=own)
    assert (told.out, told.err) == ("", ""), "cron sends no mail where nothing was done"
    assert callmine("run", at=own).out.startswith("nothing new in ")
    told = callmine("findings", at=own)
    assert told.err.endswith(" counted in reports\n")


def test_workspace_is_named_set_or_above(
    spoken: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``-w`` wins over ``CALLMINE_WORKSPACE``, and that over the nearest parent."""
    callmine("init", tmp_path / "empty")
    monkeypatch.delenv("CALLMINE_WORKSPACE", raising=False)
    assert callmine("calls", "--json", at=tmp_path / "empty" / "inbox").json == []
    monkeypatch.setenv("CALLMINE_WORKSPACE", str(spoken))
    assert len(callmine("calls", "--json", at=tmp_path / "empty").json) > 2
    assert callmine("calls", "--json", "-w", tmp_path / "empty").json == []
    assert callmine("calls", "--json", "--workspace", tmp_path / "empty").json == []


def test_no_workspace_is_told_with_the_next_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Outside of any workspace the message says how to make or name one."""
    monkeypatch.delenv("CALLMINE_WORKSPACE", raising=False)
    told = callmine("calls", at=tmp_path)
    assert told.code == 2
    assert "callmine init" in told.err
    monkeypatch.setenv("CALLMINE_WORKSPACE", str(tmp_path / "gone"))
    for words in (("calls",), ("doctor",), ("models", "list")):
        told = callmine(*words, at=tmp_path)
        assert told.code == 2
        assert "gone" in told.err


@pytest.mark.parametrize(
    "words", [("calls",), ("status",), ("findings",), ("transcript", HOSTILE), ("doctor",)], ids=str
)
def test_hostile_names_cannot_steer_the_terminal(spoken: Path, words: tuple[str, ...]) -> None:
    """Control characters and direction marks from names never reach the terminal."""
    told = callmine(*words, at=spoken)
    for text in (told.out, told.err):
        assert not [c for c in text if c != "\n" and not c.isprintable()]


def test_hostile_names_in_errors_and_corrections(own: Path, tmp_path: Path) -> None:
    """Messages that repeat a name, of a file or from the command line, are harmless as well."""
    call = next(c for c in callmine("calls", "--json", at=own).json if c["source"] == HOSTILE)
    for told in (
        callmine("add", tmp_path / HOSTILE, at=own),
        callmine("correct", "--roles", call["call_id"], at=own),
        callmine("correct", "--missed", f"{call['call_id']}:1", "--label", "price", at=own),
        callmine("correct", "--link", HOSTILE, "none", at=own),
    ):
        assert not [c for c in told.out + told.err if c != "\n" and not c.isprintable()]
        assert "txt.vtt" in told.out + told.err
