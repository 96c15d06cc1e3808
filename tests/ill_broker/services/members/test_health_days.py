"""Connectors' days: counted in memory, written together, read by day, and forgotten."""

from __future__ import annotations

from datetime import date, timedelta

from connectors.failures import Unreachable
from ill_broker.services.members.connector_health import PartnerHealth, call
from ill_broker.services.members.health_days import SHOWN, ConnectorDay, HealthDays
from ill_broker.storage import connector_days
from ill_broker.storage.failures import Busy
from ill_broker.storage.store import Store
from ill_broker.storage.terms import tidy
from ill_broker.texts.health_chart import as_picture
from tests.factories import DAY, PKU, START

TODAY = START.date()


def count(days: HealthDays, *took: int | None, failed: bool = False) -> None:
    for each in took:
        days.count("pku", "sru", failed=failed, milliseconds=each, now=START)


def stored(store: Store, since: date = date.min) -> int:
    with store.reading() as conn:
        return sum(one.calls for one in connector_days.of(conn, PKU, since=since))


def test_calls_of_two_processes_are_added_up_by_day_with_the_wait_of_half_of_them(store: Store) -> None:
    one, other = HealthDays(store), HealthDays(store)
    count(one, 40, 180, None)
    count(other, 150, 90_000)
    count(other, 900, failed=True)
    one.write()

    assert [
        ConnectorDay(connector="sru", day=TODAY, calls=6, failures=1, median_milliseconds=200)
    ] == other.of(PKU, START)
    assert [] == other.of(PKU, START + SHOWN * DAY)


def test_nothing_is_written_a_call_but_once_a_minute(store: Store) -> None:
    seconds = [0.0]
    days = HealthDays(store, timer=lambda: seconds[0])
    count(days, 1, 1)
    days.write_in_time()
    before = stored(store)
    seconds[0] = 61.0
    days.write_in_time()

    assert (0, 2) == (before, stored(store))


def test_what_cannot_be_written_now_is_kept_for_the_next_time(store: Store) -> None:
    days = HealthDays(store)
    count(days, 1)
    whole = store.write

    def busy(*_: object, **__: object) -> None:
        raise Busy("others write")

    store.write = busy  # type: ignore[assignment,method-assign]  # as a database that is full is
    days.write()
    store.write = whole  # type: ignore[method-assign]
    count(days, 1)
    days.write()

    assert 2 == stored(store)


def test_each_call_that_is_noted_is_counted_and_a_month_later_forgotten(store: Store) -> None:
    health = PartnerHealth(store)
    failure = Unreachable("pku", "ConnectError")
    health.note([call("pku", "sru", milliseconds=70), call("pku", "sru", failure)], now=START)
    (day,) = health.days.of(PKU, START)
    with store.writing() as conn:
        tidy(conn, START + 31 * DAY)
    there = stored(store)
    with store.writing() as conn:
        tidy(conn, START + 33 * DAY)

    assert (2, 1, 100) == (day.calls, day.failures, day.median_milliseconds)
    assert (2, 0) == (there, stored(store))


def test_a_month_is_drawn_a_bar_a_day_with_what_failed_in_it() -> None:
    counts = {TODAY: (10, 5), TODAY - timedelta(days=1): (1, 0), TODAY - timedelta(days=99): (500, 0)}
    drawn = as_picture(counts, today=TODAY, language="en")

    assert 'height="100" fill="#9cc3d1"' in drawn
    assert 'height="50" fill="#a3321f"' in drawn
    assert ">10</text>" in drawn
    assert 4 == drawn.count('fill="#9cc3d1"') + drawn.count('fill="#a3321f"') - 1
