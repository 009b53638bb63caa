"""A workspace in which messages are said, taken up, said otherwise, and left for other claims."""

from __future__ import annotations

from pathlib import Path

from callmine.domain import Kind, Outcome
from callmine.store import Store
from callmine.workspace import Workspace
from tests.builders import a_deal
from tests.closed_store import Said, an_answer, buyer, make_workspace, put_call, rep

SWAPS = "[[people swap shifts on their phone]], you only confirm."
LUNCH = "[[the plan was done before lunch]] for once."
PRICE = "Honestly, [[the price is too high]] for us."


def claim(words: str) -> Said:
    """A rep's claim that is no approved message."""
    return rep(words, kind=Kind.POSITIONING, label="rep", detail={"side": "rep", "sort": "value"})


def own_words(words: str, sort: str = "success", **detail: int) -> Said:
    """A prospect's words for value, pain or success."""
    told = {"side": "prospect", "sort": sort, **detail}
    return buyer(words, "prospect", kind=Kind.POSITIONING, detail=told)


def with_messages(folder: Path, name: str = "", deals: int = 24) -> Workspace:
    """Deals with one call each, of which those that heard the first message are won most often.

    Args:
        folder: Where.
        name: What all names in it begin with.
        deals: How many.
    """
    made = make_workspace(folder)
    with Store(made.database) as store:
        for n in range(deals):
            fast = n % 2 == 0
            won = (fast and n % 6) or n % 8 == 1
            deal = a_deal(
                f"D-{n:02d}",
                name=f"{name}Rollout {n}",
                account=f"{name}Brennholt {n}",
                outcome=Outcome.WON if won else Outcome.LOST_COMPETITOR,
                close_date=f"2026-09-{1 + n % 28:02d}",
                segment=f"{name}SMB" if n % 3 else f"{name}Enterprise",
            )
            store.import_deals([deal], at="2026-09-30T08:00:00Z", delta=True)
            words = "A rota in an hour instead of a day" if n < 12 else "Your plan is there before coffee"
            turns = [
                rep(f"[[{words}]], I say.", "fast-rota") if fast else claim(f"{name}With us {SWAPS}"),
                own_words("So [[a rota in an hour]], that we want.", "value", echoes=0)
                if n % 4 < 2
                else own_words(f"In the pilot {LUNCH}"),
                buyer(PRICE, "price"),
                an_answer("[[Set it against three days of planning]].", "evidence", 2),
            ]
            if n % 5 == 0:
                turns.append(rep("And there are [[fewer calls at the last minute]].", "fewer-calls"))
            week = f"2026-{6 + n // 12:02d}-{1 + n % 12 * 2:02d}T08:00:00Z"
            put_call(store, f"{name}{n:02d}.vtt", *turns, deal=f"D-{n:02d}", started_at=week)
    return made
