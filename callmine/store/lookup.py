"""Which call somebody means: by its id or the beginning of it, a file's name, or an external id."""

from __future__ import annotations

import shlex

from sqlite_utils import Database

from callmine.domain import Call
from callmine.errors import NoSuchCall, UsageError
from callmine.store import call_queries, reading
from callmine.store.rows import CallRow
from callmine.validation import did_you_mean

_SHOWN = 200
"""Characters that an error shows of what was asked for; file names are long."""


def find_call(db: Database, ref: str) -> Call:
    """Return the call whose id begins with ``ref``, or whose file name or external id it is.

    Raises:
        NoSuchCall: None matches.
        UsageError: Several do.
    """
    sql = (
        "SELECT * FROM calls WHERE substr(call_id, 1, length(:r)) = :r OR source = :r"
        " OR external_id = :r LIMIT 3"
    )
    rows = list(db.query(sql, {"r": ref})) if ref else []
    if len(rows) != 1:
        hint = "See the ids with `callmine calls`."
        if rows:
            raise UsageError(f"{ref!r} fits more than one call", hint=hint)
        if ref and next(iter(db.query("SELECT 1 FROM deals WHERE deal_id = ?", [ref])), None):
            shown = shlex.quote(ref)
            raise NoSuchCall(
                f"{ref} is a deal, and no call",
                hint=f"See it and its calls with `callmine deals --show {shown}`; what was said in them"
                f" with `callmine findings --deal {shown}`.",
            )
        shown = ref if len(ref) <= _SHOWN else f"{ref[: _SHOWN - 1]}…"
        raise NoSuchCall(f"there is no call {shown!r}{_like(db, ref)}", hint=hint)
    return reading.call_from_row(rows[0])


def find_row(db: Database, ref: str) -> CallRow:
    """Return the call that :func:`find_call` finds, or a file without a call.

    Such a file is meant by its name, path or external id, where no call is.

    Raises:
        UsageError: None or several match.
    """
    try:
        call_id = find_call(db, ref).call_id
    except NoSuchCall:
        files = list(call_queries.files_without_call(db, ref)) if ref else []
        if len(files) > 1:
            raise UsageError(
                f"{ref!r} fits more than one file",
                hint="Give its path; `callmine status` tells of each.",
            ) from None
        if not files:
            raise
        return files[0]
    (row,) = call_queries.calls(db, call_id=call_id)
    return row


def _like(db: Database, ref: str) -> str:
    names = db.query("SELECT source, external_id FROM calls")
    return did_you_mean(ref, (name for row in names for name in row.values() if name))
