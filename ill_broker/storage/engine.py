"""Opening a database: SQLite so that several may write, PostgreSQL with limits on waiting."""

import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.pool import StaticPool

#: how long a statement waits for a lock before it gives up
LOCK_SECONDS = 5
#: how long one statement may take, and how long a transaction may sit idle
STATEMENT_SECONDS = 30

#: the execution option of connections that only read
READING = "ill_reading"


class UnknownDatabase(ValueError):
    """The address is of no database that the service runs on."""


def open_engine(url: str | URL, *, threads: int = 8) -> Engine:
    """Return the database at *url*, with connections for *threads* threads and two more.

    :raises UnknownDatabase: if it is neither ``sqlite:`` nor ``postgresql+psycopg:``
    """
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        return _open_sqlite(address, threads)
    if address.drivername == "postgresql+psycopg":
        return _open_postgres(address, threads)
    raise UnknownDatabase(f"{address.drivername}: use sqlite: or postgresql+psycopg:")


def database_file(engine: Engine) -> str | None:
    """Return the path of an SQLite database; None for one in memory and for PostgreSQL."""
    name = engine.url.database
    return name if engine.dialect.name == "sqlite" and name not in (None, "", ":memory:") else None


def _open_postgres(url: URL, threads: int) -> Engine:
    limits = {
        "timezone": "UTC",
        "lock_timeout": f"{LOCK_SECONDS}s",
        "statement_timeout": f"{STATEMENT_SECONDS}s",
        "idle_in_transaction_session_timeout": f"{STATEMENT_SECONDS}s",
    }
    return create_engine(
        url,
        pool_size=threads + 2,
        max_overflow=0,
        pool_timeout=LOCK_SECONDS,
        connect_args={
            "prepare_threshold": 0,
            "connect_timeout": LOCK_SECONDS,
            "application_name": "ill-broker",
            "options": " ".join(f"-c {key}={value}" for key, value in limits.items()),
        },
    )


def _open_sqlite(url: URL, threads: int) -> Engine:
    if url.database in (None, "", ":memory:"):
        engine = create_engine(url, poolclass=StaticPool, connect_args={"check_same_thread": False})
    else:
        Path(str(url.database)).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(url, pool_size=threads + 2, max_overflow=0, pool_timeout=LOCK_SECONDS)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None  # the begin event below says when a transaction starts
    connection.execute(f"PRAGMA busy_timeout = {LOCK_SECONDS * 1000}")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")


def _begin_sqlite(connection: Connection) -> None:
    """Start a transaction. A writer takes its lock at once: one that reads first could no longer get it."""
    reads = bool(connection.get_execution_options().get(READING))
    if connection.info.get(READING) is not reads:
        connection.exec_driver_sql(f"PRAGMA query_only = {'ON' if reads else 'OFF'}")
        connection.info[READING] = reads
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")
