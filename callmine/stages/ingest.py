"""Ingest: a file becomes a call. Reads headers only; nothing is decoded here."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from callmine import formats
from callmine.audio import content_hash, probe
from callmine.domain import Call, Facts, Json
from callmine.errors import RecordingGone, SkipCall, UnreadableRecording
from callmine.payloads import Ingested, Source
from callmine.stage import Done, Job
from callmine.stages.facts import facts_from_name, has_outsider


@dataclass(frozen=True)
class IngestStage:
    """Identify a file by its content and gather what is known about the call.

    Attributes:
        own_domains: E-mail domains of our company; a call with nobody else is internal.
        min_seconds: Shorter recordings are skipped.
        file_pattern: Where facts stand in file names; empty: nowhere.
        timezone: Zone of times in file names.
    """

    own_domains: Sequence[str] = ()
    min_seconds: float = 5.0
    file_pattern: str = ""
    timezone: str = "UTC"

    name = "ingest"
    version = "1"
    requires = frozenset({"sources"})
    provides = frozenset({"calls"})

    def settings(self) -> Json:
        """Return what changes the output."""
        return {
            "own_domains": sorted(d.casefold() for d in self.own_domains),
            "min_seconds": self.min_seconds,
            "file_pattern": self.file_pattern,
            "timezone": self.timezone,
        }

    def setup(self) -> None:
        """Nothing to load."""

    def process(self, job: Job) -> Done:
        """Identify the file.

        Raises:
            SkipCall: No consent, internal, or too short.
            UnreadableRecording: Not a readable recording.
            UnreadableTranscript: Not a readable transcript.
        """
        source: Source = job.payload
        path = Path(source.path)
        self._refuse(path, source.facts, source.content)
        if not path.exists():
            raise RecordingGone(
                f"{path.name}: the file is not there any more",
                hint=f"Put it back at {path}, or take the call in again with `callmine add`.",
            )
        facts = source.facts.over(facts_from_name(path.name, self.file_pattern, self.timezone))
        self._refuse(path, facts, source.content)
        if source.format or path.suffix.lower() in formats.EXTENSIONS:
            return Done(self._transcript(path, source, facts))
        return Done(self._recording(path, source, facts))

    def _refuse(self, path: Path, facts: Facts, content: str | None) -> None:
        if facts.consent == "no":
            message = f"{path.name}: no consent to use this recording"
            # Its content is named, not decoded, so that a copy without these facts stays out too.
            if content is None:
                with suppress(UnreadableRecording):
                    content = content_hash(path)
            raise SkipCall(message, reason="no_consent", content=content)
        if facts.type == "internal" or not has_outsider(facts, self.own_domains):
            raise SkipCall(f"{path.name}: internal call, nobody from outside took part", reason="internal")

    def _recording(self, path: Path, source: Source, facts: Facts) -> Ingested:
        info = probe(path)
        if info.duration_ms and info.duration_ms < self.min_seconds * 1000:
            raise SkipCall(
                f"{path.name}: {info.duration_ms / 1000:.1f} s long, shorter than {self.min_seconds:g} s",
                reason="too_short",
            )
        content = source.content or content_hash(path)
        return Ingested(
            Call(
                call_id=content[:16],
                source=path.name,
                content=content,
                recording=str(path),
                transcript_file=None,
                format=None,
                duration_ms=info.duration_ms,
                channels=info.channels,
                facts=facts,
            )
        )

    def _transcript(self, path: Path, source: Source, facts: Facts) -> Ingested:
        name = source.format or formats.sniff(path).name
        found = formats.read(path, name)
        facts = facts.over(found.facts)
        self._refuse(path, facts, source.content)
        content = source.content or content_hash(path)
        call = Call(
            call_id=content[:16],
            source=path.name,
            content=content,
            recording=None,
            transcript_file=str(path),
            format=name,
            duration_ms=max((s.end_ms for s in found.transcript.segments), default=0),
            channels=0,
            facts=facts,
        )
        return Ingested(call, system=name)
