"""What each label means, as the second reader is told."""

from __future__ import annotations

from collections.abc import Mapping

from callmine.domain import Kind
from callmine.playbook import Playbook

MEANINGS: Mapping[str, str] = {
    "price": "it costs too much, there is no budget, someone is cheaper",
    "timing": "not now: another quarter, other priorities",
    "authority": "I cannot decide; others must agree",
    "no_need": "we do not have the problem, or what we do today is good enough",
    "incumbent": "we have, or lean to, another vendor, and that holds us back",
    "trust": "I doubt your claims, company, support or references",
    "feature_gap": "it lacks, or does badly, something we need",
    "integration": "it may not work with our systems or data",
    "security": "security, privacy, compliance or legal review stands in the way",
    "implementation": "too much effort, disruption, training or change; we lack people",
    "contract": "terms: length, lock-in, renewal, payment, liability",
    "brush_off": "a stall with no reason: send me something, I'll think about it",
}
"""The built-in objection labels, in the words of the labelling guide."""


def meanings_of(playbook: Playbook, kind: Kind) -> dict[str, str]:
    """Return ``label -> meaning`` of what findings of a kind may be called; empty: no other label.

    The labels of positioning are sides, and which side spoke is not for words to say.
    """
    if kind is Kind.OBJECTION:
        examples = {o.label: o.examples for o in playbook.objections}
        return {
            label: "; ".join(filter(None, (MEANINGS.get(label, title), *examples.get(label, ()))))
            for label, title in playbook.titles().items()
        }
    if kind is Kind.COMPETITOR:
        return {c.name: ", ".join((*c.aliases, *c.heard_as)) for c in playbook.competitors}
    if kind is Kind.TRACKER:
        return {t.name: "; ".join((*t.examples, *t.words)) for t in playbook.trackers}
    return {}
