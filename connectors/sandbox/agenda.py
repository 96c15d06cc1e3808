"""What a sandbox library will do, and when; and the clock it tells others."""

from __future__ import annotations

import heapq
import itertools
import json
import threading
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Action = Callable[[], None]


class SandboxClock:
    """The time that reports tell of, moved as far as somebody asked for, and the one that signatures bear."""

    def __init__(
        self, real: Callable[[], datetime] | None = None, told: Callable[[], datetime] | None = None
    ) -> None:
        self.real = real or (lambda: datetime.now(UTC))
        self._told = told or self.real
        self._moved = timedelta()

    def now(self) -> datetime:
        return self._told() + self._moved

    def set(self, now: datetime) -> None:
        self._moved = now - self._told()


def scripted_time(path: Path, real: Callable[[], datetime] | None = None) -> Callable[[], datetime]:
    """Return what tells the time that the clock in *path* shows, however often it is set."""

    def now() -> datetime:
        script = json.loads(path.read_text(encoding="utf-8"))
        passed = (real() if real else datetime.now(UTC)) - datetime.fromisoformat(script["real"])
        return datetime.fromisoformat(script["scripted"]).astimezone(UTC) + passed * float(script["speed"])

    return now


class Agenda:
    """Actions in the order of their time, done one after the other by `run`."""

    def __init__(self, time_of: Callable[[], float] = time.monotonic) -> None:
        self._time_of = time_of
        self._order = itertools.count()
        self._entries: list[tuple[float, int, Action]] = []
        self._changed = threading.Condition()
        self._closed = False

    def add(self, delay: float, action: Action) -> None:
        """Have *action* done in *delay* seconds."""
        with self._changed:
            heapq.heappush(self._entries, (self._time_of() + delay, next(self._order), action))
            self._changed.notify()

    def run_due(self) -> int:
        """Do everything that is due by now, and return how much it was."""
        done = 0
        while (action := self._pop_due()) is not None:
            action()
            done += 1
        return done

    def run(self) -> None:
        """Do everything when it is due, until closed."""
        while self._wait():
            self.run_due()

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify()

    def _wait(self) -> bool:
        """Return when something is due, and say so; False once closed."""
        with self._changed:
            while not self._closed:
                wait = self._entries[0][0] - self._time_of() if self._entries else None
                if wait is not None and wait <= 0:
                    return True
                self._changed.wait(wait)
            return False

    def _pop_due(self) -> Action | None:
        with self._changed:
            if self._closed or not self._entries or self._entries[0][0] > self._time_of():
                return None
            return heapq.heappop(self._entries)[2]
