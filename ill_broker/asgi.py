"""What the server serves: ``ill_broker.asgi:front``, in a process that ends with the one that started it."""

import multiprocessing
import os
from multiprocessing.connection import wait
from threading import Thread

from ill_broker.app import create_app
from ill_broker.services.places import Places
from ill_broker.settings import read_settings
from ill_broker.web.front import Front
from ill_broker.wiring import open_clock, open_services


def _end_with(parent: int) -> None:
    """End at once when *parent* has: nobody would start another in our place, or end us."""
    wait([parent])
    os._exit(1)


_parent = multiprocessing.parent_process()
if _parent is not None:
    Thread(target=_end_with, args=(_parent.sentinel,), daemon=True).start()
_settings = read_settings(serving=True)
_clock = open_clock(_settings)
_places = Places()
_app = create_app(_settings, open_services(_settings, _clock, _places), now=_clock.now)
front = Front(_app, _places)
