from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.factories import (
    BJTU,
    DAY,
    HOUR,
    LIBRARIES,
    NLC,
    PKU,
    SHLIB,
    START,
    SZUTL,
    Journey,
    a_library,
    a_request,
    journey_to,
    known,
)
from workflows.decisions import deadlines
from workflows.decisions.draft import Draft
from workflows.ids import LibraryCode
from workflows.libraries import Watches
from workflows.requests.commands import ReportLoss, Ring
from workflows.requests.events import DueChanged
from workflows.requests.evolve import evolve
from workflows.requests.lifecycle import Outcome, Status
from workflows.requests.request import Alarm

OPEN = [status for status in Status if status is not Status.CLOSED]
SECOND = timedelta(seconds=1)
BEIJING = ZoneInfo("Asia/Shanghai")


def _alarm(journey: Journey) -> Alarm:
    assert journey.request.alarm is not None
    return journey.request.alarm


def _ring(journey: Journey) -> Journey:
    """Ring at the very instant of the alarm."""
    return journey.do(Ring(), _alarm(journey).at - journey.now)


@pytest.mark.parametrize("status", OPEN)
def test_every_status_that_is_not_final_has_a_deadline_ahead(status: Status) -> None:
    journey = journey_to(status)

    assert _alarm(journey).at > journey.now


def test_a_closed_request_has_none_and_ringing_does_nothing() -> None:
    journey = journey_to(Status.CLOSED)
    before = journey.request

    journey.do(Ring(), 999 * DAY)

    assert (None, before) == (before.alarm, journey.request)


@pytest.mark.parametrize("status", OPEN)
def test_ringing_early_does_nothing(status: Status) -> None:
    journey = journey_to(status)
    before = journey.request

    journey.do(Ring(), _alarm(journey).at - journey.now - SECOND)

    assert before == journey.request


@pytest.mark.parametrize("status", OPEN)
def test_ringing_always_leads_on(status: Status) -> None:
    journey = journey_to(status)

    for _ in range(8):
        if journey.status is Status.CLOSED:
            return
        before = _alarm(journey)
        _ring(journey)

        assert journey.request.alarm is None or journey.request.alarm.at > before.at


@pytest.mark.parametrize("status", OPEN)
@pytest.mark.parametrize("days", [1, 30, 400, 2000])
def test_ringing_late_leads_on_as_well(status: Status, days: int) -> None:
    journey = journey_to(status)
    late = _alarm(journey).at + days * DAY

    journey.do(Ring(), late - journey.now)

    assert journey.request.alarm is None or journey.request.alarm.at > late


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (Status.SUBMITTED, "silent"),
        (Status.CONDITIONAL, "conditions_unanswered"),
        (Status.ACCEPTED, "not_shipped"),
    ],
)
def test_a_lender_that_does_not_go_on_is_told_to_stop_and_the_next_is_asked(
    status: Status, reason: str
) -> None:
    journey = _ring(journey_to(status))

    entry = journey.request.entry(PKU)
    assert (Status.SUBMITTED, "szutl", reason) == (journey.status, journey.lender, entry and entry.reason)
    assert [("cancel", "pku"), ("ask", "szutl")] == journey.told[-2:]


@pytest.mark.parametrize(
    ("status", "what"),
    [
        (Status.IN_TRANSIT, "lost_parcel"),
        (Status.ARRIVED, "patron_not_called"),
        (Status.RETURNED, "not_sent_back"),
        (Status.RETURNING, "lost_on_the_way_back"),
    ],
)
def test_what_waits_too_long_is_looked_at_until_it_does_not(status: Status, what: str) -> None:
    journey = _ring(journey_to(status))
    first = _alarm(journey)

    _ring(journey)

    assert (status, (what,)) == (journey.status, journey.request.attention)
    assert 7 * DAY == _alarm(journey).at - first.at
    assert first.what == _alarm(journey).what


def test_a_patron_is_reminded_on_the_last_opening_day_before_the_hold_ends() -> None:
    # a Friday: the hold ends on the Friday after, and the desk is open the day before
    journey = _ring(journey_to(Status.NOTIFIED))
    until = journey.request.hold_until

    assert until is not None
    assert (Status.NOTIFIED, "hold_ending") == (journey.status, journey.notices[-1])
    assert (until - DAY, 1) == (journey.now.date(), journey.now.hour)
    assert "hold" == _alarm(journey).what


@pytest.mark.parametrize(
    ("told", "until", "reminded"),
    [
        # the desk is open from Monday to Friday
        (date(2026, 3, 2), date(2026, 3, 9), date(2026, 3, 6)),
        (date(2026, 3, 2), date(2026, 3, 6), date(2026, 3, 5)),
        (date(2026, 3, 2), date(2026, 3, 3), None),
        (date(2026, 3, 6), date(2026, 3, 9), None),
    ],
)
def test_no_reminder_comes_on_the_day_of_the_call_or_while_the_desk_is_closed(
    told: date, until: date, reminded: date | None
) -> None:
    journey = journey_to(Status.NOTIFIED)
    now = START.replace(month=told.month, day=told.day)

    alarm = deadlines.hold(Draft(journey.request, known(now)), until)

    assert reminded == (alarm.at.date() if alarm.what == "hold_ending" else None)


