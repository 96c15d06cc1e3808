"""Days that the patron's clock leaves out because the book was on the road."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from workflows.calendars import LibraryCalendar, merged
from workflows.loan_clock.case import Transfer
from workflows.timestamps import ONE_DAY


@dataclass(frozen=True, slots=True)
class Road:
    """The dates whose opening midnight passed on the road, as disjoint stretches with both ends included."""

    stretches: tuple[tuple[date, date], ...] = ()

    def __contains__(self, day: date) -> bool:
        return any(first <= day <= last for first, last in self.stretches)

    def nth_day(self, start: date, count: int) -> date:
        """Return the date opened by the *count*-th midnight after *start* that was not on the road."""
        due = start + timedelta(days=count)
        for first, last in self.stretches:
            if last > start:
                begin = max(first, start + ONE_DAY)
                if begin > due:
                    break
                due += last - begin + ONE_DAY
        return due

    def within(self, *, after: date, until: date) -> Iterable[tuple[date, date]]:
        """Return the stretches, cut to the days after *after* up to and with *until*."""
        for first, last in self.stretches:
            begin, end = max(first, after + ONE_DAY), min(last, until)
            if begin <= end:
                yield begin, end


CLEAR = Road()


def road(transfers: Iterable[Transfer], calendar: LibraryCalendar) -> Road:
    """Return the dates that lie on the road: a midnight m with start < m <= end, in the lender's zone."""
    days = ((calendar.local_day(t.start) + ONE_DAY, calendar.local_day(t.end)) for t in transfers)
    return Road(tuple(merged((first, last) for first, last in days if first <= last)))
