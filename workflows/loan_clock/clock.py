"""The loan clock: from the instants of a loan to its due date and fine."""

from datetime import date, datetime, timedelta

from workflows.errors import InvalidCase
from workflows.loan_clock.case import LoanAnswer, LoanCase, LoanStatus
from workflows.loan_clock.due_dates import first_steps
from workflows.loan_clock.endings import Ending, ending_of
from workflows.loan_clock.fines import fine, late, no_fine, overdue_days
from workflows.loan_clock.holds import hold_until, is_expired
from workflows.loan_clock.renewals import Course, run_events
from workflows.loan_clock.timeline import check_times
from workflows.loan_clock.transit import CLEAR, Road, road


def loan_answer(case: LoanCase) -> LoanAnswer:
    """Return due date, fine and all that belongs to them.

    The same case always has the same answer; without an end and without ``as_of`` nothing is late.

    :raises InvalidCase: ``timeline_order``, ``bad_interval``, ``timeline_incomplete``, ``no_loan_rule``,
        ``event_outside_loan``, ``calendar_gap``
    """
    check_times(case)
    if not case.was_lent:
        return _waiting(case)
    started_at = case.started_at
    if started_at is None:
        raise InvalidCase("timeline_incomplete", missing=case.lender.clock.start)
    return _running(case, started_at, ending_of(case))


def loan_road(case: LoanCase) -> Road:
    """Return the days that the clock of this loan leaves out."""
    if not case.transfers or case.lender.clock.logistics_included:
        return CLEAR
    return road(case.transfers, case.lender.calendar)


def provisional_due(case: LoanCase, start: date) -> date:
    """Return when a loan is due that starts on *start*, if nothing happens to it.

    :raises InvalidCase: ``no_loan_rule``, ``calendar_gap``
    """
    return first_steps(case, start, CLEAR)[-1].due


def lender_due(case: LoanCase, due: date) -> date:
    """Return the date that the lender sees: the way back is added, unless its clock includes the way."""
    clock = case.lender.clock
    return due if clock.logistics_included else due + timedelta(days=clock.return_days)


def lender_due_provisional(case: LoanCase) -> date | None:
    """Return what the lender can expect once it has shipped; None if that is not known or has no meaning."""
    clock, shipped = case.lender.clock, case.timeline.shipped
    if shipped is None or clock.logistics_included:
        return None
    ahead = timedelta(days=clock.outbound_days + case.lender.hold_shelf.days)
    try:
        return lender_due(case, provisional_due(case, case.lender.calendar.local_day(shipped) + ahead))
    except InvalidCase:
        return None


def _running(case: LoanCase, started_at: datetime, ending: Ending) -> LoanAnswer:
    """Return the answer for a book that the patron has, or had."""
    start, days_out = case.lender.calendar.local_day(started_at), loan_road(case)
    steps = first_steps(case, start, days_out)
    course = run_events(case, steps[-1].due, road=days_out, started_at=started_at, ended_at=ending.left)
    ends = counted_until(case, ending)
    days = [late_days(case, course.due, end, days_out) for end in ends]
    returned = case.timeline.returned if ending.return_ == "accepted" else None
    return LoanAnswer(
        status=ending.status,
        fine=fine(case, [late(case.lender.fine, n) for n in days]),
        overdue_days=days[0],
        clock_start=start,
        steps=steps,
        first_due=steps[-1].due,
        events=course.events,
        due=course.due,
        lender_due=lender_due(case, course.due),
        lender_due_provisional=lender_due_provisional(case),
        last_desk_day=case.desk.calendar.last_opening_day(not_after=course.due, not_before=start),
        return_=ending.return_,
        desk_closed_at_return=None if returned is None else not case.desk.calendar.is_open(returned),
        found_after_settlement=ending.found_after_settlement,
        ended_at=ending.at,
    )


def counted_until(case: LoanCase, ending: Ending) -> list[date | None]:
    """Return up to which day lateness is counted: of the book first, then of each piece fined by itself."""
    local_day = case.lender.calendar.local_day
    at = ending.at or case.as_of
    until = None if at is None else local_day(at)
    if not case.lender.fine.accompanying:
        return [until]
    return [until, *(until if back is None else local_day(back) for back in case.accompanying)]


def late_days(case: LoanCase, due: date, until: date | None, days_out: Road) -> int:
    """Return for how many days lateness is to be paid."""
    return overdue_days(case.lender.fine, due, until, road=days_out, desk=case.desk.calendar)


def _waiting(case: LoanCase) -> LoanAnswer:
    """Return the answer for a book that has not been handed over: its due date only if the clock runs."""
    line = case.timeline
    if line.shipped is None and line.arrived is None and line.notified is None:
        raise InvalidCase("timeline_incomplete", missing="shipped")
    until = None if line.notified is None else _held_until(case, line.notified)
    status, course, start = _place(case, until), _course_before_handover(case), case.started_at
    # a hold that has expired is no loan
    is_due = course is not None and status is not LoanStatus.HOLD_EXPIRED
    return LoanAnswer(
        status=status,
        fine=no_fine(case),
        clock_start=None if start is None else case.lender.calendar.local_day(start),
        due=course.due if course is not None and is_due else None,
        events=() if course is None else course.events,
        lender_due_provisional=lender_due_provisional(case),
        hold_until=until,
    )


def _held_until(case: LoanCase, notified: datetime) -> date:
    return hold_until(case.lender, case.desk, notified, not_before=case.ready_on)


def _place(case: LoanCase, until: date | None) -> LoanStatus:
    if until is not None:
        expired = case.as_of is not None and is_expired(case.lender, until, case.as_of)
        return LoanStatus.HOLD_EXPIRED if expired else LoanStatus.ON_HOLD_SHELF
    return LoanStatus.IN_TRANSIT if case.timeline.arrived is None else LoanStatus.ARRIVED


def _course_before_handover(case: LoanCase) -> Course | None:
    """Return the course of a clock that starts before hand-over, None if it has not started."""
    started_at = case.started_at
    if started_at is None:
        if case.renewals or case.recall is not None:
            raise InvalidCase("event_outside_loan")
        return None
    start, days_out = case.lender.calendar.local_day(started_at), loan_road(case)
    first_due = first_steps(case, start, days_out)[-1].due
    return run_events(case, first_due, road=days_out, started_at=started_at, ended_at=None)
