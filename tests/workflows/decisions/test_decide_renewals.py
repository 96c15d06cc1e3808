"""What moves a due date: renewals, recalls, transfers."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from tests.factories import (
    BHU,
    DAY,
    HOUR,
    JINAN,
    SHLIB,
    START,
    SZUTL,
    Journey,
    a_citation,
    a_request,
    held_by,
    journey_to,
    the_book,
)
from workflows.ids import LibraryCode
from workflows.refusals import (
    NoSuchTransfer,
    RecalledBook,
    RenewalRefused,
)
from workflows.requests import loan_terms
from workflows.requests.commands import (
    Arrive,
    CallResult,
    Cancel,
    HandOver,
    RecordCall,
    Renew,
    ReportedStatus,
    ReportLoss,
    TakeBack,
    Transfer,
)
from workflows.requests.lifecycle import Status

_R = ReportedStatus


def test_a_renewal_at_szutl_adds_a_period_to_the_due_date_once() -> None:
    journey = journey_to(Status.ON_LOAN, SZUTL).do(Renew(), 20 * DAY)

    error = journey.refusal(Renew())

    assert (date(2026, 5, 5), date(2026, 5, 9)) == (journey.request.due, journey.request.lender_due)
    assert isinstance(error, RenewalRefused)
    assert {"reasons": ["limit_reached"]} == error.facts


@pytest.mark.parametrize(
    ("lender", "wait", "command", "reasons"),
    [
        (SZUTL, 40 * DAY, Renew(), ["overdue"]),
        (SZUTL, 40 * DAY, Renew(on_hold=True), ["overdue", "on_hold"]),
        (JINAN, 60 * DAY, Renew(on_hold=True), ["too_late", "on_hold"]),
        (SZUTL, DAY, Renew(on_hold=True), ["on_hold"]),
        (JINAN, 60 * DAY, Renew(), ["too_late"]),
        (JINAN, DAY, Renew(), ["no_gain"]),
        (JINAN, DAY, Renew(on_hold=True), ["on_hold"]),
        (SHLIB, DAY, Renew(), ["policy_no_renewal"]),
        (BHU, DAY, Renew(), ["policy_no_renewal"]),
    ],
)
def test_a_renewal_is_refused_with_all_its_reasons(
    lender: LibraryCode, wait: timedelta, command: Renew, reasons: list[str]
) -> None:
    error = journey_to(Status.ON_LOAN, lender).refusal(command, wait)

    assert isinstance(error, RenewalRefused)
    assert {"reasons": reasons} == error.facts


def test_a_foreign_book_of_jinan_is_not_renewed() -> None:
    journey = Journey(a_request(holdings=held_by(JINAN), citation=a_citation(language="eng")))
    for command in (Arrive(), RecordCall(result=CallResult.REACHED), HandOver()):
        journey.do(command, DAY)

    error = journey.refusal(Renew(), 30 * DAY)

    assert isinstance(error, RenewalRefused)
    assert {"reasons": ["item_not_renewable"]} == error.facts


def test_a_renewal_at_jinan_counts_from_the_day_of_renewing() -> None:
    journey = journey_to(Status.ON_LOAN, JINAN).do(Renew(), 50 * DAY)

    assert timedelta(days=30) == (journey.request.due or date.min) - journey.now.date()
    assert "due_changed" == journey.notices[-1]


def test_a_lost_book_is_not_renewed() -> None:
    error = journey_to(Status.ON_LOAN, SZUTL).do(ReportLoss()).refusal(Renew())

    assert isinstance(error, RenewalRefused)
    assert {"reasons": ["lost"]} == error.facts


def test_a_recall_shortens_a_loan_of_shlib_and_the_patron_is_told_once() -> None:
    journey = journey_to(Status.ON_LOAN, SHLIB).hear(_R.RECALLED, wait=DAY).hear(_R.RECALLED, wait=DAY)

    assert (date(2026, 3, 12), date(2026, 3, 17)) == (journey.request.due, journey.request.lender_due)
    assert 1 == journey.notices.count("recalled")
    assert ("recalled",) == journey.request.attention


def test_a_recall_does_not_lengthen_a_loan_but_the_patron_is_told() -> None:
    journey = journey_to(Status.ON_LOAN, SHLIB)
    due = journey.request.due

    journey.hear(_R.RECALLED, wait=43 * DAY)

    assert (due, "recalled") == (journey.request.due, journey.notices[-1])


@pytest.mark.rule("R-SHLIB-3")
def test_a_recall_with_a_date_in_the_past_takes_no_days_that_had_gone_by() -> None:
    journey = journey_to(Status.ON_LOAN, SHLIB)
    journey.hear(_R.RECALLED, wait=20 * DAY, occurred_at=journey.now + DAY)

    # 24 March, and 7 days
    assert date(2026, 3, 31) == journey.request.due
    assert journey.now - 19 * DAY == journey.request.recalled_at
    answer = loan_terms.loan_answer(journey.request, the_book(), as_of=journey.now)

    assert (date(2026, 3, 31), 0) == (answer.due, answer.overdue_days)


def test_a_message_that_waited_counts_from_when_it_came() -> None:
    journey = journey_to(Status.ON_LOAN, SHLIB)
    came = journey.now + 2 * DAY
    journey.hear(_R.RECALLED, wait=5 * DAY, occurred_at=journey.now + DAY, heard_at=came)

    assert timedelta(days=7) == (journey.request.due or date.min) - came.date()


def test_a_recall_that_is_heard_again_with_an_earlier_date_changes_nothing() -> None:
    journey = journey_to(Status.ON_LOAN, SHLIB).hear(_R.RECALLED, wait=5 * DAY)
    due = journey.request.due

    journey.hear(_R.RECALLED, occurred_at=journey.now - 3 * DAY)

    assert (due, 1) == (journey.request.due, journey.notices.count("recalled"))


def test_a_recall_that_an_earlier_release_took_down_counts_from_its_own_date() -> None:
    journey = journey_to(Status.ON_LOAN, SHLIB).hear(_R.RECALLED, wait=DAY)
    due = journey.request.due
    journey.request = replace(journey.request, recall_heard=None)

    journey.hear(_R.RECALLED, wait=5 * DAY)

    assert due == journey.request.due == loan_terms.dates(journey.request, the_book(), as_of=journey.now)[0]


def test_a_recall_that_is_heard_after_the_return_changes_nothing() -> None:
    journey = journey_to(Status.ON_LOAN, SHLIB)
    due, lent = journey.request.due, journey.now
    journey.do(TakeBack(), 20 * DAY).hear(_R.RECALLED, occurred_at=lent + DAY)
    answer = loan_terms.loan_answer(journey.request, the_book(), as_of=journey.now)

    assert (due, (), 0) == (answer.due, answer.events, answer.overdue_days)


@pytest.mark.parametrize("status", [Status.IN_TRANSIT, Status.ARRIVED, Status.NOTIFIED])
def test_a_book_that_is_recalled_before_the_hand_over_is_not_handed_over(status: Status) -> None:
    journey = journey_to(status, SHLIB).hear(_R.RECALLED)
    if status is Status.IN_TRANSIT:
        journey.do(Arrive())
    if status is not Status.NOTIFIED:
        journey.do(RecordCall(result=CallResult.REACHED))

    assert isinstance(journey.refusal(HandOver()), RecalledBook)
    assert Status.RETURNED == journey.do(Cancel()).status


def test_a_recall_from_before_the_hand_over_that_is_heard_late_counts_from_then() -> None:
    journey = journey_to(Status.ON_LOAN, SHLIB)

    journey.hear(_R.RECALLED, wait=3 * DAY, occurred_at=START)

    assert timedelta(days=7) == (journey.request.due or date.min) - journey.now.date()


def test_szutl_may_not_recall_and_somebody_looks_at_it() -> None:
    journey = journey_to(Status.ON_LOAN, SZUTL)
    due = journey.request.due

    journey.hear(_R.RECALLED)

    assert (due, None) == (journey.request.due, journey.request.recalled_at)
    assert ("recall_not_allowed",) == journey.request.attention


def test_a_lenders_claim_of_lateness_leaves_our_clock_alone() -> None:
    journey = journey_to(Status.ON_LOAN, SZUTL)
    due = journey.request.due

    journey.hear(_R.OVERDUE, lender_due_date=date(2026, 3, 9))

    assert (due, date(2026, 3, 9)) == (journey.request.due, journey.request.claim.due_date)
    assert journey.now == journey.request.claim.overdue_since


def test_a_transfer_moves_the_due_date_by_its_midnights() -> None:
    journey = journey_to(Status.ON_LOAN, SZUTL).do(Transfer(starts=True), DAY)

    journey.do(Transfer(starts=False), 3 * DAY)

    assert (date(2026, 4, 7), date(2026, 4, 11)) == (journey.request.due, journey.request.lender_due)
    assert (("due_date", "szutl"), "due_changed") == (journey.told[-1], journey.notices[-1])


@pytest.mark.parametrize("wait", [timedelta(), HOUR])
def test_a_transfer_within_a_day_moves_nothing(wait: timedelta) -> None:
    journey = journey_to(Status.ON_LOAN, SZUTL).do(Transfer(starts=True))
    due = journey.request.due

    journey.do(Transfer(starts=False), wait)

    assert (due, "TransferEnded") == (journey.request.due, journey.happened[-1])


@pytest.mark.parametrize("starts", [True, False])
def test_a_transfer_does_not_begin_twice_or_end_before_it_began(*, starts: bool) -> None:
    journey = journey_to(Status.ON_LOAN, SZUTL)
    if starts:
        journey.do(Transfer(starts=True))

    assert isinstance(journey.refusal(Transfer(starts=starts)), NoSuchTransfer)


def test_a_transfer_ends_with_the_return_at_the_latest() -> None:
    journey = journey_to(Status.ON_LOAN, SZUTL).do(Transfer(starts=True), DAY).do(TakeBack(), 3 * DAY)

    later = loan_terms.loan_answer(journey.request, the_book(), as_of=journey.now + 90 * DAY)

    assert date(2026, 4, 7) == later.due
