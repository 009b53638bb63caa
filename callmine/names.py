"""Names and e-mail addresses of people, as they are compared."""

from __future__ import annotations

import unicodedata


def folded(name: str | None) -> str:
    """Return a name or an address in small letters, with single blanks; empty for none.

    An é is one letter, also where a file system or a table writes it as two (NFC). Who is learned,
    matched, refused and forgotten is told by this alone: two ways to compare names would learn a
    person under one and not find them under the other.
    """
    return " ".join(unicodedata.normalize("NFC", (name or "").casefold()).split())
