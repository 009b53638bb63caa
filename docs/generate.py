"""Write the pages that come from the code: commands, settings and schema.

Run ``python docs/generate.py`` after a change to the command line, the settings or the database,
and ``python docs/generate.py --check`` to learn whether that was forgotten.
"""

from __future__ import annotations

import inspect
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from enum import Enum
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

from pydantic import BaseModel
from typer.models import ArgumentInfo, OptionInfo

from callmine.cli import app
from callmine.config import Settings
from callmine.store.database import open_database
from callmine.store.meanings import TABLES

DOCS = Path(__file__).parent
MADE = "<!-- Made by docs/generate.py from the code; do not edit. -->\n"


def pages() -> dict[str, str]:
    """Return the pages: file name to text."""
    return {"commands.md": commands_page(), "settings.md": settings_page(), "schema.md": schema_page()}


def stale() -> list[str]:
    """Return the pages that are not there or not up to date."""
    return [
        name
        for name, text in pages().items()
        if not (DOCS / name).is_file() or (DOCS / name).read_text("utf-8") != text
    ]


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table; bars in cells are escaped."""
    lines = [header, ["---"] * len(header), *rows]
    return "".join("| " + " | ".join(c.replace("|", "\\|") for c in line) + " |\n" for line in lines)


# -- commands ------------------------------------------------------------------------------------


def commands_page() -> str:
    """Return the page of every command with its arguments, options and example."""
    parts = [
        "# Commands\n",
        MADE,
        "Results go to stdout, progress and messages to stderr. `--json` prints the same facts for scripts."
        " Without `-w`, the workspace is `CALLMINE_WORKSPACE`, else the nearest folder upwards that holds"
        " `callmine.toml`. Exit codes are in [operations](operations.md#exit-codes).\n",
    ]
    parts += [command_section(words, function) for words, function in commands()]
    return "\n".join(parts)


def commands() -> Iterator[tuple[str, Callable[..., object]]]:
    """Yield ``(words, function)`` of every command, groups opened."""
    groups = [("callmine", app), *((f"callmine {g.name}", g.typer_instance) for g in app.registered_groups)]
    for words, group in groups:
        for command in group.registered_commands if group else ():
            if command.callback is not None:
                yield f"{words} {command.name or command.callback.__name__}", command.callback


def command_section(words: str, function: Callable[..., object]) -> str:
    """Return a command's part of the page."""
    about, _, example = (inspect.getdoc(function) or "").partition("\n\nExample: ")
    shown, arguments, options = words, [], []
    hints = get_type_hints(function, include_extras=True)
    for name, parameter in inspect.signature(function).parameters.items():
        kind, info = get_args(hints[name])[:2]
        if isinstance(info, ArgumentInfo):
            usual = info.metavar or name.upper() + ("..." if "list[" in str(kind) else "")
            usual = usual if parameter.default is parameter.empty else f"[{usual}]"
            shown += f" {usual}"
            arguments.append((f"`{usual}`", info.help or ""))
        else:
            # Inside of Annotated, Typer takes its "default" for the first name.
            given = [n for n in (info.default, *(info.param_decls or ())) if isinstance(n, str)]
            names = ", ".join(given or [f"--{name.replace('_', '-')}"])
            options.append(
                (f"`{names}{value_of(kind, info)}`", info.help or "", default_of(parameter.default))
            )
    text = f"## {words}\n\n{about.strip()}\n\n```text\n{shown}{' [OPTIONS]' if options else ''}\n```\n"
    if arguments:
        text += "\n" + table(("argument", "meaning"), arguments)
    if options:
        text += "\n" + table(("option", "meaning", "default"), options)
    return text + f"\n```console\n$ {example.strip()}\n```\n"


def value_of(kind: Any, info: OptionInfo) -> str:
    """Return the name of an option's value, or its choices."""
    if kind is bool:
        return ""
    if info.metavar:
        return f" {info.metavar}"
    names = {"Path": "PATH", "int": "NUMBER", "float": "NUMBER", "str": "TEXT"}
    inner = next((part for part in (*get_args(kind), kind) if part is not type(None)), str)
    if get_origin(inner) is list:
        inner = get_args(inner)[0]
    if isinstance(inner, type) and issubclass(inner, Enum):
        return " " + "|".join(str(choice.value) for choice in inner)
    return f" {names[inner.__name__]}"


def default_of(value: object) -> str:
    """Return an option's default, where it says something."""
    shown = value.value if isinstance(value, Enum) else value
    nothing = (None, False, "", inspect.Parameter.empty)  # an option without a default has to be given
    return "" if shown in nothing else f"`{shown}`"


# -- settings ------------------------------------------------------------------------------------


