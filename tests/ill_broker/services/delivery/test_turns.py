"""One lender after the other: who was passed over hears so first, for an hour at most."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from connectors import ports
from connectors.failures import Refused, Unreachable
from connectors.ports import Connectors
from ill_broker.jobs.deadlines import ring_alarms
from ill_broker.services.delivery.delivery import Delivery
from ill_broker.services.members.connector_health import PartnerHealth, call
from ill_broker.storage import outbox
from ill_broker.storage.outbox import EntryState
from ill_broker.storage.store import Store
from tests.factories import DAY, PKU, SZUTL
from tests.ill_broker.services.lending import Lender, Lending, as_patron
from workflows.ids import LibraryCode
from workflows.requests.commands import Cancel, ReportedStatus
from workflows.requests.request import Request

CANCEL_OF, ASK_OF = ports.CancelAsk, ports.AskToSupply


@pytest.fixture
def lending(store: Store) -> Lending:
    return Lending(store)


def failing(error: Exception) -> Callable[[object], Any]:
    def fail(_: object) -> None:
        raise error

    return fail


def passed_over(lending: Lending) -> tuple[Request, Lender, Lender]:
    """Return a request whose first lender was asked, stayed silent and was passed over, with both lenders."""
    request = lending.asked(SZUTL, PKU)
    lending.deliver()
    first = str(request.lender)
    assert request.alarm
    lending.at(request.alarm.at)
    ring_alarms(lending.store, lending.requests, lending.now)
    second = "pku" if first == "szutl" else "szutl"
    return lending.load(request), lending.lenders[first], lending.lenders[second]


def kinds(lender: Lender) -> list[type]:
    return [type(message) for message in lender.told]


def until(lending: Lending, request: Request, moment: datetime) -> None:
    """Deliver all that comes due until then."""
    while True:
        lending.deliver()
        undone = [each for each in lending.entries(request) if each.state is EntryState.WAITING]
        later = [each.due_at for each in undone if lending.now < each.due_at <= moment]
        lending.at(min(later, default=moment))
        if not later:
            lending.deliver()
            return


def test_the_one_before_hears_that_its_turn_is_over_before_the_next_is_asked(lending: Lending) -> None:
    request, first, second = passed_over(lending)
    began, works = lending.now, first.answer
    first.answer = failing(Unreachable(first.library, "ConnectError"))
    until(lending, request, began + timedelta(minutes=20))

    assert ([], request.lender) == (second.told, lending.load(request).lender)

    first.answer = works
    until(lending, request, began + timedelta(minutes=50))

    assert (CANCEL_OF, [ASK_OF]) == (kinds(first)[-1], kinds(second))
    assert {None} == {entry.not_told for entry in lending.load(request).rota}


def test_a_cancellation_that_cannot_be_delivered_holds_the_next_up_for_an_hour_and_marks_both(
    lending: Lending,
) -> None:
    request, first, second = passed_over(lending)
    began = lending.now
    first.answer = failing(Unreachable(first.library, "ConnectError"))
    until(lending, request, began + timedelta(minutes=59))

    assert [] == second.told

    until(lending, request, began + outbox.HELD_BACK)
    asked = lending.load(request)
    passed, beside = asked.entry(LibraryCode(first.library)), asked.entry(LibraryCode(second.library))

    assert [ASK_OF] == kinds(second)
    assert passed is not None
    assert beside is not None
    assert (began + outbox.HELD_BACK, None) == (passed.not_told, beside.not_told)
    assert (None, first.library) == (passed.beside, beside.beside)

    lending.hear(request, ReportedStatus.LOANED, LibraryCode(first.library))
    until(lending, request, lending.now + DAY)

    assert ("shipped_all_the_same",) == lending.load(request).attention
    assert CANCEL_OF is kinds(second)[-1]


def test_a_cancellation_that_its_lender_does_not_take_lets_the_next_be_asked_at_once(
    lending: Lending,
) -> None:
    request, first, second = passed_over(lending)
    first.answer = failing(Refused(first.library, "HTTP 400"))
    lending.deliver()

    assert [ASK_OF] == kinds(second)
    assert [first.library] == [entry.lender for entry in lending.load(request).rota if entry.not_told]


def test_a_cancellation_that_became_wrong_while_it_waited_is_not_sent(lending: Lending) -> None:
    request, first, second = passed_over(lending)
    works, first.answer = first.answer, failing(Unreachable(first.library, "ConnectError"))
    lending.deliver()
    lending.hear(request, ReportedStatus.LOANED, LibraryCode(first.library))
    first.answer = works
    before = kinds(first)
    until(lending, request, lending.now + DAY)

    assert (before, []) == (kinds(first), second.told)
    assert {"not wanted any more"} == {
        entry.result
        for entry in lending.entries(request)
        if "cancel" in entry.id or second.library in entry.id
    }


def test_an_ask_that_never_went_out_is_neither_sent_nor_cancelled_when_the_patron_gives_up(
    lending: Lending,
) -> None:
    anna = lending.patron()
    request = lending.submit(anna, lending.wish(anna, lenders=(SZUTL,)))
    lending.do(request, Cancel(), as_patron(anna))
    lending.deliver()

    assert [] == lending.lenders["szutl"].told


def test_an_ask_that_may_have_come_is_cancelled_when_the_patron_gives_up(lending: Lending) -> None:
    anna = lending.patron()
    request = lending.submit(anna, lending.wish(anna, lenders=(SZUTL,)))
    works = lending.lenders["szutl"].answer
    lending.lenders["szutl"].answer = failing(Unreachable("szutl", "ReadTimeout"))
    lending.deliver()
    lending.lenders["szutl"].answer = works
    lending.do(request, Cancel(), as_patron(anna))
    lending.deliver()

    assert [ASK_OF, CANCEL_OF] == kinds(lending.lenders["szutl"])


def test_a_lender_that_rests_for_an_hour_gives_its_turn_to_the_next(lending: Lending) -> None:
    health = PartnerHealth(lending.store)
    registry = lending.lenders
    registry.by_hand["szutl"] = Connectors(
        "szutl", supplier=(away := Lender("szutl")), served_by={"ask": "webhook"}
    )
    away.answer = failing(Unreachable("szutl", "ConnectTimeout"))
    lending.delivery = Delivery(
        lending.store, lending.requests, lending.directory, registry, lending.mails, owner="w", health=health
    )
    request = lending.asked(SZUTL, PKU)
    if request.lender != SZUTL:
        lending.hear(request, ReportedStatus.UNFILLED)
    # others fail there all the time, so that the connector rests whenever it is this one's turn
    for _ in range(130):
        health.note([call("szutl", "webhook", Unreachable("szutl", "x"))] * 3, now=lending.now)
        lending.deliver()
        lending.now += timedelta(seconds=29)

    assert SZUTL != lending.load(request).lender


def test_a_promised_book_whose_cancellation_cannot_be_delivered_is_somebodys_to_call(
    lending: Lending,
) -> None:
    anna = lending.patron()
    request = lending.submit(anna, lending.wish(anna, lenders=(SZUTL,)))
    lending.deliver()
    lending.hear(request, ReportedStatus.WILL_SUPPLY)
    lending.lenders["szutl"].answer = failing(Refused("szutl", "HTTP 400"))
    lending.do(request, Cancel(), as_patron(anna))
    lending.deliver()

    assert ("cancellation_undelivered",) == lending.load(request).attention
