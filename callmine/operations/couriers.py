"""Make what delivers: from the settings, the environment and the password's file."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parseaddr

from callmine.delivery_settings import DeliverySettings, Recipient
from callmine.errors import SettingsError
from callmine.files import expanded
from callmine.reports.deliver.base import Begin, NotDelivered
from callmine.reports.deliver.mime import message_id, message_of
from callmine.reports.deliver.slack import SlackPost
from callmine.reports.deliver.smtp import Mail, MailServer
from callmine.reports.letter_values import Letter, Post
from callmine.store.deliveries import Parcel


@dataclass(frozen=True, slots=True)
class Unsettled:
    """Stands for what would deliver to a recipient for whom a setting is missing: nothing can.

    It fails as a server's no does, so that the others get theirs and the next run tries again.
    """

    error: SettingsError

    def deliver(self, *, begin: Begin) -> None:
        """Tell what is missing; see :class:`callmine.reports.deliver.base.Courier`."""
        raise NotDelivered(self.error.message, hint=self.error.hint) from self.error


class Couriers:
    """Makes what delivers to each recipient."""

    def __init__(self, settings: DeliverySettings) -> None:
        """Read nothing yet: who sends to Slack only needs no mail server."""
        self._settings = settings

    def check(self, recipient: Recipient) -> None:
        """Check that what a recipient needs is configured; nothing is connected to.

        Raises:
            SettingsError: It is not.
        """
        if recipient.email:
            self._server()
        else:
            self._webhook(recipient)

    def mail(self, recipient: Recipient, letter: Letter, parcel: Parcel, number: int) -> tuple[Mail, str]:
        """Return an e-mail and its id: the same for each try to send it the ``number``-th time.

        Raises:
            SettingsError: Something is not configured, or cannot be read.
        """
        settings = self._settings
        made = message_id(
            parcel.kind, parcel.subject, parcel.segment, parcel.address, number, sender=settings.sender
        )
        message = message_of(
            letter,
            made_at=datetime.now(UTC),
            sender=settings.sender,
            to=recipient.email,
            to_name=recipient.name,
            unsubscribe=settings.unsubscribe,
            message_id=made,
        )
        sender = parseaddr(settings.sender)[1]
        return Mail(self._server(), sender, recipient.email, message), made

    def slack(self, recipient: Recipient, post: Post) -> SlackPost:
        """Return a post to a recipient's webhook.

        Raises:
            SettingsError: Its variable is not set.
        """
        return SlackPost(self._webhook(recipient), recipient.slack, post, self._settings.timeout_s)

    def _webhook(self, recipient: Recipient) -> str:
        url = os.environ.get(recipient.slack, "").strip()
        if not url:
            raise SettingsError(
                f"the environment variable {recipient.slack} is not set",
                hint="Set it to the address of the Slack webhook, also for scheduled jobs.",
            )
        return url

    def _server(self) -> MailServer:
        settings = self._settings
        for key, value in (("smtp_host", settings.smtp_host), ("sender", settings.sender)):
            if not value:
                raise SettingsError(
                    f"[delivery] has no {key}, so no e-mail can be sent",
                    hint=f"Set {key} in callmine.toml.",
                )
        return MailServer(
            host=settings.smtp_host,
            port=settings.smtp_port,
            security=settings.smtp_security,
            user=settings.smtp_user,
            password=self._password() if settings.smtp_user else "",
            ca_file=str(expanded(settings.smtp_ca_file, setting="smtp_ca_file"))
            if settings.smtp_ca_file
            else "",
            timeout_s=settings.timeout_s,
        )

    def _password(self) -> str:
        settings = self._settings
        if password := os.environ.get(settings.smtp_password_env, ""):
            return password
        if not settings.smtp_password_file:
            raise SettingsError(
                f"there is no password for {settings.smtp_user}: {settings.smtp_password_env} is not set",
                hint="Set that variable, or name a file that holds it as smtp_password_file.",
            )
        path = expanded(settings.smtp_password_file, setting="smtp_password_file")
        try:
            return path.read_text("utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(
                f"{path}: the password cannot be read: {error}", hint="Check smtp_password_file."
            ) from error
