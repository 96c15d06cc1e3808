"""Readers' wishes: left, listed, taken back."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from ill_broker import mint
from ill_broker.services.discovery.search import Discovery
from ill_broker.services.members.directory import Directory
from ill_broker.services.refusals import Unknown
from ill_broker.storage import people
from ill_broker.storage import wishes as rows
from ill_broker.storage.store import Store
from workflows.actors import Actor
from workflows.citation import Citation, work_key
from workflows.discovery.wishes import MOST, Wish, new_wish, within_reach
from workflows.errors import WorkflowError
from workflows.ids import PatronId, WishId

#: what else belongs into the transaction that saves a wish
Also = Callable[[Connection, Wish], None]


class CanBeHad(WorkflowError):
    """The work can be had now; ``facts["library"]`` says from whom."""

    code = "can_be_had"
    title = "It can be had now: ask for it"


class TooManyWishes(WorkflowError):
    """The reader waits for as many works as one may."""

    code = "too_many_wishes"
    title = "You wait for as many works as one may at a time"


@dataclass(frozen=True, slots=True)
class WishPage:
    """Wishes, newest first, and where the next page begins."""

    items: tuple[Wish, ...]
    next: WishId | None


class Wishes:
    """Takes wishes of works that nobody can lend now."""

    def __init__(self, store: Store, directory: Directory, discovery: Discovery) -> None:
        self._store, self._directory, self._discovery = store, directory, discovery

    def leave(
        self,
        actor: Actor,
        *,
        search: str | None = None,
        work: str | None = None,
        citation: Citation | None = None,
        now: datetime,
        also: Also = lambda *_: None,
    ) -> Wish:
        """Return the reader's wish for a work of a search or a typed citation: one that waits, or a new one.

        Whether somebody lends a typed one is looked for in the next night, as for all others.

        :raises Unknown: if the search or the work in it is not there any more
        :raises CanBeHad: if the search has found who would lend it
        :raises TooManyWishes: if as many wait as one reader may have
        """
        wanted = citation or self._found(search or "", work or "", actor, now)
        self._directory.libraries(now)

        def saved(conn: Connection) -> Wish:
            patron = people.held(conn, PatronId(actor.id))
            if patron is None:
                raise Unknown
            mine = rows.waiting(conn, patron.id)
            same = next((one for one in mine if work_key(one.citation) == work_key(wanted)), None)
            if same is None and len(mine) >= MOST:
                raise TooManyWishes(most=MOST)
            if same is None:
                zone = self._directory.book.calendar(patron.home).zone
                same = new_wish(WishId(mint.new_id("wsh", now)), patron.id, wanted, now=now, zone=zone)
                rows.add(conn, same)
            also(conn, same)
            return same

        return self._store.write(saved)

    def one(self, wish_id: WishId, actor: Actor) -> Wish:
        """Return a wish.

        :raises Unknown: if there is none, or it is not the actor's
        """
        with self._store.reading() as conn:
            found = rows.load(conn, wish_id)
        if found is None or found.patron != actor.id:
            raise Unknown
        return found

    def page(self, actor: Actor, *, limit: int, after: str | None = None) -> WishPage:
        """Return a page of the reader's wishes, those that have ended among them."""
        start = WishId(after) if after else None
        with self._store.reading() as conn:
            found = rows.page(conn, PatronId(actor.id), after=start, limit=limit + 1)
        return WishPage(tuple(found[:limit]), found[limit - 1].id if len(found) > limit else None)

    def take_back(self, wish_id: WishId, actor: Actor) -> None:
        """Forget a wish; its reader hears no more of it.

        :raises Unknown: if there is none, or it is not the actor's
        """
        if not self._store.write(lambda conn: rows.remove(conn, wish_id, PatronId(actor.id))):
            raise Unknown

    def _found(self, search: str, work: str, actor: Actor, now: datetime) -> Citation:
        found = self._discovery.found_work(search, work, actor, now=now).work
        offer = within_reach(self._discovery.offers(found, actor, now))
        if offer is not None:
            raise CanBeHad(library=offer.lender)
        return found.citation
