from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from tests.factories import BARCODE, DAY, FJMU, HOUR, PKU, START, Journey, a_request, evolve_all, journey_to
from workflows.requests.commands import ReportedStatus
from workflows.requests.events import (
    Accepted,
    AttentionRaised,
    Closed,
    DamageRecorded,
    Noted,
    OverdueClaimed,
    ReceivedByLender,
    Shipped,
)
from workflows.requests.evolve import evolve
from workflows.requests.lifecycle import Outcome, Status
from workflows.requests.request import Alarm, Category, Deadline, LenderClaim, earliest

ALARM = Alarm(at=START + DAY, what=Deadline.TRANSIT)


@pytest.mark.parametrize("status", Status)
def test_the_events_of_a_journey_tell_all_of_its_request(status: Status) -> None:
    journey = journey_to(status)

    assert journey.request == evolve_all(a_request(), journey.events)


def test_every_event_counts() -> None:
    journey = journey_to(Status.CLOSED)

    assert len(journey.events) == journey.request.version


def test_what_needs_attention_is_named_once_in_the_order_of_appearance() -> None:
    raised = [AttentionRaised(at=START, what=what) for what in ("b", "a", "b")]
    damaged = DamageRecorded(at=START, note="a wet page")

    assert ("b", "a", "damaged") == evolve_all(a_request(), [*raised, damaged, damaged]).attention


def test_a_claim_of_a_library_that_is_not_on_the_rota_is_no_ones() -> None:
    request = Journey().request

    after = evolve(request, OverdueClaimed(at=START, lender=FJMU))

    assert replace(request, version=request.version + 1) == after


def test_a_quota_stays_with_a_request_that_was_not_given_up() -> None:
    request = replace(a_request(), quota="nlc:2026-03")

    lost, unfilled = (
        evolve(request, Closed(at=START, outcome=outcome)) for outcome in (Outcome.LOST, Outcome.UNFILLED)
    )

    assert ("nlc:2026-03", None) == (lost.quota, unfilled.quota)


def test_a_second_receipt_does_not_move_the_first_but_an_earlier_one_does() -> None:
    journey = journey_to(Status.CLOSED)
    first = journey.request.instants.lender_received
    assert first is not None
    later, earlier = (
        Noted(at=first + wait, lender=PKU, status=ReportedStatus.LOAN_COMPLETED) for wait in (DAY, -DAY)
    )

    assert first == evolve(journey.request, later).instants.lender_received
    assert first - DAY == evolve(journey.request, earlier).instants.lender_received


def test_a_receipt_that_is_only_noted_is_no_receipt() -> None:
    noted = Noted(at=START, lender=PKU, status=ReportedStatus.LOAN_COMPLETED)

    request = evolve(journey_to(Status.IN_TRANSIT).request, noted)

    assert (None, START) == (request.instants.lender_received, request.claim.received)


def test_what_the_lender_may_expect_is_not_replaced_after_the_hand_over() -> None:
    journey = journey_to(Status.ON_LOAN)
    noted = Noted(at=START, lender=PKU, status=ReportedStatus.LOANED, lender_due_provisional=date(2030, 1, 1))

    assert journey.request.lender_due == evolve(journey.request, noted).lender_due


def test_an_acceptance_keeps_its_first_instant() -> None:
    request = Journey().request
    accepted = [
        Accepted(at=START + wait, lender=PKU, lender_request_id=None, alarm=ALARM) for wait in (DAY, HOUR)
    ]

    assert START + HOUR == evolve_all(request, accepted).instants.accepted


def test_shipping_reopens_and_forgets_how_it_was_closed() -> None:
    closed = evolve(Journey().request, Closed(at=START, outcome=Outcome.CANCELLED))
    shipped = Shipped(
        at=START,
        lender=PKU,
        category=Category("ill_reader"),
        quota_month=None,
        item_barcode=BARCODE,
        lender_due_date=None,
        tracking=None,
        lender_request_id=None,
        lender_due_provisional=None,
        alarm=ALARM,
    )

    request = evolve(closed, shipped)

    assert (Status.IN_TRANSIT, None, None) == (request.status, request.outcome, request.instants.closed)


def test_a_receipt_is_kept_as_the_lenders_word_too() -> None:
    journey = journey_to(Status.RETURNING)

    request = evolve(journey.request, ReceivedByLender(at=START + DAY, lender=PKU))

    assert (START + DAY, START + DAY) == (request.instants.lender_received, request.claim.received)


def test_a_request_without_a_lender_has_no_claim() -> None:
    assert LenderClaim() == a_request().claim


def test_claims_join_in_either_order() -> None:
    one = LenderClaim(item_barcode="b1", item_barcode_at=START, shipped=START + DAY)
    other = LenderClaim(
        item_barcode="b2", item_barcode_at=START, tracking="t", tracking_at=START, shipped=START
    )

    assert one.joined(other) == other.joined(one)
    assert ("b2", "t", START) == (
        one.joined(other).item_barcode,
        one.joined(other).tracking,
        one.joined(other).shipped,
    )


def test_the_earliest_of_nothing_is_nothing() -> None:
    assert (None, START) == (earliest(None, None), earliest(None, START + DAY, START))
