"""Reports without personal data, as far as that can be found: for what leaves the workspace."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from itertools import chain
from typing import Any, TypeVar

from callmine.domain import Role
from callmine.errors import CallmineError
from callmine.outcomes.groups import Group, Grouping
from callmine.redaction import Marked, Marker, Redactor
from callmine.reports.asked_values import AnswerGiven, RequestGroup
from callmine.reports.emerging_values import Theme
from callmine.reports.message_values import Adoption
from callmine.reports.quote_values import Quote, Reply
from callmine.reports.redacted_fields import Treatment, treatment_of
from callmine.reports.review_values import Asked, Given, Voice

Value = TypeVar("Value")

_MADE_OF_QUOTES = (Asked, RequestGroup, Theme)
"""Values whose words are those of one of their quotes, or of all."""

_PAGES = ("https://", "http://")

OWNER = "owner"
"""The characteristic of deals whose groups are persons."""

LEFT_OUT = "name left out"
"""In place of a prospect's name in a list of who spoke."""


def redacted(
    report: Value, redactor: Redactor, *, verbatim: Collection[str] = (), keep_reps: bool = False
) -> Value:
    """Return a report with what is personal marked, in everything that it holds.

    Quotes stay verbatim around the marks and keep their places; one with a mark loses its sound. The same
    name has the same number everywhere in the report.

    Args:
        report: A report's value, or any of its parts.
        redactor: Finds what is personal.
        verbatim: Texts of the playbook, which stay as they are.
        keep_reps: Whether our reps may be named.

    Raises:
        CallmineError: A text in it is not declared in :mod:`callmine.reports.redacted_fields` (a bug).
    """
    walk = _Walk(redactor, frozenset(verbatim), keep_reps=keep_reps)
    done: Value = walk.value(report)
    return done


