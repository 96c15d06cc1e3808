"""Rounds of a search: members are asked, what they answer is heard, completed and stored."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Mapping
from concurrent.futures import Future
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog

from connectors.ports import Finder, Registry
from ill_broker import mint
from ill_broker.clock import Clock
from ill_broker.services.discovery.admission import Admission, Turn
from ill_broker.services.discovery.catalogue import MOST_WORKS, Catalogue, Remembered
from ill_broker.services.discovery.catalogued import with_others
from ill_broker.services.discovery.fan_out import READING_SECONDS, FanOut, Member, MemberState, Told
from ill_broker.services.discovery.live import Live
from ill_broker.services.discovery.member_health import SearchHealth
from ill_broker.services.discovery.record import Search, row_of
from ill_broker.services.members.directory import Directory
from ill_broker.services.places import Crowded, Places
from ill_broker.storage import searches as rows
from ill_broker.storage.failures import StorageFailure
from ill_broker.storage.store import Store
from workflows.actors import Actor
from workflows.citation import Hit, Query
from workflows.discovery.union_catalogue import holders, together
from workflows.discovery.works import how_many, works
from workflows.ids import LibraryCode
from workflows.policies.item_types import Kinds, sorted_hit

#: for how long a search can be read, and a work of it asked for
KEPT = timedelta(hours=1)
#: seconds after its deadline at which a search is over, whatever happened to it
GRACE_SECONDS = READING_SECONDS + 1.0
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
        admission: Admission,
    ) -> None:
        self._store, self._clock = store, clock
        self._directory, self._registry = directory, registry
        self._seconds = seconds
        self._fan_out = fan_out
        self._health = health
        self._places = places
        self._admission = admission
        self._catalogue = Catalogue(store)

    def warm_up(self, now: datetime) -> None:
        """Do once what the first search would have to do beside its own work."""
        self._finders(now)
        self._kinds(now)
        self._catalogue.find(Query(text="warm"), now)
        self._fan_out.run(asyncio.sleep(0)).result()

    def begin(self, query: Query, actor: Actor, now: datetime) -> Live:
        """Begin a search, which may have to wait for its turn.

        :raises Crowded: if too many wait
        """
        with ExitStack() as on_failure:
            finders, others = self._finders(now)
            turn = self._admission.enter(len(finders))
            on_failure.callback(turn.leave)
            kinds = self._kinds(now)
            found = self._catalogue.find(query, now)
            query = with_others(query, found.hits)
            remembered = replace(found, hits=tuple(sorted_hit(hit, kinds) for hit in found.hits))
            search = Search(
                id=mint.new_id("srch", now),
                owner=actor.id,
                query=query,
                started_at=now,
                ends_by=self._ends_by(now, turn),
                expires_at=now + KEPT,
                queue_place=turn.place,
                members=self._members(now, finders, others, remembered),
                remembered=remembered.hits,
                beyond=remembered.works - how_many(remembered.hits),
            )
            search = replace(search, extents=(search.extent,))
            row = row_of(search)
            self._store.write(lambda conn: rows.add(conn, row))
            on_failure.pop_all()
        live = Live(search, kinds, parts=len(row.parts))
        self._start(live, finders, turn)
        return live

    def go_on(self, live: Live, now: datetime) -> bool:
        """Have members asked for further records, unless another process does; say whether it is done here.

        :raises Crowded: if too many searches wait
        """
        search = live.search
        known = search.to_ask
        finders = {code: finder for code in known if (finder := self._registry.connectors(code).finder)}
        with ExitStack() as on_failure:
            turn = self._admission.enter(len(finders))
            on_failure.callback(turn.leave)
            resumed = search.resumed(self._ends_by(now, turn), queue_place=turn.place)
            if not self._store.write(lambda conn: rows.go_on(conn, live.progress(resumed))):
                return False
            on_failure.pop_all()
        live.kinds = self._kinds(now)
        live.become(resumed)
        self._start(live, finders, turn, known)
        return True

    def hits_now(self, query: Query, now: datetime) -> list[Hit]:
        """Return what all members tell within the time of a search, and what is remembered.

        :raises Crowded: if too many searches or threads wait
        """
        hits: list[Hit] = []
        parts: list[Member] = []

        def hear(part: Member, found: tuple[Hit, ...]) -> None:
            parts.append(part)
            hits.extend(found)

        finders, _ = self._finders(now)
        turn = self._admission.enter(len(finders))
        try:
            with self._places.waiting("members"):
                remembered = self._catalogue.find(query, now)
                query = with_others(query, remembered.hits)
                self._fan_out.run(self._ask(finders, query, turn, hear)).result()
        except TimeoutError as error:
            raise Crowded("too many searches at once") from error
        finally:
            turn.leave()
        self._health.note(parts, now)
        kinds = self._kinds(now)
        beside = self._catalogue.beside(works(hits, query), now)
        return [sorted_hit(hit, kinds) for hit in together(hits, (*remembered.hits, *beside))]

    def _ends_by(self, now: datetime, turn: Turn) -> datetime:
        waits = self._admission.room.patience if turn.place else 0.0
        return now + timedelta(seconds=waits + self._seconds + GRACE_SECONDS)

    def _kinds(self, now: datetime) -> dict[str, Kinds]:
        """Return the libraries' words for kinds, which sort what is told now and what is remembered."""
        codes = self._directory.libraries(now)
        return {code: kinds for code in codes if (kinds := self._registry.connectors(code).kinds)}

    def _finders(self, now: datetime) -> tuple[dict[str, Finder], dict[str, MemberState]]:
        """Return the finders of the members to ask, and why the others are not asked."""
        codes = sorted(self._directory.libraries(now))
        able = {code: finder for code in codes if (finder := self._registry.connectors(code).finder)}
        resting = self._health.resting(able, now)
        finders: dict[str, Finder] = {code: able[code] for code in able if code not in resting}
        others = {
            str(code): MemberState.SKIPPED if code in resting else MemberState.NOT_SEARCHABLE
            for code in codes
            if code not in finders
        }
        return finders, others

    def _members(
        self,
        now: datetime,
        finders: Iterable[str],
        others: Mapping[str, MemberState],
        remembered: Remembered,
    ) -> tuple[Member, ...]:
        """Return every member library before it is asked."""
        able = {*finders, *(code for code, state in others.items() if state is MemberState.SKIPPED)}
        shown, harvested = holders(remembered.hits), self._catalogue.current(now) - able
        not_asked = dict(others) | dict.fromkeys(map(str, harvested), MemberState.HARVESTED)
        total = {code: max(shown[code], remembered.records.get(code, 0)) for code in harvested}
        return tuple(
            Member(
                library=code,
                state=not_asked.get(code, MemberState.WAITING),
                hits=shown[code] if code in harvested else 0,
                total=total.get(code, 0),
            )
            for code in map(LibraryCode, sorted({*finders, *others}))
        )

    def _start(
        self,
        live: Live,
        finders: Mapping[str, Finder],
        turn: Turn,
        known: Mapping[str, int] | None = None,
    ) -> None:
        running = self._fan_out.run(self._run(live, finders, turn, known))
        running.add_done_callback(partial(_ended, turn))

    async def _run(
        self, live: Live, finders: Mapping[str, Finder], turn: Turn, known: Mapping[str, int] | None
    ) -> None:
        query = live.search.query
        asking = self._ask(finders, query, turn, live.hear, waits=live.wait_at, known=known)
        try:
            was_asked = await self._saving(live, asking)
            turn.leave()
            # The end is stored before anybody is shown it: the next question may reach another process.
            live.become(await asyncio.to_thread(self._over, live))
        finally:
            turn.leave()
            live.give_up(self._clock.now())
        if was_asked:
            await asyncio.to_thread(self._health.note, live.search.members, self._clock.now())

    async def _ask(
        self,
        finders: Mapping[str, Finder],
        query: Query,
        turn: Turn,
        told: Told,
        *,
        waits: Callable[[int], object] = lambda _: None,
        known: Mapping[str, int] | None = None,
    ) -> None:
        """Ask the members when their turn has come.

        :raises TimeoutError: if it does not come
        """

        def hear(member: Member, hits: tuple[Hit, ...]) -> None:
            turn.answered()
            told(member, hits)

        await turn.comes(waits)
        waits(0)
        await self._fan_out.ask(finders, query, seconds=self._seconds, told=hear, after=known)

    async def _saving(self, live: Live, work: Coroutine[Any, Any, None]) -> bool:
        """Store from time to time how far the search has come, and say whether its turn came."""
        asking = asyncio.create_task(work)
        while not (await asyncio.wait({asking}, timeout=_SAVED_EVERY))[0]:
            await asyncio.to_thread(self._save, live, live.search)
        try:
            await asking
        except TimeoutError:
            return False
        return True

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
            if not full.works_total:
                full = replace(full, suggestions=self._catalogue.near(full.query, now))
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


def _ended(turn: Turn, running: Future[None]) -> None:
    """Give the place back, and do not let a fault pass unseen."""
    turn.leave()
    if not running.cancelled() and (error := running.exception()) is not None:
        _log.error("search_fault", exc_info=error)
