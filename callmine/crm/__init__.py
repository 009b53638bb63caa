"""Deals and call lists: read tables from a CRM, judge how deals ended, tie calls to deals."""

from callmine.crm.deal_index import DealIndex
from callmine.crm.linking import link_call
from callmine.crm.manifest import ManifestFile, ManifestRow, read_manifest, read_sidecar
from callmine.crm.mapping import Mapping, load_mapping, parse_mapping
from callmine.crm.read import DealsFile, read_deals
from callmine.crm.rows import Problem

__all__ = [
    "DealIndex",
    "DealsFile",
    "ManifestFile",
    "ManifestRow",
    "Mapping",
    "Problem",
    "link_call",
    "load_mapping",
    "parse_mapping",
    "read_deals",
    "read_manifest",
    "read_sidecar",
]
