"""Finding a lender: one after the other, none twice, never two at once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.factories import (
    BARCODE,
    DAY,
    NLC,
    PKU,
    SHLIB,
    START,
    SZUTL,
    Journey,
    a_request,
    held_by,
    journey_to,
    known,
    report,
)
from workflows.decisions import rota
from workflows.decisions.decide import decide
from workflows.decisions.draft import Draft
from workflows.eligibility.eligibility import Standing
from workflows.ids import LibraryCode, MessageId
from workflows.reasons import PassedOver
from workflows.refusals import WrongState
from workflows.requests.commands import AnswerConditions, Arrive, Cancel, ReportedStatus, Ring, ShipBack
from workflows.requests.lifecycle import Outcome, Status
from workflows.requests.limits import Limit, Slot, slots_of
from workflows.requests.message_commands import RecordDelivered, RecordUndeliverable
from workflows.requests.request import Turn

_R = ReportedStatus
ASK = MessageId("req_1.1.ask-pku")


def test_a_request_is_asked_of_the_first_lender_and_no_other() -> None:
    journey = Journey()

    assert (["Submitted", "AskedLender"], [("ask", "pku")]) == (journey.happened, journey.told)


def test_a_lender_that_declines_is_followed_by_the_next_and_says_why() -> None:
    journey = Journey().hear(_R.UNFILLED, reason="NotHeld")

    assert ("szutl", [("ask", "pku"), ("ask", "szutl")]) == (journey.lender, journey.told)
    entry = journey.request.entry(PKU)
    assert (Turn.PASSED, "unfilled") == (entry and entry.turn, entry and entry.reason)


@pytest.mark.parametrize(
    ("status", "first", "reason"),
    [
        (_R.UNFILLED, None, "unfilled"),
        (_R.RETRY_POSSIBLE, None, "not_now"),
        (_R.CANCELLED, None, "cancelled"),
        (_R.UNFILLED, _R.WILL_SUPPLY, "withdrew"),
        (_R.RETRY_POSSIBLE, _R.WILL_SUPPLY, "withdrew"),
        (_R.CANCELLED, _R.WILL_SUPPLY, "cancelled"),
    ],
)
def test_a_passed_lender_keeps_its_reason(
    status: ReportedStatus, first: ReportedStatus | None, reason: str
) -> None:
    journey = Journey()
    if first:
        journey.hear(first)

    entry = journey.hear(status).request.entry(PKU)

    assert reason == (entry and entry.reason)


def test_the_end_of_the_rota_closes_the_request_and_the_patron_is_told() -> None:
    journey = Journey(a_request(holdings=held_by(PKU))).hear(_R.UNFILLED)

    assert (Status.CLOSED, Outcome.UNFILLED) == (journey.status, journey.request.outcome)
    assert ["unfilled"] == journey.notices


def test_a_lender_whose_limits_are_reached_meanwhile_is_left_out() -> None:
    journey = Journey()
    journey.facts = {"standings": {SZUTL: Standing(suspended=True)}}

    journey.hear(_R.UNFILLED)

    entry = journey.request.entry(SZUTL)
    assert ("shlib", "suspended") == (journey.lender, entry and entry.reason)
    assert ("ask", "szutl") not in journey.told


def test_a_silent_lender_is_told_to_stop_before_the_next_is_asked() -> None:
    journey = Journey().do(Ring(), 10 * DAY)

    assert [("ask", "pku"), ("cancel", "pku"), ("ask", "szutl")] == journey.told


def test_a_message_that_arrived_brings_the_lenders_own_id() -> None:
    journey = Journey().do(RecordDelivered(message=ASK, lender_request_id="P1"))

    entry = journey.request.entry(PKU)
    assert ("P1", Status.SUBMITTED) == (entry and entry.lender_request_id, journey.status)


def test_a_message_that_arrived_late_still_brings_it() -> None:
    journey = journey_to(Status.ON_LOAN).do(RecordDelivered(message=ASK, lender_request_id="P1"))

    entry = journey.request.entry(PKU)
    assert ("P1", Status.ON_LOAN) == (entry and entry.lender_request_id, journey.status)


def test_other_messages_that_arrived_change_nothing() -> None:
    journey = Journey()
    before = journey.request

    journey.do(RecordDelivered(message=MessageId("req_1.9.cancel-pku")))

    assert before == journey.request


def test_a_lender_that_cannot_be_reached_is_followed_by_the_next() -> None:
    journey = Journey().do(RecordUndeliverable(message=ASK, reason="refused"))

    entry = journey.request.entry(PKU)
    assert ("szutl", "undeliverable") == (journey.lender, entry and entry.reason)


@pytest.mark.parametrize("message", [ASK, MessageId("req_1.9.cancel-pku")])
def test_an_undeliverable_message_of_the_past_changes_nothing(message: MessageId) -> None:
    journey = Journey().hear(_R.UNFILLED)
    before = journey.request

    journey.do(RecordUndeliverable(message=message, reason="refused"))

    assert before == journey.request


def test_an_undeliverable_ask_does_not_stop_a_lender_that_accepted() -> None:
    journey = journey_to(Status.ACCEPTED)
    before = journey.request

    journey.do(RecordUndeliverable(message=ASK, reason="timed out"))

    assert before == journey.request


def test_accepted_conditions_are_told_and_the_lender_has_to_ship() -> None:
    journey = journey_to(Status.CONDITIONAL).do(AnswerConditions(accept=True))

    assert (Status.ACCEPTED, None) == (journey.status, journey.request.conditions)
    assert (("accept_conditions", "pku"), journey.now) == (
        journey.told[-1],
        journey.request.instants.accepted,
    )


def test_rejected_conditions_are_told_before_the_next_is_asked() -> None:
    journey = journey_to(Status.CONDITIONAL).do(AnswerConditions(accept=False))

    assert [("reject_conditions", "pku"), ("ask", "szutl")] == journey.told[-2:]
    assert None is journey.request.conditions


@pytest.mark.parametrize("status", [Status.SUBMITTED, Status.CONDITIONAL])
def test_before_a_lender_accepts_cancelling_is_over_at_once(status: Status) -> None:
    journey = journey_to(status).do(Cancel(reason="found another"))

    assert (Status.CLOSED, Outcome.CANCELLED) == (journey.status, journey.request.outcome)
    assert ("cancel", "pku") == journey.told[-1]


def test_a_lender_that_accepted_must_agree_to_the_cancellation() -> None:
    journey = journey_to(Status.ACCEPTED).do(Cancel())
    asked = journey.status

    journey.hear(_R.CANCELLED)

    assert (Status.ACCEPTED, ("cancel", "pku")) == (asked, journey.told[-1])
    assert (Status.CLOSED, Outcome.CANCELLED) == (journey.status, journey.request.outcome)
    assert 1 == journey.happened.count("AskedLender")


def test_a_cancellation_that_nobody_answers_ends_with_the_shipping_deadline() -> None:
    journey = journey_to(Status.ACCEPTED).do(Cancel()).do(Ring(), 20 * DAY)

    assert (Status.CLOSED, Outcome.CANCELLED) == (journey.status, journey.request.outcome)


@pytest.mark.parametrize("status", [Status.ARRIVED, Status.NOTIFIED])
def test_a_cancelled_book_at_the_desk_goes_back(status: Status) -> None:
    journey = journey_to(status).do(Cancel())

    assert (Status.RETURNED, Outcome.CANCELLED) == (journey.status, journey.request.outcome)

    journey.do(ShipBack()).hear(_R.LOAN_COMPLETED, wait=DAY)

    assert (Status.CLOSED, Outcome.CANCELLED) == (journey.status, journey.request.outcome)


@pytest.mark.parametrize(
    "status", [Status.IN_TRANSIT, Status.ON_LOAN, Status.RETURNED, Status.RETURNING, Status.CLOSED]
)
def test_a_request_cannot_be_cancelled_when_it_is_too_late(status: Status) -> None:
    assert type(journey_to(status).refusal(Cancel())) is WrongState


def _quota(journey: Journey) -> set[Slot]:
    return {slot for slot in slots_of(journey.request) if slot.limit is Limit.QUOTA}


MARCH = Slot(Limit.QUOTA, "nlc:2026-03")


def test_asking_takes_one_of_the_lenders_month() -> None:
    assert {MARCH} == _quota(journey_to(Status.SUBMITTED, NLC))


@pytest.mark.parametrize("command", [Cancel(), report(_R.UNFILLED, NLC)])
def test_a_quota_is_given_back_when_nothing_was_sent(command: Cancel) -> None:
    journey = journey_to(Status.SUBMITTED, NLC).do(command)

    assert (Status.CLOSED, set()) == (journey.status, _quota(journey))


def test_a_passed_lender_gives_its_quota_back_and_the_next_takes_its_own() -> None:
    journey = journey_to(Status.SUBMITTED, NLC, SHLIB).hear(_R.UNFILLED)

    assert {Slot(Limit.QUOTA, "shlib:2026-03")} == _quota(journey)


@pytest.mark.parametrize("status", Status)
def test_a_quota_is_kept_once_the_book_was_asked_for_and_sent(status: Status) -> None:
    assert {MARCH} == _quota(journey_to(status, NLC))


def test_a_quota_is_kept_for_a_book_that_came_unannounced_and_was_cancelled() -> None:
    journey = journey_to(Status.SUBMITTED, NLC).do(Arrive(barcode=BARCODE)).do(Cancel()).do(ShipBack(), DAY)

    journey.hear(_R.LOAN_COMPLETED, wait=DAY)

    assert (Outcome.CANCELLED, {MARCH}) == (journey.request.outcome, _quota(journey))


def test_a_request_without_a_lender_has_nobody_to_pass_over() -> None:
    draft = Draft(a_request(), known())

    rota.pass_over(draft, PassedOver.SILENT)

    assert ([], []) == (draft.events, draft.effects)


def test_a_cancellation_without_a_lender_tells_nobody() -> None:
    request = replace(a_request(), status=Status.SUBMITTED)

    decision = decide(request, Cancel(), known())

    assert (Status.CLOSED, ()) == (decision.request.status, decision.effects)


def test_conditions_without_a_lender_are_a_fault() -> None:
    request = replace(a_request(), status=Status.CONDITIONAL)

    with pytest.raises(AssertionError):
        decide(request, AnswerConditions(accept=True), known())


def test_a_book_that_nobody_was_asked_for_is_not_taken_in() -> None:
    with pytest.raises(WrongState):
        decide(a_request(), Arrive(barcode=BARCODE), known())


def test_an_answer_is_due_in_working_days_of_the_lender() -> None:
    monday_closed = journey_to(Status.SUBMITTED, SZUTL).request.alarm
    weekend_closed = journey_to(Status.SUBMITTED, PKU).request.alarm

    assert (START.replace(hour=16, day=5), "answer") == (
        monday_closed and monday_closed.at,
        monday_closed and monday_closed.what,
    )
    assert START.replace(hour=16, day=5) == (weekend_closed and weekend_closed.at)


def test_messages_are_named_by_request_event_and_lender() -> None:
    journey = Journey()
    entry = journey.request.entry(LibraryCode("pku"))

    assert ASK == (entry and entry.message)
