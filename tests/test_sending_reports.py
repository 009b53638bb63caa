"""Sending battlecards, reviews and the report on won and lost; against real servers on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from email import message_from_string
from email.policy import default
from pathlib import Path

import pytest
from commands import callmine
from post_office import MailBox, mail_server
from pytest_httpserver import HTTPServer
from test_sending import CHANNEL, PETRA, configured, never, rows, states

from callmine.errors import UsageError
from callmine.operations.agreements import agree, end_agreement
from callmine.operations.battlecards import competitor_of
from callmine.operations.recipe_sending import send_failed_again
from callmine.operations.sendable import REPORTS, sendable
from callmine.operations.sending import send_report
from callmine.playbook import load_playbook
from callmine.reports.battlecard_people import quoted_ids
from callmine.store import Store
from callmine.store.removing import delete_call
from callmine.workspace import Workspace
from tests.closed_store import put_call, rep, small_year
from tests.edits import edit_card

ALL = 'reports = ["battlecard", "review", "outcomes", "messages", "brief"]\n'
BASE = 'base_url = "https://calls.acme.example/r/"\nunsubscribe = "stop@acme.example"'
LOST = "lost 2026-01-01/2026-09-30"


@pytest.fixture
def box() -> Iterator[MailBox]:
    """A mail server that takes everything, unless a test says otherwise."""
    with mail_server() as made:
        yield made


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A year of closed deals."""
    return small_year(tmp_path_factory.mktemp("year") / "workspace")


@pytest.fixture
def folder(once: Workspace, tmp_path: Path) -> Path:
    """A copy of it that a test may change."""
    import shutil

    return Path(shutil.copytree(once.root, tmp_path / "workspace"))


def subjects(place: Workspace) -> list[str]:
    """What deliveries that were made are about."""
    return [str(row["subject"]) for row in rows(place) if row["state"] == "sent"]


def test_nobody_gets_the_same_card_twice_and_everybody_each_version(folder: Path, box: MailBox) -> None:
    """By competitor, however named, and version: what a person writes on it makes a new one."""
    place = configured(folder, box.port, PETRA + ALL, more=BASE)
    assert states(send_report(place, "battlecard", subject="Lantern", sleep=never)) == ["sent"]
    assert states(send_report(place, "battlecard", subject="lantern shift", sleep=never)) == ["before"]
    ((_, message),) = box.got
    assert str(message["Subject"]).startswith("Battlecard Lantern, version 1: named ")
    assert str(message["List-Unsubscribe"]).startswith("<mailto:stop@acme.example")
    text = message.get_body(("plain",))
    assert text is not None
    assert "https://calls.acme.example/r/battlecard-lantern.html#q-" in text.get_content()
    page = (folder / "reports" / "battlecard-lantern.html").read_text()
    for line in text.get_content().splitlines():
        _, _, anchor = line.strip().partition("battlecard-lantern.html#")
        assert not anchor or f'id="{anchor}"' in page
    lantern = competitor_of("Lantern", load_playbook(place.playbook))
    edit_card(place, lantern, note=("answers", "Show the rota first."), by="Ada")
    assert states(send_report(place, "battlecard", subject="Lantern", sleep=never)) == ["sent"]
    assert subjects(place) == ["Lantern, version 1", "Lantern, version 2"]


def test_a_card_after_a_deleted_call_is_a_new_one(folder: Path, box: MailBox) -> None:
    """Its number is that of no card that was sent before, so everybody gets it."""
    place = configured(folder, box.port, PETRA + ALL, more=BASE)
    assert states(send_report(place, "battlecard", subject="Lantern", sleep=never)) == ["sent"]
    with Store(place.database) as store, store._writing():
        (version,) = store.card_versions("Lantern")
        quoted = quoted_ids(store.card_value(version))
        delete_call(store._db, store.evidence(ids=frozenset(quoted))[0].call_id)
    assert states(send_report(place, "battlecard", subject="Lantern", sleep=never)) == ["sent"]
    assert subjects(place) == ["Lantern, version 1", "Lantern, version 2"]


def test_a_failed_one_is_sent_again_for_the_same_days(folder: Path, box: MailBox) -> None:
    """A review by its side and days, a card by its competitor, though a newer version may be there."""
    place = configured(folder, box.port, PETRA + ALL)
    box.rcpt = ["550 no"] * 5
    for kind, about in (
        ("review", LOST),
        ("battlecard", "Lantern"),
        ("outcomes", "2026-01-01/2026-09-30"),
        ("messages", "2026-02-02"),
        ("brief", "2026-02-01/2026-02-28"),
    ):
        assert states(send_report(place, kind, subject=about, sleep=never)) == ["failed"]
    lantern = competitor_of("Lantern", load_playbook(place.playbook))
    edit_card(place, lantern, owner="Ada", by="Ada")
    assert states(send_failed_again(place, sleep=never)) == ["sent"] * 5
    assert send_failed_again(place, sleep=never) == ()
    said = [str(message["Subject"]).strip() for _, message in box.got]
    assert said[0].startswith("Lost deals, 1 January – 30 September 2026: ")
    assert said[1].startswith("Battlecard Lantern, ")
    assert said[2].startswith("Won and lost, 1 January – 30 September 2026: ")
    assert said[3].startswith("Messages, 2 February – ")


