"""Make a workspace, empty or with the sample calls."""

from __future__ import annotations

from pathlib import Path

import callmine
from callmine.config import Settings, load_settings, settings_text
from callmine.errors import MissingDependency, UsageError
from callmine.operations.deals import import_deals
from callmine.operations.intake import Intake, add_paths
from callmine.playbook import Playbook, parse_playbook
from callmine.reports.text import listed
from callmine.workspace import Workspace

PLAYBOOK = """\
# What callmine listens for. Check it with `callmine playbook check`.

[company]
name = "Acme Analytics"
products = ["Acme Insight"]
domains = ["acme.example"]  # whoever has such an address is one of us

# [[competitors]]
# name = "Northwind"
# aliases = ["Northwind Traders"]
# heard_as = ["north win"]  # spellings of the recogniser that a person confirmed

# The twelve objections (price, timing, authority, no_need, incumbent, trust, feature_gap,
# integration, security, implementation, contract, brush_off) are built in.
# [[objections]]
# label = "price"
# title = "Price and budget"

# [[messages]]
# id = "fast-close"
# text = "Close the month in three days instead of ten"

# [[answers]]
# objection = "price"
# text = "Compare it with three days of your team's month-end"
"""


def placeholder_in(playbook: Playbook) -> str:
    """Return what of ``[company]`` is still the example's, in words; empty if nothing is."""
    example, ours = parse_playbook(PLAYBOOK).company, playbook.company
    names = {ours.name, *ours.products} & {example.name, *example.products}
    return listed(sorted(names) + sorted(set(ours.domains) & set(example.domains)))


def init_workspace(folder: Path, *, sample: bool = False) -> tuple[Workspace, Intake | None]:
    """Make ``folder`` a workspace; with ``sample``, one with the sample calls and deals.

    Returns:
        The workspace, and what was taken in.

    Raises:
        UsageError: The folder is a workspace already, is a file, or cannot be made.
        MissingDependency: The sample is not part of this installation.
    """
    if folder.is_file():
        raise UsageError(f"{folder} is a file", hint="Give the name of a folder to make.")
    if (folder / "callmine.toml").exists():
        raise UsageError(f"{folder} is a workspace already", hint="Go into it and use `callmine run`.")
    source = sample_folder() if sample else None
    settings = load_settings(None, {"timezone": "Europe/Berlin"} if sample else {})
    # Environment variables are layers of their own and must not be frozen into the file.
    written = Settings(timezone=settings.timezone) if sample else Settings()
    playbook = (source / "playbook.toml").read_text("utf-8") if source else PLAYBOOK
    try:
        for name in ("inbox", "reports"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        # A playbook that is there already is somebody's work.
        if not (folder / "playbook.toml").exists():
            (folder / "playbook.toml").write_text(playbook, "utf-8")
        # The settings file comes last: with it the folder becomes a workspace.
        (folder / "callmine.toml").write_text(settings_text(written), "utf-8")
    except OSError as error:
        raise UsageError(f"{folder} cannot be made: {error}", hint="Choose another folder.") from error
    workspace = Workspace(folder.resolve(), settings)
    if source is None:
        return workspace, None
    import_deals(workspace, source / "deals.csv")
    return workspace, add_paths(workspace, [], manifest=source / "manifest.csv")


def sample_folder() -> Path:
    """Return the folder of the sample calls.

    Raises:
        MissingDependency: This installation has none.
    """
    folder = Path(callmine.__file__).parent.parent / "data" / "sample"
    if not (folder / "manifest.csv").is_file():
        raise MissingDependency(
            "the sample calls come with the source, not with the installed package",
            hint="Clone the repository and run `make demo` there.",
        )
    return folder
