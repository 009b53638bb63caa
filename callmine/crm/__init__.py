"""Deals and call lists: read tables from a CRM, judge how deals ended, tie calls to deals."""

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
