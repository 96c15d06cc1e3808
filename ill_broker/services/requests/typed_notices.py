"""Letters to readers about what they typed: how they come into the outbox, and whether they make sense."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from ill_broker.storage import people, typed_requests
from ill_broker.storage.outbox import Entry, partner_of
from workflows.ids import TypedRequestId
from workflows.patrons import Patron
from workflows.requests.effects import Channel
from workflows.requests.typed import NOTICE_IN, TypedNotice, TypedRequest

#: the kind of the outbox entry; its body is typed_request, notice, channel
KIND = "typed_notice"


@dataclass(frozen=True, slots=True)
class TypedNews:
    """A notice with what it tells of."""

    notice: TypedNotice
    typed: TypedRequest
    patron: Patron
    channel: Channel


def orders(typed: TypedRequest, now: datetime, *, by_sms: bool) -> list[Entry]:
    """Return the entries that tell how it stands now; none where nobody has to be told."""
    notice = NOTICE_IN.get(typed.status)
    if notice is None:
        return []
    return [
        Entry(
            id=f"{typed.id}:{typed.version}:{KIND}:{channel}",
            kind=KIND,
            library=partner_of(channel),
            body={"typed_request": typed.id, "notice": notice.value, "channel": channel.value},
            created_at=now,
            due_at=now,
        )
        for channel in ((Channel.EMAIL, Channel.SMS) if by_sms else (Channel.EMAIL,))
    ]


def news(conn: Connection, entry: Entry) -> TypedNews | None:
    """Return what an entry tells; None if that is not so any more, or its reader is forgotten."""
    typed = typed_requests.load(conn, TypedRequestId(entry.body["typed_request"]))
    patron = None if typed is None else people.patron(conn, typed.patron)
    if typed is None or patron is None or not patron.email:
        return None
    notice = TypedNotice(entry.body["notice"])
    if NOTICE_IN.get(typed.status) is not notice:
        return None
    return TypedNews(notice, typed, patron, Channel(entry.body["channel"]))
