"""What readers typed for their desk: the whole as JSON, and beside it the columns that it is found by."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, delete, exists, func, select, update

from ill_broker.storage.failures import NumberTaken, Stale
from ill_broker.storage.records import from_json, to_json
from ill_broker.storage.rows import requests
from ill_broker.storage.statements import adding
from ill_broker.storage.typed_rows import typed_requests as rows
from workflows.identifiers import fold
from workflows.ids import LibraryCode, PatronId, TypedRequestId
from workflows.requests.typed import TypedRequest, TypedStatus

_STATE = select(rows.c.state)
_IS_OPEN = rows.c.ended_at.is_(None)


def add(conn: Connection, typed: TypedRequest) -> None:
    """Add a new one.

    :raises NumberTaken: if another one bears its number, or a request does
    """
    is_borne = conn.execute(select(exists().where(requests.c.number == typed.number))).scalar_one()
    fixed = {"id": typed.id, "number": typed.number, "patron": typed.patron, "library": typed.library}
    added = adding(conn, rows, "number")
    if is_borne or conn.execute(added, fixed | _columns(typed)).rowcount == 0:
        raise NumberTaken(typed.number)


def save(conn: Connection, typed: TypedRequest) -> None:
    """Store what has become of one by its last change.

    :raises Stale: if it is no longer what it was before
    """
    changed = update(rows).where(rows.c.id == typed.id, rows.c.version == typed.version - 1)
    if conn.execute(changed.values(_columns(typed))).rowcount == 0:
        raise Stale(typed.id)


def load(conn: Connection, typed_id: TypedRequestId) -> TypedRequest | None:
    found = _many(conn, _STATE.where(rows.c.id == typed_id))
    return found[0] if found else None


def by_number(conn: Connection, number: str) -> TypedRequest | None:
    """Return the one with this number, however it is typed: ours are capitals."""
    found = _many(conn, _STATE.where(rows.c.number == fold(number).upper()))
    return found[0] if found else None


def open_of(conn: Connection, patron: PatronId) -> list[TypedRequest]:
    """Return those of the patron's that somebody still looks at."""
    return _many(conn, _STATE.where(rows.c.patron == patron, _IS_OPEN))


def of_patron(
    conn: Connection,
    patron: PatronId,
    *,
    statuses: Iterable[TypedStatus] = TypedStatus,
    after: TypedRequestId | None = None,
    limit: int,
) -> list[TypedRequest]:
    """Return a page of the patron's, newest first, from behind *after* on."""
    mine = _STATE.where(rows.c.patron == patron, rows.c.status.in_([each.value for each in statuses]))
    page = mine.order_by(rows.c.id.desc()).limit(limit)
    return _many(conn, page if after is None else page.where(rows.c.id < after))


def at_desk(
    conn: Connection,
    library: LibraryCode,
    *,
    statuses: Iterable[TypedStatus] = TypedStatus,
    after: TypedRequestId | None = None,
    limit: int,
) -> list[TypedRequest]:
    """Return a page of what the library's desk looks at, the longest waiting first, behind *after*."""
    here = _STATE.where(rows.c.library == library, rows.c.status.in_([each.value for each in statuses]))
    page = here.order_by(rows.c.id).limit(limit)
    return _many(conn, page if after is None else page.where(rows.c.id > after))


def count_waiting(conn: Connection, library: LibraryCode) -> int:
    """Return how many the library's desk has to look at."""
    waits = (rows.c.library == library) & (rows.c.status == TypedStatus.WAITING.value)
    return conn.execute(select(func.count()).select_from(rows).where(waits)).scalar_one()


def overdue(conn: Connection, now: datetime, limit: int) -> list[TypedRequest]:
    """Return those whose time is up and that nobody has ended, the oldest first."""
    return _many(conn, _STATE.where(_IS_OPEN, rows.c.until <= now).order_by(rows.c.until).limit(limit))


def forget(conn: Connection, patron: PatronId) -> None:
    """Leave nothing of somebody who is forgotten."""
    conn.execute(delete(rows).where(rows.c.patron == patron))


def forget_ended(conn: Connection, *, before: datetime) -> int:
    """Delete those that came to their end before then, and return how many that were."""
    return conn.execute(delete(rows).where(rows.c.ended_at < before)).rowcount


def _many(conn: Connection, statement: Select[str]) -> list[TypedRequest]:
    return [from_json(TypedRequest, state) for state in conn.execute(statement).scalars()]


def _columns(typed: TypedRequest) -> dict[str, Any]:
    """Return the columns that may change."""
    return {
        "status": typed.status.value,
        "until": typed.until,
        "ended_at": typed.ended_at,
        "version": typed.version,
        "state": to_json(typed),
    }
