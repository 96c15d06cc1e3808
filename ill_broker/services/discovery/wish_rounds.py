"""The nightly round: what readers wait for is looked for again, and who can have it is told."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from connectors.ports import Registry
from ill_broker.services.discovery import wish_notices
from ill_broker.services.discovery.catalogue import Catalogue
from ill_broker.services.discovery.search import Discovery
from ill_broker.services.discovery.terms import terms_of
from ill_broker.services.members.connector_health import PartnerHealth
from ill_broker.services.members.directory import Directory
from ill_broker.storage import outbox, people
from ill_broker.storage import wishes as rows
from ill_broker.storage.store import Store
from workflows.actors import Actor, Role
from workflows.citation import Citation, Holding, work_key
from workflows.discovery.offers import Offer
from workflows.discovery.wishes import Wish, WishStatus, looked_at, put_off, within_reach
from workflows.discovery.works import Work, copies
from workflows.patrons import Patron

#: wishes that one run of the job takes up at most
_BATCH = 500


class WishRounds:
    """Looks after what readers wait for; members are asked for one work at a time."""

    def __init__(
        self,
        store: Store,
        directory: Directory,
        registry: Registry,
        discovery: Discovery,
        health: PartnerHealth,
    ) -> None:
        self._store, self._directory, self._registry = store, directory, registry
        self._discovery, self._health = discovery, health
        self._catalogue = Catalogue(store)

    def due(self, now: datetime) -> list[list[Wish]]:
        """Return what is to be looked at, all wishes of one work together, the longest waiting first.

        What was missed, because its night is over, waits for the next one.
        """
        with self._store.reading() as conn:
            found = rows.due(conn, now, _BATCH)
        self.put_off([wish for wish in found if wish.is_missed(now)], now)
        of_work: defaultdict[str, list[Wish]] = defaultdict(list)
        for wish in (one for one in found if not one.is_missed(now)):
            of_work[work_key(wish.citation)].append(wish)
        return list(of_work.values())

    def look(self, same: Sequence[Wish], now: datetime) -> int:
        """Look for one work, for all who wait for it, and return for how many it came to an end.

        Libraries that are only known from their lists come first: where one of them would lend it, no member
        is asked.

        :raises Crowded: if too many searches run
        """
        readers = self._readers(same, now)
        found = self._told(same[0].citation, now)
        if not all(within_reach(self._offers(wish, patron, found, now)) for wish, patron in readers):
            found = self._live(same[0].citation, now)
        return sum(self._decided(wish, patron, found, now) for wish, patron in readers)

    def put_off(self, same: Sequence[Wish], now: datetime) -> None:
        """Let wishes wait for the next night."""
        for wish, patron in self._readers(same, now):
            waits = put_off(wish, now=now, zone=self._zone(patron))
            self._store.write(partial(rows.save, wish=waits))

    def _readers(self, same: Sequence[Wish], now: datetime) -> list[tuple[Wish, Patron]]:
        """Return each wish with whose it is; one whose patron is gone is left out."""
        self._directory.libraries(now)
        with self._store.reading() as conn:
            patrons = people.patrons_of(conn, {wish.patron for wish in same})
        return [(wish, patrons[wish.patron]) for wish in same if wish.patron in patrons]

    def _told(self, citation: Citation, now: datetime) -> tuple[Holding, ...]:
        """Return the copies of libraries that cannot be asked, as the union catalogue has them."""
        remembered = self._catalogue.find(terms_of(citation), now)
        return tuple(copy for copy in copies(remembered.hits, citation) if self._finder(copy.library) is None)

    def _live(self, citation: Citation, now: datetime) -> tuple[Holding, ...]:
        """Return the copies that are known to be there: those of members that did not answer may be out."""
        found = self._discovery.holdings_of(citation, now=now)
        failing = {
            (each.health.library, each.health.connector)
            for each in self._health.of(None, now)
            if each.health.failures
        }
        return tuple(copy for copy in found if (copy.library, self._finder(copy.library)) not in failing)

    def _finder(self, library: str) -> str | None:
        """Return what the library's finder is called; None if it has none."""
        connectors = self._registry.connectors(library)
        return connectors.served_by.get("find", "find") if connectors.finder else None

    def _decided(self, wish: Wish, patron: Patron, found: tuple[Holding, ...], now: datetime) -> bool:
        after = looked_at(wish, self._offers(wish, patron, found, now), now=now, zone=self._zone(patron))
        by_sms = self._directory.library(patron.home, now).by_sms

        def saved(conn: Connection) -> None:
            if rows.save(conn, after) and after.status is not WishStatus.WAITING:
                notice = after.notice(patron.home)
                outbox.add(conn, wish_notices.orders(after, notice, now, by_sms=by_sms))

        self._store.write(saved)
        return after.status is not WishStatus.WAITING

    def _offers(
        self, wish: Wish, patron: Patron, found: tuple[Holding, ...], now: datetime
    ) -> tuple[Offer, ...]:
        work = Work(id=wish.id, citation=wish.citation, holdings=found)
        return self._discovery.offers(work, Actor(Role.PATRON, patron.id, patron.home), now)

    def _zone(self, patron: Patron) -> ZoneInfo:
        return self._directory.book.calendar(patron.home).zone
