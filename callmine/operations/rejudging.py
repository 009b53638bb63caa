"""Judge again how deals ended, when the playbook's competitors are other ones than they were."""

from __future__ import annotations

from functools import lru_cache

from callmine.crm import Mapping, outcome_of
from callmine.domain import Outcome
from callmine.playbook import Playbook
from callmine.store import Store


def rivals_of(playbook: Playbook | None) -> tuple[str, ...]:
    """Return the names and aliases by which loss reasons may speak of competitors, in order, each once."""
    names = [name for c in playbook.competitors for name in (c.name, *c.aliases)] if playbook else []
    return tuple(sorted(set(names)))


def judge_again(store: Store, playbook: Playbook) -> dict[str, Outcome]:
    """Judge the outcome of every deal again, by what its import kept, if competitors' names changed.

    Only outcomes change, and history says when: which call belongs to which deal goes by whether a deal
    is closed, not by how. Deals that were taken in before imports kept their words stay as they are.

    Returns:
        What changed, by deal.
    """
    rivals = rivals_of(playbook)
    judged = list(store.deals_to_judge())
    if all(deal.rivals == rivals for deal in judged):
        return {}
    changed = {}
    for row in judged:
        deal, words = row.deal, row.words
        outcome, _ = outcome_of(
            outcome=words.outcome,
            is_won=words.is_won,
            is_closed=words.is_closed,
            stage=deal.stage,
            loss_reason=deal.loss_reason,
            competitor=deal.competitor,
            pipeline=deal.pipeline,
            mapping=_mapping(row.mapping),
            rivals=rivals,
        )
        if outcome is not deal.outcome:
            changed[deal.deal_id] = outcome
    store.set_outcomes(changed, rivals=rivals)
    return changed


@lru_cache(maxsize=64)
def _mapping(text: str) -> Mapping:
    return Mapping.model_validate_json(text)
