"""Member libraries that answer searches as a test wants them to."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from connectors.ports import Connectors, Finder, FoundRecords
from connectors.reading import in_turn
from ill_broker.services.discovery.record import Search
from ill_broker.services.discovery.search import Discovery
from workflows.citation import Citation, Hit, Holding, Query
from workflows.discovery.works import Work, works
from workflows.ids import LibraryCode
from workflows.policies.item_types import Kinds

ISBN = "9787301000014"


def hit(library: str, number: int = 1, **facts: Any) -> Hit:
    holding = Holding(
        library=LibraryCode(library), record_id=f"r{number}", barcode=f"{library}-{number}", available=True
    )
    told = {"title": f"Book {number}", "author": "Ann", **facts}
    return Hit(citation=Citation(**told), holdings=(holding,))


def find_now(service: Discovery, query: Query, now: datetime) -> tuple[Work, ...]:
    """Return what all members have, once all have answered or the time is up."""
    return works(service._rounds.hits_now(query, now), query)


def seen(changes: AsyncIterator[Search]) -> Iterator[Search]:
    """Return what somebody sees who follows a search, as it comes."""

    async def next_one() -> Search | None:
        return await anext(changes, None)

    with asyncio.Runner() as runner:
        while search := runner.run(next_one()):
            yield search


@dataclass
class Fast:
    """Answers at once."""

    hits: tuple[Hit, ...] = ()
    total: int = 0
    asked: list[Query] = field(default_factory=list)

    async def find(self, query: Query, *, deadline: float, after: int = 0, most: int = 50) -> FoundRecords:
        self.asked.append(query)
        return FoundRecords("fast", self.hits, self.total)


@dataclass
class Deep:
    """Has many records and sends the next ones each time, *at_once* at most."""

    hits: Sequence[Hit]
    at_once: int = 50
    asked: list[tuple[int, int]] = field(default_factory=list)
    failure: Exception | None = None

    async def find(self, query: Query, *, deadline: float, after: int = 0, most: int = 50) -> FoundRecords:
        self.asked.append((after, most))
        if self.failure is not None:
            raise self.failure
        told = tuple(self.hits[after : after + min(most, self.at_once)])
        return FoundRecords("deep", told, len(self.hits), taken=len(told))


@dataclass
class Lengthy:
    """Answers at once what takes some seconds to read."""

    seconds: float

    async def find(self, query: Query, *, deadline: float, after: int = 0, most: int = 50) -> FoundRecords:
        async with in_turn():
            time.sleep(self.seconds)  # noqa: ASYNC251 - as reading does, it holds the event loop
        return FoundRecords("lengthy", (hit("lengthy"),), 1, taken=1)


@dataclass
class Busy:
    """Holds the event loop for some seconds, once others have been asked."""

    seconds: float

    async def find(self, query: Query, *, deadline: float, after: int = 0, most: int = 50) -> FoundRecords:
        await asyncio.sleep(0)
        time.sleep(self.seconds)  # noqa: ASYNC251 - this is what it is for
        return FoundRecords("busy", (), 0)


@dataclass
class Late:
    """Answers after some seconds."""

    hits: tuple[Hit, ...]
    seconds: float

    async def find(self, query: Query, *, deadline: float, after: int = 0, most: int = 50) -> FoundRecords:
        await asyncio.sleep(self.seconds)
        return FoundRecords("late", self.hits, len(self.hits))


@dataclass
class Hanging:
    """Never answers; *released* is how often it was given up."""

    released: int = 0
    asked: int = 0

    async def find(self, query: Query, *, deadline: float, after: int = 0, most: int = 50) -> FoundRecords:
        self.asked += 1
        try:
            await asyncio.Event().wait()
        finally:
            self.released += 1
        raise AssertionError("nobody sets this event")


class Stubborn:
    """Does not let itself be given up, and answers in the end."""

    async def find(self, query: Query, *, deadline: float, after: int = 0, most: int = 50) -> FoundRecords:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            await asyncio.sleep(0)
        return FoundRecords("stubborn", (hit("stubborn"),), 1)


@dataclass
class Failing:
    """Fails in one way, as long as *error* stays."""

    error: Exception | None
    asked: int = 0

    async def find(self, query: Query, *, deadline: float, after: int = 0, most: int = 50) -> FoundRecords:
        self.asked += 1
        if self.error is not None:
            raise self.error
        return FoundRecords("failing", (), 0)


class Members:
    """A registry of finders by library; None is a library that cannot be searched."""

    def __init__(
        self,
        finders: Mapping[str, Finder | None] | Iterable[tuple[str, Finder]] = (),
        kinds: Mapping[str, Kinds] | None = None,
    ) -> None:
        self.finders: dict[str, Finder | None] = dict(finders)
        self.kinds = kinds or {}

    def connectors(self, library: str) -> Connectors:
        return Connectors(library, finder=self.finders.get(library), kinds=self.kinds.get(library))
