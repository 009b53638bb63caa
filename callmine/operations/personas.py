"""Whose words are a persona's: speakers whose name says a title, or who say it of themselves."""

from __future__ import annotations

from callmine.domain import Role
from callmine.operations.titles import claims_title, holds_title
from callmine.playbook import Persona
from callmine.store import Store

Voice = tuple[str, str]
"""A call and a speaker in it."""


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
