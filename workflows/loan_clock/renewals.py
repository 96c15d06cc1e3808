"""Renewals, amendments and recalls of a running loan."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime

from workflows.errors import InvalidCase
from workflows.loan_clock.case import DueStep, LoanCase, LoanEvent, NewDue, Recall, RenewalAsked
from workflows.loan_clock.due_dates import moved, period_end
from workflows.loan_clock.transit import Road
from workflows.policies.conditions import Period
from workflows.reasons import Refusal, RenewalRefusal

Happening = RenewalAsked | NewDue | Recall


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
    """Return the loan after all that has happened to it, in time order.

    :param started_at: the start of the clock
    :param ended_at: when the patron gave the book back or reported it lost

    :raises InvalidCase: ``event_outside_loan``, ``calendar_gap``
    """
    course = Course(first_due)
    # whatever starts the clock, only a book that the patron has is renewed or recalled
    begun = case.timeline.handover or started_at
    issued = case.lender.calendar.local_day(started_at)
    for at, _, event in _in_order(case, started_at, ended_at):
        if isinstance(event, NewDue):
            course = _amended(course, at, event)
        elif not case.was_lent or at < begun or _is_over(at, ended_at):
            raise InvalidCase("event_outside_loan", at=at.isoformat())
        elif isinstance(event, Recall):
            course = _recalled(case, course, at, road)
        else:
            course = _renewed(case, course, event, road, issued)
    return course


def renewal_refusals(case: LoanCase, course: Course, asked: RenewalAsked) -> tuple[RenewalRefusal, ...]:
    """Return every reason to refuse this renewal, apart from its having no use; the first is the one told."""
    terms = case.lender.renewal
    day = case.lender.calendar.local_day(asked.at)
    reasons: tuple[tuple[RenewalRefusal, bool], ...] = (
        (Refusal.POLICY_NO_RENEWAL, terms.max_count == 0 or terms.period is None),
        (Refusal.ITEM_NOT_RENEWABLE, not terms.when.holds(case.item, case.category)),
        (Refusal.SUSPENDED, any(stop.stops(case.lender.id, day) for stop in case.suspended)),
        (Refusal.RECALLED, course.recalled),
        (Refusal.LIMIT_REACHED, 0 < terms.max_count <= course.renewed),
        (Refusal.OVERDUE, day > course.due),
        (Refusal.TOO_LATE, 0 <= (course.due - day).days < terms.advance_days),
        (Refusal.ON_HOLD, asked.on_hold and not terms.allow_on_hold),
    )
    return tuple(reason for reason, holds in reasons if holds)


def _in_order(
    case: LoanCase, started_at: datetime, ended_at: datetime | None
) -> list[tuple[datetime, int, Happening]]:
    """Return what happens to a loan by time; at one instant a renewal, then an amendment, then a recall.

    Amendments from before the start or after the end are left out, and a recall of which nobody heard before
    the end.
    """
    found: list[tuple[datetime, int, Happening]] = [(asked.at, 0, asked) for asked in case.renewals]
    found += [
        (one.at, 1, one)
        for one in case.amendments
        if one.at is not None and started_at <= one.at and not _is_over(one.at, ended_at)
    ]
    recall = case.recall
    if recall is not None and (_is_over(recall.at, ended_at) or not _is_over(recall.noticed, ended_at)):
        found.append((recall.noticed, 2, recall))
    return sorted(found, key=lambda entry: entry[:2])


def _is_over(at: datetime, ended_at: datetime | None) -> bool:
    return ended_at is not None and at > ended_at


def _renewed(case: LoanCase, course: Course, asked: RenewalAsked, road: Road, issued: date) -> Course:
    terms = case.lender.renewal
    reasons = () if asked.base is not None else renewal_refusals(case, course, asked)
    if reasons or terms.period is None:
        return course.after(LoanEvent("renewal", asked.at, reasons=reasons))
    base = asked.base
    if base is None:
        base = case.lender.calendar.local_day(asked.at) if terms.from_renewal_date else course.due
    steps = _steps(case, terms.period, base, road, issued)
    if steps[-1].due <= course.due:
        return course.after(LoanEvent("renewal", asked.at, reasons=(Refusal.NO_GAIN,), steps=steps))
    event = LoanEvent("renewal", asked.at, due=steps[-1].due, steps=steps, base=base)
    return replace(course.after(event), renewed=course.renewed + 1)


def _amended(course: Course, at: datetime, amendment: NewDue) -> Course:
    """Return the course after an amendment, which never shortens and which a recall beats (R-BALIS-4)."""
    due = course.due if course.recalled else max(course.due, amendment.due)
    return course.after(LoanEvent("amendment", at, due=due, written=amendment.written))


def _steps(case: LoanCase, period: Period, base: date, road: Road, issued: date) -> tuple[DueStep, ...]:
    counted = period_end(period, base, road=road, calendar=case.lender.calendar)
    return (DueStep("period", counted), *moved(case, base, issued=issued, due=counted))


def _recalled(case: LoanCase, course: Course, at: datetime, road: Road) -> Course:
    terms = case.lender.recall
    if not terms.allowed:
        return course.after(LoanEvent("recall", at, reasons=("recall_not_allowed",)))
    notice = road.nth_day(case.lender.calendar.local_day(at), terms.notice_days)
    event = LoanEvent("recall", at, due=min(course.due, notice))
    return replace(course.after(event), recalled=True)
