"""The redactor: a text, and who is known, to the spans of personal data in it. It guarantees nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from callmine.redaction.language import Reader
from callmine.redaction.names import Names, Token, Words, words_of
from callmine.redaction.people import KnownPeople, Phrases, parts_of
from callmine.redaction.spans import PersonalSpan, joined
from callmine.redaction.spoken import find_spoken
from callmine.redaction.written import find_written


class Redactor:
    """Finds personal data in what was said.

    Args:
        people: Who is known, and what is never a person.
        reader: The language model; ``None`` to do without.
        keep_accounts: Whether names of accounts stay: they are companies.
    """

    def __init__(
        self, people: KnownPeople, reader: Reader | None = None, *, keep_accounts: bool = True
    ) -> None:
        self.people = people
        self._reader = reader
        self.keep_accounts = keep_accounts
        self._kept = Phrases(people.kept)
        self._accounts = Phrases(people.accounts)
        self._known = frozenset(part for name in people.everywhere for part in parts_of(name))
        self._words = Words(reader.is_word, reader.is_adjective) if reader else Words()

    def find(self, text: str, *, call_id: str | None = None, running: bool = True) -> list[PersonalSpan]:
        """Return the personal data in a text, in order, none overlapping.

        Args:
            text: What was said, or a label, such as a deal's name.
            call_id: The call in which it was said.
            running: Whether it is running text, which the language model can read.
        """
        entities = self._reader.entities(text) if running and self._reader and _has_capital(text) else []
        tokens = words_of(text, entities)
        words = [(t.plain, t.start, t.end) for t in tokens]
        accounts, kept = self._accounts.find(words), self._kept.find(words)
        kept += Phrases(self.people.kept_of_call.get(call_id or "", ())).find(words)
        here = frozenset(
            part for name in self.people.of_call.get(call_id or "", ()) for part in parts_of(name)
        )
        names = Names(
            text,
            _without(tokens, [*kept, *accounts]),
            known=self._known,
            here=here,
            words=self._words,
            running=running,
        ).find()
        spans = [*names, *find_written(text), *find_spoken(text)]
        if not self.keep_accounts:
            spans += [span for span in accounts if not _inside(span, kept)]
        return joined(spans)


def _has_capital(text: str) -> bool:
    return any(c.isupper() for c in text)


def _inside(span: PersonalSpan, others: Iterable[PersonalSpan]) -> bool:
    return any(o.start <= span.start and span.end <= o.end for o in others)


def _without(tokens: Sequence[Token], spans: Sequence[PersonalSpan]) -> list[Token]:
    """Return the words that are not in one of the spans."""
    return [t for t in tokens if not any(s.start <= t.start and t.end <= s.end for s in spans)]
