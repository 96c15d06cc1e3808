"""What people see of requests: one, a page of them, and why."""

from collections.abc import Iterable
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from ill_broker.services.members.directory import Directory
from ill_broker.services.refusals import Unknown
from ill_broker.storage import people
from ill_broker.storage import requests as request_rows
from ill_broker.storage.events import Recorded
from ill_broker.storage.store import Store
from ill_broker.texts.explanation_json import write_explanation
from workflows.actors import Actor, Role
from workflows.explanations.explanation import explain
from workflows.ids import LibraryCode, PatronId, RequestId
from workflows.loan_clock.arrivals import Between, on_the_road
from workflows.patrons import Patron
from workflows.reasons import Refusal
from workflows.refusals import WrongState
from workflows.requests import loan_terms
from workflows.requests.lifecycle import Status
from workflows.requests.permissions import relations
from workflows.requests.request import Request


@dataclass(frozen=True, slots=True)
class SeenRequest:
    """A request, and its patron where whoever looks may see who that is."""

    request: Request
    patron: Patron | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Requests, newest first, and where the next page begins."""

    items: tuple[SeenRequest, ...]
    next: RequestId | None


class Overview:
    """Shows requests to whom they concern."""

    def __init__(self, store: Store, directory: Directory) -> None:
        self._store = store
        self._directory = directory

    def one(self, request_id: RequestId, actor: Actor) -> SeenRequest:
        """Return a request.

        :raises Unknown: if it does not exist for *actor*
        """
        with self._store.reading() as conn:
            request = request_rows.load(conn, request_id)
            if request is None or not relations(actor, request):
                raise Unknown
            return _with_patrons(conn, [request], actor)[0]

    def several(self, request_ids: Iterable[RequestId], actor: Actor) -> tuple[SeenRequest, ...]:
        """Return those of the requests that exist for *actor*, in the order given."""
        with self._store.reading() as conn:
            found = [request_rows.load(conn, request_id) for request_id in request_ids]
            mine = [request for request in found if request is not None and relations(actor, request)]
            return _with_patrons(conn, mine, actor)

    def expected(self, request: Request, *, now: datetime) -> Between | None:
        """Return between which days a book on its way is likely to be at the desk; None if none is."""
        shipped, lender = request.instants.shipped, request.lender
        if request.status is not Status.IN_TRANSIT or shipped is None or lender is None:
            return None
        return on_the_road(self._directory.in_force(now).policy(lender), shipped, now)

    def seen(self, request: Request, actor: Actor, conn: Connection | None = None) -> SeenRequest:
        """Return *request* with its patron, as *conn* knows them where a transaction is under way."""
        with nullcontext(conn) if conn is not None else self._store.reading() as at_hand:
            return _with_patrons(at_hand, [request], actor)[0]

    def page(
        self,
        actor: Actor,
        *,
        limit: int,
        role: str,
        status: str | None = None,
        after: str | None = None,
        number: str | None = None,
        barcode: str | None = None,
        patron: str | None = None,
    ) -> Page:
        """Return a page of what concerns *actor*: all, a reader's, or what a number or barcode names."""
        with self._store.reading() as conn:
            if number is not None or barcode is not None:
                found = _named(conn, actor, number, barcode)
                return Page(_with_patrons(conn, found, actor), None)
            statuses = (Status(status),) if status else request_rows.ALL
            start = RequestId(after) if after else None
            whose = PatronId(patron) if patron else None
            found = _listed(conn, actor, role, whose, statuses=statuses, after=start, limit=limit + 1)
            more = found[limit - 1].id if len(found) > limit else None
            seen = [request for request in found[:limit] if relations(actor, request)]
            return Page(_with_patrons(conn, seen, actor), more)

    def names_of(self, happened: Iterable[Recorded]) -> dict[str, str]:
        """Return by id how the staff are called who brought it about."""
        ids = {one.actor.id for one in happened if one.actor.role in {Role.STAFF, Role.OFFICE}}
        with self._store.reading() as conn:
            return people.staff_names(conn, ids) if ids else {}

    def explanation(self, request_id: RequestId, actor: Actor, *, now: datetime) -> dict[str, Any]:
        """Return why the due date and the fine are what they are.

        :raises Unknown: if it does not exist for *actor*
        :raises WrongState: if no book was sent or taken in yet, so that nothing is counted
        """
        self._directory.libraries(now)
        request = self.one(request_id, actor).request
        instants = request.instants
        if request.lender is None or not (instants.shipped or instants.arrived):
            raise WrongState(reasons=[Refusal.NOT_ON_ITS_WAY], status=request.status)
        with self._store.reading() as conn:
            book = self._directory.book_for(conn, request)
        case = loan_terms.loan_case(request, request.lender, book, as_of=now)
        return write_explanation(case, explain(case))


def _listed(
    conn: Connection,
    actor: Actor,
    role: str,
    whose: PatronId | None,
    *,
    statuses: tuple[Status, ...],
    after: RequestId | None,
    limit: int,
) -> list[Request]:
    if whose is not None:
        return request_rows.of_patron(conn, whose, statuses=statuses, after=after, limit=limit)
    match actor.role:
        case Role.PATRON:
            return request_rows.of_patron(
                conn, PatronId(actor.id), statuses=statuses, after=after, limit=limit
            )
        case Role.OFFICE | Role.SYSTEM:
            return request_rows.everywhere(conn, statuses=statuses, after=after, limit=limit)
        case Role.STAFF if role == "desk":
            desk = LibraryCode(actor.library or "")
            return request_rows.at_desk(conn, desk, statuses=statuses, after=after, limit=limit)
        case _:
            lender = LibraryCode(actor.library or "")
            return request_rows.at_lender(conn, lender, statuses=statuses, after=after, limit=limit)


def _named(conn: Connection, actor: Actor, number: str | None, barcode: str | None) -> list[Request]:
    found: list[Request] = []
    if number is not None:
        named = request_rows.by_number(conn, number)
        found += [named] if named is not None else []
    if barcode is not None and actor.library is not None:
        found += request_rows.by_barcode(conn, actor.library, barcode)
    return [request for request in found if relations(actor, request)]


def _with_patrons(conn: Connection, requests: list[Request], actor: Actor) -> tuple[SeenRequest, ...]:
    """Return requests with their patrons, which only desks and the office are shown."""
    if actor.role not in {Role.STAFF, Role.OFFICE}:
        return tuple(SeenRequest(request) for request in requests)
    patrons = people.patrons_of(conn, {request.patron for request in requests})
    return tuple(SeenRequest(request, patrons.get(request.patron)) for request in requests)
