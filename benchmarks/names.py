"""Which of the competitors that were named does callmine's findings pass recognise in a transcript?

The pass works on any tool's transcript, as it does on imported ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from benchmarks.measure import Measured, model_path
from benchmarks.recordings import SAMPLE
from benchmarks.sample_truth import planted, read_truth, score
from benchmarks.scoring import PHRASE_GAP_MS, Heard
from callmine.domain import Call, Segment, Transcript, Word
from callmine.payloads import ToAttribute, ToExtract
from callmine.playbook import Playbook, load_playbook
from callmine.stage import Job
from callmine.stages.attribute import AttributeStage
from callmine.stages.extract import ExtractStage


@cache
def playbook() -> Playbook:
    """Return the sample's playbook."""
    return load_playbook(SAMPLE / "playbook.toml")


@cache
def _extract() -> ExtractStage:
    from callmine.extractors.competitors import CompetitorExtractor
    from callmine.extractors.encoder import Encoder
    from callmine.extractors.parse import Parser

    folder = model_path("en_core_web_sm")
    if isinstance(folder, str):
        raise SystemExit(f"the findings pass needs a model: {folder}")
    stage = ExtractStage([CompetitorExtractor(Parser(folder), Encoder())], playbook())
    stage.setup()
    return stage


def recognised(measured: Sequence[Measured]) -> tuple[int, int]:
    """Return how many planted mentions of competitors were recognised, and how many there are."""
    findings: list[dict[str, Any]] = []
    attribute = AttributeStage(playbook().company.domains)
    for one in measured:
        r = one.recorded
        call = Call(r.key, r.path.name, r.sha, str(r.path), None, None, 0, 0, r.facts)
        given = ToAttribute(call, transcript_of(one.words))
        attribution = attribute.process(Job(r.key, r.key, given, "")).output
        spoken = ToExtract(attribution.utterances)
        extraction = _extract().process(Job(r.key, r.key, spoken, "")).output
        findings += [
            {"source": f"{r.key}.x", "label": f.label, "start_ms": f.start_ms, "end_ms": f.end_ms}
            for f in extraction.findings
            if f.kind == "competitor"
        ]
    result = score(planted(read_truth(SAMPLE), {m.recorded.key for m in measured}, "competitors"), findings)
    return result.found, result.planted


def transcript_of(words: Sequence[Heard]) -> Transcript:
    """Return words as a transcript: a segment a phrase, split where nobody speaks for a second."""
    segments: list[Segment] = []
    channels = sorted({w.channel for w in words}, key=lambda c: -1 if c is None else c)
    for channel in channels:
        phrase: list[Word] = []
        said = [w for w in words if w.channel == channel]
        for i, heard in enumerate(said):
            phrase.append(Word(heard.text.strip(), heard.start_ms, heard.end_ms))
            last = i + 1 == len(said) or said[i + 1].start_ms - heard.end_ms >= PHRASE_GAP_MS
            if last:
                text = " ".join(w.text for w in phrase)
                segments.append(
                    Segment(phrase[0].start_ms, phrase[-1].end_ms, text, tuple(phrase), channel)
                )
                phrase = []
    segments.sort(key=lambda s: (s.start_ms, s.channel or 0))
    return Transcript(
        tuple(segments), "en", "replay", "", "", channels=len(channels) if channels != [None] else 1
    )
