from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from ill_broker.storage import tallies
from ill_broker.storage.failures import LimitHit
from ill_broker.storage.store import Store


def used(store: Store, key: str) -> int:
    with store.reading() as conn:
        return tallies.read(conn, [key])[key]


def test_a_limit_is_reached_and_not_passed(store: Store) -> None:
    with store.writing() as conn:
        tallies.take(conn, {"cards": 2})
        tallies.take(conn, {"cards": 2})
    with pytest.raises(LimitHit) as hit, store.writing() as conn:
        tallies.take(conn, {"cards": 2})

    assert hit.value.key == "cards"
    assert used(store, "cards") == 2


@pytest.mark.parametrize("ceiling", [0, -1])
def test_of_nothing_nobody_takes_the_first(store: Store, ceiling: int) -> None:
    with pytest.raises(LimitHit), store.writing() as conn:
        tallies.take(conn, {"cards": ceiling})

    assert used(store, "cards") == 0


def test_without_a_ceiling_there_is_always_one_more(store: Store) -> None:
    with store.writing() as conn:
        for _ in range(5):
            tallies.take(conn, {"cards": None})

    assert used(store, "cards") == 5


def test_several_are_taken_at_once_each_below_its_own_ceiling(store: Store) -> None:
    with store.writing() as conn:
        tallies.take(conn, {"b": 2, "a": None, "c": 1})
        tallies.take(conn, {"a": None, "b": 2})

        assert {"a": 2, "b": 2, "c": 1} == tallies.read(conn, ["a", "b", "c"])


def test_of_several_the_one_that_is_full_is_named_and_none_is_taken(store: Store) -> None:
    with store.writing() as conn:
        tallies.take(conn, {"a": 5, "b": 1})
    with pytest.raises(LimitHit) as hit, store.writing() as conn:
        tallies.take(conn, {"a": 5, "b": 1, "c": 5})

    assert hit.value.key == "b"
    assert [1, 1, 0] == [used(store, key) for key in "abc"]


def test_what_was_given_back_can_be_taken_again(store: Store) -> None:
    with store.writing() as conn:
        tallies.take(conn, {"cards": 1})
        tallies.give_back(conn, "cards")
        tallies.take(conn, {"cards": 1})

    assert used(store, "cards") == 1


def test_there_are_never_less_than_none(store: Store) -> None:
    with store.writing() as conn:
        tallies.give_back(conn, "cards")
        tallies.take(conn, {"cards": None})
        tallies.give_back(conn, "cards")
        tallies.give_back(conn, "cards")

    assert used(store, "cards") == 0


def test_all_that_is_asked_for_is_told(store: Store) -> None:
    with store.writing() as conn:
        tallies.take(conn, {"a": None})
    with store.reading() as conn:
        assert {"a": 1, "b": 0} == tallies.read(conn, ["a", "b"])
        assert {} == tallies.read(conn, [])


def test_thirty_two_at_once_do_not_pass_the_limit(database_url: str) -> None:
    many = Store.open(database_url, threads=32)
    all_are_here = threading.Barrier(32)

    def take(_: int) -> bool:
        all_are_here.wait(60)
        try:
            with many.writing() as conn:
                tallies.take(conn, {"crowd": 5})
        except LimitHit:
            return False
        return True

    with ThreadPoolExecutor(32) as pool:
        taken = sum(pool.map(take, range(32)))
    with many.writing() as conn:
        left = tallies.read(conn, ["crowd"])["crowd"]
        for _ in range(left):
            tallies.give_back(conn, "crowd")
    many.close()

    assert (taken, left) == (5, 5)
