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
        (429, True, {"Retry-After": "\xb2"}, 0.0),
        (429, True, {"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}, 0.0),
        (500, True, {}, 0.0),
        (503, True, {}, 0.0),
        (404, False, {}, 0.0),
        (403, False, {}, 0.0),
    ],
)
def test_a_refusal_is_certain_and_tried_by_nobody_else(
    httpserver: HTTPServer, status: int, passing: bool, headers: dict[str, str], wait: float
) -> None:
    """Once: nothing is tried again by itself; how long Slack asks to wait is bounded."""
    httpserver.expect_request(SECRET).respond_with_data("no_service", status=status, headers=headers)
    with pytest.raises(NotDelivered) as raised:
        post(httpserver.url_for(SECRET)).deliver(begin=lambda: None)
    assert (raised.value.passing, raised.value.wait_s) == (passing, wait)
    assert f"{status} no_service" in raised.value.message
    assert len(httpserver.log) == 1


@pytest.mark.parametrize("status", [502, 504, 524])
def test_a_gateway_that_did_not_wait_leaves_it_open(httpserver: HTTPServer, status: int) -> None:
    """Slack may have the post and only its answer came too late: posting again would post it twice."""
    httpserver.expect_request(SECRET).respond_with_data("timeout", status=status)
    with pytest.raises(NobodyKnows, match=f"{status} timeout") as raised:
        post(httpserver.url_for(SECRET)).deliver(begin=lambda: None)
    assert "--again" in raised.value.hint


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(httpserver: HTTPServer, status: int) -> None:
    """What it leads to would say yes to a question, without the post; that is told, and where to look."""
    httpserver.expect_request(SECRET).respond_with_data("", status=status, headers={"Location": "/login"})
    httpserver.expect_request("/login").respond_with_data("ok")
    with pytest.raises(NotDelivered, match="leads elsewhere") as raised:
        post(httpserver.url_for(SECRET)).deliver(begin=lambda: None)
    assert not raised.value.passing
    assert "Copy it from Slack" in raised.value.hint
    assert len(httpserver.log) == 1


def test_a_web_page_is_not_slack(httpserver: HTTPServer) -> None:
    """A page with status 200, such as a log-in or a firewall's, has no post."""
    httpserver.expect_request(SECRET).respond_with_data("<html>Welcome</html>", content_type="text/html")
    with pytest.raises(NotDelivered, match="leads to a web page") as raised:
        post(httpserver.url_for(SECRET)).deliver(begin=lambda: None)
    assert not raised.value.passing


@pytest.mark.parametrize("said", [b"", b"queued", b"\xff\xfe"])
def test_a_yes_that_is_not_slacks_leaves_it_open(httpserver: HTTPServer, said: bytes) -> None:
    """Only ``ok`` says that the post is there; anything else may be a stranger that has it."""
    httpserver.expect_request(SECRET).respond_with_data(said, content_type="text/plain; charset=utf-8")
    with pytest.raises(NobodyKnows, match="where Slack says 'ok'"):
        post(httpserver.url_for(SECRET)).deliver(begin=lambda: None)


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
    "url", ["not a link secret", "ftp://x/secret", "http://[secret", "https://x y/secret", "http:///secret"]
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
