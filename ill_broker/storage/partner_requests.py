"""What partners' systems ask for their own patrons: their name of it, and what came of it here."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, select, update

from ill_broker.storage.office_rows import partner_requests
from ill_broker.storage.statements import adding
from workflows.ids import LibraryCode, RequestId


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A partner's request, and ours that came of it."""

    library: LibraryCode
    #: the partner's own id of it
    their_id: str
    received_at: datetime
    #: None before it is looked at, and where it was refused
    request_id: RequestId | None = None
    refused: str | None = None


def put(conn: Connection, link: Link) -> bool:
    """Take down that a partner has asked; false if it had asked under this id before."""
    values = {
        "library": link.library,
        "their_id": link.their_id,
        "received_at": link.received_at,
        "request_id": link.request_id,
        "refused": link.refused,
    }
    return conn.execute(adding(conn, partner_requests, "library", "their_id"), values).rowcount == 1


def find(conn: Connection, library: LibraryCode, their_id: str) -> Link | None:
    row = conn.execute(select(partner_requests).where(_is(library, their_id))).one_or_none()
    return None if row is None else _read(row)


def newest(conn: Connection, request_id: RequestId) -> Link | None:
    """Return by what name the partner has asked last for what became this request of ours."""
    found = select(partner_requests).where(partner_requests.c.request_id == request_id)
    order = partner_requests.c.received_at.desc(), partner_requests.c.their_id.desc()
    row = conn.execute(found.order_by(*order).limit(1)).one_or_none()
    return None if row is None else _read(row)


def resolve(
    conn: Connection,
    library: LibraryCode,
    their_id: str,
    *,
    request_id: RequestId | None = None,
    refused: str | None = None,
) -> None:
    """Note what came of a partner's request; the last word counts."""
    values = {"request_id": request_id, "refused": refused}
    conn.execute(update(partner_requests).where(_is(library, their_id)).values(values))


def _is(library: LibraryCode, their_id: str) -> ColumnElement[bool]:
    return (partner_requests.c.library == library) & (partner_requests.c.their_id == their_id)


def _read(row: Row[Any]) -> Link:
    return Link(
        library=LibraryCode(row.library),
        their_id=row.their_id,
        received_at=row.received_at,
        request_id=None if row.request_id is None else RequestId(row.request_id),
        refused=row.refused,
    )
