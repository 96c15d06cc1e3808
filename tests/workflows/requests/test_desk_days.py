"""Which dates move with the days of a desk, and when it is closed out of its usual week."""

from __future__ import annotations

from copy import copy
from dataclasses import replace
from datetime import date, timedelta

from tests.factories import BJTU, PKU, SZUTL, a_request, at_status, the_book
from workflows.calendars import Hours, Span
from workflows.policies.policy import Policy
from workflows.requests.desk_days import DeskDate, closed_days, moved_date
from workflows.requests.lifecycle import Status
from workflows.requests.loan_terms import loan_answer
from workflows.requests.request import Request

DAY = timedelta(days=1)


def closing(*days: date, opened: dict[date, Hours] | None = None) -> Policy:
    """Return the desk's policy with these days closed, and others open or not out of turn."""
    desk = the_book().policy(BJTU)
    almanac = desk.calendar.almanac
    changed = replace(
        almanac,
        closures=(*almanac.closures, *(Span(day, day) for day in days)),
        extra_open={**almanac.extra_open, **(opened or {})},
    )
    return replace(desk, calendar=replace(desk.calendar, almanac=changed))


def moved(request: Request, then: Policy) -> tuple[DeskDate, date, date | None] | None:
    found = moved_date(request, the_book(), then, as_of=request.instants.submitted + 20 * DAY)
    return None if found is None else (found.what, found.was, found.becomes)


def test_a_loan_is_to_be_brought_before_a_closure_that_falls_on_its_last_day() -> None:
    loan = at_status(Status.ON_LOAN)
    last = loan_answer(loan, the_book(), as_of=loan.instants.submitted + 20 * DAY).last_desk_day

    assert last is not None
    before = the_book().calendar(BJTU).last_opening_day(not_after=last - DAY, not_before=last - 30 * DAY)
    assert (DeskDate.LAST_TO_BRING, last, before) == moved(loan, closing(last))
    assert moved(loan, closing(last + 60 * DAY)) is None


def test_a_due_date_that_moves_to_an_open_day_moves_on() -> None:
    book = copy(the_book())
    lender = book.policy(SZUTL)
    moving = replace(lender, clock=replace(lender.clock, moves_to_open_day=True))
    book._policies = {**book._policies, SZUTL: moving}
    loan = replace(at_status(Status.ON_LOAN, SZUTL), terms=None)
    now = loan.instants.submitted + 20 * DAY
    due = loan_answer(loan, book, as_of=now).due

    assert due is not None
    found = moved_date(loan, book, closing(due), as_of=now)
    assert found is not None
    assert (DeskDate.DUE, due) == (found.what, found.was)
    assert found.becomes is not None
    assert found.becomes > due


def test_a_book_on_the_shelf_is_to_be_fetched_before_the_desk_closes_or_not_at_all() -> None:
    held = at_status(Status.NOTIFIED)
    until = held.hold_until

    assert until is not None
    today = the_book().calendar(BJTU).local_day(held.instants.submitted + 20 * DAY)
    monday = today + DAY * (7 - today.weekday())
    tuesday = monday + DAY
    kept = replace(held, hold_until=tuesday)

    assert (DeskDate.LAST_TO_FETCH, tuesday, monday) == moved(kept, closing(tuesday))
    every = [today + DAY * number for number in range(9)]
    assert (DeskDate.LAST_TO_FETCH, tuesday, None) == moved(kept, closing(*every))
    assert moved(kept, closing(tuesday + DAY)) is None


def test_what_is_not_there_yet_has_no_date_that_moves() -> None:
    assert moved(a_request(), closing()) is None
    assert moved(at_status(Status.IN_TRANSIT, PKU), closing()) is None


def test_a_desk_is_closed_on_the_days_of_its_closures_that_are_not_opened_again() -> None:
    monday = date(2026, 6, 1)
    days = [monday + DAY * number for number in range(5)]
    open_again: dict[date, Hours] = {days[2]: the_book().calendar(BJTU).hours[0], days[4]: ()}
    calendar = closing(*days[:4], opened=open_again).calendar

    assert ((days[0], days[1]), (days[3], days[4])) == closed_days(calendar, monday, monday + 6 * DAY)
    assert () == closed_days(the_book().calendar(BJTU), monday, monday + 6 * DAY)
