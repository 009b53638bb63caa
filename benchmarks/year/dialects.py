"""In which ways a company's CRM exports are written in a year, and the mapping files that say so."""

from __future__ import annotations

from dataclasses import dataclass

COLUMNS = (
    "Opportunity ID",
    "Opportunity Name",
    "Account Name",
    "Opportunity Owner",
    "Stage",
    "Closed",
    "Won",
    "Amount",
    "Amount Currency",
    "Created Date",
    "Inquiry Date",
    "Close Date",
    "Loss Reason",
    "Primary Competitor",
    "Segment",
    "Lead Source",
    "Website Domain",
    "Contact Emails",
    "Type",
)
_OURS = (
    "deal_id",
    "name",
    "account",
    "owner",
    "stage",
    "is_closed",
    "is_won",
    "amount",
    "currency",
    "created_at",
    "inquired_at",
    "close_date",
    "loss_reason",
    "competitor",
    "segment",
    "lead_source",
    "account_domain",
    "contact_emails",
    "type",
)


@dataclass(frozen=True, slots=True)
class Dialect:
    """How an export is written; ``mapping`` is the file that says so to callmine."""

    mapping: str
    encoding: str
    separator: str
    dates: str
    decimal: str
    full_ids: bool
    flags: tuple[str, str]
    footer: tuple[str, ...]


_FOOTER = (
    "Larkmoor Opportunities",
    "Confidential Information - Do Not Distribute",
    "Copyright (c) Larkmoor 2025",
)
AMERICAN = Dialect("salesforce-us.toml", "cp1252", ",", "%m/%d/%Y", ".", False, ("1", "0"), _FOOTER)
MARKED = Dialect("salesforce-us.toml", "utf-8-sig", ",", "%m/%d/%Y", ".", False, ("true", "false"), _FOOTER)
GERMAN = Dialect(
    "salesforce-de.toml", "cp1252", ";", "%d.%m.%Y", ",", True, ("WAHR", "FALSCH"), ("Vertraulich",)
)
LONG = Dialect("salesforce.toml", "utf-8-sig", ",", "%Y-%m-%d", ".", True, ("TRUE", "FALSE"), _FOOTER)
DIALECTS = (*[AMERICAN] * 3, *[MARKED] * 3, *[GERMAN] * 3, *[LONG] * 3)
"""Of the months from January."""


def _mapping(dialect: Dialect) -> str:
    columns = "\n".join(f'{ours} = "{theirs}"' for ours, theirs in zip(_OURS, COLUMNS, strict=True))
    dates = "" if dialect.dates == "%Y-%m-%d" else f'date_format = "{dialect.dates}"\n'
    encoding = f'encoding = "{dialect.encoding}"\n' if dialect is GERMAN else ""
    return f'[columns]\n{columns}\n\n[formats]\n{dates}decimal = "{dialect.decimal}"\n{encoding}'


MAPPINGS = {
    **{dialect.mapping: _mapping(dialect) for dialect in (AMERICAN, GERMAN, LONG)},
    "hubspot.toml": """\
[columns]
deal_id = "hs_object_id"
name = "dealname"
account = "associated_company"
owner = "hubspot_owner_id"
stage = "dealstage"
is_closed = "hs_is_closed"
is_won = "hs_is_closed_won"
currency = "deal_currency_code"
created_at = "createdate"
close_date = "closedate"
loss_reason = "closed_lost_reason"
account_domain = "company_domain"
contact_emails = "associated_contacts"
type = "dealtype"

[outcome]
excluded = ["duplicate", "test", "disqualified"]
""",
    "opportunity-history.toml": """\
[history]
deal_id = "Opportunity ID"
stage = "To Stage"
at = "Edit Date"
""",
}
"""Mapping files by name."""
