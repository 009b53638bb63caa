"""A store and stages for tests of what a run does: real stages, scripted engine, light rules."""

from __future__ import annotations

import wave
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from callmine.domain import Deal, Facts
from callmine.executors.base import Executor
from callmine.executors.serial import SerialExecutor
from callmine.extractors.base import Extractor
from callmine.pipeline import RunReport, run
from callmine.playbook import Playbook
from callmine.stage import Stage
from callmine.stages.attribute import AttributeStage
from callmine.stages.extract import ExtractStage
from callmine.stages.ingest import IngestStage
from callmine.stages.link import LinkStage
from callmine.stages.transcribe import TranscribeStage
from callmine.store import Store
from tests.builders import OUR_DOMAINS, a_playbook
from tests.fakes import Rules, ScriptedEngine


def write_recording(path: Path, seed: int | str | None = None, *, seconds: float = 0.2) -> Path:
    """Write a short stereo recording; another seed (by default the name) is another content."""
    noise = Random(f"{seed if seed is not None else path.name}").randbytes(round(8000 * seconds) * 4)
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(2)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(noise)
    return path


def write_vtt(path: Path, *turns: tuple[str, str]) -> Path:
    """Write a transcript as Teams does, five seconds a turn."""
    said = turns or (("Maya Linden", "How are you?"), ("Petra Voss", "The price is too high for us."))
    cues = (
        f"00:00:{5 * i:02d}.000 --> 00:00:{5 * i + 4:02d}.000\n<v {who}>{text}</v>\n"
        for i, (who, text) in enumerate(said)
    )
    path.write_text("WEBVTT\n\n" + "\n".join(cues))
    return path


@dataclass
class Workbench:
    """Files, a store, and everything a run is made of; change the fields between runs."""

    folder: Path
    engine: ScriptedEngine = field(default_factory=ScriptedEngine)
    extractors: Sequence[Extractor] = field(default_factory=lambda: [Rules()])
    playbook: Playbook = field(default_factory=a_playbook)
    ingest: Mapping[str, Any] = field(default_factory=dict)
    executors: Mapping[str, Executor] = field(default_factory=lambda: {"*": SerialExecutor()})

    def __post_init__(self) -> None:
        self.store = Store(self.folder / "callmine.db")

    def recording(self, name: str = "call.wav", seed: int | str | None = None, **facts: Any) -> Path:
        """Write a recording and take it in."""
        return self.add(write_recording(self.folder / name, seed), **facts)

    def transcript(self, name: str, *turns: tuple[str, str], **facts: Any) -> Path:
        """Write a transcript and take it in."""
        return self.add(write_vtt(self.folder / name, *turns), **facts)

    def add(self, path: Path, **facts: Any) -> Path:
        """Take a file in."""
        self.store.add_source(path, origin="add", facts=Facts(**facts))
        return path

    def stages(self) -> list[Stage]:
        """Every stage, in order."""
        ingest = {"own_domains": OUR_DOMAINS, "min_seconds": 0, **self.ingest}
        return [
            IngestStage(**ingest),
            TranscribeStage(self.engine, vocabulary=self.playbook.vocabulary),
            AttributeStage(OUR_DOMAINS),
            ExtractStage(self.extractors, self.playbook),
            LinkStage(self.store.deals(), OUR_DOMAINS),
        ]

    def run(self, *, force: Mapping[str, frozenset[str]] | None = None) -> RunReport:
        """Look at the files again and put what is pending through every stage."""
        self.store.refresh_sources()
        return run(self.store, self.stages(), self.executors, force=force)

    def did(self, **named: Any) -> dict[str, int]:
        """Run; return how many jobs each stage did, skipped or failed, where there were any."""
        report = self.run(**named)
        return {t.stage: n for t in report.tallies if (n := t.done + t.skipped + t.failed)}

    def rows(self, table: str) -> list[dict[str, Any]]:
        """The rows of a table."""
        return list(self.store.table_rows(table))

    def only(self, table: str) -> dict[str, Any]:
        """The one row of a table."""
        (row,) = self.rows(table)
        return row

    def import_deals(self, *deals: Deal, at: str | None = None) -> None:
        """Import deals, as a full import, of the instant ``at`` or of now."""
        self.store.import_deals(deals, at=at)

    def sql(self, text: str, *params: object) -> list[dict[str, Any]]:
        """What a statement returns, past the store's interface."""
        return list(self.store._db.query(text, params))
