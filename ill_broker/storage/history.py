"""What was lent: requests that came to a loan, page by page, however many there are."""

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, or_, select

from ill_broker.storage.records import from_json
from ill_broker.storage.rows import requests
from workflows.ids import RequestId
from workflows.requests.lifecycle import Outcome, Status
from workflows.requests.request import Request

_LENT = (Status.ON_LOAN, Status.RETURNED, Status.RETURNING)
_ENDS_OF_LOANS = (Outcome.COMPLETED, Outcome.LOST)


def page(
    conn: Connection,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    after: RequestId | None = None,
    limit: int,
) -> list[Request]:
    """Return a page of loans that were submitted from *since* on and before *until*, newest first.

    Among them are books that were lost before the patron had them.
    """
    found = select(requests.c.state).where(*_within(since, until)).order_by(requests.c.id.desc())
    if after is not None:
        found = found.where(requests.c.id < after)
    return [from_json(Request, state) for state in conn.execute(found.limit(limit)).scalars()]


def count(
    conn: Connection, *, since: datetime | None = None, until: datetime | None = None, at_most: int
) -> int:
    """Return how many there are; no more than *at_most* are counted."""
    some = select(requests.c.id).where(*_within(since, until)).limit(at_most).subquery()
    return conn.execute(select(func.count()).select_from(some)).scalar_one()


def _within(since: datetime | None, until: datetime | None) -> list[ColumnElement[bool]]:
    lent = or_(
        requests.c.status.in_([status.value for status in _LENT]),
        requests.c.outcome.in_([outcome.value for outcome in _ENDS_OF_LOANS]),
    )
    bounds = [lent]
    if since is not None:
        bounds.append(requests.c.created_at >= since)
    if until is not None:
        bounds.append(requests.c.created_at < until)
    return bounds
