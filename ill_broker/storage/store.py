"""The database as services know it: a connection to read by, and one whose changes are saved together."""

import fcntl
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Self, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from ill_broker.storage.engine import READING, database_file, open_engine
from ill_broker.storage.failures import Busy, Full, Uncertain

_T = TypeVar("_T")

#: sqlite3: locked by another connection, or by another statement of this one
_SQLITE_LOCKED = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
#: PostgreSQL: serialization failure, deadlock, lock timeout, statement timeout, too many connections
_POSTGRES_HEALS = frozenset({"40001", "40P01", "55P03", "57014", "53300"})
#: sqlite3: no room left, which the system may also tell as an error of the disk or of a file
_SQLITE_FULL = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN})
#: PostgreSQL: disk full, error of the disk
_POSTGRES_FULL = frozenset({"53100", "58030"})
#: PostgreSQL: the server stops or starts, or the connection broke
_POSTGRES_AWAY = ("57P", "08")


class Store:
    """One database, shared by the threads of a process."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        on_sqlite = engine.dialect.name == "sqlite"
        # Two statements of a READ COMMITTED transaction see no more of one another than two without one,
        # so PostgreSQL is spared the round trips of a transaction.
        self._reader = engine.execution_options(
            **({READING: True} if on_sqlite else {"isolation_level": "AUTOCOMMIT"})
        )
        path = database_file(engine)
        self._lock_file = f"{path}.lock" if path else None

    @classmethod
    def open(cls, url: str, *, threads: int = 8) -> Self:
        """Return the database at *url*, with connections for *threads* threads."""
        return cls(open_engine(url, threads=threads))

    def close(self) -> None:
        """Close every connection that is not in use."""
        self.engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Lend a connection that must not write.

        :raises Busy: if a retry heals what went wrong
        """
        with _healable(), self._reader.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Lend a connection in a transaction: saved when left, forgotten when left by an exception.

        :raises Busy: if nothing was saved and a retry heals what went wrong
        :raises Full: if nothing was saved because there is no room
        :raises Uncertain: if the connection broke while saving
        """
        with _healable(), self._turn(), self.engine.connect() as connection:
            connection.begin()
            yield connection
            with _decisive():
                connection.commit()

    def write(self, work: Callable[[Connection], _T], *, tries: int = 3) -> _T:
        """Return what *work* returns, done in one transaction, and done anew while others are in the way.

        :raises Busy: if they still are after so many tries
        """
        for _ in range(tries - 1):
            try:
                with self.writing() as connection:
                    return work(connection)
            except Busy:
                continue
        with self.writing() as connection:
            return work(connection)

    def _turn(self) -> "nullcontext[None] | _FileLock":
        """Wait for our turn to write.

        SQLite's own waiting sleeps and lets one process starve while another takes the lock again and again.
        """
        return _FileLock(self._lock_file) if self._lock_file else nullcontext()


class _FileLock:
    """Held by one thread of one process; given back by the system when the process dies."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._file = -1

    def __enter__(self) -> None:
        # opened anew each time: a lock belongs to the opening, which threads and forked processes would share
        try:
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise Full(str(error)) from error
        fcntl.flock(self._file, fcntl.LOCK_EX)

    def __exit__(self, *_: object) -> None:
        os.close(self._file)


@contextmanager
def _healable() -> Iterator[None]:
    try:
        yield
    except NoConnectionFree as error:
        raise Busy("no connection is free") from error
    except DBAPIError as error:
        if _is_full(error):
            raise Full(str(error.orig)) from error
        if _heals(error):
            raise Busy(str(error.orig)) from error
        raise


@contextmanager
def _decisive() -> Iterator[None]:
    """Tell a commit that failed from one of which nobody knows."""
    try:
        yield
    except DBAPIError as error:
        if error.connection_invalidated or _is_away(_sqlstate(error)):
            raise Uncertain(str(error.orig)) from error
        raise


def _is_full(error: DBAPIError) -> bool:
    if isinstance(error.orig, sqlite3.Error):
        return getattr(error.orig, "sqlite_errorcode", 0) & 0xFF in _SQLITE_FULL
    return _sqlstate(error) in _POSTGRES_FULL


def _heals(error: DBAPIError) -> bool:
    if isinstance(error.orig, sqlite3.Error):
        code: int = getattr(error.orig, "sqlite_errorcode", 0)
        return code & 0xFF in _SQLITE_LOCKED
    state = _sqlstate(error)
    if state is None:  # the server was not reached, or hung up
        return isinstance(error, OperationalError) or error.connection_invalidated
    return state in _POSTGRES_HEALS or _is_away(state)


def _is_away(state: str | None) -> bool:
    return state is not None and state.startswith(_POSTGRES_AWAY)


def _sqlstate(error: DBAPIError) -> str | None:
    return getattr(error.orig, "sqlstate", None)
