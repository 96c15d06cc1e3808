"""Counts the limits for which requests are refused: nothing else of a refused request is kept."""

import time
from collections import Counter
from collections.abc import Callable, Iterable
from functools import partial
from threading import Lock

import structlog

from ill_broker.storage.failures import StorageFailure
from ill_broker.storage.limit_reports import Refused, add_refused
from ill_broker.storage.store import Store

#: how long what was counted may wait for more, so that a flood of refusals is no flood of writes
SECONDS = 5.0
_log = structlog.get_logger("ill_broker.refused")


class RefusedCounts:
    """Writes at once what is refused once in a while, and together what is refused in between.

    What waits is written with the next refusal, and lost with the process: these are figures for reports,
    of which a few may be missing. There are no more of them than libraries and limits, however many wait.
    """

    def __init__(self, store: Store, *, timer: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._timer = timer
        self._lock = Lock()
        self._waiting = Counter[Refused]()
        self._rests_until = 0.0

    def note(self, refused: Iterable[Refused]) -> None:
        """Count what stood against one request; nobody is told if that cannot be written."""
        with self._lock:
            self._waiting.update(refused)
            now = self._timer()
            if not self._waiting or now < self._rests_until:
                return
            self._rests_until = now + SECONDS
            told, self._waiting = self._waiting, Counter()
        try:
            self._store.write(partial(add_refused, counted=told))
        except StorageFailure as error:
            _log.warning("refusals not counted yet", reason=str(error))
            with self._lock:
                self._waiting.update(told)
