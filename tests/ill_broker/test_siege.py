"""Two hundred connections that send or read one byte a second, or watch a search, while others work."""

from __future__ import annotations

import asyncio
import itertools
import re
import socket
import statistics
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bench.world import NOW, World, http
from ill_broker.clock import set_clock
from ill_broker.storage import libraries
from ill_broker.storage.store import Store
from tests.ill_broker.test_serving import free_port
from tests.support.processes import Child
from workflows.ids import LibraryCode

CONNECTIONS, SECONDS, WISHES = 200, 60.0, 350
#: what /healthz may take, and how many times what it took in peace if this machine is slower than that
AT_MOST, TIMES = 0.1, 5
TOKEN, SEARCH = re.compile(r"Bearer \S+"), re.compile(rb"srch_\w+")
HEAD = b"POST /api/v1/sessions HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
#: what is sent at once, and a byte a second: a head, a body, a body in chunks; and an answer that is read so
DRIPPING = (
    (b"", HEAD * 10),
    (HEAD + b"Content-Length: 1000\r\n\r\n", b"x" * 1000),
    (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n" * 100),
    (b"GET /docs/swagger-ui-bundle.js HTTP/1.1\r\nHost: a\r\n\r\n", b""),
)


@dataclass
class Besieged:
    """A service with patrons who submit, and what it answers."""

    port: int
    wishes: Iterator[str]
    took: list[float] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)

    async def used(self, seconds: float) -> float:
        """Ask how it is and submit, again and again; return what /healthz took in the middle."""
        self.took.clear()
        began = time.monotonic()
        while (sent := time.monotonic()) < began + seconds:
            self.answers.append(await self.asked(http("GET", "/healthz")) - 200)
            self.took.append(time.monotonic() - sent)
            self.answers.append(await self.asked(next(self.wishes)) - 201)
            await asyncio.sleep(0.2)
        return statistics.median(self.took)

    async def asked(self, request: str) -> int:
        async with self.connection() as (reader, writer):
            writer.write(request.encode("latin-1"))
            return int((await reader.readline()).split()[1])

    async def watched(self, search: str) -> bytes:
        """Return what somebody is told who watches a search to its end."""
        async with self.connection() as (reader, writer):
            writer.write(search.encode("latin-1"))
            return await reader.read()

    async def dripped_on(self, number: int) -> None:
        """Send or read a byte a second, and come again when the service has had enough."""
        for at_once, slowly in itertools.repeat(DRIPPING[number % len(DRIPPING)]):
            with suppress(OSError):
                async with self.connection() as (reader, writer):
                    writer.write(at_once)
                    for byte in slowly:
                        writer.write(bytes([byte]))
                        await writer.drain()
                        await asyncio.sleep(1)
                    for _ in range(1000):
                        if not await reader.read(1):
                            break
                        await asyncio.sleep(1)

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            yield reader, writer
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()


@pytest.fixture
def silent_member() -> Iterator[str]:
    """Return where a member takes calls and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/sru"


@pytest.fixture
def besieged(tmp_path: Path, silent_member: str, start: Callable[..., Child]) -> Besieged:
    url, port, script = f"sqlite:///{tmp_path / 'ill.db'}", free_port(), tmp_path / "clock.json"
    world = World(url)
    world.fill(stored=0, wishes=WISHES)
    with closing(Store.open(url, threads=1)) as store, store.writing() as conn:
        libraries.set_connectors(conn, LibraryCode("szutl"), {"sru": {"url": silent_member}})
    set_clock(script, NOW)
    environment = {
        "ILL_DATABASE_URL": url,
        "ILL_SECRET_KEY": "a key for the tests alone, and long",
        "ILL_CLOCK_FILE": str(script),
        "ILL_LOG_LEVEL": "warning",
        "ILL_SEARCH_SECONDS": "20",
        "ILL_ALLOWED_NETWORKS": "127.0.0.0/8",
    }
    start("-m", "ill_broker", "serve", "--port", str(port), environment=environment).wait_until_ready()
    return Besieged(port, itertools.cycle(world.wishes(WISHES)))


@pytest.mark.ci
@pytest.mark.timeout(300)
def test_two_hundred_who_send_or_read_a_byte_a_second_hold_nobody_up(besieged: Besieged) -> None:
    async def siege() -> tuple[float, float]:
        in_peace = await besieged.used(5)
        besiegers = [asyncio.create_task(besieged.dripped_on(number)) for number in range(CONNECTIONS)]
        under_siege = await besieged.used(SECONDS)
        for one in besiegers:
            one.cancel()
        await asyncio.gather(*besiegers, return_exceptions=True)
        return in_peace, under_siege

    in_peace, under_siege = asyncio.run(siege())

    assert {0} == {*besieged.answers}
    assert under_siege < max(AT_MOST, TIMES * in_peace)


@pytest.mark.ci
def test_two_hundred_who_watch_a_search_hold_nobody_up(besieged: Besieged) -> None:
    async def siege() -> tuple[float, float, list[bytes]]:
        in_peace = await besieged.used(5)
        token = TOKEN.findall(next(besieged.wishes))[0]
        begun = await besieged.watched(
            http("POST", "/api/v1/searches", {"text": "book"}, Authorization=token, Connection="close")
        )
        search = SEARCH.findall(begun)[0].decode()
        events = http("GET", f"/api/v1/searches/{search}/events", Authorization=token, Connection="close")
        watchers = [asyncio.create_task(besieged.watched(events)) for _ in range(CONNECTIONS)]
        under_siege = await besieged.used(10)
        return in_peace, under_siege, await asyncio.gather(*watchers)

    in_peace, under_siege, told = asyncio.run(siege())

    assert {0} == {*besieged.answers}
    assert under_siege < max(AT_MOST, TIMES * in_peace)
    assert [True] * CONNECTIONS == [b"event: done" in one for one in told]
