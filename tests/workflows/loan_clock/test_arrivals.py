"""A book on the road is expected between the day after it was sent and the last that is allowed for."""

from datetime import UTC, date, datetime

import pytest

from tests.workflows.books import builtin
from workflows.loan_clock.arrivals import Between, on_the_road

#: in the afternoon of Tuesday, 1 December
SENT = datetime(2026, 12, 1, 7, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        (1, Between(date(2026, 12, 2), date(2026, 12, 5))),
        (4, Between(date(2026, 12, 4), date(2026, 12, 5))),
        (5, Between(date(2026, 12, 5), date(2026, 12, 5))),
        (6, None),
    ],
)
def test_the_first_day_moves_with_today_and_the_last_stays(today: int, expected: Between | None) -> None:
    policy = builtin().policy("szutl")

    assert 4 == policy.clock.outbound_days
    assert expected == on_the_road(policy, SENT, datetime(2026, 12, today, 8, 0, tzinfo=UTC))
