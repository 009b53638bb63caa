"""Sending reports: to whom, once each, also over a kill; against real servers on loopback."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from commands import DEALS, callmine
from post_office import MailBox, closed_port, mail_server
from pytest_httpserver import HTTPServer

from callmine.errors import ModelError, StoreError, UsageError
from callmine.operations.handing_over import WAITS_S, Sent, exit_code
from callmine.operations.recipe_sending import send_failed_again
from callmine.operations.redacting import REMARK
from callmine.operations.sendable import LIMITED, REPORTS, sendable
from callmine.operations.sendable_values import Ask, Sendable
from callmine.operations.sending import send_report
from callmine.reports.digest_values import Digest
from callmine.reports.letter_values import Letter, Post
from callmine.reports.weeks import week_name
from callmine.store import Store
from callmine.workspace import Workspace, find_workspace

WEEK = "2026-W40"
REDACTION = "callmine.operations.sending.redact_report"
PETRA = '[[delivery.recipients]]\nname = "Petra"\nemail = "Petra@acme.example"\nredact = false\n'
CHANNEL = '[[delivery.recipients]]\nname = "Channel"\nslack = "MARKETING_WEBHOOK"\nredact = false\n'


@pytest.fixture
def box() -> Iterator[MailBox]:
    """A mail server that takes everything, unless a test says otherwise."""
    with mail_server() as made:
        yield made


def configured(folder: Path, port: int, *recipients: str, more: str = "") -> Workspace:
    """The workspace, with a mail server on loopback and these recipients."""
    settings = (folder / "callmine.toml").read_text().partition("[delivery]")[0]
    (folder / "callmine.toml").write_text(
        f'{settings}[delivery]\nsmtp_host = "127.0.0.1"\nsmtp_port = {port}\nsmtp_security = "none"\n'
        f'sender = "Digest <calls@acme.example>"\ntimeout_s = 5\n{more}\n' + "\n".join(recipients)
    )
    return find_workspace(folder)


def states(sent: tuple[Sent, ...]) -> list[str]:
    """What became of each."""
    return [one.state for one in sent]


def rows(place: Workspace) -> list[dict[str, Any]]:
    """What is written down of deliveries."""
    with Store(place.database) as store:
        return list(store.table_rows("deliveries"))


def never(seconds: float) -> None:
    """A pause that no test expects."""
    pytest.fail(f"waited {seconds} s")


def test_nobody_gets_the_same_digest_twice(own: Path, box: MailBox) -> None:
    """Once, however often it is sent and however the address is written; ``again`` sends it again."""
    place = configured(own, box.port, PETRA)
    assert states(send_report(place, "digest", sleep=never)) == ["sent"]
    for to in ([], ["petra"], ["PETRA@acme.example"]):
        assert states(send_report(place, "digest", to=to, sleep=never)) == ["before"]
    assert len(box.got) == 1
    assert states(send_report(place, "digest", again=True, sleep=never)) == ["sent"]
    first, second = (message for _, message in box.got)
    assert first["Message-ID"] != second["Message-ID"], "a mailbox would hide the second one"
    assert (str(first["To"]), str(first["From"])) == (
        "Petra <Petra@acme.example>",
        "Digest <calls@acme.example>",
    )
    assert "week 40" in str(first["Subject"])
    assert [(row["state"], row["subject"], row["address"]) for row in rows(place)] == [
        ("sent", WEEK, "petra@acme.example")
    ] * 2


def test_what_may_pass_is_tried_again_with_longer_pauses(own: Path, box: MailBox) -> None:
    """Two 4xx, then a yes: three tries, each written down."""
    box.rcpt, box.data = ["450 busy"], ["451 greylisted"]
    waited: list[float] = []
    place = configured(own, box.port, PETRA)
    assert states(send_report(place, "digest", sleep=waited.append)) == ["sent"]
    assert waited == list(WAITS_S)
    assert [row["state"] for row in rows(place)] == ["failed", "failed", "sent"]
    assert len(box.got) == 1


def test_a_clear_no_is_told_and_others_get_theirs(own: Path, box: MailBox) -> None:
    """A mailbox that does not exist fails at once, exit code 7, and the next one is served."""
    box.rcpt = ["550 no such mailbox"]
    other = PETRA.replace("Petra", "Omar")
    sent = send_report(configured(own, box.port, PETRA, other), "digest", sleep=never)
    assert states(sent) == ["failed", "sent"]
    assert "550 no such mailbox" in sent[0].note
    assert exit_code(sent) == 7
    assert [to for to, _ in box.got] == ["Omar@acme.example"]


def test_a_failed_one_is_sent_by_the_next_run_of_a_recipe(own: Path) -> None:
    """``weekly`` exits 7 while the server is down; ``nightly`` delivers it then, and only once."""
    port = closed_port()
    configured(own, port, PETRA)
    settings = (own / "callmine.toml").read_text()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("callmine.operations.handing_over.WAITS_S", (0.0, 0.0))
        told = callmine("run", "weekly", "-w", own)
    assert told.code == 7, told.err
    assert "NOT SENT: digest 2026-W40 to Petra <Petra@acme.example>" in told.err
    assert "smtp_host" in told.err
    with mail_server() as box:
        (own / "callmine.toml").write_text(settings.replace(str(port), str(box.port)))
        told = callmine("run", "nightly", "-w", own)
        assert "sent digest 2026-W40 to Petra" in told.out
        assert told.code == 0
        assert callmine("run", "nightly", "-w", own).out.count("digest") == 0
        assert "not sent again" in callmine("run", "weekly", "-w", own).out
    assert len(box.got) == 1


def test_an_old_failure_and_a_recipient_who_is_gone_are_left(own: Path, box: MailBox) -> None:
    """After two weeks a digest is no news; who was taken off the list gets nothing any more."""
    place = configured(own, box.port, PETRA)
    box.rcpt = ["550 no"]
    send_report(place, "digest", sleep=never)
    later = datetime.now(UTC) + timedelta(days=15)
    assert send_failed_again(place, now=later, sleep=never) == ()
    gone = configured(own, box.port, PETRA.replace("Petra@", "someone@"))
    assert send_failed_again(gone, sleep=never) == ()
    assert box.got == []
    back = configured(own, box.port, PETRA)
    assert states(send_failed_again(back, sleep=never)) == ["sent"]
    assert send_failed_again(back, sleep=never) == ()


def test_a_kill_while_it_is_handed_over_leaves_one_in_doubt(own: Path) -> None:
    """``kill -9`` when the message is there: told, not repeated; ``again`` repeats the same message."""
    box = MailBox(hold=threading.Event())
    with mail_server(box):
        place = configured(own, box.port, PETRA)
        sending = subprocess.Popen(
            [sys.executable, "-m", "callmine", "send", "digest", "-w", str(own)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)},
        )
        try:
            assert box.holding.wait(60)
            sending.send_signal(signal.SIGKILL)
        finally:
            sending.kill()
            sending.communicate()
        (row,) = rows(place)
        assert (row["state"], row["ended_at"]) == ("begun", None)
        assert box.hold is not None
        box.hold.set()
        sent = send_report(place, "digest", sleep=never)
        assert states(sent) == ["unknown"]
        assert exit_code(sent) == 7
        assert "stopped in the middle" in sent[0].note
        assert "--again" in sent[0].hint
        assert send_failed_again(place, sleep=never) == ()
        before = len(box.got)
        assert states(send_report(place, "digest", again=True, sleep=never)) == ["sent"]
        assert len(box.got) == before + 1
        assert box.got[-1][1]["Message-ID"] == row["message_id"], "a mailbox that has it can tell"
        assert states(send_report(place, "digest", sleep=never)) == ["before"]


def test_a_broken_connection_is_not_repeated_by_itself(own: Path, box: MailBox) -> None:
    """Nobody knows whether the server has it: no second try in this run, nor in the next one."""
    box.data = ["drop"]
    place = configured(own, box.port, PETRA)
    assert states(send_report(place, "digest", sleep=never)) == ["unknown"]
    again = callmine("send", "digest", "-w", own)
    assert again.code == 7
    assert "NOT KNOWN whether it arrived: digest 2026-W40 to Petra" in again.err
    assert box.got == []


def test_one_command_sends_at_a_time(own: Path) -> None:
    """What a second one would find begun is on its way, not cut short."""
    box = MailBox(hold=threading.Event())
    with mail_server(box):
        place = configured(own, box.port, PETRA)
        first = threading.Thread(target=send_report, args=(place, "digest"))
        first.start()
        assert box.holding.wait(60)
        with pytest.raises(StoreError, match="another command is sending"):
            send_report(place, "digest", sleep=never)
        assert box.hold is not None
        box.hold.set()
        first.join()
    assert len(box.got) == 1


def test_a_slack_channel_gets_it_once(
    own: Path, httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the variable that holds its webhook; the address itself is written down nowhere."""
    httpserver.expect_request("/services/secret", method="POST").respond_with_data("ok")
    place = configured(own, 1, CHANNEL, more='base_url = "https://calls.acme.example/r/"')
    monkeypatch.setenv("MARKETING_WEBHOOK", httpserver.url_for("/services/secret"))
    assert states(send_report(place, "digest", sleep=never)) == ["sent"]
    assert states(send_report(place, "digest", sleep=never)) == ["before"]
    ((request, _),) = httpserver.log
    assert "https://calls.acme.example/r/digest-2026-W40.html" in request.get_data(as_text=True)
    assert "secret" not in str(rows(place))


