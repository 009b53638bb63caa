"""Let the quotes of reports play: clips of their recordings, as far as settings and recordings have any."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

from callmine.audio import clip
from callmine.errors import CallmineError
from callmine.reports.quote_clips import with_clips
from callmine.reports.quote_values import Quote
from callmine.store import Store
from callmine.workspace import Workspace

Report = TypeVar("Report")


def played(workspace: Workspace, report: Report, quotes_of: Callable[[Report], Iterable[Quote]]) -> Report:
    """Return a report with clips, up to the limit of the settings; a recording that is gone has none.

    Args:
        workspace: Where it is from.
        report: Its value.
        quotes_of: Its quotes, those first that are to be heard first.
    """
    options = workspace.settings.digest
    if not options.clips:
        return report
    recordings: dict[str, str | None] = {}
    with Store(workspace.database, create=False) as store:

        def cut(quote: Quote) -> bytes | None:
            if quote.call_id not in recordings:
                call = store.call(quote.call_id)
                recordings[quote.call_id] = call.recording if call else None
            path = recordings[quote.call_id]
            if path is None or not Path(path).is_file():
                return None
            try:
                return clip(Path(path), quote.play_ms, quote.clip_end_ms)
            except CallmineError:
                return None

        most = int(options.max_clip_mb * 1_000_000)
        return with_clips(report, quotes_of(report), cut, max_bytes=most)
