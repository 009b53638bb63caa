"""One job after the other, in this process."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from callmine.executors.base import Finished, execute
from callmine.stage import Job, Stage


class SerialExecutor:
    """Runs jobs in the calling process; the simplest executor, and the easiest to debug."""

    name = "serial"

    def map(self, stage: Stage, jobs: Iterable[Job]) -> Iterator[Finished]:
        """Yield a result for each job, one after the other."""
        ready = False
        for job in jobs:
            if not ready:
                stage.setup()
                ready = True
            yield execute(stage, job)

    def close(self) -> None:
        """Nothing to stop."""
