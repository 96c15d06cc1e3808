"""Searches as they change: one of this process, watched on several event loops, and one of another."""

import asyncio
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from ill_broker.services.discovery.fan_out import Member
from ill_broker.services.discovery.record import Search, state_of
from ill_broker.storage.records import to_dict
from workflows.citation import Hit
from workflows.policies.item_types import Kinds, sorted_hit


class Live:
    """A search of this process, heard by one event loop and watched on others."""

    def __init__(self, search: Search, kinds: Mapping[str, Kinds]) -> None:
        self.search = search
        self.kinds = kinds
        self._bells: set[Callable[[], object]] = set()
        self._plain: list[dict[str, Any]] = []
        self._remembered: list[dict[str, Any]] = []

    def hear(self, member: Member, hits: tuple[Hit, ...]) -> None:
        self.become(self.search.heard(member, tuple(sorted_hit(hit, self.kinds) for hit in hits)))

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

    def as_stored(self, search: Search) -> dict[str, Any]:
        """Return what is stored of *search*, this one now or at its end; a hit is turned into plain once."""
        self._plain += [to_dict(hit) for hit in search.hits[len(self._plain) :]]
        self._remembered += [to_dict(hit) for hit in search.remembered[len(self._remembered) :]]
        return state_of(search, self._plain, self._remembered)


@dataclass(slots=True)
class Far:
    """A search of another process as it was when somebody here looked last."""

    search: Search
    looked_at: float = -math.inf
