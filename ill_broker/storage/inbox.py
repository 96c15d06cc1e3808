"""What partners have sent: each message once, stored before it is looked at."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, delete, false, func, or_, select, update

from ill_broker.storage.rows import inbox, requests
from ill_broker.storage.statements import adding
from workflows.ids import LibraryCode, MessageId, RequestId

#: the status of a message by which a partner asks for a book
ASKING = "request"


class MessageState(StrEnum):
    """How far a message has come."""

    WAITING = "waiting"
    APPLIED = "applied"
    #: authentic, but it cannot be applied yet
    QUARANTINED = "quarantined"
    #: it will never be applied; the reason says why
    REFUSED = "refused"


#: what waits for somebody to look at it
SET_ASIDE = (MessageState.QUARANTINED, MessageState.REFUSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message of a partner, as it came, and what became of it."""

    library: LibraryCode
    message_id: MessageId
    #: as it was signed
    body: str
    headers: Mapping[str, str] = field(default_factory=dict)
    received_at: datetime
    state: MessageState = MessageState.WAITING
    request_id: RequestId | None = None
    lender_request_id: str | None = None
    #: the status it reports, in the partner's word
    status: str | None = None
    occurred_at: datetime | None = None
    reason: str | None = None
    applied_at: datetime | None = None
    #: the short number of the request, where messages are listed
    number: str | None = None


_FIELDS = tuple(each.name for each in fields(Message))


def put(conn: Connection, message: Message) -> bool:
    """Store a message; false if the library has sent one of this id before, which then stays as it was."""
    return conn.execute(adding(conn, inbox, "library", "message_id"), _columns(message)).rowcount == 1


def find(conn: Connection, library: LibraryCode, message_id: MessageId) -> Message | None:
    row = conn.execute(select(inbox).where(_is(library, message_id))).one_or_none()
    return None if row is None else _message(row)


def waiting(conn: Connection, limit: int, *, asking: bool = False) -> list[Message]:
    """Return messages to be applied, the longest waiting first: those that ask for a book, or all others.

    Nobody else is given them before this transaction ends; on SQLite, and after it, ``mark`` with
    *was* tells who was first.
    """
    asks = inbox.c.status.is_not_distinct_from(ASKING)
    found = select(inbox).where(inbox.c.state == MessageState.WAITING.value, asks if asking else ~asks)
    page = found.order_by(inbox.c.received_at, inbox.c.message_id).limit(limit)
    return [_message(row) for row in conn.execute(page.with_for_update(skip_locked=True))]


def mark(
    conn: Connection,
    message: Message,
    state: MessageState,
    *,
    now: datetime,
    reason: str | None = None,
    request_id: RequestId | None = None,
) -> bool:
    """Note what became of a message; false if it is no longer in the state that *message* shows.

    The request it turned out to be about is kept with it.
    """
    changed = (
        update(inbox)
        .where(_is(message.library, message.message_id), inbox.c.state == message.state.value)
        .values(
            state=state.value,
            reason=reason,
            request_id=request_id or message.request_id,
            applied_at=now if state is MessageState.APPLIED else None,
        )
    )
    return conn.execute(changed).rowcount == 1


def release(
    conn: Connection,
    request_id: RequestId,
    *,
    library: LibraryCode | None = None,
    lender_request_id: str | None = None,
) -> int:
    """Let quarantined messages about a request be tried again, and return how many there are."""
    again = (
        update(inbox)
        .where(
            inbox.c.state == MessageState.QUARANTINED.value, _about(request_id, library, lender_request_id)
        )
        .values(state=MessageState.WAITING.value)
    )
    return conn.execute(again).rowcount


def release_since(conn: Connection, received_after: datetime) -> int:
    """Let everything quarantined that came after then be tried again, and return how many there are."""
    again = (
        update(inbox)
        .where(inbox.c.state == MessageState.QUARANTINED.value, inbox.c.received_at > received_after)
        .values(state=MessageState.WAITING.value)
    )
    return conn.execute(again).rowcount


