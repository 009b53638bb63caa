"""What the report on approved messages holds: frozen values."""

from __future__ import annotations

from dataclasses import dataclass

from callmine.reports.quote_values import Quote


@dataclass(frozen=True, slots=True)
class MessageWeek:
    """In how many calls of one week a message was said, out of those in which a rep is known to speak.

    ``echoed`` are the calls among them in which a prospect took it up.
    """

    week: str
    said: int
    out_of: int
    echoed: int


@dataclass(frozen=True, slots=True)
class Adoption:
    """In how many of their calls some reps said a message: a group of them, or one by name.

    ``reps`` is how many of them are known to speak in these weeks.
    """

    name: str
    reps: int
    said: int
    out_of: int


@dataclass(frozen=True, slots=True)
class MessageCount:
    """One approved message over the weeks.

    Attributes:
        id: Its id in the playbook.
        text: Its words there.
        said: Calls in which a known rep said it.
        echoed: Calls among them in which a known prospect took the rep's words up.
        weekly: The same, week by week.
        groups: Of the groups that may be told; see :class:`MessageReport`.
        reps: Of each rep; empty unless that is switched on.
        examples: In reps' words, the best first; they name no rep unless that is switched on.
        echoes: In prospects' words, the best first.
    """

    id: str
    text: str
    said: int
    echoed: int
    weekly: tuple[MessageWeek, ...]
    groups: tuple[Adoption, ...]
    reps: tuple[Adoption, ...]
    examples: tuple[Quote, ...]
    echoes: tuple[Quote, ...]


@dataclass(frozen=True, slots=True)
class MessageReport:
    """How far the playbook's approved messages are said, and taken up.

    Attributes:
        weeks: ISO weeks, oldest first.
        calls: Calls of these weeks in which a rep is known to speak: what every count is out of.
        undated: Calls without a date, which are in no week.
        unplaced: Read calls of these weeks in which no rep is known to speak.
        messages: The most said first; those that were never said are there, too.
        withheld: Groups that are not told, because fewer than three of their reps spoke, or because
            what is left without them would be the figures of one or two reps.
        redacted: Whether personal data was looked for and taken out.
    """

    weeks: tuple[str, ...]
    timezone: str
    calls: int
    undated: int
    unplaced: int
    messages: tuple[MessageCount, ...]
    withheld: tuple[str, ...] = ()
    redacted: bool = False
