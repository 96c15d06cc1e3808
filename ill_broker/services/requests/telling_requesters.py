"""Tells partners' systems where the requests stand that they have made for their own patrons."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from connectors import ports
from connectors.failures import Unreachable
from connectors.partner_ports import TellRequester
from ill_broker.storage import events as event_rows
from ill_broker.storage import outbox, partner_requests
from ill_broker.storage.outbox import Entry
from ill_broker.storage.records import from_dict, to_dict
from workflows.actors import Actor, Role
from workflows.ids import LibraryCode, RequestId
from workflows.requests.events import CancellationRequested
from workflows.requests.permissions import Relation, relations
from workflows.requests.request import Request
from workflows.requests.requester_messages import News


@dataclass(frozen=True, slots=True, kw_only=True)
class _Order:
    """What an entry of the outbox keeps of a message."""

    their_id: str
    ours: RequestId | None = None
    news: News


def tell(conn: Connection, request: Request, said: News, *, now: datetime) -> None:
    """Order that the partner who made this request is told what a decision has changed for it."""
    link = partner_requests.newest(conn, request.id)
    if link is None:
        raise LookupError(request.id)
    message_id = f"{request.id}.{request.version}.news"
    order(conn, request.home, link.their_id, said, message_id=message_id, now=now, ours=request.id)


def order(
    conn: Connection,
    library: LibraryCode,
    their_id: str,
    said: News,
    *,
    message_id: str,
    now: datetime,
    ours: RequestId | None = None,
) -> None:
    """Put a message to a partner's system into the outbox; one of this name that is there already stays."""
    entry = Entry(
        id=f"{message_id}:{outbox.REQUESTER}",
        kind=outbox.REQUESTER,
        request_id=ours,
        library=library,
        body=to_dict(_Order(their_id=their_id, ours=ours, news=said)),
        created_at=now,
        due_at=now,
    )
    outbox.add(conn, [entry])


def deliver(entry: Entry, registry: ports.Registry) -> None:
    """Carry an entry out.

    :raises PartnerFailure: if the partner did not take it, or may not have
    """
    library = entry.library or LibraryCode("")
    requester = registry.connectors(library).requester
    if requester is None:
        raise Unreachable(library, "its system cannot be told where its requests stand")
    kept = from_dict(_Order, entry.body)
    message = TellRequester(
        message_id=entry.id.removesuffix(f":{entry.kind}"),
        at=entry.created_at,
        request_id=kept.their_id,
        our_request_id=kept.ours,
        news=kept.news,
    )
    requester.tell(message)


def moves(actor: Actor, request: Request) -> bool:
    """Tell whether *actor* is the system that made this request."""
    return actor.role is Role.PARTNER and Relation.REQUESTER in relations(actor, request)


def waits_for_answer(conn: Connection, request: Request) -> bool:
    """Tell whether it is the partner's system that gave the request up, and waits for an answer."""
    if request.cancellation_requested is None:
        return False
    asked = [
        recorded.actor.role
        for recorded in event_rows.all_of(conn, request.id)
        if isinstance(recorded.event, CancellationRequested)
    ]
    return bool(asked) and asked[-1] is Role.PARTNER
