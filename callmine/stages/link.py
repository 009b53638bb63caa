"""Link: a call finds its deal, or the reason why it has none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from callmine.crm.deal_index import DealIndex
from callmine.crm.linking import link_call
from callmine.domain import Call, Deal, Json, Outcome, digest_of
from callmine.stage import Done, Job


@dataclass
class LinkStage:
    """Tie calls to deals.

    Attributes:
        deals: All deals.
        own_domains: E-mail domains of our company.
        min_confidence: A less certain link is not made.
        own_names: Names of our company and products: in a title they are no customer.
    """

    deals: Sequence[Deal]
    own_domains: Sequence[str] = ()
    min_confidence: float = 0.7
    own_names: Sequence[str] = ()
    _digest: str = field(init=False, repr=False, default="")
    _index: DealIndex | None = field(init=False, repr=False, compare=False, default=None)

    name = "link"
    version = "4"
    requires = frozenset({"calls", "deals"})
    provides = frozenset({"links"})

    def __post_init__(self) -> None:
        # Once: what a run plans, it asks for more than once.
        self._digest = digest_of(*map(_matters, sorted(self.deals, key=lambda deal: deal.deal_id)))

    def settings(self) -> Json:
        """Return what changes the output, with a digest of what linking looks at in the deals."""
        return {
            "own_domains": sorted(d.casefold() for d in self.own_domains),
            "own_names": sorted(n.casefold() for n in self.own_names),
            "min_confidence": self.min_confidence,
            "deals": self._digest,
        }

    def setup(self) -> None:
        """Index the deals once per worker."""
        self._index = DealIndex(self.deals)

    def process(self, job: Job) -> Done:
        """Link one call; the payload is the call."""
        call: Call = job.payload
        if self._index is None:
            self.setup()
        assert self._index is not None
        linking = link_call(
            call.facts,
            self._index,
            own_domains=self.own_domains,
            min_confidence=self.min_confidence,
            own_names=self.own_names,
        )
        return Done(linking, notes=() if linking.link else (linking.why,))


def _matters(deal: Deal) -> tuple[object, ...]:
    """Return what linking looks at: neither amount nor stage, and no expected close date."""
    state = deal.outcome.value if deal.outcome in (Outcome.OPEN, Outcome.EXCLUDED) else "closed"
    return (
        deal.deal_id,
        deal.name,
        deal.account,
        deal.account_domain,
        deal.contact_emails,
        deal.owner,
        deal.created_at,
        deal.inquired_at,
        deal.segment,
        deal.pipeline,
        deal.type,
        state,
        deal.close_date if state == "closed" else None,
    )
