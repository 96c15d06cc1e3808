"""Rings the alarms of requests: whatever waits longer than it may is seen to."""

from datetime import datetime

import structlog

from ill_broker.services.requests import Requests
from ill_broker.storage import requests as request_rows
from ill_broker.storage.store import Store
from workflows.actors import SYSTEM
from workflows.commands import Ring
from workflows.ids import RequestId

_BATCH = 200
_log = structlog.get_logger()


def ring_alarms(store: Store, requests: Requests, now: datetime) -> int:
    """Ring every alarm that has come and return how many; a request that fails keeps no other waiting."""
    rung = 0
    failed: set[RequestId] = set()
    while True:
        with store.reading() as conn:
            due = request_rows.with_alarm_before(conn, now, _BATCH + len(failed))
        fresh = [request_id for request_id in due if request_id not in failed]
        if not fresh:
            return rung
        failed |= {request_id for request_id in fresh if not _ring(requests, request_id, now)}
        rung += len(set(fresh) - failed)


def _ring(requests: Requests, request_id: RequestId, now: datetime) -> bool:
    """Ring one alarm; false if it still rings, so that it is left for the next time."""
    try:
        alarm = requests.handle(request_id, Ring(), SYSTEM, now=now).alarm
    except Exception:  # noqa: BLE001 - the job runner's edge
        _log.exception("an alarm could not be rung", request=request_id)
        return False
    return alarm is None or alarm.at > now
