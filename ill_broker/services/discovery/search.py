"""Federated search: one query over all members within a deadline; what comes is kept for an hour."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import Future
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

import structlog

from connectors.ports import Finder, Registry
from ill_broker import mint
from ill_broker.clock import Clock
from ill_broker.services.discovery.admission import Gate
from ill_broker.services.discovery.catalogue import Catalogue, Remembered
from ill_broker.services.discovery.fan_out import FanOut, Member, MemberState
from ill_broker.services.discovery.live import Far, Live
from ill_broker.services.discovery.member_health import SearchHealth
from ill_broker.services.discovery.record import Search, from_row, row_of
from ill_broker.services.discovery.terms import terms_of
from ill_broker.services.members.connector_health import PartnerHealth
from ill_broker.services.members.directory import Directory
from ill_broker.services.places import Places
from ill_broker.services.refusals import Unknown
from ill_broker.settings import Settings
from ill_broker.storage import searches as rows
from ill_broker.storage.failures import StorageFailure
from ill_broker.storage.store import Store
from workflows.actors import Actor
from workflows.citation import Citation, Hit, Holding, Query
from workflows.discovery.offers import Offer, offers
from workflows.discovery.union_catalogue import holders, together
from workflows.discovery.works import Work, copies, how_many, works
from workflows.policies.item_types import Kinds, sorted_hit

#: searches that one process runs at once: with more, answers would get lost
AT_ONCE = 3
#: for how long a search can be read, and a work of it asked for
KEPT = timedelta(hours=1)
#: seconds after its deadline at which a search is over, whatever happened to it
GRACE_SECONDS = 1.0
#: seconds between two savings of a search that runs
_SAVED_EVERY = 1.0
#: seconds between two looks at a search that another process runs
_LOOK_EVERY = 0.25
#: searches that a process remembers; all are in the database as well
_REMEMBERED = 32

_log = structlog.get_logger("ill_broker.search")


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
        at_once: int = AT_ONCE,
    ) -> None:
        self._store, self._clock = store, clock
        self._directory, self._registry = directory, registry
        self._seconds = settings.search_seconds
        self._fan_out = fan_out or FanOut()
        self._health = SearchHealth(health, registry)
        self._gate = Gate(at_once, self._seconds)
        self._catalogue = Catalogue(store)
        self._places = places or Places()
        self._near: OrderedDict[str, Live] = OrderedDict()
        self._far: OrderedDict[str, Far] = OrderedDict()

    def start(self, query: Query, actor: Actor, now: datetime) -> Search:
        """Begin a search and return it at once.

        :raises Crowded: if too many run
        """
        with ExitStack() as on_failure:
            leave = self._gate.enter()
            on_failure.callback(leave)
            kinds = self._kinds(now)
            found = self._catalogue.find(query, now)
            remembered = replace(found, hits=tuple(sorted_hit(hit, kinds) for hit in found.hits))
            members, finders = self._members(now, remembered)
            search = Search(
                id=mint.new_id("srch", now),
                owner=actor.id,
                query=query,
                started_at=now,
                ends_by=now + timedelta(seconds=self._seconds + GRACE_SECONDS),
                expires_at=now + KEPT,
                members=members,
                remembered=remembered.hits,
                beyond=remembered.works - how_many(remembered.hits),
            )
            self._store.write(lambda conn: rows.add(conn, row_of(search)))
            on_failure.pop_all()
        live = self._remember(Live(search, kinds))
        running = self._fan_out.run(self._run(live, finders, leave))
        running.add_done_callback(partial(_ended, leave))
        return search

    def search(self, search_id: str, actor: Actor, now: datetime) -> Search:
        """Return a search as far as it has come.

        :raises Unknown: if there is none, or it is not the actor's
        """
        near = self._near.get(search_id)
        found = near.search if near else self._stored(search_id, now)
        if found is None or found.owner != actor.id or found.expires_at <= now:
            raise Unknown
        return found if near else found.seen_at(now)

    def found_work(self, search_id: str, work_id: str, actor: Actor, *, now: datetime) -> FoundWork:
        """Return one work that a search has found.

        :raises Unknown: if there is none, or the search is not the actor's
        """
        search = self.search(search_id, actor, now)
        work = next((work for work in search.works() if work.id == work_id), None)
        if work is None:
            raise Unknown
        return FoundWork(work, search.started_at)

    def holdings_of(self, citation: Citation, *, now: datetime) -> tuple[Holding, ...]:
        """Return every copy of a work typed by hand, once all have answered or the time is up.

        :raises Crowded: if too many searches run
        """
        return copies(self._hits_now(terms_of(citation), now), citation)

    def offers(self, work: Work, actor: Actor, now: datetime) -> tuple[Offer, ...]:
        """Return on what terms each library would lend the work to a reader of the actor's library."""
        resting = [code for code, library in self._directory.libraries(now).items() if not library.lends]
        return offers(work, self._directory.in_force(now), home=actor.library, now=now, resting=resting)

    def follow(self, search_id: str, actor: Actor, now: datetime) -> AsyncIterator[Search]:
        """Return the search now and each time that it has changed, until it is over.

        That is never longer than the deadline and a second from now. Whoever follows needs no thread.

        :raises Unknown: if there is none, or it is not the actor's
        """
        return self._changes(self.search(search_id, actor, now))

    def close(self) -> None:
        """Give up the searches that run."""
        self._fan_out.close()

    async def _changes(self, search: Search) -> AsyncIterator[Search]:
        until = time.monotonic() + self._seconds + GRACE_SECONDS
        yield search
        while not search.is_finished and (left := until - time.monotonic()) > 0:
            near = self._near.get(search.id)
            if near is not None:
                seen = await near.changed(since=search, seconds=left)
            else:
                await asyncio.sleep(min(left, _LOOK_EVERY))
                seen = await self._far_one(search)
            if seen is not search:
                yield (search := seen)

    async def _far_one(self, search: Search) -> Search:
        """Return a search of another process as it is by now; it is read once for all who follow it."""
        far = self._far.setdefault(search.id, Far(search))
        if time.monotonic() - far.looked_at >= _LOOK_EVERY:
            far.looked_at = time.monotonic()
            while len(self._far) > _REMEMBERED:
                self._far.popitem(last=False)
            far.search = await asyncio.to_thread(self._looked_at, far.search)
        return far.search

    def _looked_at(self, search: Search) -> Search:
        now = self._clock.now()
        seen = (self._stored(search.id, now) or search).seen_at(now)
        if seen.is_finished:
            seen.works()
        return seen

    def _hits_now(self, query: Query, now: datetime) -> list[Hit]:
        hits: list[Hit] = []
        parts: list[Member] = []

        def hear(part: Member, found: tuple[Hit, ...]) -> None:
            parts.append(part)
            hits.extend(found)

        with self._gate.inside(), self._places.waiting("members"):
            remembered = self._catalogue.find(query, now)
            _, finders = self._members(now, remembered)
            asking = self._fan_out.ask(finders, query, seconds=self._seconds, told=hear)
            self._fan_out.run(asking).result()
        self._health.note(parts, now)
        kinds = self._kinds(now)
        beside = self._catalogue.beside(works(hits, query), now)
        return [sorted_hit(hit, kinds) for hit in together(hits, (*remembered.hits, *beside))]

    def _kinds(self, now: datetime) -> dict[str, Kinds]:
        """Return the libraries' words for kinds, which sort what is told now and what is remembered."""
        codes = self._directory.libraries(now)
        return {code: kinds for code in codes if (kinds := self._registry.connectors(code).kinds)}

    def _members(self, now: datetime, remembered: Remembered) -> tuple[tuple[Member, ...], dict[str, Finder]]:
        """Return every member library before it is asked, and the finders of those to ask."""
        codes = sorted(self._directory.libraries(now))
        able = {code: finder for code in codes if (finder := self._registry.connectors(code).finder)}
        resting = self._health.resting(able, now)
        finders: dict[str, Finder] = {code: able[code] for code in able if code not in resting}
        not_asked = {
            code: MemberState.SKIPPED if code in resting else MemberState.NOT_SEARCHABLE for code in codes
        }
        shown, harvested = holders(remembered.hits), self._catalogue.current(now) - able.keys()
        not_asked |= dict.fromkeys(harvested, MemberState.HARVESTED)
        total = {code: max(shown[code], remembered.records.get(code, 0)) for code in harvested}
        members = tuple(
            Member(library=code)
            if code in finders
            else Member(
                library=code,
                state=not_asked[code],
                hits=shown[code] if code in harvested else 0,
                total=total.get(code, 0),
            )
            for code in codes
        )
        return members, finders

    async def _run(self, live: Live, finders: dict[str, Finder], leave: Callable[[], None]) -> None:
        try:
            asking = asyncio.create_task(
                self._fan_out.ask(finders, live.search.query, seconds=self._seconds, told=live.hear)
            )
            while not (await asyncio.wait({asking}, timeout=_SAVED_EVERY))[0]:
                await asyncio.to_thread(self._save, live, live.search)
            await asking
            leave()
            # The end is stored before anybody is shown it: the next question may reach another process.
            over = live.search.finished(self._clock.now())
            over = await asyncio.to_thread(self._completed, over, live.kinds)
            await asyncio.to_thread(self._save, live, over)
            await asyncio.to_thread(over.works)
            live.become(over)
        finally:
            leave()
            live.give_up(self._clock.now())
        await asyncio.to_thread(self._health.note, live.search.members, self._clock.now())

    def _completed(self, search: Search, kinds: Mapping[str, Kinds]) -> Search:
        """Return the search with what the union catalogue has of the works that members told of.

        Whoever has such a work, but was not among the first that were remembered, is a lender of it as well.
        """
        if not search.hits:
            return search
        now = self._clock.now()
        try:
            beside = self._catalogue.beside(search.works(), now)
            full = search.with_beside(tuple(sorted_hit(hit, kinds) for hit in beside))
            known = self._catalogue.known(full.works(), now) if full.beyond else 0
        except StorageFailure as error:
            _log.warning("search_not_completed", search=search.id, reason=str(error))
            return search
        fitting = search.beyond + how_many(search.remembered)
        return replace(full, beyond=max(0, fitting - known) if full.beyond else 0)

    def _save(self, live: Live, search: Search) -> None:
        """Store how far the search has come, for the other processes; this one knows it anyway."""
        state = live.as_stored(search)
        try:
            self._store.write(lambda conn: rows.save(conn, search.id, state))
        except StorageFailure as error:
            _log.warning("search_not_saved", search=search.id, reason=str(error))

    def _stored(self, search_id: str, now: datetime) -> Search | None:
        with self._store.reading() as conn:
            row = rows.load(conn, search_id, now=now)
        return None if row is None else from_row(row)

    def _remember(self, live: Live) -> Live:
        self._near[live.search.id] = live
        while len(self._near) > _REMEMBERED:
            self._near.popitem(last=False)
        return live


def _ended(leave: Callable[[], None], running: Future[None]) -> None:
    """Give the place back, and do not let a fault pass unseen."""
    leave()
    if not running.cancelled() and (error := running.exception()) is not None:
        _log.error("search_fault", exc_info=error)
