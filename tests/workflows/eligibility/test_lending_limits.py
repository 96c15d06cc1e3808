"""What a library's own desk says against being asked."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from tests.factories import a_citation
from workflows.eligibility.lending_limits import why_not
from workflows.libraries import LendingLimits
from workflows.reasons import Refusal

TODAY = date(2026, 3, 2)


def told(limits: LendingLimits, asked_today: int = 0, **cited: Any) -> list[str]:
    return list(why_not(limits, a_citation(**cited), today=TODAY, asked_today=asked_today))


@pytest.mark.parametrize(("days", "paused"), [(None, True), (1, True), (0, True), (-1, False)])
def test_a_pause_lasts_through_its_last_day(days: int | None, *, paused: bool) -> None:
    until = None if days is None else TODAY + timedelta(days=days)

    assert ([Refusal.DOES_NOT_LEND_NOW] if paused else []) == told(
        LendingLimits(paused=True, paused_until=until)
    )
    assert [] == told(LendingLimits(paused_until=until))


def test_a_day_brings_no_more_than_the_desk_wants() -> None:
    assert [[], [Refusal.DAILY_LIMIT]] == [told(LendingLimits(daily_most=2), asked) for asked in (1, 2)]
    assert [] == told(LendingLimits(), 1000)


@pytest.mark.parametrize(
    ("typed", "is_meant"),
    [
        ("978-7-02-000220-7", True),
        ("9787020008735", False),
        ("《紅樓夢》", True),
        ("红楼", False),
        ("红楼梦 上", False),
        ("", False),
    ],
)
def test_a_title_is_withheld_by_isbn_or_name(typed: str, *, is_meant: bool) -> None:
    assert is_meant is bool(told(LendingLimits(withheld=("别的书", typed))))


def test_one_volume_may_be_withheld_alone() -> None:
    withheld = LendingLimits(withheld=("红楼梦 上",))

    assert [Refusal.TITLE_WITHHELD] == told(withheld, volume="上")
    assert [] == told(withheld, volume="下")
