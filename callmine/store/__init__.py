"""The only writer of the database, and the named queries everyone reads through."""

from callmine.store.store import STORED, Store

__all__ = ["STORED", "Store"]
