"""The book at the desk and with the patron."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from tests.factories import (
    BARCODE,
    BHU,
    DAY,
    FJMU,
    HOUR,
    JINAN,
    NLC,
    SHLIB,
    START,
    SZUTL,
    Journey,
    a_request,
    held,
    journey_to,
    known,
    the_book,
)
from workflows.decisions import circulation
from workflows.decisions.draft import Draft
from workflows.ids import LibraryCode
from workflows.money import Money
from workflows.refusals import (
    LossNotReported,
    SameDayReturn,
    WrongItem,
    WrongState,
)
from workflows.requests import loan_terms
from workflows.requests.commands import (
    Arrive,
    CallResult,
    HandOver,
    RecordCall,
    ReportDamage,
    ReportedStatus,
    ReportLoss,
    ReportParcelLost,
    Ring,
    SettleLoss,
    ShipBack,
    TakeBack,
    Undo,
)
from workflows.requests.effects import Tell
from workflows.requests.lifecycle import Outcome, Status
from workflows.requests.request import Request

_R = ReportedStatus


def fine(request: Request, journey: Journey) -> Money | None:
    return loan_terms.loan_answer(request, the_book(), as_of=journey.now).fine.amount


def test_a_scan_beats_a_shipping_message_that_never_came() -> None:
    journey = Journey().do(Arrive(barcode=BARCODE))

    assert (Status.ARRIVED, BARCODE) == (journey.status, journey.request.item_barcode)
    assert [("received", "pku"), "arrived"] == [journey.told[-1], journey.notices[-1]]


def test_another_book_than_the_lender_sent_is_refused() -> None:
    error = journey_to(Status.IN_TRANSIT).refusal(Arrive(barcode="31999999"))

    assert isinstance(error, WrongItem)
    assert {"expected": BARCODE, "scanned": "31999999"} == error.facts


def test_a_barcode_is_the_same_however_it_is_typed() -> None:
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in BARCODE)

    assert Status.ARRIVED is journey_to(Status.IN_TRANSIT).do(Arrive(barcode=f"\u200b{wide}")).status


def test_an_arrival_without_a_scan_keeps_the_lenders_barcode() -> None:
    assert BARCODE == journey_to(Status.IN_TRANSIT).do(Arrive()).request.item_barcode


@pytest.mark.parametrize("result", [CallResult.NO_ANSWER, CallResult.WRONG_NUMBER])
def test_a_call_that_does_not_reach_the_patron_does_not_notify(result: CallResult) -> None:
    journey = journey_to(Status.ARRIVED).do(RecordCall(result=result))

    assert (Status.ARRIVED, 1, None) == (journey.status, journey.request.calls, journey.request.hold_until)


@pytest.mark.parametrize(
    "result", [CallResult.REACHED, CallResult.MESSAGE_ACCEPTED, CallResult.CAME_IN_PERSON]
)
def test_a_patron_that_was_reached_is_notified(result: CallResult) -> None:
    journey = journey_to(Status.ARRIVED).do(RecordCall(result=result))

    assert (Status.NOTIFIED, journey.now) == (journey.status, journey.request.instants.notified)


def test_a_patron_who_comes_before_the_call_gets_the_book() -> None:
    journey = journey_to(Status.ARRIVED).do(HandOver())
    instants = journey.request.instants

    assert (Status.ON_LOAN, 1) == (journey.status, journey.request.calls)
    assert journey.now == instants.notified == instants.handover


def test_a_second_call_does_not_lengthen_the_hold() -> None:
    journey = journey_to(Status.NOTIFIED)
    until = journey.request.hold_until

    journey.do(RecordCall(result=CallResult.REACHED), 3 * DAY)

    assert (until, 2) == (journey.request.hold_until, journey.request.calls)


def test_two_opening_days_of_hold_outlast_a_weekend_of_the_desk() -> None:
    journey = journey_to(Status.ARRIVED, SZUTL)
    friday = START + 11 * DAY

    journey.do(RecordCall(result=CallResult.REACHED), friday - journey.now)

    assert date(2026, 3, 17) == journey.request.hold_until
    journey.do(Ring(), START.replace(day=16, hour=1) - journey.now)
    alarm = journey.request.alarm
    assert (START.replace(day=17, hour=16), "hold_ending") == (alarm and alarm.at, journey.notices[-1])
    early = journey.do(Ring(), START.replace(day=17, hour=15) - journey.now).status
    late = journey.do(Ring(), HOUR).status
    assert (Status.NOTIFIED, Status.RETURNED) == (early, late)
    assert (Outcome.NOT_COLLECTED, "hold_expired") == (journey.request.outcome, journey.notices[-1])


@pytest.mark.parametrize(
    ("lender", "due", "lender_due"),
    [
        (SZUTL, date(2026, 4, 4), date(2026, 4, 8)),
        (JINAN, date(2026, 5, 3), date(2026, 5, 7)),
        (SHLIB, date(2026, 4, 18), date(2026, 4, 23)),
        (BHU, date(2026, 4, 3), date(2026, 4, 13)),
        (FJMU, date(2026, 4, 4), date(2026, 4, 8)),
        (NLC, date(2026, 4, 4), date(2026, 4, 6)),
    ],
)
def test_the_owners_period_counts_from_the_hand_over(
    lender: LibraryCode, due: date, lender_due: date
) -> None:
    journey = journey_to(Status.ON_LOAN, lender)

    assert (due, lender_due) == (journey.request.due, journey.request.lender_due)
    assert (("due_date", str(lender)), "handed_over") == (journey.told[-1], journey.notices[-1])


def test_days_on_the_road_and_on_the_shelf_leave_the_patrons_days_alone() -> None:
    journey = journey_to(Status.IN_TRANSIT, SZUTL).do(Arrive(), 20 * DAY)

    journey.do(RecordCall(result=CallResult.REACHED), 2 * DAY).do(HandOver(), DAY)

    assert timedelta(days=31) == (journey.request.due or date.min) - journey.now.date()


def test_bhu_takes_no_book_back_on_the_day_of_the_loan() -> None:
    journey = journey_to(Status.ON_LOAN, BHU)

    assert isinstance(journey.refusal(TakeBack()), SameDayReturn)
    assert None is journey.refusal(TakeBack(), DAY)


def test_staff_may_take_it_back_all_the_same() -> None:
    journey = journey_to(Status.ON_LOAN, BHU).do(TakeBack(staff_override=True, reason="closing"))

    answer = loan_terms.loan_answer(journey.request, the_book(), as_of=journey.now)
    assert (Status.RETURNED, "accepted") == (journey.status, answer.return_)


def test_a_loss_stops_the_fine_on_the_day_of_the_first_report() -> None:
    journey = journey_to(Status.ON_LOAN, SZUTL).do(ReportLoss(note="on the train"), 33 * DAY)
    owed = fine(journey.request, journey)

    journey.do(ReportLoss(), 5 * DAY)

    assert (Money("CNY", 40), ("lost", "szutl")) == (owed, journey.told[-1])
    assert (owed, ("lost",)) == (fine(journey.request, journey), journey.request.attention)


def test_a_settled_loss_is_closed_and_one_that_nobody_reported_is_not() -> None:
    journey = journey_to(Status.ON_LOAN, SZUTL)
    before = journey.refusal(SettleLoss())

    journey.do(ReportLoss()).do(SettleLoss())

    assert isinstance(before, LossNotReported)
    assert (Status.CLOSED, Outcome.LOST, journey.now) == (
        journey.status,
        journey.request.outcome,
        journey.request.instants.settled,
    )


def test_a_lost_book_that_is_found_is_an_ordinary_return() -> None:
    journey = journey_to(Status.ON_LOAN, SZUTL).do(ReportLoss(), DAY).do(TakeBack(), DAY).do(ShipBack())

    journey.hear(_R.LOAN_COMPLETED, wait=DAY)

    assert (Status.CLOSED, Outcome.COMPLETED) == (journey.status, journey.request.outcome)


@pytest.mark.parametrize("status", [Status.IN_TRANSIT, Status.RETURNING])
def test_a_parcel_that_is_lost_closes_the_request_and_the_lender_is_told(status: Status) -> None:
    journey = journey_to(status, SZUTL).do(ReportParcelLost(note="searched for"))

    assert (Status.CLOSED, Outcome.LOST) == (journey.status, journey.request.outcome)
    assert ("lost", "szutl") == journey.told[-1]


def test_a_parcel_lost_on_the_way_back_is_nobodys_fine() -> None:
    journey = journey_to(Status.RETURNING, SZUTL).do(ReportParcelLost(), 90 * DAY)

    assert Money("CNY", 0) == fine(journey.request, journey)


def test_a_parcel_thought_lost_that_the_lender_has_is_a_completed_loan() -> None:
    journey = journey_to(Status.RETURNING, SZUTL).do(ReportParcelLost()).hear(_R.LOAN_COMPLETED)

    assert (Status.CLOSED, Outcome.COMPLETED) == (journey.status, journey.request.outcome)
    assert journey.now == journey.request.instants.lender_received


def test_an_unused_book_thought_lost_that_the_lender_has_was_not_collected() -> None:
    journey = journey_to(Status.NOTIFIED, SZUTL).do(Ring(), 9 * DAY).do(ShipBack()).do(ReportParcelLost())

    journey.hear(_R.LOAN_COMPLETED)

    assert (Status.CLOSED, Outcome.NOT_COLLECTED) == (journey.status, journey.request.outcome)


def test_a_parcel_lost_on_the_way_to_the_desk_stays_lost_until_it_arrives() -> None:
    journey = journey_to(Status.IN_TRANSIT, SZUTL).do(ReportParcelLost()).hear(_R.LOAN_COMPLETED)

    assert Outcome.LOST == journey.request.outcome


def test_a_lender_that_gives_a_book_up_closes_the_request() -> None:
    journey = journey_to(Status.ON_LOAN, SZUTL).hear(_R.COMPLETED_WITHOUT_RETURN)

    assert (Status.CLOSED, Outcome.LOST) == (journey.status, journey.request.outcome)


def test_a_receipt_dated_before_the_return_does_not_stop_the_clock_from_answering() -> None:
    journey = journey_to(Status.RETURNED, SZUTL).hear(_R.LOAN_COMPLETED, occurred_at=START)

    assert Money("CNY", 0) == fine(journey.request, journey)


@pytest.mark.parametrize(
    "status", [Status.ARRIVED, Status.NOTIFIED, Status.ON_LOAN, Status.RETURNED, Status.RETURNING]
)
def test_damage_is_recorded_wherever_the_book_is(status: Status) -> None:
    journey = journey_to(status).do(ReportDamage(note="a wet page"))

    assert (status, ("damaged",)) == (journey.status, journey.request.attention)


def test_a_book_on_its_way_to_the_desk_is_not_seen_to_be_damaged() -> None:
    assert type(journey_to(Status.IN_TRANSIT).refusal(ReportDamage(note="?"))) is WrongState


def test_the_lender_expects_the_book_from_its_shipping_until_the_hand_over_is_known() -> None:
    journey = journey_to(Status.IN_TRANSIT, SZUTL)

    assert date(2026, 4, 13) == journey.request.lender_due


def test_terms_that_nobody_gives_are_a_fault() -> None:
    with pytest.raises(AssertionError):
        loan_terms.loan_answer(a_request(), the_book(), as_of=START)
    with pytest.raises(AssertionError):
        loan_terms.dates(journey_to(Status.ARRIVED).request, the_book(), as_of=START + 9 * DAY)


def test_without_a_lender_nobody_is_told() -> None:
    draft = Draft(replace(a_request(), status=Status.IN_TRANSIT), known())

    circulation.parcel_lost(draft, ReportParcelLost())

    assert [] == draft.effects


def test_what_the_lender_is_told_names_its_due_date() -> None:
    journey = journey_to(Status.ON_LOAN, SZUTL)
    told = [effect for effect in journey.effects if getattr(effect, "what", None) is Tell.DUE_DATE]

    assert [journey.request.lender_due] == [effect.lender_due for effect in told]  # type: ignore[union-attr]  # those told here all have one


def test_the_collection_of_the_likeliest_copy_sets_the_terms() -> None:
    bank = held(BHU, collection="text_book_bank", available=False)

    request = a_request(holdings=(bank, held(BHU)))

    assert "general" == loan_terms.item_at(request, BHU).collection


def test_a_hand_over_that_is_undone_and_done_again_gives_the_later_date() -> None:
    journey = journey_to(Status.ON_LOAN, SZUTL).do(Undo()).do(HandOver(), DAY)

    assert date(2026, 4, 5) == journey.request.due
