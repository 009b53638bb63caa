"""What goes out to people: frozen values that delivery turns into e-mail and chat messages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from quopri import encodestring
from typing import Any


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a message says about itself, besides the report.

    Attributes:
        page: Where the whole report can be opened in a browser; empty where it cannot.
        unsubscribe: Where to ask to be taken off the list; empty where nothing is configured.
        redacted: Whether personal data was left out of quotes.
    """

    page: str = ""
    unsubscribe: str = ""
    redacted: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture inside an e-mail; ``name`` is what its HTML calls it: ``cid:NAME``."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Letter:
    """A report as an e-mail, without its sender and recipient.

    Attributes:
        subject: One line of plain text.
        html: A whole document with its styles inlined.
        text: The same in plain text.
        pictures: PNG pictures that ``html`` shows; it can be read without them.
    """

    subject: str
    html: str
    text: str
    pictures: tuple[Picture, ...] = ()

    @property
    def size(self) -> int:
        """About how many bytes it has on its way, encoded, with headers; rather too many than too few."""
        bodies = (
            min(len(encodestring(data)), len(data) * 7 // 5)
            for data in map(str.encode, (self.html, self.text))
        )
        return 3000 + sum(bodies) + sum(400 + len(picture.data) * 7 // 5 for picture in self.pictures)


@dataclass(frozen=True, slots=True)
class Post:
    """A report as a chat message.

    Attributes:
        text: What notifications show.
        blocks: Slack's Block Kit, within its limits.
    """

    text: str
    blocks: tuple[Mapping[str, Any], ...]
