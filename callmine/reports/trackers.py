"""Which findings of trackers count: what the call's deal says of them, as far as it is linked."""

from __future__ import annotations

from collections.abc import Iterable

from callmine.domain import Kind
from callmine.playbook import Playbook
from callmine.store.rows import EvidenceRow


def heard_in_stage(rows: Iterable[EvidenceRow], playbook: Playbook) -> list[EvidenceRow]:
    """Return the rows without those of trackers that listen in other stages of a deal.

    A tracker with ``stage`` counts only in calls whose deal was in one of these stages when the call
    began; capitals do not matter. A call without a deal, or before the first import of its deal,
    is in none that is known. Asked whenever rows are counted or listed, because links change after
    extraction.
    """
    wanted = {t.name: {stage.casefold() for stage in t.stage} for t in playbook.trackers if t.stage}
    return [
        row
        for row in rows
        if row.kind is not Kind.TRACKER
        or row.label not in wanted
        or (row.deal_stage or "").strip().casefold() in wanted[row.label]
    ]
