"""What a playbook lists that can never be found, or would be found in anything that is said."""

from __future__ import annotations

from collections.abc import Sequence

from callmine.extractors.examples import MIN_WORDS, is_comparable
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


def not_compared(playbook: Playbook) -> list[str]:
    """Return a sentence for each label and tracker with examples that are too short to compare.

    It says which they are, and whether the label or tracker finds nothing without them.
    """
    listed: list[tuple[str, Sequence[str], Sequence[str]]] = [
        (f"objection label {one.label!r}", one.examples, ()) for one in playbook.objections if one.enabled
    ]
    listed += [(f"tracker {one.name!r}", one.examples, one.words) for one in playbook.trackers]
    found = []
    for what, examples, words in listed:
        short = [example for example in examples if not is_comparable(example)]
        if short:
            quoted = ", ".join(map(repr, short))
            deaf = len(short) == len(examples) and not words
            found.append(
                f"{what}: {quoted} {'is' if len(short) == 1 else 'are'} not compared with what is said: an"
                f" example needs {MIN_WORDS} words"
                + (", so nothing is found; write sentences as buyers say them" if deaf else "")
            )
    return found
