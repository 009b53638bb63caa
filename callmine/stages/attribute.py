"""Attribute: segments become speakers with roles, and utterances."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from callmine.domain import Json
from callmine.stage import Attribution, Done, Job, ToAttribute
from callmine.stages.roles import speakers_of
from callmine.stages.turns import utterances_from


@dataclass(frozen=True)
class AttributeStage:
    """Say who spoke, as far as channels, vendor and participants tell, and cut the turns.

    Attributes:
        own_domains: E-mail domains of our company.
        rep_channel: ``left`` or ``right`` where a call's facts do not say; empty: not known.
    """

    own_domains: Sequence[str] = ()
    rep_channel: str = ""

    name = "attribute"
    version = "2"
    requires = frozenset({"transcripts"})
    provides = frozenset({"utterances"})

    def settings(self) -> Json:
        """Return what changes the output."""
        domains = sorted(d.casefold() for d in self.own_domains)
        return {"own_domains": domains, "rep_channel": self.rep_channel}

    def setup(self) -> None:
        """Nothing to load."""

    def process(self, job: Job) -> Done:
        """Attribute one call; ``payload`` is a :class:`callmine.stage.ToAttribute`."""
        given: ToAttribute = job.payload
        speakers = speakers_of(
            given.call.facts,
            given.transcript,
            own_domains=self.own_domains,
            rep_channel=self.rep_channel,
            decision=given.decision,
        )
        return Done(Attribution(speakers, utterances_from(given.transcript, speakers)))
