"""Has somebody look at what partners said and could not be applied."""

from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection

from ill_broker.services.requests.door import Requests
from ill_broker.storage import inbox
from ill_broker.storage.inbox import Message
from ill_broker.storage.store import Store
from workflows.actors import SYSTEM
from workflows.ids import RequestId
from workflows.requests.message_commands import RecordSetAside
from workflows.requests.request import Request

#: what comes too early is waited for so long before anybody is bothered
_PATIENCE = timedelta(hours=1)
_BATCH = 200
_log = structlog.get_logger()


def raise_attention(store: Store, requests: Requests, now: datetime) -> int:
    """Mark the requests that set-aside messages are about, each message once, and return how many."""
    with store.reading() as conn:
        found = inbox.unseen(conn, quarantined_before=now - _PATIENCE, limit=_BATCH)
    return sum(_raised(requests, message, now) for message in found)


def _raised(requests: Requests, message: Message, now: datetime) -> bool:
    """Mark the request of one; false if that broke off, so that it is left for the next time."""

    def noted(conn: Connection, _: Request) -> None:
        inbox.raised(conn, message, now=now)

    told = RecordSetAside(library=message.library, message=message.message_id)
    try:
        requests.handle(RequestId(message.request_id or ""), told, SYSTEM, now=now, also=noted)
    except Exception:  # noqa: BLE001 - the job runner's edge
        _log.exception("nobody could be told of a message", message=message.message_id)
        return False
    return True
