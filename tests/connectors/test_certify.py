"""Certifying: the sandbox library conforms in all, and a library that misbehaves is told how."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from werkzeug.wrappers import Request

from connectors.certify.examiner import Endpoint, Examiner
from connectors.certify.iso_sender import IsoSender
from connectors.certify.listening import Letter, Listener, listening
from connectors.certify.parts import PARTS, certify
from connectors.certify.report import Finding, Report, Verdict
from connectors.certify.sender import Sender
from connectors.iso18626 import codec
from connectors.iso18626 import messages as m
from connectors.sandbox.agenda import Agenda, SandboxClock
from connectors.sandbox.app import build, create_app
from connectors.sandbox.config import Config
from connectors.transport import Target
from connectors.webhook.codec import encode_report
from connectors.webhook.signing import signed_headers
from tests.connectors.factories import NOW, OTHER_SECRET, SECRET
from tests.connectors.factories import report as status_report
from tests.connectors.iso18626_samples import header as iso_header
from tests.connectors.sandboxes import Sandbox, opened, sandbox
from workflows.requests.commands import ReportedStatus

TOKEN = "token-of-both"
OVER_HTTP = {
    "webhook": "", "sru": "/sru", "iso18626": "/iso18626", "ncip": "/ncip", "koha": "", "oai": "/oai",
}  # fmt: skip
WITHOUT_HTTP = ("sip2", "z3950")
PROTOCOLS = ("iso18626", "ncip", "koha", "oai", "sip2", "z3950")


def examined(protocol: str, box: Sandbox | None = None, **facts: Any) -> Report:
    """Return what is found at a sandbox library."""
    known = box or sandbox(protocols=PROTOCOLS, iso_token=TOKEN)
    title = known.library.catalogue.titles(1)[0].record.first("245", "a").split()[0]
    copy = next(copy for each in known.library.catalogue.titles(99) for copy in each.copies if copy.available)
    usual = {
        "url": f"http://bhu.example{OVER_HTTP.get(protocol, '')}",
        "now": known.clock.real,
        "secret": SECRET,
        "token": TOKEN,
        "word": title,
        "card": "P1",
        "user": "broker",
        "password": "s3cret",
        "barcode": copy.barcode,
        "transport": httpx.WSGITransport(known.app),
    }
    return certify(protocol, Endpoint(**{**usual, **facts}))


def faults(report: Report) -> dict[str, str]:
    return {each.claim: each.detail for each in report.findings if each.verdict is Verdict.DOES_NOT}


@pytest.mark.parametrize("protocol", sorted(OVER_HTTP))
def test_the_sandbox_library_conforms_in_all(protocol: str) -> None:
    report = examined(protocol)

    assert {} == faults(report)
    assert report.conforms
    assert [] == [each.claim for each in report.findings if each.verdict is Verdict.NOT_TRIED]


@pytest.mark.parametrize("protocol", WITHOUT_HTTP)
def test_the_sandbox_library_conforms_in_what_is_no_http(protocol: str) -> None:
    box = sandbox(protocols=PROTOCOLS)
    with opened(box) as ports:
        report = examined(protocol, box, url=f"{protocol}://127.0.0.1:{ports[protocol]}")

    assert {} == faults(report)
    assert [] == [each.claim for each in report.findings if each.verdict is Verdict.NOT_TRIED]


@pytest.mark.parametrize("protocol", WITHOUT_HTTP)
@pytest.mark.parametrize("scenario", ["500", "garbled", "closed_connection"])
def test_what_misbehaves_without_http_is_told_how(protocol: str, scenario: str) -> None:
    box = sandbox(protocols=PROTOCOLS, scenario=scenario)
    with opened(box) as ports:
        report = examined(protocol, box, url=f"{protocol}://127.0.0.1:{ports[protocol]}")

    assert Verdict.DOES_NOT is report.findings[0].verdict
    assert report.findings[0].detail


@pytest.mark.parametrize("protocol", sorted(OVER_HTTP))
@pytest.mark.parametrize("scenario", ["500", "garbled"])
def test_a_library_that_misbehaves_is_told_how_and_asked_no_further(protocol: str, scenario: str) -> None:
    report = examined(protocol, sandbox(protocols=PROTOCOLS, iso_token=TOKEN, scenario=scenario))
    first, *others = report.findings

    assert not report.conforms
    assert first.verdict is Verdict.DOES_NOT
    assert ("HTTP 500" in first.detail) is (scenario == "500")
    assert {Verdict.NOT_TRIED} == {each.verdict for each in others}


def test_the_other_revision_conforms_too() -> None:
    assert examined("iso18626", revision="2021-2").conforms


def test_a_partner_with_another_secret_is_found_out_at_once() -> None:
    assert {"takes a signed ask": "HTTP 401 instead of 2xx"} == faults(
        examined("webhook", secret=OTHER_SECRET)
    )


def test_a_partner_that_believes_everybody_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def believed(headers: Any, _body: bytes, **_: Any) -> str:
        return str({name.lower(): value for name, value in headers.items()}["webhook-id"])

    monkeypatch.setattr("connectors.sandbox.library.verified_id", believed)
    found = faults(examined("webhook"))

    assert [
        "refuses a signature of another secret",
        "refuses a body changed after signing",
        "refuses a message ten minutes old",
    ] == [*found]


def test_what_was_not_told_is_not_tried() -> None:
    report = examined("sru", word="")

    assert "a word is not given" in {each.detail for each in report.findings}
    assert report.conforms


def test_an_examination_of_nobody_is_a_failure() -> None:
    endpoint = Endpoint(url="http://127.0.0.1:9/sru", now=sandbox().clock.real)

    assert not certify("sru", endpoint).conforms


def test_a_report_says_what_was_sent_and_what_came() -> None:
    report = examined("sru", sandbox(scenario="500"))
    text = report.as_text()

    assert "sent: GET http://bhu.example/sru?" in text
    assert "came: HTTP 500 Something went wrong." in text
    assert text.endswith("0 conforms, 1 does not conform, 9 could not be tried")
    assert report.as_json()["findings"][0]["verdict"] == "does not conform"


def test_a_report_tells_no_secret() -> None:
    told = "".join(str(examined(protocol).as_json()) for protocol in OVER_HTTP)

    assert SECRET not in told
    assert TOKEN not in told


@pytest.mark.parametrize(
    ("verdicts", "conforms"),
    [
        ([], False),
        ([Verdict.NOT_TRIED], False),
        ([Verdict.CONFORMS, Verdict.NOT_TRIED], True),
        ([Verdict.CONFORMS, Verdict.DOES_NOT], False),
    ],
)
def test_a_partner_conforms_if_it_did_so_once_and_never_did_not(
    verdicts: list[Verdict], *, conforms: bool
) -> None:
    findings = tuple(Finding(claim="c", clause="1", verdict=verdict) for verdict in verdicts)

    assert conforms is Report("sru", "", findings).conforms


# ---------------------------------------------------------------- what a partner sends


def heard(scenario: str, *, protocol: str = "webhook", seconds: float = 5) -> Report:
    """Return what is found at a library that sends, in its own time, to whoever examines it."""
    listener = Listener(lambda: datetime.now(UTC), seconds=seconds)
    config = Config(
        library="bhu", share=0.01, secret=SECRET, broker_url="http://broker.example", scenario=scenario,
        pace=0.05, protocols=PROTOCOLS,
    )  # fmt: skip
    agenda, clock = Agenda(), SandboxClock()
    target = Target("bhu", transport=httpx.WSGITransport(Request.application(listener.app)))
    app = create_app(build(config, agenda=agenda, clock=clock, target=target))
    thread = threading.Thread(target=agenda.run, daemon=True)
    thread.start()
    endpoint = Endpoint(
        url=f"http://bhu.example{OVER_HTTP[protocol]}", now=clock.real, secret=SECRET, listener=listener,
        revision="2021-2", transport=httpx.WSGITransport(app),
    )  # fmt: skip
    report = certify(protocol, endpoint)
    agenda.close()
    thread.join(60)
    return report


@pytest.mark.parametrize(
    ("protocol", "scenario"), [("webhook", "accepts"), ("webhook", "doubled"), ("iso18626", "conditional")]
)
def test_what_the_sandbox_library_sends_conforms(protocol: str, scenario: str) -> None:
    report = heard(scenario, protocol=protocol)

    assert {} == faults(report)
    untried = [each.detail for each in report.findings if each.verdict is Verdict.NOT_TRIED]
    assert [] == [each for each in untried if "token" not in each]
    assert "tells of a loan in an order it can have gone" in {each.claim for each in report.findings}


def test_a_partner_that_says_nothing_is_waited_for_and_found_out() -> None:
    found = faults(heard("silent", seconds=0.2))

    assert {"tells what comes of an ask": "nothing within 0.2 seconds"} == found


def letter(body: bytes = b"{}", **headers: str) -> Letter:
    return Letter("/api/v1/webhooks/bhu", headers, body, NOW)


def signed(message_id: str, **facts: Any) -> Letter:
    body = encode_report(status_report(**{"request_id": "req_certify", **facts}))
    return letter(body, **signed_headers(message_id=message_id, body=body, secret=SECRET, now=NOW))


FIRST = signed("msg_1", status=ReportedStatus.REQUEST_RECEIVED)


@pytest.mark.parametrize(
    ("letters", "claim"),
    [
        ([letter()], "signs what it sends"),
        ([letter()], "writes what was agreed"),
        ([FIRST], "sends again, under the same id, what was not taken"),
        ([FIRST, signed("msg_1")], "sends again, under the same id, what was not taken"),
        ([FIRST, FIRST, signed("msg_1")], "gives another message another id"),
        ([signed("msg_1", request_id="req_other")], "names the request it was asked for"),
        ([signed("msg_1", occurred_at=NOW + timedelta(hours=1))], "tells of nothing before it happened"),
        ([signed("msg_1", said_at=NOW + timedelta(hours=1))], "tells of nothing before it happened"),
        (
            [FIRST, signed("msg_2", occurred_at=NOW - timedelta(hours=1))],
            "tells of a loan in an order it can have gone",
        ),
        ([replace(FIRST, path="/elsewhere")], "tells what comes of an ask"),
    ],
)
def test_each_fault_of_a_sender_is_named(letters: list[Letter], claim: str) -> None:
    listener = Listener(lambda: NOW, seconds=0.0)
    listener.letters = letters
    endpoint = Endpoint(url="", now=lambda: NOW, secret=SECRET, listener=listener)
    examiner = Examiner("webhook", endpoint)
    Sender(endpoint, listener, "req_certify").examine(examiner)

    assert claim in faults(examiner.report())


def supplied(status: m.Status = m.Status.WILL_SUPPLY, hours: int = 0, **facts: Any) -> Letter:
    """Return a message of a supplier; what it tells of happened so many *hours* after the request."""
    at = NOW + timedelta(hours=hours)
    said = {
        "header": iso_header(request_id="req_certify", timestamp=at),
        "info": m.Info(reason=m.Reason.REQUEST_RESPONSE),
        "status_info": m.StatusInfo(status=status, last_change=at),
    }
    return letter(codec.encode(m.SupplyingMessage(**{**said, **facts}), m.Revision.V2021))


RECEIVED, STATUS_CHANGE = m.Status.REQUEST_RECEIVED, m.Info(reason=m.Reason.STATUS_CHANGE)


@pytest.mark.parametrize(
    ("letters", "claim"),
    [
        ([], "tells what comes of a request"),
        ([letter(b"<x")], "writes messages without a flaw"),
        ([letter(supplied().body.replace(b"WillSupply", b"Perhaps"))], "writes messages without a flaw"),
        ([supplied()], "sends again, letter by letter, what was not taken"),
        ([supplied(header=iso_header(request_id="req_other"))], "names the request it was asked for"),
        ([supplied(header=iso_header(supplying=m.AgencyId("X")))], "names both agencies as they were agreed"),
        ([supplied(info=STATUS_CHANGE)], "begins by a RequestResponse"),
        ([supplied(status_info=m.StatusInfo(status=RECEIVED))], "says when each status was reached"),
        (
            [supplied(status_info=m.StatusInfo(status=RECEIVED, last_change=NOW + timedelta(hours=1)))],
            "says when each status was reached",
        ),
        ([supplied(RECEIVED, 1), supplied(hours=0)], "tells of a loan in an order it can have gone"),
    ],
)
def test_each_fault_of_a_supplier_is_named(letters: list[Letter], claim: str) -> None:
    listener = Listener(lambda: NOW, seconds=0.0)
    listener.letters = letters
    endpoint = Endpoint(url="", now=lambda: NOW, our_agency="CN-420001", their_agency="CN-110001")
    examiner = Examiner("iso18626", endpoint)
    IsoSender(endpoint, listener, "req_certify").examine(examiner)

    assert claim in faults(examiner.report())


def test_a_listener_takes_the_first_message_at_the_second_attempt_and_nothing_that_is_none() -> None:
    listener = Listener(lambda: NOW, seconds=0.1)
    listener.answer = lambda letter: (b"ok", "text/plain") if letter.body == b"good" else None
    with listening(listener, "127.0.0.1", 0) as port:
        target = Target("bhu")
        bodies = (b"good", b"good", b"bad", b"x" * 300_000)
        url = f"http://127.0.0.1:{port}/"
        statuses = [target.post(url, content=body, headers={}).status for body in bodies]
        statuses.append(target.get(url).status)

    assert statuses == [503, 202, 400, 400, 400]
    assert len(listener.wait(lambda letters: len(letters) > 99)) == 3


def test_what_nobody_speaks_is_not_examined() -> None:
    with pytest.raises(KeyError):
        certify("telex", Endpoint(url="", now=sandbox().clock.real))
    assert set(OVER_HTTP) <= set(PARTS)
