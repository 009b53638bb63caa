"""``playbook check`` and ``playbook suggest``: what callmine listens for, and what it may lack."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from callmine.cli.common import JsonOption, WorkspaceOption, print_json, printable, say, spoken_by
from callmine.reports.text import plural
from callmine.spans import clock

if TYPE_CHECKING:
    from callmine.operations.suggestion import Suggestion

app = typer.Typer(no_args_is_help=True, help="What callmine listens for.", rich_markup_mode=None)


@app.callback()
def _group() -> None:
    """What callmine listens for."""


@app.command()
def check(
    file: Annotated[Path | None, typer.Argument(help="Playbook; default: the workspace's.")] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Validate a playbook; every fault is named with its line.

    Names that can never be heard, and examples that are too short to compare, are noted.

    Example: callmine playbook check
    """
    from callmine.extractors.faults import never_heard, not_compared
    from callmine.operations.workspaces import placeholder_in
    from callmine.playbook import load_playbook
    from callmine.workspace import find_workspace

    path = file or find_workspace(workspace).playbook
    playbook = load_playbook(path)
    if placeholder := placeholder_in(playbook):
        say(
            f"note: [company] is still the example ({placeholder}); write your own name, products and"
            " domains there: reports are signed with the name, and the domains tell who is one of you",
            err=True,
        )
    for name, why in never_heard(playbook).items():
        say(
            f"note: no competitor is ever found by the name {printable(name)!r}: {why}; add what people"
            " say instead to its aliases",
            err=True,
        )
    for fault in not_compared(playbook):
        say(f"note: {printable(fault)}", err=True)
    if as_json:
        print_json({"playbook": playbook.digest, **playbook.model_dump(mode="json")})
        return
    say(
        f"{path} is fine: {plural(len(playbook.competitors), 'competitor')},"
        f" {plural(len(playbook.titles()), 'objection label')},"
        f" {plural(len(playbook.messages), 'message')}, {plural(len(playbook.trackers), 'tracker')}"
        f" (version {playbook.digest})"
    )


@app.command()
def suggest(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Propose competitors that the playbook does not know, and spellings of those it does.

    Each comes with who said it where, ready to paste into playbook.toml. Nothing is changed.

    Example: callmine playbook suggest
    """
    from callmine.operations.suggesting import suggest as suggestions
    from callmine.workspace import find_workspace

    def progress(text: str) -> None:
        say(text, err=True)

    found = suggestions(find_workspace(workspace), progress=progress)
    if as_json:
        print_json(found)
        return
    if not found:
        say("nothing to propose: no unknown name was compared with us often enough", err=True)
        return
    say("# Judged by software: read the quotes, and paste into playbook.toml what is right.")
    for one in found:
        say("\n" + "\n".join(_as_toml(one)))


def _as_toml(one: Suggestion) -> list[str]:
    """Return a suggestion as TOML, its evidence as comments.

    File names and transcripts are other people's: no line break in them may end a comment.
    """
    return [printable(line) for line in _lines(one)]


def _lines(one: Suggestion) -> list[str]:
    sides = {"prospect": "prospects", "rep": "our reps", "unknown": "speakers not known"}
    by = ", ".join(f"{sides[side]} {count}" for side, count in one.by.items())
    lines = [f"# {one.name}: {plural(one.mentions, 'mention')} in {plural(one.calls, 'call')}; by {by}"]
    for said in one.evidence:
        who = spoken_by(said.speaker_name, said.role.value, said.role.value)
        where = f"{said.source} @ {clock(said.play_ms)}"
        lines.append(f"#   “{' '.join(said.text.split())}” {who}, {where}")
    if one.of is not None:
        return [*lines, f"# To [[competitors]] {one.of} add:", f"# {one.key} = [{_quoted(one.name)}]"]
    lines += ["[[competitors]]", f"name = {_quoted(one.name)}"]
    return [*lines, f"aliases = [{', '.join(map(_quoted, one.aliases))}]"] if one.aliases else lines


def _quoted(name: str) -> str:
    """Return a name as a TOML string; JSON's escapes are TOML's, too."""
    return json.dumps(name, ensure_ascii=False)
