"""What a playbook lists that can never be found."""

from __future__ import annotations

from callmine.extractors.letters import letters_in
from callmine.extractors.scanning import WIDEST
from callmine.extractors.sounds import SHORTEST, ways_of
from callmine.playbook import Playbook


def never_heard(playbook: Playbook) -> dict[str, str]:
    """Return names, aliases and spellings of competitors that are never found, each with the reason."""
    found = {}
    for rival in playbook.competitors:
        for name in (rival.name, *rival.aliases, *rival.heard_as):
            ways = [way for way in ways_of(name) if letters_in("".join(way)) >= SHORTEST]
            if not ways:
                found[name] = "it has fewer than two letters and digits"
            elif min(map(len, ways)) > WIDEST:
                found[name] = f"it has more than {WIDEST} words"
    return found
