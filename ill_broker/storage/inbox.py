"""What partners have sent: each message once, stored before it is looked at."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, false, func, or_, select, update

from ill_broker.storage.rows import inbox
from ill_broker.storage.statements import adding
from workflows.ids import LibraryCode, MessageId, RequestId

#: the status of a message by which a partner asks for a book
ASKING = "request"


class State(StrEnum):
    """How far a message has come."""

    WAITING = "waiting"
    APPLIED = "applied"
    #: authentic, but it cannot be applied yet
    QUARANTINED = "quarantined"
    #: it will never be applied; the reason says why
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message of a partner, as it came, and what became of it."""

    library: LibraryCode
    message_id: MessageId
    #: as it was signed
    body: str
    headers: Mapping[str, str] = field(default_factory=dict)
    received_at: datetime
    state: State = State.WAITING
    request_id: RequestId | None = None
    lender_request_id: str | None = None
    #: the status it reports, in the partner's word
    status: str | None = None
    occurred_at: datetime | None = None
    reason: str | None = None
    applied_at: datetime | None = None


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
    found = select(inbox).where(inbox.c.state == State.WAITING.value, asks if asking else ~asks)
    page = found.order_by(inbox.c.received_at, inbox.c.message_id).limit(limit)
    return [_message(row) for row in conn.execute(page.with_for_update(skip_locked=True))]


def mark(
    conn: Connection,
    message: Message,
    state: State,
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
            applied_at=now if state is State.APPLIED else None,
        )
    )
    return conn.execute(changed).rowcount == 1


def quarantined_for(
    conn: Connection,
    *,
    request_id: RequestId | None = None,
    library: LibraryCode | None = None,
    lender_request_id: str | None = None,
) -> list[Message]:
    """Return what waits for news of a request, named by our id, or by the lender's and the lender."""
    found = select(inbox).where(
        inbox.c.state == State.QUARANTINED.value, _about(request_id, library, lender_request_id)
    )
    return [_message(row) for row in conn.execute(found.order_by(inbox.c.received_at))]


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
        .where(inbox.c.state == State.QUARANTINED.value, _about(request_id, library, lender_request_id))
        .values(state=State.WAITING.value)
    )
    return conn.execute(again).rowcount


def release_since(conn: Connection, received_after: datetime) -> int:
    """Let everything quarantined that came after then be tried again, and return how many there are."""
    again = (
        update(inbox)
        .where(inbox.c.state == State.QUARANTINED.value, inbox.c.received_at > received_after)
        .values(state=State.WAITING.value)
    )
    return conn.execute(again).rowcount


def listed(
    conn: Connection,
    *,
    states: Collection[State] = (State.QUARANTINED, State.REFUSED),
    library: LibraryCode | None = None,
    before: datetime | None = None,
    limit: int = 100,
) -> list[Message]:
    """Return messages in these states, of one library or of all, received before then; the newest first."""
    found = select(inbox).where(inbox.c.state.in_([state.value for state in states]))
    if library is not None:
        found = found.where(inbox.c.library == library)
    if before is not None:
        found = found.where(inbox.c.received_at < before)
    return [_message(row) for row in conn.execute(found.order_by(inbox.c.received_at.desc()).limit(limit))]


def of_request(conn: Connection, request_id: RequestId) -> list[Message]:
    """Return every message about a request in the order they came."""
    found = select(inbox).where(inbox.c.request_id == request_id).order_by(inbox.c.received_at)
    return [_message(row) for row in conn.execute(found)]


def counts(conn: Connection) -> dict[State, int]:
    """Return how many messages are in each state but applied."""
    open_states = [state for state in State if state is not State.APPLIED]
    found = (
        select(inbox.c.state, func.count())
        .where(inbox.c.state != State.APPLIED.value)
        .group_by(inbox.c.state)
    )
    return dict.fromkeys(open_states, 0) | {State(state): count for state, count in conn.execute(found)}


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
    values = dict(row._mapping)  # noqa: SLF001  (SQLAlchemy's public name)
    return Message(**values | {"state": State(row.state)})
