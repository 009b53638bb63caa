"""What a CRM's loss reason speaks of, to compare it with what was heard: objections, or a competitor."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from importlib.resources import files

from callmine.crm.mapping import Mapping, phrase
from callmine.crm.outcome import chosen_in
from callmine.domain import LOST_TO_COMPETITOR, OBJECTION_LABELS

_DENIED_BEFORE = re.compile(
    r"\b(?:not|never|isn't|wasn't|rather than|other than|instead of|nothing to do with|nicht)"
    r" (?:about |because of |due to |a (?:question|matter) of |the |a |an |our |their |wegen )*$",
    re.IGNORECASE,
)
_DENIED_AFTER = re.compile(
    r"^ (?:(?:is|was|were|are)(?:n't| not| no\b)|(?:(?:is|was|were|are) )?(?:fine|ok(?:ay)?|good)\b)",
    re.IGNORECASE,
)
_NO_TROUBLE = re.compile(
    r"\b(?:no|without) (?:(?:\w+ ){1,2}(?:issues?|concerns?|problems?|objections?|worries)"
    r"|competitors?|competition|incumbent)\b",
    re.IGNORECASE,
)


def reason_labels(text: str | None, mapping: Mapping | None = None) -> frozenset[str]:
    """Return what a loss reason speaks of; nothing for "other" and what no rule knows.

    That is objection labels, and ``LOST_TO_COMPETITOR`` where it says that another vendor got the deal,
    which is no objection: "went with Acme" does not say that the buyer had Acme before, "stayed with Acme"
    does.

    A phrase counts as whole words in any case, unless it is denied ("price was not the issue").
    Where phrases of the mapping's ``[reason_labels]`` are found, the built-in ones are not asked.

    Args:
        text: The reason as the CRM says it.
        mapping: The company's own phrases.
    """
    reason = " ".join((text or "").replace("’", "'").split())
    if not reason:
        return frozenset()
    if mapping is not None:
        own = mapping.reason_labels
        if found := _found(reason, {label: getattr(own, label) for label in OBJECTION_LABELS}):
            return found
    found = _found(_NO_TROUBLE.sub(" ", reason), _built_in())
    chosen = chosen_in(reason) and "incumbent" not in found
    return found | {LOST_TO_COMPETITOR} if chosen or _is_ruled_lost(reason, mapping) else found


def _is_ruled_lost(reason: str, mapping: Mapping | None) -> bool:
    """Whether the mapping's ``[loss_reasons]`` say that a competitor got the deal."""
    rules = () if mapping is None else mapping.loss_reasons.lost_competitor
    return any(_says(reason, rule) for rule in rules)


def _found(reason: str, phrases: dict[str, tuple[str, ...]]) -> frozenset[str]:
    return frozenset(
        label for label, rules in phrases.items() if any(_says(reason, rule) for rule in rules)
    )


def _says(reason: str, rule: str) -> bool:
    for match in _phrase(rule).finditer(reason):
        before, after = reason[: match.start()], reason[match.end() :]
        if not (_DENIED_BEFORE.search(before) or _DENIED_AFTER.match(after)):
            return True
    return False


@lru_cache(maxsize=1024)
def _phrase(rule: str) -> re.Pattern[str]:
    # A word's ending, not the rest of the sentence: a denial behind it must stay in sight.
    if rule.endswith("*") and rule.count("*") == 1:
        return re.compile(phrase(rule[:-1]).pattern.removesuffix(r"(?!\w)") + r"\w*", re.IGNORECASE)
    return phrase(rule)


@lru_cache
def _built_in() -> dict[str, tuple[str, ...]]:
    """Return the phrases in ``data/reasons.json``, by label."""
    text = (files("callmine.crm") / "data" / "reasons.json").read_text(encoding="utf-8")
    return {label: tuple(rules) for label, rules in json.loads(text)["labels"].items()}
