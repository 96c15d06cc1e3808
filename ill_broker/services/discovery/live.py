"""Searches as they change: one of this process, watched on several event loops, and one of another."""

import asyncio
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from ill_broker.services.discovery.fan_out import Member
from ill_broker.services.discovery.record import Search, choosable, part_of, state_of
from ill_broker.storage import searches as rows
from workflows.citation import Hit
from workflows.policies.item_types import Kinds, sorted_hit


class Live:
    """A search of this process, heard by one event loop and watched on others."""

    def __init__(self, search: Search, kinds: Mapping[str, Kinds], *, parts: int = 0) -> None:
        """Watch a search.

        :param parts: how many parts of its records are stored already; all that it has
        """
        self.search = search
        self.kinds = kinds
        self._bells: set[Callable[[], object]] = set()
        #: parts, hits and remembered records that are stored
        self._stored = parts, len(search.hits), len(search.remembered)

    def hear(self, member: Member, hits: tuple[Hit, ...]) -> None:
        self.become(self.search.heard(member, tuple(sorted_hit(hit, self.kinds) for hit in hits)))

    def wait_at(self, place: int) -> None:
        """Take note of the search's place in the queue."""
        if place != self.search.queue_place:
            self.become(replace(self.search, queue_place=place))

    def give_up(self, at: datetime) -> None:
        """End the search, unless it is over."""
        if not self.search.is_finished:
            self.become(self.search.finished(at))

    def become(self, search: Search) -> None:
        self.search = search
        for ring in tuple(self._bells):
            ring()

    async def changed(self, *, since: Search, seconds: float) -> Search:
        """Return the search as soon as it is another than *since*, at the latest after *seconds*."""
        bell = asyncio.Event()
        ring = partial(asyncio.get_running_loop().call_soon_threadsafe, bell.set)
        self._bells.add(ring)
        try:
            if self.search is since:
                await asyncio.wait_for(bell.wait(), seconds)
        except TimeoutError:
            pass
        finally:
            self._bells.discard(ring)
        return self.search

    def progress(self, search: Search) -> rows.Progress:
        """Return what is to be stored of *search*, this one now or at its end."""
        parts, hits, remembered = self._stored
        new = [
            part_of(search.remembered[remembered:], is_remembered=True),
            part_of(search.hits[hits:]),
        ]
        works = choosable(search) if search.is_finished else None
        return rows.Progress(
            search_id=search.id,
            round=search.round,
            expires_at=search.expires_at,
            state=state_of(search),
            known=parts,
            parts=[part for part in new if part.hits],
            works=works,
        )

    def is_stored(self, search: Search, progress: rows.Progress) -> None:
        """Take note that so much is stored."""
        self._stored = progress.known + len(progress.parts), len(search.hits), len(search.remembered)


@dataclass(slots=True)
class Far:
    """A search of another process as it was when somebody here looked last."""

    search: Search
    looked_at: float = -math.inf
