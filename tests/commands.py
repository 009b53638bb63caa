"""Run commands as a person would, and a small workspace of imported transcripts to run them on."""

from __future__ import annotations

import contextlib
import io
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

from callmine import cli

HOSTILE = "\x1b[31mred\u202etxt.vtt"
"""A file name that would colour a terminal and turn the direction of its text."""

PLAYBOOK = """\
[company]
name = "Larkmoor"
domains = ["larkmoor.example"]

[[competitors]]
name = "Lantern"
aliases = ["Lantern Shift"]

[[trackers]]
name = "outage"
words = ["outage", "went down"]
role = "prospect"
"""

MANIFEST = """\
path,external_id,started_at,rep,account,deal_id,participants,consent,type
first.vtt,REC-1,2026-09-29T10:00:00+02:00,Maya Linden,"=HYPERLINK(""http://x"")",D-1,{people},yes,sales
second.json,REC-2,2026-09-30T10:00:00+02:00,Maya Linden,Vellmore Clinics,D-2,{people},yes,sales
broken.vtt,,2026-09-30T12:00:00+02:00,,,,,yes,sales
refused.vtt,,2026-09-30T13:00:00+02:00,,,,,no,sales
"""

DEALS = """\
deal_id,name,account,stage,outcome,amount,currency,created_at,close_date,loss_reason
D-1,Brennholt: ovens,Brennholt Bakeries,Closed Won,won,48000,EUR,2026-09-01,2026-10-05,
D-2,Vellmore: clinics,Vellmore Clinics,Closed Lost,lost_competitor,9000,EUR,2026-09-01,2026-10-02,Lantern
"""

FIRST = (
    ("Maya Linden", "So how do you plan the shifts today?"),
    ("Petra Voss", "Honestly, your price is far too high for us."),
    ("Maya Linden", "I see, let us look at what it saves."),
    ("Petra Voss", "We also looked at Lantern last year, and they were half the price."),
    ("Petra Voss", "And when you went down in March we lost a whole day."),
)

SECOND = (
    ("Maya Linden", "Thank you for taking the time."),
    ("Petra Voss", "We have no budget for that this year, it is simply too expensive."),
)


@dataclass(frozen=True, slots=True)
class Told:
    """What a command said: exit code, stdout, stderr."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What was printed on stdout, as a value."""
        return json.loads(self.out)


def callmine(*words: str | Path, at: Path | None = None) -> Told:
    """Run ``callmine WORDS`` in this process, in the folder ``at``."""
    out, err = io.StringIO(), io.StringIO()
    place = contextlib.chdir(at) if at else contextlib.nullcontext()
    argv = mock.patch.object(sys, "argv", ["callmine", *map(str, words)])
    with place, argv, contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = cli._run()
    return Told(code, out.getvalue(), err.getvalue())


def vtt(turns: tuple[tuple[str, str], ...]) -> str:
    """Return turns as Teams writes them, five seconds each."""
    cues = (
        f"00:00:{5 * i:02d}.000 --> 00:00:{5 * i + 4:02d}.000\n<v {who}>{text}</v>\n"
        for i, (who, text) in enumerate(turns)
    )
    return "WEBVTT\n\n" + "\n".join(cues)


def own_json(turns: tuple[tuple[str, str], ...]) -> str:
    """Return turns in callmine's own format."""
    said = [
        {"index": i, "speaker": who, "start_ms": 5000 * i, "end_ms": 5000 * i + 4000, "text": text}
        for i, (who, text) in enumerate(turns)
    ]
    return json.dumps({"call_id": "whatever", "language": "en", "utterances": said})


def write_calls(folder: Path) -> Path:
    """Write transcripts and their manifest into ``folder``; return the manifest."""
    folder.mkdir()
    people = "Maya Linden <maya@larkmoor.example>; Petra Voss <petra@brennholt.example>"
    (folder / "first.vtt").write_text(vtt(FIRST))
    (folder / "second.json").write_text(own_json(SECOND))
    (folder / "broken.vtt").write_text("this is no transcript")
    (folder / "refused.vtt").write_text(vtt(SECOND))
    (folder / HOSTILE).write_text(vtt((("Nobody \x1b[2J", "Hello."), ("Other", "Good morning to you."))))
    manifest = folder / "calls.csv"
    manifest.write_text(MANIFEST.format(people=people))
    return manifest


def make_workspace(base: Path) -> Path:
    """Make a workspace under ``base``, take transcripts and deals in, and run everything."""
    folder = base / "workspace"
    manifest = write_calls(base / "calls")
    assert callmine("init", folder).code == 0
    (folder / "playbook.toml").write_text(PLAYBOOK)
    settings = (folder / "callmine.toml").read_text()
    settings = settings.replace('timezone = "UTC"', 'timezone = "America/New_York"')
    (folder / "callmine.toml").write_text(settings.replace('"faster_whisper"', '"replay"', 1))
    (base / "deals.csv").write_text(DEALS)
    assert callmine("deals", base / "deals.csv", "-w", folder).code == 0
    assert callmine("add", base / "calls", "--manifest", manifest, "-w", folder).code == 0
    ran = callmine("run", "--jobs", "1", "-w", folder)
    assert ran.code == 6, ran.err
    return folder


def leaves() -> Iterator[tuple[str, ...]]:
    """Yield every command as its words."""
    from typer.main import get_command

    def below(command: Any, words: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        parts = getattr(command, "commands", None)
        if not parts:
            yield words
        for name, part in (parts or {}).items():
            yield from below(part, (*words, name))

    yield from below(get_command(cli.app), ())
