"""SQLite in the tests' own processes, where no power fails: nothing waits for the disk."""

from __future__ import annotations

from sqlalchemy import Connection, Engine, event

_CARELESS = "tests_careless"


@event.listens_for(Engine, "begin")
def _do_not_wait_for_the_disk(connection: Connection) -> None:
    """Spare each commit its fsync, as PostgreSQL's clusters are spared it; programs of their own keep it."""
    if connection.dialect.name == "sqlite" and not connection.info.get(_CARELESS):
        connection.exec_driver_sql("PRAGMA synchronous = OFF")
        connection.info[_CARELESS] = True
