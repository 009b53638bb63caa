"""Deliver a post to Slack, through an incoming webhook."""

from __future__ import annotations

import http.client
import logging
import socket
import ssl
from dataclasses import dataclass, field
from urllib.error import URLError

from callmine.reports.deliver.base import Begin, NobodyKnows, NotDelivered
from callmine.reports.letter_values import Post

_MOST_WAIT_S = 60.0
"""The longest that a busy Slack is waited for; it may ask for more."""


@dataclass(frozen=True, slots=True)
class SlackPost:
    """One post on its way to one webhook; its address is a secret and in no message."""

    url: str = field(repr=False)
    named: str
    post: Post
    timeout_s: float = 30.0

    def deliver(self, *, begin: Begin) -> None:
        """Hand the post to Slack; see :class:`callmine.reports.deliver.base.Courier`."""
        from slack_sdk.errors import SlackClientError
        from slack_sdk.webhook import WebhookClient

        quiet = logging.getLogger(__name__)
        quiet.setLevel(logging.CRITICAL + 1)  # it would log the post and the secret address
        # Without its own handlers: they would post again after a broken connection.
        client = WebhookClient(
            self.url, timeout=max(int(self.timeout_s), 1), retry_handlers=[], logger=quiet
        )
        begin()
        try:
            answer = client.send(text=self.post.text, blocks=[dict(block) for block in self.post.blocks])
        except URLError as error:
            if isinstance(
                error.reason, (ConnectionRefusedError, socket.gaierror, ssl.SSLError, TimeoutError)
            ):
                raise NotDelivered(
                    f"Slack ({self.named}) cannot be reached: {error.reason}", passing=True
                ) from error
            raise self._unknown() from error
        except (SlackClientError, http.client.InvalidURL, ValueError):
            # Their words hold the whole address, which nobody should see.
            raise NotDelivered(
                f"what {self.named} holds is no address of a webhook", hint="Copy it from Slack once more."
            ) from None
        except (http.client.HTTPException, OSError) as error:
            raise self._unknown() from error
        if answer.status_code != 200:
            wait = str(answer.headers.get("Retry-After") or answer.headers.get("retry-after") or "")
            said = " ".join(str(answer.body).split())[:200]
            raise NotDelivered(
                f"Slack ({self.named}) refuses the post: {answer.status_code} {said}",
                passing=answer.status_code == 429 or answer.status_code >= 500,
                wait_s=min(float(wait), _MOST_WAIT_S) if wait.isdigit() else 0.0,
            )

    def _unknown(self) -> NobodyKnows:
        return NobodyKnows(
            f"the connection to Slack ({self.named}) ended before it said whether it has the post",
            hint="Look whether it is there; --again posts it again.",
        )
