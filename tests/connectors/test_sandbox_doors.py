"""The sandbox library as a program: the strings that can be pulled, its agenda, its start."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from flask.testing import FlaskClient

from connectors.failures import PartnerFailure
from connectors.sandbox.__main__ import main
from connectors.sandbox.agenda import Agenda, SandboxClock, scripted_time
from connectors.sandbox.app import start as begin
from connectors.sandbox.behaviour import SCENARIOS
from connectors.sandbox.config import Config
from connectors.sru.codec import decode
from connectors.transport import Target
from connectors.webhook.client import WebhookPartner
from tests.connectors.factories import SECRET, ask
from tests.connectors.sandboxes import CODES, partner, reported, sandbox, serving
from workflows.requests.commands import ReportedStatus


def seen(client: FlaskClient, path: str) -> Any:
    return client.get(path).json


def test_whoever_pulls_the_strings_can_report_anything() -> None:
    box = sandbox(scenario="manual")
    client = box.app.test_client()
    partner(box).ask(ask())
    box.pass_by(1)
    facts = {
        "status": "Loaned", "occurred_at": "2026-03-01T00:00:00+00:00", "lender_due_date": "2026-04-01",
        "tracking": None,
    }  # fmt: skip
    taken = client.post("/sandbox/requests/req_1/status", json=facts)
    box.pass_by(1)
    report = box.library.reporter.sent[-1].report

    assert taken.status_code == 202
    assert [report.status, report.occurred_at.day, report.lender_due_date] == [
        ReportedStatus.LOANED, 1, datetime(2026, 4, 1, tzinfo=UTC).date(),
    ]  # fmt: skip
    assert seen(client, "/sandbox/reports")["reports"][-1]["taken"]
    assert seen(client, "/sandbox/requests")["requests"][0]["title"] == "三体"
    assert seen(client, "/sandbox/requests/req_1")["status"] == "Loaned"


@pytest.mark.parametrize(
    ("path", "content", "status"),
    [
        ("requests/req_none/status", {"status": "Loaned"}, 404),
        ("requests/req_1/status", {"status": "Gone"}, 400),
        ("requests/req_1/status", {"status": "Loaned", "colour": "red"}, 400),
        ("scenario", {"scenario": "none"}, 404),
        ("clock", {"now": "soon"}, 400),
        ("clock", {}, 400),
        ("scenario", {}, 400),
        ("requests/req_1/status", {"note": "?"}, 400),
    ],
)
def test_strings_that_lead_nowhere_are_refused(path: str, content: dict[str, str], status: int) -> None:
    box = sandbox()
    partner(box).ask(ask())

    assert status == box.app.test_client().post(f"/sandbox/{path}", json=content).status_code


@pytest.mark.parametrize("body", [{}, [], "scenario"])
def test_a_string_that_says_too_little_is_told_what_is_missing(body: object) -> None:
    answer = sandbox().app.test_client().post("/sandbox/scenario", json=body)

    assert [400, {"error": "scenario: missing"}] == [answer.status_code, answer.json]


@pytest.mark.parametrize("path", ["/sru?query=law", "/ill/messages/msg_1"])
def test_a_library_that_is_broken_answers_nobody_but_who_pulls_its_strings(path: str) -> None:
    box = sandbox(scenario="500")
    client = box.app.test_client()

    assert [500, 200] == [client.get(path).status_code, client.get("/sandbox/requests").status_code]


def test_a_library_closes_the_connection_without_a_word() -> None:
    box = sandbox(scenario="closed_connection")
    with serving(box.app) as url, pytest.raises(PartnerFailure):
        Target("bhu").get(f"{url}/sru")


def test_a_library_speaks_no_more_than_it_is_told_to() -> None:
    assert sandbox().app.test_client().post("/iso18626").status_code == 404
    with pytest.raises(ValueError, match="protocols: telex"):
        Config(library="bhu", protocols=("telex",))


def test_weeks_pass_when_the_clock_is_set() -> None:
    box = sandbox()
    box.app.test_client().post("/sandbox/clock", json={"now": "2026-05-01T00:00:00+00:00"})
    reported(box, "accepts")

    assert box.library.reporter.sent[-1].report.occurred_at == datetime(2026, 5, 1, tzinfo=UTC)
    assert len(box.broker.came) == 3


def test_the_scenario_and_some_titles_can_be_seen_and_changed() -> None:
    box = sandbox()
    client = box.app.test_client()

    assert client.post("/sandbox/scenario", json={"scenario": "silent"}).json == {"scenario": "silent"}
    assert box.library.scenario is SCENARIOS["silent"]
    assert len(seen(client, "/sandbox/titles?first=3")["titles"]) == 3


def test_an_agenda_does_nothing_once_closed() -> None:
    agenda = Agenda(lambda: 0.0)
    agenda.add(0.0, lambda: None)
    agenda.close()

    assert agenda.run_due() == 0


def test_an_agenda_runs_in_a_thread_until_it_is_closed() -> None:
    agenda, done = Agenda(), threading.Event()
    thread = threading.Thread(target=agenda.run)
    thread.start()
    agenda.add(60.0, lambda: None)
    agenda.add(0.01, done.set)
    came = done.wait(60)
    agenda.close()
    thread.join(60)

    assert [came, thread.is_alive()] == [True, False]


def test_a_clock_may_be_shared_with_the_broker(tmp_path: Path) -> None:
    script = tmp_path / "clock.json"
    real = datetime(2026, 3, 2, 0, 10, tzinfo=UTC)
    told = scripted_time(script, lambda: real)
    for month in (4, 5):
        content = {
            "real": "2026-03-02T00:00:00Z",
            "scripted": f"2026-{month:02}-01T08:00:00+08:00",
            "speed": 6,
        }
        script.write_text(json.dumps(content), encoding="utf-8")

        assert told() == datetime(2026, month, 1, 1, tzinfo=UTC)


def test_a_library_on_a_shared_clock_tells_its_time_but_dates_signatures_by_the_machine(
    tmp_path: Path,
) -> None:
    script = tmp_path / "clock.json"
    now = datetime.now(UTC)
    later = now + timedelta(days=30)
    content = {"real": now.isoformat(), "scripted": later.isoformat(), "speed": 1}
    script.write_text(json.dumps(content), encoding="utf-8")
    config = Config(library="bhu", share=0.0, secret=SECRET, clock_file=str(script))
    app = begin(config)
    target = Target("bhu", transport=httpx.WSGITransport(app))
    taken = WebhookPartner(target, "http://bhu.example", SECRET, lambda: now).ask(ask())

    assert taken.lender_request_id
    assert scripted_time(script)() - later < timedelta(minutes=1)
    with pytest.raises(PartnerFailure):
        WebhookPartner(target, "http://bhu.example", SECRET, lambda: later).ask(ask())


def test_a_clock_tells_the_real_time_until_it_is_set() -> None:
    assert abs(SandboxClock().now() - datetime.now(UTC)) < timedelta(seconds=5)


def test_a_sandbox_deals_its_own_shelf_and_reports_by_itself() -> None:
    app = begin(Config(library="bhu", libraries=CODES, share=0.02, secret=SECRET, pace=0.0))
    client = app.test_client()
    titles = seen(client, "/sandbox/titles")["titles"]
    target = Target("bhu", transport=httpx.WSGITransport(app))
    WebhookPartner(target, "http://bhu.example", SECRET, lambda: datetime.now(UTC)).ask(ask())

    assert titles
    assert len(seen(client, "/sandbox/requests")["requests"]) == 1


def test_the_program_tells_its_port_and_serves_until_stopped(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def stop(_server: object) -> None:
        raise KeyboardInterrupt

    config = tmp_path / "bhu.json"
    config.write_text('{"library": "bhu", "share": 0.0}', encoding="utf-8")
    monkeypatch.setattr("werkzeug.serving.BaseWSGIServer.serve_forever", stop)
    code = main(["--config", str(config)])

    assert code == 0
    assert json.loads(capsys.readouterr().out)["ready"] is True


@pytest.mark.parametrize("content", ["{", '{"library": "bhu", "colour": "red"}', "{}"])
def test_the_program_refuses_a_configuration_that_is_none(
    content: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    config = tmp_path / "bad.json"
    config.write_text(content, encoding="utf-8")
    with pytest.raises(SystemExit):
        main(["--config", str(config)])

    assert "bad.json" in capsys.readouterr().err


def test_a_sandbox_is_a_process_of_its_own(start: Any, tmp_path: Path) -> None:
    config = tmp_path / "bhu.json"
    config.write_text(json.dumps({"library": "bhu", "libraries": CODES, "share": 0.1}), encoding="utf-8")
    port = start("-m", "connectors.sandbox", "--config", str(config)).wait_until_ready()["port"]
    reply = Target("bhu").get(f"http://127.0.0.1:{port}/sru", params={"query": "law"})

    assert reply.status == 200
    assert decode(reply.body).total > 0