def listed(
    conn: Connection,
    *,
    states: Collection[MessageState] = SET_ASIDE,
    library: LibraryCode | None = None,
    concerns: LibraryCode | None = None,
    request_id: RequestId | None = None,
    about: Collection[RequestId] | None = None,
    before: datetime | None = None,
    limit: int = 100,
) -> list[Message]:
    """Return messages in these states received before then, newest first.

    :param library: only what this library said
    :param concerns: only what this library said, or what is about a request at its desk
    :param about: only what is about one of these requests
    """
    found = _in(states, concerns, inbox, requests.c.number)
    if library is not None:
        found = found.where(inbox.c.library == library)
    if about is not None:
        found = found.where(inbox.c.request_id.in_(about))
    if request_id is not None:
        found = found.where(inbox.c.request_id == request_id)
    if before is not None:
        found = found.where(inbox.c.received_at < before)
    newest = found.order_by(inbox.c.received_at.desc(), inbox.c.library, inbox.c.message_id).limit(limit)
    return [_message(row) for row in conn.execute(newest)]


def count_set_aside(conn: Connection, *, concerns: LibraryCode) -> int:
    """Count what was set aside that this library said, or that is about a request at its desk."""
    return int(conn.execute(_in(SET_ASIDE, concerns, func.count())).scalar_one())


def _in(
    states: Collection[MessageState], concerns: LibraryCode | None, *what: Any
) -> Select[*tuple[Any, ...]]:
    joined = inbox.outerjoin(requests, requests.c.id == inbox.c.request_id)
    found = select(*what).select_from(joined).where(inbox.c.state.in_([state.value for state in states]))
    if concerns is None:
        return found
    return found.where(or_(inbox.c.library == concerns, requests.c.desk == concerns))


def unseen(conn: Connection, *, quarantined_before: datetime, limit: int) -> list[Message]:
    """Return what is refused, or long quarantined, and nobody was told to look at, of requests we know."""
    lies = or_(
        inbox.c.state == MessageState.REFUSED.value,
        (inbox.c.state == MessageState.QUARANTINED.value) & (inbox.c.received_at < quarantined_before),
    )
    found = select(inbox).where(lies, inbox.c.request_id.is_not(None), inbox.c.raised_at.is_(None))
    return [_message(row) for row in conn.execute(found.order_by(inbox.c.received_at).limit(limit))]


def raised(conn: Connection, message: Message, *, now: datetime) -> None:
    """Note that somebody was told to look at a message."""
    noted = update(inbox).where(_is(message.library, message.message_id)).values(raised_at=now)
    conn.execute(noted)


def forget(conn: Connection, *, applied_before: datetime, set_aside_before: datetime) -> int:
    """Delete what was applied, or received and set aside, before then; return how many messages that were."""
    applied = (inbox.c.state == MessageState.APPLIED.value) & (inbox.c.applied_at < applied_before)
    aside = inbox.c.state.in_([state.value for state in SET_ASIDE])
    over = or_(applied, aside & (inbox.c.received_at < set_aside_before))
    return conn.execute(delete(inbox).where(over)).rowcount


def counts(conn: Connection) -> dict[MessageState, int]:
    """Return how many messages are in each state but applied."""
    open_states = [state for state in MessageState if state is not MessageState.APPLIED]
    found = (
        select(inbox.c.state, func.count())
        .where(inbox.c.state != MessageState.APPLIED.value)
        .group_by(inbox.c.state)
    )
    return dict.fromkeys(open_states, 0) | {
        MessageState(state): count for state, count in conn.execute(found)
    }


def _is(library: LibraryCode, message_id: MessageId) -> ColumnElement[bool]:
    return (inbox.c.library == library) & (inbox.c.message_id == message_id)


def _about(
    request_id: RequestId | None, library: LibraryCode | None, lender_request_id: str | None
) -> ColumnElement[bool]:
    ways: list[ColumnElement[bool]] = [false()]
    if request_id is not None:
        ways.append(inbox.c.request_id == request_id)
    if library is not None and lender_request_id is not None:
        ways.append((inbox.c.library == library) & (inbox.c.lender_request_id == lender_request_id))
    return or_(*ways)


def _columns(message: Message) -> dict[str, Any]:
    return {
        "library": message.library,
        "message_id": message.message_id,
        "body": message.body,
        "headers": dict(message.headers),
        "received_at": message.received_at,
        "state": message.state.value,
        "request_id": message.request_id,
        "lender_request_id": message.lender_request_id,
        "status": message.status,
        "occurred_at": message.occurred_at,
        "reason": message.reason,
        "applied_at": message.applied_at,
    }


def _message(row: Row[Any]) -> Message:
    known = row._mapping  # noqa: SLF001  (SQLAlchemy's public name)
    values = {name: known[name] for name in _FIELDS if name in known}
    return Message(**values | {"state": MessageState(row.state)})
