"""Rings the alarms of requests: whatever waits longer than it may is seen to."""

from datetime import datetime

import structlog

from ill_broker.services.requests import Requests
from ill_broker.storage import requests as request_rows
from ill_broker.storage.store import Store
from workflows.actors import SYSTEM
from workflows.commands import Ring

_BATCH = 200
_log = structlog.get_logger()


def ring_alarms(store: Store, requests: Requests, now: datetime) -> int:
    """Ring every alarm that has come and return how many; a request that fails keeps no other from its turn."""
    rung = 0
    while True:
        with store.reading() as conn:
            due = request_rows.with_alarm_before(conn, now, _BATCH)
        done = 0
        for request_id in due:
            try:
                requests.handle(request_id, Ring(), SYSTEM, now=now)
                done += 1
            except Exception:
                _log.exception("an alarm could not be rung", request=request_id)
        rung += done
        if done < _BATCH:
            return rung
