"""Extract: utterances become findings. A changed playbook only runs this stage again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property

from callmine.domain import Finding, Json, Kind, Mention, Utterance
from callmine.extractors.answers import AnswerFinder
from callmine.extractors.base import CONTEXT_TURNS, ENGLISH, Extractor, Passage, Third, Turn, knows
from callmine.extractors.encoder import Encoder
from callmine.extractors.readings import (
    belong_to,
    pack_places,
    pack_readings,
    unpack_places,
    unpack_readings,
)
from callmine.payloads import Extraction, Readings, ToExtract
from callmine.playbook import Playbook
from callmine.spans import clock, place
from callmine.stage import Done, Job

READ_AGAIN = "what was kept of its reading was damaged: it was read again"
"""Remark on a call whose kept reading could not be used; what was read in its place is kept."""

_NAMED = 5  # places that a note names at most

_THIRDS: tuple[Third, ...] = ("first_third", "middle", "last_third")


@dataclass(frozen=True, slots=True)
class _Recalled:
    """What was of use of what was kept of a call.

    Attributes:
        whole: Whether nothing that was kept of its utterances is damaged.
        used: Whether its utterances need not be read again.
        places: How many places of names need not be read again; ``None`` where these are damaged.
    """

    whole: bool = True
    used: bool = False
    places: int | None = 0


@dataclass
class ExtractStage:
    """Run every extractor over the utterances of a call.

    Attributes:
        extractors: What looks for evidence.
        playbook: What to look for.
        answers: What looks for the answers to the objections found; ``None`` for nothing.
        encoder: What the extractors read with; takes over readings that were kept.
    """

    extractors: Sequence[Extractor]
    playbook: Playbook
    answers: AnswerFinder | None = None
    encoder: Encoder | None = None

    name = "extract"
    version = "2"
    requires = frozenset({"utterances"})
    provides = frozenset({"findings"})

    def settings(self) -> Json:
        """Return what changes the output: the playbook, and each extractor's version and settings."""
        parts: dict[str, object] = {e.name: [e.version, e.settings()] for e in self.extractors}
        if self.answers is not None:
            parts[self.answers.name] = [self.answers.version, self.answers.settings()]
        return {"playbook": self.playbook.digest, "extractors": parts}

    def setup(self) -> None:
        """Load the extractors' models once per worker."""
        for extractor in self.extractors:
            extractor.setup(self.playbook)

    def process(self, job: Job) -> Done:
        """Read one call; ``payload`` is a :class:`callmine.payloads.ToExtract`.

        Extractors that do not know the call's language are not asked, and a note names them.
        """
        call: ToExtract = job.payload
        utterances = call.utterances
        passages = passages_of(utterances, language=call.language)
        recalled = self._recall(call, passages)
        found: dict[str, Finding] = {}
        objections: list[list[tuple[Mention, Finding]]] = [[] for _ in utterances]
        for extractor in self.extractors:
            if not knows(extractor, call.language):
                continue
            origin = f"{extractor.name}/{extractor.version}"
            read = zip(utterances, extractor.extract(passages), objections, strict=True)
            for utterance, mentions, objecting in read:
                for mention in mentions:
                    finding = place(
                        job.key,
                        utterance,
                        _as_indices(mention, utterances),
                        extractor=origin,
                        playbook=self._written[0],
                    )
                    found.setdefault(finding.finding_id, finding)
                    if finding.kind is Kind.OBJECTION:
                        objecting.append((mention, finding))
        for finding in self._answers(job.key, call, passages, objections):
            found.setdefault(finding.finding_id, finding)
        names = self._names(passages, recalled.places)
        again = None if recalled.whole else self._readings(call, passages)
        notes = (*self._not_asked(call.language), *((READ_AGAIN,) if again else ()))
        if self.encoder is not None and not recalled.used:
            notes += not_read_whole(self.encoder, utterances, call.language)
        return Done(Extraction(tuple(found.values()), *self._written, names, again), notes)

    @cached_property
    def _reader(self) -> str:
        """The version of what the encoder makes of words; asked of a file, so once."""
        return self.encoder.reading_version() if self.encoder is not None else ""

    @cached_property
    def _written(self) -> tuple[str, str]:
        """The playbook's version and its text as JSON; made once, for it goes with every call."""
        text = json.dumps(self.playbook.model_dump(mode="json"), ensure_ascii=False, sort_keys=True)
        return self.playbook.digest, text

    def _recall(self, call: ToExtract, passages: Sequence[Passage]) -> _Recalled:
        """Hand what was kept to the encoder, if it would make the same of it today."""
        if self.encoder is None:
            return _Recalled()
        kept, names = call.readings, call.names
        texts = [p.text for p in passages]
        whole, used, places = True, False, 0 if names is None or names.model != self._reader else None
        if kept is not None and kept.model == self._reader:
            whole = False
            with suppress(ValueError):
                readings = unpack_readings(kept.data)
                if call.language not in ENGLISH:
                    whole = not readings
                elif whole := belong_to(readings, texts):
                    self.encoder.remember(passages, readings)
            used = whole
        if names is not None and places is None:
            with suppress(ValueError):
                known = unpack_places(names.data)
                if all(n < len(texts) and end <= len(texts[n]) for n, _, end in known):
                    self.encoder.remember_places(passages, known)
                    places = len(known)
        return _Recalled(whole, used, places)

    def _readings(self, call: ToExtract, passages: Sequence[Passage]) -> Readings:
        """Return what :class:`callmine.stages.read.ReadStage` keeps of a call."""
        assert self.encoder is not None
        read = self.encoder.read(passages) if call.language in ENGLISH else ()
        return Readings(self._reader, pack_readings(read))

    def _names(self, passages: Sequence[Passage], recalled: int | None) -> Readings | None:
        """Return what the encoder made of the names in a call; ``None`` where that is kept already."""
        places = self.encoder.places_read(passages) if self.encoder is not None else {}
        if recalled is not None and len(places) <= recalled:
            return None
        return Readings(self._reader, pack_places(places))

    def _answers(
        self,
        call_id: str,
        call: ToExtract,
        passages: Sequence[Passage],
        objections: Sequence[Sequence[tuple[Mention, Finding]]],
    ) -> list[Finding]:
        """Return the answers to the objections found, each naming the finding that it answers."""
        if self.answers is None or not knows(self.answers, call.language):
            return []
        origin = f"{self.answers.name}/{self.answers.version}"
        found = []
        for answered in self.answers.find(passages, [[m for m, _ in here] for here in objections]):
            mention = _as_indices(answered.mention, call.utterances)
            answers = [f.finding_id for n in answered.objections for _, f in objections[n]]
            mention = replace(mention, detail={**mention.detail, "answers": answers})
            utterance = call.utterances[answered.number]
            found.append(place(call_id, utterance, mention, extractor=origin, playbook=self._written[0]))
        return found

    def _not_asked(self, language: str) -> tuple[str, ...]:
        names = [e.name for e in self.extractors if not knows(e, language)]
        if not names:
            return ()
        return (f"{', '.join(names)}: not looked for, the call is in another language ({language})",)


def _as_indices(mention: Mention, utterances: Sequence[Utterance]) -> Mention:
    """Return a mention whose detail names other utterances by their index, no longer by their number."""
    numbers = {key: mention.detail[key] for key in ("echoes", "shown_in") if key in mention.detail}
    indices = {key: utterances[number].index for key, number in numbers.items()}
    return replace(mention, detail={**mention.detail, **indices}) if indices else mention


def not_read_whole(encoder: Encoder, utterances: Sequence[Utterance], language: str) -> tuple[str, ...]:
    """Return a note that names the turns of which the encoder does not read all; none where it does.

    Turns are cut so that this takes words that are none, or what a person wrote into a turn.
    """
    if language not in ENGLISH:
        return ()
    ends = encoder.reads_up_to([u.text for u in utterances])
    cut = [u for u, end in zip(utterances, ends, strict=True) if end < len(u.text)]
    if not cut:
        return ()
    places = ", ".join(clock(u.start_ms) for u in cut[:_NAMED]) + (", …" if len(cut) > _NAMED else "")
    turns = "a turn too long" if len(cut) == 1 else f"{len(cut)} turns too long"
    return (f"{turns} to be read to the end: nothing was looked for in the rest of it ({places})",)


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
