"""E-mail over a real SMTP server on loopback: logging in, encryption, refusals, broken connections."""

from __future__ import annotations

import threading
from contextlib import suppress
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
import trustme
from hypothesis import given
from hypothesis.strategies import from_regex, text
from post_office import PASSWORD, USER, MailBox, closed_port, mail_server, server_tls

from callmine.reports.deliver.base import NobodyKnows, NotDelivered
from callmine.reports.deliver.mime import message_of
from callmine.reports.deliver.smtp import Mail, MailServer
from callmine.reports.letter_values import Letter, Picture
from callmine.validation import is_address

LETTER = Letter(
    "Digest", "<p>hello <b>wörld</b></p>", "hello wörld\n.\n", (Picture("weeks-1", b"\x89PNG"),)
)


def mail(port: int, **server: object) -> Mail:
    """A small e-mail to a server on loopback, without encryption unless asked for."""
    message = message_of(
        LETTER, made_at=datetime(2026, 10, 5, tzinfo=UTC), sender="C <c@a.example>", to="p@a.example"
    )
    reached = MailServer(
        **{"host": "127.0.0.1", "port": port, "security": "none", "timeout_s": 5, **server}
    )
    return Mail(reached, "c@a.example", "p@a.example", message)


def test_a_message_arrives_whole() -> None:
    """Text, HTML and picture, a line with a full stop alone included; ``begin`` is called once before."""
    begun: list[int] = []
    with mail_server() as box:
        mail(box.port).deliver(begin=lambda: begun.append(len(box.got)))
    ((to, message),) = box.got
    assert (to, begun) == ("p@a.example", [0])
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    assert text.get_content().replace("\r\n", "\n") == LETTER.text
    assert html is not None
    assert "wörld" in html.get_content()
    (picture,) = [part for part in message.walk() if part.get_content_type() == "image/png"]
    assert (picture["Content-ID"], picture.get_content()) == ("<weeks-1>", b"\x89PNG")


def test_it_logs_in_over_starttls(tmp_path: Path) -> None:
    """With a server whose own authority is named, user and password go over an encrypted connection."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    with mail_server(tls=server_tls(authority)) as box:
        mail(
            box.port, security="starttls", user=USER, password=PASSWORD, ca_file=str(tmp_path / "ca.pem")
        ).deliver(begin=lambda: None)
    assert (box.logins, box.encrypted, len(box.got)) == ([USER], [True], 1)


def test_a_wrong_password_is_told_and_not_tried_again(tmp_path: Path) -> None:
    """It is no passing fault, and the password is in no message."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    with mail_server(tls=server_tls(authority)) as box, pytest.raises(NotDelivered) as raised:
        mail(
            box.port, security="starttls", user=USER, password="hunter2", ca_file=str(tmp_path / "ca.pem")
        ).deliver(begin=pytest.fail)
    assert not raised.value.passing
    assert "user name and password" in raised.value.message
    assert "hunter2" not in raised.value.message + raised.value.hint + repr(mail(1, password="hunter2"))
    assert box.got == []


def test_a_certificate_that_nobody_vouches_for_is_refused() -> None:
    """Nothing is said to such a server, and the message says what to do."""
    with mail_server(tls=server_tls(trustme.CA())) as box, pytest.raises(NotDelivered) as raised:
        mail(box.port, security="starttls", user=USER, password=PASSWORD).deliver(begin=pytest.fail)
    assert "not to be trusted" in raised.value.message
    assert "smtp_ca_file" in raised.value.hint
    assert box.logins == []


def test_a_server_without_encryption_gets_nothing_unless_that_is_wanted() -> None:
    """With ``starttls`` a server that cannot encrypt is refused; nobody on the way can take it away."""
    with mail_server() as box, pytest.raises(NotDelivered, match="STARTTLS"):
        mail(box.port, security="starttls").deliver(begin=pytest.fail)
    assert box.got == []


