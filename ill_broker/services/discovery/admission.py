"""Which searches a process runs: as many as it has room for; some wait in a queue, and beyond that none."""

import asyncio
import math
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from ill_broker.services.discovery.fan_out import READING_SECONDS
from ill_broker.services.places import Crowded

#: the longest that anybody is told to stay away, in seconds
_LONGEST = 60
#: how much one more search counts for the pace at which searches are let in
_NEWEST = 0.2


@dataclass(frozen=True, slots=True)
class Room:
    """How much one process runs at once, and how many wait."""

    #: calls of members in flight, each a connection; a search with more of them runs alone
    calls: int = 512
    #: seconds that reading the answers to them may take: as long as what came in time is read afterwards
    reading: float = READING_SECONDS
    #: searches that wait, and for how many seconds
    queue: int = 64
    patience: float = 10.0


class Admission:
    """Lets searches in, in the order in which they came."""

    def __init__(self, room: Room, *, seconds: float, pace: Callable[[], float]) -> None:
        """Begin with nobody inside.

        :param seconds: how long a search may take
        :param pace: in how many seconds an answer is read
        """
        self.room = room
        self._pace_of_reading = pace
        self._queue: deque[Turn] = deque()
        self._inside: set[Turn] = set()
        self._in_flight = 0
        self._pace, self._let_in_at = seconds, time.monotonic()
        self._lock = threading.RLock()

    def enter(self, calls: int) -> "Turn":
        """Return a turn for a search that asks so many members; it may have come already.

        :raises Crowded: if too many wait
        """
        with self._lock:
            has_room = not self._queue and self._has_room(calls)
            if not has_room and len(self._queue) >= self.room.queue:
                wait = math.ceil(self._pace * (len(self._queue) + 1))
                raise Crowded("too many searches at once", min(max(1, wait), _LONGEST))
            turn = Turn(self, calls)
            self._queue.append(turn)
            self._let_in()
            return turn

    def place(self, turn: "Turn") -> int:
        """Return a turn's place in the queue; 0 once it has come, or is over."""
        with self._lock:
            return self._queue.index(turn) + 1 if turn in self._queue else 0

    def free(self, turn: "Turn", calls: int, *, leaves: bool = False) -> None:
        """Take note that so many calls are over, and that the search is if it leaves."""
        with self._lock:
            if turn in self._inside:
                self._in_flight -= calls
            if leaves:
                self._inside.discard(turn)
            if has_left := leaves and turn in self._queue:
                self._queue.remove(turn)
            self._let_in(have_left=has_left)

    def _let_in(self, *, have_left: bool = False) -> None:
        have_moved = have_left
        while self._queue and self._has_room(self._queue[0].calls):
            turn = self._queue.popleft()
            self._inside.add(turn)
            self._in_flight += turn.calls
            now = time.monotonic()
            if turn.has_waited:
                self._pace += _NEWEST * (now - self._let_in_at - self._pace)
            self._let_in_at = now
            turn.moved()
            have_moved = True
        for turn in self._queue if have_moved else ():
            turn.moved()

    def _has_room(self, calls: int) -> bool:
        if not self._inside:
            return True
        most = min(self.room.calls, self.room.reading / self._pace_of_reading())
        return self._in_flight + calls <= most


class Turn:
    """The turn of one search."""

    def __init__(self, admission: Admission, calls: int) -> None:
        self.calls = calls
        self.has_waited = False
        self._admission = admission
        self._left = calls
        self._ring: Callable[[], object] = lambda: None

    @property
    def place(self) -> int:
        return self._admission.place(self)

    async def comes(self, told: Callable[[int], object]) -> None:
        """Wait for the turn; *told* hears each place in the queue.

        :raises TimeoutError: if nobody could be let in for too long
        """
        bell = asyncio.Event()
        self._ring = partial(asyncio.get_running_loop().call_soon_threadsafe, bell.set)
        async with asyncio.timeout(self._admission.room.patience):
            while place := self.place:
                self.has_waited = True
                told(place)
                await bell.wait()
                bell.clear()

    def answered(self) -> None:
        """Take note that one of the calls is over."""
        if self._left:
            self._left -= 1
            self._admission.free(self, 1)

    def leave(self) -> None:
        """End it, whether it has come or not."""
        left, self._left = self._left, 0
        self._admission.free(self, left, leaves=True)

    def moved(self) -> None:
        self._ring()
