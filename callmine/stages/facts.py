"""Facts about a call from names: of files, of people, of mail domains."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from callmine.crm.people import domain_of, is_ours
from callmine.domain import Facts

_FIELDS = {
    "date": r"\d{4}-?\d{2}-?\d{2}",
    "time": r"\d{2}[-.:h]?\d{2}(?:[-.:]?\d{2})?",
}

_IDS = ("external_id", "deal_id")


def facts_from_name(name: str, pattern: str, timezone: str) -> Facts:
    """Read facts out of a file name by a pattern such as ``{date}_{time}_{account}``.

    A name that does not fit says nothing. Underscores in a name are shown as spaces. A date
    without a time counts from midnight in ``timezone``.
    """
    if not pattern:
        return Facts()
    parts = re.split(r"\{([a-z_]+)\}", pattern)
    expression = "".join(
        re.escape(part) if index % 2 == 0 else f"(?P<{part}>{_FIELDS.get(part, '.+?')})"
        for index, part in enumerate(parts)
    )
    match = re.fullmatch(expression, name.rsplit(".", 1)[0])
    if match is None:
        return Facts()
    found = {k: v if k in _IDS else v.replace("_", " ").strip() for k, v in match.groupdict().items()}
    day, clock = found.pop("date", None), found.pop("time", None)
    facts = Facts(started_at=_instant(day, clock, timezone) if day else None)
    return facts.over(replace(Facts(), **found))  # type: ignore[arg-type]


def _instant(day: str, clock: str | None, timezone: str) -> str | None:
    digits = re.sub(r"\D", "", day) + (re.sub(r"\D", "", clock) if clock else "0000").ljust(6, "0")[:6]
    try:
        local = datetime.strptime(digits, "%Y%m%d%H%M%S").replace(tzinfo=ZoneInfo(timezone))
    except ValueError:
        return None
    return local.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def has_outsider(facts: Facts, own_domains: Sequence[str]) -> bool:
    """Whether somebody from outside took part, as far as is known.

    Without participants, without our own domains, or with a participant whose address is not
    known, nothing speaks against it.
    """
    domains = [domain_of(p.email) for p in facts.participants]
    if not domains or not own_domains or None in domains:
        return True
    return any(not is_ours(domain, own_domains) for domain in domains)
