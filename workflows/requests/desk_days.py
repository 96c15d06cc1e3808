"""The days of a desk as its requests feel them: which dates move with them, and when it is closed."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from workflows.calendars import LibraryCalendar
from workflows.loan_clock import clock
from workflows.policies.book import PolicyBook
from workflows.policies.calendar_days import Run, runs
from workflows.policies.policy import Policy
from workflows.requests.lifecycle import Status
from workflows.requests.loan_terms import loan_case
from workflows.requests.request import Request
from workflows.timestamps import ONE_DAY


class DeskDate(StrEnum):
    """A date of a request that the days of its desk decide."""

    #: the due date, where its lender has it move to an open day
    DUE = "due"
    #: the last day, not after the date due, on which the book can be brought
    LAST_TO_BRING = "last_to_bring"
    #: the last day on which the book can be fetched
    LAST_TO_FETCH = "last_to_fetch"


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedDate:
    """A date of a request as it is, and as it would be; None where no day is left."""

    request: Request
    what: DeskDate
    was: date
    becomes: date | None


def moved_date(request: Request, book: PolicyBook, then: Policy, *, as_of: datetime) -> MovedDate | None:
    """Return what moves for a request whose desk's policy and calendar are *then*, None if nothing does.

    :raises InvalidCase: if the lender's policy cannot judge the loan
    """
    match request.status:
        case Status.ON_LOAN if request.lender is not None:
            case = loan_case(request, request.lender, book, as_of=as_of)
            now, later = (clock.loan_answer(each) for each in (case, replace(case, pickup=then)))
            if now.due is not None and now.due != later.due:
                return MovedDate(request=request, what=DeskDate.DUE, was=now.due, becomes=later.due)
            return _moved(request, DeskDate.LAST_TO_BRING, now.last_desk_day, later.last_desk_day)
        case Status.ARRIVED | Status.NOTIFIED if request.hold_until is not None:
            return _fetched(request, request.hold_until, book.policy(request.desk), then, as_of)
        case _:
            return None


def _fetched(request: Request, until: date, desk: Policy, then: Policy, as_of: datetime) -> MovedDate | None:
    today = desk.calendar.local_day(as_of)
    was, becomes = (
        each.calendar.last_opening_day(not_after=until, not_before=today) for each in (desk, then)
    )
    return _moved(request, DeskDate.LAST_TO_FETCH, was, becomes)


def _moved(request: Request, what: DeskDate, was: date | None, becomes: date | None) -> MovedDate | None:
    if was is None or was == becomes:
        return None
    return MovedDate(request=request, what=what, was=was, becomes=becomes)


def closed_days(calendar: LibraryCalendar, first: date, last: date) -> tuple[Run, ...]:
    """Return the days of a stretch, both ends included, on which the desk is closed out of its usual week."""
    days = (first + ONE_DAY * number for number in range((last - first).days + 1))
    almanac = calendar.almanac
    said = (day for day in days if day in almanac.extra_open or any(day in one for one in almanac.closures))
    return tuple(runs(day for day in said if not calendar.is_opening_day(day)))
