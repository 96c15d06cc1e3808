"""What the server serves: ``ill_broker.asgi:front``, in a process that ends with the one that started it."""

import multiprocessing
import os
import socket
import time
from contextlib import suppress
from multiprocessing.connection import wait
from pathlib import Path
from threading import Thread

from ill_broker.app import create_app
from ill_broker.services.places import Places
from ill_broker.settings import read_settings
from ill_broker.web.front import SECONDS, Front
from ill_broker.wiring import open_clock, open_services, warm_up

#: what this process has open
_OPEN = Path("/proc/self/fd")
#: seconds within which a server listens; where none does by itself, as below a foreign one, nothing is set
_STARTING = 120.0


def _end_with(parent: int) -> None:
    """End at once when *parent* has: nobody would start another in our place, or end us."""
    wait([parent])
    os._exit(1)


def _end_with_who_takes_nothing() -> None:
    """Let the kernel end the connections of those who take nothing of an answer for so long.

    Nobody else would: the application has handed the end of it over, and the server waits for room. A
    connection has what its listening socket has, and the server makes that one itself, a moment from now.
    """
    ends = time.monotonic() + _STARTING
    while time.monotonic() < ends and not any(_is_set(int(one.name)) for one in _OPEN.iterdir()):
        time.sleep(0.01)


def _is_set(descriptor: int) -> bool:
    """Set it where this is a socket that listens, and tell whether it is one."""
    with suppress(OSError):  # it is no socket, or none any more
        found = socket.socket(fileno=descriptor)
        try:
            listens = found.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN) == 1
            if listens:
                found.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, round(SECONDS * 1000))
            return listens
        finally:
            found.detach()
    return False


_parent = multiprocessing.parent_process()
if _parent is not None:
    Thread(target=_end_with, args=(_parent.sentinel,), daemon=True).start()
if hasattr(socket, "TCP_USER_TIMEOUT") and _OPEN.is_dir():
    Thread(target=_end_with_who_takes_nothing, daemon=True).start()
_settings = read_settings(serving=True)
_clock = open_clock(_settings)
_places = Places()
_services = open_services(_settings, _clock, _places)
Thread(target=warm_up, args=(_services, _clock), daemon=True).start()
_app = create_app(_settings, _services, now=_clock.now)
if _settings.demonstration:
    from ill_broker.demo.stage import set_stage

    set_stage(_app, Path(_settings.demonstration))
front = Front(_app, _places)
