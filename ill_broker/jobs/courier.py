"""Empties the outbox with several hands; one partner that hangs keeps no hand from the others."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Event, Lock

import structlog

from ill_broker.services.delivery.delivery import Delivery
from ill_broker.storage.failures import Busy, StorageFailure
from ill_broker.storage.outbox import Entry
from workflows.ids import LibraryCode

_HANDS = 8
#: how many hands one library may keep busy; the mail server counts as one
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
            busy = [library for library, n in self._under_way.items() if n > 0]
        # All that is claimed at once may be for one library, which has no hand yet.
        limit = min(free, _HANDS_FOR_ONE)
        entries = self._claim(limit, busy) if limit > 0 else []
        for entry in entries:
            with self._lock:
                self._under_way[entry.library] += 1
            hands.submit(self._carry_out, entry)
        return len(entries)

    def _claim(self, limit: int, busy: list[LibraryCode | None]) -> list[Entry]:
        """Take what is due; nothing while the database is away."""
        try:
            return self._delivery.claim(self._now(), limit, not_for=busy)
        except Busy:
            return []
        except Exception:  # noqa: BLE001 - the job runner's edge
            _log.exception("the outbox could not be read")
            return []

    def _carry_out(self, entry: Entry) -> None:
        try:
            self._deliver(entry)
        except StorageFailure as error:
            _log.warning("delivery waits for the end of its lease", entry=entry.id, failure=repr(error))
        finally:
            with self._lock:
                self._under_way[entry.library] -= 1
            self._hand_free.set()

    def _deliver(self, entry: Entry) -> None:
        """Carry an entry out; when that breaks off it is put off at once, and need not wait for its lease."""
        try:
            self._delivery.deliver(entry, now=self._now())
        except Exception as error:  # noqa: BLE001 - the job runner's edge
            _log.exception("delivery broke off", entry=entry.id)
            self._delivery.broke_off(entry, error, now=self._now())
