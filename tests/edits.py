"""What people say of a report, with a store opened for it."""

from __future__ import annotations

from typing import Any

from callmine.operations import card_edits, digest_picks
from callmine.playbook import Competitor
from callmine.store import Store
from callmine.workspace import Workspace


def edit_card(place: Workspace, competitor: Competitor, **said: Any) -> None:
    """Change a battlecard; see :func:`callmine.operations.card_edits.edit_card`."""
    with Store(place.database) as store:
        card_edits.edit_card(store, place, competitor, **said)


def edit_digest(place: Workspace, **said: Any) -> None:
    """Change the digest's quotes; see :func:`callmine.operations.digest_picks.edit_digest`."""
    with Store(place.database) as store:
        digest_picks.edit_digest(store, place, **said)
