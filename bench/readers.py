"""Measure readers who search at once: `python -m bench.readers [--readers 40] [--members 5] [--records 10]`.

They come over HTTP to the running service, each with a session of their own, and watch until their search
is done: first with one web process, then with two, by turns. The members answer from a process of their own
after 50 ms. Readers and members share the machine's cores with the service.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path

import httpx

from bench.engines import free_port
from bench.search import FASTEST, members
from ill_broker import clock, mint
from ill_broker.demo.processes import Process
from ill_broker.services.members.membership import Membership
from ill_broker.services.passwords import Passwords
from ill_broker.storage import people, sessions
from ill_broker.storage.migrations import migrate
from ill_broker.storage.people import Enrolment
from ill_broker.storage.policy_files import builtin_book
from ill_broker.storage.sessions import Session
from ill_broker.storage.store import Store
from workflows.actors import Role
from workflows.ids import LibraryCode, PatronId
from workflows.libraries import Library
from workflows.patrons import Patron

HOME = LibraryCode("bjtu")
_PATIENCE = 120.0


def founded(url: str, ports: list[int], *, records: int, readers: int) -> list[str]:
    """Put members, readers and their sessions into a new database, and return the readers' tokens."""
    migrate(url)
    now, tokens = clock.now(), [mint.token() for _ in range(readers)]
    store = Store.open(url, threads=2)
    membership = Membership(store, Passwords(cheap=True), builtin_book())
    membership.admit(Library(code=HOME, name="Home", name_zh="本馆"), {}, now=now)
    for number, port in enumerate(ports):
        code = f"m{number:03}"
        told = {"sru": {"url": f"http://127.0.0.1:{port}/sru"}, "limits": {"records": records}}
        membership.admit(
            Library(code=LibraryCode(code), name=code, name_zh=code, policy="pku"), told, now=now
        )
    with store.writing() as conn:
        for number, token in enumerate(tokens):
            patron = _patron(number)
            people.enrol(conn, Enrolment(patron=patron, created_at=now))
            sessions.start(
                conn,
                Session(
                    token_hash=mint.token_hash(token),
                    role=Role.PATRON,
                    subject=patron.id,
                    library=HOME,
                    created_at=now,
                    expires_at=now + timedelta(days=1),
                ),
            )
    store.close()
    return tokens


def _patron(number: int) -> Patron:
    now = clock.now()
    return Patron(
        id=PatronId(mint.new_id("pat", now)),
        home=HOME,
        name="李华",
        card_number=f"{number:08}",
        mobile="+8613800138000",
        email=f"reader{number}@bjtu.example",
        verified_at=now,
    )


@contextmanager
def served(folder: Path, url: str, *, processes: int) -> Iterator[str]:
    """Serve a database by so many web processes, and yield the address."""
    port = free_port()
    environment = {
        "ILL_DATABASE_URL": url,
        "ILL_SECRET_KEY": mint.token(),
        "ILL_WORKERS": str(processes),
        "ILL_PORT": str(port),
        "ILL_ALLOWED_NETWORKS": "127.0.0.0/8",
    }
    process = Process(f"web-{processes}", ["-m", "ill_broker", "serve"], environment, folder)
    try:
        process.wait_until_ready()
        yield f"http://127.0.0.1:{port}"
    finally:
        process.end()


async def _search(client: httpx.AsyncClient, token: str) -> tuple[float, int] | None:
    """Search and watch to the end; return the seconds and how many members answered, None if refused."""
    headers, began = {"Authorization": f"Bearer {token}"}, time.monotonic()
    begun = await client.post("/api/v1/searches", json={"text": "history"}, headers=headers)
    if begun.status_code != httpx.codes.ACCEPTED:
        return None
    path, answered = f"/api/v1/searches/{begun.json()['id']}", 0
    async with client.stream("GET", f"{path}/events", headers=headers) as events:
        async for line in events.aiter_lines():
            answered += line.startswith("data:") and '"answered"' in line
    return time.monotonic() - began, answered


async def _at_once(address: str, tokens: list[str]) -> str:
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(base_url=address, timeout=_PATIENCE, limits=limits) as client:
        told = await asyncio.gather(*(_search(client, token) for token in tokens))
    served = [each for each in told if each]
    took = sorted(seconds for seconds, _ in served)
    kept = sorted(answers for _, answers in served)
    p95 = took[min(len(took) - 1, round(len(took) * 0.95))]
    return (
        f"{len(told) - len(served)} refused; median {statistics.median(took):.2f}, p95 {p95:.2f},"
        f" worst {took[-1]:.2f} s; members kept {kept[0]} to {kept[-1]}"
    )


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--readers", type=int, default=40)
    parser.add_argument("--members", type=int, default=5)
    parser.add_argument("--records", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        sandbox = stack.enter_context(members([FASTEST] * options.members, options.records))
        url = f"sqlite:///{folder}/broker.db"
        tokens = founded(url, sandbox["ports"], records=options.records, readers=options.readers)
        addresses = {
            processes: stack.enter_context(served(Path(folder), url, processes=processes))
            for processes in (1, 2)
        }
        for address in addresses.values():  # both have asked each member once, and have connections to them
            asyncio.run(_at_once(address, tokens[:8]))
        for _ in range(options.rounds):
            for processes, address in addresses.items():
                print(f"{processes} web: {asyncio.run(_at_once(address, tokens))}", flush=True)


if __name__ == "__main__":
    main()
