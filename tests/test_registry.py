"""Names to classes."""

from __future__ import annotations

from importlib.metadata import EntryPoint

import pytest

from callmine import registry
from callmine.errors import UsageError


@pytest.mark.parametrize(
    ("group", "name"), [(group, name) for group, names in registry.BUILT_IN.items() for name in names]
)
def test_every_built_in_name_leads_to_a_class(group: str, name: str) -> None:
    """The table does not point at anything that was renamed."""
    assert isinstance(registry.load(group, name), type)


def test_unknown_name_is_told_with_the_nearest() -> None:
    """A misspelt engine is wrong usage, and the known ones are listed."""
    with pytest.raises(UsageError, match="did you mean 'faster_whisper'") as raised:
        registry.load("engines", "fast_whisper")
    assert "replay" in raised.value.hint


def test_other_packages_add_names_but_do_not_take_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    """An entry point adds an engine; one with a name of ours is not used."""

    def fake(group: str) -> list[EntryPoint]:
        return [
            EntryPoint("parrot", "collections:OrderedDict", group),
            EntryPoint("replay", "collections:OrderedDict", group),
        ]

    monkeypatch.setattr(registry, "entry_points", fake)
    assert registry.load("engines", "parrot").__name__ == "OrderedDict"
    assert registry.load("engines", "replay").__name__ == "Replay"
