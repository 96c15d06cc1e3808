"""Applies what partners have sent."""

from collections.abc import Callable
from datetime import datetime
from threading import Event

import structlog

from ill_broker.services.inbound import Inbound
from ill_broker.storage.failures import Busy

_BATCH = 50
_log = structlog.get_logger()


class Postman:
    """Takes stored messages in the order they came and applies each."""

    def __init__(self, inbound: Inbound, now: Callable[[], datetime], *, pause: float = 0.1) -> None:
        self._inbound = inbound
        self._now = now
        self._pause = pause

    def run(self, stop: Event) -> None:
        """Work until *stop* is set."""
        while not stop.is_set():
            try:
                applied = self.round()
            except Busy:
                applied = 0
            except Exception:
                _log.exception("a partner's message could not be applied")
                applied = 0
            if applied == 0:
                stop.wait(self._pause)

    def round(self) -> int:
        """Apply what is waiting and return how many messages that were."""
        messages = self._inbound.waiting(_BATCH)
        for message in messages:
            self._inbound.apply(message, now=self._now())
        return len(messages)
