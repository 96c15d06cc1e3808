"""When a book is likely to be at the desk: between two days, neither of which is a promise."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from workflows.calendars import LibraryCalendar
from workflows.libraries import Watches
from workflows.policies.policy import Policy
from workflows.timestamps import ONE_DAY


@dataclass(frozen=True, slots=True)
class Between:
    """The first and the last day of a stretch."""

    first: date
    last: date


def if_asked(policy: Policy, watches: Watches, now: datetime) -> Between:
    """Return when the book is there if this lender is asked now, and takes no longer than it may.

    The first day is that of a lender which sends it at once.
    """
    road = timedelta(days=policy.clock.outbound_days)
    today = policy.calendar.local_day(now)
    sent = working_day(
        policy.calendar, today, watches.answer_days + watches.shipping_days, idle=policy.processing_stops
    )
    return Between(today + road, sent + road)


def on_the_road(policy: Policy, shipped: datetime, now: datetime) -> Between | None:
    """Return when a book that was sent then is there; None where it is later than the lender allows for."""
    calendar = policy.calendar
    sent = calendar.local_day(shipped)
    last = sent + timedelta(days=policy.clock.outbound_days)
    first = min(max(sent + ONE_DAY, calendar.local_day(now)), last)
    return Between(first, last) if calendar.local_day(now) <= last else None


def working_day(calendar: LibraryCalendar, today: date, days: int, *, idle: Collection[str] = ()) -> date:
    """Return the n-th opening day from today; calendar days where none is known ahead.

    :param idle: kinds of holidays whose opening days are none (R-NLC-7)
    """
    day: date | None = today
    for _ in range(days):
        day = day and _next_working_day(calendar, day, idle)
    return day or today + timedelta(days=days)


def _next_working_day(calendar: LibraryCalendar, day: date, idle: Collection[str]) -> date | None:
    found = calendar.opening_day_from(day + ONE_DAY)
    while found is not None and (holiday := calendar.holiday_on(found, idle)) is not None:
        found = calendar.opening_day_from(holiday.last + ONE_DAY)
    return found
