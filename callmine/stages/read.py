"""Read: what the encoder makes of each utterance. Does not depend on the playbook, so it is kept.

What it makes of the playbook's names is read on the way, for extract: else each window with one would
be read twice.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from callmine.domain import Json
from callmine.extractors.base import ENGLISH
from callmine.extractors.competitors import names_of, places_of
from callmine.extractors.encoder import Encoder
from callmine.extractors.readings import pack_places, pack_readings
from callmine.extractors.scanning import NameScan
from callmine.payloads import CallReading, Readings, ToRead
from callmine.playbook import Playbook
from callmine.stage import Done, Job
from callmine.stages.extract import not_read_whole, passages_of


@dataclass
class ReadStage:
    """Read every utterance of a call in its conversation.

    Attributes:
        encoder: What reads.
        playbook: Whose names extract will ask about; ``None`` for nobody's.
    """

    encoder: Encoder
    playbook: Playbook | None = None
    _names: NameScan = field(default_factory=NameScan, init=False, repr=False)

    name = "read"
    version = "1"
    requires = frozenset({"utterances"})
    provides = frozenset({"readings"})

    def settings(self) -> Json:
        """Return the hash of the model that reads; the questions put to it are the extractors'.

        The playbook is none of the settings: a name that was not read on the way is read by extract.
        """
        return {"model": self.encoder.reading_version()}

    def setup(self) -> None:
        """Load the model and index the playbook's names once per worker."""
        self.encoder.load()
        if self.playbook is not None:
            self._names = names_of(self.playbook)

    def process(self, job: Job) -> Done:
        """Read one call; ``payload`` is a :class:`callmine.payloads.ToRead`.

        The model knows English. Of a call in another language nothing is kept. Turns that are not read
        to their end are named in a note.
        """
        call: ToRead = job.payload
        model = self.encoder.reading_version()
        if call.language not in ENGLISH:
            return Done(CallReading(Readings(model, pack_readings([]))))
        passages = passages_of(call.utterances, language=call.language)
        found = [self._names.scan(passage.text) for passage in passages]
        places = places_of(passages, found)
        readings = Readings(model, pack_readings(self.encoder.read(passages, places)))
        named = self.encoder.places_read(passages)
        names = Readings(model, pack_places(named)) if named else None
        return Done(
            CallReading(readings, names), not_read_whole(self.encoder, call.utterances, call.language)
        )
