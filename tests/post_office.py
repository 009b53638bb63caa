"""Real servers on loopback: a mail server that takes, refuses or drops messages, as a test says."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

USER, PASSWORD = "calls", "correct horse"


@dataclass
class MailBox:
    """What a server got, and how it answers.

    Attributes:
        rcpt: Answers to recipients, one after the other; none left: yes.
        data: Answers to messages, likewise; ``drop`` breaks the connection once the message is there.
        hold: If given, each message is held until it is set; ``holding`` is set meanwhile.
        part: If given, QUIT is answered once it is set.
    """

    port: int = 0
    rcpt: list[str] = field(default_factory=list)
    data: list[str] = field(default_factory=list)
    hold: threading.Event | None = None
    holding: threading.Event = field(default_factory=threading.Event)
    part: threading.Event | None = None
    got: list[tuple[str, EmailMessage]] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802 - the name that aiosmtpd asks for
        self, server: SMTP, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        """Answer to a recipient."""
        answer = self.rcpt.pop(0) if self.rcpt else "250 yes"
        if answer.startswith("2"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:  # noqa: N802
        """Keep a message, or answer as the test says."""
        answer = self.data.pop(0) if self.data else "250 got it"
        self.encrypted.append(session.ssl is not None)
        if self.hold is not None:
            self.holding.set()
            import asyncio

            while not self.hold.is_set():
                await asyncio.sleep(0.01)
        if answer == "drop":
            server.transport.abort()
            return "250 nobody hears this"
        if answer.startswith("2"):
            message = message_from_bytes(envelope.content, policy=default)
            assert isinstance(message, EmailMessage)
            self.got += [(to, message) for to in envelope.rcpt_tos]
        return answer

    async def handle_QUIT(self, server: SMTP, session: Any, envelope: Any) -> str:  # noqa: N802
        """Part, when the test says so."""
        import asyncio

        while self.part is not None and not self.part.is_set():
            await asyncio.sleep(0.01)
        return "221 bye"

    def authenticator(
        self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any
    ) -> AuthResult:
        """Let in who knows the password."""
        assert isinstance(data, LoginPassword)
        self.logins.append(data.login.decode())
        known = (data.login.decode(), data.password.decode()) == (USER, PASSWORD)
        return AuthResult(success=known, handled=False)


@contextmanager
def mail_server(box: MailBox | None = None, *, tls: ssl.SSLContext | None = None) -> Iterator[MailBox]:
    """Run a mail server on a free port; with ``tls`` it asks for STARTTLS and for a password."""
    box = box or MailBox()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        box.port = free.getsockname()[1]
    more: dict[str, Any] = {}
    if tls is not None:
        more = {
            "tls_context": tls,
            "require_starttls": True,
            "auth_required": True,
            "authenticator": box.authenticator,
        }
    controller = Controller(box, hostname="127.0.0.1", port=box.port, **more)
    controller.start()
    try:
        yield box
    finally:
        for event in (box.hold, box.part):
            if event is not None:
                event.set()
        controller.stop()


def server_tls(authority: trustme.CA) -> ssl.SSLContext:
    """Return what a server with a certificate of that authority for 127.0.0.1 uses."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


def closed_port() -> int:
    """Return a port that nobody listens at."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
