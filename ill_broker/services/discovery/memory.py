"""The searches that a process knows of: its own while they run, and those of others as they are stored."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import AsyncIterator
from datetime import datetime

from ill_broker.clock import Clock
from ill_broker.services.discovery.live import Far, Live
from ill_broker.services.discovery.record import Search, from_row
from ill_broker.storage import searches as rows
from ill_broker.storage.store import Store

#: seconds between two looks at a search that another process runs
LOOK_EVERY = 0.25
#: searches, and records in them, that a process remembers; all are in the database as well
_REMEMBERED, _RECORDS = 32, 50_000


class Memory:
    """Reads a search once for all who ask for it, as long as no other process goes on with it."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock
        self._near: OrderedDict[str, Live] = OrderedDict()
        self._far: OrderedDict[str, Far] = OrderedDict()

    def remember(self, live: Live) -> None:
        self._near[live.search.id] = live
        self._near.move_to_end(live.search.id)
        records = sum(len(one.search.hits) for one in tuple(self._near.values()))
        while len(self._near) > _REMEMBERED or (records > _RECORDS and len(self._near) > 1):
            _, gone = self._near.popitem(last=False)
            records -= len(gone.search.hits)

    def live(self, search_id: str, now: datetime) -> Live | None:
        """Return a search that runs here, or is over; None if it runs elsewhere, or there is none."""
        near = self._near.get(search_id)
        if near is not None and (not near.search.is_finished or self._is_as_stored(near.search)):
            return near
        row = self._row(search_id, now)
        if row is None:
            return None
        stored = Live(from_row(row).seen_at(now), {}, parts=len(row.parts))
        if not stored.search.is_finished:
            return None
        self.remember(stored)
        return stored

    def search(self, search_id: str, now: datetime) -> Search | None:
        """Return a search as far as it has come."""
        live = self.live(search_id, now)
        if live is not None:
            return live.search
        row = self._row(search_id, now)
        return None if row is None else from_row(row).seen_at(now)

    async def changes(self, search: Search, *, seconds: float) -> AsyncIterator[Search]:
        """Yield the search now and each time that it has changed, until it is over or the time is up."""
        until = time.monotonic() + seconds
        yield search
        while not search.is_finished and (left := until - time.monotonic()) > 0:
            near = self._near.get(search.id)
            if near is not None and near.search.round >= search.round:
                seen = await near.changed(since=search, seconds=left)
            else:
                await asyncio.sleep(min(left, LOOK_EVERY))
                seen = await self._far_one(search)
            if seen is not search:
                yield (search := seen)

    async def _far_one(self, search: Search) -> Search:
        """Return a search of another process as it is by now; it is read once for all who follow it."""
        far = self._far.setdefault(search.id, Far(search))
        if far.search.round < search.round:
            far.search = search
        if time.monotonic() - far.looked_at >= LOOK_EVERY:
            far.looked_at = time.monotonic()
            while len(self._far) > _REMEMBERED:
                self._far.popitem(last=False)
            far.search = await asyncio.to_thread(self._looked_at, far.search)
        return far.search

    def _looked_at(self, search: Search) -> Search:
        now = self._clock.now()
        seen = self.search(search.id, now) or search.seen_at(now)
        if seen.is_finished:
            seen.works()
        return seen

    def _is_as_stored(self, search: Search) -> bool:
        with self._store.reading() as conn:
            return rows.round_of(conn, search.id) <= search.round

    def _row(self, search_id: str, now: datetime) -> rows.Search | None:
        with self._store.reading() as conn:
            return rows.load(conn, search_id, now=now)
