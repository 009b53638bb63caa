"""A lost deal with all that a review tells of, written as if callmine had read its calls; no model runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from callmine.domain import EndWords, Kind, Outcome
from callmine.store import Store
from callmine.workspace import Workspace
from tests.builders import a_deal
from tests.closed_store import PRICE, TRUST, Said, an_answer, buyer, make_workspace, put_call, rep

CONTRACT = ("We cannot sign, [[three years is too long]] for us.", "contract")


def rival(words: str, name: str = "Lantern", **detail: str) -> Said:
    """A prospect's turn that names a competitor."""
    return buyer(words, name, kind=Kind.COMPETITOR, detail=detail)


def asked(words: str) -> Said:
    """A prospect's turn that asks for something."""
    return buyer(words, "request", kind=Kind.REQUEST)


def lost_deal(folder: Path, **changes: Any) -> Workspace:
    """Deal D-1, lost on 2 October: two calls that count, one after the close, an interview, one undated.

    Price is raised in both calls and answered in none; trust is answered in the first, which is accepted.
    """
    made = make_workspace(folder)
    values = {
        "outcome": Outcome.LOST_COMPETITOR,
        "stage": "Closed Lost",
        "close_date": "2026-10-02",
        "loss_reason": "Contract too long",
        "competitor": "Lantern",
        **changes,
    }
    with Store(made.database) as store:
        words = {"D-1": EndWords(reason_labels=("contract",))}
        early = {**values, "outcome": Outcome.OPEN, "close_date": None, "loss_reason": None}
        store.import_deals([a_deal("D-1", **{**early, "stage": "Demo"})], at="2026-09-01T08:00:00Z")
        store.import_deals([a_deal("D-1", **values)], at="2026-10-02T18:00:00Z", words=words)
        calls(store)
    return made


def calls(store: Store, deal: str = "D-1") -> None:
    """Write the calls of such a deal."""
    put_call(
        store,
        f"{deal}-first.vtt",
        rep("You get [[a rota in an hour]], not in a day.", "fast-rota"),
        buyer(*PRICE),
        rep("I see."),
        buyer(*TRUST),
        an_answer("[[Brennholt has used it]] for a year.", "evidence", 3, accepted="yes", shown_in=5),
        buyer("That helps, thank you."),
        asked("Could you [[send the security questionnaire]] to our IT?"),
        rep("Of course."),
        deal=deal,
        title="First call",
        started_at="2026-09-10T08:00:00Z",
    )
    put_call(
        store,
        f"{deal}-second.vtt",
        buyer(*PRICE),
        rival("We are also looking at [[Lantern]] now.", relation="evaluating", stance="positive"),
        asked("The [[security questionnaire, please send]] it."),
        rep("I will look into it."),
        deal=deal,
        title="Second call",
        started_at="2026-09-24T08:00:00Z",
    )
    put_call(
        store,
        f"{deal}-late.vtt",
        buyer(*CONTRACT),
        rep("I see."),
        deal=deal,
        title="After all",
        started_at="2026-10-20T08:00:00Z",
    )
    put_call(
        store,
        f"{deal}-interview.vtt",
        rep("Why did you choose as you did?"),
        buyer(*CONTRACT),
        deal=deal,
        title="What we learned",
        type="interview",
        started_at="2026-10-25T08:00:00Z",
    )
    put_call(store, f"{deal}-undated.vtt", buyer(*TRUST), rep("I see."), deal=deal, started_at=None)
