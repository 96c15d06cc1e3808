"""What patrons were told of their requests, by which way, and what became of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ill_broker.services.delivery.patron_messages import LISTED, NO_GATEWAY, NOT_TIMELY
from ill_broker.services.refusals import Unknown
from ill_broker.storage import outbox
from ill_broker.storage import requests as request_rows
from ill_broker.storage.outbox import Entry, EntryState
from ill_broker.storage.records import from_dict
from ill_broker.storage.store import Store
from workflows.actors import Actor
from workflows.ids import RequestId
from workflows.requests.effects import Channel, Notice, SendNotice
from workflows.requests.permissions import Relation, relations

_MAY_SEE = frozenset({Relation.PATRON, Relation.DESK, Relation.OFFICE})
_SEES_FAILURES = frozenset({Relation.DESK, Relation.OFFICE})


class Fate(StrEnum):
    """What became of a notice."""

    WAITING = "waiting"
    SENT = "sent"
    #: the desk is to call
    LISTED = "listed"
    #: it would no longer have been true
    NOT_TIMELY = "not_timely"
    #: the library's patrons get texts, but nothing is set up to send them
    NO_GATEWAY = "no_gateway"
    #: nobody took it, and it is not tried again
    FAILED = "failed"


_FATES = {LISTED: Fate.LISTED, NOT_TIMELY: Fate.NOT_TIMELY, NO_GATEWAY: Fate.NO_GATEWAY}


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedNotice:
    """One notice on one channel."""

    notice: Notice
    channel: Channel
    fate: Fate
    ordered_at: datetime
    #: when that became of it; while it waits, when it is tried next
    at: datetime
    attempts: int
    #: what went wrong last, for those who may have to see to it
    failure: str | None


class NoticeLog:
    """Shows the notices of a request to its patron, the desk and the office."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def of_request(self, request_id: RequestId, actor: Actor) -> list[LoggedNotice]:
        """Return the notices of a request in the order in which they were decided on.

        :raises Unknown: if they do not exist for *actor*
        """
        with self._store.reading() as conn:
            request = request_rows.load(conn, request_id)
            mine = frozenset[Relation]() if request is None else relations(actor, request)
            if not mine & _MAY_SEE:
                raise Unknown
            entries = outbox.of_request(conn, request_id)
        tells = bool(mine & _SEES_FAILURES)
        return [_logged(entry, tells=tells) for entry in entries if entry.kind == "notice"]


def _logged(entry: Entry, *, tells: bool) -> LoggedNotice:
    effect = from_dict(SendNotice, entry.body)
    return LoggedNotice(
        notice=effect.notice,
        channel=effect.channels[0],
        fate=_fate(entry),
        ordered_at=entry.created_at,
        at=entry.done_at or entry.due_at,
        attempts=entry.attempts,
        failure=entry.last_failure if tells else None,
    )


def _fate(entry: Entry) -> Fate:
    match entry.state:
        case EntryState.WAITING | EntryState.LEASED:
            return Fate.WAITING
        case EntryState.DEAD:
            return Fate.FAILED
        case EntryState.DONE:
            return _FATES.get(entry.result, Fate.SENT)
