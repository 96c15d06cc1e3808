"""The few connections a library's system allows us, lent to one caller at a time."""

from __future__ import annotations

import threading
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from connectors.failures import Unreachable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from connectors.sip2.connection import Connection


class Pool:
    """Keeps at most *size* connections; one that failed its borrower is not kept."""

    def __init__(
        self, library: str, connect: Callable[[], Connection], *, size: int, patience: float
    ) -> None:
        """Prepare; nothing is connected yet.

        :param patience: seconds a caller waits for another to finish
        """
        self._library = library
        self._connect = connect
        self._patience = patience
        self._free = threading.BoundedSemaphore(size)
        self._lock = threading.Lock()
        self._idle: list[Connection] = []

    @contextmanager
    def lent(self, *, new: bool = False) -> Iterator[Connection]:
        """Lend a connection; a *new* one, if those that have idled are not to be trusted.

        :raises Unreachable: if none is free in time, or none can be made
        """
        if not self._free.acquire(timeout=self._patience):
            raise Unreachable(self._library, "all connections are busy")
        try:
            if new:
                self.close()
            connection = self._rested() or self._connect()
            with ExitStack() as failed:
                failed.callback(connection.close)
                yield connection
                failed.pop_all()
            connection.has_idled = True
            with self._lock:
                self._idle.append(connection)
        finally:
            self._free.release()

    def _rested(self) -> Connection | None:
        while True:
            with self._lock:
                if not self._idle:
                    return None
                connection = self._idle.pop()
            if connection.is_open():
                return connection
            connection.close()

    def close(self) -> None:
        """Close the connections that nobody uses."""
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()
