"""When to look at a request again: a deadline for every status that is not final."""

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta

from workflows.calendars import LibraryCalendar
from workflows.decisions.draft import Draft
from workflows.ids import LibraryCode
from workflows.libraries import Watches
from workflows.loan_clock.arrivals import working_day
from workflows.requests.request import Alarm, Deadline
from workflows.timestamps import ONE_DAY

#: local time of reminders: nobody is written to at night
_MORNING = time(9)
#: how often somebody is reminded of what still waits
_AGAIN = timedelta(days=7)


def answer(draft: Draft, lender: LibraryCode) -> Alarm:
    """Return by when the lender must have answered, in its own working days."""
    days = draft.library(lender).watches.answer_days
    return Alarm(at=_lender_days(draft, lender, days), what=Deadline.ANSWER)


def conditions(draft: Draft) -> Alarm:
    """Return by when the lender's conditions must be answered."""
    watches = draft.library(draft.request.home).watches
    return Alarm(at=draft.now + timedelta(days=watches.conditions_days), what=Deadline.CONDITIONS)


def shipping(draft: Draft, lender: LibraryCode) -> Alarm:
    """Return by when a lender that accepted must have shipped."""
    days = draft.library(lender).watches.shipping_days
    return Alarm(at=_lender_days(draft, lender, days), what=Deadline.SHIPPING)


def transit(draft: Draft, lender: LibraryCode, shipped: datetime) -> Alarm:
    """Return when a parcel to the desk counts as lost."""
    allowed = draft.policy(lender).clock.outbound_days + draft.library(lender).watches.lost_parcel_days
    at = max(shipped + timedelta(days=allowed), draft.now + timedelta(days=1))
    return Alarm(at=at, what=Deadline.TRANSIT)


def call(draft: Draft) -> Alarm:
    """Return by when the desk must have told the patron."""
    return Alarm(at=_desk_days(draft), what=Deadline.CALL)


def hold(draft: Draft, until: date) -> Alarm:
    """Return when the patron is reminded that the hold ends, or when it ends where no day lies before that.

    The reminder comes on the day before; on the desk's last opening day before that, if it is closed then.
    """
    calendar = draft.policy(draft.request.desk).calendar
    tomorrow = calendar.local_day(draft.now) + ONE_DAY
    day = calendar.last_opening_day(not_after=until - ONE_DAY, not_before=tomorrow)
    if day is None:
        return hold_over(draft, until)
    return Alarm(at=_morning(calendar, day), what=Deadline.HOLD_ENDING)


def hold_over(draft: Draft, until: date) -> Alarm:
    """Return when the hold shelf period is over (C-4); one that is over already lasts a desk day more."""
    at = draft.policy().calendar.end_of(until)
    return Alarm(at=at if draft.now < at else _desk_days(draft), what=Deadline.HOLD)


def due(draft: Draft, day: date) -> Alarm:
    """Return when the patron is next written to about the due date: before it, after it, and again."""
    watches = draft.library(draft.request.home).watches
    return Alarm(at=next_reminder(day, watches, draft.policy().calendar, now=draft.now), what=Deadline.DUE)


def next_reminder(day: date, watches: Watches, calendar: LibraryCalendar, *, now: datetime) -> datetime:
    """Return when whoever has something that is due on *day* is next written to."""
    first = _morning(calendar, day - timedelta(days=watches.reminder_days))
    if now < first:
        return first
    overdue = _morning(calendar, day + timedelta(days=1))
    if now < overdue:
        return overdue
    return _morning(calendar, calendar.local_day(now) + timedelta(days=watches.overdue_notice_days))


def desk_return(draft: Draft) -> Alarm:
    """Return by when the desk must have sent the book back."""
    return Alarm(at=_desk_days(draft), what=Deadline.DESK_RETURN)


def receipt(draft: Draft) -> Alarm:
    """Return by when the lender should have confirmed that the book is back."""
    request = draft.request
    lender = request.lender or request.home
    allowed = draft.policy(lender).clock.return_days + draft.library(lender).watches.receipt_days
    return Alarm(at=draft.now + timedelta(days=allowed), what=Deadline.RECEIPT)


def again(draft: Draft, what: Deadline) -> Alarm:
    """Return when to look again at what somebody was already told of."""
    return Alarm(at=draft.now + _AGAIN, what=what)


def _desk_days(draft: Draft) -> datetime:
    desk = draft.request.desk
    return _working_days(draft.policy(desk).calendar, draft.now, draft.library(desk).watches.desk_days)


def _lender_days(draft: Draft, lender: LibraryCode, days: int) -> datetime:
    """Return the end of the lender's n-th working day; while it stops, what it has waits (R-NLC-7)."""
    policy = draft.policy(lender)
    return _working_days(policy.calendar, draft.now, days, idle=policy.processing_stops)


def _working_days(
    calendar: LibraryCalendar, now: datetime, days: int, *, idle: Collection[str] = ()
) -> datetime:
    """Return the end of the n-th opening day from now."""
    return calendar.end_of(working_day(calendar, calendar.local_day(now), days, idle=idle))


def _morning(calendar: LibraryCalendar, day: date) -> datetime:
    return datetime.combine(day, _MORNING, calendar.zone).astimezone(UTC)
