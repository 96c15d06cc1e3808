"""What a library is asked for and lends, longest waiting first."""

from collections.abc import Collection, Sequence

from sqlalchemy import Connection, func, select, union_all

from ill_broker.storage.records import from_json
from ill_broker.storage.rows import requests
from workflows.identifiers import fold
from workflows.ids import LibraryCode, RequestId
from workflows.requests.lifecycle import Status
from workflows.requests.request import Request


def asked_of(
    conn: Connection,
    lender: LibraryCode,
    statuses: Sequence[Status],
    *,
    after: RequestId | None = None,
    limit: int,
) -> list[Request]:
    """Return a page of a lender's requests, oldest first, from behind *after* on.

    Each status is a stretch of one index, so that no page costs more the more is stored.
    """
    stretches = [
        select(requests.c.id, requests.c.state)
        .where(requests.c.lender == lender, requests.c.status == status.value, requests.c.id > (after or ""))
        .order_by(requests.c.id)
        .limit(limit)
        .subquery()
        for status in statuses
    ]
    merged = union_all(*(select(each) for each in stretches)).subquery()
    page = select(merged.c.state).order_by(merged.c.id).limit(limit)
    return [from_json(Request, state) for state in conn.execute(page).scalars()]


def count_asked_of(conn: Connection, lender: LibraryCode, statuses: Collection[Status]) -> dict[Status, int]:
    """Return how many of the lender's requests are in each of these statuses."""
    counted = (
        select(requests.c.status, func.count())
        .where(requests.c.lender == lender, requests.c.status.in_([one.value for one in statuses]))
        .group_by(requests.c.status)
    )
    return {Status(status): number for status, number in conn.execute(counted)}


def count_of_home(conn: Connection, home: LibraryCode, statuses: Collection[Status]) -> int:
    """Return how many requests of the library's own readers are in one of these statuses."""
    mine = requests.c.home == home, requests.c.status.in_([one.value for one in statuses])
    return conn.execute(select(func.count()).where(*mine)).scalar_one()


def sent_back(conn: Connection, lender: LibraryCode, barcode: str) -> list[Request]:
    """Return the lender's requests for the book with this barcode that it waits to have back."""
    found = select(requests.c.state).where(
        requests.c.item_barcode == fold(barcode),
        requests.c.lender == lender,
        requests.c.status.in_([Status.RETURNED.value, Status.RETURNING.value]),
    )
    return [from_json(Request, state) for state in conn.execute(found.order_by(requests.c.id)).scalars()]
