"""How many searches a process runs at once, and what is said to those that it cannot run."""

import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from ill_broker.services.places import Crowded


class Gate:
    """Lets a number of searches in at once; who is not let in is told when to come again."""

    def __init__(self, places: int, seconds: float) -> None:
        self._places, self._seconds = places, seconds
        self._ends: dict[object, float] = {}
        self._lock = threading.Lock()

    def enter(self) -> Callable[[], None]:
        """Take a place and return what gives it back.

        :raises Crowded: if there is none
        """
        ticket, now = object(), time.monotonic()
        with self._lock:
            if len(self._ends) >= self._places:
                raise Crowded("too many searches at once", max(1, math.ceil(min(self._ends.values()) - now)))
            self._ends[ticket] = now + self._seconds
        return partial(self._leave, ticket)

    @contextmanager
    def inside(self) -> Iterator[None]:
        leave = self.enter()
        try:
            yield
        finally:
            leave()

    def _leave(self, ticket: object) -> None:
        with self._lock:
            self._ends.pop(ticket, None)
