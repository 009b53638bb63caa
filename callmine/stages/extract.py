"""Extract: utterances become findings. A changed playbook only runs this stage again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from callmine.domain import Finding, Json, Utterance, place
from callmine.extractors.base import CONTEXT_TURNS, Extractor, Passage, Turn
from callmine.playbook import Playbook
from callmine.stage import Done, Extraction, Job


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
        """Read one call; ``payload`` is its utterances in order."""
        utterances: tuple[Utterance, ...] = job.payload
        passages = passages_of(utterances)
        found: dict[str, Finding] = {}
        for extractor in self.extractors:
            origin = f"{extractor.name}/{extractor.version}"
            for utterance, mentions in zip(utterances, extractor.extract(passages), strict=True):
                for mention in mentions:
                    finding = place(
                        job.key, utterance, mention, extractor=origin, playbook=self.playbook.digest
                    )
                    found.setdefault(finding.finding_id, finding)
        text = json.dumps(self.playbook.model_dump(mode="json"), ensure_ascii=False, sort_keys=True)
        return Done(Extraction(tuple(found.values()), self.playbook.digest, text))


def passages_of(utterances: Sequence[Utterance]) -> list[Passage]:
    """Return each utterance with the turns before it."""
    turns = [Turn(u.role, u.text) for u in utterances]
    return [
        Passage(u.text, u.role, tuple(turns[max(0, i - CONTEXT_TURNS) : i]))
        for i, u in enumerate(utterances)
    ]
