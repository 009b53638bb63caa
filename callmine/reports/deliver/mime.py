"""A letter as an e-mail message: headers that nothing can be slipped into, text, HTML and pictures."""

from __future__ import annotations

from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from urllib.parse import quote

from callmine.domain import digest_of
from callmine.reports.letter_values import Letter

_POLICY = SMTP.clone(cte_type="7bit")
"""ASCII on the wire: not every server on the way takes more."""


def message_id(*parts: object, sender: str) -> str:
    """Return the id of a message about ``parts``; the same parts have the same one.

    A mailbox that gets a message twice can tell by it that it has it already.
    """
    domain = parseaddr(sender)[1].partition("@")[2] or "callmine.invalid"
    return f"<{digest_of(*parts)}.callmine@{domain}>"


def message_of(
    letter: Letter,
    *,
    made_at: datetime,
    sender: str = "",
    to: str = "",
    to_name: str = "",
    unsubscribe: str = "",
    message_id: str = "",
) -> EmailMessage:
    """Return a letter as a message.

    Args:
        letter: What it says.
        made_at: Its date; aware.
        sender: Address, with or without a name; empty for a draft.
        to: Address of the recipient; empty for a draft.
        to_name: Name of the recipient.
        unsubscribe: Address or page for leaving the list.
        message_id: As :func:`message_id` makes it.

    Raises:
        ValueError: A header holds a line break (a bug: settings and subjects have none).
    """
    message = EmailMessage(policy=_POLICY)
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(made_at)
    if sender:
        name, address = parseaddr(sender)
        message["From"] = Address(name, addr_spec=address)
    if to:
        message["To"] = Address(to_name, addr_spec=to)
    if message_id:
        message["Message-ID"] = message_id
    if unsubscribe:
        message["List-Unsubscribe"] = f"<{_way_out(unsubscribe)}>"
    # So that absence notes are not sent back.
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    if not (sender and to):
        message["X-Unsent"] = "1"  # mail programs open it as a draft
    message.set_content(letter.text)
    message.add_alternative(letter.html, subtype="html")
    _, html = message.iter_parts()
    for picture in letter.pictures:
        html.add_related(
            picture.data,
            "image",
            "png",
            cid=f"<{picture.name}>",
            disposition="inline",
            filename=f"{picture.name}.png",
        )
    return message


def _way_out(unsubscribe: str) -> str:
    return (
        unsubscribe
        if "://" in unsubscribe
        else f"mailto:{quote(unsubscribe, safe='@+')}?subject=unsubscribe"
    )


def draft(letter: Letter, *, made_at: datetime, sender: str = "", unsubscribe: str = "") -> str:
    """Return a letter as the text of an ``.eml`` file, addressed to nobody."""
    return message_of(letter, made_at=made_at, sender=sender, unsubscribe=unsubscribe).as_string()
