"""Names are looked up within a limit: the machine's resolver has none of ours, and tells nobody to hurry."""

from __future__ import annotations

import socket
from concurrent.futures import Future, ThreadPoolExecutor
from threading import BoundedSemaphore, Thread

#: Seconds that anybody waits for a name.
SECONDS = 3.0
#: Names that the machine is asked for at once; a resolver that hangs holds a thread for half a minute.
_AT_ONCE = 32
_free = BoundedSemaphore(_AT_ONCE)
#: Where those wait who hold up an event loop otherwise; its own, so that they take nobody else's threads.
BESIDE = ThreadPoolExecutor(16, thread_name_prefix="lookup")


def look_up(host: str, port: int) -> list[str]:
    """Return the addresses of *host* as the machine resolves it, whichever way it is spelt.

    :raises TimeoutError: if it takes longer than `SECONDS`
    :raises OSError: if the machine says that it has none
    """
    if not _free.acquire(timeout=SECONDS):
        raise TimeoutError("too many names are looked up")
    found: Future[list[str]] = Future()
    Thread(target=_resolve, args=(host, port, found), name="name", daemon=True).start()
    return found.result(SECONDS)


def _resolve(host: str, port: int, found: Future[list[str]]) -> None:
    try:
        told = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        found.set_result([str(where[0]) for *_, where in told])
    except (OSError, UnicodeError) as error:
        found.set_exception(error)
    finally:
        _free.release()
