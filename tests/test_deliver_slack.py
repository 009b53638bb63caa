"""Posts to a real HTTP endpoint on loopback, in the place of Slack's webhook."""

from __future__ import annotations

import logging

import pytest
from post_office import closed_port
from pytest_httpserver import HTTPServer
from werkzeug import Response

from callmine.reports.deliver.base import NobodyKnows, NotDelivered
from callmine.reports.deliver.slack import SlackPost
from callmine.reports.letter_values import Post

SECRET = "/services/T0/B0/secret"
POST = Post("In short", ({"type": "section", "text": {"type": "mrkdwn", "text": "Hello"}},))


def post(url: str) -> SlackPost:
    """A small post."""
    return SlackPost(url, "MARKETING_WEBHOOK", POST, timeout_s=2)


def test_a_post_arrives(httpserver: HTTPServer) -> None:
    """As JSON: blocks, and the words that notifications show."""
    httpserver.expect_oneshot_request(
        SECRET, method="POST", json={"text": "In short", "blocks": [dict(block) for block in POST.blocks]}
    ).respond_with_data("ok")
    begun: list[int] = []
    post(httpserver.url_for(SECRET)).deliver(begin=lambda: begun.append(1))
    httpserver.check()
    assert begun == [1]


@pytest.mark.parametrize(
    ("status", "passing", "headers", "wait"),
    [
        (429, True, {"Retry-After": "7"}, 7.0),
        (429, True, {"Retry-After": "86400"}, 60.0),
        (503, True, {}, 0.0),
        (404, False, {}, 0.0),
        (403, False, {}, 0.0),
    ],
)
def test_a_refusal_is_certain_and_tried_by_nobody_else(
    httpserver: HTTPServer, status: int, passing: bool, headers: dict[str, str], wait: float
) -> None:
    """Once: the client's own tries are off; how long Slack asks to wait is bounded."""
    httpserver.expect_request(SECRET).respond_with_data("no_service", status=status, headers=headers)
    with pytest.raises(NotDelivered) as raised:
        post(httpserver.url_for(SECRET)).deliver(begin=lambda: None)
    assert (raised.value.passing, raised.value.wait_s) == (passing, wait)
    assert f"{status} no_service" in raised.value.message
    assert len(httpserver.log) == 1


def test_no_answer_leaves_it_open(httpserver: HTTPServer) -> None:
    """A post that was handed over and never answered may be there."""

    def slow(request: object) -> Response:
        import time

        time.sleep(3)
        return Response("ok")

    httpserver.expect_request(SECRET).respond_with_handler(slow)
    with pytest.raises(NobodyKnows):
        post(httpserver.url_for(SECRET)).deliver(begin=lambda: None)


def test_nobody_there_may_pass() -> None:
    """A refused connection took nothing."""
    with pytest.raises(NotDelivered, match="cannot be reached") as raised:
        post(f"http://127.0.0.1:{closed_port()}{SECRET}").deliver(begin=lambda: None)
    assert raised.value.passing


@pytest.mark.parametrize(
    "url", ["not a link secret", "ftp://x/secret", "http://[secret", "https://x y/secret"]
)
def test_the_secret_address_is_told_to_nobody(
    url: str, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither in a message nor in a log, also where it is no address at all."""
    with caplog.at_level(logging.DEBUG), pytest.raises((NotDelivered, NobodyKnows)) as raised:
        post(url).deliver(begin=lambda: None)
    told = (
        raised.value.message
        + raised.value.hint
        + caplog.text
        + repr(post(url))
        + "".join(capsys.readouterr())
    )
    assert "MARKETING_WEBHOOK" in told
    assert "secret" not in told
