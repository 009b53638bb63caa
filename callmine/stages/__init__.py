"""The stages, in the one list that fixes their order."""

ORDER = ("ingest", "transcribe", "attribute", "extract", "link")
"""Names of the stages in the order in which they run."""
