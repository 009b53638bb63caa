"""The mapping file: how one company's CRM names its columns, formats, stages and loss reasons."""

from __future__ import annotations

import codecs
import re
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)

from callmine.validation import parse_toml, read_toml

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Texts = Annotated[tuple[Text, ...], BeforeValidator(_as_list)]
"""One text or a list of them."""


def _known_encoding(name: str) -> str:
    try:
        "Az".encode(codecs.lookup(name).name).decode(name)
    except (LookupError, ValueError, TypeError) as error:
        raise ValueError(f"{name!r} is not a text encoding; write one such as cp1252") from error
    return name


def _known_format(pattern: str) -> str:
    if pattern == "epoch_ms":
        return pattern
    probe = datetime(2026, 11, 3, 14, 5, 6)
    try:
        again = datetime.strptime(probe.strftime(pattern), pattern)
    except ValueError:
        again = None
    if again is None or again.date() != probe.date():
        raise ValueError(f"{pattern!r} does not describe a date; write one such as %d.%m.%Y")
    return pattern


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Columns(_Part):
    """Their column for each of ours; of several the first that is not empty counts."""

    deal_id: Texts = ("deal_id",)
    name: Texts = ("name",)
    account: Texts = ("account",)
    owner: Texts = ("owner",)
    stage: Texts = ("stage",)
    outcome: Texts = ("outcome",)
    is_won: Texts = ("is_won",)
    is_closed: Texts = ("is_closed",)
    amount: Texts = ("amount",)
    currency: Texts = ("currency",)
    created_at: Texts = ("created_at",)
    inquired_at: Texts = ("inquired_at",)
    close_date: Texts = ("close_date",)
    loss_reason: Texts = ("loss_reason",)
    competitor: Texts = ("competitor",)
    segment: Texts = ("segment",)
    lead_source: Texts = ("lead_source",)
    account_domain: Texts = ("account_domain",)
    contact_emails: Texts = ("contact_emails",)
    pipeline: Texts = ("pipeline",)
    type: Texts = ("type",)


class History(_Part):
    """Columns of the CRM's own history; the defaults are Salesforce's."""

    deal_id: Texts = ("deal_id", "OpportunityId", "Opportunity ID")
    at: Texts = (
        "at", "since", "CreatedDate", "Created Date", "Edit Date", "Last Modified", "Last Modified Date",
    )  # fmt: skip
    stage: Texts = ("stage", "StageName", "To Stage")
    amount: Texts = ("amount",)
    close_date: Texts = ("close_date", "CloseDate", "Close Date")
    field: Texts = ("field", "Field / Event")
    new_value: Texts = ("new_value", "NewValue", "New Value")
    entered: Texts = Field(
        ("Date entered *", "hs_date_entered_*", "hs_v2_date_entered_*"),
        description="columns of a deal export that hold when a stage began; * is the stage",
    )


class Formats(_Part):
    """How values are written."""

    date_format: Annotated[Text, AfterValidator(_known_format)] | None = None
    decimal: Literal[".", ","] | None = None
    separator: Literal[",", ";", "\t", "|"] | None = None
    encoding: Annotated[Text, AfterValidator(_known_encoding)] | None = None
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] | None = Field(
        None, description="of amounts that name none"
    )


class Stages(_Part):
    """Stage names (or words of the outcome column) that mean an outcome.

    ``Pipeline / stage`` is that stage of that pipeline only.
    """

    won: Texts = ()
    lost: Texts = ()
    open: Texts = ()
    excluded: Texts = ()


class LossReasons(_Part):
    """Phrases of a loss reason that mean an outcome; ``*`` stands for any text."""

    lost_competitor: Texts = ()
    lost_no_decision: Texts = ()
    lost_other: Texts = ()
    lost_unknown: Texts = ()
    excluded: Texts = ()


class ReasonLabels(_Part):
    """Phrases of a loss reason that speak of an objection; ``*`` stands for any text."""

    price: Texts = ()
    timing: Texts = ()
    authority: Texts = ()
    no_need: Texts = ()
    incumbent: Texts = ()
    trust: Texts = ()
    feature_gap: Texts = ()
    integration: Texts = ()
    security: Texts = ()
    implementation: Texts = ()
    contract: Texts = ()
    brush_off: Texts = ()


class Mapping(_Part):
    """Everything a mapping file can say; what it leaves out keeps the default."""

    columns: Columns = Columns()
    formats: Formats = Formats()
    outcome: Stages = Stages()
    loss_reasons: LossReasons = LossReasons()
    reason_labels: ReasonLabels = ReasonLabels()
    history: History = History()


def load_mapping(path: Path) -> Mapping:
    """Read and validate a mapping file.

    Raises:
        SettingsError: With every fault listed, each on a line of its own.
    """
    text = read_toml(path, what="mapping file", start="docs/deals.md has one to start from.")
    return parse_mapping(text, name=str(path))


def parse_mapping(text: str, *, name: str = "mapping.toml") -> Mapping:
    """Parse and validate the text of a mapping file; ``name`` is used in messages.

    Raises:
        SettingsError: The text is not TOML or does not validate.
    """
    return parse_toml(Mapping, text, name=name, hint="Mend these and import again.")


def phrase(pattern: str) -> re.Pattern[str]:
    """Return a phrase as an expression: whole words, any case, ``*`` for any text."""
    body = ".*".join(re.escape(part) for part in " ".join(pattern.split()).split("*"))
    return re.compile(rf"(?<!\w){body}(?!\w)", re.IGNORECASE)
