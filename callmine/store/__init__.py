"""The only writer of the database, and the named queries everyone reads through."""

import sys

if "pandas" not in sys.modules and "sqlite_utils" not in sys.modules:
    # sqlite-utils imports pandas wherever that is installed, to know its type of instants. None is ever
    # stored here, and it takes a third of a second of every command. This is how Python says "not there".
    sys.modules["pandas"] = None  # type: ignore[assignment]
    try:
        import sqlite_utils  # noqa: F401
    finally:
        del sys.modules["pandas"]

from callmine.store.store import STORED, Store

__all__ = ["STORED", "Store"]