def test_a_failed_one_is_never_another_report(folder: Path, box: MailBox) -> None:
    """Messages end with the week that was asked for, though later calls came; what cannot is left alone."""
    place = configured(folder, box.port, PETRA + ALL)
    box.rcpt = ["550 no"] * 2
    (failed,) = send_report(place, "messages", sleep=never)
    with Store(place.database) as store:
        put_call(store, "later.vtt", rep("Good morning."), deal=None, started_at="2026-09-28T08:00:00Z")
    assert states(send_failed_again(place, sleep=never)) == ["failed"]
    assert states(send_failed_again(place, sleep=never)) == ["sent"]
    assert subjects(place) == [failed.subject]
    assert send_failed_again(place, sleep=never) == ()
    (newer,) = send_report(place, "messages", sleep=never)
    assert (newer.state, newer.subject.partition("/")[2]) == ("sent", "2026-W40")


def test_a_report_that_another_one_stands_for_is_not_tried_again(
    folder: Path, box: MailBox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not once, and not again each week; it is told."""
    place = configured(folder, box.port, PETRA + ALL)
    box.rcpt = ["550 no"]
    (failed,) = send_report(place, "outcomes", subject="2026-01-01/2026-09-30", sleep=never)
    assert failed.state == "failed"
    moving = replace(sendable("outcomes"), subject=lambda report: f"{report.since}/2026-10-31")
    monkeypatch.setitem(REPORTS, "outcomes", lambda: moving)
    said: list[str] = []
    assert send_failed_again(place, progress=said.append, sleep=never) == ()
    assert box.got == []
    assert "outcomes 2026-01-01/2026-09-30 is not sent any more: 2026-01-01/2026-10-31 stands" in said[-1]


@pytest.mark.parametrize("about", ["", "2026-09-01"])
def test_a_failed_brief_is_sent_again_as_it_was(folder: Path, box: MailBox, about: str) -> None:
    """The default month, and days up to yesterday: with no agreement that was made or done since."""
    place = configured(folder, box.port, PETRA + ALL, more=BASE)
    agree(place, "Price list first", day="2026-08-20", by="Mara")
    box.rcpt = ["550 no"]
    (failed,) = send_report(place, "brief", subject=about, sleep=never)
    (page,) = (path for path in place.reports.glob("brief-*.html"))
    first = page.read_text("utf-8")
    agree(place, "Later", by="Mara")
    end_agreement(place, 1, "done", by="Mara")
    (sent,) = send_failed_again(place, sleep=never)
    assert (sent.state, sent.subject) == ("sent", failed.subject)
    assert page.read_text("utf-8") == first
    assert [path.name for path in place.reports.glob("brief-*.html")] == [page.name]
    ((_, message),) = box.got
    text = str(message.get_body(("plain",)))
    assert page.name in text
    assert "Price list first" in text
    assert "Later" not in text


@pytest.mark.parametrize("about", ["2026-W01/2026-W53", "2026-W01/soon", "2026-W01/2099-W01"])
def test_weeks_of_messages_end_where_they_are_known(folder: Path, box: MailBox, about: str) -> None:
    """No week that is still to come, and none that is none."""
    place = configured(folder, box.port, PETRA + ALL)
    with pytest.raises(UsageError, match=r"the last complete week with a call is|no week to end with"):
        send_report(place, "messages", subject=about, sleep=never)


def test_a_slack_channel_gets_a_review_with_the_page_behind_it(
    folder: Path, httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One post, with a link to a page that is there then, and shows the same."""
    httpserver.expect_request("/services/secret", method="POST").respond_with_data("ok")
    monkeypatch.setenv("MARKETING_WEBHOOK", httpserver.url_for("/services/secret"))
    place = configured(folder, 1, CHANNEL, more=BASE)
    told = callmine("send", "review", "D-03", "--to", "Channel", "-w", folder)
    assert told.code == 0, told.err
    assert "sent review D-03 to Channel" in told.out
    assert states(send_report(place, "review", subject="D-03", to=["Channel"], sleep=never)) == ["before"]
    ((request, _),) = httpserver.log
    said = request.get_data(as_text=True)
    assert "https://calls.acme.example/r/review-D-03.html" in said
    assert (folder / "reports" / "review-D-03.html").is_file()


def test_a_dry_run_writes_no_page(folder: Path, box: MailBox) -> None:
    """It says what would go to whom, and no more."""
    configured(folder, box.port, PETRA + ALL, more=BASE)
    words = ("send", "review", "--lost", "--since", "2026-01-01", "--until", "2026-09-30", "--dry-run")
    told = callmine(*words, "-w", folder)
    assert told.code == 0, told.err
    assert told.out.startswith(f"would send review {LOST} to Petra <Petra@acme.example>, NOT redacted, ")
    assert not list((folder / "reports").glob("review-*"))
    assert box.got == []


def test_who_is_limited_to_a_segment_gets_no_more(folder: Path, box: MailBox) -> None:
    """A period's review of its deals without a link; no card, which is of all deals; no other's deal."""
    smb = PETRA + ALL + 'segment = "smb"\n'
    place = configured(folder, box.port, smb, more=BASE)
    assert states(send_report(place, "review", subject=LOST, sleep=never)) == ["sent"]
    assert states(send_report(place, "outcomes", sleep=never)) == ["sent"]
    assert states(send_report(place, "review", subject="D-01", sleep=never)) == ["sent"]
    for _, message in box.got:
        assert "https://" not in str(message.get_body(("plain",)))
    for (_, message), title in zip(box.got, ("Lost deals (SMB), ", "Won and lost (SMB), "), strict=False):
        assert str(message["Subject"]).strip().startswith(title), "as the CRM writes it"
        assert "only deals of SMB" in " ".join(str(message.get_body(("plain",))).split())
    (sent,) = send_report(place, "battlecard", subject="Lantern", sleep=never)
    assert sent.state == "failed"
    assert "a battlecard is of all deals" in sent.note
    (sent,) = send_report(place, "review", subject="D-03", sleep=never)
    assert sent.state == "nothing", "another team's deal is no failure: no retry makes it theirs"
    assert "not of the segment 'smb'" in sent.note
    assert callmine("send", "review", "D-03", "-w", folder).code == 0
    no_deal = send_report(place, "review", subject="lost 2020-01-01/2020-03-31", sleep=never)
    assert states(no_deal) == ["nothing"], "a quarter in which the segment closed none is no failure"
    assert len(box.got) == 3
    told = callmine("doctor", "-w", folder).out
    assert "'Petra' has a segment, and a battlecard is of all deals" in told


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("battlecard",), "nothing says whose battlecard"),
        (("battlecard", "Lantren"), "did you mean 'Lantern'?"),
        (("review",), "nothing says what to review"),
        (("review", "D-77"), "there is no deal 'D-77'"),
        (("review", "--lost"), "--since is missing"),
        (("review", "lost someday"), "is not a date"),
        (("review", "--lost", "--won", "--since", "2026-01-01"), "two reviews"),
        (("outcomes", "--week", "2026-W40"), "--week is for digests"),
    ],
)
def test_faults_are_told_before_anything_is_sent(
    folder: Path, box: MailBox, words: tuple[str, ...], said: str
) -> None:
    """With exit code 2."""
    configured(folder, box.port, PETRA + ALL)
    told = callmine("send", *words, "-w", folder)
    assert told.code == 2
    assert said in told.err
    assert box.got == []


