"""What a digest is limited to: names checked, and the calls and words that are left."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from callmine.domain import Deal, Kind
from callmine.errors import NoSuchPart
from callmine.operations.closed_period import segment_named
from callmine.operations.personas import voices_of
from callmine.operations.titles import named
from callmine.playbook import Playbook
from callmine.reports.emerging import Heard
from callmine.reports.limits import Limits
from callmine.reports.text import cut_name
from callmine.store import Store
from callmine.store.rows import CallRow, EvidenceRow, ReplyRow, RepRow, WeekDeal
from callmine.validation import did_you_mean


@dataclass(frozen=True, slots=True)
class WeekMaterial:
    """What a digest is built from.

    Attributes:
        within: Deals that it is limited to; ``None`` for all.
        about: Calls that it is limited to; likewise.
        whole: The calls before they were limited to a product or a persona.
    """

    calls: Sequence[CallRow]
    evidence: Sequence[EvidenceRow]
    reps: Sequence[RepRow]
    replies: Sequence[ReplyRow]
    unlabelled: Sequence[Heard]
    deals: Sequence[WeekDeal]
    within: frozenset[str] | None = None
    about: frozenset[str] | None = None
    whole: Sequence[CallRow] = ()


def limits_of(playbook: Playbook, deals: tuple[Deal, ...], asked: Limits) -> Limits:
    """Return limits with the names as the CRM and the playbook write them.

    Raises:
        NoSuchPart: There is no such segment, product or persona.
    """
    personas = [persona.name for persona in playbook.personas]
    return Limits(
        segment_named(deals, asked.segment),
        _known("product", asked.product, playbook.company.products, "[company] products"),
        _known("persona", asked.persona, personas, "[[personas]]"),
    )


def _known(what: str, name: str | None, known: Sequence[str], where: str) -> str | None:
    if name is None:
        return None
    for one in known:
        if one.casefold() == name.strip().casefold():
            return one
    raise NoSuchPart(
        f"the playbook has no {what} {cut_name(name)!r}{did_you_mean(name, known)}",
        hint=f"Known: {', '.join(known[:12])}." if known else f"Name some in playbook.toml, under {where}.",
    )


def narrowed(
    found: WeekMaterial, limits: Limits, playbook: Playbook, store: Store, deals: Sequence[Deal]
) -> WeekMaterial:
    """Return what is left of a week's material within limits.

    A call is about a product where its title, its deal's name or somebody in it names the product. Of a
    persona are prospects' voices whose name says a title, as in "Petra Voss, CFO", or who say it of
    themselves, in this call or in another one of the same account.
    """
    if limits.segment is not None:
        wanted = limits.segment.casefold()
        within = frozenset(d.deal_id for d in deals if (d.segment or "").casefold() == wanted)
        ids = {call.call_id for call in found.calls if call.deal_id in within}
        found = replace(_of_calls(found, ids), within=within)
        found = replace(found, deals=[deal for deal in found.deals if deal.deal_id in within])
    whole = found.calls
    if limits.product is not None:
        about = _about(limits.product, store)
        sold = {call.deal_id for call in found.calls if call.call_id in about}
        found = replace(_of_calls(found, about), about=frozenset(about))
        found = replace(found, deals=[deal for deal in found.deals if deal.deal_id in sold])
    if limits.persona is not None:
        persona = next(one for one in playbook.personas if one.name == limits.persona)
        voices = voices_of(persona, store)
        found = _of_calls(found, {call_id for call_id, _ in voices})
        found = replace(
            found,
            # Answers are ours; they stand with the objections that they answer.
            evidence=[
                r for r in found.evidence if r.kind is Kind.ANSWER or (r.call_id, r.speaker) in voices
            ],
            unlabelled=[h for h in found.unlabelled if (h.row.call_id, h.row.speaker) in voices],
            deals=(),
        )
    return replace(found, whole=whole)


def _of_calls(found: WeekMaterial, ids: Collection[str]) -> WeekMaterial:
    return replace(
        found,
        calls=[call for call in found.calls if call.call_id in ids],
        evidence=[row for row in found.evidence if row.call_id in ids],
        reps=[rep for rep in found.reps if rep.call_id in ids],
        replies=[reply for reply in found.replies if reply.call_id in ids],
        unlabelled=[heard for heard in found.unlabelled if heard.row.call_id in ids],
    )


def _about(product: str, store: Store) -> set[str]:
    """Return all calls about a product, of whatever week."""
    says = named(product)
    spoken = {call_id for call_id, *_, text in store.said_anywhere(product) if says(text)}
    titled = {call_id for call_id, *texts in store.call_titles() if any(says(text) for text in texts)}
    return spoken | titled
