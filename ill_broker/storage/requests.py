"""Requests: the whole record as JSON, and beside it the columns that it is found by."""

import json
from collections.abc import Iterable
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Select,
    Text,
    bindparam,
    literal_column,
    or_,
    select,
    union_all,
    update,
)

from ill_broker.storage.failures import NumberTaken, Stale, Unreadable
from ill_broker.storage.records import from_dict, from_json, to_json
from ill_broker.storage.rows import lender_ids, requests
from ill_broker.storage.statements import adding
from workflows.identifiers import fold
from workflows.ids import LibraryCode, PatronId, RequestId
from workflows.requests.desk_lists import place
from workflows.requests.lifecycle import Outcome, Status
from workflows.requests.request import Request
from workflows.writing import fold as written

ALL = tuple(Status)

#: columns that never change once the request is there
_FIXED = ("id", "number", "patron", "home", "work_key", "created_at")


#: fields that no date and no fine depends on
_UNLOOKED = (
    "rota",
    "alarm",
    "attention",
    "compensation",
    "cases",
    "came_with",
    "hold_until",
    "due",
    "lender_due",
)


def insert(conn: Connection, request: Request, work_key: str) -> None:
    """Add a new request.

    :raises NumberTaken: if another one bears its number
    """
    values = _columns(request) | {
        "id": request.id,
        "number": request.number,
        "patron": request.patron,
        "home": request.home,
        "work_key": work_key,
        "created_at": request.instants.submitted,
    }
    if conn.execute(adding(conn, requests, "number"), values).rowcount == 0:
        raise NumberTaken(request.number)


def save(conn: Connection, request: Request, *, was_version: int) -> None:
    """Store what the request has become.

    :raises Stale: if it is no longer what it was at *was_version*
    """
    values = _columns(request) | {"of_id": request.id, "was_version": was_version}
    if conn.execute(_SAVE, values).rowcount == 0:
        raise Stale(request.id)


def load(conn: Connection, request_id: RequestId) -> Request | None:
    return _one(conn, _BY_ID, of_id=request_id)


def by_lender_request_id(conn: Connection, lender: LibraryCode, theirs: str) -> RequestId | None:
    """Return the request that a lender calls by this id; the first one, should it use an id twice."""
    found = select(lender_ids.c.request_id).where(
        lender_ids.c.library == lender, lender_ids.c.lender_request_id == theirs
    )
    request_id = conn.execute(found).scalar_one_or_none()
    return None if request_id is None else RequestId(request_id)


def note_lender_ids(conn: Connection, request_id: RequestId, told: Iterable[tuple[LibraryCode, str]]) -> None:
    """Remember what lenders call a request."""
    rows = [
        {"library": lender, "lender_request_id": theirs, "request_id": request_id} for lender, theirs in told
    ]
    if rows:
        conn.execute(adding(conn, lender_ids), rows)


def by_number(conn: Connection, number: str) -> Request | None:
    """Return the request with this number, however it is typed: ours are capitals."""
    return _one(conn, _STATE.where(requests.c.number == bindparam("number")), number=fold(number).upper())


def by_barcode(conn: Connection, desk: LibraryCode, barcode: str) -> list[Request]:
    """Return the desk's requests for the book with this barcode that are not closed, newest first.

    It may be the one that the patron's own library gave the book. More than one, if two use the same number.
    """
    folded = fold(barcode)
    found = _STATE.where(
        or_(requests.c.item_barcode == folded, requests.c.local_barcode == folded),
        requests.c.desk == desk,
        requests.c.status != Status.CLOSED,
    )
    return _many(conn, found.order_by(requests.c.id.desc()))


def with_alarm_before(conn: Connection, now: datetime, limit: int) -> list[RequestId]:
    """Return the requests whose alarm has come, the longest waiting first."""
    due = select(requests.c.id).where(requests.c.alarm_at <= now).order_by(requests.c.alarm_at).limit(limit)
    return [RequestId(found) for found in conn.execute(due).scalars()]


def of_patron(
    conn: Connection,
    patron: PatronId,
    *,
    statuses: Iterable[Status] = ALL,
    after: RequestId | None = None,
    limit: int,
) -> list[Request]:
    """Return a page of the patron's requests, newest first, from behind *after* on."""
    page = _of_patron(tuple(sorted(statuses)), after is not None)
    return _many(conn, page, of=patron, after=after, limit=limit)


def lost(conn: Connection, patron: PatronId) -> list[Request]:
    """Return the patron's requests that were closed because the book is lost, settled or not."""
    closed = _STATE.where(requests.c.patron == patron, requests.c.status == is_(Status.CLOSED))
    found = conn.execute(closed.where(requests.c.outcome == Outcome.LOST.value)).scalars()
    return [from_json(Request, state) for state in found]


def at_desk(
    conn: Connection,
    desk: LibraryCode,
    *,
    statuses: Iterable[Status] = ALL,
    after: RequestId | None = None,
    limit: int,
) -> list[Request]:
    """Return a page of what is to be picked up at the desk, newest first, from behind *after* on."""
    return _merged(conn, "desk", desk, statuses, after=after, limit=limit)


