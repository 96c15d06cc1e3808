"""One question to many members at once, on one event loop, so that none waits for another."""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from typing import Any, Self, TypeVar

import structlog
from prometheus_client import Counter
from pybreaker import CircuitBreaker, CircuitBreakerError

from connectors.failures import Garbled, PartnerFailure, Refused, Unreachable
from connectors.ports import MOST_RECORDS, Finder, FoundRecords
from connectors.reading import has_come, pace
from workflows.citation import Hit, Query

T = TypeVar("T")

#: records that are read of all members in one round
ROUND_RECORDS = 2_000
#: consecutive failures after which a member is not asked for a while
FAILURES = 3
REST_SECONDS = 30.0
_WIND_UP_SECONDS = 5.0
#: seconds that the event loop may be behind; beyond that a member's silence may be ours
_BEHIND = 0.5
#: with which a call is cancelled that shows nothing of the member
_OURS = "we have not looked in time"
#: between two turns of the event loop
_ASKED_AT_ONCE = 8
#: turns of the event loop in which an answer that is here is taken in, piece by piece
_TURNS = 50
#: in which what came in time is read when the time is up
READING_SECONDS = 2.0

ANSWERS = Counter("ill_search_answers", "How members' parts of searches ended.", ("state",))
_log = structlog.get_logger("ill_broker.search")


class MemberState(StrEnum):
    """How far one member's part of a search has come."""

    WAITING = "waiting"
    ANSWERED = "answered"
    #: no answer within the time of the search
    SLOW = "slow"
    UNREACHABLE = "unreachable"
    REFUSED = "refused"
    #: it answered what nobody can read
    GARBLED = "garbled"
    #: not asked, because it failed several times in a row just now
    SKIPPED = "skipped"
    #: its catalogue cannot be searched by machine
    NOT_SEARCHABLE = "not_searchable"
    #: not asked, but the union catalogue knows what it has
    HARVESTED = "harvested"


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One member's part of a search."""

    library: str
    state: MemberState = MemberState.WAITING
    #: how many records it sent
    hits: int = 0
    #: how many it says it has, how many places of its list are known, and whether it may tell more
    total: int = 0
    taken: int = 0
    has_more: bool = False
    #: from the question to the answer, or to when it was given up
    milliseconds: int | None = None
    #: what went wrong, in the words of whoever noticed
    detail: str | None = None

    def then(self, part: Self) -> Self:
        """Return both together after it was asked once more."""
        total = part.total if part.state is MemberState.ANSWERED else self.total
        return replace(part, hits=self.hits + part.hits, taken=self.taken + part.taken, total=total)

    def asked_again(self) -> Self:
        """Return it as it is asked for further records, if it has any."""
        return replace(self, state=MemberState.WAITING, has_more=False) if self.has_more else self

    def given_up(self) -> Self:
        """Return it as it is when nobody waits for it any longer."""
        return replace(self, state=MemberState.SLOW) if self.state is MemberState.WAITING else self


#: is told of each member once, on the thread of the event loop: it must not wait
Told = Callable[[Member, tuple[Hit, ...]], None]
_Finding = Callable[..., Awaitable[FoundRecords]]
_Asking = asyncio.Task[FoundRecords]


