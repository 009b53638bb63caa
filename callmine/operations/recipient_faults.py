"""What keeps recipients from their reports, as ``callmine doctor`` tells it; nothing is connected to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress

from callmine.delivery_settings import Recipient
from callmine.errors import CallmineError, SettingsError
from callmine.operations.couriers import Couriers
from callmine.operations.sendable import LIMITED, OF_ALL, REPORTS
from callmine.playbook import load_playbook
from callmine.reports.text import listed
from callmine.store import Store
from callmine.validation import did_you_mean
from callmine.workspace import Workspace


def faults_of_recipients(workspace: Workspace) -> list[str]:
    """Return what is wrong with the recipients and missing for them, a short sentence each."""
    delivery = workspace.settings.delivery
    couriers, found = Couriers(delivery), list[str]()
    names = _Names(workspace)
    without: dict[str, list[str]] = {}
    for recipient in delivery.recipients:
        found += _of_reports(recipient)
        found += names.unknown(recipient)
        try:
            couriers.check(recipient)
        except SettingsError as error:
            without.setdefault(error.message, []).append(repr(recipient.called))
    found += (f"{listed(called)} would get nothing: {why}" for why, called in without.items())
    return found


def _of_reports(recipient: Recipient) -> Iterator[str]:
    """Yield which of its reports a recipient can never get."""
    limit = next((what for what in ("product", "persona") if getattr(recipient, what)), "")
    for report in recipient.reports:
        if report not in REPORTS:
            yield f"{recipient.called!r} is to get {report!r}, which is no report to send"
        elif recipient.segment and report in OF_ALL:
            yield f"{recipient.called!r} has a segment, and a {report} is of all deals"
        elif limit and report not in LIMITED:
            yield f"{recipient.called!r} has a {limit}, and {report!r} cannot be limited to one"


class _Names:
    """The names that recipients can be limited to; none are unknown where they cannot be read."""

    def __init__(self, workspace: Workspace) -> None:
        recipients = workspace.settings.delivery.recipients
        self._segments: Sequence[str] | None = None
        self._products: Sequence[str] | None = None
        self._personas: Sequence[str] | None = None
        if any(recipient.segment for recipient in recipients):
            with suppress(CallmineError), Store(workspace.database) as store:
                self._segments = sorted({deal.segment for deal in store.deals() if deal.segment})
        if any(recipient.product or recipient.persona for recipient in recipients):
            with suppress(CallmineError):
                playbook = load_playbook(workspace.playbook)
                self._products = playbook.company.products
                self._personas = [persona.name for persona in playbook.personas]

    def unknown(self, recipient: Recipient) -> Iterator[str]:
        """Yield which names of a recipient nothing has."""
        for said, name, known in (
            ("no deal is of the segment", recipient.segment, self._segments),
            ("the playbook has no product", recipient.product, self._products),
            ("the playbook has no persona", recipient.persona, self._personas),
        ):
            wanted = name.strip()
            if wanted and known is not None and wanted.casefold() not in map(str.casefold, known):
                yield f"{said} {wanted!r} of {recipient.called!r}{did_you_mean(wanted, known)}"