def at_lender(
    conn: Connection,
    lender: LibraryCode,
    *,
    statuses: Iterable[Status] = ALL,
    after: RequestId | None = None,
    limit: int,
) -> list[Request]:
    """Return a page of what the lender is asked for or lends, newest first, from behind *after* on."""
    return _merged(conn, "lender", lender, statuses, after=after, limit=limit)


def everywhere(
    conn: Connection, *, statuses: Iterable[Status] = ALL, after: RequestId | None = None, limit: int
) -> list[Request]:
    """Return a page of all requests, newest first, from behind *after* on."""
    return _merged(conn, None, None, statuses, after=after, limit=limit)


def loans_out(conn: Connection, *, after: RequestId | None, limit: int) -> list[Request]:
    """Return a page of the loans whose book is out, newest first, from behind *after* on: their outlines.

    What the loan clock does not look at is left out, and copies that other libraries hold, because whoever
    reads all loans reads very many. An outline is never saved.
    """
    states = conn.execute(
        _of_each(None, (Status.ON_LOAN,), after is not None), {"after": after, "limit": limit}
    )
    return [_outline(state) for state in states.scalars()]


def count_open(conn: Connection, patron: PatronId) -> int:
    """Return how many requests of the patron are not closed, which forbids to erase them."""
    found = select(requests.c.id).where(requests.c.patron == patron, requests.c.status != Status.CLOSED)
    return len(conn.execute(found).all())


def knows(conn: Connection, lender: LibraryCode, patron: PatronId) -> bool:
    """Tell whether the lender is, or was last, asked for a book of the patron's."""
    found = select(requests.c.id).where(requests.c.patron == patron, requests.c.lender == lender)
    return conn.execute(found.limit(1)).one_or_none() is not None


def _page(of: str | None, *, goes_on: bool) -> Select[str]:
    page = _STATE.order_by(requests.c.id.desc()).limit(_LIMIT)
    if of is not None:
        page = page.where(requests.c[of] == bindparam("of"))
    return page.where(requests.c.id < bindparam("after")) if goes_on else page


def is_(status: Status) -> ColumnElement[str]:
    """Return the status written out: what never changes is no parameter."""
    return literal_column(f"'{status.value}'", Text)


@cache
def _of_patron(statuses: tuple[Status, ...], goes_on: bool) -> Select[str]:  # noqa: FBT001  (cached by place)
    return _page("patron", goes_on=goes_on).where(requests.c.status.in_([is_(status) for status in statuses]))


@cache
def _of_each(of: str | None, statuses: tuple[Status, ...], goes_on: bool) -> Select[str]:  # noqa: FBT001  (cached by place)
    pages = [
        _page(of, goes_on=goes_on)
        .add_columns(requests.c.id)
        .where(requests.c.status == is_(status))
        .subquery()
        for status in statuses
    ]
    merged = union_all(*(select(page) for page in pages)).subquery()
    return select(merged.c.state).order_by(merged.c.id.desc()).limit(_LIMIT)


def _merged(
    conn: Connection,
    of: str | None,
    whose: LibraryCode | None,
    statuses: Iterable[Status],
    *,
    after: RequestId | None,
    limit: int,
) -> list[Request]:
    """Merge one page of each status: each is a stretch of an index, however many requests there are."""
    wanted = tuple(statuses)
    if not wanted:
        return []
    return _many(conn, _of_each(of, wanted, after is not None), of=whose, after=after, limit=limit)


def _one(conn: Connection, statement: Select[str], **values: str) -> Request | None:
    state = conn.execute(statement, values).scalar_one_or_none()
    return None if state is None else from_json(Request, state)


def _many(conn: Connection, statement: Select[str], **values: Any) -> list[Request]:
    return [from_json(Request, state) for state in conn.execute(statement, values).scalars()]


def _outline(state: str) -> Request:
    try:
        values = json.loads(state)
        lender = values.get("lender")
        values["holdings"] = [copy for copy in values["holdings"] if copy["library"] == lender]
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise Unreadable(f"{Request}: {error!r}") from error
    for name in _UNLOOKED:
        values.pop(name, None)
    return from_dict(Request, values)


def _columns(request: Request) -> dict[str, Any]:
    """Return the columns that may change."""
    return {
        "desk": request.desk,
        "lender": request.lender,
        "status": request.status.value,
        "outcome": request.outcome and request.outcome.value,
        "item_barcode": request.item_barcode and fold(request.item_barcode),
        "local_barcode": request.local_barcode and fold(request.local_barcode),
        "alarm_at": request.alarm and request.alarm.at,
        "alarm_what": request.alarm and request.alarm.what.value,
        "due": request.due,
        "attention": bool(request.attention),
        "version": request.version,
        "list_at": place(request),
        "title": written(request.citation.title),
        "state": to_json(request),
    }


_STATE = select(requests.c.state)
_LIMIT = bindparam("limit", type_=Integer)
_BY_ID = _STATE.where(requests.c.id == bindparam("of_id"))
_SAVE = (
    update(requests)
    .where(requests.c.id == bindparam("of_id"), requests.c.version == bindparam("was_version"))
    .values({name: bindparam(name) for name in requests.c.keys() if name not in _FIXED})  # noqa: SIM118  (no dict)
)
