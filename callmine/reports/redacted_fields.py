"""What each field of a report's values may hold of people, and what redaction does with it.

The list is explicit: :func:`callmine.reports.redacting.redacted` refuses a text that is not in it, and a
test walks all reports, so that a new field has to be declared here.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Treatment(StrEnum):
    """What redaction does with a text, or with the texts in a field.

    * ``KEEP``: nothing; ids, dates, words of callmine's own, and of the playbook.
    * ``SAID``: people's words; everything personal is marked.
    * ``LABEL``: a name or a short text from the CRM, the settings or a file; what is known, first names
      and numbers are marked, and no language model is asked.
    * ``ACCOUNT``: a company that we sell to; stays unless the settings say otherwise.
    * ``PERSON``: a person's name; a role stands for it.
    * ``REPS``: one of us each, by name; "our rep 1" stands for it.
    * ``FILE``: the name of a file; the call's id stands for it where it holds a name.
    * ``LINK``: leads to the recording; goes where what it plays holds anything personal.
    """

    KEEP = "keep"
    SAID = "said"
    LABEL = "label"
    ACCOUNT = "account"
    PERSON = "person"
    REPS = "reps"
    FILE = "file"
    LINK = "link"


_KEPT = """
    accepted aliases approved_at at by call_id characteristic close_date company compared_longer
    compared_with competitor
    currency day deal deal_id deals ends_at extractors family finding_id finding_ids findings first_day
    heard internal kind kinds label labels language last_day lost lost_only made_at mime min_label_scores
    model never_heard not_in_reason perhaps period playbooks quote_id relation section since
    stance started_at starts_at stayed strata timezone turns unanswered under_way unit until verdict week
    week_label weeks went_on what within won won_only word
"""

BY_NAME: Mapping[str, Treatment] = {
    **dict.fromkeys(_KEPT.split(), Treatment.KEEP),
    **dict.fromkeys(
        ("cell", "deal_name", "reached", "segment", "stage", "title", "titles", "top_line"), Treatment.LABEL
    ),
    "account": Treatment.ACCOUNT,
    "href": Treatment.LINK,
    "inverted_sources": Treatment.FILE,
    "source": Treatment.FILE,
    "sources": Treatment.FILE,
    "speaker_name": Treatment.PERSON,
}
"""By the name of the field, whatever value it is in."""

BY_VALUE: Mapping[str, Treatment] = {
    "Adoption.name": Treatment.KEEP,  # a group's; a rep's own are in MessageCount.reps
    "AnswerLine.text": Treatment.KEEP,  # the playbook's
    "Change.by": Treatment.REPS,  # whoever wrote it is one of us
    "Change.text": Treatment.SAID,
    "CompetitorCount.name": Treatment.KEEP,
    "Digest.persona": Treatment.KEEP,  # the playbook's
    "Digest.product": Treatment.KEEP,
    "Pick.by": Treatment.REPS,
    "SinceLast.competitors": Treatment.KEEP,
    "Unsure.titles": Treatment.KEEP,  # objections and competitors of the playbook
    "SinceLast.entered": Treatment.LABEL,
    "SinceLast.left": Treatment.LABEL,
    "Wanted.words": Treatment.SAID,
    "DealRef.name": Treatment.LABEL,
    "Group.names": Treatment.LABEL,  # owners: Grouping.groups
    "Headline.text": Treatment.SAID,
    "KnownDeal.name": Treatment.LABEL,
    "Level.value": Treatment.LABEL,
    "LostDeal.reason": Treatment.SAID,
    "Met.name": Treatment.LABEL,
    "MessageCount.id": Treatment.KEEP,
    "MessageCount.reps": Treatment.REPS,
    "MessageMonth.month": Treatment.KEEP,
    "MessageMonth.since": Treatment.KEEP,
    "MessageMonth.until": Treatment.KEEP,
    "MessageCount.text": Treatment.KEEP,  # the playbook's
    "MessageReport.withheld": Treatment.KEEP,  # groups
    "PartingDeal.reason": Treatment.SAID,
    "PhraseContrast.key": Treatment.SAID,
    "PhraseContrast.phrase": Treatment.SAID,
    "ReasonCount.reason": Treatment.LABEL,
    "RequestGroup.words": Treatment.SAID,
    "Side.label": Treatment.LABEL,
    "Standing.approved_by": Treatment.REPS,
    "Standing.owner": Treatment.REPS,
    "Theme.words": Treatment.SAID,
    "WonAnswer.playbook": Treatment.KEEP,
    **dict.fromkeys(
        [
            "DealReview.today",
            "Given.playbook",
            "MessageSaid.message",
            "MessageSaid.text",
            "Objected.days",
            "PeriodReview.side",
            "Question.quote_ids",
            "Raised.standing",
            "ReasonCheck.competitors",
            "ReasonCheck.heard_too",
            "ReasonCheck.other_competitors",
            "ReviewCall.competitors",
            "ReviewCall.messages",
            "ReviewCall.standing",
            "ReviewCall.type",
            "ReviewCall.why_not",
            "ReviewDeal.created_at",
            "ReviewDeal.reason_labels",
            "Rival.name",
        ],
        Treatment.KEEP,
    ),
    **dict.fromkeys(
        [
            "Agreed.done_on",
            "Agreed.watch",
            "BriefQuestion.about",
            "BriefReport.as_of",
            "BriefReport.before",
            "BriefReport.before_since",
            "BriefReport.closed_deals",
            "BriefReport.known_until",
            "BriefReport.won_since",
        ],
        Treatment.KEEP,
    ),
    "Agreed.by": Treatment.REPS,
    "Agreed.done_by": Treatment.REPS,
    "Agreed.text": Treatment.SAID,  # a manager's words, which may name somebody
    "Asked.words": Treatment.SAID,
    "BriefQuestion.fact": Treatment.LABEL,
    "BriefQuestion.text": Treatment.SAID,  # callmine's words around those of an agreement
    "CrmReason.reason": Treatment.SAID,
    "Question.text": Treatment.SAID,  # callmine's words around names of those who spoke
    "ReviewDeal.competitor": Treatment.LABEL,  # whatever the CRM holds; the playbook's names stay
    "ReviewDeal.loss_reason": Treatment.SAID,
    "ReviewDeal.name": Treatment.LABEL,
    "ReviewDeal.owner": Treatment.REPS,
    "ReviewedDeal.name": Treatment.LABEL,
    "ReviewedDeal.reason": Treatment.SAID,
    "Rival.first_stage": Treatment.LABEL,
    "Voice.name": Treatment.PERSON,
    "Word.after": Treatment.KEEP,  # words of callmine for what can be said
    "Word.before": Treatment.KEEP,
    **{f"Quote.{name}": Treatment.SAID for name in ("text", "before", "marked", "after", "utterance")},
    **{f"Reply.{name}": Treatment.SAID for name in ("text", "utterance")},
}
"""By value and field, where the name alone does not tell; it goes before :data:`BY_NAME`."""


def treatment_of(value: type, field: str) -> Treatment | None:
    """Return what is done with a field; ``None`` where nobody has declared it."""
    return BY_VALUE.get(f"{value.__name__}.{field}") or BY_NAME.get(field)