def test_who_lacks_a_setting_keeps_nobody_from_theirs(
    own: Path, box: MailBox, httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A webhook that is not set: a dry run tells it, the others get theirs, a later run sends it."""
    monkeypatch.delenv("MARKETING_WEBHOOK", raising=False)
    place = configured(own, box.port, CHANNEL, PETRA)
    dry = callmine("send", "digest", "--dry-run", "-w", own)
    assert dry.code == 7
    why = "to Channel <MARKETING_WEBHOOK>, by slack: the environment variable MARKETING_WEBHOOK is not set"
    assert f"would NOT send: digest 2026-W40 {why}" in dry.err
    assert "would send digest 2026-W40 to Petra" in dry.out
    assert rows(place) == []
    told = callmine("run", "weekly", "-w", own)
    assert told.code == 7
    assert f"NOT SENT: digest 2026-W40 {why}" in told.err
    assert "Set it to the address of the Slack webhook, also for scheduled jobs." in told.err
    assert [to for to, _ in box.got] == ["Petra@acme.example"]
    assert [row["state"] for row in rows(place)] == ["failed", "sent"]
    httpserver.expect_request("/hook", method="POST").respond_with_data("ok")
    monkeypatch.setenv("MARKETING_WEBHOOK", httpserver.url_for("/hook"))
    assert states(send_failed_again(place, sleep=never)) == ["sent"]


def test_a_dry_run_sends_and_writes_nothing(own: Path, box: MailBox) -> None:
    """It says what would go to whom, redacted or not, and how large."""
    place = configured(own, box.port, PETRA)
    told = callmine("send", "digest", "--to", "petra", "--to", "omar@acme.example", "--dry-run", "-w", own)
    assert told.code == 0, told.err
    first, second = told.out.splitlines()
    assert first.startswith("would send digest 2026-W40 to Petra <Petra@acme.example>, NOT redacted, ")
    assert second.startswith("would send digest 2026-W40 to omar@acme.example, redacted")
    assert (box.got, rows(place)) == ([], [])
    asked = callmine("send", "digest", "--week", WEEK, "--dry-run", "--json", "-w", own).json
    assert [(one["to"], one["state"], one["redacted"]) for one in asked] == [("Petra", "waiting", False)]
    sent = callmine("send", "digest", "--week", WEEK, "--json", "-w", own).json
    assert [one["size"] for one in sent] == [one["size"] for one in asked] != [0]


def test_without_redaction_nobody_gets_what_should_be_redacted(
    own: Path, box: MailBox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Redaction is the default; where its model cannot be had, nothing is sent, not even to others."""

    def refused(*_: object, **__: object) -> None:
        raise ModelError("en_core_web_sm is not here", hint="callmine models get en_core_web_sm")

    monkeypatch.setattr(REDACTION, refused)
    place = configured(own, box.port, PETRA, PETRA.replace("Petra", "Omar").replace("false", "true"))
    with pytest.raises(ModelError) as raised:
        send_report(place, "digest", sleep=never)
    assert raised.value.exit_code == 3
    assert (box.got, rows(place)) == ([], [])
    told = callmine("send", "digest", "--to", "x@acme.example", "-w", own)
    assert told.code == 3, "an address of which nothing is known gets redacted reports only"


def test_what_holds_for_every_recipient_is_told_once(
    own: Path, box: MailBox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That redaction guarantees nothing is told once a run, and not with ``--quiet``."""

    def remarked(report: Digest, *_: object, progress: Callable[[str], None]) -> Digest:
        progress(REMARK)
        return report

    monkeypatch.setattr(REDACTION, remarked)
    (own / "deals.csv").write_text(
        DEALS.replace(",loss_reason", ",loss_reason,segment")
        .replace("\n", ",Clinics\n")
        .replace("segment,Clinics", "segment")
    )
    assert callmine("deals", own / "deals.csv", "-w", own).code == 0
    wanted = PETRA.replace("false", "true")
    cleo = wanted.replace("Petra", "Cleo") + 'segment = "clinics"\n'
    configured(own, box.port, wanted, cleo)
    told = callmine("run", "weekly", "-w", own)
    assert (told.err.count(REMARK), told.err.count("week 2026-W40 (")) == (1, 1)
    configured(own, box.port, wanted.replace("Petra", "Omar"), cleo.replace("Cleo", "Dora"))
    told = callmine("run", "weekly", "--quiet", "-w", own)
    assert (told.err, told.out.count("sent digest"), told.out.count("wrote ")) == ("", 2, 0)
    assert len(box.got) == 4
    told = callmine("run", "weekly", "--quiet", "-w", own)
    assert (told.err, told.out) == ("", ""), "what was sent before is not told of every day"


def test_a_recipient_gets_what_redaction_leaves(
    own: Path, box: MailBox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The value goes through redaction before it is shown, and the mail says so; others get it whole."""
    import dataclasses

    def safe_one(report: Digest, *_: object, **__: object) -> Digest:
        return dataclasses.replace(report, top_line=("Somebody said something.",))

    monkeypatch.setattr(REDACTION, safe_one)
    place = configured(own, box.port, PETRA, PETRA.replace("Petra", "Omar").replace("false", "true"))
    assert states(send_report(place, "digest", sleep=never)) == ["sent", "sent"]
    bodies = {to: message.get_body(("plain",)) for to, message in box.got}
    whole, safe = (
        body.get_content() for to in ("Petra@acme.example", "Omar@acme.example") if (body := bodies[to])
    )
    assert "Somebody said something." in safe
    assert "left out where software found it" in safe
    assert "Somebody" not in whole
    assert [row["redacted"] for row in rows(place)] == [0, 1]


def test_a_segments_recipient_gets_its_digest(own: Path, box: MailBox, tmp_path: Path) -> None:
    """Only what was heard in its deals, without a link to the page of the whole company."""
    deals = DEALS.replace(",loss_reason", ",loss_reason,segment").replace(
        "2026-10-05,\n", "2026-10-05,,Bakeries\n"
    )
    (tmp_path / "deals.csv").write_text(deals.replace(",Lantern\n", ",Lantern,Clinics\n"))
    assert callmine("deals", tmp_path / "deals.csv", "-w", own).code == 0
    clinics = PETRA.replace("Petra", "Cleo") + 'segment = "clinics"\n'
    place = configured(own, box.port, PETRA, clinics, more='base_url = "https://calls.acme.example"')
    assert states(send_report(place, "digest", sleep=never)) == ["sent", "sent"]
    whole, part = (message.get_body(("plain",)) for _, message in box.got)
    assert whole is not None
    assert part is not None
    assert "Vellmore Clinics" in part.get_content()
    assert "Lantern" in whole.get_content()
    assert "Lantern" not in part.get_content(), "that was heard at the bakery"
    assert "only deals of Clinics" in part.get_content()
    assert "https://calls.acme.example/digest-2026-W40.html" in whole.get_content()
    assert "https://" not in part.get_content()
    assert [row["segment"] for row in rows(place)] == ["", "clinics"]
    spelt = configured(own, box.port, clinics.replace("clinics", "Clinics"))
    assert states(send_report(spelt, "digest", sleep=never)) == ["before"]
    nowhere = configured(own, box.port, clinics.replace("clinics", "clinic"))
    (sent,) = send_report(nowhere, "digest", sleep=never)
    assert sent.state == "failed"
    assert "no deal is of the segment 'clinic' (did you mean 'Clinics'?)" in sent.note


def test_a_segment_that_no_deal_is_of_stops_nobody_else(own: Path, box: MailBox) -> None:
    """Mistyped, or renamed in the CRM: told with exit code 7, also by doctor, and others get theirs.

    What failed before is tried again all the same.
    """
    place = configured(own, box.port, PETRA)
    box.rcpt = ["550 no"]
    assert states(send_report(place, "digest", sleep=never)) == ["failed"]
    cleo = PETRA.replace("Petra", "Cleo") + 'segment = "clinics"\n'
    configured(own, box.port, cleo, PETRA.replace("Petra", "Omar"))
    told = callmine("run", "weekly", "-w", own)
    assert told.code == 7
    assert "NOT SENT: digest (clinics) to Cleo" in told.err
    assert "no deal is of the segment 'clinics'" in told.err
    assert [to for to, _ in box.got] == ["Omar@acme.example"]
    configured(own, box.port, cleo, PETRA + "reports = []\n")
    told = callmine("run", "weekly", "-w", own)
    assert told.code == 7
    assert "sent digest 2026-W40 to Petra" in told.out
    told = callmine("doctor", "-w", own)
    assert "warn delivery: no deal is of the segment 'clinics' of 'Cleo'" in told.out
    dry = callmine("send", "digest", "--dry-run", "-w", own)
    assert "would NOT send: digest (clinics) to Cleo" in dry.err
    assert dry.code == 7


def test_a_message_that_cannot_be_made_comes_before_all_others(
    own: Path, box: MailBox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault in one of them (a bug) ends the command before anybody has got anything."""
    from callmine.operations import couriers

    made = couriers.message_of

    def faulty(*of: Any, **more: Any) -> Any:
        if more["to"].startswith("Omar"):
            raise ValueError("a header that no message takes")
        return made(*of, **more)

    monkeypatch.setattr(couriers, "message_of", faulty)
    place = configured(own, box.port, PETRA, PETRA.replace("Petra", "Omar"))
    with pytest.raises(ValueError, match="no message takes"):
        send_report(place, "digest", sleep=never)
    assert (box.got, rows(place)) == ([], [])


@pytest.mark.parametrize("to", ["", "  "])
def test_an_empty_name_means_nobody(own: Path, box: MailBox, to: str) -> None:
    """Neither all who have no name, nor all who are to get it: ``--to "$UNSET"`` is a mistake."""
    place = configured(own, box.port, PETRA, '[[delivery.recipients]]\nemail = "x@acme.example"\n')
    with pytest.raises(UsageError, match="--to is empty"):
        send_report(place, "digest", to=[to], sleep=never)
    assert callmine("send", "digest", "--to", to, "--to", "petra", "-w", own).code == 2
    assert box.got == []


def test_who_is_named_by_a_recipe_only_gets_what_failed(own: Path, box: MailBox) -> None:
    """An address that is in no settings, and somebody whose ``reports`` is empty: also a week later."""
    configured(own, box.port, PETRA + "reports = []\n")
    recipe = own / "named.toml"
    recipe.write_text(
        'stages = []\nsend_failed_again = true\n[[send]]\nreport = "digest"\nabout = "2026-W40"\n'
        'to = ["Petra", "omar@acme.example"]\n'
    )
    box.rcpt = ["550 no", "550 no"]
    assert callmine("run", recipe, "-w", own).code == 7
    assert box.got == []
    recipe.write_text(recipe.read_text().replace("2026-W40", "2026-W39"))
    told = callmine("run", recipe, "-w", own)
    assert told.code == 0, told.err
    for to in ("Petra", "omar@acme.example"):
        assert f"sent digest 2026-W40 to {to}" in told.out
    assert len(box.got) == 4


def test_what_is_gone_is_not_tried_again(own: Path, box: MailBox, monkeypatch: pytest.MonkeyPatch) -> None:
    """A report of what was forgotten since stops no run, and no other delivery."""

    def build(workspace: Workspace, ask: Ask) -> str:
        if gone:
            raise UsageError("there is no deal 'L-1'")
        return "L-1"

    gone: list[int] = []
    report = Sendable(
        build=build,
        subject=str,
        page=str,
        letter=lambda value, around: Letter(value, value, value),
        post=lambda value, around: Post(value, ()),
        redactable=False,
    )
    monkeypatch.setitem(REPORTS, "card", lambda: report)
    place = configured(own, box.port, PETRA)
    box.rcpt = ["550 no", "550 no"]
    send_report(place, "card", to=["Petra"], sleep=never)
    send_report(place, "digest", sleep=never)
    gone.append(1)
    said: list[str] = []
    assert states(send_failed_again(place, progress=said.append, sleep=never)) == ["sent"]
    assert "the card L-1 is not sent any more: there is no deal 'L-1'" in said


def test_the_first_week_of_a_workspace_is_no_failure(tmp_path: Path, box: MailBox) -> None:
    """``weekly`` from the first day on: nothing to report yet is a remark, with exit code 0."""
    folder = tmp_path / "new"
    assert callmine("init", folder).code == 0
    configured(folder, box.port, PETRA + 'reports = ["digest", "outcomes"]\n')
    told = callmine("run", "weekly", "-w", folder)
    assert told.code == 0, told.err
    assert "the digest is not written: no call has a date" in told.err
    assert "the digest is not sent: no call has a date" in told.err
    (folder / "won.toml").write_text('stages = []\n[[send]]\nreport = "outcomes"\n')
    told = callmine("run", folder / "won.toml", "-w", folder)
    assert told.code == 0, told.err
    assert "the outcomes is not sent: " in told.err
    for recipe in ("weekly", folder / "won.toml"):
        told = callmine("run", recipe, "--quiet", "-w", folder)
        assert (told.code, told.err, told.out) == (0, "", ""), "cron sends no mail of that every night"
    assert callmine("send", "digest", "-w", folder).code == 2
    assert box.got == []


def test_faults_are_told_before_anything_is_sent(own: Path, box: MailBox) -> None:
    """Nobody to send to, an unknown name or report: 2; what ``[delivery]`` lacks is a failed delivery."""
    place = configured(own, box.port)
    with pytest.raises(UsageError, match="nobody to send the digest to"):
        send_report(place, "digest")
    place = configured(own, box.port, PETRA)
    with pytest.raises(UsageError, match=r"'Petrra' is no recipient \(did you mean 'Petra'\?\)"):
        send_report(place, "digest", to=["Petrra"])
    with pytest.raises(UsageError, match=r"no report 'digets' to send \(did you mean 'digest'\?\)"):
        send_report(place, "digets", to=["Petra"])
    user = configured(own, box.port, PETRA, more='smtp_user = "calls"')
    (told,) = send_report(user, "digest", sleep=never)
    assert (told.state, told.hint != "") == ("failed", True)
    assert "CALLMINE_SMTP_PASSWORD is not set" in told.note
    (own / "callmine.toml").write_text(
        (own / "callmine.toml").read_text().replace("smtp_host", "# smtp_host")
    )
    (told,) = send_report(find_workspace(own), "digest", sleep=never)
    assert "no smtp_host" in told.note
    assert callmine("send", "digest", "2026-W40", "--week", "2026-W39", "-w", own).code == 2
    assert box.got == []


def test_a_week_that_is_not_over_is_sent_only_by_name(
    own: Path, box: MailBox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else its first days would stand for all of it; a recipe says so and ends well."""
    place = configured(own, box.port, PETRA)
    monkeypatch.setattr("callmine.operations.sendable.utc_now", lambda: "2026-10-01T00:00:00Z")
    with pytest.raises(UsageError, match="week 2026-W40 is not over yet"):
        send_report(place, "digest", sleep=never)
    told = callmine("run", "weekly", "-w", own)
    assert told.code == 0
    assert "the digest is not sent: week 2026-W40 is not over yet" in told.err
    assert box.got == []
    assert states(send_report(place, "digest", subject=WEEK, sleep=never)) == ["sent"]


def test_days_to_come_are_a_fault_of_who_wrote_them(own: Path, box: MailBox, tmp_path: Path) -> None:
    """And never "nothing to tell yet", as a recipe would say each week; the week of today is none."""
    deals = DEALS.replace(",loss_reason", ",loss_reason,segment").replace("2026-10-05,\n", "2026-10-05,,\n")
    (tmp_path / "deals.csv").write_text(deals.replace(",Lantern\n", ",Lantern,Clinics\n"))
    assert callmine("deals", tmp_path / "deals.csv", "-w", own).code == 0
    place = configured(own, box.port, PETRA + 'segment = "clinics"\n')
    for kind, about in (
        ("outcomes", "2026-01-01/2099-12-31"),
        ("outcomes", "2099-01-01"),
        ("review", "lost 2026-01-01/2099-12-31"),
        ("digest", "2099-W01"),
    ):
        with pytest.raises(UsageError, match="is to come"):
            send_report(place, kind, to=["Petra"], subject=about, sleep=never)
    (own / "typo.toml").write_text(
        'stages = []\n[[send]]\nreport = "outcomes"\nabout = "2026-01-01/2099-12-31"\nto = ["Petra"]\n'
    )
    assert callmine("run", own / "typo.toml", "-w", own).code == 2
    assert box.got == []
    today = datetime.now(UTC).date()
    assert callmine("digest", "--week", week_name(today), "-w", own).code == 0
    told = callmine("digest", "--week", week_name(today + timedelta(days=7)), "-w", own)
    assert (told.code, "is to come" in told.err) == (2, True)


def test_doctor_names_what_is_missing_for_whom(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A report that does not exist, a webhook that is not set; nothing is connected to."""
    monkeypatch.delenv("MARKETING_WEBHOOK", raising=False)
    configured(own, closed_port(), PETRA + 'reports = ["digets"]\n', CHANNEL)
    told = callmine("doctor", "-w", own)
    (line,) = [line for line in told.out.splitlines() if "delivery:" in line]
    assert line.startswith("warn")
    assert "'Petra' is to get 'digets', which is no report to send" in line
    assert "'Channel' would get nothing: the environment variable MARKETING_WEBHOOK is not set" in line
    configured(own, closed_port(), PETRA)
    assert "ok   delivery: 1 recipient" in callmine("doctor", "-w", own).out


def test_doctor_names_who_fails_at_every_send(own: Path) -> None:
    """A report that knows no persona, and names that are not in the playbook; without them all is well."""
    playbook = own / "playbook.toml"
    playbook.write_text(playbook.read_text().replace("domains", 'products = ["Larkmoor Rota"]\ndomains', 1))
    cleo = PETRA.replace("Petra", "Cleo")
    configured(
        own,
        closed_port(),
        PETRA + 'reports = ["digest", "brief"]\nproduct = "larkmoor rota"\n',
        cleo + 'product = "Larkmor Rota"\npersona = "Astronauts"\n',
    )
    told = callmine("doctor", "-w", own)
    (line,) = [line for line in told.out.splitlines() if "delivery:" in line]
    assert line.startswith("warn")
    assert "'Petra' has a product, and 'brief' cannot be limited to one" in line
    assert "the playbook has no product 'Larkmor Rota' of 'Cleo' (did you mean 'Larkmoor Rota'?)" in line
    assert "the playbook has no persona 'Astronauts' of 'Cleo'" in line
    assert "of 'Petra'" not in line
    configured(own, closed_port(), PETRA + 'product = " larkmoor rota"\n')
    assert "ok   delivery: 1 recipient" in callmine("doctor", "-w", own).out
    assert {kind for kind in REPORTS if sendable(kind).limits} == set(LIMITED)


def test_another_report_needs_one_registration(
    own: Path, box: MailBox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is registered is built for its subject, sent once, and found by its name."""
    report = Sendable(
        build=lambda workspace, ask: ask.subject or "Lantern",
        subject=str,
        page=lambda value: f"card-{value}.html",
        letter=lambda value, around: Letter(f"Card {value}", f"<p>{around.page}</p>", around.page),
        post=lambda value, around: Post(value, ()),
        redactable=False,
    )
    monkeypatch.setitem(REPORTS, "card", lambda: report)
    place = configured(own, box.port, PETRA + 'reports = ["card"]\n', more='base_url = "https://x.example"')
    assert states(send_report(place, "card", sleep=never)) == ["sent"]
    assert states(send_report(place, "card", subject="Dutymark", sleep=never)) == ["sent"]
    assert states(send_report(place, "card", subject="Lantern", sleep=never)) == ["before"]
    assert [str(message["Subject"]) for _, message in box.got] == ["Card Lantern", "Card Dutymark"]
    assert "https://x.example/card-Dutymark.html" in box.got[1][1].as_string()
    with pytest.raises(UsageError, match="nobody to send the digest to"):
        send_report(place, "digest", sleep=never)


def test_a_recipe_without_recipients_is_no_failure(own: Path) -> None:
    """``weekly`` says that nobody is to get it and ends as before."""
    told = callmine("run", "weekly", "-w", own)
    assert told.code == 0
    assert "nobody in [delivery] is to get the digest" in told.err
    assert callmine("run", "weekly", "--quiet", "-w", own).err == ""


def test_a_recipient_may_be_limited_to_a_product(own: Path, box: MailBox) -> None:
    """It gets a digest of its own, once; a report that knows no products is not sent."""
    playbook = own / "playbook.toml"
    playbook.write_text(playbook.read_text().replace("domains", 'products = ["Larkmoor Rota"]\ndomains', 1))
    mine = PETRA + 'product = "larkmoor rota"\n'
    place = configured(own, box.port, mine)
    (one,) = send_report(place, "digest", sleep=never)
    assert (one.state, one.segment) == ("sent", "product larkmoor rota")
    assert states(send_report(place, "digest", sleep=never)) == ["before"]
    ((_, message),) = box.got
    assert "only calls about Larkmoor Rota" in str(message.get_body(("plain",)))
    (sent,) = send_report(place, "outcomes", to=["Petra"], sleep=never)
    assert sent.state == "failed"
    assert "limited to a product or a persona, and the report 'outcomes' cannot be" in sent.note


def test_a_segment_that_reads_like_a_product_is_not_sent_the_products(
    own: Path, box: MailBox, tmp_path: Path
) -> None:
    """Each gets what it is limited to, in either order; what one was sent is not sent for the other."""
    playbook = own / "playbook.toml"
    playbook.write_text(playbook.read_text().replace("domains", 'products = ["Larkmoor Rota"]\ndomains', 1))
    deals = DEALS.replace(",loss_reason", ",loss_reason,segment").replace("2026-10-05,\n", "2026-10-05,,\n")
    (tmp_path / "deals.csv").write_text(deals.replace(",Lantern\n", ",Lantern,Product Larkmoor Rota\n"))
    assert callmine("deals", tmp_path / "deals.csv", "-w", own).code == 0
    product = PETRA + 'product = "Larkmoor Rota"\n'
    segment = PETRA.replace("Petra", "Cleo") + 'segment = "product Larkmoor Rota"\n'
    place = configured(own, box.port, product, segment)
    assert states(send_report(place, "digest", sleep=never)) == ["sent", "sent"]
    texts = [str(message.get_body(("plain",))) for _, message in box.got]
    assert ["only calls about Larkmoor Rota" in text for text in texts] == [True, False]
    assert ["only deals of Product Larkmoor Rota" in text for text in texts] == [False, True]
    turned = configured(own, box.port, segment.replace("Cleo", "Petra"))
    assert states(send_report(turned, "digest", sleep=never)) == ["sent"], "another report"
