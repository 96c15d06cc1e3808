"""What has happened to each request: only ever added to."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import (
    CompoundSelect,
    Connection,
    Row,
    bindparam,
    cast,
    insert,
    literal,
    null,
    select,
    union_all,
)
from sqlalchemy.types import Text

from ill_broker.storage.columns import UTCDateTime
from ill_broker.storage.records import from_json, to_json
from ill_broker.storage.rows import events, requests
from workflows.actors import Actor, Role
from workflows.ids import LibraryCode, RequestId
from workflows.requests.events import Event
from workflows.requests.request import Request

Kind = TypeVar("Kind")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """An event in its place, with who brought it about."""

    #: the first one is 1
    seq: int
    #: when we heard of it; the event knows when it happened
    received_at: datetime
    actor: Actor
    event: Event


def append(conn: Connection, request_id: RequestId, recorded: Sequence[Recorded]) -> None:
    """Add events to a request, whose row is there already."""
    if recorded:
        conn.execute(_APPEND, [_columns(request_id, each) for each in recorded])


def all_of(conn: Connection, request_id: RequestId) -> list[Recorded]:
    """Return the events of a request in their order."""
    return [_recorded(row) for row in conn.execute(_ALL, {"of_id": request_id})]


def with_request(conn: Connection, request_id: RequestId) -> tuple[Request, tuple[Recorded, ...]] | None:
    """Return a request and its events, read by one query."""
    rows = conn.execute(_WITH_REQUEST, {"of_id": request_id}).all()
    if not rows:
        return None
    return from_json(Request, rows[0].body), tuple(_recorded(row) for row in rows[1:])


def of_type(
    conn: Connection, request_ids: Collection[RequestId], kind: type[Kind]
) -> list[tuple[RequestId, Kind]]:
    """Return the events of one kind of several requests, each with its request, in their order."""
    found = select(events.c.request_id, events.c.body).where(
        events.c.request_id.in_(request_ids), events.c.type == kind.__name__
    )
    rows = conn.execute(found.order_by(events.c.request_id, events.c.seq))
    return [(RequestId(row.request_id), from_json(kind, row.body)) for row in rows]


def _columns(request_id: RequestId, recorded: Recorded) -> dict[str, Any]:
    return {
        "request_id": request_id,
        "seq": recorded.seq,
        "type": type(recorded.event).__name__,
        "at": recorded.event.at,
        "received_at": recorded.received_at,
        "actor_role": recorded.actor.role.value,
        "actor_id": recorded.actor.id,
        "actor_library": recorded.actor.library,
        "body": to_json(recorded.event),
    }


def _recorded(row: Row[*tuple[Any, ...]]) -> Recorded:
    library = None if row.actor_library is None else LibraryCode(row.actor_library)
    return Recorded(
        seq=row.seq,
        received_at=row.received_at,
        actor=Actor(Role(row.actor_role), row.actor_id, library),
        event=from_json(Event, row.body),  # type: ignore[arg-type]  # a union is no class to mypy
    )


_TOLD = (events.c.seq, events.c.received_at, events.c.actor_role, events.c.actor_id, events.c.actor_library)
_APPEND = insert(events)
_ALL = select(*_TOLD, events.c.body).where(events.c.request_id == bindparam("of_id")).order_by(events.c.seq)
#: the request itself stands where the event number 0 would
_WITH_REQUEST: CompoundSelect[*tuple[Any, ...]] = union_all(
    select(
        literal(0).label("seq"),
        cast(null(), UTCDateTime).label("received_at"),
        *(cast(null(), Text).label(name) for name in ("actor_role", "actor_id", "actor_library")),
        requests.c.state.label("body"),
    ).where(requests.c.id == bindparam("of_id")),
    select(*_TOLD, events.c.body).where(events.c.request_id == bindparam("of_id")),
).order_by("seq")
