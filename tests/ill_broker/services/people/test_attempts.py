"""Attempts are counted once, however many processes count them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from ill_broker.jobs.tidy import tidy
from ill_broker.services.people.attempts import Attempts, Limit
from ill_broker.services.refusals import TooOften
from ill_broker.storage import attempts
from ill_broker.storage.store import Store

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
LETTERS = Limit("letters", 5, timedelta(hours=1))


def test_of_many_tries_at_once_in_two_processes_five_are_let_through(store: Store, database_url: str) -> None:
    other = Store.open(database_url)
    counters = [Attempts(store), Attempts(other)]

    def attempt(number: int) -> bool:
        try:
            counters[number % 2].begin("stf_1", "203.0.113.9", now=NOW)
        except TooOften:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        let_through = sum(pool.map(attempt, range(24)))
    other.close()

    assert 5 == let_through


def test_letters_are_counted_by_the_hour(store: Store) -> None:
    counter, refused = Attempts(store), []
    for minutes in (0, 10, 20, 30, 40, 50, 59, 60, 61):
        try:
            counter.count(LETTERS, "wang@example.org", now=NOW + timedelta(minutes=minutes))
        except TooOften as error:
            refused.append((minutes, error.facts["retry_after"]))

    assert [(50, 600), (59, 60)] == refused


def test_what_was_tried_is_forgotten_after_its_time(store: Store) -> None:
    Attempts(store).begin("stf_1", "203.0.113.9", now=NOW)
    tidy(store, NOW + timedelta(days=1))
    with store.writing() as conn:
        assert 0 == attempts.forget(conn, now=NOW + timedelta(days=800))
