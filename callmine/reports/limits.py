"""What a digest may be limited to: a segment of deals, a product, a kind of buyer."""

from __future__ import annotations

import re
from dataclasses import dataclass

from callmine.domain import digest_of, key_name


@dataclass(frozen=True, slots=True)
class Limits:
    """What counts in a digest; ``None`` for everything.

    Attributes:
        segment: Deals of this segment, as the CRM calls it.
        product: Calls about this product of the playbook.
        persona: Words of this kind of buyer of the playbook.
    """

    segment: str | None = None
    product: str | None = None
    persona: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """What it is limited to, by name."""
        return tuple(name for name in (self.segment, self.product, self.persona) if name)

    @property
    def key(self) -> str:
        """The same as a text that is stable: ``segment=enterprise product=larkmoor rota``.

        Other limits have another one, whatever their names are: what is kept of one is never another's.
        """
        pairs = (("segment", self.segment), ("product", self.product), ("persona", self.persona))
        return " ".join(f"{what}={key_name(name, unlike=_NEXT)}" for what, name in pairs if name)

    @property
    def slug(self) -> str:
        """The same as a part of a file's name: ``-enterprise-product-larkmoor-rota``.

        Other limits have another one: a name that a file cannot have as it is gets a hash, and so does one
        that reads as if it had one. Three of them fit into the name of a file.
        """
        pairs = (("", self.segment), ("-product", self.product), ("-persona", self.persona))
        return "".join(f"{what}-{_slug(name)}" for what, name in pairs if name)


def _slug(name: str) -> str:
    name = name.strip().casefold()
    slug = re.sub(r"\W+", "-", name).strip("-_").encode()[:_MOST_BYTES].decode(errors="ignore")
    plain = slug.replace("-", " ") == name and not {"product", "persona"} & set(name.split())
    return slug if plain and not _HASHED.search(slug) else f"{slug}-{digest_of(name)[:12]}".lstrip("-")


_MOST_BYTES = 40
"""Of a name in a file's: systems of files count bytes, 255 as a rule, and a letter may have four."""

_HASHED = re.compile(r"(^|-)[0-9a-f]{12}$")

_NEXT = " (product|persona)="
"""How the next one begins in a key."""

NO_LIMITS = Limits()
