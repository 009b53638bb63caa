"""What every noun rests on: JSON objects, the present instant, hashes, and names in keys."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from json.encoder import encode_basestring
from typing import Any

Json = Mapping[str, Any]


def utc_now() -> str:
    """Return the present instant, UTC ISO-8601 to the second."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)


def _canonical(value: object) -> bytes:
    return _CANONICAL.encode(value).encode("utf-8", "surrogatepass")


def digest_of(*parts: object) -> str:
    """Return the first 16 hex digits of SHA-256 over the canonical JSON of ``parts``."""
    return hashlib.sha256(_canonical(parts)).hexdigest()[:16]


class Digesting:
    """The digests of parts of which only the last one differs, each as :func:`digest_of` returns it."""

    def __init__(self, *parts: object) -> None:
        """Hash what they have in common, one part or more."""
        self._begun = hashlib.sha256(_canonical(parts)[:-1] + b",")

    def with_last(self, part: Sequence[str]) -> str:
        """Return the digest of all parts with these texts, as one part, behind them."""
        # As many as there are calls, before each report; an encoder for any value takes thrice as long.
        told = ",".join(map(encode_basestring, part))
        whole = self._begun.copy()
        whole.update(f"[{told}]]".encode("utf-8", "surrogatepass"))
        return whole.hexdigest()[:16]


def key_name(name: str, *, unlike: str = "") -> str:
    """Return a name as a part of a key, in small letters: others have another one, in any case the same.

    Ordinary names stand as they are. What could be read as another part of the key, and what only differs
    from another name in its blanks, is quoted.

    Args:
        name: As a person wrote it; blanks around it do not count.
        unlike: What no ordinary name looks like there, a regular expression.
    """
    exact = name.strip().casefold()
    plain = " ".join(exact.split())
    if plain == exact and not exact.startswith('"') and not (unlike and re.search(unlike, exact)):
        return plain
    return json.dumps(exact, ensure_ascii=False)
