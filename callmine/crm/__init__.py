"""Deals and call lists: read tables from a CRM, judge how deals ended, tie calls to deals."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from callmine.crm.deal_index import DealIndex
    from callmine.crm.linking import link_call
    from callmine.crm.manifest import ManifestFile, ManifestRow, read_manifest, read_sidecar
    from callmine.crm.mapping import Mapping, load_mapping, parse_mapping
    from callmine.crm.outcome import outcome_of
    from callmine.crm.read import DealsFile, read_deals
    from callmine.crm.reasons import reason_labels
    from callmine.crm.rows import Problem
    from callmine.crm.suggest import Suggestion, suggest_mapping

__all__ = [
    "DealIndex",
    "DealsFile",
    "ManifestFile",
    "ManifestRow",
    "Mapping",
    "Problem",
    "Suggestion",
    "link_call",
    "load_mapping",
    "outcome_of",
    "parse_mapping",
    "read_deals",
    "read_manifest",
    "read_sidecar",
    "reason_labels",
    "suggest_mapping",
]

_HOMES = {
    "DealIndex": "deal_index",
    "DealsFile": "read",
    "ManifestFile": "manifest",
    "ManifestRow": "manifest",
    "Mapping": "mapping",
    "Problem": "rows",
    "Suggestion": "suggest",
    "link_call": "linking",
    "load_mapping": "mapping",
    "outcome_of": "outcome",
    "parse_mapping": "mapping",
    "read_deals": "read",
    "read_manifest": "manifest",
    "read_sidecar": "manifest",
    "reason_labels": "reasons",
    "suggest_mapping": "suggest",
}


def __getattr__(name: str) -> Any:
    """Import what is asked for when it is: every report ties calls to deals, and none reads a table."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
