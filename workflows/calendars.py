"""A library's days: when its desk is open, its terms and holidays, and what is known of them."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from workflows.timestamps import ONE_DAY

#: How far ahead a next opening is looked for, in days.
HORIZON = 400

Hours = tuple[tuple[time, time], ...]


@dataclass(frozen=True, slots=True)
class Span:
    """Days from *first* to *last*, both included."""

    first: date
    last: date
    label: str = ""

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last


@dataclass(frozen=True, slots=True)
class Holiday(Span):
    """A vacation of the academic year; the label is its kind, "winter" or "summer"."""


@dataclass(frozen=True, slots=True)
class Almanac:
    """What a calendar file says, before a library's zone and hours are laid over it."""

    id: str
    version: str
    coverage: Span
    sample: bool = False
    terms: tuple[Span, ...] = ()
    holidays: tuple[Holiday, ...] = ()
    closures: tuple[Span, ...] = ()
    extra_open: Mapping[date, Hours] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LibraryCalendar:
    """The days of one library, in its own zone.

    *hours* has seven rows, Monday first; a start is included, an end excluded.
    """

    zone: ZoneInfo
    hours: tuple[Hours, ...]
    almanac: Almanac
    _weekdays: frozenset[int] = field(init=False, repr=False)
    _closed: tuple[Span, ...] = field(init=False, repr=False)
    _closed_from: tuple[date, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        closed = merged((span.first, span.last) for span in self.almanac.closures)
        object.__setattr__(self, "_weekdays", frozenset(n for n, hours in enumerate(self.hours) if hours))
        object.__setattr__(self, "_closed", tuple(Span(first, last) for first, last in closed))
        object.__setattr__(self, "_closed_from", tuple(first for first, _ in closed))

    def local_day(self, instant: datetime) -> date:
        return instant.astimezone(self.zone).date()

    def end_of(self, day: date) -> datetime:
        """Return the instant at which *day* is over at the library."""
        return self._at(day + ONE_DAY, time.min)

    def covers(self, day: date) -> bool:
        """Tell whether holidays, terms and closures of *day* are known."""
        return day in self.almanac.coverage

    def is_opening_day(self, day: date) -> bool:
        extra = self.almanac.extra_open.get(day)
        if extra is not None:
            return bool(extra)
        return day.weekday() in self._weekdays and not self._is_closed(day)

    def hours_on(self, day: date) -> Hours:
        """Return the opening hours of *day*; an extra opening beats closures and weekdays."""
        extra = self.almanac.extra_open.get(day)
        if extra is not None:
            return extra
        return () if self._is_closed(day) else self.hours[day.weekday()]

    def is_open(self, instant: datetime) -> bool:
        local = instant.astimezone(self.zone)
        now = local.time()
        return any(start <= now < end for start, end in self.hours_on(local.date()))

    def next_open(self, instant: datetime) -> datetime | None:
        """Return *instant* if the desk is open, else the next opening, None if there is none in sight."""
        if self.is_open(instant):
            return instant
        local = instant.astimezone(self.zone)
        for ahead in range(HORIZON + 1):
            day = local.date() + timedelta(days=ahead)
            for start, _ in self.hours_on(day):
                opening = self._at(day, start)
                if opening > instant:
                    return opening
        return None

    def add_opening_days(self, day: date, count: int) -> date | None:
        """Return the *count*-th opening day after *day*, None if there is none in sight."""
        for _ in range(count):
            found = self.opening_day_from(day + ONE_DAY)
            if found is None:
                return None
            day = found
        return day

    def opening_day_from(self, day: date) -> date | None:
        """Return *day* or the first opening day after it, None if there is none in sight."""
        return next((on for n in range(HORIZON) if self.is_opening_day(on := day + timedelta(days=n))), None)

    def last_opening_day(self, *, not_after: date, not_before: date) -> date | None:
        """Return the last opening day of a stretch, both ends included."""
        day = not_after
        while day >= not_before:
            if self.is_opening_day(day):
                return day
            day -= ONE_DAY
        return None

    def opening_days(self, *, after: date, until: date) -> int:
        """Count the opening days after *after*, up to and with *until*."""
        if until <= after:
            return 0
        count = self._usual_days(after, until)
        for span in self._closed:
            first, last = max(span.first, after + ONE_DAY), min(span.last, until)
            if first <= last:
                count -= self._usual_days(first - ONE_DAY, last)
        for day, hours in self.almanac.extra_open.items():
            if after < day <= until:
                usual = day.weekday() in self._weekdays and not self._is_closed(day)
                count += bool(hours) - usual
        return count

    def opening_days_from(self, first: date, last: date) -> int:
        """Count the opening days of a stretch, both ends included."""
        return self.opening_days(after=first - ONE_DAY, until=last)

    def holiday_on(self, day: date, kinds: Iterable[str]) -> Holiday | None:
        """Return the holiday of one of these kinds that *day* lies in."""
        return next((h for h in self.almanac.holidays if h.label in kinds and day in h), None)

    def term_on(self, day: date) -> Span | None:
        return next((term for term in self.almanac.terms if day in term), None)

    def term_after(self, term: Span) -> Span | None:
        return next((later for later in self.almanac.terms if later.first > term.last), None)

    def nth_term_end(self, day: date, count: int) -> date | None:
        """Return the last day of the *count*-th term that ends after *day*, None if it is not known."""
        if day < self.almanac.coverage.first:
            return None
        ends = [term.last for term in self.almanac.terms if term.last > day]
        return ends[count - 1] if count <= len(ends) else None

    def _is_closed(self, day: date) -> bool:
        place = bisect_right(self._closed_from, day)
        return place > 0 and day <= self._closed[place - 1].last

    def _usual_days(self, after: date, until: date) -> int:
        """Count days of the usual week, closures or not."""
        weeks, rest = divmod((until - after).days, 7)
        first = after.weekday() + 1
        return weeks * len(self._weekdays) + sum((first + n) % 7 in self._weekdays for n in range(rest))

    def _at(self, day: date, hour: time) -> datetime:
        return datetime.combine(day, hour, self.zone).astimezone(UTC)


def merged(stretches: Iterable[tuple[date, date]]) -> list[tuple[date, date]]:
    """Return the same days as disjoint stretches in order; both ends of a stretch are included."""
    result: list[tuple[date, date]] = []
    for first, last in sorted(stretches):
        if result and first <= result[-1][1] + ONE_DAY:
            result[-1] = (result[-1][0], max(last, result[-1][1]))
        else:
            result.append((first, last))
    return result


def day_hours(texts: Sequence[str]) -> Hours:
    """Read ["08:00-12:00", ...].

    :raises ValueError: if one of them is not written so
    """
    return tuple(_stretch(text) for text in texts)


def _stretch(text: str) -> tuple[time, time]:
    start, end = text.split("-")
    return time.fromisoformat(start), time.fromisoformat(end)
