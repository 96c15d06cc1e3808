from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from tests.factories import DAY, START, at_status, journey_to
from workflows.requests.commands import ReportedStatus
from workflows.requests.lifecycle import Outcome, Status, Step
from workflows.requests.request import Request
from workflows.requests.requester_messages import News, Why, last_instant, news, standing, status_of

S, R = Status, ReportedStatus
LATER = START + 9 * DAY


def after(before: Request, now: Request, asked: Step | None = None, *, cancels: bool = False) -> News | None:
    return news(before, now, changed=LATER, asked=asked, cancels=cancels)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (S.SUBMITTED, R.EXPECT_TO_SUPPLY),
        (S.CONDITIONAL, R.RETRY_POSSIBLE),
        (S.ACCEPTED, R.WILL_SUPPLY),
        (S.IN_TRANSIT, R.LOANED),
        (S.ARRIVED, R.LOANED),
        (S.NOTIFIED, R.LOANED),
        (S.ON_LOAN, R.LOANED),
        (S.RETURNED, R.LOANED),
        (S.RETURNING, R.LOANED),
        (S.CLOSED, R.LOAN_COMPLETED),
    ],
)
def test_every_status_has_a_word(status: Status, expected: ReportedStatus) -> None:
    assert expected is status_of(at_status(status))


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"overdue_notices": 1}, R.OVERDUE),
        ({"recalled_at": START}, R.RECALLED),
        ({"recalled_at": START, "overdue_notices": 1}, R.OVERDUE),
        ({"recalled_at": START, "status": S.RETURNED}, R.LOANED),
        ({"recalled_at": START, "overdue_notices": 1, "status": S.RETURNED}, R.LOANED),
    ],
)
def test_what_is_asked_back_is_a_status_there(facts: dict[str, Any], expected: ReportedStatus) -> None:
    assert expected is status_of(replace(at_status(S.ON_LOAN), **facts))


@pytest.mark.parametrize(
    ("outcome", "came", "expected"),
    [
        (Outcome.COMPLETED, True, R.LOAN_COMPLETED),
        (Outcome.UNFILLED, False, R.UNFILLED),
        (Outcome.CANCELLED, False, R.CANCELLED),
        (Outcome.CANCELLED, True, R.LOAN_COMPLETED),
        (Outcome.NOT_COLLECTED, True, R.LOAN_COMPLETED),
        (Outcome.LOST, True, R.COMPLETED_WITHOUT_RETURN),
        (Outcome.LOST, False, R.COMPLETED_WITHOUT_RETURN),
    ],
)
def test_every_end_has_a_word(outcome: Outcome, *, came: bool, expected: ReportedStatus) -> None:
    request = at_status(S.CLOSED)
    instants = request.instants if came else replace(request.instants, arrived=None)

    assert expected is status_of(replace(request, outcome=outcome, instants=instants))


def test_a_book_on_loan_is_told_with_all_that_is_known_of_it() -> None:
    request = at_status(S.ON_LOAN)
    told = standing(request, Why.STATUS)

    assert (request.due, request.instants.shipped, "31234000") == (told.due, told.sent, told.barcode)
    assert last_instant(request) == told.changed == request.instants.handover


def test_a_book_that_came_without_a_word_was_sent_when_it_came() -> None:
    request = at_status(S.ON_LOAN)
    unheard = replace(request, instants=replace(request.instants, shipped=None))

    assert request.instants.arrived == standing(unheard, Why.STATUS).sent


@pytest.mark.parametrize("status", [S.SUBMITTED, S.CLOSED])
def test_without_a_book_there_is_no_word_of_one(status: Status) -> None:
    told = standing(at_status(status), Why.STATUS)

    assert (None, None, None, None) == (told.due, told.sent, told.barcode, told.tracking)


def test_what_is_unfilled_says_why_each_lender_would_not() -> None:
    journey = journey_to(S.SUBMITTED)
    while journey.status is not S.CLOSED:
        journey.hear(R.UNFILLED)
    told = standing(journey.request, Why.CHANGE)

    assert ("NotAvailableForILL", "unfilled") == (told.reason, told.note)


def test_a_note_that_is_given_goes_before_any_other() -> None:
    told = standing(at_status(S.CONDITIONAL), Why.STATUS, note="so")

    assert ("so", "LoanCondition") == (told.note, told.reason)


def test_what_changes_no_word_and_no_date_is_no_news() -> None:
    request = at_status(S.IN_TRANSIT)

    assert after(request, replace(request, calls=1)) is None
    assert after(request, at_status(S.NOTIFIED)) is None


def test_the_way_back_is_no_news_and_its_end_is() -> None:
    assert after(at_status(S.ON_LOAN), at_status(S.RETURNED)) is None
    told = after(at_status(S.RETURNING), at_status(S.CLOSED))

    assert told is not None
    assert (Why.CHANGE, R.LOAN_COMPLETED, LATER) == (told.why, told.status, told.changed)


@pytest.mark.parametrize("facts", [{"due": date(2027, 1, 1)}, {"lender": "another"}])
def test_another_date_or_another_lenders_book_is_news(facts: dict[str, Any]) -> None:
    request = at_status(S.IN_TRANSIT)
    told = after(request, replace(request, **facts))

    assert told is not None
    assert (Why.CHANGE, R.LOANED) == (told.why, told.status)


def test_other_conditions_are_news_and_the_same_are_not() -> None:
    request = at_status(S.CONDITIONAL)

    assert after(request, replace(request, calls=1)) is None
    assert after(request, replace(request, conditions="no photographs")) is not None


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (replace(at_status(S.CLOSED), outcome=Outcome.UNFILLED), False),
        (at_status(S.IN_TRANSIT), False),
        (at_status(S.SUBMITTED), None),
    ],
)
def test_a_cancellation_that_waits_is_answered_by_what_happens(
    now: Request, *, expected: bool | None
) -> None:
    waiting = replace(at_status(S.ACCEPTED), cancellation_requested=START)
    told = after(waiting, now, cancels=True)

    assert told is not None
    assert expected is told.answer
    assert (Why.CHANGE if expected is None else Why.CANCELLATION) is told.why


def test_a_refused_cancellation_is_told_once() -> None:
    waiting = replace(at_status(S.ACCEPTED), cancellation_requested=START)
    refused = replace(waiting, attention=("cancellation_refused",))
    told = after(waiting, refused, cancels=True)
    shipped = after(refused, at_status(S.IN_TRANSIT), cancels=True)

    assert told is not None
    assert shipped is not None
    assert [(Why.CANCELLATION, False), (Why.CHANGE, None)] == [
        (each.why, each.answer) for each in (told, shipped)
    ]


def test_a_request_is_answered_by_where_it_stands() -> None:
    told = news(None, at_status(S.SUBMITTED), changed=LATER, asked=None, cancels=False)

    assert told is not None
    assert (Why.REQUEST, R.EXPECT_TO_SUPPLY) == (told.why, told.status)


def test_a_renewal_is_granted_even_if_no_date_changes() -> None:
    request = at_status(S.ON_LOAN)
    told = after(request, request, Step.RENEW)

    assert told is not None
    assert (Why.RENEWAL, True) == (told.why, told.answer)


def test_who_agrees_by_asking_again_is_answered_as_one_who_asks() -> None:
    told = after(at_status(S.CONDITIONAL), at_status(S.ACCEPTED), Step.ANSWER_CONDITIONS)

    assert told is not None
    assert (Why.REQUEST, R.WILL_SUPPLY) == (told.why, told.status)