def test_a_recipe_sends_the_last_quarter(folder: Path, box: MailBox) -> None:
    """Where nothing closed in it, it says so and ends well."""
    configured(folder, box.port, PETRA + ALL)
    (folder / "pipelines").mkdir(exist_ok=True)
    (folder / "pipelines" / "quarter.toml").write_text(
        'stages = []\n[[send]]\nreport = "review"\nabout = "lost last quarter"\n'
        '[[send]]\nreport = "battlecard"\nabout = "Lantern"\n'
    )
    with pytest.MonkeyPatch.context() as patch:
        from callmine.operations import abouts

        patch.setattr(abouts, "_last", lambda today, months: (_day("2020-01-01"), _day("2020-03-31")))
        told = callmine("run", "quarter", "-w", folder)
    assert told.code == 0, told.err
    assert "the review is not sent: no deal" in told.err
    assert "sent battlecard Lantern, version 1 to Petra" in told.out


def _day(iso: str) -> object:
    from datetime import date

    return date.fromisoformat(iso)


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (("battlecard", "Lantern"), "battlecard-lantern.eml"),
        (("review", "D-03"), "review-D-03.eml"),
        (("review", "--lost", "--since", "2026-01-01"), "review-lost-*.eml"),
        (("outcomes",), "outcomes-*.eml"),
        (("messages", "--weeks", "30"), "messages-*.eml"),
        (("brief", "--since", "2026-02-01", "--until", "2026-02-28"), "brief-*.eml"),
    ],
)
def test_a_draft_is_a_message_to_nobody(folder: Path, words: tuple[str, ...], name: str) -> None:
    """``--format eml``: any mail program opens it; printed it is the same."""
    assert callmine(*words, "--format", "eml", "-w", folder).code == 0
    (path,) = (folder / "reports").glob(name)
    made = message_from_string(path.read_text(), policy=default)
    assert (made["To"], made["X-Unsent"]) == (None, "1")
    printed = callmine(*words, "--format", "eml", "-o", "-", "-w", folder)
    again = message_from_string(printed.out, policy=default)
    assert str(again["Subject"]).strip() == str(made["Subject"]).strip() != ""
