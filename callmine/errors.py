"""The exception tree. Every error says what happened and what to do next.

Two families matter to the pipeline: a :class:`CallError` concerns one call (it becomes a
``Failed`` row and the run goes on), a :class:`RunError` stops the run. Each class carries the
exit code of the command contract.
"""

from __future__ import annotations

import re
from collections.abc import Mapping


class CallmineError(Exception):
    """Base of every error callmine raises on purpose.

    Args:
        message: What happened, to which call, file or line.
        hint: What the person should do next, one sentence.
    """

    exit_code = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __reduce__(self) -> tuple[object, ...]:
        # Keyword-only arguments are lost by the default pickling, and errors cross processes.
        return (_rebuild, (type(self), self.message, self.hint, self.__dict__))


def _rebuild(cls: type[CallmineError], message: str, hint: str, state: dict[str, object]) -> CallmineError:
    error = cls(message, hint=hint)
    error.__dict__.update(state)
    return error


class CallError(CallmineError):
    """One call cannot be processed; the run goes on.

    Args:
        retryable: Whether trying again without a change could help.
        kept: What was worked out before and must not be paid for again; stored although the call failed.
        counts: What the stage counted until then.
    """

    exit_code = 6

    def __init__(
        self,
        message: str,
        *,
        hint: str = "",
        retryable: bool = False,
        kept: object = None,
        counts: Mapping[str, int] | None = None,
    ) -> None:
        super().__init__(message, hint=hint)
        self.retryable = retryable
        self.kept = kept
        self.counts = dict(counts or {})


class ReaderFailed(CallError):
    """A second reader gave no answer in the middle of a call; the next run goes on there."""


class UnreadableRecording(CallError):
    """The file is not audio, is empty, damaged or truncated."""


class RecordingGone(UnreadableRecording):
    """The file is not where it was taken in."""


class NoWords(CallError):
    """Much of a recording sounds like speech, and no words came of it."""


class UnreadableTranscript(CallError):
    """The transcript file does not hold what its format promises."""


class SkipCall(CallmineError):
    """Raised by a stage when a call is left out on purpose; becomes a ``Skipped`` row.

    Args:
        reason: A short stable word (``internal``, ``no_consent``, ``silent``, ``too_short``).
        content: SHA-256 of the file, where the same content must be left out under any name.
        notes: What was noticed before, such as what was taken out.
    """

    def __init__(
        self,
        message: str,
        *,
        hint: str = "",
        reason: str = "skipped",
        content: str | None = None,
        notes: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message, hint=hint)
        self.reason = reason
        self.content = content
        self.notes = notes


class RunError(CallmineError):
    """Something that concerns every call; the run stops."""


class UsageError(RunError):
    """The command, a setting or a file given to it is wrong."""

    exit_code = 2


class NotYet(UsageError):
    """There is nothing to report yet, as before the first call; a job that runs again may find some."""


class NoSuchPart(UsageError):
    """A report has no such part: no deal is of the segment, the playbook has no such product, ..."""


class NoSuchCall(UsageError):
    """No call has the id, file name or external id that was given."""


class UnreadableTable(UsageError):
    """A table holds nothing that can be read: it is empty, no text, or damaged as a whole."""


class NoWorkspace(UsageError):
    """No workspace was named, and neither this folder nor one above it is one."""


class SettingsError(UsageError):
    """``callmine.toml``, the playbook, a mapping or a recipe does not validate."""


class MissingDependency(RunError):
    """An optional package or a model file is not there."""

    exit_code = 3


class ModelError(MissingDependency):
    """A model is unknown, cannot be fetched, or its bytes are not the expected ones."""


class NothingReadable(RunError):
    """None of the files given could be read."""

    exit_code = 4


class StoreError(RunError):
    """The database is locked, damaged, newer than this version, or the disk is full."""

    exit_code = 5


class DeliveryError(RunError):
    """A report could not be delivered."""

    exit_code = 7


_MEMORY = re.compile(r"out of memory|bad_alloc|(failed|unable) to allocate|alloc_failed", re.IGNORECASE)


def is_memory(error: Exception) -> bool:
    """Whether an error says that memory ran out; libraries have no type of their own for it."""
    return isinstance(error, MemoryError) or _MEMORY.search(str(error)) is not None
