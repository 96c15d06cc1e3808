"""Single days of a calendar: closing one and opening it again is as if nothing had been done."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from workflows.policies.calendar_days import closed_days, day_changes, runs, toggled

FIRST = date(2026, 5, 1)
DAYS = st.frozensets(st.integers(0, 40).map(lambda number: FIRST + timedelta(days=number)), max_size=12)
WORKERS = {"from": "2026-05-01", "to": "2026-05-05", "label": {"zh": "劳动节", "en": "Labour Day"}}


def a_calendar(**more: Any) -> dict[str, Any]:
    return {"id": "sample", "closures": [WORKERS], **more}


def test_a_day_in_the_middle_of_a_closure_opens_and_its_name_stays_on_both_sides() -> None:
    changed = toggled(a_calendar(), {date(2026, 5, 3)})

    assert [("2026-05-01", "2026-05-02"), ("2026-05-04", "2026-05-05")] == [
        (row["from"], row["to"]) for row in changed["closures"]
    ]
    assert all(row["label"] == WORKERS["label"] for row in changed["closures"])


def test_days_that_follow_one_another_close_as_one() -> None:
    changed = toggled(a_calendar(), {date(2026, 6, 1), date(2026, 6, 2), date(2026, 6, 4)})

    assert [
        WORKERS,
        {"from": "2026-06-01", "to": "2026-06-02"},
        {"from": "2026-06-04", "to": "2026-06-04"},
    ] == (changed["closures"])


def test_a_day_that_is_closed_has_no_hours_of_its_own_any_more() -> None:
    extra = [{"date": "2026-06-06", "hours": ["09:00-12:00"]}, {"date": "2026-06-07", "hours": []}]
    changed = toggled(a_calendar(extra_open=extra), {date(2026, 6, 6)})

    assert extra[1:] == changed["extra_open"]


@given(closed=DAYS, clicked=DAYS)
def test_the_same_clicks_twice_change_nothing(closed: frozenset[date], clicked: frozenset[date]) -> None:
    calendar = toggled({"id": "sample"}, closed)
    once = toggled(calendar, clicked)

    assert set(closed) ^ set(clicked) == set(closed_days(once))
    assert set(closed_days(toggled(once, clicked))) == set(closed)


def test_what_differs_is_told_by_runs_of_days_and_by_part() -> None:
    changes = day_changes(
        a_calendar(), toggled(a_calendar(sample=True), {date(2026, 5, 5), date(2026, 6, 1)})
    )

    assert (((date(2026, 6, 1),) * 2,), ((date(2026, 5, 5),) * 2,), ("sample",)) == (
        changes.closed,
        changes.opened,
        changes.others,
    )
    assert [] == list(runs(()))