class _Walk:
    """One report on its way through redaction."""

    def __init__(self, redactor: Redactor, verbatim: frozenset[str], *, keep_reps: bool) -> None:
        self._redactor = redactor
        self._marker = Marker(redactor)
        self._verbatim = verbatim
        self._keep_reps = keep_reps
        self._reps: dict[str, int] = {}
        self._call_id: str | None = None
        self._people: frozenset[str] = frozenset()

    def value(self, value: Any) -> Any:
        """Return a value of a report with its fields redacted."""
        if isinstance(value, Quote):
            return self._quote(value)
        if isinstance(value, Reply):
            return self._reply(value, self._call_id)
        if isinstance(value, Voice):
            return replace(value, name=self._voice(value))
        outer = self._call_id, self._people
        # A reply is of the same call as the answer beside it.
        of_call = value.quote if isinstance(value, AnswerGiven | Given) else value
        self._call_id = getattr(of_call, "call_id", None)
        self._people |= self._people_of(value)
        changed = {f.name: self._field(value, f.name) for f in fields(value)}
        self._call_id, self._people = outer
        if "redacted" in changed:  # a report, or one within another
            changed["redacted"] = True
        if isinstance(value, Grouping) and value.by == OWNER and not self._keep_reps:
            changed["groups"] = tuple(self._owners(group) for group in value.groups)
        return replace(value, **changed)

    def _people_of(self, value: Any) -> frozenset[str]:
        """Return who takes part in the deal that a value is about, or in the calls that it is made of."""
        people = self._redactor.people
        deal = getattr(value, "deal", value)
        names = people.of_deal.get(deal if isinstance(deal, str) else getattr(deal, "deal_id", ""), ())
        if isinstance(value, _MADE_OF_QUOTES):
            quoted = (quote.call_id for quote in (*value.quotes, *getattr(value, "others", ())))
            names = (*names, *chain.from_iterable(people.of_call.get(call, ()) for call in quoted))
        return frozenset(names)

    def _field(self, value: Any, name: str) -> Any:
        content = getattr(value, name)
        treatment = treatment_of(type(value), name)
        if treatment is None and _holds_text(content):
            raise CallmineError(
                f"{type(value).__name__}.{name} is not declared for redaction",
                hint="This is a bug; please report it. --no-redact writes the report as it is.",
            )
        return self._content(content, treatment or Treatment.KEEP)

    def _content(self, content: Any, treatment: Treatment) -> Any:
        if isinstance(content, str) and not isinstance(content, Enum):
            return self._text(content, treatment)
        if isinstance(content, Adoption) and treatment is Treatment.REPS and not self._keep_reps:
            return replace(content, name=self._rep(content.name))
        if is_dataclass(content):
            return self.value(content)
        if isinstance(content, tuple | list | frozenset):
            return type(content)(self._content(one, treatment) for one in content)
        if isinstance(content, Mapping):
            return {key: self._content(one, treatment) for key, one in content.items()}
        return content

    def _text(self, text: str, treatment: Treatment) -> str:
        if treatment is Treatment.KEEP or text in self._verbatim:
            return text
        if treatment is Treatment.FILE:
            return self._file(text, self._call_id)
        if treatment is Treatment.ACCOUNT:
            return self._account(text)
        if treatment is Treatment.REPS:
            return text if self._keep_reps else self._rep(text)
        return self._marked(text, running=treatment is Treatment.SAID)

    def _marked(self, text: str, *, running: bool) -> str:
        marked = self._marker.mark(text, call_id=self._call_id, people=self._people, running=running)
        return marked.text

    def _quote(self, quote: Quote) -> Quote:
        marked = self._marker.mark(quote.utterance, call_id=quote.call_id)
        first = quote.start - len(quote.before)
        mark_end = quote.start + len(quote.marked)
        last = mark_end + len(quote.after)
        start, end = marked.begin(quote.start), marked.end(quote.end)
        shown = start, marked.end(mark_end)
        text = marked.text
        return replace(
            quote,
            utterance=text,
            start=start,
            end=end,
            text=text[start:end],
            before=text[marked.begin(first) : start],
            marked=text[shown[0] : shown[1]],
            after=text[shown[1] : marked.end(last)],
            source=self._file(quote.source, quote.call_id),
            speaker_name=self._speaker(quote),
            account=self._account(quote.account) if quote.account else None,
            deal_name=self._deal_name(quote),
            href=self._link(quote.href, marked, quote.call_id),
            clip=None if marked.places else quote.clip,
        )

    def _reply(self, reply: Reply, call_id: str | None) -> Reply:
        marked = self._marker.mark(reply.utterance, call_id=call_id)
        return replace(
            reply,
            utterance=marked.text,
            text=marked.text[: marked.end(len(reply.text))],
            speaker_name=None,
            href=self._link(reply.href, marked, call_id),
        )

    def _speaker(self, quote: Quote) -> str | None:
        """Return no name: pages say "a prospect" or "one of our reps" where there is none."""
        return quote.speaker_name if quote.role is Role.REP and self._keep_reps else None

    def _voice(self, voice: Voice) -> str | None:
        if voice.name is None or (voice.role is Role.REP and self._keep_reps):
            return voice.name
        return self._rep(voice.name) if voice.role is Role.REP else LEFT_OUT

    def _deal_name(self, quote: Quote) -> str | None:
        if quote.deal_name is None:
            return None
        people = self._people | self._people_of(quote)
        return self._marker.mark(quote.deal_name, call_id=quote.call_id, people=people, running=False).text

    def _account(self, account: str) -> str:
        if self._redactor.keep_accounts:
            return account
        return self._marker.account(account)

    def _file(self, source: str, call_id: str | None) -> str:
        if not self._named(source, call_id):
            return source
        return f"call {call_id[:8]}" if call_id else "a call"

    def _link(self, href: str | None, marked: Marked, call_id: str | None) -> str | None:
        """Return a link to a page unless what it plays, or its name, holds something personal.

        A file's opens nothing elsewhere, and tells of the folders, and so of whose computer this is.
        """
        if href is None or not href.startswith(_PAGES) or marked.places or self._named(href, call_id):
            return None
        return href

    def _named(self, name: str, call_id: str | None) -> bool:
        """Whether the name of a file holds somebody's; its parts are joined by what is no blank."""
        words = re.sub(r"[\W\d_]+|(?<=[a-z])(?=[A-Z])", " ", name)
        return bool(self._redactor.find(words, call_id=call_id, people=self._people, running=False))

    def _rep(self, name: str) -> str:
        return f"our rep {self._reps.setdefault(name.casefold(), len(self._reps) + 1)}"

    def _owners(self, group: Group) -> Group:
        return replace(group, names=tuple(name and self._rep(name) for name in group.names))


def _holds_text(content: Any) -> bool:
    """Whether there is text in a field, not counting values that have fields of their own."""
    if isinstance(content, str):
        return not isinstance(content, Enum)
    if isinstance(content, Mapping):
        return any(_holds_text(one) for pair in content.items() for one in pair)
    if isinstance(content, tuple | list | frozenset):
        return any(map(_holds_text, content))
    return False