def settings_page() -> str:
    """Return the page of every key of ``callmine.toml``."""
    parts = [
        "# Settings\n",
        MADE,
        "`callmine.toml` lies at the root of a workspace; `callmine init` writes it with every key and its"
        " default. An environment variable wins over the file, and an option of the command over both.\n",
        "## At the top\n",
        settings_table(Settings, ""),
    ]
    for key, info in Settings.model_fields.items():
        section = info.annotation
        if isinstance(section, type) and issubclass(section, BaseModel):
            parts += [f"## [{key}]\n", f"{inspect.getdoc(section)}\n", settings_table(section, key)]
            for name, field in section.model_fields.items():
                if (item := tables_in(field.annotation)) is not None:
                    about = inspect.getdoc(item)
                    parts += [f"## [[{key}.{name}]]\n", f"{about}\n", table_keys(item)]
    parts.append(
        "## Other variables\n\n"
        + table(
            ("variable", "meaning"),
            [
                ("`CALLMINE_WORKSPACE`", "the workspace, where `-w` is not given"),
                ("`CALLMINE_MODELS`", "the model folder; wins over `models_folder`"),
            ],
        )
    )
    return "\n".join(parts)


def settings_table(model: type[BaseModel], section: str) -> str:
    """Return the table of a section's keys."""
    rows = []
    for key, info in model.model_fields.items():
        if isinstance(info.annotation, type) and issubclass(info.annotation, BaseModel):
            continue
        variable = "CALLMINE_" + (f"{section}__{key}" if section else key).upper()
        value = info.get_default(call_default_factory=True)
        shown = setting_of(value)
        rows.append(
            (f"`{key}`", type_name(info.annotation), f"`{shown}`", f"`{variable}`", info.description)
        )
    return table(("key", "type", "default", "variable", "meaning"), [[str(c) for c in row] for row in rows])


def tables_in(annotation: Any) -> type[BaseModel] | None:
    """Return what a list of tables holds; ``None`` for any other setting."""
    inner = get_args(annotation)[:1]
    return next((i for i in inner if isinstance(i, type) and issubclass(i, BaseModel)), None)


def table_keys(model: type[BaseModel]) -> str:
    """Return the table of the keys of one in a list; no variable can set them one by one."""
    rows = [
        (
            f"`{key}`",
            type_name(info.annotation),
            f"`{setting_of(info.get_default())}`",
            info.description or "",
        )
        for key, info in model.model_fields.items()
    ]
    return table(("key", "type", "default", "meaning"), rows)


def setting_of(value: object) -> str:
    """Return a setting's value as it is written in TOML."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return f"[{', '.join(map(setting_of, value))}]"
    return f'"{value}"' if isinstance(value, str) else str(value)


def type_name(annotation: Any) -> str:
    """Return a type as a person would write it."""
    if get_origin(annotation) is Literal:
        return " or ".join(f"`{choice}`" for choice in get_args(annotation) if choice)
    if tables_in(annotation) is not None:
        return "list of tables"
    if get_origin(annotation) is tuple:
        return f"list of {type_name(get_args(annotation)[0])}"
    if get_origin(annotation) is dict:
        return "table"
    return {"str": "text", "int": "whole number", "float": "number", "bool": "true or false"}[
        annotation.__name__
    ]


# -- schema --------------------------------------------------------------------------------------


def schema_page() -> str:
    """Return the page of the database: what the schema says, with what it means."""
    parts = [
        "# Schema\n",
        MADE,
        "`callmine.db` is an SQLite database. Read it with anything; write to it only with callmine. Times"
        " in a call are milliseconds, ranges are half-open, instants are UTC.\n",
    ]
    with tempfile.TemporaryDirectory() as folder:
        database = open_database(Path(folder) / "callmine.db")
        for name, (meaning, columns) in TABLES.items():
            keys = {
                row["from"]: f"`{row['table']}.{row['to']}`"
                for row in database.query(f'PRAGMA foreign_key_list("{name}")')
            }
            rows = [
                (
                    f"`{column.name}`",
                    column.type,
                    "key" if column.is_pk else "" if column.notnull else "may be null",
                    keys.get(column.name, ""),
                    columns[column.name],
                )
                for column in database.table(name).columns
            ]
            parts += [
                f"## {name}\n",
                f"{meaning}\n",
                table(("column", "type", "", "refers to", "meaning"), rows),
            ]
        database.close()
    parts.append("## utterances_fts\n\nThe full-text index over `utterances.text` (FTS5, Porter stems).\n")
    return "\n".join(parts)


def main(arguments: Sequence[str]) -> int:
    """Write the pages, or with ``--check`` only say which are stale; return the exit code."""
    if "--check" in arguments:
        names = stale()
        sys.stdout.write("".join(f"docs/{name} is not up to date\n" for name in names))
        return 1 if names else 0
    for name, text in pages().items():
        (DOCS / name).write_text(text, "utf-8")
        sys.stdout.write(f"wrote docs/{name}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
