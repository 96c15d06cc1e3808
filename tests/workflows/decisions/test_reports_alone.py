"""What single reports of lenders lead to."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.factories import (
    DAY,
    FJMU,
    HOUR,
    NLC,
    PKU,
    SHLIB,
    START,
    SZUTL,
    Journey,
    a_request,
    held_by,
    report,
)
from tests.workflows.said import (
    COMPLETED,
    CONDITION,
    GIVEN_UP,
    LENDING,
    LOANED,
    OVERDUE,
    RECALLED,
    RECEIVED,
    UNFILLED,
    WILL_SUPPLY,
    asked,
    cancelled_early,
    lent,
    of,
    passed,
)
from workflows.refusals import TooEarly
from workflows.requests.commands import (
    Arrive,
    Cancel,
    Renew,
    Report,
    ReportedStatus,
    ShipBack,
    TakeBack,
)
from workflows.requests.lifecycle import Outcome, Status
from workflows.requests.request import Turn

_R = ReportedStatus


def test_the_newest_barcode_is_not_lost_behind_a_newer_tracking_number() -> None:
    old = report(_R.LOANED, at=START + HOUR, item_barcode="old")
    new = report(_R.LOANED, at=START + 2 * HOUR, item_barcode="new")
    newest = report(_R.LOANED, at=START + 3 * HOUR, tracking="SF1")

    journey = Journey().do(old).do(newest).do(new)

    assert ("new", "SF1") == (journey.request.claim.item_barcode, journey.request.claim.tracking)


def test_a_lender_that_ships_first_supplies_and_the_other_is_a_second_copy() -> None:
    journey = passed().do(of(SZUTL, LOANED, item_barcode="b2")).do(LOANED)

    assert (Status.IN_TRANSIT, "pku", None) == (journey.status, journey.lender, journey.request.item_barcode)
    assert ("cancel", "szutl") in journey.told
    assert ("second_copy_on_its_way",) == journey.request.attention


def test_a_recall_of_a_second_copy_does_not_keep_the_first_from_the_patron() -> None:
    journey = Journey(a_request(holdings=held_by(PKU, SHLIB))).do(UNFILLED)

    journey.do(of(SHLIB, LOANED)).do(of(SHLIB, RECALLED)).do(LOANED)

    assert ("pku", None) == (journey.lender, journey.request.recalled_at)


def test_a_book_sent_later_by_another_lender_is_a_second_copy() -> None:
    journey = passed().do(LOANED).do(of(SZUTL, LOANED))

    assert "pku" == journey.lender
    assert ("shipped_all_the_same", "second_copy_on_its_way") == journey.request.attention


def test_a_lender_that_was_passed_over_is_told_to_stop() -> None:
    journey = passed()
    before = len(journey.told)

    journey.do(WILL_SUPPLY).do(of(PKU, CONDITION))

    assert [("cancel", "pku"), ("cancel", "pku")] == journey.told[before:]


def test_a_passed_lender_that_ships_takes_over_and_the_one_asked_is_told_so() -> None:
    journey = passed().do(LOANED)

    first, entry = journey.request.entry(PKU), journey.request.entry(SZUTL)
    assert ("pku", "superseded") == (journey.lender, entry and entry.reason)
    assert (Turn.SUPPLIES, None) == (first and first.turn, first and first.passed_at)
    assert ("cancel", "szutl") == journey.told[-1]


def test_the_barcode_of_one_lender_is_not_expected_from_the_next() -> None:
    journey = Journey().do(WILL_SUPPLY).do(UNFILLED).do(of(SZUTL, LOANED)).do(Arrive(barcode="b2"))

    assert "b2" == journey.request.item_barcode


def test_a_book_that_comes_after_all_is_looked_at() -> None:
    journey = cancelled_early().do(LOANED)

    assert (Status.IN_TRANSIT, None) == (journey.status, journey.request.outcome)
    assert ("shipped_after_closing",) == journey.request.attention


def test_a_book_that_came_and_went_is_not_sent_again_by_a_late_message() -> None:
    journey = Journey().do(Arrive()).do(Cancel()).do(ShipBack(), DAY).do(COMPLETED, DAY).do(LOANED)

    assert (Status.CLOSED, Outcome.CANCELLED) == (journey.status, journey.request.outcome)
    assert () == journey.request.attention


def test_a_library_that_was_not_asked_changes_nothing_by_shipping() -> None:
    journey = Journey().do(of(SHLIB, LOANED)).do(of(FJMU, LOANED, lender_request_id="F1"))

    assert (Status.SUBMITTED, "pku") == (journey.status, journey.lender)


@pytest.mark.parametrize("one", [RECALLED, OVERDUE, COMPLETED, GIVEN_UP])
@pytest.mark.parametrize("start", [asked, passed, cancelled_early])
def test_what_is_said_of_a_book_that_was_not_sent_waits(one: Report, start: Any) -> None:
    assert isinstance(start().refusal(one), TooEarly)


def test_a_lenders_own_id_is_kept_from_whatever_names_it() -> None:
    late = report(_R.REQUEST_RECEIVED, at=START, lender_request_id="P9")

    entries = [
        Journey().do(one).request.entry(PKU) for one in (RECEIVED, of(PKU, LOANED, lender_request_id="P1"))
    ]
    noted = passed().do(late).request.entry(PKU)

    assert ["P1", "P1"] == [entry and entry.lender_request_id for entry in entries]
    assert "P9" == (noted and noted.lender_request_id)


def test_conditions_that_are_repeated_are_told_once() -> None:
    journey = Journey().do(CONDITION).do(CONDITION)

    assert ["conditions"] == journey.notices


def test_other_conditions_are_told_again() -> None:
    journey = Journey().do(CONDITION).do(of(PKU, CONDITION, note="in the reading room"))

    assert (["conditions"] * 2, "in the reading room") == (journey.notices, journey.request.conditions)


def test_a_quota_counts_in_the_month_of_asking() -> None:
    journey = Journey(a_request(holdings=held_by(NLC)))
    march = journey.request.quota

    journey.hear(_R.WILL_SUPPLY, wait=DAY).hear(_R.LOANED, wait=40 * DAY)

    assert ("nlc:2026-03", "nlc:2026-03") == (march, journey.request.quota)


def test_a_lender_that_dates_its_message_in_the_future_does_not_stop_the_desk() -> None:
    journey = Journey().do(report(_R.LOANED, at=START + 9 * DAY))

    for command in LENDING:
        journey.do(command)

    assert (Status.ON_LOAN, date(2026, 3, 30)) == (journey.status, journey.request.due)


def test_a_recall_dated_in_the_future_does_not_stop_the_return() -> None:
    journey = lent().do(report(_R.RECALLED, SHLIB, START + 30 * DAY)).do(TakeBack(), DAY)

    assert Status.RETURNED == journey.status


def test_a_recall_dated_in_the_future_does_not_stand_in_for_a_renewal() -> None:
    journey = lent().do(report(_R.RECALLED, SHLIB, START + 30 * DAY))

    error = journey.refusal(Renew())

    assert error is not None
    assert {"reasons": ["policy_no_renewal"]} == error.facts
