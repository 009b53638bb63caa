"""Attribute: segments become speakers with roles, and utterances."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

from callmine.decisions import is_lost, stretches
from callmine.domain import Json, Voices, digest_of
from callmine.extractors.base import ENGLISH
from callmine.payloads import Attribution, ToAttribute
from callmine.stage import WITH_VOICES, Done, Job, OnlyFor
from callmine.stages.doubt import with_doubt
from callmine.stages.edits import apply_edits
from callmine.stages.roles import MIN_CONFIDENCE, evidence_of, speaker_key, speakers_of
from callmine.stages.turns import utterances_from
from callmine.stages.voiced import with_voices
from callmine.voices.cues import Cues
from callmine.voices.enrolment import EnrolledVoice, match_voices


@dataclass(frozen=True)
class AttributeStage:
    """Say who spoke, as far as channels, vendor, participants and words tell, and cut the turns.

    Attributes:
        own_domains: E-mail domains of our company.
        rep_channel: ``left`` or ``right`` where a call's facts do not say; empty: not known.
        own_names: Names of our company and products: who introduces us is one of us.
        min_confidence: A role from what a voice says is given from this probability (0..1) on.
        enrolled: What reps sound like: a snapshot from before the run, the same for all its calls.
    """

    own_domains: Sequence[str] = ()
    rep_channel: str = ""
    own_names: Sequence[str] = ()
    min_confidence: float = MIN_CONFIDENCE
    enrolled: Sequence[EnrolledVoice] = ()

    name = "attribute"
    version = "5"
    requires = frozenset({"transcripts", "voices"})
    provides = frozenset({"utterances"})

    def settings(self) -> Json:
        """Return what changes the output."""
        domains = sorted(d.casefold() for d in self.own_domains)
        return {
            "own_domains": domains,
            "rep_channel": self.rep_channel,
            "cues": Cues(self.own_names).version,
            "min_confidence": self.min_confidence,
            "enrolled": OnlyFor(WITH_VOICES, digest_of([asdict(v) for v in self.enrolled])),
        }

    def setup(self) -> None:
        """Nothing to load."""

    def process(self, job: Job) -> Done:
        """Attribute one call; ``payload`` is a :class:`callmine.payloads.ToAttribute`."""
        given: ToAttribute = job.payload
        voices = given.voices or Voices()
        given = replace(given, transcript=with_voices(given.transcript, voices))
        transcript = given.transcript
        # The words of another language say nothing to an English table, not even that.
        cues = Cues(self.own_names) if (transcript.language or "en") in ENGLISH else None
        speakers = speakers_of(
            given.call.facts,
            transcript,
            own_domains=self.own_domains,
            rep_channel=self.rep_channel,
            decision=given.decision,
            matched=match_voices(voices.embeddings, self.enrolled, given.call.facts),
            cues=cues,
            min_confidence=self.min_confidence,
        )
        heard = evidence_of(transcript, cues) if cues else {}
        lost = bool(given.decision) and is_lost(
            given.decision, stretches((speaker_key(s), s) for s in transcript.segments)
        )
        speakers, doubt = with_doubt(speakers, heard, lost=lost)
        turns, notes = apply_edits(utterances_from(transcript, speakers), given.edits)
        return Done(Attribution(speakers, turns, doubt), notes)
