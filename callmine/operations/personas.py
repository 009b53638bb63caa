"""Whose words are a persona's: speakers whose name says a title, or who say it of themselves."""

from __future__ import annotations

import re
from collections.abc import Callable

from callmine.domain import Role
from callmine.playbook import Persona
from callmine.store import Store

Voice = tuple[str, str]
"""A call and a speaker in it."""

Says = Callable[[str], bool]
"""Whether a text says something."""

_SUPPOSED = "".join(
    rf"(?<!\b{word}\s)" for word in ("if", "when", "until", "once", "unless", "say", "imagine", "suppose")
)
"""Not after these: "if I'm the CFO, I want a discount" makes nobody one."""

_QUOTED = r"(?<![\"“„«‘])"
"""Nor where somebody's words begin."""

_OF_ONESELF = (
    rf"(?<!\w){_SUPPOSED}{_QUOTED}"
    r"(?:i\s+am|i[’']m|my\s+(?:role|title|job)\s+is|i\s+work\s+as)\s+(?:(?:the|an?|your|our|their)\s+)?"
)
"""What stands before a title where somebody says what they are. A mere "as" is none: "as the CFO said"."""

_CLAUSE_ENDS = (
    r"(?=\s*(?:$|[.,;:!()…—–]|-\s|--)"
    r"|\s+(?:of|at|here|for|so|but|and\s+(?:i|we))(?![\w-]))"
)
"""What follows the title then: not so in "the CFO's assistant", "CFO-level" and "am I the CFO?"."""

_ANOTHERS = r"(?<!\bto\s)(?<!\bto\sthe\s)(?<!\bto\sour\s)(?<!\bof\sthe\s)(?<!\bex-)"
"""In a name: "Ann Lee, assistant to the CFO" is somebody else."""


def named(words: str) -> Says:
    """Return whether a text has these very words, in any case and with any blanks between them."""
    return _search(rf"(?<!\w){_literal(words)}(?!\w)")


def holds_title(title: str) -> Says:
    """Return whether a speaker's name says that they have this title: ``Petra Voss, CFO``."""
    return _search(rf"(?<!\w){_ANOTHERS}{_literal(title)}(?!\w|[’'-]\w)")


def claims_title(title: str) -> Says:
    """Return whether somebody says of themselves that they have this title: ``I'm the CFO here``.

    What is not said plainly is not taken: all that a voice says in an account hangs on it.
    """
    return _search(f"{_OF_ONESELF}{_literal(title)}{_CLAUSE_ENDS}")


def voices_of(persona: Persona, store: Store) -> set[Voice]:
    """Return the voices that are known to be of a persona.

    Of prospects only; somebody who is one in one call is one in all calls of the same account.
    """
    titles = persona.titles or (persona.name,)
    known = store.prospects_named()
    holds = [holds_title(title) for title in titles]
    found = {(v.call_id, v.speaker) for v in known if any(says(v.name) for says in holds)}
    for title in titles:
        says_so = claims_title(title)
        found |= {
            (call_id, speaker)
            for call_id, speaker, role, text in store.said_anywhere(title)
            if role == Role.PROSPECT and says_so(text)
        }
    people = {
        (v.account.casefold(), v.name.casefold())
        for v in known
        if v.account and (v.call_id, v.speaker) in found
    }
    return found | {
        (v.call_id, v.speaker) for v in known if ((v.account or "").casefold(), v.name.casefold()) in people
    }


def _literal(words: str) -> str:
    return r"\s+".join(map(re.escape, words.split()))


def _search(pattern: str) -> Says:
    found = re.compile(pattern, re.IGNORECASE)
    return lambda text: found.search(text) is not None
