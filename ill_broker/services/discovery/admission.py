"""Which searches a process runs: as many as it has room for; some wait in a queue, and beyond that none."""

import asyncio
import math
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from ill_broker.services.places import Crowded

#: seconds between two looks at how far the event loop lags
_BEAT = 0.05
#: the longest that anybody is told to stay away, in seconds
_LONGEST = 60
#: how much one more search counts for the pace at which searches are let in
_NEWEST = 0.2


@dataclass(frozen=True, slots=True)
class Room:
    """How much one process runs at once, and how many wait."""

    #: calls of members in flight, each a connection; a search with more of them runs alone
    calls: int = 512
    #: seconds that the event loop may lag before nobody else is let in: what has come would be read too late
    lag: float = 0.2
    #: searches that wait, and for how many seconds
    queue: int = 64
    patience: float = 10.0


class Admission:
    """Lets searches in, in the order in which they came."""

    def __init__(self, room: Room, *, seconds: float) -> None:
        """Begin with nobody inside.

        :param seconds: how long a search may take
        """
        self.room = room
        self._queue: deque[Turn] = deque()
        self._inside: set[Turn] = set()
        self._in_flight = 0
        self._lag = 0.0
        self._pace, self._let_in_at = seconds, time.monotonic()
        self._beating: asyncio.Task[None] | None = None
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

    def watch(self) -> None:
        """Look at the event loop at hand as long as anybody is inside."""
        if self._beating is None or self._beating.done():
            self._beating = asyncio.create_task(self._beat())

    async def _beat(self) -> None:
        while self._inside or self._queue:
            began = time.monotonic()
            await asyncio.sleep(_BEAT)
            with self._lock:
                self._lag = time.monotonic() - began - _BEAT
                self._let_in()
        self._lag = 0.0

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
        return self._in_flight + calls <= self.room.calls and self._lag <= self.room.lag


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
        self._admission.watch()
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
