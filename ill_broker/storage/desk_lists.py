"""The lists of a desk: each a stretch of an index, in the order in which it is worked off."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Connection, func, or_, select, tuple_

from ill_broker.storage import people
from ill_broker.storage.records import from_json
from ill_broker.storage.requests import is_
from ill_broker.storage.rows import patrons, requests
from workflows.ids import LibraryCode, RequestId
from workflows.requests.desk_lists import STATUSES, DeskList, midnight
from workflows.requests.lifecycle import Status
from workflows.requests.request import Request
from workflows.writing import fold


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """What a list is narrowed down to."""

    #: card, part of the name, mobile or e-mail address
    reader: str | None = None
    #: part of the title
    title: str | None = None
    lender: LibraryCode | None = None
    #: what matters of them lies between these instants, the latter excluded
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where one stands in its list."""

    at: datetime
    id: RequestId


def page(
    conn: Connection,
    desk: LibraryCode,
    wanted: DeskList,
    sought: Sought,
    *,
    today: date,
    after: Place | None,
    limit: int,
) -> list[tuple[Place, Request]]:
    """Return a page of a desk's list, from behind *after* on."""
    key = requests.c.created_at if wanted is DeskList.TO_LOOK_AT else requests.c.list_at
    found = select(requests.c.state, key.label("key"), requests.c.id).where(
        _listed(desk, wanted, today), *_fitting(key, sought)
    )
    if sought.reader is not None:
        found = found.join(patrons, patrons.c.id == requests.c.patron).where(people.known_by(sought.reader))
    if after is not None:
        found = found.where(tuple_(key, requests.c.id) > tuple_(after.at, after.id))
    rows = conn.execute(found.order_by(key, requests.c.id).limit(limit))
    return [(Place(row.key, row.id), from_json(Request, row.state)) for row in rows]


def counts(conn: Connection, desk: LibraryCode, *, today: date) -> dict[str, int]:
    """Count a desk's lists, and what others ask of it, each along an index, whatever else is stored."""
    lists = {wanted.value: _listed(desk, wanted, today) for wanted in DeskList}
    lists["to_answer"] = (requests.c.lender == desk) & (requests.c.status == is_(Status.SUBMITTED))
    counted = (
        select(func.count()).select_from(requests).where(where).scalar_subquery().label(name)
        for name, where in lists.items()
    )
    return dict(conn.execute(select(*counted)).one()._mapping)  # noqa: SLF001 - how a row says its names


def _listed(desk: LibraryCode, wanted: DeskList, today: date) -> ColumnElement[bool]:
    here = requests.c.desk == desk
    if wanted is DeskList.TO_LOOK_AT:
        return here & requests.c.attention.is_(True)
    listed = here & (requests.c.status == is_(STATUSES[wanted])) & requests.c.list_at.is_not(None)
    return listed & (requests.c.list_at < midnight(today)) if wanted is DeskList.OVERDUE else listed


def _fitting(key: ColumnElement[datetime], sought: Sought) -> list[ColumnElement[bool]]:
    fits: list[ColumnElement[bool]] = []
    if sought.title is not None:
        # what was stored before titles were folded stands as it was written
        ways = dict.fromkeys((fold(sought.title.strip()), sought.title.strip().lower()))
        fits.append(or_(*(requests.c.title.contains(text, autoescape=True) for text in ways)))
    if sought.lender is not None:
        fits.append(requests.c.lender == sought.lender)
    if sought.since is not None:
        fits.append(key >= sought.since)
    if sought.until is not None:
        fits.append(key < sought.until)
    return fits
