"""The two databases, each with the service in front of it, up at the same time."""

from __future__ import annotations

import socket
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from bench.children import Child
from bench.world import NOW, World
from ill_broker import mint
from ill_broker.clock import set_clock
from ill_broker.demo.processes import Process
from ill_broker.storage.migrations import migrate
from tests.support.postgres import Cluster

#: web processes; SQLite has one writer, whoever writes
WORKERS = {"postgres": 2, "sqlite": 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """One database under the service, and an empty one for the bare transaction."""

    name: str
    world: World
    port: int
    #: of the bare database, in the driver's words
    address: str
    version: str
    #: SQLite has one writer; PostgreSQL is written to by two processes
    writers: tuple[Child, ...]

    def bare(self, clients: int, count: int) -> tuple[float, int]:
        """Return in how many seconds so many bare transactions were done, and how many they were."""
        writers = self.writers[:clients]
        each = 1 if self.name == "sqlite" else clients // len(writers)
        plan = {
            "engine": self.name, "address": self.address, "clients": each, "count": count // len(writers)
        }  # fmt: skip
        for writer in writers:
            writer.tell(plan)
        answers = [writer.answer() for writer in writers]
        return max(answer["seconds"] for answer in answers), sum(answer["done"] for answer in answers)


@contextmanager
def both(folder: Path, stored: int, wishes: int) -> Iterator[list[Engine]]:
    """Start both databases and both servers."""
    with ExitStack() as stack:
        cluster = stack.enter_context(Cluster(durable=True))
        addresses = {
            "sqlite": (f"sqlite:///{folder / 'broker.db'}", f"sqlite:///{folder / 'bare.db'}"),
            "postgres": (cluster.new_database(), cluster.new_database()),
        }
        yield [
            _engine(stack, folder, name, *urls, stored=stored, wishes=wishes)
            for name, urls in addresses.items()
        ]


def _engine(
    stack: ExitStack, folder: Path, name: str, url: str, bare: str, *, stored: int, wishes: int
) -> Engine:
    world = World(url)
    world.fill(stored=stored, wishes=wishes)
    migrate(bare)
    driver = bare.removeprefix("sqlite:///").replace("postgresql+psycopg:", "postgresql:")
    writers = [stack.enter_context(Child("bench.bare")) for _ in range(2 if name == "postgres" else 1)]
    return Engine(
        name=name,
        world=world,
        port=_served(stack, folder, name, url),
        address=driver,
        version=_version(name, driver),
        writers=tuple(writers),
    )


def _served(stack: ExitStack, folder: Path, name: str, url: str) -> int:
    port, script = free_port(), folder / "clock.json"
    set_clock(script, NOW)
    environment = {
        "ILL_DATABASE_URL": url,
        "ILL_SECRET_KEY": mint.token(),
        "ILL_CLOCK_FILE": str(script),
        "ILL_WORKERS": str(WORKERS[name]),
        "ILL_PORT": str(port),
        # all reports come from one address here
        "ILL_WEBHOOKS_PER_MINUTE": "1000000",
    }
    process = Process(name, ["-m", "ill_broker", "serve"], environment, folder)
    stack.callback(process.end)
    process.wait_until_ready()
    return port


def _version(name: str, address: str) -> str:
    if name == "sqlite":
        return f"SQLite {sqlite3.sqlite_version}"
    with psycopg.connect(address) as connection:
        row: Any = connection.execute("SHOW server_version").fetchone()
    return f"PostgreSQL {row[0]}"


def free_port() -> int:
    """Return a port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
