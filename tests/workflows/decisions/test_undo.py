from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.factories import (
    BARCODE,
    BHU,
    DAY,
    PKU,
    SHLIB,
    SZUTL,
    Journey,
    a_request,
    journey_to,
    known,
    the_book,
)
from workflows.decisions.decide import decide
from workflows.refusals import NothingToUndo
from workflows.requests import loan_terms
from workflows.requests.commands import (
    AnswerConditions,
    Arrive,
    CallResult,
    Cancel,
    Command,
    HandOver,
    RecordCall,
    Renew,
    ReportedStatus,
    ReportLoss,
    ShipBack,
    TakeBack,
    Transfer,
    Undo,
)
from workflows.requests.lifecycle import Status, Step
from workflows.requests.request import Request, Turn

_R = ReportedStatus
STEPS: dict[str, tuple[Status, Command]] = {
    "arrival": (Status.IN_TRANSIT, Arrive(barcode=BARCODE)),
    "arrival without a word": (Status.SUBMITTED, Arrive(barcode=BARCODE)),
    "arrival with open conditions": (Status.CONDITIONAL, Arrive(barcode=BARCODE)),
    "arrival after acceptance": (Status.ACCEPTED, Arrive(barcode=BARCODE)),
    "notification": (Status.ARRIVED, RecordCall(result=CallResult.REACHED)),
    "hand-over": (Status.NOTIFIED, HandOver()),
    "return": (Status.ON_LOAN, TakeBack()),
    "shipment": (Status.RETURNED, ShipBack()),
}


def _plain(request: Request) -> Request:
    """Return all of a request that an undone step must leave as it was."""
    return replace(request, version=0, alarm=None, undoable=None, calls=0)


@pytest.mark.parametrize("name", STEPS)
def test_an_undone_step_leaves_the_request_as_it_was(name: str) -> None:
    status, step = STEPS[name]
    journey = journey_to(status, SZUTL)
    before = journey.request

    after = journey.do(step, DAY).do(Undo()).request

    assert _plain(before) == _plain(after)


@pytest.mark.parametrize("name", STEPS)
def test_after_an_undone_step_the_deadline_lies_ahead(name: str) -> None:
    status, step = STEPS[name]
    journey = journey_to(status, SZUTL)
    kind = journey.request.alarm

    journey.do(step, DAY).do(Undo(), 5 * DAY)

    alarm = journey.request.alarm
    assert kind is not None
    assert alarm is not None
    # nobody is reminded twice that a hold ends
    assert (kind.what.removesuffix("_ending"), True) == (alarm.what, alarm.at > journey.now)


@pytest.mark.parametrize("name", STEPS)
def test_nothing_is_undone_twice(name: str) -> None:
    status, step = STEPS[name]
    journey = journey_to(status, SZUTL).do(step, DAY).do(Undo())

    error = journey.refusal(Undo())

    assert error is not None


def test_an_undone_step_is_not_undone_again() -> None:
    journey = journey_to(Status.ON_LOAN).do(Undo())

    assert isinstance(journey.refusal(Undo()), NothingToUndo)


def test_an_arrival_is_undone_to_the_transit_that_was_heard_of_meanwhile() -> None:
    journey = Journey().do(Arrive()).hear(_R.LOANED).do(Undo())

    assert Status.IN_TRANSIT == journey.status


def test_a_wrong_barcode_does_not_outlive_its_arrival() -> None:
    journey = Journey().do(Arrive(barcode="wrong")).do(Undo()).do(Arrive())

    assert None is journey.request.item_barcode


def test_a_lender_whose_book_had_not_come_is_asked_still() -> None:
    journey = Journey().do(Arrive()).do(Undo())

    entry = journey.request.entry(PKU)
    assert Turn.ASKED == (entry and entry.turn)


def test_a_lender_that_accepted_supplies_still() -> None:
    journey = journey_to(Status.ACCEPTED).do(Arrive()).do(Undo())

    entry = journey.request.entry(PKU)
    assert Turn.SUPPLIES == (entry and entry.turn)


def test_an_arrival_after_agreed_conditions_is_undone_to_accepted() -> None:
    journey = journey_to(Status.CONDITIONAL).do(AnswerConditions(accept=True)).do(Arrive()).do(Undo())

    assert Status.ACCEPTED == journey.status


def test_a_return_that_staff_took_all_the_same_stays_one_when_its_shipment_is_undone() -> None:
    taken = journey_to(Status.ON_LOAN, BHU).do(TakeBack(staff_override=True, reason="closing"))
    journey = taken.do(ShipBack()).do(Undo())

    answer = loan_terms.loan_answer(journey.request, the_book(), as_of=journey.now)
    assert "returned" == answer.status


def test_an_undone_return_takes_the_staffs_word_back_as_well() -> None:
    journey = journey_to(Status.ON_LOAN, BHU).do(TakeBack(staff_override=True, reason="closing")).do(Undo())

    assert False is journey.request.staff_override


def test_a_hand_over_undone_after_the_hold_gives_the_patron_a_day_to_come() -> None:
    journey = journey_to(Status.ON_LOAN, SZUTL).do(Undo(), 9 * DAY)

    alarm = journey.request.alarm
    assert alarm is not None
    assert (Status.NOTIFIED, True) == (journey.status, alarm.at > journey.now)


def test_an_arrival_without_shipping_is_handed_over_and_undone_without_a_date() -> None:
    journey = Journey().do(Arrive()).do(RecordCall(result=CallResult.REACHED)).do(HandOver()).do(Undo())

    assert (None, None) == (journey.request.due, journey.request.lender_due)


def test_a_step_without_a_lender_is_undone_without_a_date() -> None:
    request = replace(a_request(), status=Status.ON_LOAN, undoable=Step.HAND_OVER)

    decision = decide(request, Undo(), known())

    assert (Status.NOTIFIED, None) == (decision.request.status, decision.request.lender_due)


LATER: dict[str, Callable[[Journey], Any]] = {
    "renewed": lambda journey: journey.do(Renew(), 20 * DAY),
    "lost": lambda journey: journey.do(ReportLoss()),
    "taken back into transport": lambda journey: journey.do(Transfer(starts=True)),
}


@pytest.mark.parametrize("name", LATER)
def test_a_hand_over_is_not_undone_once_the_loan_went_on(name: str) -> None:
    journey = journey_to(Status.ON_LOAN, SZUTL)

    LATER[name](journey)

    assert isinstance(journey.refusal(Undo()), NothingToUndo)


def test_a_recall_keeps_the_hand_over_from_being_undone() -> None:
    journey = journey_to(Status.ON_LOAN, SHLIB).hear(_R.RECALLED)

    assert isinstance(journey.refusal(Undo()), NothingToUndo)


def test_a_recall_that_is_not_allowed_does_not() -> None:
    journey = journey_to(Status.ON_LOAN, SZUTL).hear(_R.RECALLED)

    assert None is journey.refusal(Undo())


def test_a_book_that_goes_back_unused_is_not_undone() -> None:
    journey = journey_to(Status.ARRIVED).do(Cancel())

    assert isinstance(journey.refusal(Undo()), NothingToUndo)
