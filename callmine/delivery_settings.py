"""The section ``[delivery]`` of ``callmine.toml``: mail server, sender, recipients. Secrets are refused."""

from __future__ import annotations

import re
from email.utils import parseaddr
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from callmine.domain import key_name
from callmine.validation import is_address


def _known_address(address: str) -> str:
    if address and not is_address(address):
        raise ValueError(f"{address!r} is no e-mail address; write one such as petra@example.com")
    return address


def _known_sender(sender: str) -> str:
    if sender and not (sender.isprintable() and is_address(parseaddr(sender)[1])):
        raise ValueError(f"{sender!r} names no e-mail address; write Call digest <calls@example.com>")
    return sender


def _known_name(name: str) -> str:
    if not name.isprintable():
        raise ValueError("must be one line of letters and signs that can be seen")
    return name


def _known_variable(name: str) -> str:
    if name and not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
        raise ValueError("write the name of an environment variable, never what it holds")
    return name


def _known_page(url: str) -> str:
    if url and not re.fullmatch(r"https?://[!-~]+", url):
        raise ValueError(f"{url!r} is no address of a page; write one such as https://calls.example.com/")
    return url


def _some_name(name: str) -> str:
    if name and not name.strip():
        raise ValueError("is blank; leave it out for everything")
    return name


def _known_way_out(way: str) -> str:
    return _known_page(way) if way.startswith(("http://", "https://")) else _known_address(way)


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Recipient(_Section):
    """Somebody, or a Slack channel, that reports are sent to."""

    name: Annotated[str, AfterValidator(_known_name)] = Field(
        "", max_length=100, description="how `--to` and messages call it; empty: the address"
    )
    email: Annotated[str, AfterValidator(_known_address)] = Field("", description="e-mail address")
    slack: Annotated[str, AfterValidator(_known_variable)] = Field(
        "", description="environment variable that holds the address of a Slack webhook"
    )
    reports: tuple[str, ...] = Field(("digest",), description="reports that are sent without `--to`")
    segment: Annotated[str, AfterValidator(_some_name)] = Field(
        "", description="only what was heard in deals of this segment; empty: everything"
    )
    product: Annotated[str, AfterValidator(_some_name)] = Field(
        "", description="only calls about this product of the playbook; digests only"
    )
    persona: Annotated[str, AfterValidator(_some_name)] = Field(
        "", description="only what this persona of the playbook said; digests only"
    )
    redact: bool = Field(True, description="leave personal data out of quotes")
    schedule: str = Field("", description="when, in words, for people: jobs decide that")

    @property
    def address(self) -> str:
        """Where it goes: the e-mail address, or the variable that holds the webhook."""
        return self.email or self.slack

    @property
    def within(self) -> str:
        """What its reports are limited to, as one text in small letters; empty for everything.

        No two limits have the same: who is limited to the segment "product Rota" must never be sent, or be
        taken for one who was sent, what is about the product "Rota".
        """
        behind = "; (product|persona) "
        parts = (
            ("", self.segment, f"^(product|persona) |{behind}"),
            ("product ", self.product, behind),
            ("persona ", self.persona, behind),
        )
        return "; ".join(what + key_name(name, unlike=unlike) for what, name, unlike in parts if name)

    @property
    def called(self) -> str:
        """The name, or else the address."""
        return self.name or self.address

    @model_validator(mode="after")
    def _one_channel(self) -> Self:
        if bool(self.email) == bool(self.slack):
            raise ValueError("give it an email or a slack, one of the two")
        return self


def _told_apart(recipients: tuple[Recipient, ...]) -> tuple[Recipient, ...]:
    names = [recipient.called.casefold() for recipient in recipients]
    for recipient in recipients:
        if names.count(recipient.called.casefold()) > 1:
            raise ValueError(f"{recipient.called!r} is there twice; give each a name of its own")
    return recipients


class DeliverySettings(_Section):
    """How reports are sent, and to whom. Nothing is sent unless `callmine send` or a recipe says so.

    The password of the mail server is never written here: a variable, or a file, holds it.
    """

    smtp_host: str = Field("", description="mail server; empty: no e-mail is sent")
    smtp_port: int = Field(0, ge=0, le=65535, description="0: 587, or 465 with tls, or 25 with none")
    smtp_security: Literal["starttls", "tls", "none"] = Field(
        "starttls", description="starttls, tls, or none for a server on this machine"
    )
    smtp_user: str = Field("", description="user name there; empty: the server asks for none")
    smtp_password_env: Annotated[str, AfterValidator(_known_variable)] = Field(
        "CALLMINE_SMTP_PASSWORD", description="environment variable that holds the password"
    )
    smtp_password_file: str = Field("", description="file that holds it, where the variable is not set")
    smtp_ca_file: str = Field(
        "", description="certificates to trust besides the system's, for a server with its own"
    )
    timeout_s: float = Field(30.0, gt=0, le=600, description="seconds to wait for a server's answer")
    sender: Annotated[str, AfterValidator(_known_sender)] = Field(
        "", description='who reports are from: "Call digest <calls@example.com>"'
    )
    unsubscribe: Annotated[str, AfterValidator(_known_way_out)] = Field(
        "", description="where to ask to be taken off the list: an address, or a page's https:// link"
    )
    base_url: Annotated[str, AfterValidator(_known_page)] = Field(
        "", description="where `reports/` can be opened in a browser; empty: there are no links"
    )
    recipients: Annotated[tuple[Recipient, ...], AfterValidator(_told_apart)] = Field(
        (), description="who reports are sent to, each a [[delivery.recipients]]"
    )
