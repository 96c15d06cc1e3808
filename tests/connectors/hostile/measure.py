"""A process that asks hostile servers with the usual limits, and says what it needed for it.

For each behaviour and call: megabytes more than before at the highest, seconds of this process, and for how
many of them the event loop, on which other members are asked at the same time, did nothing else.
"""

from __future__ import annotations

import asyncio
import gc
import json
import sys
import time
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from connectors.koha.client import KohaFinder
from connectors.ports import Finder
from connectors.sru.client import SruFinder
from connectors.transport import AsyncTarget, Limits
from tests.connectors.hostile.calls import QUERY, ends, http_calls, keeper
from tests.connectors.hostile.manners import HEAVY
from tests.support.yardstick import tenth

PORT = int(sys.argv[1])
LIMITS = Limits(connect=2, total=2)
#: one of each kind: the others read by the same codecs
CALLS = ("koha look_up", "webhook ask", "oai go_on")
FLOODS = (
    "endless head", "endless body", "endless small chunks", "endless chunk", "200 MB, told", "200 MB, untold",
    "gzip bomb",
)  # fmt: skip


def kilobytes(name: str) -> int:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(next(line for line in status.splitlines() if line.startswith(name)).split()[1])


def measured(call: Callable[[Stillness], Any]) -> dict[str, Any]:
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    before, still = kilobytes("VmRSS"), Stillness()
    began = time.process_time()
    end = ends(lambda: call(still))
    worked = time.process_time() - began
    grown = (kilobytes("VmHWM") - before) / 1024
    return {
        "megabytes": grown,
        "seconds": worked,
        "still": still.longest,
        "error": type(end.error).__name__,
    }


class Stillness:
    """For how long an event loop did nothing else."""

    longest = 0.0

    async def watching(self, work: Coroutine[Any, Any, Any]) -> Any:
        ticking = asyncio.create_task(self._tick())
        try:
            await asyncio.sleep(0)
            return await work
        finally:
            await asyncio.sleep(0.002)
            ticking.cancel()

    async def _tick(self) -> None:
        last = time.thread_time()
        while True:
            await asyncio.sleep(0.001)
            now = time.thread_time()
            self.longest, last = max(self.longest, now - last), now


def ordinary(call: Callable[[], Any]) -> Callable[[Stillness], Any]:
    return lambda _: call()


def finding(url: str, *, by_koha: bool) -> Callable[[Stillness], Any]:
    async def found() -> None:
        target = AsyncTarget("bhu", LIMITS)
        finder: Finder = KohaFinder(target, keeper(url)) if by_koha else SruFinder(target, url)
        try:
            await finder.find(QUERY, deadline=LIMITS.total)
        finally:
            await target.close()

    return lambda still: asyncio.run(still.watching(found()))


def results() -> Iterator[tuple[str, dict[str, Any]]]:
    # What is read once and stays, as dictionaries of characters do, is no cost of an answer.
    measured(finding(f"http://127.0.0.1:{PORT}/{quote(FLOODS[0])}", by_koha=False))
    for behaviour in (*FLOODS, *(f"heavy {name}" for name in HEAVY)):
        gc.collect()
        url = f"http://127.0.0.1:{PORT}/{quote(behaviour)}"
        yield f"{behaviour}: sru find", measured(finding(url, by_koha=False))
        yield f"{behaviour}: koha find", measured(finding(url, by_koha=True))
        with http_calls(url, LIMITS) as calls:
            for name in CALLS:
                yield f"{behaviour}: {name}", measured(ordinary(calls[name]))


if __name__ == "__main__":
    print(json.dumps({"costs": dict(results()), "tenth": tenth()}), flush=True)  # noqa: T201 - what the test reads
