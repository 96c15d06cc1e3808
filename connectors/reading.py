"""Answers that have come are read one after the other, and between two of them others can come."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

#: Seconds that an answer takes before any was read, and how much the last one counts from then on.
_FIRST, _NEWEST = 0.005, 0.1
_SHORTEST = 0.0001


class _Desk:
    """Where the answers of one event loop are read."""

    def __init__(self) -> None:
        self.turn = asyncio.Lock()
        self.waiting: set[asyncio.Task[Any] | None] = set()
        self.pace = _FIRST


_desks: WeakKeyDictionary[asyncio.AbstractEventLoop, _Desk] = WeakKeyDictionary()


@asynccontextmanager
async def in_turn() -> AsyncIterator[None]:
    """Read what has come when it is its turn: reading takes long, and meanwhile nothing else is taken in."""
    desk, task = _desk(asyncio.get_running_loop()), asyncio.current_task()
    desk.waiting.add(task)
    try:
        async with desk.turn:
            await asyncio.sleep(0)
            began = time.perf_counter()
            yield
            took = time.perf_counter() - began
            desk.pace = max(_SHORTEST, desk.pace + _NEWEST * (took - desk.pace))
    finally:
        desk.waiting.discard(task)


def has_come(task: asyncio.Task[Any]) -> bool:
    """Tell whether the answer for which a task asked has come, and only has to be read."""
    return task in _desk(task.get_loop()).waiting


def pace(loop: asyncio.AbstractEventLoop) -> float:
    """Return in how many seconds an answer is read on an event loop, by those that were read last."""
    return _desk(loop).pace


def _desk(loop: asyncio.AbstractEventLoop) -> _Desk:
    return _desks.setdefault(loop, _Desk())