class FanOut:
    """Asks members; one for a whole process, started when it is first used."""

    def __init__(self, *, failures: int = FAILURES, rest_seconds: float = REST_SECONDS) -> None:
        self._failures, self._rest_seconds = failures, rest_seconds
        self._breakers: dict[str, CircuitBreaker] = {}
        self._took: dict[str, int] = {}
        self._tasks: set[asyncio.Task[FoundRecords]] = set()
        self._starting = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    async def ask(
        self,
        finders: Mapping[str, Finder],
        query: Query,
        *,
        seconds: float,
        told: Told,
        after: Mapping[str, int] | None = None,
    ) -> None:
        """Ask every finder, and return when all have answered or *seconds* have passed.

        Whoever has not answered then is told to be slow and not waited for. Many are asked for fewer records
        each, so that a round costs no more.

        :param after: how many places of its list are known of a member
        """
        asked, known = _Round(finders, told, after or {}), after or {}
        most = max(1, min(MOST_RECORDS, ROUND_RECORDS // max(1, len(finders))))
        ends, tasks = time.monotonic() + seconds, []
        for library in sorted(finders, key=lambda one: self._took.get(one, 0), reverse=True):
            find = partial(finders[library].find, query, after=known.get(library, 0), most=most)
            tasks.append(self._start(library, find, seconds, asked))
            if not len(tasks) % _ASKED_AT_ONCE:
                # Those who take longest have their questions before those of the others are even written.
                await asyncio.sleep(0)
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=max(0.0, ends - time.monotonic()))
            is_behind = time.monotonic() - ends > _BEHIND
            for task in await _still_late(late):
                task.cancel(_OURS if is_behind or has_come(task) else None)
            # Whose answer was read in this very turn is heard in the next one.
            await asyncio.sleep(0)
        asked.give_up()

    def run(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """Have *work* done on the event loop."""
        return asyncio.run_coroutine_threadsafe(work, self._running())

    def pace(self) -> float:
        """Return in how many seconds an answer is read, by those that were read last."""
        return pace(self._running())

    def close(self) -> None:
        """Give up what is still running and end the thread."""
        with self._starting:
            loop, thread, self._loop, self._thread = self._loop, self._thread, None, None
        if loop is None or thread is None:
            return
        asyncio.run_coroutine_threadsafe(_wind_up(), loop).result(_WIND_UP_SECONDS)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(_WIND_UP_SECONDS)
        loop.close()

    def _running(self) -> asyncio.AbstractEventLoop:
        with self._starting:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(target=self._loop.run_forever, name="search", daemon=True)
                self._thread.start()
            return self._loop

    def _start(
        self, library: str, find: _Finding, seconds: float, asked: "_Round"
    ) -> asyncio.Task[FoundRecords]:
        task = asyncio.create_task(self._guarded(library, find, seconds))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(partial(self._heard, library, asked))
        return task

    async def _guarded(self, library: str, find: _Finding, seconds: float) -> FoundRecords:
        # The round ends first: who is still silent then is slow, not unreachable.
        with self._breaker(library).calling():
            return await find(deadline=seconds + 1.0)

    def _heard(self, library: str, asked: "_Round", task: asyncio.Task[FoundRecords]) -> None:
        state, found = _outcome(library, task)
        took = asked.settle(library, state, found, detail=_words(task))
        if took is not None:
            self._took[library] = took

    def _breaker(self, library: str) -> CircuitBreaker:
        """Return the breaker of one member; an answer that is of no use still shows that it lives.

        Silence counts, unless it was we who had no time to listen: a crowd of readers must not have healthy
        members left out.
        """
        if library not in self._breakers:
            self._breakers[library] = CircuitBreaker(
                fail_max=self._failures,
                reset_timeout=self._rest_seconds,
                exclude=[_is_no_failure],
                throw_new_error_on_trip=False,
            )
        return self._breakers[library]


class _Round:
    """The members that one question still waits for."""

    def __init__(self, libraries: Iterable[str], told: Told, after: Mapping[str, int]) -> None:
        self._waiting = set(libraries)
        self._told = told
        self._after = after
        self._began = time.monotonic()

    def settle(
        self,
        library: str,
        state: MemberState,
        found: FoundRecords | None = None,
        *,
        detail: str | None = None,
    ) -> int | None:
        """Tell how a member's part ended, unless that was told before; return the milliseconds it took."""
        if library not in self._waiting:
            return None
        self._waiting.discard(library)
        took = round((time.monotonic() - self._began) * 1000)
        ANSWERS.labels(state).inc()
        part = Member(library=library, state=state, milliseconds=took, detail=detail)
        hits: tuple[Hit, ...] = ()
        if found is not None:
            hits, known = found.hits[:MOST_RECORDS], self._after.get(library, 0)
            total = max(found.total, known + len(hits))
            part = replace(
                part,
                hits=len(hits),
                total=total,
                taken=found.taken,
                has_more=0 < found.taken < total - known,
            )
        self._told(part, hits)
        return took

    def give_up(self) -> None:
        for library in sorted(self._waiting):
            self.settle(library, MemberState.SLOW)


def _is_no_failure(error: BaseException) -> bool:
    """Tell whether an end shows that the member lives, or nothing of it."""
    if isinstance(error, asyncio.CancelledError):
        return error.args == (_OURS,)
    return isinstance(error, Refused | Garbled)


async def _still_late(late: set[_Asking]) -> set[_Asking]:
    """Return whose answer has not come, once what had come in time and was not read yet is read."""
    for _ in range(_TURNS):
        await asyncio.sleep(0)
    over = time.monotonic() + READING_SECONDS
    while (come := {task for task in late if has_come(task)}) and (left := over - time.monotonic()) > 0:
        await asyncio.wait(come, timeout=left, return_when=asyncio.FIRST_COMPLETED)
    return {task for task in late if not task.done()}


def _outcome(library: str, task: asyncio.Task[FoundRecords]) -> tuple[MemberState, FoundRecords | None]:
    if task.cancelled():
        return MemberState.SLOW, None
    error = task.exception()
    match error:
        case None:
            return MemberState.ANSWERED, task.result()
        case CircuitBreakerError():
            return MemberState.SKIPPED, None
        case Refused():
            return MemberState.REFUSED, None
        case Garbled():
            return MemberState.GARBLED, None
        case Unreachable():
            return MemberState.UNREACHABLE, None
    _log.error("search_fault", library=library, exc_info=error)
    return MemberState.GARBLED, None


def _words(task: asyncio.Task[FoundRecords]) -> str | None:
    error = None if task.cancelled() else task.exception()
    return error.detail if isinstance(error, PartnerFailure) else None


async def _wind_up() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    await asyncio.get_running_loop().shutdown_default_executor()
