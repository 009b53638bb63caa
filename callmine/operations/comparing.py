"""Find out which two things are meant, and compare the deals in which they were heard."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from callmine.domain import Finding, Kind, Mention, Role
from callmine.errors import UsageError
from callmine.operations.closed_period import closed_in_period, settings_of
from callmine.operations.counting import counted_from
from callmine.playbook import Playbook, load_playbook
from callmine.reports.closed import Closed, Heard, heard_in
from callmine.reports.comparison import CompareReport, Side, compare_sides, with_evidence
from callmine.reports.digest_values import DigestSettings
from callmine.reports.quotes import QuoteMaker
from callmine.spans import place
from callmine.store import Store
from callmine.store.rows import EvidenceRow
from callmine.validation import did_you_mean
from callmine.workspace import Workspace

MOST_CANDIDATES = 40
"""Places of a phrase from which quotes are chosen."""

ORIGIN = "words/1"


def compare_things(
    workspace: Workspace,
    a: str,
    b: str,
    *,
    role: Role = Role.REP,
    since: str | None = None,
    until: str | None = None,
) -> CompareReport:
    """Compare two things that were heard: messages, objections, competitors, or words.

    What is meant is looked up in this order: ``objection:price`` and the like, a message's id or text, an
    objection's label or title, a competitor's name or alias; else it is words, said by ``role``.

    Args:
        workspace: Where.
        a: The one.
        b: The other.
        role: Who has to say the words, where words are meant.
        since: See :func:`callmine.operations.outcomes.outcome_report`.
        until: The same.

    Raises:
        UsageError: A and B are the same, one was never heard in the deals of the period, or see
            :func:`callmine.operations.outcomes.outcome_report`.
        ModelError: The model's card is missing or damaged.
    """
    playbook, counted = load_playbook(workspace.playbook), counted_from(workspace)
    with Store(workspace.database) as store:
        period, closed, _talks = closed_in_period(workspace, store, counted, since=since, until=until)
        heard = heard_in(closed, store.heard(closed.call_ids), counted, own_names=playbook.own_names)
        sides = _side(a, playbook), _side(b, playbook)
        if _same(*sides):
            raise UsageError(
                f"{a!r} and {b!r} are the same {sides[0].what}", hint="Name two different things."
            )
        found = [_Said(store, closed, heard, side, role, counted) for side in sides]
        for text, one in zip((a, b), found, strict=True):
            if not (one.first >= 0).any():
                raise _never_heard(text, one.side, role, playbook, heard)
        report = compare_sides(
            closed,
            sides,
            (found[0].first, found[1].first),
            since=period.since.isoformat(),
            until=period.until.isoformat(),
            settings=settings_of(workspace),
            looks=0,
        )
        quotes = QuoteMaker(counted, workspace.settings.timezone)
        evidence = {"a": found[0].evidence(store, found[1]), "b": found[1].evidence(store, found[0])}
        report = with_evidence(report, evidence, quotes)
        from callmine.reports.render.compare import render_json

        subject = f"{report.a.what}:{report.a.label} {report.b.what}:{report.b.label}"
        store.save_report("compare", subject, render_json(report), as_of=None)
        return replace(report, looks=store.reports_kept("compare"))


def _side(text: str, playbook: Playbook) -> Side:
    """Return what is meant by a text."""
    wanted = " ".join(text.split())
    if not wanted:
        raise UsageError("there is nothing to compare", hint="Name two messages, objections or phrases.")
    family, _, rest = wanted.partition(":")
    only = family if rest and family in ("objection", "competitor", "message", "phrase") else ""
    name = rest.strip() if only else wanted
    folded = name.casefold()
    if only in ("", "message"):
        for message in playbook.messages:
            if folded in (message.id.casefold(), message.text.casefold()):
                return Side("message", message.id, message.text)
    if only in ("", "objection"):
        for label, title in playbook.titles(all_labels=True).items():
            if folded in (label.casefold(), title.casefold()):
                return Side("objection", label, title)
    if only in ("", "competitor"):
        for competitor in playbook.competitors:
            if folded in (n.casefold() for n in (competitor.name, *competitor.aliases)):
                return Side("competitor", competitor.name, competitor.name)
    if only in ("", "phrase"):
        if not any(c.isalnum() for c in name):
            raise UsageError(f"there are no words in {text!r}", hint="Name messages, objections or words.")
        return Side("phrase", name, name)
    raise UsageError(f"the playbook has no {only} {name!r}", hint="`callmine playbook check` lists them.")


def _same(a: Side, b: Side) -> bool:
    """Whether two sides are one: words are, in any case and whatever stands between them."""
    if "phrase" in (a.what, b.what):
        words = [re.findall(r"\w+", side.label.casefold()) for side in (a, b)]
        return a.what == b.what and words[0] == words[1]
    return (a.what, a.label) == (b.what, b.label)


class _Said:
    """Where one side was heard."""

    def __init__(
        self,
        store: Store,
        closed: Closed,
        heard: Heard,
        side: Side,
        role: Role,
        counted: DigestSettings,
    ) -> None:
        self.side = side
        self.first: NDArray[np.int64] = np.full(closed.cohort.deals, -1, dtype=np.int64)
        self._ids: frozenset[str] = frozenset()
        self._places: list[tuple[str, int, int, int]] = []
        self._deals: dict[str, int] = {}
        if side.what == "phrase":
            number = {call_id: n for n, call_id in enumerate(closed.call_ids)}
            said = store.spoken(side.label, role=role, min_role_confidence=counted.min_role_confidence)
            self._places = [one for one in said if one[0] in number]
            self._deals = {call_id: int(closed.cohort.deal[n]) for call_id, n in number.items()}
            self.first = closed.cohort.first_heard([number[one[0]] for one in self._places])
        elif (key := (side.what, side.label)) in heard.firsts:
            self.first = heard.firsts[key]
            self._ids = frozenset(row.finding_id for row in heard.rows[key])

    def evidence(self, store: Store, other: _Said) -> list[EvidenceRow]:
        """Return what was said, as rows for quotes; of words, only where ``other`` was not heard."""
        if self.side.what == "phrase":
            return store.evidence(given=list(self._findings(store, other)))
        return store.evidence(ids=self._ids)

    def _findings(self, store: Store, other: _Said) -> Iterable[Finding]:
        alone = [place for place in self._places if other.first[self._deals[place[0]]] < 0]
        for call_id, index, start, end in alone[:MOST_CANDIDATES]:
            utterance = next(u for u in store.utterances(call_id) if u.index == index)
            mention = Mention(Kind.TRACKER, self.side.label, start, end, 1.0)
            yield place(call_id, utterance, mention, extractor=ORIGIN, playbook="")


def _never_heard(text: str, side: Side, role: Role, playbook: Playbook, heard: Heard) -> UsageError:
    if side.what != "phrase":
        return UsageError(
            f"the {side.what} {text!r} was never heard in the deals of this period",
            hint="Widen the period with --since and --until, or see `callmine findings`.",
        )
    names = [message.id for message in playbook.messages] + [label for _, label in heard.firsts]
    who = {Role.REP: "none of our reps", Role.PROSPECT: "no prospect"}.get(role, "nobody")
    return UsageError(
        f"{who} is known to say {text!r} in the deals of this period{did_you_mean(text, names)}",
        hint="Name a message of the playbook, an objection, a competitor, or words that were said.",
    )
