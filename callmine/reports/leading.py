"""Which quote leads where something goes with winning, or with losing: one of such a deal."""

from __future__ import annotations

from callmine.domain import Outcome
from callmine.outcomes.verdicts import Verdict
from callmine.store.rows import EvidenceRow


def led_by(rows: list[EvidenceRow], verdict: Verdict | None) -> list[EvidenceRow]:
    """Return rows with the best one of a won deal first where something goes with winning.

    And with the best one of a lost deal where it goes with losing; otherwise in the order they have.

    Args:
        rows: The best first.
        verdict: What can be said of them.
    """
    lead = next((row for row in rows if _ended_so(row.outcome, verdict)), None)
    return rows if lead is None else [lead, *(row for row in rows if row is not lead)]


def _ended_so(outcome: Outcome | None, verdict: Verdict | None) -> bool:
    if verdict is Verdict.WINS:
        return outcome is Outcome.WON
    return verdict is Verdict.LOSSES and outcome is not None and outcome.is_lost
