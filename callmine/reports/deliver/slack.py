"""Deliver a post to Slack, through an incoming webhook."""

from __future__ import annotations

import errno
import http.client
import json
import socket
import ssl
from dataclasses import dataclass, field
from email.message import Message
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from callmine.reports.deliver.base import Begin, NobodyKnows, NotDelivered
from callmine.reports.letter_values import Post

_MOST_WAIT_S = 60.0
"""The longest that a busy Slack is waited for; it may ask for more."""

_MOST_BYTES = 65_536
"""How much of an answer is read: Slack's have a word or two."""

_NO_WAY = (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EADDRNOTAVAIL)
"""Faults of the network under which nothing was connected to."""


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    said: str
    headers: Message[str, str]

    @property
    def is_page(self) -> bool:
        """Whether it is a page for people, which no webhook answers with."""
        kind = self.headers.get("Content-Type") or ""
        return kind.lower().startswith("text/html") or self.said.startswith("<")


@dataclass(frozen=True, slots=True)
class SlackPost:
    """One post on its way to one webhook; its address is a secret and in no message."""

    url: str = field(repr=False)
    named: str
    post: Post
    timeout_s: float = 30.0

    def deliver(self, *, begin: Begin) -> None:
        """Hand the post to Slack; see :class:`callmine.reports.deliver.base.Courier`."""
        request = self._request()
        begin()
        answer = self._answer(request)
        if answer.status == 200 and answer.said == "ok":
            return
        told = f"{answer.status} {answer.said}".strip()
        if answer.status < 400 and answer.is_page:
            raise NotDelivered(f"what {self.named} holds leads to a web page, not to Slack", hint=_COPY)
        if 300 <= answer.status < 400:
            raise NotDelivered(
                f"what {self.named} holds leads elsewhere ({answer.status}), which is not followed",
                hint=_COPY,
            )
        if answer.status < 400:
            raise NobodyKnows(
                f"what {self.named} holds answers {told!r}, where Slack says 'ok'", hint=_LOOK
            )
        if answer.status > 500 and answer.status != 503:
            # Of a gateway that did not wait for Slack, which may have the post.
            raise NobodyKnows(
                f"Slack ({self.named}) did not say whether it has the post: {told}", hint=_LOOK
            )
        wait = answer.headers.get("Retry-After") or ""
        raise NotDelivered(
            f"Slack ({self.named}) refuses the post: {told}",
            passing=answer.status in (429, 500, 503),
            wait_s=min(float(wait), _MOST_WAIT_S) if wait.isascii() and wait.isdecimal() else 0.0,
        )

    def _request(self) -> Request:
        body = {"text": self.post.text, "blocks": [dict(block) for block in self.post.blocks]}
        try:
            place = urlsplit(self.url)
            if place.scheme not in ("http", "https") or not place.hostname:
                raise ValueError("no address")
            return Request(
                self.url,
                data=json.dumps(body).encode(),
                headers={"Content-Type": "application/json; charset=utf-8", "User-Agent": "callmine"},
            )
        except ValueError:
            raise self._no_address() from None

    def _answer(self, request: Request) -> _Answer:
        """Return what the other side says.

        Raises:
            NotDelivered: Nobody is there.
            NobodyKnows: It says nothing.
        """
        try:
            with build_opener(_Stays).open(request, timeout=self.timeout_s) as answer:
                return _Answer(answer.status, _said(answer), answer.headers)
        except HTTPError as error:
            with error:
                return _Answer(error.code, _refusal(error), error.headers)
        except URLError as error:
            if _never_connected(error.reason):
                raise NotDelivered(
                    f"Slack ({self.named}) cannot be reached: {error.reason}", passing=True
                ) from error
            raise self._unknown() from error
        except (http.client.InvalidURL, ValueError):
            raise self._no_address() from None
        except (http.client.HTTPException, OSError) as error:
            raise self._unknown() from error

    def _no_address(self) -> NotDelivered:
        # Not the fault's own words: they hold the whole address, which nobody should see.
        return NotDelivered(f"what {self.named} holds is no address of a webhook", hint=_COPY)

    def _unknown(self) -> NobodyKnows:
        return NobodyKnows(
            f"the connection to Slack ({self.named}) ended before it said whether it has the post",
            hint=_LOOK,
        )


_COPY = "Copy it from Slack once more."
_LOOK = "Look whether it is there; --again posts it again."


class _Stays(HTTPRedirectHandler):
    """Follows nowhere: where a redirect leads, the post would come as a question without it."""

    def redirect_request(self, *args: Any, **more: Any) -> None:
        """Refuse, so that the redirect itself is the answer."""


def _never_connected(reason: object) -> bool:
    if isinstance(reason, (ConnectionRefusedError, socket.gaierror, ssl.SSLError, TimeoutError)):
        return True
    return isinstance(reason, OSError) and reason.errno in _NO_WAY


def _said(answer: Any) -> str:
    return " ".join(answer.read(_MOST_BYTES).decode("utf-8", "replace").split())[:200]


def _refusal(error: HTTPError) -> str:
    """Return the words of a no; that they broke off makes it no yes."""
    try:
        return _said(error)
    except (http.client.HTTPException, OSError):
        return ""
