"""The load: so many connections, kept open, each with one request at a time, until all are answered."""

from __future__ import annotations

import asyncio
import re
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from bench.children import obey

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


@dataclass
class _Tally:
    took: list[float] = field(default_factory=list)
    statuses: Counter[str] = field(default_factory=Counter)


class _Exchange(asyncio.Protocol):
    """One connection; it takes the next request from those that all connections share."""

    def __init__(self, requests: Iterator[bytes], tally: _Tally) -> None:
        self._requests, self._tally = requests, tally
        self._got, self._sent_at = bytearray(), 0.0
        self.over = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self._out = transport

    def next(self) -> None:
        request = next(self._requests, None)
        if request is None:
            self.over.set_result(None)
            return
        self._sent_at = time.perf_counter()
        self._out.write(request)

    def data_received(self, data: bytes) -> None:
        self._got += data
        head = self._got.find(b"\r\n\r\n")
        if head < 0:
            return
        length = _LENGTH.search(self._got, 0, head + 2)
        if len(self._got) < head + 4 + (int(length[1]) if length else 0):
            return
        self._tally.took.append((time.perf_counter() - self._sent_at) * 1000)
        self._tally.statuses[self._got[9:12].decode()] += 1
        self._got.clear()
        self.next()

    def connection_lost(self, _error: Exception | None) -> None:
        if not self.over.done():
            self._tally.statuses["lost"] += 1
            self.over.set_result(None)


async def _burst(plan: dict[str, Any]) -> dict[str, Any]:
    requests = iter([text.encode("latin-1") for text in plan["requests"]])
    tally, loop = _Tally(), asyncio.get_running_loop()
    made = [
        await loop.create_connection(lambda: _Exchange(requests, tally), "127.0.0.1", plan["port"])
        for _ in range(plan["clients"])
    ]
    began = time.perf_counter()
    for _, exchange in made:
        exchange.next()
    await asyncio.gather(*(exchange.over for _, exchange in made))
    seconds = time.perf_counter() - began
    for transport, _ in made:
        transport.close()
    return {"seconds": seconds, "took": tally.took, "statuses": tally.statuses}


if __name__ == "__main__":
    obey(lambda plan: asyncio.run(_burst(plan)))
