"""The system of the patron's own library is kept in step with the desk, and never stands in its way."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.factories import BARCODE, BJTU, DAY, SHLIB, Journey, a_request, journey_to
from workflows.decisions.local_systems import due_of
from workflows.ids import MessageId
from workflows.requests.commands import (
    Arrive,
    Cancel,
    HandOver,
    ReportedStatus,
    ReportLoss,
    SettleLoss,
    ShipBack,
    TakeBack,
    Undo,
)
from workflows.requests.effects import Locally, TellLocalSystem
from workflows.requests.lifecycle import Status
from workflows.requests.message_commands import RecordLocally

WHOLE: dict[str, Any] = {"local_systems": {BJTU: frozenset(Locally)}}
MESSAGE = MessageId("req_1.5.hold-locally")


def told(journey: Journey) -> list[TellLocalSystem]:
    return [effect for effect in journey.effects if isinstance(effect, TellLocalSystem)]


def said(journey: Journey) -> list[str]:
    return [str(effect.what) for effect in told(journey)]


def at(status: Status) -> Journey:
    """Return a journey to *status* for a library whose system can be told everything."""
    return journey_to(status, **WHOLE)


def test_the_system_follows_the_book_from_its_arrival_until_it_goes_back() -> None:
    assert ["hold", "check_out", "check_in", "forget"] == said(at(Status.RETURNING))


def test_a_library_without_a_system_is_told_nothing() -> None:
    assert [] == told(journey_to(Status.CLOSED))


@pytest.mark.parametrize("what", list(Locally))
def test_a_system_is_told_only_what_it_can_be_told(what: Locally) -> None:
    journey = journey_to(Status.RETURNING, local_systems={BJTU: frozenset({what})})

    assert [str(what)] == said(journey)


def test_another_librarys_desk_does_not_speak_for_the_home_library() -> None:
    everywhere: dict[str, Any] = {"local_systems": {BJTU: frozenset(Locally), SHLIB: frozenset(Locally)}}
    journey = Journey(a_request(desk=SHLIB), **everywhere)
    journey.hear(ReportedStatus.LOANED, item_barcode=BARCODE).do(Arrive(barcode=BARCODE))

    assert [] == told(journey)


def test_each_message_has_a_name_of_its_own() -> None:
    names = [effect.message for effect in told(at(Status.RETURNING))]

    assert 4 == len(set(names))
    assert all(name.startswith("req_1.") for name in names)


def test_the_loan_is_told_with_the_patrons_due_date() -> None:
    journey = at(Status.ON_LOAN)
    _, lent = told(journey)

    assert journey.request.due is not None
    assert (BARCODE, journey.request.due) == (lent.barcode, due_of(lent))


def test_a_book_without_a_barcode_goes_by_the_number_of_its_request() -> None:
    journey = Journey(**WHOLE).hear(ReportedStatus.LOANED).do(Arrive())

    assert ["A1"] == [effect.barcode for effect in told(journey)]


@pytest.mark.parametrize(
    ("status", "expected"),
    [(Status.ARRIVED, "forget"), (Status.ON_LOAN, "check_in"), (Status.RETURNED, "check_out")],
)
def test_undoing_a_step_takes_back_what_was_told(status: Status, expected: str) -> None:
    journey = at(status).do(Undo())

    assert expected == said(journey)[-1]


def test_what_is_undone_is_named_as_it_was() -> None:
    arrived = Journey(**WHOLE).hear(ReportedStatus.LOANED).do(Arrive(barcode=BARCODE)).do(Undo())
    lent = at(Status.RETURNED)
    lent.do(Undo())

    assert [BARCODE, BARCODE] == [effect.barcode for effect in told(arrived)]
    assert lent.request.due == told(lent)[-1].due


@pytest.mark.parametrize("status", [Status.NOTIFIED, Status.RETURNING])
def test_undoing_anything_else_tells_nothing_more(status: Status) -> None:
    journey = at(status)
    before = said(journey)
    journey.do(Undo())

    assert before == said(journey)


def test_a_book_that_nobody_fetched_is_only_forgotten() -> None:
    journey = at(Status.NOTIFIED).do(Cancel()).do(ShipBack())

    assert ["hold", "forget"] == said(journey)


def test_a_lost_book_is_neither_lent_nor_held_any_more() -> None:
    journey = at(Status.ON_LOAN).do(ReportLoss()).do(SettleLoss(), DAY)

    assert ["hold", "check_out", "check_in", "forget"] == said(journey)


def test_a_book_that_the_lender_fetched_itself_is_forgotten() -> None:
    journey = at(Status.RETURNED).hear(ReportedStatus.LOAN_COMPLETED, wait=DAY)

    assert "forget" == said(journey)[-1]


def test_a_book_that_the_lender_gives_up_with_the_patron_is_taken_back_and_forgotten() -> None:
    journey = at(Status.ON_LOAN).hear(ReportedStatus.COMPLETED_WITHOUT_RETURN, wait=DAY)

    assert ["check_in", "forget"] == said(journey)[-2:]


def test_a_book_that_never_came_was_never_told_of() -> None:
    journey = at(Status.IN_TRANSIT).hear(ReportedStatus.COMPLETED_WITHOUT_RETURN, wait=DAY)

    assert [] == told(journey)


def test_a_book_that_was_sent_back_is_not_forgotten_twice() -> None:
    journey = at(Status.RETURNING).hear(ReportedStatus.LOAN_COMPLETED, wait=DAY)

    assert 1 == said(journey).count("forget")


# ---------------------------------------------------------------- what comes of it


def test_the_number_that_the_system_gave_the_book_is_kept() -> None:
    journey = at(Status.ARRIVED).do(RecordLocally(message=MESSAGE, barcode="T9"))

    assert "T9" == journey.request.local_barcode
    assert BARCODE == journey.request.item_barcode
    assert ("HeldLocally", MESSAGE) == (journey.happened[-1], journey.events[-1].because.message)


def test_a_system_that_does_not_do_as_it_is_told_is_shown_to_the_desk_and_stops_nothing() -> None:
    journey = at(Status.NOTIFIED).do(RecordLocally(message=MESSAGE, failure="User Blocked"))

    assert ("local_system",) == journey.request.attention
    assert Status.ON_LOAN is journey.do(HandOver()).status
    assert Status.RETURNED is journey.do(TakeBack(), timedelta(days=7)).status


def test_a_message_that_was_simply_taken_leaves_no_trace() -> None:
    journey = at(Status.ARRIVED)
    before = journey.request
    journey.do(RecordLocally(message=MESSAGE))

    assert before == journey.request


@pytest.mark.parametrize("status", Status)
def test_what_is_heard_late_is_never_refused(status: Status) -> None:
    journey = at(status)

    assert journey.refusal(RecordLocally(message=MESSAGE, failure="late")) is None


def test_a_loan_without_a_due_date_is_a_fault_of_ours() -> None:
    effect = TellLocalSystem(library=BJTU, what=Locally.CHECK_OUT, message=MESSAGE, barcode=BARCODE)
    with pytest.raises(AssertionError):
        due_of(effect)
