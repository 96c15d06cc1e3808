"""Who works and who waits: few work at once, and who waits for a member makes room for another."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from ill_broker.storage.failures import Busy

#: threads of one process that work at once: more of them only take the interpreter from each other
WORKING = 2
#: threads of one process that may wait for members at once
WAITING = 16
#: that may wait for the same one, so that a silent member does not fill the room
FOR_THE_SAME = 4
_COME_AGAIN_SECONDS = 5


class Crowded(Busy):
    """There is no room for another who waits; ``retry_after`` seconds later there may be."""

    def __init__(self, what: str, retry_after: int = _COME_AGAIN_SECONDS) -> None:
        super().__init__(what)
        self.retry_after = retry_after


class Places:
    """The places of one process: at work, and in the room where they sit who wait for a member."""

    def __init__(self, *, working: int = WORKING, waiting: int = WAITING) -> None:
        #: so many threads always leave one for every place at work
        self.threads = working + waiting
        self._seats = waiting
        self._work = threading.Semaphore(working)
        self._own = threading.local()
        self._waiting: Counter[str] = Counter()
        self._lock = threading.Lock()

    @contextmanager
    def working(self) -> Iterator[None]:
        """Take a place at work, as soon as there is one."""
        with self._work:
            self._own.is_at_work = True
            try:
                yield
            finally:
                self._own.is_at_work = False

    @contextmanager
    def waiting(self, for_whom: str, *, at_once: int = FOR_THE_SAME) -> Iterator[None]:
        """Wait for somebody, while another has the place at work.

        :raises Crowded: if too many wait already, for anybody or for the same
        """
        self._sit_down(for_whom, at_once)
        at_work = getattr(self._own, "is_at_work", False)
        if at_work:
            self._work.release()
        try:
            yield
        finally:
            self._stand_up(for_whom)
            if at_work:
                self._work.acquire()

    def _sit_down(self, for_whom: str, at_once: int) -> None:
        with self._lock:
            if self._waiting.total() >= self._seats or self._waiting[for_whom] >= at_once:
                raise Crowded(f"too many wait: {for_whom}")
            self._waiting[for_whom] += 1

    def _stand_up(self, for_whom: str) -> None:
        with self._lock:
            self._waiting[for_whom] -= 1
            self._waiting += Counter()  # forgets whom nobody waits for
