"""Federated search: one query over all members within a deadline; what comes is kept for an hour."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime

from connectors.ports import Registry
from ill_broker.clock import Clock
from ill_broker.services.discovery.admission import Admission, Room
from ill_broker.services.discovery.fan_out import FanOut
from ill_broker.services.discovery.member_health import SearchHealth
from ill_broker.services.discovery.memory import Memory
from ill_broker.services.discovery.paging import Page, Wanted, page
from ill_broker.services.discovery.record import Search
from ill_broker.services.discovery.rounds import GRACE_SECONDS, Rounds
from ill_broker.services.discovery.terms import terms_of
from ill_broker.services.members.connector_health import PartnerHealth
from ill_broker.services.members.directory import Directory
from ill_broker.services.places import Places
from ill_broker.services.refusals import Unknown
from ill_broker.settings import Settings
from ill_broker.storage import searches as rows
from ill_broker.storage.records import from_dict
from ill_broker.storage.store import Store
from workflows.actors import Actor
from workflows.citation import Citation, Holding, Query
from workflows.discovery.offers import Offer, offers
from workflows.discovery.works import Work, copies


@dataclass(frozen=True, slots=True)
class FoundWork:
    """A work in a search, and when it was looked for."""

    work: Work
    searched_at: datetime


class Discovery:
    """Searches all members that can be searched."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        directory: Directory,
        registry: Registry,
        settings: Settings,
        *,
        fan_out: FanOut | None = None,
        health: PartnerHealth | None = None,
        places: Places | None = None,
        room: Room | None = None,
    ) -> None:
        self._store, self._directory = store, directory
        self._seconds = settings.search_seconds
        self._fan_out = fan_out or FanOut()
        self._memory = Memory(store, clock)
        self._admission = Admission(room or Room(), seconds=self._seconds, pace=self._fan_out.pace)
        self._rounds = Rounds(
            store,
            clock,
            directory,
            registry,
            seconds=self._seconds,
            fan_out=self._fan_out,
            health=SearchHealth(health, registry),
            places=places or Places(),
            admission=self._admission,
        )

    def warm_up(self, now: datetime) -> None:
        """Have everything at hand that a search needs, so that the first is as quick as the second."""
        self._rounds.warm_up(now)

    def start(self, query: Query, actor: Actor, now: datetime) -> Search:
        """Begin a search and return it at once.

        :raises Crowded: if too many wait
        """
        live = self._rounds.begin(query, actor, now)
        self._memory.remember(live)
        return live.search

    def search(self, search_id: str, actor: Actor, now: datetime) -> Search:
        """Return a search as far as it has come.

        :raises Unknown: if there is none, or it is not the actor's
        """
        return _own(self._memory.search(search_id, now), actor, now)

    def page(self, search_id: str, actor: Actor, now: datetime, wanted: Wanted) -> Page:
        """Return a page as far as it is known; where that is not far enough, members are asked for more.

        :raises Unknown: if there is no such search, or it is not the actor's
        :raises Crowded: if too many searches wait
        """
        search = self.search(search_id, actor, now)
        found = page(search, wanted)
        is_full = len(found.works) == wanted.limit
        if wanted.after is None or is_full or not search.is_finished or not search.has_more:
            return found
        live = self._memory.live(search_id, now)
        if live is not None and live.search.is_finished:
            self._rounds.go_on(live, now)
        return page(self.search(search_id, actor, now), wanted)

    async def whole(self, found: Page, wanted: Wanted) -> Page:
        """Return a page once it is full, or the round is over; no thread waits."""
        if found.is_whole:
            return found
        *_, last = [search async for search in self._changes(found.search)]
        return await asyncio.to_thread(page, last, wanted)

    def found_work(self, search_id: str, work_id: str, actor: Actor, *, now: datetime) -> FoundWork:
        """Return one work that a search has found.

        :raises Unknown: if there is none, or the search is not the actor's
        """
        with self._store.reading() as conn:
            row = rows.chosen(conn, search_id, work_id, now=now)
        if row is not None and row.owner == actor.id:
            return FoundWork(from_dict(Work, row.work), row.searched_at)
        search = self.search(search_id, actor, now)
        work = search.listing().named(work_id)
        if work is None:
            raise Unknown
        return FoundWork(work, search.started_at)

    def holdings_of(self, citation: Citation, *, now: datetime) -> tuple[Holding, ...]:
        """Return every copy of a work typed by hand, once all have answered or the time is up.

        :raises Crowded: if too many searches wait
        """
        return copies(self._rounds.hits_now(terms_of(citation), now), citation)

    def offers(self, work: Work, actor: Actor, now: datetime) -> tuple[Offer, ...]:
        """Return on what terms each library would lend the work to a reader of the actor's library."""
        members = self._directory.libraries(now)
        return offers(
            work,
            self._directory.in_force(now),
            home=actor.library,
            now=now,
            resting=[code for code, library in members.items() if not library.lends],
            limits={code: library.lending for code, library in members.items()},
            watches={code: library.watches for code, library in members.items()},
        )

    def follow(self, search_id: str, actor: Actor, now: datetime) -> AsyncIterator[Search]:
        """Return the search now and each time that it has changed, until it is over.

        That is never longer than its wait for its turn, the deadline and a second from now; whoever follows
        needs no thread.

        :raises Unknown: if there is none, or it is not the actor's
        """
        return self._changes(self.search(search_id, actor, now))

    def close(self) -> None:
        """Give up the searches that run."""
        self._fan_out.close()

    def _changes(self, search: Search) -> AsyncIterator[Search]:
        waits = self._admission.room.patience if search.queue_place else 0.0
        return self._memory.changes(search, seconds=waits + self._seconds + GRACE_SECONDS)


def _own(search: Search | None, actor: Actor, now: datetime) -> Search:
    if search is None or search.owner != actor.id or search.expires_at <= now:
        raise Unknown
    return search
