"""``run``, ``status``, ``retry``, ``doctor``: do the work and see how it stands."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from callmine.cli.common import (
    JsonOption,
    WorkspaceOption,
    counted,
    echo,
    print_json,
    print_table,
    printable,
    say,
    warn,
)
from callmine.cli.sending import say_sent
from callmine.cli.taking_in import say_problems
from callmine.cli.troubles import CallTrouble, trouble_lines, trouble_of
from callmine.reports.text import plural

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from callmine.console import Meter
    from callmine.operations.running import RunOutcome
    from callmine.stage import Result, Tally

NEXT = "next: callmine add FOLDER"
"""What to do in a workspace that nothing was added to."""

JobsOption = Annotated[
    int | None,
    typer.Option(
        min=1,
        max=256,
        help="Worker processes; default: jobs in callmine.toml (0: one per core).",
        show_default=False,
    ),
]


def register(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    app.command()(run)
    app.command()(status)
    app.command()(retry)
    app.command()(doctor)


class _Shown:
    """Passes a run's progress on to a meter."""

    def __init__(self, meter: Meter) -> None:
        self.meter = meter

    def stage_begins(self, stage: str, jobs: int) -> None:
        self.meter.begin(stage, jobs)

    def job_ended(self, stage: str, label: str, result: Result, seconds: float) -> None:
        self.meter.step(printable(label))

    def stage_ended(self, tally: Tally) -> None:
        counts = {"done": tally.done, "skipped": tally.skipped, "failed": tally.failed}
        self.meter.end(f"{counted(counts)} in {tally.seconds:.0f} s")


def run(
    recipe: Annotated[str | None, typer.Argument(help="Recipe: a name or a TOML file.")] = None,
    jobs: JobsOption = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")] = False,
    retranscribe: Annotated[
        bool, typer.Option("--retranscribe", help="Transcribe again, though nothing changed.")
    ] = False,
    call: Annotated[str | None, typer.Option(help="With --retranscribe: only this call.")] = None,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Only say what was read, sent or went wrong.")
    ] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Put everything new or changed through every stage; run it again at any time.

    Example: callmine run --jobs 4
    """
    from callmine.console import Meter
    from callmine.errors import NotYet, UsageError
    from callmine.operations.handing_over import exit_code
    from callmine.operations.recipe_sending import send_of_recipe
    from callmine.operations.recipes import load_recipe
    from callmine.operations.reporting import remark_on, write_digest
    from callmine.operations.running import plan_workspace, run_workspace
    from callmine.workspace import find_workspace

    if call is not None and not retranscribe:
        raise UsageError("--call goes with --retranscribe")
    flags = {"run": {"jobs": jobs}} if jobs else {}
    place = find_workspace(workspace, flags)
    chosen = load_recipe(recipe, place) if recipe else None
    if chosen is not None and chosen.settings:
        place = find_workspace(workspace, chosen.settings_under(flags))
    if dry_run:
        waiting = plan_workspace(place, recipe=chosen, retranscribe=retranscribe, call=call, progress=warn)
        if as_json:
            print_json(waiting)
            return
        for stage, labels in waiting.items():
            echo(f"{stage}: {len(labels)} to do" + "".join(f"\n  {printable(x)}" for x in labels))
        return
    with Meter(quiet=quiet) as meter:
        outcome = run_workspace(
            place,
            recipe=chosen,
            observer=_Shown(meter),
            retranscribe=retranscribe,
            call=call,
            progress=meter.say,
        )
    report = outcome.report
    if not as_json:  # before the reports: one that cannot be built must not hide what failed
        _say_outcome(outcome, quiet=quiet)
    written: list[Path] = []
    for wish in chosen.reports if chosen else ():
        try:
            made = write_digest(place, week=wish.week, formats=wish.formats, progress=warn)
        except NotYet as error:  # the first weeks of a workspace: the job runs again
            if not quiet:
                say(f"the {wish.kind} is not written: {error.message}", err=True)
            continue
        written += made.paths
        if not (wish.week or quiet):
            say(remark_on(made.report.week, place), err=True)
    if not (as_json or quiet):
        for path in written:
            say(f"wrote {path}")
    sent = send_of_recipe(place, chosen, progress=warn, quiet=quiet) if chosen else ()
    # A bug is told before all else; that somebody waits for a report, before a call that cannot be read.
    code = report.exit_code if report.exit_code == 1 else exit_code(sent) or report.exit_code
    if as_json:
        more = {
            "exit_code": code,
            "inbox": outcome.inbox,
            "reports": written,
            "sent": sent,
            "names": outcome.names,
            "judged": outcome.judged,
        }
        print_json({**asdict(report), **more})
    else:
        say_sent([one for one in sent if not (quiet and one.state == "before")])
    if code:
        raise typer.Exit(code)


def _say_outcome(outcome: RunOutcome, *, quiet: bool) -> None:
    report = outcome.report
    say_problems(outcome.inbox.problems)
    for one in outcome.inbox.corrections:
        if one.turns:
            say(f"{one.file}: {plural(one.turns, 'turn')} of {one.source} corrected")
    if report.left_out:
        say(f"{report.left_out} left out of the inbox; mend what is named above and run again", err=True)
    failures = (
        CallTrouble("failed", label, message, hint)
        for tally in report.tallies
        for label, message, hint in tally.failures
    )
    for line in trouble_lines(failures, all_of_them="callmine status --json"):
        say(line, err=True)
    done = ", ".join(f"{t.stage} {t.done}" for t in report.tallies if t.done) or "nothing new"
    skipped = sum(t.skipped for t in report.tallies)
    if not quiet or any(t.done or t.skipped or t.failed for t in report.tallies):
        echo(
            f"{done}"
            + (f"; {skipped} skipped" if skipped else "")
            + (f"; {report.failed} failed (see `callmine status`)" if report.failed else "")
            + f" in {report.seconds:.0f} s"
        )
    if outcome.judged:
        echo(f"{plural(outcome.judged, 'outcome')} judged again: the playbook's competitors changed")
    for tally in report.tallies:
        if tally.stage == "second_read" and tally.counts:
            echo(f"second reader: {second_reader_line(tally.counts)}")
    if outcome.names:
        echo(f"the recogniser listened for {plural(outcome.names, 'name')} of the playbook")
    elif outcome.names == 0:
        echo("the recogniser was given no names of the playbook")
    if outcome.empty and not quiet:
        echo(NEXT)


def second_reader_line(counts: Mapping[str, int]) -> str:
    """Return ``12 asked, 3 answered from earlier, 4,000 tokens in, 300 out`` of the reader's counts."""
    told = {
        "asked": "asked",
        "cached": "answered from earlier",
        "unusable": "unusable",
        "headlines": "headlines asked for",
    }
    parts = [f"{counts[name]:,} {words}" for name, words in told.items() if counts.get(name)]
    parts.append(f"{counts.get('input_tokens', 0):,} tokens in, {counts.get('output_tokens', 0):,} out")
    if left := counts.get("left"):
        parts.append(f"{plural(left, 'finding')} not read yet, the next run goes on")
    return ", ".join(parts)


