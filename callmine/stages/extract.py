"""Extract: utterances become findings. A changed playbook only runs this stage again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from callmine.domain import Finding, Json, Utterance
from callmine.extractors.base import CONTEXT_TURNS, Extractor, Passage, Third, Turn, knows
from callmine.playbook import Playbook
from callmine.spans import place
from callmine.stage import Done, Extraction, Job, ToExtract

_THIRDS: tuple[Third, ...] = ("first_third", "middle", "last_third")


@dataclass
class ExtractStage:
    """Run every extractor over the utterances of a call.

    Attributes:
        extractors: What looks for evidence.
        playbook: What to look for.
    """

    extractors: Sequence[Extractor]
    playbook: Playbook

    name = "extract"
    version = "1"
    requires = frozenset({"utterances"})
    provides = frozenset({"findings"})

    def settings(self) -> Json:
        """Return what changes the output: the playbook, and each extractor's version and settings."""
        return {
            "playbook": self.playbook.digest,
            "extractors": {e.name: [e.version, e.settings()] for e in self.extractors},
        }

    def setup(self) -> None:
        """Load the extractors' models once per worker."""
        for extractor in self.extractors:
            extractor.setup(self.playbook)

    def process(self, job: Job) -> Done:
        """Read one call; ``payload`` is a :class:`callmine.stage.ToExtract`.

        Extractors that do not know the call's language are not asked, and a note names them.
        """
        call: ToExtract = job.payload
        utterances = call.utterances
        passages = passages_of(utterances, language=call.language)
        found: dict[str, Finding] = {}
        for extractor in self.extractors:
            if not knows(extractor, call.language):
                continue
            origin = f"{extractor.name}/{extractor.version}"
            for utterance, mentions in zip(utterances, extractor.extract(passages), strict=True):
                for mention in mentions:
                    finding = place(
                        job.key, utterance, mention, extractor=origin, playbook=self.playbook.digest
                    )
                    found.setdefault(finding.finding_id, finding)
        text = json.dumps(self.playbook.model_dump(mode="json"), ensure_ascii=False, sort_keys=True)
        notes = self._not_asked(call.language)
        return Done(Extraction(tuple(found.values()), self.playbook.digest, text), notes)

    def _not_asked(self, language: str) -> tuple[str, ...]:
        names = [e.name for e in self.extractors if not knows(e, language)]
        if not names:
            return ()
        return (f"{', '.join(names)}: not looked for, the call is in another language ({language})",)


def passages_of(utterances: Sequence[Utterance], *, language: str = "en") -> list[Passage]:
    """Return each utterance of a call in ``language`` with the turns before it."""
    turns = [Turn(u.role, u.text) for u in utterances]
    return [
        Passage(u.text, u.role, tuple(turns[max(0, i - CONTEXT_TURNS) : i]), language, third)
        for i, (u, third) in enumerate(zip(utterances, thirds_of(utterances), strict=True))
    ]


def thirds_of(utterances: Sequence[Utterance]) -> list[Third]:
    """Return for each utterance of a call the third in which it begins.

    The call is what lies between its first and its last word; where no times are known, what counts
    is how many utterances came before.
    """
    starts = [u.start_ms for u in utterances]
    length = max((u.end_ms for u in utterances), default=0) - min(starts, default=0)
    if len(set(starts)) < 2:
        starts, length = list(range(len(utterances))), len(utterances)
    first = min(starts, default=0)
    return [_THIRDS[min(2, 3 * (start - first) // length)] for start in starts]
