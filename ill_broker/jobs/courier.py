"""Empties the outbox with several hands; one partner that hangs keeps no hand from the others."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from threading import Event, Lock

import structlog

from ill_broker.services.delivery import Delivery
from ill_broker.storage.failures import Busy
from ill_broker.storage.outbox import Entry
from workflows.ids import LibraryCode

_HANDS = 8
#: how many hands one library may keep busy
_HANDS_FOR_ONE = 2
_log = structlog.get_logger()


class Courier:
    """Takes what is due and carries it out, until it is told to stop."""

    def __init__(self, delivery: Delivery, now: Callable[[], datetime], *, pause: float = 0.1) -> None:
        self._delivery = delivery
        self._now = now
        self._pause = pause
        self._under_way: Counter[LibraryCode | None] = Counter()
        self._lock = Lock()
        self._hand_free = Event()

    def run(self, stop: Event) -> None:
        """Work until *stop* is set; what is under way then is finished."""
        with ThreadPoolExecutor(_HANDS, thread_name_prefix="courier") as hands:
            while not stop.is_set():
                self._hand_free.clear()
                if self.round(hands) == 0:
                    self._hand_free.wait(self._pause)

    def round(self, hands: ThreadPoolExecutor) -> int:
        """Give every free hand something to do and return how many got something."""
        with self._lock:
            free = _HANDS - self._under_way.total()
            busy = [library for library, n in self._under_way.items() if library and n >= _HANDS_FOR_ONE]
        if free <= 0:
            return 0
        try:
            entries = self._delivery.claim(self._now(), free, not_for=busy)
        except Busy:
            return 0
        for entry in entries:
            with self._lock:
                self._under_way[entry.library] += 1
            hands.submit(self._delivery.deliver, entry, now=self._now()).add_done_callback(self._after(entry))
        return len(entries)

    def _after(self, entry: Entry) -> Callable[[Future[None]], None]:
        def done(future: Future[None]) -> None:
            with self._lock:
                self._under_way[entry.library] -= 1
            self._hand_free.set()
            error = future.exception()
            if error is not None:
                _log.error("delivery broke off; its lease will run out", entry=entry.id, exc_info=error)

        return done
