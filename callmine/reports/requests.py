"""Requests: what prospects asked to be sent or shown, put together where their words are alike."""

from __future__ import annotations

import heapq
import re
from collections import Counter
from collections.abc import Iterable, Sequence

from callmine.domain import Kind, Role
from callmine.reports.asked_values import RequestGroup
from callmine.reports.passages import cut_at_word
from callmine.reports.quotes import QuoteMaker
from callmine.reports.tally import Window, by_label, reach_of
from callmine.store.rows import EvidenceRow

SHARED = 0.6
"""Two requests are alike when they share this part of the telling words of the shorter one."""

MOST = 1000
"""Kinds of requests that are compared with each other at most, the most frequent; others stand alone."""

LONGEST_TITLE = 90
"""Characters of a request's words as a title, about; it is cut at a word."""

_COMMON = """
a about actually again all also always an and any anyone anything are around as ask at available be
because been before being both bring but by call can could day did do does done download each else email
even ever everything exactly example few find first for forward forwarded from further get give given go
going good got guess had happen has have having he hear help her here him his how i id if im in into is
isn it its ive just kind know last let like little ll look looking lot love mail make many maybe me mean
meeting might more most much my need needed never next nice no not now of off ok okay on one only or other
our out over own perhaps please possible possibly pass put quick quickly really re receive right same say
see seen send sending sent share she should show shown so some somebody someone something somewhere soon
sort still such sure take talk tell than thank thanks that the their them then there these they thing
think this those though through time to today together tomorrow too try two up us use useful ve very walk
want was way we week well were what when where which while who why will with without wonder wondering
would write yeah yes yet you your yours
"""
"""What asks, and what stands between: these words do not say what is asked for."""

_TELLS_NOTHING = frozenset(_COMMON.split())
_WORD = re.compile(r"[^\W_]+")


def requests_of(
    evidence: Iterable[EvidenceRow], window: Window, quotes: QuoteMaker
) -> tuple[tuple[RequestGroup, ...], int]:
    """Return what prospects asked for this week, most asked first, and how many more there are.

    Args:
        evidence: Findings of any kind.
        window: The calls.
        quotes: Makes the quotes.
    """
    found = by_label(evidence, window, quotes.settings, kind=Kind.REQUEST, roles={Role.PROSPECT})
    # What a person barred is no one's words for it either.
    rows = quotes.allowed(window.now(row for rows in found.values() for row in rows))
    made = []
    for seed, alike in grouped(rows):
        best, rest, not_listed = quotes.split(alike)
        made.append(
            RequestGroup(
                words=title_of(seed.text),
                **reach_of(alike, window),
                quotes=best,
                others=rest,
                not_listed=not_listed,
            )
        )
    made.sort(key=lambda g: (-g.heard, -g.deals, -g.calls, -g.mentions, g.words.casefold()))
    most = quotes.settings.requests
    return tuple(made[:most]), len(made[most:])


def grouped(rows: Sequence[EvidenceRow]) -> list[tuple[EvidenceRow, list[EvidenceRow]]]:
    """Put requests together that have alike words; return each group with its most typical request.

    The request that is like the most others takes these, then the next among what is left. So the
    order of the rows means nothing, and no chain of neighbours ties together two that share no word.
    """
    kinds = _kinds(rows)
    near = _near([words for words, _ in kinds])
    sizes = [len(at) for _, at in kinds]
    like = [sum(sizes[other] for other in others) for others in near]
    seeds = [min((rows[i] for i in at), key=_shortest) for _, at in kinds]
    # What is like the most others first; the counts only fall, so an outdated one is put back.
    queue = [(-like[k], *_shortest(seeds[k]), k) for k in range(len(kinds))]
    heapq.heapify(queue)
    left = set(range(len(kinds)))
    groups = []
    while queue:
        count, length, first_id, k = heapq.heappop(queue)
        if k not in left:
            continue
        if -count != like[k]:
            heapq.heappush(queue, (-like[k], length, first_id, k))
            continue
        taken = near[k] & left
        left -= taken
        for other in taken:
            for neighbour in near[other] & left:
                like[neighbour] -= sizes[other]
        groups.append((seeds[k], [rows[i] for i in sorted(i for other in taken for i in kinds[other][1])]))
    return groups


def _kinds(rows: Sequence[EvidenceRow]) -> list[tuple[frozenset[str], list[int]]]:
    """Return the different telling words with the requests that have them, the most frequent first.

    What has no telling words is of a kind of its own.
    """
    found: dict[tuple[frozenset[str], str], list[int]] = {}
    for i, row in enumerate(rows):
        words = telling(row.text)
        found.setdefault((words, "" if words else row.finding_id), []).append(i)
    kinds = [(words, at) for (words, _), at in found.items()]
    return sorted(kinds, key=lambda kind: (-len(kind[1]), min(rows[i].finding_id for i in kind[1])))


def _near(kinds: Sequence[frozenset[str]]) -> list[set[int]]:
    """Return for each kind of request the kinds that are alike, itself among them."""
    near = [{k} for k in range(len(kinds))]
    having: dict[str, list[int]] = {}
    for k, words in enumerate(kinds[:MOST]):
        shared = Counter(other for word in words for other in having.get(word, ()))
        for other, count in shared.items():
            if count >= SHARED * min(len(words), len(kinds[other])):
                near[k].add(other)
                near[other].add(k)
        for word in words:
            having.setdefault(word, []).append(k)
    return near


def _shortest(row: EvidenceRow) -> tuple[int, str]:
    return len(row.text), row.finding_id


def telling(text: str) -> frozenset[str]:
    """Return the words of a request that say what is asked for, in the singular."""
    words = (word.casefold() for word in _WORD.findall(text))
    return frozenset(_singular(word) for word in words if word not in _TELLS_NOTHING and len(word) > 1)


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    return word[:-1] if word.endswith("s") and not word.endswith("ss") and len(word) > 3 else word


def title_of(text: str) -> str:
    """Return the words from their beginning, as far as a title goes."""
    shown = cut_at_word(text, LONGEST_TITLE)
    return shown if shown == text.rstrip() else f"{shown} …"
