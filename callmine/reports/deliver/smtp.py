"""Deliver an e-mail over SMTP: one message, one connection, no try of its own."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import EmailMessage

from callmine.reports.deliver.base import Begin, NobodyKnows, NotDelivered

PORTS = {"starttls": 587, "tls": 465, "none": 25}


CONFIRMS_WITHIN_S = 600.0
"""How long a server may think about a message: who gives up earlier sends it twice, RFC 5321 section
4.5.3.2.6."""

GOODBYE_WITHIN_S = 5.0
"""How long a server may take to part: by then it is settled what became of the message, and not yet
written down."""


@dataclass(frozen=True, slots=True)
class MailServer:
    """How a mail server is reached.

    Attributes:
        security: ``starttls``, ``tls`` or ``none``.
        port: 0 for the usual one of ``security``.
        ca_file: Certificates to trust besides the system's.
    """

    host: str
    port: int = 0
    security: str = "starttls"
    user: str = ""
    password: str = field(default="", repr=False)
    ca_file: str = ""
    timeout_s: float = 30.0

    @property
    def named(self) -> str:
        """``HOST:PORT``, for messages."""
        return f"{self.host}:{self.port or PORTS[self.security]}"


@dataclass(frozen=True, slots=True)
class Mail:
    """One message on its way to one address."""

    server: MailServer
    sender: str
    to: str
    message: EmailMessage

    def deliver(self, *, begin: Begin) -> None:
        """Hand the message to the server; see :class:`callmine.reports.deliver.base.Courier`."""
        with _connected(self.server) as connection:
            _said_yes(connection.mail(self.sender), f"{self.server.named} refuses the sender {self.sender}")
            _said_yes(connection.rcpt(self.to), f"{self.server.named} refuses the recipient {self.to}")
            begin()
            self._hand_over(connection)

    def _hand_over(self, connection: smtplib.SMTP) -> None:
        what = f"{self.server.named} refuses the message"
        if connection.sock is not None:
            connection.sock.settimeout(max(self.server.timeout_s, CONFIRMS_WITHIN_S))
        try:
            code, words = connection.data(self.message.as_bytes())
        except smtplib.SMTPDataError as error:  # a clear no, before the message was said
            raise _refused(error.smtp_code, error.smtp_error, what) from error
        except (smtplib.SMTPServerDisconnected, OSError) as error:
            raise self._unknown() from error
        if not 200 <= code < 600:  # no answer that SMTP knows
            raise self._unknown()
        _said_yes((code, words), what)

    def _unknown(self) -> NobodyKnows:
        return NobodyKnows(
            f"the connection to {self.server.named} ended before it said that it has the message",
            hint="Look whether it arrived; --again sends it again.",
        )


@contextmanager
def _connected(server: MailServer) -> Iterator[smtplib.SMTP]:
    """Connect, encrypt and log in.

    Raises:
        NotDelivered: One of these failed.
    """
    connection: smtplib.SMTP | None = None
    try:
        try:
            connection = _open(server)
            if server.user:
                connection.login(server.user, server.password)
        except smtplib.SMTPAuthenticationError as error:
            raise NotDelivered(
                f"{server.named} does not take the user name and password: {_words(error.smtp_error)}",
                hint="Check smtp_user and the password in [delivery].",
                passing=400 <= error.smtp_code < 500,
            ) from error
        except smtplib.SMTPNotSupportedError as error:
            raise NotDelivered(
                f"{server.named}: {error}", hint="Check smtp_security and smtp_user in [delivery]."
            ) from error
        except smtplib.SMTPResponseException as error:
            raise _refused(
                error.smtp_code, error.smtp_error, f"{server.named} refuses the connection"
            ) from error
        except ssl.SSLCertVerificationError as error:
            raise NotDelivered(
                f"the certificate of {server.named} is not to be trusted: {error.verify_message}",
                hint="Check smtp_host, or name the server's own authority in smtp_ca_file.",
            ) from error
        except (smtplib.SMTPException, OSError) as error:
            raise NotDelivered(
                f"{server.named} cannot be reached: {error}",
                hint="Check smtp_host, smtp_port and smtp_security in [delivery].",
                passing=type(error) is not smtplib.SMTPException,  # that is: no way to log in
            ) from error
        try:
            yield connection
        except (smtplib.SMTPServerDisconnected, OSError) as error:
            # Before the message was handed over: what comes later is told by who hands it over.
            raise NotDelivered(f"{server.named} broke off: {error}", passing=True) from error
    finally:
        if connection is not None:
            with suppress(smtplib.SMTPException, OSError):
                if connection.sock is not None:
                    connection.sock.settimeout(min(server.timeout_s, GOODBYE_WITHIN_S))
                connection.quit()
            connection.close()


def _open(server: MailServer) -> smtplib.SMTP:
    port = server.port or PORTS[server.security]
    if server.security == "none":
        connection = smtplib.SMTP(server.host, port, timeout=server.timeout_s)
        connection.ehlo()
        return connection
    context = ssl.create_default_context()
    if server.ca_file:
        context.load_verify_locations(server.ca_file)
    if server.security == "tls":
        return smtplib.SMTP_SSL(server.host, port, timeout=server.timeout_s, context=context)
    connection = smtplib.SMTP(server.host, port, timeout=server.timeout_s)
    try:
        connection.starttls(context=context)
    except BaseException:
        connection.close()
        raise
    return connection


def _said_yes(answer: tuple[int, bytes], what: str) -> None:
    code, words = answer
    if code // 100 != 2:
        raise _refused(code, words, what)


def _refused(code: int, words: bytes | str, what: str) -> NotDelivered:
    """Return a server's no: one that begins with 4 may be a yes in a moment, RFC 5321 section 4.2.1."""
    return NotDelivered(f"{what}: {code} {_words(words)}", passing=code < 500)


def _words(said: bytes | str) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    return " ".join(text.split())[:300]
