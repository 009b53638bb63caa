"""Read: what the encoder makes of each utterance. Does not depend on the playbook, so it is kept."""

from __future__ import annotations

from dataclasses import dataclass

from callmine.domain import Json
from callmine.extractors.base import ENGLISH
from callmine.extractors.encoder import Encoder
from callmine.extractors.readings import pack_readings
from callmine.payloads import Readings, ToRead
from callmine.stage import Done, Job
from callmine.stages.extract import not_read_whole, passages_of


@dataclass
class ReadStage:
    """Read every utterance of a call in its conversation.

    Attributes:
        encoder: What reads.
    """

    encoder: Encoder

    name = "read"
    version = "1"
    requires = frozenset({"utterances"})
    provides = frozenset({"readings"})

    def settings(self) -> Json:
        """Return the hash of the model that reads; the questions put to it are the extractors'."""
        return {"model": self.encoder.reading_version()}

    def setup(self) -> None:
        """Load the model once per worker."""
        self.encoder.load()

    def process(self, job: Job) -> Done:
        """Read one call; ``payload`` is a :class:`callmine.payloads.ToRead`.

        The model knows English. Of a call in another language nothing is kept. Turns that are not read
        to their end are named in a note.
        """
        call: ToRead = job.payload
        model = self.encoder.reading_version()
        if call.language not in ENGLISH:
            return Done(Readings(model, pack_readings([])))
        passages = passages_of(call.utterances, language=call.language)
        readings = Readings(model, pack_readings(self.encoder.read(passages)))
        return Done(readings, not_read_whole(self.encoder, call.utterances, call.language))
