"""The sandbox library as a lender: how it follows its scripts."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from connectors import ports
from connectors.failures import Garbled, PartnerFailure
from connectors.webhook.signing import signed_headers
from tests.connectors.factories import NOW, SECRET, ask, cancel
from tests.connectors.sandboxes import partner, reported, sandbox, shelf


def telling(kind: type[ports.Envelope]) -> Any:
    return kind(message_id=f"msg_{kind.__name__}", request_id="req_1", at=NOW)


@pytest.mark.parametrize(
    ("scenario", "heard"),
    [
        ("accepts", ["RequestReceived", "WillSupply", "Loaned"]),
        ("declines", ["RequestReceived", "Unfilled"]),
        ("silent", []),
        ("conditional", ["RequestReceived", "RetryPossible"]),
        ("on-loan", ["RequestReceived", "RetryPossible"]),
        ("withdraws", ["RequestReceived", "WillSupply", "Unfilled"]),
        ("out_of_order", ["Loaned", "WillSupply", "RequestReceived"]),
        ("manual", ["RequestReceived"]),
        ("lost", ["RequestReceived", "WillSupply", "Loaned", "CompletedWithoutReturn"]),
        ("recall", ["RequestReceived", "WillSupply", "Loaned", "Recalled"]),
        ("slow", []),
    ],
)
def test_an_ask_is_answered_by_the_script(scenario: str, heard: list[str]) -> None:
    assert heard == reported(sandbox(), scenario)


def test_a_library_that_doubles_sends_each_report_twice_under_one_id() -> None:
    box = sandbox()
    reported(box, "doubled")

    assert [2, 2, 2] == [*Counter(message_id for message_id, _ in box.broker.came).values()]


def test_a_library_that_garbles_takes_what_it_cannot_confirm_and_signs_wrongly() -> None:
    box = sandbox()
    with pytest.raises(Garbled):
        reported(box, "garbled")
    box.pass_by(3)

    assert len(box.library.asked) == 1
    assert [False, False, False] == [sent.taken for sent in box.library.reporter.sent]


@pytest.mark.parametrize(
    ("scenario", "kind", "heard"),
    [
        ("accepts", ports.TellReturned, "LoanCompleted"),
        ("accepts", ports.TellLost, "CompletedWithoutReturn"),
        ("accepts", ports.TellRenew, "Loaned"),
        ("accepts", ports.StatusQuestion, "Loaned"),
        ("accepts", ports.CancelAsk, "Loaned"),
        ("conditional", ports.AcceptConditions, "Loaned"),
        ("conditional", ports.RejectConditions, "Cancelled"),
        ("conditional", ports.CancelAsk, "Cancelled"),
    ],
)
def test_what_follows_an_ask_is_answered_by_the_script(
    scenario: str, kind: type[ports.Envelope], heard: str
) -> None:
    box = sandbox()
    before = len(reported(box, scenario))
    box.broker.came.clear()
    partner(box).tell(telling(kind))
    box.pass_by(3)

    assert before > 0
    assert heard == box.broker.came[-1][1]


def test_a_message_that_needs_no_answer_gets_none() -> None:
    box = sandbox()
    heard = reported(box, "accepts", telling(ports.TellReceived))

    assert heard[-1] == "Loaned"
    assert box.library.find("req_1").heard == ["request.ask", "request.received"]


def test_a_silent_library_has_no_status_to_tell() -> None:
    assert reported(sandbox(), "silent", telling(ports.StatusQuestion)) == []


def test_a_request_cancelled_in_time_is_not_shipped() -> None:
    box = sandbox()
    partner(box).ask(ask())
    partner(box).tell(cancel())
    box.pass_by(3)

    assert [status for _, status in box.broker.came] == ["Cancelled"]


def test_the_same_message_is_taken_once() -> None:
    box = sandbox()
    first, second = partner(box).ask(ask()), partner(box).ask(ask())

    assert first == second
    assert len(box.library.asked) == 1


def test_a_message_that_is_not_signed_or_not_known_is_refused() -> None:
    box = sandbox()
    stranger = partner(box, secret="whsec_ZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXp7fH1+f4CBgoM=")
    for act in (
        lambda: stranger.ask(ask()),
        lambda: stranger.did_you_get("msg_1"),
        lambda: partner(box).tell(cancel(request_id="req_none")),
    ):
        with pytest.raises(PartnerFailure):
            act()

    body = b"{}"
    headers = signed_headers(message_id="m", body=body, secret=SECRET, now=box.clock.now())
    assert box.app.test_client().post("/ill/requests", data=body, headers=headers).status_code == 400


def test_a_loaned_copy_is_away_until_it_is_back() -> None:
    box = sandbox()
    copy = next(copy for title in shelf("bhu") for copy in title.copies if copy.available)
    holding = ask().holding
    assert holding is not None
    named = type(holding)(library=holding.library, record_id="1", barcode=copy.barcode)
    partner(box).ask(ask(holding=named))
    box.pass_by(3)
    away = copy.available
    partner(box).tell(telling(ports.TellReturned))
    box.pass_by(3)

    assert [away, copy.available] == [False, True]


def test_a_library_may_claim_its_book_back_by_a_day() -> None:
    box = sandbox(loan_days=30)
    reported(box, "accepts")
    claims = [sent.report.lender_due_date for sent in box.library.reporter.sent]

    assert claims == [None, None, (NOW + timedelta(days=30)).date()]


def test_a_report_is_sent_until_it_is_taken_and_keeps_its_id() -> None:
    box = sandbox(scenario="manual")
    box.broker.answers = [500, 401, 202]
    partner(box).ask(ask())
    box.pass_by(5)

    assert [1, 3] == [len({message_id for message_id, _ in box.broker.came}), len(box.broker.came)]
    assert [box.library.reporter.sent[0].taken, box.library.reporter.sent[0].failure] == [True, None]


def test_a_broker_that_never_takes_a_report_is_given_up() -> None:
    box = sandbox(scenario="manual")
    box.broker.answers = [500] * 99
    partner(box).ask(ask())
    box.pass_by(300)

    assert [12, False] == [box.library.reporter.sent[0].attempts, box.library.reporter.sent[0].taken]


def test_without_a_broker_reports_are_only_remembered() -> None:
    box = sandbox(broker_url=None)

    assert reported(box, "accepts") == []
    assert [sent.attempts for sent in box.library.reporter.sent] == [0, 0, 0]
