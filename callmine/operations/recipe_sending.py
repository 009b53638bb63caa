"""What a recipe sends: its own reports, and what could not be delivered before."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta

from callmine.delivery_settings import Recipient
from callmine.errors import NotYet, SettingsError, UsageError
from callmine.operations.handing_over import Sent
from callmine.operations.recipes import Recipe
from callmine.operations.recipients import recipients_of
from callmine.operations.redacting import REMARK
from callmine.operations.sending import Progress, parcel_for, send_report, send_to, told_once
from callmine.store import Store
from callmine.workspace import Workspace

TRIED_AGAIN_FOR = timedelta(days=14)
"""How long a delivery that failed is tried again by later runs: an old digest is no news."""


_NEWEST = ("battlecard",)
"""Reports of which the newest one is wanted where an older one failed; of others it is another report."""


def send_of_recipe(
    workspace: Workspace, recipe: Recipe, *, progress: Progress = lambda text: None, quiet: bool = False
) -> tuple[Sent, ...]:
    """Send what a recipe asks for; where nobody is to get a report, say so and go on.

    Args:
        workspace: Where.
        recipe: Whose reports.
        progress: As in :func:`callmine.operations.sending.send_report`; is told the same thing once,
            however many reports and recipients it holds for.
        quiet: Leave out what is told of every redacted report, and that there is nobody to send one to yet,
            or nothing.

    Raises:
        CallmineError: As in :func:`callmine.operations.sending.send_report`.
    """
    sent: list[Sent] = []
    progress = told_once(progress, but_not=(REMARK,) if quiet else ())
    for wish in recipe.send:
        if not wish.to and not recipients_of(workspace.settings.delivery, wish.report, ()):
            if not quiet:
                progress(f"nobody in [delivery] is to get the {wish.report}; it is not sent")
            continue
        try:
            sent += send_report(workspace, wish.report, to=wish.to, subject=wish.about, progress=progress)
        except NotYet as error:
            if not quiet:
                progress(f"the {wish.report} is not sent: {error.message}")
    if recipe.send_failed_again:
        # Who is named here only is in no list of [delivery], and waits all the same.
        named = [
            (wish.report, one)
            for wish in recipe.send
            if wish.to
            for one in recipients_of(workspace.settings.delivery, wish.report, wish.to)
        ]
        sent += send_failed_again(workspace, named=named, but_not=sent, progress=progress)
    return tuple(sent)


def send_failed_again(
    workspace: Workspace,
    *,
    named: Collection[tuple[str, Recipient]] = (),
    but_not: Collection[Sent] = (),
    progress: Progress = lambda text: None,
    sleep: Callable[[float], None] = time.sleep,
    now: datetime | None = None,
) -> tuple[Sent, ...]:
    """Try deliveries again that failed for certain in the last two weeks and are still wanted.

    Wanted is what goes to anybody in ``[delivery]``, also to who was named for it by hand.

    Args:
        workspace: Where.
        named: Kind of report and recipient, for those who are to get it and may be in no settings.
        but_not: What was tried just now.
        progress: As in :func:`send_report`.
        sleep: As in :func:`send_report`.
        now: For tests; an aware datetime.

    Raises:
        CallmineError: As in :func:`send_report`.
    """
    since = ((now or datetime.now(UTC)) - TRIED_AGAIN_FOR).strftime("%Y-%m-%dT%H:%M:%SZ")
    with Store(workspace.database, create=False) as store:
        failed = store.failed_deliveries(since=since)
    tried = {(one.report, one.subject, one.segment.casefold(), one.address.casefold()) for one in but_not}
    known, found = workspace.settings.delivery.recipients, list[Sent]()
    for parcel in (delivery.parcel for delivery in failed):
        if (parcel.kind, parcel.subject, parcel.segment, parcel.address.casefold()) in tried:
            continue
        wanted = [*known, *(one for kind, one in named if kind == parcel.kind)]
        same = [one for one in wanted if parcel_for(parcel.kind, parcel.subject, one) == parcel]
        if not same:
            continue
        try:
            sent = send_to(
                workspace,
                parcel.kind,
                same[:1],
                subject=parcel.subject,
                same=parcel.kind not in _NEWEST,
                progress=progress,
                sleep=sleep,
            )
        except SettingsError:
            raise
        except UsageError as error:  # its deal was forgotten, its competitor is in the playbook no more
            progress(f"the {parcel.kind} {parcel.subject} is not sent any more: {error.message}")
            continue
        for one in sent:
            if one.state == "nothing":
                progress(f"the {parcel.kind} {parcel.subject} is not sent any more: {one.note}")
        # Of a battlecard there may be a newer version by now, which has its own say.
        found += (one for one in sent if one.state not in ("before", "nothing"))
    return tuple(found)
