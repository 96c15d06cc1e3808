"""Applies what partners have sent."""

from collections.abc import Callable
from datetime import datetime
from threading import Event

import structlog

from ill_broker.services.partners.inbound import Inbound
from ill_broker.storage.failures import Busy, Uncertain
from ill_broker.storage.inbox import Message

_BATCH = 50
_log = structlog.get_logger()


class Postman:
    """Takes stored messages in the order they came and applies each.

    What asks for a book is searched for at the members, which may take as long as a search does: one
    postman sees to that alone, so that nobody's report waits for it.
    """

    def __init__(
        self, inbound: Inbound, now: Callable[[], datetime], *, pause: float = 0.1, asking: bool = False
    ) -> None:
        self._inbound = inbound
        self._now = now
        self._pause = pause
        self._asking = asking

    def run(self, stop: Event) -> None:
        """Work until *stop* is set."""
        while not stop.is_set():
            try:
                applied = self.round()
            except Busy:
                applied = 0
            except Exception:  # noqa: BLE001 - the job runner's edge
                _log.exception("the inbox could not be read")
                applied = 0
            if applied == 0:
                stop.wait(self._pause)

    def round(self) -> int:
        """Apply what is waiting and return how many messages that were; one that breaks holds up no other."""
        return sum(self._apply(message) for message in self._inbound.waiting(_BATCH, asking=self._asking))

    def _apply(self, message: Message) -> bool:
        """Apply a message; false if the database was in the way, so that its turn comes again."""
        now = self._now()
        try:
            self._inbound.apply(message, now=now)
        except (Busy, Uncertain):
            return False
        except Exception:  # noqa: BLE001 - the job runner's edge
            _log.exception("a partner's message could not be applied", message=message.message_id)
            self._inbound.quarantine(message, "could not be applied", now=now)
        return True
