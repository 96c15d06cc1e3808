from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workflows.books import builtin, policy
from workflows.calendars import Almanac, LibraryCalendar, Span, day_hours, merged
from workflows.timestamps import add_months

BJTU = builtin().calendar("bjtu")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def never_open() -> LibraryCalendar:
    return builtin().calendar("balis")


def test_a_day_is_the_librarys_own() -> None:
    assert date(2026, 3, 2) == BJTU.local_day(at("2026-03-01T16:00:00Z"))
    assert date(2026, 3, 1) == BJTU.local_day(at("2026-03-01T15:59:59Z"))


def test_the_end_of_a_day_is_the_next_midnight() -> None:
    assert at("2026-03-02T16:00:00Z") == BJTU.end_of(date(2026, 3, 2))


def test_a_day_outside_the_coverage_is_not_covered() -> None:
    assert BJTU.covers(date(2029, 1, 14))
    assert not BJTU.covers(date(2029, 1, 15))


def test_a_start_is_included_and_an_end_excluded() -> None:
    assert BJTU.is_open(at("2026-03-04T08:00:00+08:00"))
    assert not BJTU.is_open(at("2026-03-04T12:00:00+08:00"))


def test_an_extra_opening_beats_weekday_and_a_closure_beats_it_not() -> None:
    sunday = date(2025, 1, 26)

    assert BJTU.is_opening_day(sunday)
    assert BJTU.is_open(at("2025-01-26T09:00:00+08:00"))
    assert not BJTU.is_opening_day(date(2025, 1, 28))
    assert () == BJTU.hours_on(date(2025, 1, 28))


def test_the_next_opening_is_now_if_it_is_open() -> None:
    now = at("2026-03-04T09:00:00+08:00")

    assert now == BJTU.next_open(now)


def test_the_next_opening_is_later_the_same_day_or_on_the_next_opening_day() -> None:
    assert at("2026-03-04T14:00:00+08:00") == BJTU.next_open(at("2026-03-04T12:30:00+08:00"))
    assert at("2026-03-09T08:00:00+08:00") == BJTU.next_open(at("2026-03-06T18:00:00+08:00"))


def test_a_desk_without_hours_never_opens() -> None:
    day = date(2026, 3, 2)

    assert never_open().next_open(at("2026-03-04T12:30:00+08:00")) is None
    assert never_open().opening_day_from(day) is None
    assert never_open().add_opening_days(day, 1) is None
    assert never_open().last_opening_day(not_after=day, not_before=day - timedelta(days=9)) is None


def test_opening_days_are_counted_from_the_day_after() -> None:
    assert date(2026, 3, 10) == BJTU.add_opening_days(date(2026, 3, 6), 2)


@given(st.dates(date(2024, 12, 1), date(2025, 12, 31)), st.integers(-5, 400))
def test_counting_opening_days_at_once_or_one_by_one_is_the_same(after: date, days: int) -> None:
    one_by_one = sum(BJTU.is_opening_day(after + timedelta(days=n)) for n in range(1, days + 1))

    assert one_by_one == BJTU.opening_days(after=after, until=after + timedelta(days=days))


def test_extra_hours_that_are_empty_close_a_weekday() -> None:
    monday = date(2026, 3, 2)
    almanac = Almanac("c", "1", Span(monday, monday), extra_open={monday: ()})
    calendar = LibraryCalendar(ZoneInfo("Asia/Shanghai"), (day_hours(["08:00-12:00"]),) * 7, almanac)

    assert not calendar.is_opening_day(monday)
    assert 6 == calendar.opening_days(after=date(2026, 3, 1), until=date(2026, 3, 8))


def test_a_term_end_before_the_coverage_is_not_known() -> None:
    bhu = builtin().calendar("bhu")

    assert date(2023, 12, 8) == bhu.nth_term_end(date(2023, 7, 24), 1)
    assert bhu.nth_term_end(date(2023, 7, 23), 1) is None
    assert bhu.nth_term_end(date(2028, 12, 1), 1) is None


def test_a_term_has_no_successor_in_a_calendar_that_ends_with_it() -> None:
    bhu = builtin().calendar("bhu")
    last = bhu.term_on(date(2028, 12, 1))

    assert last is not None
    assert bhu.term_after(last) is None
    assert bhu.term_on(date(2028, 12, 2)) is None


def test_stretches_that_touch_or_overlap_become_one() -> None:
    day = date(2026, 3, 1)
    days = [day + timedelta(days=n) for n in range(9)]
    stretches = [(days[5], days[6]), (days[0], days[2]), (days[3], days[3]), (days[0], days[1])]

    assert [(days[0], days[3]), (days[5], days[6])] == merged(stretches)


@given(st.dates(date(1990, 1, 1), date(2100, 12, 31)), st.integers(0, 60))
def test_months_later_is_the_same_day_number_or_the_months_last(day: date, months: int) -> None:
    later = add_months(day, months)

    assert (day.year * 12 + day.month + months) == later.year * 12 + later.month
    assert later.day == day.day or (later + timedelta(days=1)).day == 1


def test_there_is_no_month_behind_the_last_year() -> None:
    with pytest.raises(OverflowError):
        add_months(date(9999, 12, 1), 1)


def test_a_policy_knows_the_version_of_its_calendar() -> None:
    assert policy("nlc").calendar.almanac.version == policy("pku").calendar.almanac.version
    assert policy("nlc").calendar.almanac.version != policy("bhu").calendar.almanac.version