def status(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Say what is done, pending, skipped and failed, and why.

    Example: callmine status
    """
    from callmine.operations.checking import status_of
    from callmine.workspace import find_workspace

    found = status_of(find_workspace(workspace))
    if as_json:
        print_json(found)
        return
    echo(f"calls: {counted(found.calls) if found.calls else 'none yet'}")
    echo(f"deals: {found.deals}; calls linked to a deal: {found.linked}")
    for ids, what in (
        (found.unknown_deals, "named by calls and never imported"),
        (found.gone_deals, "gone from the last full import, and named by calls or tied to by a person"),
    ):
        if ids:
            more = f" and {len(ids) - 5} more" if len(ids) > 5 else ""
            say(f"{what}: {', '.join(ids[:5])}{more}; see `callmine links`")
    if found.waiting:
        echo(found.waiting)
    if found.speech["found_ms"]:
        heard, missing = (found.speech[key] / 1000 for key in ("found_ms", "left_out_ms"))
        echo(
            f"speech: {heard / 60:.1f} min found, all channels together;"
            f" {missing:.0f} s of it without words"
        )
    if found.languages:
        spoken = ", ".join(f"{language} {count}" for language, count in found.languages.items())
        echo(f"calls in another language: {spoken}; objections are not looked for in them")
    if found.doubted:
        n = len(found.doubted)
        shown = ", ".join(printable(call["source"]) for call in found.doubted[:5])
        echo(
            f"{plural(n, 'call')} whose roles look inverted: {shown}{' and more' if n > 5 else ''};"
            f" not counted, see why with `callmine correct --queue`"
        )
    if found.second_reader:
        echo(f"second reader, all runs: {second_reader_line(found.second_reader)}")
    if not found.calls:
        echo(NEXT)
    if found.stages:
        print_table(
            ("stage", "done", "skipped", "failed"),
            [
                (stage, *(counts.get(status, 0) for status in ("done", "skipped", "failed")))
                for stage, counts in found.stages.items()
            ],
        )
    for text in found.copies:
        say(text)
    for line in trouble_lines(map(trouble_of, found.problems)):
        say(line)


def retry(
    skipped: Annotated[bool, typer.Option("--skipped", help="Skipped calls as well.")] = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Mark failed calls to be tried again by the next run.

    Example: callmine retry && callmine run
    """
    from callmine.operations.checking import retry_failed
    from callmine.workspace import find_workspace

    count = retry_failed(find_workspace(workspace), skipped=skipped)
    echo(f"{count} to be tried again; next: callmine run" if count else "nothing to try again")


def doctor(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Check the installation and, inside a workspace, its files.

    Example: callmine doctor
    """
    from callmine.operations.checking import examine

    checks = examine(workspace)
    if as_json:
        print_json(checks)
    else:
        for check in checks:
            mark = "ok  " if check.ok else "FAIL" if check.exit_code else "warn"
            say(f"{mark} {check.what}: {check.found}")
            if not check.ok and check.hint:
                say(f"     {check.hint}")
    if code := next((check.exit_code for check in checks if not check.ok and check.exit_code), 0):
        raise typer.Exit(code)
