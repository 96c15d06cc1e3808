"""Emptying the outbox: what fails is put off, given up or asked elsewhere; nothing is said twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from connectors import ports
from connectors.failures import Garbled, PartnerFailure, Refused, Unreachable
from connectors.manual import ByHand
from connectors.ports import Connectors
from ill_broker.services.delivery.delivery import LEASE
from ill_broker.storage import outbox
from ill_broker.storage.outbox import Entry, EntryState
from ill_broker.storage.store import Store
from tests.factories import DAY, PKU, START, SZUTL
from tests.ill_broker.services.lending import Lending, as_patron
from workflows.requests.commands import (
    AnswerConditions,
    Arrive,
    CallResult,
    Cancel,
    Command,
    HandOver,
    RecordCall,
    ReportedStatus,
    ReportLoss,
    ShipBack,
    TakeBack,
)
from workflows.requests.lifecycle import Outcome, Status
from workflows.requests.request import Request, Turn


@pytest.fixture
def lending(store: Store) -> Lending:
    return Lending(store)


def failing(error: Exception) -> Callable[[object], Any]:
    def fail(_: object) -> None:
        raise error

    return fail


def ask_of(lending: Lending, request: Request) -> Entry:
    return lending.entries(request)[0]


def test_an_ask_is_delivered_with_what_the_lender_needs(lending: Lending) -> None:
    request = lending.asked()
    lending.deliver()
    (told,) = lending.lenders[str(request.lender)].told

    assert isinstance(told, ports.AskToSupply)
    assert (request.id, request.citation, "bjtu") == (told.request_id, told.citation, told.desk.library)
    assert told.holding is not None
    assert request.lender == told.holding.library


def test_what_the_lender_calls_the_request_is_kept(lending: Lending) -> None:
    request = lending.asked()
    lending.deliver()
    entry = lending.load(request).entry(request.lender or SZUTL)

    assert entry is not None
    assert f"their-{request.id}" == entry.lender_request_id
    assert ["Submitted", "AskedLender", "AskDelivered"] == lending.happened(request)
    assert EntryState.DONE is ask_of(lending, request).state


def test_a_library_without_a_system_is_asked_by_the_desk(lending: Lending) -> None:
    request = lending.asked(SZUTL)
    lending.lenders.by_hand["szutl"] = Connectors("szutl", supplier=ByHand("szutl"))
    lending.deliver()

    assert "ask_by_hand" == ask_of(lending, request).result


def test_a_lender_that_cannot_be_reached_is_tried_again_later_and_later(lending: Lending) -> None:
    request = lending.asked(SZUTL)
    lending.lenders["szutl"].answer = failing(Unreachable("szutl", "ConnectError"))
    waits, entry = [], ask_of(lending, request)
    for _ in range(3):
        lending.deliver()
        entry = ask_of(lending, request)
        waits.append(entry.due_at - lending.now)
        lending.now = entry.due_at

    assert [timedelta(seconds=2), timedelta(seconds=4), timedelta(seconds=8)] == waits
    assert (EntryState.WAITING, "szutl: ConnectError") == (entry.state, entry.last_failure)


def test_a_lender_is_given_the_time_it_asks_for(lending: Lending) -> None:
    request = lending.asked(SZUTL)
    lending.lenders["szutl"].answer = failing(Refused("szutl", "HTTP 429", again=True, retry_after=90))
    lending.deliver()

    assert START + timedelta(seconds=90) == ask_of(lending, request).due_at


@pytest.mark.parametrize("failure", [Refused("x", "HTTP 400"), Garbled("x", "no JSON")])
def test_a_lender_that_does_not_take_the_ask_is_passed_over(
    lending: Lending, failure: PartnerFailure
) -> None:
    request = lending.asked(SZUTL, PKU)
    first, second = (entry.lender for entry in request.rota)
    lending.lenders[first].answer = failing(failure)
    lending.deliver()
    now = lending.load(request)
    dead, done = (entry for entry in lending.entries(request) if entry.kind == "tell")

    assert (EntryState.DEAD, EntryState.DONE) == (dead.state, done.state)
    assert (second, Turn.PASSED, "undeliverable") == (now.lender, now.rota[0].turn, now.rota[0].reason)
    assert 1 == len(lending.lenders[second].told)


def test_a_lender_that_stays_away_is_given_up_in_the_end(lending: Lending) -> None:
    request = lending.asked(SZUTL)
    lending.lenders["szutl"].answer = failing(Unreachable("szutl", "ConnectError"))
    while ask_of(lending, request).state is not EntryState.DEAD:
        lending.now = max(lending.now, ask_of(lending, request).due_at)
        lending.deliver()
    now = lending.load(request)

    assert START + timedelta(hours=1) == ask_of(lending, request).done_at
    assert (Status.CLOSED, Outcome.UNFILLED) == (now.status, now.outcome)
    assert EntryState.DEAD is ask_of(lending, request).state


def test_giving_up_and_asking_on_are_one_commit(lending: Lending, monkeypatch: pytest.MonkeyPatch) -> None:
    request = lending.asked(SZUTL, PKU)
    lending.lenders[str(request.lender)].answer = failing(Refused("x", "HTTP 400"))

    def crash(*_: object, **__: object) -> bool:
        raise RuntimeError("kill -9")

    with monkeypatch.context() as broken:
        broken.setattr(outbox, "bury", crash)
        with pytest.raises(RuntimeError):
            lending.deliver()

    assert (EntryState.LEASED, request) == (ask_of(lending, request).state, lending.load(request))


def test_a_resend_asks_first_whether_the_message_has_come(lending: Lending) -> None:
    request = lending.asked(SZUTL)
    lender = lending.lenders["szutl"]
    lender.answer = failing(Unreachable("szutl", "ReadTimeout"))
    lending.deliver()
    lender.has = lambda _: True
    lending.now += DAY
    lending.deliver()
    (told,) = lender.told

    assert [told.message_id] == lender.asked_about
    assert (EntryState.DONE, "was there already") == (
        ask_of(lending, request).state,
        ask_of(lending, request).result,
    )
    assert "AskDelivered" == lending.happened(request)[-1]


def test_a_resend_that_has_not_come_bears_the_same_id(lending: Lending) -> None:
    request = lending.asked(SZUTL)
    lender = lending.lenders["szutl"]
    lender.answer = failing(Unreachable("szutl", "ReadTimeout"))
    lending.deliver()
    lender.answer = lambda _: "S1"
    lending.now += DAY
    lending.deliver()

    assert 2 == len(lender.told)
    assert lender.told[0] == lender.told[1]
    assert EntryState.DONE is ask_of(lending, request).state


def test_a_crash_before_the_commit_is_made_good_by_another_worker(
    lending: Lending, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = lending.asked(SZUTL)

    def crash(*_: object, **__: object) -> int:
        raise RuntimeError("kill -9")

    with monkeypatch.context() as broken:
        broken.setattr(outbox, "done", crash)
        with pytest.raises(RuntimeError):
            lending.deliver()
    lender = lending.lenders["szutl"]
    lender.has = lambda message_id: message_id == lender.told[0].message_id

    assert [] == lending.hand("worker-2").claim(lending.now + LEASE - timedelta(seconds=1), 10)

    lending.now += LEASE
    lending.deliver(lending.hand("worker-2"))

    assert (1, EntryState.DONE) == (len(lender.told), ask_of(lending, request).state)
    assert 1 == lending.happened(request).count("AskDelivered")


def test_what_a_worker_has_nobody_else_is_given(lending: Lending) -> None:
    lending.asked()
    first, second = lending.delivery, lending.hand("worker-2")

    assert (1, 0) == (len(first.claim(lending.now, 10)), len(second.claim(lending.now, 10)))


def test_what_is_not_due_is_not_claimed(lending: Lending) -> None:
    lending.asked()

    assert [] == lending.delivery.claim(lending.now - timedelta(seconds=1), 10)


def test_a_fault_of_ours_is_put_off_and_given_up_like_any_failure(lending: Lending) -> None:
    request = lending.asked(SZUTL)
    while (dead := ask_of(lending, request)).state is not EntryState.DEAD:
        lending.now = max(lending.now, dead.due_at)
        (entry,) = lending.delivery.claim(lending.now, 10)
        lending.delivery.broke_off(entry, KeyError("x"), now=lending.now)

        assert dead.attempts + 1 == entry.attempts

    assert (EntryState.DEAD, "szutl: KeyError") == (dead.state, dead.last_failure)
    assert Status.CLOSED is lending.load(request).status


@pytest.mark.parametrize("kind", ["tell", "parrot"])
def test_what_nobody_can_carry_out_is_a_fault(lending: Lending, kind: str) -> None:
    request = lending.asked(SZUTL)
    lending.lenders.by_hand["szutl"] = Connectors("szutl")
    (entry,) = lending.delivery.claim(lending.now, 10)
    odd = Entry(**{**{name: getattr(entry, name) for name in Entry.__slots__}, "kind": kind})
    with pytest.raises(ValueError):
        lending.delivery.deliver(odd, now=lending.now)

    assert EntryState.LEASED is ask_of(lending, request).state


def test_what_belongs_to_no_request_is_a_fault(lending: Lending) -> None:
    lending.asked(SZUTL)
    (entry,) = lending.delivery.claim(lending.now, 10)
    odd = Entry(**{**{name: getattr(entry, name) for name in Entry.__slots__}, "request_id": None})
    with pytest.raises(LookupError):
        lending.delivery.deliver(odd, now=lending.now)


def test_a_lender_hears_of_every_step_of_the_loan_in_order(lending: Lending) -> None:
    request = lending.asked(SZUTL)
    lending.deliver()
    request = lending.hear(
        request, ReportedStatus.RETRY_POSSIBLE, reason="LoanCondition", note="in the reading room"
    )
    request = lending.do(request, AnswerConditions(accept=True))
    request = lending.hear(request, ReportedStatus.LOANED, item_barcode="B1")
    steps: list[Command] = [Arrive(barcode="B1"), RecordCall(result=CallResult.REACHED), HandOver()]
    for step in steps:
        request = lending.do(request, step)
    lending.now += DAY
    lending.do(lending.do(request, TakeBack()), ShipBack(tracking="SF9"))
    lending.deliver()
    told = lending.lenders["szutl"].told
    returned = told[-1]

    assert [
        ports.AskToSupply,
        ports.AcceptConditions,
        ports.TellReceived,
        ports.TellDueDate,
        ports.TellReturned,
    ] == [type(message) for message in told]
    assert {f"their-{request.id}", None} == {message.lender_request_id for message in told}
    assert isinstance(returned, ports.TellReturned)
    assert ("B1", "SF9") == (returned.item_barcode, returned.tracking)


def test_a_lender_hears_of_a_loss_of_a_refusal_and_of_giving_up(lending: Lending) -> None:
    lost = lending.asked(SZUTL)
    for step in (
        Arrive(),
        RecordCall(result=CallResult.REACHED),
        HandOver(),
        ReportLoss(note="on the train"),
    ):
        lost = lending.do(lost, step)
    rejected, cancelled = lending.asked(SZUTL), lending.asked(SZUTL)
    lending.deliver()
    lending.hear(rejected, ReportedStatus.RETRY_POSSIBLE, reason="LoanCondition")
    lending.do(rejected, AnswerConditions(accept=False))
    lending.do(cancelled, Cancel())
    lending.deliver()
    told = {type(message).__name__ for message in lending.lenders["szutl"].told}

    assert {"TellLost", "RejectConditions", "CancelAsk"} <= told


def test_a_notice_is_written_once_in_the_patrons_language(lending: Lending) -> None:
    wang = lending.patron("wang", language="zh")
    request = lending.do(lending.submit(wang, lending.wish(wang, lenders=(SZUTL,))), Arrive())
    lending.deliver()
    lending.deliver()
    (letter,) = lending.mails.letters

    assert ("wang@example.org", "zh") == (letter.to, letter.language)
    assert request.number in letter.text
    assert "您申请的图书已到馆" == letter.subject


def test_no_notice_is_sent_when_the_book_is_back(lending: Lending) -> None:
    request = lending.asked(SZUTL)
    for step in (Arrive(), RecordCall(result=CallResult.REACHED), HandOver()):
        lending.do(request, step)
    lending.now += DAY
    lending.do(request, TakeBack())
    lending.deliver()

    assert [] == lending.mails.letters
    assert {"not timely"} == {entry.result for entry in lending.entries(request) if entry.kind == "notice"}


def test_a_mail_server_that_is_away_is_tried_again_under_the_same_id(lending: Lending) -> None:
    lending.do(lending.asked(SZUTL), Arrive())
    tried: list[str] = []

    def away(letter: ports.Letter) -> None:
        tried.append(letter.message_id)
        raise Unreachable("mail", "SMTPServerDisconnected")

    lending.mails.refuse = away
    lending.deliver()
    lending.mails.refuse = lambda _: None
    lending.now += DAY
    lending.deliver()
    lending.deliver()

    assert tried == [letter.message_id for letter in lending.mails.letters]
    assert 1 == len(tried)


def test_a_mailbox_that_is_refused_is_a_dead_letter_and_moves_no_request(lending: Lending) -> None:
    request = lending.do(lending.asked(SZUTL), Arrive())
    lending.mails.refuse = failing(Refused("mail", "recipient refused: 550"))
    lending.deliver()
    with lending.store.reading() as conn:
        (dead,) = outbox.dead_letters(conn)

    assert ("notice", "mail: recipient refused: 550") == (dead.kind, dead.last_failure)
    assert Status.ARRIVED is lending.load(request).status


def test_a_letter_about_an_account_is_sent_as_it_was_written(lending: Lending) -> None:
    body = {"to": "a@example.org", "subject": "Hello", "text": "there", "language": "en"}
    with lending.store.writing() as conn:
        outbox.add(conn, [Entry(id="mail-1", kind="mail", body=body, created_at=START, due_at=START)])
    lending.deliver()
    (letter,) = lending.mails.letters

    assert ("mail-1", "a@example.org", "Hello", "there", "en") == (
        letter.message_id,
        letter.to,
        letter.subject,
        letter.text,
        letter.language,
    )


def test_a_patron_who_is_forgotten_is_not_written_to(
    lending: Lending, monkeypatch: pytest.MonkeyPatch
) -> None:
    lending.do(lending.asked(SZUTL), Arrive())
    monkeypatch.setattr("ill_broker.storage.people.patron", lambda *_: None)
    lending.deliver()

    assert [] == lending.mails.letters


def test_cancelling_is_told_under_the_name_the_lender_gave(lending: Lending) -> None:
    anna = lending.patron()
    request = lending.submit(anna, lending.wish(anna, lenders=(SZUTL,)))
    lending.deliver()
    lending.do(request, Cancel(reason="found it"), as_patron(anna))
    lending.deliver()
    told = lending.lenders["szutl"].told[-1]

    assert (ports.CancelAsk, f"their-{request.id}") == (type(told), told.lender_request_id)
