"""Renewals and recalls of a running loan."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime

from workflows.due_dates import moved, period_end
from workflows.errors import InvalidCase
from workflows.loans import LoanCase, LoanEvent, RenewalAsked, Step
from workflows.policies import Period
from workflows.road import Road


@dataclass(frozen=True, slots=True)
class Course:
    """A loan between two events: when it is due, and what has happened to it."""

    due: date
    renewed: int = 0
    recalled: bool = False
    events: tuple[LoanEvent, ...] = field(default=())

    def after(self, event: LoanEvent) -> "Course":
        """Return the course after *event*, with the due date that it set."""
        return replace(self, due=event.due or self.due, events=(*self.events, event))


def run_events(
    case: LoanCase, first_due: date, *, road: Road, started_at: datetime, ended_at: datetime | None
) -> Course:
    """Return the loan after its renewals and recalls in time order; at one instant the renewal goes first.

    :raises InvalidCase: ``event_outside_loan``, ``calendar_gap``
    """
    course = Course(first_due)
    asked: list[tuple[datetime, int, RenewalAsked | None]] = [(r.at, 0, r) for r in case.renewals]
    if case.recalled_at is not None:
        asked.append((case.recalled_at, 1, None))
    for at, _, renewal in sorted(asked, key=lambda entry: entry[:2]):
        if at < started_at or (ended_at is not None and at > ended_at):
            raise InvalidCase("event_outside_loan", at=at.isoformat())
        if renewal is None:
            course = _recalled(case, course, at, road)
        else:
            course = _renewed(case, course, renewal, road, case.lender.calendar.local_day(started_at))
    return course


def renewal_refusal(case: LoanCase, course: Course, asked: RenewalAsked) -> str | None:
    """Return the first reason to refuse this renewal, apart from its having no use, None if there is none."""
    terms = case.lender.renewal
    day = case.lender.calendar.local_day(asked.at)
    reasons = (
        ("policy_no_renewal", terms.max_count == 0 or terms.period is None),
        ("item_not_renewable", not terms.when.holds(case.item, case.category)),
        ("suspended", is_suspended(case, day)),
        ("recalled", course.recalled),
        ("limit_reached", course.renewed >= terms.max_count),
        ("overdue", day > course.due),
        ("too_late", (course.due - day).days < terms.advance_days),
        ("on_hold", asked.on_hold and not terms.allow_on_hold),
    )
    return next((reason for reason, holds in reasons if holds), None)


def is_suspended(case: LoanCase, day: date) -> bool:
    """Tell whether the lender has suspended the reader on *day*; those of other libraries do not count."""
    return any(
        stop.policy == case.lender.id and stop.start <= day and (stop.until is None or day < stop.until)
        for stop in case.suspended
    )


def _renewed(case: LoanCase, course: Course, asked: RenewalAsked, road: Road, issued: date) -> Course:
    reason = renewal_refusal(case, course, asked)
    terms = case.lender.renewal
    if reason is not None or terms.period is None:
        return course.after(LoanEvent("renewal", asked.at, reason=reason))
    base = case.lender.calendar.local_day(asked.at) if terms.from_renewal_date else course.due
    steps = _steps(case, terms.period, base, road, issued)
    if steps[-1].due <= course.due:
        return course.after(LoanEvent("renewal", asked.at, reason="no_gain", steps=steps))
    event = LoanEvent("renewal", asked.at, due=steps[-1].due, steps=steps)
    return replace(course.after(event), renewed=course.renewed + 1)


def _steps(case: LoanCase, period: Period, base: date, road: Road, issued: date) -> tuple[Step, ...]:
    counted = period_end(period, base, road=road, calendar=case.lender.calendar)
    return (Step("period", counted), *moved(case, base, issued=issued, due=counted))


def _recalled(case: LoanCase, course: Course, at: datetime, road: Road) -> Course:
    terms = case.lender.recall
    if not terms.allowed:
        return course.after(LoanEvent("recall", at, reason="recall_not_allowed"))
    notice = road.nth_day(case.lender.calendar.local_day(at), terms.notice_days)
    event = LoanEvent("recall", at, due=min(course.due, notice))
    return replace(course.after(event), recalled=True)
