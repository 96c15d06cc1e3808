"""The limit: four rows (answer, request, event, outbox entry) and one commit, by the driver alone.

The rows go into the tables of the service, in a database of their own, and are as long as the service's.
"""

from __future__ import annotations

import itertools
import os
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg

from bench.children import obey

AT = "2026-03-02 02:00:00+00"
STATEMENTS = (
    "INSERT INTO idempotency (actor, key, fingerprint, status, body, created_at) VALUES (?, ?, ?, 201, ?, ?)",
    """INSERT INTO requests (id, number, patron, home, desk, lender, status, alarm_at, alarm_what, work_key,
    attention, version, created_at, state)
    VALUES (?, ?, ?, 'bjtu', 'bjtu', 'pku', 'submitted', ?, 'answer', ?, false, 2, ?, ?)""",
    """INSERT INTO events (request_id, seq, type, at, received_at, actor_role, actor_id, actor_library, body)
    VALUES (?, 1, 'Submitted', ?, ?, 'patron', ?, 'bjtu', ?)""",
    """INSERT INTO outbox (id, kind, request_id, library, body, due_at, state, attempts, created_at)
    VALUES (?, 'tell', ?, 'pku', ?, ?, 'waiting', 0, ?)""",
)
FOR_POSTGRES = tuple(statement.replace("?", "%s") for statement in STATEMENTS)
_LONG, _MIDDLE, _SHORT = "x" * 1800, "x" * 1200, "x" * 100
_numbers = itertools.count()


def rows() -> tuple[tuple[Any, ...], ...]:
    """Return the values of four rows that are not there yet; ids ascend, as ours do."""
    unique = f"{time.time_ns():x}{os.getpid():x}{next(_numbers):x}"
    request, patron = f"req_{unique}", f"pat_{unique[-6:]}"
    return (
        (f"patron:{patron}", unique, "f" * 64, _MIDDLE, AT),
        (request, unique, patron, AT, f"isbn:{unique}", AT, _LONG),
        (request, AT, AT, patron, _MIDDLE),
        (f"{request}:2:ask-pku:tell", request, _SHORT, AT, AT),
    )


def _open(engine: str, address: str) -> Any:
    if engine == "postgres":
        return psycopg.connect(address, prepare_threshold=0)
    connection = sqlite3.connect(address, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    return connection


def _on_postgres(connection: Any, count: int) -> None:
    for _ in range(count):
        with connection.cursor() as cursor:
            for statement, values in zip(FOR_POSTGRES, rows(), strict=True):
                cursor.execute(statement, values)
        connection.commit()


def _on_sqlite(connection: Any, count: int) -> None:
    for _ in range(count):
        connection.execute("BEGIN IMMEDIATE")
        for statement, values in zip(STATEMENTS, rows(), strict=True):
            connection.execute(statement, values)
        connection.execute("COMMIT")


def _burst(plan: dict[str, Any]) -> dict[str, Any]:
    write = _on_postgres if plan["engine"] == "postgres" else _on_sqlite
    clients, share = plan["clients"], plan["count"] // plan["clients"]
    connections = [_open(plan["engine"], plan["address"]) for _ in range(clients)]
    with ThreadPoolExecutor(clients) as threads:
        began = time.perf_counter()
        list(threads.map(write, connections, [share] * clients))
        seconds = time.perf_counter() - began
    for connection in connections:
        connection.close()
    return {"seconds": seconds, "done": share * clients}


if __name__ == "__main__":
    obey(_burst)
