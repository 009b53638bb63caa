"""Send reports: to whom, once each, and what became of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from callmine.delivery_settings import Recipient
from callmine.errors import NoSuchPart, NotYet, SettingsError, StoreError, UsageError
from callmine.operations.couriers import Couriers, Unsettled
from callmine.operations.drafts import page_url
from callmine.operations.handing_over import Sent, State, handed_over, standing_of
from callmine.operations.recipients import recipients_of
from callmine.operations.redacting import redact_report
from callmine.operations.sendable import asked_for, sendable
from callmine.operations.sendable_values import Ask, Sendable
from callmine.reports.deliver.base import Courier
from callmine.reports.letter_values import Surroundings
from callmine.store import Store
from callmine.store.deliveries import Parcel
from callmine.workspace import Workspace

Progress = Callable[[str], None]


def send_report(
    workspace: Workspace,
    kind: str,
    *,
    to: Sequence[str] = (),
    subject: str = "",
    again: bool = False,
    dry_run: bool = False,
    progress: Progress = lambda text: None,
    sleep: Callable[[float], None] = time.sleep,
) -> tuple[Sent, ...]:
    """Send a report to each recipient who did not get it yet.

    Of a recipient whose segment no deal is of, whose report cannot be limited to one, or for whom
    ``[delivery]`` lacks something, it is told; the others get theirs.

    Args:
        workspace: Where.
        kind: Which report, one of :data:`callmine.operations.sendable.REPORTS`.
        to: Names or addresses; by default everybody in ``[delivery]`` whose ``reports`` names it.
        subject: Week, competitor, deal, ...; empty for the report's default.
        again: Also to who got it, or may have.
        dry_run: Only tell what would be done.
        progress: Is told what is missing from the report.
        sleep: Waits between tries.

    Raises:
        UsageError: There is no such report, subject or recipient, or nobody to send it to; or there is
            nothing to tell of yet, or the default subject is not over (:class:`~callmine.errors.NotYet`).
        ModelError: Quotes are to be redacted, and the language model for that cannot be had.
        StoreError: Another command is sending in this workspace.
    """
    chosen = recipients_of(workspace.settings.delivery, kind, to)
    if not chosen:
        raise UsageError(
            f"there is nobody to send the {kind} to",
            hint="Name somebody with --to, or add [[delivery.recipients]] to callmine.toml.",
        )
    return send_to(
        workspace,
        kind,
        chosen,
        subject=subject,
        again=again,
        dry_run=dry_run,
        progress=progress,
        sleep=sleep,
    )


def send_to(
    workspace: Workspace,
    kind: str,
    chosen: Sequence[Recipient],
    *,
    subject: str = "",
    again: bool = False,
    dry_run: bool = False,
    same: bool = False,
    progress: Progress = lambda text: None,
    sleep: Callable[[float], None] = time.sleep,
) -> tuple[Sent, ...]:
    """Send a report to recipients; see :func:`send_report`.

    With ``same``, only the report whose subject is this very one: where another one stands for it by now,
    there is nothing to send.
    """
    told = told_once(progress)
    office = _Office(
        workspace, kind, subject=subject, again=again, dry_run=dry_run, same=same, progress=told
    )
    if dry_run:
        with Store(workspace.database, create=False) as store:
            return tuple(office.plan(store, one) for one in chosen)
    with _only_sender(workspace.root), Store(workspace.database, create=False) as store:
        return office.send(store, chosen, sleep)


def told_once(progress: Progress, *, but_not: Collection[str] = ()) -> Progress:
    """Return what tells ``progress`` each thing once, and nothing of ``but_not``."""
    told = set(but_not)

    def tell(text: str) -> None:
        if text not in told:
            told.add(text)
            progress(text)

    return tell


def parcel_for(kind: str, subject: str, recipient: Recipient) -> Parcel:
    """Return what must not be sent twice."""
    return Parcel(
        kind=kind,
        subject=subject,
        segment=recipient.within,
        channel="email" if recipient.email else "slack",
        address=recipient.email.casefold() or recipient.slack,
    )


@dataclass(slots=True)
class _Office:
    """Makes one report for many: each segment is built once, and each of these redacted once."""

    workspace: Workspace
    kind: str
    subject: str
    again: bool
    dry_run: bool
    same: bool
    progress: Progress
    _how: Sendable = field(init=False)
    _couriers: Couriers = field(init=False)
    _built: dict[str, Any] = field(init=False, default_factory=dict)
    _redacted: dict[str, Any] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._how = sendable(self.kind)
        self._couriers = Couriers(self.workspace.settings.delivery)

    def send(
        self, store: Store, chosen: Sequence[Recipient], sleep: Callable[[float], None]
    ) -> tuple[Sent, ...]:
        """Send to each who waits; whatever could stop them all is looked for before the first one."""
        plans = [(recipient, self.plan(store, recipient)) for recipient in chosen]
        due = [one for one, planned in plans if planned.state == "waiting" and not self._lacking(one)]
        for recipient in due:
            self._value(recipient)  # redacted, where that is wanted
        if any(self._page(recipient) for recipient in due):
            self._write()
        ready = [self._addressed(store, recipient, planned) for recipient, planned in plans]
        return tuple(
            made
            if isinstance(made, Sent)
            else handed_over(store, made.parcel, made.courier, made.message_id, made.planned, sleep)
            for made in ready
        )

    def plan(self, store: Store, recipient: Recipient) -> Sent:
        """Say whether a recipient waits for the report."""
        state: State
        subject, size = self.subject, 0
        try:
            subject = self._how.subject(self._report(recipient))
        except NoSuchPart as error:
            state, note, hint = "failed", error.message, error.hint
        except NotYet as error:
            if not recipient.within:
                raise
            state, note, hint = "nothing", error.message, error.hint
        else:
            before = None
            if not self.again:
                before = store.last_delivery(parcel_for(self.kind, subject, recipient))
            state, note, hint = standing_of(before)
            if self.same and subject != self.subject:
                state, note, hint = "nothing", f"{subject} stands for it now", ""
        if self.dry_run and state == "waiting":
            if lacking := self._lacking(recipient):
                state, note, hint = "failed", lacking.message, lacking.hint
            else:
                letter = self._how.letter(self._value(recipient), self._around(recipient))
                size = letter.size if recipient.email else 0
        return Sent(
            report=self.kind,
            subject=subject,
            to=recipient.called,
            channel="email" if recipient.email else "slack",
            address=recipient.address,
            segment=recipient.within,
            redacted=recipient.redact and self._how.redactable,
            state=state,
            note=note,
            hint=hint,
            size=size,
        )

    def _report(self, recipient: Recipient | None = None) -> Any:
        """Return the report of what a recipient is limited to; that of the whole company without one."""
        within = recipient.within if recipient else ""
        if within not in self._built:
            ask = Ask(subject=self.subject, progress=self.progress)
            ask = asked_for(recipient, self.kind, self._how, ask) if recipient else ask
            self._built[within] = self._how.build(self.workspace, ask)
        return self._built[within]

    def _value(self, recipient: Recipient) -> Any:
        report = self._report(recipient)
        if not (recipient.redact and self._how.redactable):
            return report
        if recipient.within not in self._redacted:
            self._redacted[recipient.within] = redact_report(report, self.workspace, progress=self.progress)
        return self._redacted[recipient.within]

    def _around(self, recipient: Recipient) -> Surroundings:
        return Surroundings(
            page=self._page(recipient),
            unsubscribe=self.workspace.settings.delivery.unsubscribe,
            redacted=recipient.redact and self._how.redactable,
        )

    def _page(self, recipient: Recipient) -> str:
        """Return where the page is; it shows the whole company, so nobody of a part of it is led there."""
        if recipient.within or not self.workspace.settings.delivery.base_url:
            return ""
        return page_url(self.workspace, self._how.page(self._report()))

    def _write(self) -> None:
        """Write the page that messages link to, so that it is there, and shows the same."""
        if self._how.write is not None:
            self._how.write(self.workspace, self._report())

    def _addressed(self, store: Store, recipient: Recipient, planned: Sent) -> _Addressed | Sent:
        """Return the finished message of who waits: one that cannot be made must not come after others."""
        if planned.state != "waiting":
            return planned
        parcel = parcel_for(self.kind, planned.subject, recipient)
        if lacking := self._lacking(recipient):
            return _Addressed(planned, parcel, Unsettled(lacking))
        value, around = self._value(recipient), self._around(recipient)
        if not recipient.email:
            return _Addressed(
                planned, parcel, self._couriers.slack(recipient, self._how.post(value, around))
            )
        number = store.times_sent(parcel)
        letter = self._how.letter(value, around)
        return _Addressed(
            replace(planned, size=letter.size),
            parcel,
            *self._couriers.mail(recipient, letter, parcel, number),
        )

    def _lacking(self, recipient: Recipient) -> SettingsError | None:
        """Return what of ``[delivery]`` is missing for a recipient."""
        try:
            self._couriers.check(recipient)
        except SettingsError as error:
            return error
        return None


@dataclass(frozen=True, slots=True)
class _Addressed:
    """A report that only has to be handed over."""

    planned: Sent
    parcel: Parcel
    courier: Courier
    message_id: str = ""


@contextmanager
def _only_sender(folder: Path) -> Iterator[None]:
    """Let one command send at a time: what it finds begun then is not on its way, but was cut short."""
    lock = FileLock(folder / ".callmine-send.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise StoreError(
            f"another command is sending reports of {folder}", hint="Wait for it to end."
        ) from error
    except OSError as error:
        raise StoreError(f"{folder} cannot be written: {error}", hint="Check its permissions.") from error
    try:
        yield
    finally:
        lock.release()
