"""Rounds of a search: members are asked, what they answer is heard, completed and stored."""

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import structlog

from connectors.ports import Finder, Registry
from ill_broker import mint
from ill_broker.clock import Clock
from ill_broker.services.discovery.admission import Gate
from ill_broker.services.discovery.catalogue import MOST_WORKS, Catalogue, Remembered
from ill_broker.services.discovery.fan_out import FanOut, Member, MemberState
from ill_broker.services.discovery.live import Live
from ill_broker.services.discovery.member_health import SearchHealth
from ill_broker.services.discovery.record import Search, row_of
from ill_broker.services.members.directory import Directory
from ill_broker.services.places import Places
from ill_broker.storage import searches as rows
from ill_broker.storage.failures import StorageFailure
from ill_broker.storage.store import Store
from workflows.actors import Actor
from workflows.citation import Hit, Query
from workflows.discovery.union_catalogue import holders, together
from workflows.discovery.works import how_many, works
from workflows.policies.item_types import Kinds, sorted_hit

#: for how long a search can be read, and a work of it asked for
KEPT = timedelta(hours=1)
#: seconds after its deadline at which a search is over, whatever happened to it
GRACE_SECONDS = 1.0
#: seconds between two savings of a search that runs
_SAVED_EVERY = 1.0

_log = structlog.get_logger("ill_broker.search")


class Rounds:
    """Runs searches on the event loop of the fan-out; who begins one does not wait for it."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        directory: Directory,
        registry: Registry,
        *,
        seconds: float,
        fan_out: FanOut,
        health: SearchHealth,
        places: Places,
        gate: Gate,
    ) -> None:
        self._store, self._clock = store, clock
        self._directory, self._registry = directory, registry
        self._seconds = seconds
        self._fan_out = fan_out
        self._health = health
        self._places = places
        self._gate = gate
        self._catalogue = Catalogue(store)

    def begin(self, query: Query, actor: Actor, now: datetime) -> Live:
        """Begin a search.

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
                ends_by=self._ends_by(now),
                expires_at=now + KEPT,
                members=members,
                remembered=remembered.hits,
                beyond=remembered.works - how_many(remembered.hits),
            )
            search = replace(search, extents=(search.extent,))
            row = row_of(search)
            self._store.write(lambda conn: rows.add(conn, row))
            on_failure.pop_all()
        live = Live(search, kinds, parts=len(row.parts))
        self._start(live, finders, leave)
        return live

    def go_on(self, live: Live, now: datetime) -> bool:
        """Have members asked for further records, unless another process does; say whether it is done here.

        :raises Crowded: if too many searches run
        """
        search = live.search
        with ExitStack() as on_failure:
            leave = self._gate.enter()
            on_failure.callback(leave)
            resumed = search.resumed(self._ends_by(now))
            if not self._store.write(lambda conn: rows.go_on(conn, live.progress(resumed))):
                return False
            on_failure.pop_all()
        known = search.to_ask
        finders = {code: finder for code in known if (finder := self._registry.connectors(code).finder)}
        live.kinds = self._kinds(now)
        live.become(resumed)
        self._start(live, finders, leave, known)
        return True

    def hits_now(self, query: Query, now: datetime) -> list[Hit]:
        """Return what all members tell within the time of a search, and what is remembered.

        :raises Crowded: if too many searches run, or too many threads wait
        """
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

    def _ends_by(self, now: datetime) -> datetime:
        return now + timedelta(seconds=self._seconds + GRACE_SECONDS)

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

    def _start(
        self,
        live: Live,
        finders: Mapping[str, Finder],
        leave: Callable[[], None],
        known: Mapping[str, int] | None = None,
    ) -> None:
        running = self._fan_out.run(self._run(live, finders, leave, known))
        running.add_done_callback(partial(_ended, leave))

    async def _run(
        self,
        live: Live,
        finders: Mapping[str, Finder],
        leave: Callable[[], None],
        known: Mapping[str, int] | None,
    ) -> None:
        query = live.search.query
        try:
            asking = asyncio.create_task(
                self._fan_out.ask(finders, query, seconds=self._seconds, told=live.hear, after=known)
            )
            while not (await asyncio.wait({asking}, timeout=_SAVED_EVERY))[0]:
                await asyncio.to_thread(self._save, live, live.search)
            await asking
            leave()
            # The end is stored before anybody is shown it: the next question may reach another process.
            over = await asyncio.to_thread(self._over, live)
            live.become(over)
        finally:
            leave()
            live.give_up(self._clock.now())
        await asyncio.to_thread(self._health.note, live.search.members, self._clock.now())

    def _over(self, live: Live) -> Search:
        """Return the search at the end of its round, once it is stored."""
        over = self._completed(live.search, live.kinds).finished(self._clock.now())
        self._save(live, over)
        return over

    def _completed(self, search: Search, kinds: Mapping[str, Kinds]) -> Search:
        """Return the search with what the union catalogue has of the works that members told of.

        Whoever has such a work, but was not among the first that were remembered, is a lender of it as well.
        Each further round remembers more of what fits.
        """
        now = self._clock.now()
        fitting = search.beyond + how_many(search.remembered)
        full = search
        try:
            if search.beyond and search.round > 1:
                found = self._catalogue.find(search.query, now, most=MOST_WORKS * search.round)
                full, fitting = full.with_beside(sorted_hit(hit, kinds) for hit in found.hits), found.works
            if search.hits:
                beside = self._catalogue.beside(full.works(), now)
                full = full.with_beside(sorted_hit(hit, kinds) for hit in beside)
            known = self._catalogue.known(full.works(), now) if full.beyond else 0
        except StorageFailure as error:
            _log.warning("search_not_completed", search=search.id, reason=str(error))
            return search
        return replace(full, beyond=max(0, fitting - known)) if full.beyond else full

    def _save(self, live: Live, search: Search) -> None:
        """Store how far the search has come, for the other processes; this one knows it anyway."""
        progress = live.progress(search)
        try:
            self._store.write(lambda conn: rows.save(conn, progress))
        except StorageFailure as error:
            _log.warning("search_not_saved", search=search.id, reason=str(error))
        else:
            live.is_stored(search, progress)


def _ended(leave: Callable[[], None], running: Future[None]) -> None:
    """Give the place back, and do not let a fault pass unseen."""
    leave()
    if not running.cancelled() and (error := running.exception()) is not None:
        _log.error("search_fault", exc_info=error)
