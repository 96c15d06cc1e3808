"""Which dates of a desk's requests would move with other days of the desk; nothing is changed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from ill_broker.services.members.directory import Directory
from ill_broker.storage import requests as request_rows
from ill_broker.storage.store import Store
from workflows.errors import InvalidCase
from workflows.ids import LibraryCode, RequestId
from workflows.policies.policy import Policy
from workflows.requests.desk_days import MovedDate, moved_date
from workflows.requests.lifecycle import Status
from workflows.requests.request import Request

#: requests read at a time; never all of them
_PAGE = 500
#: as many are told one by one; the others are counted
MOST_TOLD = 200
_TOUCHED = (Status.ARRIVED, Status.NOTIFIED, Status.ON_LOAN)


@dataclass(slots=True)
class Moves:
    """The dates that would move, the soonest first, and of how many."""

    first: list[MovedDate]
    total: int = 0
    #: loans that their lender's policy cannot judge; their dates stay as they are
    unjudged: int = 0


def moves_at(store: Store, directory: Directory, desk: LibraryCode, then: Policy, *, now: datetime) -> Moves:
    """Return what moves for the requests at a desk if its policy and calendar are *then*."""
    found = Moves([])
    for request in _at(store, directory, desk):
        try:
            moved = moved_date(request, directory.book, then, as_of=now)
        except InvalidCase:
            found.unjudged += 1
            continue
        if moved is not None:
            found.total += 1
            found.first.append(moved)
        if len(found.first) >= 2 * MOST_TOLD:
            found.first = _soonest(found.first)
    found.first = _soonest(found.first)
    return found


def _soonest(moved: list[MovedDate]) -> list[MovedDate]:
    return sorted(moved, key=lambda one: (one.was, one.request.id))[:MOST_TOLD]


def _at(store: Store, directory: Directory, desk: LibraryCode) -> Iterator[Request]:
    """Yield what waits at the desk or was handed out there, a page at a time."""
    after: RequestId | None = None
    while True:
        with store.reading() as conn:
            page = request_rows.at_desk(conn, desk, statuses=_TOUCHED, after=after, limit=_PAGE)
            directory.book_for(conn, *page)
        yield from page
        if len(page) < _PAGE:
            return
        after = page[-1].id
