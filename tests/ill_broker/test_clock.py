from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from ill_broker.clock import FileClock, ScriptedClock, SystemClock, now, set_clock

REAL = datetime(2026, 11, 22, 12, tzinfo=UTC)
TOLD = datetime(2026, 3, 2, 8, tzinfo=timezone(timedelta(hours=8)))


def test_the_system_clock_tells_the_real_time_in_utc() -> None:
    before, told, after = now(), SystemClock().now(), now()

    assert before <= told <= after
    assert told.tzinfo is UTC


def test_a_scripted_clock_passes_a_day_in_a_second() -> None:
    clock = ScriptedClock(REAL, TOLD, 86_400, lambda: REAL + timedelta(seconds=2))

    assert datetime(2026, 3, 4, 0, tzinfo=UTC) == clock.now()
    assert clock.now().tzinfo is UTC


def test_processes_with_the_same_values_agree() -> None:
    def later() -> datetime:
        return REAL + timedelta(seconds=7)

    assert ScriptedClock(REAL, TOLD, 3600.0, later).now() == ScriptedClock(REAL, TOLD, 3600.0, later).now()


def test_a_scripted_clock_reads_the_real_time_by_itself() -> None:
    clock = ScriptedClock(now(), TOLD, 1.0)

    assert TOLD <= clock.now() < TOLD + timedelta(minutes=5)


@pytest.mark.parametrize(
    ("real", "told", "speed"),
    [
        (REAL.replace(tzinfo=None), TOLD, 1.0),
        (REAL, TOLD.replace(tzinfo=None), 1.0),
        (REAL, TOLD, 0.0),
        (REAL, TOLD, -1),
    ],
)
def test_a_clock_without_sense_is_refused(real: datetime, told: datetime, speed: float) -> None:
    with pytest.raises(ValueError):
        ScriptedClock(real, told, speed)


def test_clocks_on_one_file_show_what_it_was_set_to(tmp_path: Path) -> None:
    path = tmp_path / "clock.json"
    set_clock(path, TOLD)
    one, other = FileClock(path), FileClock(path)

    assert TOLD <= one.now() <= other.now() < TOLD + timedelta(minutes=1)
    for days in range(1, 20):
        set_clock(path, TOLD + timedelta(days=days))
        assert TOLD + timedelta(days=days) <= one.now() < TOLD + timedelta(days=days, minutes=1)
    assert other.now() >= TOLD + timedelta(days=19)


def test_a_clock_on_a_file_runs_at_the_speed_it_was_set_to(tmp_path: Path) -> None:
    path = tmp_path / "clock.json"
    set_clock(path, TOLD, speed=10_000_000.0)
    clock = FileClock(path)
    before = clock.now()

    assert clock.now() > before >= TOLD


def test_a_clock_without_its_file_tells_no_time(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        FileClock(tmp_path / "missing.json").now()
