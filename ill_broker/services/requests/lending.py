"""What others ask of a library, for its own desk: its lists, one request, and what it may answer."""

from dataclasses import dataclass
from datetime import datetime

from connectors import ports
from ill_broker.services.refusals import Unknown
from ill_broker.storage import lending as lending_rows
from ill_broker.storage import requests as request_rows
from ill_broker.storage.store import Store
from workflows.actors import Actor
from workflows.citation import Holding
from workflows.ids import LibraryCode, RequestId
from workflows.requests.lending import LISTS, Answer, LendingList, ShelfOrder, answers, shelf_order
from workflows.requests.lifecycle import Status
from workflows.requests.request import Request

#: what members say by themselves: not a letter with a link, and not a desk
_BY_PEOPLE = frozenset({None, "by_hand", "email"})
#: as many as somebody takes from the shelves in one go
_PULLED = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request as the library that is asked sees it: nothing of the reader is in it."""

    request: Request
    copy: Holding | None
    since: datetime
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a list, longest waiting first, and where the next begins."""

    items: tuple[Asked, ...]
    next: RequestId | None


class Lending:
    """The lists of a library that is asked."""

    def __init__(self, store: Store, registry: ports.Registry | None = None) -> None:
        """Tell by the *registry* whose own system answers; without it none does."""
        self._store = store
        self._registry = registry

    def answers_by_itself(self, library: LibraryCode) -> bool:
        """Tell whether the library's own system is asked, so that its desk need not answer."""
        if self._registry is None:
            return False
        return self._registry.connectors(library).served_by.get("ask") not in _BY_PEOPLE

    def counts(self, actor: Actor) -> dict[LendingList, int]:
        """Count each list of the actor's library."""
        statuses = [status for each in LISTS.values() for status in each]
        with self._store.reading() as conn:
            counted = lending_rows.count_asked_of(conn, _library(actor), statuses)
        return {name: sum(counted.get(one, 0) for one in LISTS[name]) for name in LendingList}

    def page(self, which: LendingList, actor: Actor, *, after: RequestId | None, limit: int) -> Page:
        """Return a page of one list."""
        with self._store.reading() as conn:
            found = lending_rows.asked_of(conn, _library(actor), LISTS[which], after=after, limit=limit + 1)
        more = found[limit - 1].id if len(found) > limit else None
        return Page(tuple(_asked(one, _library(actor)) for one in found[:limit]), more)

    def to_pull(self, actor: Actor) -> tuple[Asked, ...]:
        """Return what may have to be taken from the shelves, as it stands there."""
        statuses = (Status.SUBMITTED, Status.ACCEPTED)
        with self._store.reading() as conn:
            found = lending_rows.asked_of(conn, _library(actor), statuses, limit=_PULLED)
        wanted = [_asked(one, _library(actor)) for one in found if one.cancellation_requested is None]
        return tuple(sorted(wanted, key=_shelf))

    def one(self, request_id: RequestId, actor: Actor) -> Asked:
        """Return a request that the actor's library is asked for.

        :raises Unknown: if it never was
        """
        with self._store.reading() as conn:
            request = request_rows.load(conn, request_id)
        entry = request.entry(_library(actor)) if request else None
        if request is None or entry is None or entry.asked_at is None:
            raise Unknown
        return _asked(request, _library(actor))


def _asked(request: Request, lender: LibraryCode) -> Asked:
    entry = request.entry(lender)
    asked_at = entry.asked_at if entry else None
    return Asked(
        request=request,
        copy=request.copy_at(lender),
        since=asked_at or request.instants.submitted,
        answers=answers(request, lender),
    )


def _shelf(asked: Asked) -> ShelfOrder:
    return shelf_order(asked.copy.call_number if asked.copy else None)


def _library(actor: Actor) -> LibraryCode:
    return LibraryCode(actor.library or "")
