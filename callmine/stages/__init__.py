"""The stages, in the one list that fixes their order."""

from typing import Literal

StageName = Literal[
    "ingest", "transcribe", "diarize", "attribute", "read", "extract", "second_read", "link"
]

ORDER: tuple[StageName, ...] = (
    "ingest",
    "transcribe",
    "diarize",
    "attribute",
    "read",
    "extract",
    "second_read",
    "link",
)
"""Names of the stages in the order in which they run."""
