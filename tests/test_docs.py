"""The documentation is true: generated pages, commands, examples and links."""

from __future__ import annotations

import importlib.util
import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from typer.main import get_command

from callmine.cli import app
from callmine.config import Settings
from callmine.crm import load_mapping
from callmine.operations.recipes import Recipe
from callmine.playbook import Playbook, parse_playbook

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)
LINK = re.compile(r"\[[^\]\n]*\]\(([^)\s]+)\)")


@pytest.fixture(scope="module")
def generate() -> ModuleType:
    """The script that writes the generated pages."""
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def blocks(page: Path, language: str) -> list[str]:
    """Return the fenced blocks of a page that are marked with a language."""
    return [text for name, text in FENCE.findall(page.read_text("utf-8")) if name == language]


def command_lines() -> Iterator[tuple[str, str]]:
    """Yield ``(page, command line)`` of every callmine command in a ``console`` block."""
    for page in PAGES:
        for block in blocks(page, "console"):
            for line in block.replace("\\\n", " ").splitlines():
                for part in re.split(r"&&|\|", line.removeprefix("$ ")):
                    if part.strip().startswith("callmine "):
                        yield page.name, part.strip()


def test_generated_pages_are_up_to_date(generate: ModuleType) -> None:
    """After a change of commands, settings or schema: ``make docs``."""
    assert generate.stale() == []
    assert generate.main(["--check"]) == 0


def test_generated_pages_say_everything(generate: ModuleType) -> None:
    """Every argument and option has a meaning, and every setting is on its page."""
    assert not re.findall(r"^\| `[^`]+` \|  \|", generate.commands_page(), re.M)
    assert all(
        f"`{name}`" in generate.settings_page() or f"[{name}]" in generate.settings_page()
        for name in Settings.model_fields
    )


def test_a_forgotten_page_is_found(
    generate: ModuleType,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """``--check`` fails and names the pages; without it they are written."""
    monkeypatch.setattr(generate, "DOCS", tmp_path)
    assert generate.main(["--check"]) == 1
    assert "docs/commands.md is not up to date" in capsys.readouterr().out
    assert generate.main([]) == 0
    assert generate.stale() == []


@pytest.mark.parametrize(("page", "line"), command_lines(), ids=lambda text: text)
def test_commands_in_the_docs_parse(page: str, line: str) -> None:
    """Each command of each page exists, and so do its options; nothing is run."""
    line = line.partition(" > ")[0]  # what follows is the shell's
    command, words = get_command(app), shlex.split(line, comments=True)[1:]
    while getattr(command, "commands", None) and words and words[0] != "--help":
        assert words[0] in command.commands, f"{page}: {line}"
        command, words = command.commands[words[0]], words[1:]
    command.make_context("callmine", list(words))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_resolve(page: Path) -> None:
    """Every link to a file and every link to a heading leads somewhere."""
    for target in LINK.findall(page.read_text("utf-8")):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, heading = target.partition("#")
        found = page.parent / name if name else page
        assert found.exists(), f"{page.name}: {target}"
        if heading:
            titles = re.findall(r"^#+ (.+)$", found.read_text("utf-8"), re.M)
            slugs = [re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles]
            assert heading in slugs, f"{page.name}: {target}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_path_of_a_machine(page: Path) -> None:
    """Nobody's home folder or temporary folder is in the documentation."""
    assert not re.search(r"/(?:home|root|Users|tmp|work)/", page.read_text("utf-8"))


def test_every_playbook_example_loads() -> None:
    """What the page shows can be pasted as it stands; every section and key is shown."""
    page = ROOT / "docs" / "playbook.md"
    examples = blocks(page, "toml")
    company = '[company]\nname = "Us"\n\n'
    for example in examples:
        parse_playbook(example if "[company]" in example else company + example)
    shown = tomllib.loads("\n".join(examples))
    assert set(shown) == set(Playbook.model_fields)
    for section, info in Playbook.model_fields.items():
        model = info.annotation if section == "company" else info.annotation.__args__[0]  # type: ignore[union-attr]
        parts = [shown[section]] if section == "company" else shown[section]
        used = {key for part in parts for key in part}
        assert used == set(model.model_fields), section  # type: ignore[union-attr]


def test_every_mapping_and_recipe_example_loads(tmp_path: Path) -> None:
    """The mapping files on the deals page and the recipe on the operations page are sound."""
    for number, text in enumerate(blocks(ROOT / "docs" / "deals.md", "toml")):
        path = tmp_path / f"{number}.toml"
        path.write_text(text)
        load_mapping(path)
    for text in blocks(ROOT / "docs" / "operations.md", "toml"):
        Recipe.model_validate(tomllib.loads(text))


def test_exit_codes_are_those_of_the_errors() -> None:
    """The table names every code that an error carries."""
    from callmine import errors

    table = (ROOT / "docs" / "operations.md").read_text("utf-8")
    codes = {e.exit_code for e in vars(errors).values() if isinstance(e, type) and hasattr(e, "exit_code")}
    assert all(f"\n| {code} |" in table for code in codes | {0, 130})
