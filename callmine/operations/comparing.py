"""Find out which two things are meant, and compare the deals in which they were heard."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from callmine.domain import Finding, Kind, Mention, Role
from callmine.errors import UsageError
from callmine.operations.closed_period import closed_in_period, settings_of
from callmine.operations.counting import counted_from
from callmine.operations.linking import tell_failed, tell_waiting
from callmine.operations.redacting import redact_report
from callmine.playbook import Playbook, load_playbook
from callmine.reports.closed import Closed, Heard, heard_in
from callmine.reports.comparison import CompareReport, Said, Side, What, compare_sides, with_evidence
from callmine.reports.digest_values import DigestSettings
from callmine.reports.quotes import QuoteMaker
from callmine.reports.text import cut_name, listed, listed_up_to, plural
from callmine.spans import place
from callmine.store import Store
from callmine.store.rows import EvidenceRow, HeardRow
from callmine.validation import did_you_mean, nearest_words
from callmine.workspace import Workspace

MOST_CANDIDATES = 40
"""Places of a phrase from which quotes are chosen."""

MOST_NAMES = 15
"""Names that an error lists at most."""

ORIGIN = "words/1"

PREFIXES = ("message", "objection", "competitor", "phrase")
"""What stands before a colon to say what is meant."""

HOW = (
    "message:, objection: or competitor: before a name, or phrase: before words, says which is meant."
    " Answers and emerging themes are compared by `callmine outcomes --themes`."
)

ELSEWHERE = {
    "answer": (
        "answers are not compared here",
        "`callmine outcomes` holds each answer to an objection against the others; `phrase:` means words.",
    ),
    "theme": (
        "emerging themes are not compared here, as they are made anew each time",
        "`callmine outcomes --themes` shows them; a label of the playbook can be compared.",
    ),
    "tracker": (
        "trackers are not compared here",
        "`phrase:` compares the words that it listens for.",
    ),
}
"""What people may mean that is compared elsewhere, and where."""

NOBODY = {Role.REP: "none of our reps", Role.PROSPECT: "no prospect"}


def compare_things(
    workspace: Workspace,
    a: str,
    b: str,
    *,
    role: Role = Role.REP,
    since: str | None = None,
    until: str | None = None,
    redact: bool = False,
    progress: Callable[[str], None] = lambda text: None,
) -> CompareReport:
    """Compare two things that were heard: messages, objections, competitors, or words.

    What is meant is looked up in this order: a message's id or text, an objection's label or title, a
    competitor's name or alias; else it is words, said by ``role``. ``objection:price``, ``phrase:price``
    and the like say which is meant.

    Args:
        workspace: Where.
        a: The one.
        b: The other.
        role: Who has to say the words, where words are meant.
        since: See :func:`callmine.operations.outcomes.outcome_report`.
        until: The same.
        redact: Whether personal data is taken out, as far as it is found; what is kept has it all.
        progress: Is told of calls that wait for a run.

    Raises:
        UsageError: A and B are the same, one was never heard in the deals of the period, or see
            :func:`callmine.operations.outcomes.outcome_report`.
        ModelError: The model's card is missing or damaged.
    """
    playbook, counted = load_playbook(workspace.playbook), counted_from(workspace)
    with Store(workspace.database) as store:
        period, closed, _talks = closed_in_period(workspace, store, counted, since=since, until=until)
        tell_failed(store, progress)
        tell_waiting(workspace, store, playbook, progress)
        heard = heard_in(closed, store.heard(closed.call_ids), counted, own_names=playbook.own_names)
        sides = _side(a, playbook), _side(b, playbook)
        if _same(*sides):
            raise UsageError(
                f"{cut_name(a)!r} and {cut_name(b)!r} are the same {sides[0].what}",
                hint="Name two different things.",
            )
        found = [_Said(store, closed, heard, side, role, counted) for side in sides]
        for text, one in zip((a, b), found, strict=True):
            if not (one.first >= 0).any():
                others = Role.PROSPECT if role is Role.REP else Role.REP
                by_others = _Said(store, closed, heard, one.side, others, counted)
                told = bool((by_others.first >= 0).any())
                raise _never_heard(text, one.side, role, playbook, heard, by_others=told)
        report = compare_sides(
            closed,
            sides,
            (found[0].said, found[1].said),
            since=period.since.isoformat(),
            until=period.until.isoformat(),
            settings=settings_of(workspace),
            looks=0,
        )
        quotes = QuoteMaker(counted, workspace.settings.timezone)
        evidence = {"a": found[0].evidence(store, found[1]), "b": found[1].evidence(store, found[0])}
        report = with_evidence(report, evidence, quotes)
        from callmine.reports.render.compare import JSON

        subject = f"{report.a.what}:{report.a.label} {report.b.what}:{report.b.label}"
        store.save_report("compare", subject, JSON.text(report), as_of=None)
        report = replace(report, looks=store.reports_kept("compare"))
    return redact_report(report, workspace, progress=progress) if redact else report


def _side(text: str, playbook: Playbook) -> Side:
    """Return what is meant by a text."""
    wanted = " ".join(text.split())
    if not wanted:
        raise UsageError("there is nothing to compare", hint="Name two messages, objections or phrases.")
    family, _, rest = wanted.partition(":")
    if rest and family in ELSEWHERE:
        raise UsageError(f"{cut_name(text)!r}: {ELSEWHERE[family][0]}", hint=ELSEWHERE[family][1])
    only = family if rest and family in PREFIXES else ""
    name = rest.strip() if only else wanted
    for what, known in _known(playbook).items():
        if only in ("", what) and (found := known.get(name.casefold())) is not None:
            return Side(what, *found)
    if only not in ("", "phrase"):
        raise _unknown(only, name, playbook)
    if not any(c.isalnum() for c in name):
        raise UsageError(
            f"there are no words in {cut_name(text)!r}", hint="Name messages, objections or words."
        )
    return Side("phrase", name, name)


def _known(playbook: Playbook) -> dict[What, dict[str, tuple[str, str]]]:
    """Return what has a name, in the order in which it is looked up: label and title by name, folded."""
    messages = {
        name.casefold(): (one.id, one.text) for one in playbook.messages for name in (one.text, one.id)
    }
    titles = playbook.titles(all_labels=True).items()
    objections = {name.casefold(): one for one in titles for name in reversed(one)}
    competitors = {
        name.casefold(): (one.name, one.name)
        for one in playbook.competitors
        for name in (*one.aliases, one.name)
    }
    return {"message": messages, "objection": objections, "competitor": competitors}


def _names(playbook: Playbook, what: str = "") -> list[str]:
    """Return the names by which people call things, of one sort or of all."""
    names: dict[str, list[str]] = {
        "message": [message.id for message in playbook.messages],
        "objection": list(playbook.titles(all_labels=True)),
        "competitor": [competitor.name for competitor in playbook.competitors],
    }
    return names[what] if what else [name for those in names.values() for name in those]


def _unknown(what: str, name: str, playbook: Playbook) -> UsageError:
    """Say that the playbook has no such thing, what is nearest, and what it has."""
    names = _names(playbook, what)
    has = f"Its {what}s: {listed_up_to(names, MOST_NAMES)}." if names else f"It has no {what}s."
    return UsageError(
        f"the playbook has no {what} {cut_name(name)!r}{did_you_mean(name, names)}",
        hint=f"{has} `phrase:{cut_name(name)}` means the words.",
    )


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
        self._rows: tuple[HeardRow, ...] = ()
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
            self._rows = heard.rows[key]

    @property
    def said(self) -> Said:
        """Where it was heard, as the comparison takes it."""
        findings = [(row.call_id, row.utterance_index, row.finding_id) for row in self._rows]
        words = [(call_id, index, None) for call_id, index, *_ in self._places]
        return Said(self.first, (*findings, *words))

    def evidence(self, store: Store, other: _Said) -> list[EvidenceRow]:
        """Return what was said, as rows for quotes; of words, only where ``other`` was not heard."""
        if self.side.what == "phrase":
            return store.evidence(given=list(self._findings(store, other)))
        return store.evidence(ids=frozenset(row.finding_id for row in self._rows))

    def _findings(self, store: Store, other: _Said) -> Iterable[Finding]:
        alone = [place for place in self._places if other.first[self._deals[place[0]]] < 0]
        for call_id, index, start, end in alone[:MOST_CANDIDATES]:
            utterance = next(u for u in store.utterances(call_id) if u.index == index)
            mention = Mention(Kind.TRACKER, self.side.label, start, end, 1.0)
            yield place(call_id, utterance, mention, extractor=ORIGIN, playbook="")


def _never_heard(
    text: str, side: Side, role: Role, playbook: Playbook, heard: Heard, *, by_others: bool
) -> UsageError:
    """Say that something is not in the deals of the period, what was looked up, and what is near."""
    if side.what != "phrase":
        there = [label for what, label in heard.firsts if what == side.what]
        heard_in_it = listed_up_to(there, MOST_NAMES) or f"no {side.what}"
        return UsageError(
            f"the {side.what} {cut_name(text)!r} was never heard in the deals of this period",
            hint=f"Heard in it: {heard_in_it}. --since and --until widen it.",
        )
    other = Role.PROSPECT if role is Role.REP else Role.REP
    said_so = f"; {other.value}s do say it: `--said-by {other.value}`" if by_others else ""
    if text.split(":")[0].strip() == "phrase":
        return UsageError(
            f"{NOBODY[role]} is known to say {cut_name(text)!r} in the deals of this period{said_so}",
            hint="See `callmine search` for what was said.",
        )
    known = _known(playbook)
    names = [name for things in known.values() for name in things]
    near = nearest_words(text, [*_names(playbook), *(names if len(text.split()) > 1 else ())], most=3)
    counts = [plural(len(_names(playbook, what)), what) for what in ("message", "objection", "competitor")]
    return UsageError(
        f"no message, objection or competitor is called {cut_name(text)!r}, and {NOBODY[role]} is known to"
        f" say it in the deals of this period{said_so}",
        hint=f"{f'Near it: {listed(near)}. ' if near else ''}Looked up: {listed(counts)} of the playbook,"
        f" then words of a {role.value}. {HOW}",
    )
