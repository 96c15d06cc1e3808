"""Measure a federated search: `python bench/search.py [--members 80] [--rounds 5] [--records 10]`.

The members answer over HTTP from a process of their own, with so many MARCXML records each. "all" lets
every member answer; "mixed" has some that are late and some that hang; "five" are quick, and forty readers
ask them at once. The limit beside each figure is the same search by bare sockets that read and do not parse,
in the same minutes: quote the difference, not the figure.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from connectors.addresses import ANYWHERE
from connectors.members import ProfileRegistry
from connectors.ports import Connectors, Finder, FoundRecords
from connectors.profiles import Profile
from connectors.sandbox import searching
from connectors.sandbox.catalogue import Catalogue
from connectors.sandbox.shelf import titles
from connectors.sru.profile import SruProfile
from connectors.transport import Limits
from ill_broker import clock
from ill_broker.clock import SystemClock
from ill_broker.services.discovery.fan_out import FanOut, MemberState
from ill_broker.services.discovery.record import Search
from ill_broker.services.discovery.search import Discovery
from ill_broker.services.members.directory import Directory
from ill_broker.services.places import Crowded
from ill_broker.settings import Settings
from ill_broker.storage import libraries
from ill_broker.storage.migrations import migrate
from ill_broker.storage.policy_files import builtin_book
from ill_broker.storage.store import Store
from workflows.actors import Actor, Role
from workflows.citation import Query
from workflows.ids import LibraryCode
from workflows.libraries import Library

DEADLINE, FASTEST, SLOWEST, HANGS = 2.0, 0.05, 1.85, 600.0
ANN = Actor(Role.PATRON, "pat_bench", LibraryCode("bjtu"))
QUERY = Query(text="history")
#: none of this is about a member that is skipped
NEVER = 10**9


# ---------------------------------------------------------------- the members, in their own process


def serve(delays: list[float], records: int) -> None:
    """Serve one member per delay, print their ports, and go on until killed."""
    catalogue = Catalogue(titles("pku", ("pku", "nlc"), share=0.3))
    asyncio.run(_serve(delays, [_answer(catalogue, number, records) for number in range(len(delays))]))


def _answer(catalogue: Catalogue, number: int, records: int) -> bytes:
    """Return what one member answers; neighbours have half of their records in common."""
    start = str(1 + 5 * number % 400)
    params = {"query": 'any any "the of and a in"', "startRecord": start, "maximumRecords": str(records)}
    body = searching.answer(catalogue, params, library=f"m{number:03}", marc="marc21")
    head = f"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


async def _serve(delays: list[float], answers: list[bytes]) -> None:
    servers = [
        await asyncio.start_server(_Answering(delay, answer), "127.0.0.1", 0)
        for delay, answer in zip(delays, answers, strict=True)
    ]
    ports = [server.sockets[0].getsockname()[1] for server in servers]
    print(json.dumps({"ports": ports, "bytes": round(statistics.mean(map(len, answers)))}), flush=True)
    await asyncio.Event().wait()


@dataclass
class _Answering:
    delay: float
    answer: bytes

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                await reader.readuntil(b"\r\n\r\n")
                await asyncio.sleep(self.delay)
                writer.write(self.answer)
                await writer.drain()
        writer.close()


@contextlib.contextmanager
def members(delays: list[float], records: int) -> Iterator[dict[str, Any]]:
    arguments = [sys.executable, __file__, "--serve", json.dumps(delays), "--records", str(records)]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as child:
        try:
            yield json.loads(child.stdout.readline() if child.stdout else "{}")
        finally:
            child.kill()


# ---------------------------------------------------------------- the limit: sockets, nothing parsed


@dataclass
class Bare:
    """Asks by a bare socket and does not look at the answer."""

    url: str

    async def find(self, query: Query, *, deadline: float, **_: int) -> FoundRecords:
        reader, writer = await asyncio.open_connection("127.0.0.1", urlsplit(self.url).port)
        try:
            writer.write(b"GET /sru HTTP/1.1\r\nHost: member\r\n\r\n")
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length:")[2].split()[0])
            await reader.readexactly(length)
        finally:
            writer.close()
        return FoundRecords(str(query), (), round(deadline))


@dataclass
class BareMembers:
    finders: dict[str, Finder]

    def connectors(self, library: str) -> Connectors:
        return Connectors(library, finder=self.finders[library])


# ---------------------------------------------------------------- measuring


@dataclass
class Figures:
    took: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    kept: list[int] = field(default_factory=list)
    works: list[int] = field(default_factory=list)

    def add(self, took: float, cpu: float, search: Search) -> None:
        self.took.append(took)
        self.cpu.append(cpu)
        self.kept.append(sum(member.state is MemberState.ANSWERED for member in search.members))
        self.works.append(len(search.works()))

    def line(self, name: str, *, beyond: float) -> str:
        over = [(took - beyond) * 1000 for took in self.took]
        best, worst = min(over), max(over)
        cpu = [seconds * 1000 for seconds in self.cpu]
        return (
            f"{name:<16} over {statistics.median(over):6.1f} ms (best {best:5.1f}, worst {worst:6.1f})"
            f"   CPU {statistics.median(cpu):6.1f} ms (best {min(cpu):5.1f})"
            f"   answers kept {min(self.kept)}   works {max(self.works)}"
        )


def once(service: Discovery, figures: Figures) -> None:
    cpu, began, now = time.process_time(), time.monotonic(), clock.now()
    search = service.start(QUERY, ANN, now)
    search = asyncio.run(_ended(service, search))
    took = time.monotonic() - began
    time.sleep(0.1)  # the last saving belongs to the search, too
    figures.add(took, time.process_time() - cpu, search)


async def _ended(service: Discovery, begun: Search) -> Search:
    *_, ended = [search async for search in service.follow(begun.id, ANN, begun.started_at)]
    return ended


def at_once(service: Discovery, readers: int) -> str:
    """Return what becomes of as many searches at once, each begun and followed in a thread of its own."""

    def one(_: int) -> tuple[float, int] | None:
        began = time.monotonic()
        try:
            ended = asyncio.run(_ended(service, service.start(QUERY, ANN, clock.now())))
        except Crowded:
            return None
        kept = sum(member.state is MemberState.ANSWERED for member in ended.members)
        return time.monotonic() - began, kept

    with ThreadPoolExecutor(readers) as threads:
        told = [each for each in threads.map(one, range(readers)) if each]
    took = sorted(seconds for seconds, _ in told)
    p95 = took[min(len(took) - 1, round(len(took) * 0.95))]
    kept = sorted(answers for _, answers in told)
    return (
        f"{readers - len(told)} refused; median {statistics.median(took):.2f}, p95 {p95:.2f},"
        f" worst {took[-1]:.2f} s; answers kept {kept[0]} to {kept[-1]}"
    )


def measure(name: str, delays: list[float], *, rounds: int, records: int, readers: int = 8) -> None:
    in_time = [delay for delay in delays if delay < DEADLINE]
    beyond = max(in_time) if len(in_time) == len(delays) else DEADLINE
    with tempfile.TemporaryDirectory() as folder, members(delays, records) as served:
        ports = enumerate(served["ports"])
        urls = {f"m{number:03}": f"http://127.0.0.1:{port}/sru" for number, port in ports}
        profiles = {
            code: Profile(library=code, connectors={"sru": SruProfile(url)}, limits=Limits(records=records))
            for code, url in urls.items()
        }
        ours = _service(folder, "ours", ProfileRegistry(profiles, now=clock.now, reach=ANYWHERE))
        bare = _service(folder, "bare", BareMembers({code: Bare(url) for code, url in urls.items()}))
        print(f"\n{name}: {len(delays)} members, {len(in_time)} in time, {served['bytes']} bytes an answer")
        first = Figures()
        once(ours, first)
        mine, limit = Figures(), Figures()
        for _ in range(rounds):
            once(bare, limit)
            once(ours, mine)
        print(limit.line("limit (bare)", beyond=beyond))
        print(mine.line("ours", beyond=beyond))
        print(first.line("first of all", beyond=beyond))
        print(f"{readers} at once{' ' * (8 - len(str(readers)))}{at_once(ours, readers)}")
        ours.close()
        bare.close()


def _service(folder: str, name: str, registry: ProfileRegistry | BareMembers) -> Discovery:
    url = f"sqlite:///{folder}/{name}.db"
    migrate(url)
    store = Store.open(url)
    codes = registry.finders if isinstance(registry, BareMembers) else registry._known  # noqa: SLF001 - a measuring script
    with store.writing() as conn:
        for code in codes:
            libraries.put(conn, Library(code=LibraryCode(code), name=code, name_zh=code))
    directory = Directory(store, builtin_book())
    settings = Settings(search_seconds=DEADLINE)
    assert directory.libraries(clock.now() - timedelta(days=1))
    return Discovery(store, SystemClock(), directory, registry, settings, fan_out=FanOut(failures=NEVER))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--members", type=int, default=80)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--records", type=int, default=10)
    parser.add_argument("--serve", type=json.loads, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve(options.serve, options.records)
        return
    number = options.members
    spread = [FASTEST + (SLOWEST - FASTEST) * place / (number - 1) for place in range(number)]
    hang, late = number // 10, number * 3 // 40
    mixed = spread[: number - hang - late] + [DEADLINE * 1.2] * late + [HANGS] * hang
    rounds, records = options.rounds, options.records
    measure("all", spread, rounds=rounds, records=records)
    measure("mixed", mixed, rounds=rounds, records=records)
    measure("five", [FASTEST] * 5, rounds=rounds, records=records, readers=40)


if __name__ == "__main__":
    main()
