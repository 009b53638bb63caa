"""The redactor: a text, and who is known, to the spans of personal data in it. It guarantees nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from itertools import chain

from callmine.redaction.language import Reader
from callmine.redaction.names import Names, Token, Words, words_of
from callmine.redaction.people import KnownPeople, Phrases, parts_of
from callmine.redaction.spans import PersonalSpan, joined
from callmine.redaction.spoken import find_spoken
from callmine.redaction.whole import WholeNames
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
        self._kept_of_call = {call: Phrases(names) for call, names in people.kept_of_call.items()}
        self._known = frozenset(part for name in people.everywhere for part in parts_of(name))
        self._own_words = people.own_words()
        self._words = Words(reader.is_word, reader.is_adjective) if reader else Words()
        never = {name.casefold() for name in people.kept}
        known = {*people.everywhere, *chain(*people.of_call.values()), *chain(*people.of_deal.values())}
        self._whole = WholeNames((name for name in known if name.casefold() not in never), self._words)

    def find(
        self,
        text: str,
        *,
        call_id: str | None = None,
        people: Collection[str] = (),
        running: bool = True,
    ) -> list[PersonalSpan]:
        """Return the personal data in a text, in order, none overlapping.

        Args:
            text: What was said, or a label, such as a deal's name.
            call_id: The call in which it was said, or that it is about.
            people: Names of further people whom it may be about: those of its deal.
            running: Whether it is running text, which the language model can read.
        """
        here = {*self.people.of_call.get(call_id or "", ()), *people}
        tokens = words_of(text)
        words = [(t.plain, t.start, t.end) for t in tokens]
        accounts, kept = self._accounts.find(words), self._kept.find(words)
        if call_id in self._kept_of_call:
            kept += self._kept_of_call[call_id].find(words)
        whole = [
            span for span in self._whole.find(text, tokens, here) if not _inside(span, [*kept, *accounts])
        ]
        # The account Lee is no part of Ann Lee.
        accounts, kept = _outside(accounts, whole), _outside(kept, whole)

        def names(tokens: Sequence[Token]) -> Names:
            return Names(
                text,
                _without(tokens, [*kept, *accounts]),
                known=self._known,
                here=frozenset(part for name in here for part in parts_of(name)),
                words=self._words,
                own=self._own_words,
                whole=whole,
                running=running,
            )

        looked = names(tokens)
        if self._reader and looked.need_model():  # it takes longer than all else
            looked = names(words_of(text, self._reader.entities(text)))
        spans = [*whole, *looked.find(), *find_written(text), *find_spoken(text)]
        if not self.keep_accounts:
            spans += [span for span in accounts if not _inside(span, kept)]
        return joined(spans)


def _inside(span: PersonalSpan, others: Iterable[PersonalSpan]) -> bool:
    return any(o.start <= span.start and span.end <= o.end for o in others)


def _outside(spans: Iterable[PersonalSpan], others: Sequence[PersonalSpan]) -> list[PersonalSpan]:
    return [span for span in spans if not _inside(span, others)]


def _without(tokens: Sequence[Token], spans: Sequence[PersonalSpan]) -> list[Token]:
    """Return the words that are not in one of the spans."""
    return [t for t in tokens if not any(s.start <= t.start and t.end <= s.end for s in spans)]