@pytest.mark.parametrize(("answer", "passing"), [("450 later", True), ("550 no such mailbox", False)])
@pytest.mark.parametrize("when", ["rcpt", "data"])
def test_a_refusal_is_certain(answer: str, passing: bool, when: str) -> None:
    """With 4xx trying again can help, with 5xx not; the server's words are told."""
    box = MailBox(**{when: [answer]})  # type: ignore[arg-type]
    with mail_server(box), pytest.raises(NotDelivered) as raised:
        mail(box.port).deliver(begin=lambda: None)
    assert raised.value.passing is passing
    assert answer in raised.value.message
    assert raised.value.exit_code == 7


def test_a_connection_dropped_after_the_message_leaves_it_open() -> None:
    """The server may have it: it is neither sent nor failed."""
    box = MailBox(data=["drop"])
    with mail_server(box), pytest.raises(NobodyKnows) as raised:
        mail(box.port).deliver(begin=lambda: None)
    assert "--again" in raised.value.hint
    assert raised.value.exit_code == 7


@pytest.mark.parametrize("answer", ["250 got it", "550 no"])
def test_who_does_not_part_holds_nobody_up(answer: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once the message is taken, or refused, the answer to QUIT is waited for a moment only."""
    monkeypatch.setattr("callmine.reports.deliver.smtp.GOODBYE_WITHIN_S", 0.05)

    def deliver() -> None:
        with suppress(NotDelivered):
            mail(box.port, timeout_s=60).deliver(begin=lambda: None)

    with mail_server(MailBox(data=[answer], part=threading.Event())) as box:
        sending = threading.Thread(target=deliver, daemon=True)
        sending.start()
        sending.join(20)
        assert not sending.is_alive(), "it waits for a goodbye that never comes"


def test_nobody_there_may_pass() -> None:
    """A server that is down is tried again, and was never handed anything."""
    with pytest.raises(NotDelivered, match="cannot be reached") as raised:
        mail(closed_port()).deliver(begin=pytest.fail)
    assert raised.value.passing


def test_nothing_can_be_slipped_into_a_header() -> None:
    """A line break in any header is refused by the message itself, whatever came before."""
    at = datetime(2026, 10, 5, tzinfo=UTC)
    with pytest.raises(ValueError, match=r"linefeed|line"):
        message_of(Letter("a\r\nBcc: x@evil.example", "", ""), made_at=at)
    message = message_of(
        LETTER, made_at=at, to="p@a.example", to_name='P" <x@evil.example>, "', sender="c@a.example"
    )
    assert [str(a.addr_spec) for a in message["To"].addresses] == ["p@a.example"]


@given(
    address=from_regex(r"[.a!#$%&'*+/=?^_`{|}~-]{1,64}@[a.-]{1,60}", fullmatch=True).filter(is_address),
    name=text(max_size=100).filter(str.isprintable),
)
def test_what_settings_take_makes_a_message(address: str, name: str) -> None:
    """Every address and name that ``[delivery]`` lets in; else one of them would stop all others' mail."""
    made = message_of(
        LETTER, made_at=datetime(2026, 10, 5, tzinfo=UTC), to=address, to_name=name, sender=address
    )
    read = message_from_bytes(made.as_bytes(), policy=default)
    for header in ("To", "From"):
        assert [a.addr_spec for a in read[header].addresses] == [address]


def test_the_way_out_and_the_draft() -> None:
    """List-Unsubscribe as RFC 2369 has it, only where one is configured; a draft is one."""
    at = datetime(2026, 10, 5, tzinfo=UTC)
    by_mail = message_of(LETTER, made_at=at, unsubscribe="stop@a.example")
    assert by_mail["List-Unsubscribe"] == "<mailto:stop@a.example?subject=unsubscribe>"
    by_page = message_of(LETTER, made_at=at, unsubscribe="https://a.example/stop")
    assert by_page["List-Unsubscribe"] == "<https://a.example/stop>"
    none = message_of(LETTER, made_at=at)
    assert (none["List-Unsubscribe"], none["X-Unsent"]) == (None, "1")
    assert none.as_bytes().isascii()
