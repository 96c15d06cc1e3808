"""When to try again: twice as long each time, and as long as a partner asks for, an hour at most."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from ill_broker.services.delivery.back_off import back_off

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("attempts", "asked", "seconds"),
    [(1, None, 2), (2, None, 4), (11, None, 2048), (12, None, 3600), (1, 90, 90), (3, 1, 8), (1, 1e9, 3600)],
)
def test_the_wait_after_some_attempts(attempts: int, asked: float | None, seconds: float) -> None:
    assert timedelta(seconds=seconds) == back_off(attempts, asked_to_wait=asked)


@given(some.integers(1, 10_000), some.none() | some.floats(0, 1e12))
def test_no_wait_is_shorter_than_the_one_before_or_longer_than_an_hour(
    attempts: int, asked: float | None
) -> None:
    wait = back_off(attempts, asked_to_wait=asked)

    assert back_off(1) <= wait <= back_off(attempts + 1, asked_to_wait=asked) <= HOUR
