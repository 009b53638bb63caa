"""``calls``: the list of calls, and all that was noticed in one of them."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from callmine.cli.common import (
    JsonOption,
    WorkspaceOption,
    length,
    print_json,
    print_table,
    printable,
    say,
    spoken_by,
)
from callmine.reports.text import cut_names

_NO_CALL = ("none: this file did not become one", "none yet: `callmine run` reads this file")


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command()(calls)


def calls(
    call: Annotated[
        str | None, typer.Argument(help="Show all of one call or file: id, file or external id.")
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the calls, with deal, outcome and state; or show one, with all that was noticed in it.

    Of one call it says how much speech was found (all channels together), written down and without
    words, what was suppressed and why, what its channels are to each other, and who is who by which
    evidence; of a file that did not become a call, why. Times are those of the workspace's zone; in
    JSON they are UTC.

    Example: callmine calls 3f2a
    """
    from callmine.operations.days import local_time
    from callmine.operations.listing import list_calls, show_call, told_copies
    from callmine.workspace import find_workspace

    place = find_workspace(workspace)
    if call is not None:
        shown = show_call(place, call)
        if as_json:
            print_json(shown)
        else:
            if shown["started_at"]:
                shown["started_at"] = local_time(shown["started_at"], place.settings.timezone)
            _say_call(shown)
        return
    rows = list_calls(place)
    if as_json:
        print_json(rows)
        return
    # Most workspaces have one language: the column is there where it says something.
    spoken = [r["language"] if r["language"] != "en" else None for r in rows]
    other = any(spoken)
    print_table(
        (
            *("call", "started", "length", "account", "deal", "outcome", "status"),
            *(("language",) if other else ()),
            "file",
        ),
        [
            (
                r["call_id"] or "-",
                local_time(r["started_at"], place.settings.timezone) if r["started_at"] else "undated",
                length(r["duration_ms"]),
                r["account"],
                r["deal_id"],
                r["outcome"],
                r["status"],
                *((language,) if other else ()),
                r["source"],
            )
            for r, language in zip(rows, spoken, strict=True)
        ],
    )
    for r in rows:
        for text in told_copies(r["source"], r["recording"], r["copies"]):
            say(text)
        if r["role_doubt"]:
            say(
                f"{r['source']}: {r['role_doubt']}\n  not counted; say callmine correct --roles"
                f" {r['call_id']} if they are right, with --swap if not"
            )


def _linked(call: dict[str, Any]) -> str | None:
    """Return the rule that linked a call's deal, how surely, and why."""
    if call["deal_id"] is None or call["link_rule"] is None:
        return None
    why = cut_names(call["link_why"] or "")
    return f"by {call['link_rule']}, {call['link_confidence'] or 0:.0%} sure; {why}"


def _say_call(call: dict[str, Any]) -> None:
    """Print one call: facts, speech, voices, remarks."""
    lines = [
        ("call", call["call_id"] or _NO_CALL[call["status"] == "pending"]),
        ("file", call["source"]),
        ("started", call["started_at"] or "undated"),
        ("length", length(call["duration_ms"]) if call["call_id"] else ""),
        ("account", call["account"]),
        ("deal", call["deal_id"]),
        ("link", _linked(call)),
        ("outcome", call["outcome"]),
        ("status", call["status"] + (f" ({call['stage']}: {call['reason']})" if call["reason"] else "")),
        ("next", call["hint"]),
        ("language", call["language"]),
        ("engine", " ".join(x for x in (call["engine"], call["model"]) if x)),
    ]
    speech = call["speech"]
    if speech["found_ms"]:
        found, written, left = (
            f"{speech[k] / 1000:.1f} s" for k in ("found_ms", "decoded_ms", "left_out_ms")
        )
        sides = ", all channels together" if speech["channels"] > 1 else ""
        lines.append(("speech", f"{found} found{sides}, {written} written down, {left} without words"))
    if call["engine"]:
        names = call["names"]
        lines.append(("names", ", ".join(names) if names else "none were given to the recogniser"))
    for what, value in lines:
        if value:
            say(f"{what:<9} {printable(str(value))}")
    for voice in call["speakers"]:
        known = f"by {voice['role_source']}, " + (
            "doubted" if call["role_doubt"] else f"{voice['role_confidence']:.0%} sure"
        )
        who = spoken_by(voice["name"], voice["speaker"], voice["role"])
        say(f"{'voice':<9} {voice['speaker']}: {who}{'' if voice['role'] == 'unknown' else f', {known}'}")
    for note in call["notes"]:
        say(f"{'note':<9} {printable(cut_names(note))}")
    if call["role_doubt"]:
        say(f"{'doubt':<9} {printable(call['role_doubt'])}")
        say(
            f"{'':<9} not counted; say callmine correct --roles {call['call_id']} if they are right,"
            " with --swap if not"
        )
    if not call["notes"] and not call["role_doubt"] and call["engine"]:
        say(f"{'note':<9} nothing was suppressed, and there was nothing odd")
