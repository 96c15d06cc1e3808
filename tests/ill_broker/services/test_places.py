"""Few work at once; whoever waits for a member makes room for another, and the room for that is small."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from threading import Event

import pytest

from ill_broker.services.places import Crowded, Places

PATIENCE = 20.0


def test_whoever_waits_leaves_the_place_at_work_to_another() -> None:
    places, answered = Places(working=1, waiting=1), Event()

    def asks_a_member() -> bool:
        with places.working(), places.waiting("szutl"):
            return answered.wait(PATIENCE)

    def works() -> None:
        with places.working():
            answered.set()

    with ThreadPoolExecutor(places.threads) as threads:
        asking, _ = threads.submit(asks_a_member), threads.submit(works)

        assert asking.result()


def test_no_more_work_at_once_than_there_are_places_even_after_waiting() -> None:
    places, at_work, most = Places(working=2, waiting=6), [0], [0]

    def works(number: int) -> None:
        with places.working():
            for _ in range(20):
                with places.waiting(str(number)):
                    pass
                at_work[0] += 1
                most[0] = max(most[0], at_work[0])
                at_work[0] -= 1

    with ThreadPoolExecutor(places.threads) as threads:
        for _ in threads.map(works, range(6)):
            pass

    assert most[0] <= 2


@pytest.mark.parametrize("name", [lambda number: f"member {number}", lambda _: "the same"])
def test_who_finds_no_room_is_refused_and_told_when_to_come_again(name: Callable[[int], str]) -> None:
    places = Places(working=1, waiting=3)
    with ExitStack() as waiting:
        for number in range(3):
            waiting.enter_context(places.waiting(name(number), at_once=3))
        with pytest.raises(Crowded) as refused, places.waiting(name(3), at_once=3):
            pass

    assert refused.value.retry_after > 0
    with places.waiting(name(3), at_once=1):
        pass


def test_a_silent_member_does_not_fill_the_room() -> None:
    places = Places(waiting=5)
    with ExitStack() as waiting:
        for _ in range(4):
            waiting.enter_context(places.waiting("szutl"))
        with pytest.raises(Crowded), places.waiting("szutl"):
            pass
        with places.waiting("nlc"):
            pass
