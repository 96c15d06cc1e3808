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
from workflows.requests.commands import Command
from workflows.requests.events import CancellationRequested
from workflows.requests.permissions import Relation, relations
from workflows.requests.request import Request
from workflows.requests.requester_messages import News, news


@dataclass(frozen=True, slots=True, kw_only=True)
class _Order:
    """What an entry of the outbox keeps of a message."""

    their_id: str
    ours: RequestId | None = None
    news: News


def tell(
    conn: Connection,
    before: Request | None,
    after: Request,
    actor: Actor,
    command: Command | None,
    *,
    now: datetime,
    heard_at: datetime | None = None,
) -> None:
    """Order that the partner who made this request is told what a decision has changed for it.

    :param command: None for the request itself
    """
    if not after.by_partner:
        return
    link = partner_requests.newest(conn, after.id)
    if link is None:
        raise LookupError(after.id)
    is_theirs = actor.role is Role.PARTNER and Relation.REQUESTER in relations(actor, after)
    said = news(
        before,
        after,
        changed=now,
        asked=command.step if command is not None and is_theirs else None,
        cancels=after.cancellation_requested is not None and _has_cancelled(conn, after),
    )
    if said is not None:
        message_id = f"{after.id}.{after.version}.news"
        written = heard_at or now
        order(conn, after.home, link.their_id, said, message_id=message_id, now=written, ours=after.id)


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


def _has_cancelled(conn: Connection, request: Request) -> bool:
    """Tell whether it is the partner's system that gave the request up, and waits for an answer."""
    asked = [
        recorded.actor.role
        for recorded in event_rows.all_of(conn, request.id)
        if isinstance(recorded.event, CancellationRequested)
    ]
    return bool(asked) and asked[-1] is Role.PARTNER
