"""Names to classes, imported late, so that ``callmine --help`` stays quick.

Other packages add engines, extractors and transcript formats through entry points in the groups
``callmine.engines``, ``callmine.extractors`` and ``callmine.formats``; a name of ours cannot be
taken over.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any

from callmine.errors import UsageError
from callmine.validation import did_you_mean

BUILT_IN: Mapping[str, Mapping[str, str]] = {
    "engines": {
        "faster_whisper": "callmine.engines.faster_whisper:FasterWhisper",
        "openai_whisper": "callmine.engines.openai_whisper:OpenAIWhisper",
        "replay": "callmine.engines.replay:Replay",
    },
    "extractors": {
        "objections": "callmine.extractors.objections:ObjectionExtractor",
        "competitors": "callmine.extractors.competitors:CompetitorExtractor",
        "positioning": "callmine.extractors.positioning:PositioningExtractor",
        "requests": "callmine.extractors.requests:RequestExtractor",
        "examples": "callmine.extractors.examples:ExampleExtractor",
        "trackers": "callmine.extractors.trackers:TrackerExtractor",
    },
    "formats": {},
}
"""``group -> name -> module:attribute`` of what comes with callmine."""


def known(group: str) -> dict[str, str]:
    """Return ``name -> module:attribute`` of a group, other packages' included."""
    found = {e.name: e.value for e in entry_points(group=f"callmine.{group}")}
    return {**found, **BUILT_IN[group]}


def load(group: str, name: str) -> Any:
    """Return the class behind a name.

    Raises:
        UsageError: The group has no such name.
    """
    names = known(group)
    if name not in names:
        raise UsageError(
            f"there is no {name!r} among the {group}{did_you_mean(name, names)}",
            hint=f"Known: {', '.join(sorted(names))}.",
        )
    module, _, attribute = names[name].partition(":")
    return getattr(import_module(module), attribute)
