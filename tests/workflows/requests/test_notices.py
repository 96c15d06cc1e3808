"""Which notice goes out by which way, when, and whether it is still true."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import (
    BJTU,
    LIBRARIES,
    PKU,
    START,
    SZUTL,
    Journey,
    a_library,
    a_request,
    at_status,
    held_by,
    journey_to,
)
from workflows.requests.commands import Arrive, ReportedStatus, TakeBack
from workflows.requests.effects import Channel, Notice, SendNotice
from workflows.requests.lifecycle import Outcome, Status
from workflows.requests.notices import by_day, channels, is_timely
from workflows.requests.request import Request

TODAY = date(2026, 4, 1)
BEIJING = ZoneInfo("Asia/Shanghai")
BACK = (Status.RETURNED, Status.RETURNING, Status.CLOSED)
OF_A_LOAN = (Notice.HANDED_OVER, Notice.DUE_SOON, Notice.OVERDUE, Notice.DUE_CHANGED, Notice.RECALLED)


def timely(notice: Notice, request: Request, channel: Channel = Channel.EMAIL) -> bool:
    return is_timely(notice, request, today=TODAY, reminder_days=3, channel=channel)


def lent(due: date = TODAY, **facts: Any) -> Request:
    return a_request(status=Status.ON_LOAN, due=due, **facts)


@pytest.mark.parametrize("notice", Notice)
def test_every_notice_goes_by_letter(notice: Notice) -> None:
    assert Channel.EMAIL in channels(notice, calls=False, by_sms=False)


def test_a_library_with_a_gateway_texts_what_is_not_said_at_the_desk() -> None:
    by_sms = {notice for notice in Notice if Channel.SMS in channels(notice, calls=False, by_sms=True)}

    assert set(Notice) - {Notice.HANDED_OVER} == by_sms


def test_a_desk_that_calls_its_patrons_does_so_beside_letters_and_texts() -> None:
    assert (Channel.EMAIL, Channel.SMS, Channel.CALL) == channels(Notice.ARRIVED, calls=True, by_sms=True)
    assert (Channel.EMAIL,) == channels(Notice.DUE_SOON, calls=True, by_sms=False)


def test_the_desks_policy_says_who_calls_and_the_home_library_who_texts() -> None:
    texting = {**LIBRARIES, BJTU: a_library(BJTU, by_sms=True)}
    journey = Journey(a_request(desk=PKU, holdings=held_by(SZUTL)), libraries=texting)
    at_pku = journey.hear(ReportedStatus.LOANED).do(Arrive())
    at_bjtu = journey_to(Status.ARRIVED)

    assert (Channel.EMAIL, Channel.SMS) == _channels(at_pku)
    assert (Channel.EMAIL, Channel.CALL) == _channels(at_bjtu)


def _channels(journey: Journey) -> tuple[Channel, ...]:
    (told,) = [effect for effect in journey.effects if isinstance(effect, SendNotice)]
    return told.channels


@pytest.mark.parametrize("status", BACK)
@pytest.mark.parametrize("notice", [Notice.ARRIVED, Notice.HOLD_ENDING, *OF_A_LOAN])
def test_no_reminder_is_true_when_the_book_is_back(notice: Notice, status: Status) -> None:
    request = a_request(status=status, due=TODAY, hold_until=TODAY, recalled_at=START)

    assert not timely(notice, request)


@pytest.mark.parametrize("left", range(-3, 6))
def test_a_loan_is_either_due_soon_or_overdue_or_neither(left: int) -> None:
    request = lent(TODAY + timedelta(days=left))

    assert (0 <= left <= 3, left < 0) == (timely(Notice.DUE_SOON, request), timely(Notice.OVERDUE, request))


@pytest.mark.parametrize("notice", [Notice.DUE_SOON, Notice.OVERDUE, Notice.DUE_CHANGED, Notice.RECALLED])
def test_nobody_is_asked_for_a_book_that_is_lost_or_has_no_date(notice: Notice) -> None:
    due = TODAY - timedelta(days=1) if notice is Notice.OVERDUE else TODAY
    request = lent(due, recalled_at=START)
    lost = replace(request, instants=replace(request.instants, lost_reported=START))

    assert timely(notice, request)
    assert not timely(notice, lost)
    assert not timely(notice, replace(request, due=None))


@pytest.mark.parametrize(
    ("notice", "request_", "expected"),
    [
        (Notice.ARRIVED, a_request(status=Status.NOTIFIED), True),
        (Notice.CONDITIONS, a_request(status=Status.CONDITIONAL), True),
        (Notice.CONDITIONS, a_request(status=Status.ACCEPTED), False),
        (Notice.UNFILLED, a_request(status=Status.CLOSED, outcome=Outcome.UNFILLED), True),
        (Notice.UNFILLED, a_request(status=Status.CLOSED, outcome=Outcome.CANCELLED), False),
        (Notice.HOLD_ENDING, a_request(status=Status.NOTIFIED, hold_until=TODAY), True),
        (Notice.HOLD_ENDING, a_request(status=Status.NOTIFIED, hold_until=date(2026, 3, 31)), False),
        (Notice.HOLD_ENDING, a_request(status=Status.NOTIFIED), False),
        (Notice.HOLD_ENDING, lent(hold_until=TODAY), False),
        (Notice.HOLD_EXPIRED, a_request(status=Status.RETURNED, outcome=Outcome.NOT_COLLECTED), True),
        (Notice.HOLD_EXPIRED, a_request(status=Status.RETURNED, outcome=Outcome.CANCELLED), False),
        (Notice.HANDED_OVER, lent(), True),
        (Notice.RECALLED, lent(), False),
        (Notice.ACCOUNT, a_request(status=Status.RETURNED), True),
        (Notice.ACCOUNT, lent(), False),
    ],
)
def test_a_notice_is_sent_while_it_is_true(notice: Notice, request_: Request, *, expected: bool) -> None:
    assert expected is timely(notice, request_)


def test_who_was_reached_need_not_be_called() -> None:
    told = [
        timely(Notice.ARRIVED, at_status(status), Channel.CALL)
        for status in (Status.ARRIVED, Status.NOTIFIED)
    ]

    assert [True, False] == told


@pytest.mark.parametrize(
    ("local", "expected"),
    [
        ("2026-03-02T08:00", "2026-03-02T08:00"),
        ("2026-03-02T20:59", "2026-03-02T20:59"),
        ("2026-03-02T21:00", "2026-03-03T08:00"),
        ("2026-03-02T23:59", "2026-03-03T08:00"),
        ("2026-03-03T00:00", "2026-03-03T08:00"),
        ("2026-03-03T07:59", "2026-03-03T08:00"),
    ],
)
def test_the_night_is_from_nine_to_eight_at_the_desk(local: str, expected: str) -> None:
    at, morning = (datetime.fromisoformat(text).replace(tzinfo=BEIJING) for text in (local, expected))

    assert morning == by_day(at.astimezone(UTC), BEIJING)


ZONES = st.sampled_from([BEIJING, ZoneInfo("Asia/Kolkata"), ZoneInfo("Europe/Berlin")])
INSTANTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - the strategy gives the zone


@given(at=INSTANTS, zone=ZONES)
def test_whatever_waits_is_sent_by_day_and_not_before_it_was_due(at: datetime, zone: ZoneInfo) -> None:
    found = by_day(at, zone)

    assert 8 <= found.astimezone(zone).hour < 21
    assert timedelta(0) <= found - at <= timedelta(hours=12)
    assert found == by_day(found, zone)


def test_a_late_return_is_told_with_its_fine_and_one_in_time_without() -> None:
    late, in_time = journey_to(Status.ON_LOAN, SZUTL), journey_to(Status.ON_LOAN, SZUTL)

    late.do(TakeBack(), timedelta(days=60))
    in_time.do(TakeBack(), timedelta(days=10))

    assert (1, 0) == (late.notices.count("account"), in_time.notices.count("account"))