@pytest.mark.rule("R-NLC-7")
@pytest.mark.parametrize("watch", [deadlines.answer, deadlines.shipping])
@pytest.mark.parametrize(("lender", "until"), [(NLC, date(2027, 3, 4)), (SZUTL, date(2027, 1, 21))])
def test_a_lender_that_stops_for_the_winter_is_waited_for(
    watch: Callable[[Draft, LibraryCode], Alarm], lender: LibraryCode, until: date
) -> None:
    libraries = {lender: a_library(lender, watches=Watches(answer_days=3, shipping_days=3))}

    # a Saturday: Sunday is the first day, Monday none, and the break lasts from 18 January to 28 February
    now = datetime(2027, 1, 16, 2, tzinfo=UTC)
    alarm = watch(Draft(a_request(), known(now, libraries=libraries)), lender)

    assert datetime.combine(until, time(), BEIJING) == alarm.at


def test_a_reminder_that_rings_after_the_hold_sends_the_book_back() -> None:
    journey = journey_to(Status.NOTIFIED)
    assert "hold_ending" == _alarm(journey).what

    journey.do(Ring(), 30 * DAY)

    assert (Status.RETURNED, "hold_expired") == (journey.status, journey.notices[-1])
    assert "hold_ending" not in journey.notices


def test_a_book_that_is_not_fetched_goes_back_and_the_patron_is_told() -> None:
    journey = _ring(_ring(journey_to(Status.NOTIFIED)))

    assert (Status.RETURNED, Outcome.NOT_COLLECTED) == (journey.status, journey.request.outcome)
    assert "hold_expired" == journey.notices[-1]


def test_a_patron_is_reminded_before_the_due_date_and_after_it_and_every_week() -> None:
    journey = journey_to(Status.ON_LOAN, SZUTL)
    due, days = journey.request.due, []
    assert due is not None

    for _ in range(4):
        _ring(journey)
        days.append((journey.now.date() - due).days)

    assert [-3, 1, 8, 15] == days
    assert ["due_soon", "overdue", "overdue", "overdue"] == journey.notices[-4:]


def test_overdue_notices_end_and_somebody_at_the_desk_is_told() -> None:
    journey = journey_to(Status.ON_LOAN, SZUTL)

    for _ in range(9):
        _ring(journey)

    assert 4 == journey.notices.count("overdue")
    assert ("long_overdue",) == journey.request.attention


def test_a_new_due_date_begins_the_count_of_notices_anew() -> None:
    few = {**LIBRARIES, BJTU: a_library(BJTU, watches=Watches(overdue_notices=1))}
    journey = journey_to(Status.ON_LOAN, SZUTL, libraries=few)
    for _ in range(3):
        _ring(journey)
    assert (1, 1) == (journey.notices.count("overdue"), journey.request.overdue_notices)

    later = DueChanged(
        at=journey.now,
        cause="recall",
        due=date(2027, 1, 1),
        lender_due=date(2027, 1, 2),
        alarm=_alarm(journey),
    )

    assert 0 == evolve(journey.request, later).overdue_notices


def test_on_the_due_date_itself_nothing_is_overdue() -> None:
    journey = journey_to(Status.ON_LOAN, SZUTL)

    journey.do(Ring(), START.replace(month=4, day=4) - journey.now)

    assert journey.now.date() == journey.request.due
    assert "due_soon" == journey.notices[-1]


def test_reminders_come_in_the_morning_of_the_lender() -> None:
    journey = journey_to(Status.ON_LOAN, SZUTL)

    assert 1 == _alarm(journey).at.hour


def test_a_short_loan_is_reminded_of_when_it_is_late() -> None:
    far = {**LIBRARIES, BJTU: a_library(BJTU, watches=Watches(reminder_days=60))}
    journey = journey_to(Status.ON_LOAN, SZUTL, libraries=far)

    _ring(journey)

    assert "overdue" == journey.notices[-1]


def test_a_lost_book_is_not_asked_for_again() -> None:
    journey = journey_to(Status.ON_LOAN, SZUTL).do(ReportLoss())
    before = len(journey.notices)

    for _ in range(3):
        _ring(journey)

    assert (before, Status.ON_LOAN) == (len(journey.notices), journey.status)


def test_a_loan_without_a_date_is_looked_at_again() -> None:
    journey = journey_to(Status.ON_LOAN, SZUTL)
    journey.request = replace(journey.request, due=None)

    _ring(journey)

    assert 7 * DAY == _alarm(journey).at - journey.now


def test_the_silence_of_all_lenders_ends_the_request() -> None:
    journey = Journey(a_request())

    for _ in range(3):
        _ring(journey)

    assert (Status.CLOSED, Outcome.UNFILLED) == (journey.status, journey.request.outcome)
    assert [
        ("ask", "pku"), ("cancel", "pku"), ("ask", "szutl"),
        ("cancel", "szutl"), ("ask", "shlib"), ("cancel", "shlib"),
    ] == journey.told  # fmt: skip


def test_a_library_watches_by_days_of_its_own() -> None:
    patient = {**LIBRARIES, SHLIB: a_library(SHLIB, watches=Watches(answer_days=10))}
    usual, longer = (
        journey_to(Status.SUBMITTED, SHLIB),
        journey_to(Status.SUBMITTED, SHLIB, libraries=patient),
    )

    assert 7 * DAY == _alarm(longer).at - _alarm(usual).at


def test_days_beyond_every_known_calendar_still_pass() -> None:
    journey = journey_to(Status.SUBMITTED, SZUTL)
    alarm = _alarm(journey)

    assert alarm.at - journey.now < 5 * DAY + HOUR
