"""How a view reaches the services, by their class, and the time."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TypeVar

from flask import Flask, current_app

_SERVICES, _NOW = "ill-broker.services", "ill-broker.now"
T = TypeVar("T")


def put_services(app: Flask, services: Iterable[object], now: Callable[[], datetime]) -> None:
    """Make *services* reachable from the views of *app*, each by its class or one that it derives from."""
    app.extensions[_SERVICES] = {
        kind: service for service in services for kind in type(service).__mro__ if kind is not object
    }
    app.extensions[_NOW] = now


def service(kind: type[T]) -> T:
    """Return the service of this class."""
    found = current_app.extensions[_SERVICES][kind]
    if not isinstance(found, kind):
        raise TypeError(kind.__name__)
    return found


def now() -> datetime:
    """Return the time by the service's clock."""
    told: datetime = current_app.extensions[_NOW]()
    return told
